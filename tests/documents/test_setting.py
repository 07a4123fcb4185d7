"""A paper whose lines are set on a master is the paper drawn in full; what cannot be set is drawn in full."""

from __future__ import annotations

import html
import logging
import re
import shutil
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from benchmarks.invented_vacancy import make_vacancy
from flows.answers.facts import letter_fields, vacancy_facts
from flows.closing import Closing
from flows.documents.master import LETTERS
from flows.documents.page import Pages, filled_body, skeleton
from flows.documents.paper import Made
from flows.documents.pdf import NotDrawnCleanly, Press
from flows.documents.read_back import differences, pdf_pages
from flows.documents.setting import Setting, _Cut
from flows.documents.workshop import Workshop
from flows.roster.vacancy_reader import load_vacancy
from flows.settings import Settings
from tests.conftest import ROOT, SAMPLE, TODAY, person

PAPER = ROOT / "templates/pages/css/paper.css"
ADDRESS = ("Prøvevej 1", "7600 Struer")


@cache
def press() -> Press:
    return Press((PAPER,))


@cache
def warm() -> Setting:
    """A setting that knows the letter already."""
    setting = Setting(press())
    for name in ("Anne Dam", "Bo Ek", "Carl Friis"):
        setting.draw(letter(name))
    assert setting.papers_set == 1
    return setting


def letter(name: str, address: tuple[str, ...] = ADDRESS, kind: str = "not_invited") -> str:
    vacancy = load_vacancy(SAMPLE)
    fields = letter_fields(person(name, address=address), vacancy_facts(vacancy, applicants=143, today=TODAY, hired=True), None)
    furniture = {"organisation": vacancy.organisation.model_dump(mode="json"), "logo": "", "language": "da", "title": "Svar"}
    words = filled_body(skeleton(ROOT / f"templates/letters/da/{kind}.docx"), fields)
    return Pages(ROOT / "templates").letter_page("letter", words, **furniture)


@pytest.mark.parametrize(
    "name",
    [
        "Åse Æbelø",
        "Søren O'Brien",
        "Zoë Lund-Madsen",
        "Łukasz Żółć",
        "Ștefan Șerban",
        "AVAToTeV. Sofie Steffl Thy",
        'Jens "Tip" & <Co>',
        "A" * 60,
    ],
)
def test_a_set_letter_is_the_letter_drawn_in_full(name: str) -> None:
    before = warm().papers_set
    set_anew, full = warm().draw(letter(name)), press().draw(letter(name))
    assert warm().papers_set == before + 1
    assert differences(set_anew, full, dots_per_inch=144) == ()
    assert name in pdf_pages(set_anew)[0]


@pytest.mark.parametrize(
    "name",
    [
        unicodedata.normalize("NFD", "Åse Prøvesen"),
        "Bartholomæus " * 12 + "Holm",
        "محمد علي",
        "Åse محمد Holm",
        "Anna 😀 Holm",
        "李 小龙",
        "Đỗ Thị",
        "Ana\u00adMaria Dam",
        "Ana\u202eMaria Dam",
    ],
    ids=["decomposed", "too wide", "right to left", "mixed", "emoji", "CJK", "Vietnamese", "soft hyphen", "override"],
)
def test_what_cannot_be_set_is_drawn_in_full(name: str) -> None:
    before = warm().papers_set
    drawn, full = _outcome(warm(), name), _outcome(press(), name)
    assert warm().papers_set == before
    assert drawn == full if isinstance(drawn, str) or isinstance(full, str) else differences(drawn, full) == ()


def _outcome(drawer: Press | Setting, name: str) -> bytes | str:
    try:
        return drawer.draw(letter(name))
    except NotDrawnCleanly as remarks:
        return str(remarks)


def test_a_glyph_no_font_has_is_an_error_also_where_a_master_is() -> None:
    with pytest.raises(NotDrawnCleanly, match="notdef"):
        warm().draw(letter("Anne \ue000 Dam"))


@tries(max_examples=40, deadline=None, database=None)
@given(
    st.text(alphabet=sorted(LETTERS - set(" ")), min_size=1, max_size=14),
    st.text(alphabet="abcdefghijklmnopqrstuvwxyzæøåABCTVÆØÅ .,'-–’", max_size=40),
)
def test_any_name_reads_and_looks_as_drawn_in_full(given_name: str, family: str) -> None:
    name = " ".join(f"{given_name} {family}".split())
    assert differences(warm().draw(letter(name)), press().draw(letter(name))) == ()


def test_the_same_words_give_the_same_bytes_whoever_else_applied() -> None:
    others = (["Anne Dam", "Bo Ek"], ["Żaneta Ŵ", "Ole Ĝ", "Per Ħ", "Åge Ž"])
    one, other = ([Setting(press())] + [letter(name) for name in names] for names in others)
    papers = []
    for setting, *pages in (one, other):
        for page in pages:
            setting.draw(page)  # type: ignore[union-attr]
        papers.append(setting.draw(letter("Carl Friis")))  # type: ignore[union-attr]
    assert papers[0] == papers[1]


