"""The pages in Chromium: they filter, sort, print and open quickly, and need neither network nor a mouse.

Run with `pytest -m browser tests/browser`. SVAR_CHROMIUM names the browser; SVAR_AXE a copy of axe.min.js.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from flows.audit.book import Book
from flows.audit.overview import VacancyStanding, overview_html
from flows.audit.report import index_html, report_html
from tests.audit.books import ENGLISH, NOW, TEMPLATES, VACANCY, applicants, closed_book, crowd, open_book, spoiled_book

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("SVAR_CHROMIUM", "/usr/bin/chromium")
AXE = os.environ.get("SVAR_AXE", "axe.min.js")  # .ci/browser/check brings it


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def pages(book: Book, folder: Path) -> Path:
    """report.html, index.html, an English report and the overview, written into a folder."""
    told = {"now": NOW, "templates": TEMPLATES, "applicants": applicants()}
    (folder / "report.html").write_text(report_html(book, VACANCY, faults=(), **told))  # type: ignore[arg-type]
    (folder / "index.html").write_text(index_html(book, VACANCY, **told))  # type: ignore[arg-type]
    (folder / "english.html").write_text(report_html(spoiled_book(), ENGLISH, faults=(), **told))  # type: ignore[arg-type]
    vacancies = [VacancyStanding("a", "Elektriker", False, 3, 12, 1, 12), VacancyStanding("b", "Bogholder", True, 0, 0, 0, 7)]
    (folder / "overview.html").write_text(overview_html(vacancies, now=NOW, templates=TEMPLATES))
    return folder


def opened(browser: Browser, path: Path, **more: object) -> Page:
    """The page, and a list `page.said` of everything the browser complained about."""
    page = browser.new_page(**more)  # type: ignore[arg-type]
    page.said = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.said.append(message.text))  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.said.append(str(error)))  # type: ignore[attr-defined]
    page.on("request", lambda request: None if request.url.startswith("file:") else page.said.append(request.url))  # type: ignore[attr-defined]
    page.goto(path.as_uri())
    return page


def shown_names(page: Page) -> list[str]:
    return page.locator("#everyone tbody tr:visible th").all_inner_texts()


@pytest.mark.parametrize("name", ["report", "index", "english", "overview"])
def test_the_policy_lets_style_and_script_run_and_nothing_else(browser: Browser, tmp_path: Path, name: str) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / f"{name}.html")
    assert page.locator(".filters").is_visible()
    assert page.said == []  # type: ignore[attr-defined]


def test_typing_leaves_those_whose_every_word_fits(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / "report.html")
    page.get_by_label("Søg", exact=True).press_sequentially("ÆRØ ringet")
    assert shown_names(page) == ["Søren Ærø"]
    assert page.locator("#shown").inner_text() == "1 af 16 vises"
    page.keyboard.press("Escape")
    assert len(shown_names(page)) == 16
    page.get_by_label("Søg", exact=True).fill("ingen hedder sådan")
    assert page.locator("#shown").inner_text() == "Ingen passer. Prøv et andet ord."


def test_the_filter_keeps_one_end_state(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / "report.html")
    page.get_by_label("Vis", exact=True).select_option("ready")
    assert shown_names(page) == ["Klar Parat", "Ring Til", "Kladde Nu"]


def test_a_column_sorts_by_keyboard_and_says_which_way(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / "report.html")
    head = page.locator("#everyone thead th").nth(6)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert shown_names(page)[0] in ("Klar Parat", "Retur Mail", "Ubestemt Ubo", "Kladde Nu")
    assert page.locator("#everyone th[aria-sort]").count() == 1


def test_danish_letters_sort_after_z(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / "report.html")
    page.locator("#everyone thead th button").nth(1).click()
    assert shown_names(page)[-1] == "Åse Prøvesen"


def test_without_a_script_it_is_a_plain_table(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / "report.html", java_script_enabled=False)
    assert page.locator("#everyone tbody tr").count() == 16
    assert not page.locator(".filters").is_visible()
    assert page.locator("#everyone button").count() == 0


@pytest.mark.parametrize("width", [320, 400, 1280])
@pytest.mark.parametrize("name", ["report", "index", "overview"])
def test_no_page_is_wider_than_the_screen(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / f"{name}.html", viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_skip_link_is_the_first_stop_and_is_seen_there(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / "report.html")
    page.keyboard.press("Tab")
    box = page.locator(".skip").bounding_box()
    assert box is not None and box["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_paper_shows_the_closed_lists_too(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, pages(open_book(), tmp_path) / "index.html")
    assert page.locator("details:not([open])").count() == 1
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0


def test_a_thousand_people_filter_as_one_types(browser: Browser, tmp_path: Path) -> None:
    pages(crowd(1000), tmp_path)
    for name in ("index", "report"):
        page = opened(browser, tmp_path / f"{name}.html")
        everybody = len(shown_names(page))
        page.fill("#search", "nummer 77")
        found = shown_names(page)
        assert everybody == 1000
        assert 0 < len(found) < everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["report", "index", "english", "overview"])
def test_axe_finds_nothing_against_wcag_2_2_aa(browser: Browser, tmp_path: Path, name: str, scheme: str) -> None:
    for book in (open_book(), closed_book()):
        page = opened(browser, pages(book, tmp_path) / f"{name}.html", color_scheme=scheme, bypass_csp=True)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        page.add_script_tag(path=AXE)
        found = page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then((told) => told.violations.map((each) => [each.id, each.nodes.map((node) => node.html + node.failureSummary)]))"
        )
        assert found == []
