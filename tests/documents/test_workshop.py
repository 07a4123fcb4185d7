"""A worker's papers: made a second time, beside somebody who works in Word, on a disk that refuses."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from flows.closing import Closing
from flows.documents import shelf
from flows.documents.paper import Failed, Made, Order
from flows.documents.read_back import pdf_pages
from flows.documents.workshop import Workshop
from flows.settings import Settings
from tests.conftest import close_without_prefect
from tests.documents.test_shelf import edit, one_letter, with_another_contact


def planned(vacancy: Path, settings: Settings, kind: str = "not_invited") -> tuple[Closing, list[Order], list[Made | None]]:
    """A closing with the orders of a kind, and what was made of each before."""
    closing = Closing.of(vacancy, settings)
    closing.plan()
    orders = [order for order in closing._due if order.kind.name == kind][:4]
    return closing, orders, [closing._earlier.by_paper().get((order.id, order.kind.name)) for order in orders]


def workshop(closing: Closing) -> Workshop:
    assert closing._papers is not None
    return Workshop(closing._papers.work)


def test_a_chunk_made_a_second_time_takes_none_of_its_papers_for_an_edit(vacancy: Path, settings: Settings) -> None:
    first = close_without_prefect(vacancy, settings, lambda kind: kind == "not_invited", most=4)
    first.write_account()
    with_another_contact(vacancy)
    closing, orders, before = planned(vacancy, settings)
    assert len(orders) == 4 and None not in before
    workshop(closing).make_all(orders[:3], before[:3])  # then its worker died
    again = workshop(closing).make_all(orders, before)
    assert [(each.edited, shelf.as_made(each, closing.out)) for each in again if isinstance(each, Made)] == [(None, True)] * 4


def test_a_file_that_is_open_elsewhere_costs_its_paper_alone(vacancy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    close_without_prefect(vacancy, settings, lambda kind: kind == "not_invited", most=4).write_account()
    with_another_contact(vacancy)
    closing, orders, before = planned(vacancy, settings)
    unlink, held = Path.unlink, closing.out / "letters" / f"{orders[1].stem}.docx"

    def locked(self: Path, missing_ok: bool = False) -> None:
        if self == held:
            raise PermissionError(errno.EACCES, "open in Word")
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", locked)
    for made in workshop(closing).make_all(orders, before):
        (closing._good if isinstance(made, Made) else closing._failed).append(made)  # type: ignore[arg-type]
    assert [(each.id, each.reasons) for each in closing._failed] == [(orders[1].id, ("not-written:PermissionError",))]
    closing.write_account()
    assert "åben i et andet program" in (closing.out / "report.html").read_text("utf-8")
    assert {made.edited for made in closing.made} == {None}


def test_a_note_that_fails_leaves_the_mail_of_the_letter(vacancy: Path, settings: Settings) -> None:
    closing = close_without_prefect(vacancy, settings, most=9)
    note = next(order for order in closing._due if order.kind.name == "feedback_note")
    letter = next(made for made in closing._good if made.id == note.id and made.eml)
    assert isinstance(workshop(closing).make(replace(note, fields={**note.fields, "name": ""}), None), Failed)
    assert shelf.as_made(letter, closing.out)


def test_what_is_saved_while_a_paper_is_written_is_kept(vacancy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    close_without_prefect(vacancy, settings, lambda kind: kind == "not_invited", most=4).write_account()
    with_another_contact(vacancy)
    closing, orders, before = planned(vacancy, settings)
    note_made = shelf.note_made

    def saved(out: Path, made: Made) -> None:
        note_made(out, made)
        (out / made.docx).write_bytes(b"saved in Word")

    monkeypatch.setattr(shelf, "note_made", saved)
    (made,) = workshop(closing).make_all(orders[:1], before[:1])
    assert isinstance(made, Made) and shelf.as_made(made, closing.out)
    assert [path.read_bytes() for path in (closing.out / "set-aside").iterdir()] == [b"saved in Word"]


def test_an_edit_saved_again_while_its_pdf_is_made_is_an_open_case(
    vacancy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = one_letter(vacancy, settings)
    docx = first.out / first.made[0].docx
    edit(docx, "Vi ønsker dig alt godt i din videre søgen.", "Held og lykke med det næste job.")
    put = Workshop._put

    def saved_again(self: Workshop, made: Made, content: dict[str, bytes], earlier: Made | None) -> None:
        edit(docx, "Held og lykke med det næste job.", "Held og lykke.")
        put(self, made, content, earlier)

    monkeypatch.setattr(Workshop, "_put", saved_again)
    second = one_letter(vacancy, settings)
    assert [each.reasons for each in second.failed] == [("saved-meanwhile",)]
    monkeypatch.undo()
    third = one_letter(vacancy, settings)
    assert shelf.as_made(third.made[0], third.out) and third.made[0].edited
    assert "Held og lykke." in " ".join(" ".join(pdf_pages((third.out / third.made[0].pdf).read_bytes())).split())