def test_letters_of_another_skeleton_wait_for_three_of_their_own() -> None:
    setting = Setting(press())
    pages = [letter(f"Bo {family}", address) for address in ((), ADDRESS) for family in ("Dam", "Ek", "Friis", "Holm")]
    counts = []
    for page in pages:
        setting.draw(page)
        counts.append(setting.papers_set)
    assert counts == [0, 0, 1, 2, 2, 2, 3, 4]


def test_other_words_that_take_as_many_lines_are_set() -> None:
    page = letter("Bo Dam").replace("tak for den tid", "mange tak for den tid")
    before = warm().papers_set
    for name in ("Bo Dam", "Åse Ek", "Carl Friis"):
        assert differences(warm().draw(page.replace("Bo Dam", name)), press().draw(page.replace("Bo Dam", name)), 144) == ()
    assert warm().papers_set == before + 3


def test_words_that_take_more_lines_are_not_set_on_a_master_of_fewer() -> None:
    page = letter("Bo Dam").replace("tak for den tid", f"{'mange ' * 30}tak for den tid")
    before = warm().papers_set
    assert differences(warm().draw(page), press().draw(page)) == ()
    assert warm().papers_set == before


SHEET = """html {{ font: 10pt/1.4 "Noto Sans" }}
@page {{ size: A5; @top-left {{ content: "Svar · " string(about); width: 88%; text-align: left }} @top-right {{ content: "2"; width: 12% }} }}
@page :first {{ @top-left {{ content: none }} @top-right {{ content: none }} }}
h1 {{ font: 700 13pt "Noto Serif"; bookmark-level: none; string-set: about content() }}
table {{ width: {width}; table-layout: fixed }} th {{ text-align: left; vertical-align: bottom }} td {{ vertical-align: top }} h2 {{ break-before: page }}"""


def sheet(name: str, words: str, cell: str) -> str:
    name, words, cell = (html.escape(text) for text in (name, words, cell))
    return f"""<html lang="da"><title>Svar</title><body><h1>Ring til {name}</h1><p><strong>Telefon:</strong> {name}</p>
<table><thead><tr><th>Vi så efter</th><th><p><strong>{name}</strong></p></th></tr></thead><tbody><tr><td>Ro</td><td><p>{cell}</p></td></tr></tbody></table>
<p>{words}</p><ul><li>{words}</li></ul><h2>Det siger du</h2><p>Tak, {name}, og {words}</p></body></html>"""


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Press, Setting]:
    style = tmp_path_factory.mktemp("sheet") / "sheet.css"
    style.write_text(SHEET.format(width="100%"))
    return Press((style,)), Setting(Press((style,)))


WORDS = st.lists(st.text(alphabet="abcdefghijklmnopqrstuvwxyzæøåABTVÆØÅ.,'-–/?!”»%(1", min_size=1, max_size=11), min_size=1, max_size=30)


@tries(max_examples=60, deadline=None, database=None)
@given(st.text(alphabet="abcfijltÆØÅ", min_size=1, max_size=20), WORDS, WORDS)
def test_a_sheet_of_any_words_is_the_sheet_drawn_in_full(
    sheets: tuple[Press, Setting], name: str, words: list[str], cell: list[str]
) -> None:
    plain, setting = sheets
    before = setting.papers_set
    for each in (name, f"{name}a", f"{name}b", f"{name}c"):
        page = sheet(each, " ".join(words), " ".join(cell))
        assert differences(setting.draw(page), plain.draw(page), dots_per_inch=144) == ()
    assert setting.papers_set > before
    assert setting.fallbacks == 0


def test_a_table_whose_columns_follow_their_words_is_drawn_in_full(tmp_path: Path) -> None:
    style = tmp_path / "sheet.css"
    style.write_text(SHEET.format(width="auto"))
    setting = Setting(Press((style,)))
    for cell in ("to år", "tre år", "fire år", "fem år"):
        setting.draw(sheet("Bo Dam", "Vi ringer.", cell))
    assert setting.papers_set == 0


def test_a_header_too_wide_for_one_line_is_drawn_in_full(tmp_path: Path) -> None:
    style = tmp_path / "sheet.css"
    style.write_text(SHEET.format(width="100%").replace("width: 88%", "width: 88%; font-size: 26pt") + "h1, h2 { font-size: 8pt }")
    setting, plain = Setting(Press((style,))), Press((style,))
    counts = []
    for name in ("Bo Dam", "Bo Ek", "Bo Friis", "Bartholomæus Munthe", "Bo Tam"):
        page = sheet(name, "Vi ringer.", "to år")
        assert differences(setting.draw(page), plain.draw(page)) == ()
        counts.append(setting.papers_set)
    assert counts == [0, 0, 1, 1, 2]


def test_spaces_that_fold_and_lines_that_just_fit_are_never_set_otherwise_than_drawn(sheets: tuple[Press, Setting]) -> None:
    plain, setting = sheets
    for words in ("Vi ringer.", "Vi skriver.", "Vi kommer.", "Vi  ringer  igen.", "Vi ringer .  Tak"):
        page = sheet("Bo Dam", words, "to år")
        assert differences(setting.draw(page), plain.draw(page), dots_per_inch=144) == ()


def test_whatever_goes_wrong_in_setting_costs_nobody_their_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = Setting(press())
    monkeypatch.setattr("flows.documents.setting.Master", lambda *_: {}["gone"])
    for name in ("Anne Dam", "Bo Ek", "Carl Friis", "Dan Gram"):
        assert name in pdf_pages(setting.draw(letter(name)))[0]
    assert (setting.papers_set, setting.fallbacks) == (0, 1)


def test_a_numbered_page_is_the_page() -> None:
    page = sheet("Bo & Dam", "Vi <ringer> snart.", "to år")
    assert re.sub(r' data-line="\d+"', "", _Cut.of(page).page()) == page


def test_call_sheets_with_words_of_their_own_are_set(vacancy: Path, tmp_path: Path) -> None:
    closing = Closing.of(make_vacancy(tmp_path / "inputs" / "ledig", 120, SAMPLE), Settings(outputs=tmp_path / "outputs", today=TODAY))
    closing.plan()
    assert closing._papers is not None
    shop = Workshop(closing._papers.work)
    orders = [order for order in closing._due if order.kind.name == "feedback_note"]
    assert all(isinstance(made, Made) for made in shop.make_all(orders, [None] * len(orders)))
    assert (shop._setting.papers_set, shop.fallbacks) == (len(orders) - 2, 0)


def test_a_sample_that_differs_ends_the_setting_of_its_skeleton(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    style = tmp_path / "echo.css"
    style.write_text('html { font: 10pt "Noto Sans" } a::after { content: target-text(attr(href)) }')
    setting, plain = Setting(Press((style,))), Press((style,))
    page = '<html lang="da"><title>Svar</title><body><p id="to">Kære {}</p><p>Svar til <a href="#to">dig: </a> nu</p>'
    with caplog.at_level(logging.WARNING):
        for name in ("Anne", "Bo", "Carl", "Dan", "Eva"):
            assert differences(setting.draw(page.format(name)), plain.draw(page.format(name))) == ()
    assert (setting.fallbacks, setting.papers_set) == (1, 0)
    assert "a sample differs in text" in caplog.text


@pytest.mark.parametrize(
    ("look", "words"),
    [
        ("text-align: center", "Kære {}"),
        ("text-transform: uppercase", "Kære {}"),
        ("letter-spacing: 1mm", "Kære {}"),
        ("text-decoration: underline", "Kære {}"),
        ("float: left", "Kære {}"),
        ("opacity: .8", "Kære {}"),
        ("margin: 0", 'Kære <a href="https://svar.example">{}</a>'),
        ("margin: 0", 'Kære {}</p><p style="float: right">Tak'),
        ("hyphens: auto", "Kære {}, " + "projektlederstillingen i fjernvarmeforsyningen " * 3),
        ("margin: 0", "Kære <strong>{}</strong> igen"),
        ("margin: 0", "Kære <em>{}</em>"),
        ("margin: 0", "Kære {}<br>og tak"),
    ],
)
def test_a_line_whose_look_depends_on_its_words_is_not_set(tmp_path: Path, look: str, words: str) -> None:
    style = tmp_path / "look.css"
    style.write_text(f'html {{ font: 10pt "Noto Sans" }} em {{ background: silver }} p.to {{ {look} }}')
    setting = Setting(Press((style,)))
    for name in ("Anne", "Bo", "Carl", "Dan"):
        setting.draw(f'<html lang="da"><title>Svar</title><body><p class="to">{words.format(name)}</p><p>Tak.</p>')
    assert (setting.papers_set, setting.fallbacks) == (0, 0)


def test_a_workshop_tells_of_a_fall_back_and_makes_every_paper(vacancy: Path, tmp_path: Path) -> None:
    templates = shutil.copytree(ROOT / "templates", tmp_path / "templates")
    layout, style = templates / "pages/letter.html", templates / "pages/css/paper.css"
    layout.write_text(layout.read_text().replace("<main>", '<main id="words">').replace("</body>", '<a href="#words">Igen: </a></body>'))
    style.write_text(style.read_text() + "a::after { content: target-text(attr(href)) }")
    closing = Closing.of(vacancy, Settings(outputs=tmp_path / "outputs", templates=templates, today=TODAY, workers=1))
    closing.plan()
    assert closing._papers is not None
    orders = [order for order in closing._due if order.kind.name == "not_invited"][:6]
    shop = Workshop(closing._papers.work)
    made = shop.make_all(orders, [None] * len(orders))
    assert shop.fallbacks == 1
    assert [each.id for each in made if isinstance(each, Made)] == [order.id for order in orders]
