"""Papers on disk: their names, hand edits, what is made again."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.audit.wording import Wording
from flows.closing import Closing
from flows.documents import shelf
from flows.documents.paper import Failed, Made
from flows.documents.read_back import pdf_pages
from flows.documents.shelf import Manifest, file_stem, make_folders, write_manifest
from flows.documents.workshop import Workshop
from flows.settings import Settings
from tests.conftest import ROOT, TODAY, close_without_prefect


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a<b>:"c|?*', "Åse Prøvesen", "CON", "x" * 300, "李" * 80, "slut. ", "a\nb"])
def test_file_names_are_safe_and_short(name: str) -> None:
    stem = file_stem(name, "4711")
    assert not set(stem) & set('<>:"/\\|?*\n')
    assert stem.endswith("4711")
    assert len(f"{stem}.docx".encode()) <= 120


def test_ids_that_only_differ_in_forbidden_signs_stay_apart() -> None:
    assert file_stem("Bo", "a/b") != file_stem("Bo", "a:b")


def test_a_finished_run_leaves_nothing_of_a_worker_that_was_killed(tmp_path: Path) -> None:
    out = tmp_path / "ledig"
    make_folders(out)
    half = out / "letters" / ".writing-k1ll3d"
    half.write_bytes(b"half a letter")
    write_manifest(out, Manifest(), {})
    assert [path.name for path in out.rglob("*") if path.is_file()] == ["manifest.json"]


def edit(docx: Path, old: str, new: str) -> None:
    """The Word file with a sentence changed, as a person would in Word."""
    with zipfile.ZipFile(docx) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts["word/document.xml"]
    parts["word/document.xml"] = parts["word/document.xml"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(docx, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def one_letter(vacancy: Path, settings: Settings):  # type: ignore[no-untyped-def]
    closing = close_without_prefect(vacancy, settings, lambda kind: kind == "not_invited", most=1)
    closing.write_account()
    return closing


def test_a_letter_edited_in_word_is_kept_and_its_pdf_follows(vacancy: Path, settings: Settings) -> None:
    first = one_letter(vacancy, settings)
    docx = first.out / first.made[0].docx
    edit(docx, "Vi ønsker dig alt godt i din videre søgen.", "Held og lykke med det næste job.")
    edited = docx.read_bytes()
    second = one_letter(vacancy, settings)
    assert docx.read_bytes() == edited
    assert second.made[0].edited is not None
    assert "Held og lykke med det næste job." in " ".join(" ".join(pdf_pages((second.out / second.made[0].pdf).read_bytes())).split())
    when = Wording(ROOT / "templates", "da").edited(second.made[0])
    assert re.fullmatch(r"rettet i hånden \d+\. \w+\.? \d{4} \d\d:\d\d", when) and when in (second.out / "report.html").read_text()


def test_a_broken_edit_is_an_open_case_and_no_pdf_is_left(vacancy: Path, settings: Settings) -> None:
    first = one_letter(vacancy, settings)
    docx = first.out / first.made[0].docx
    edit(docx, "Anne Sofie Holm", "Kollega")
    second = one_letter(vacancy, settings)
    assert second.failed[0].reasons[0] == "name-missing"
    assert docx.exists()
    assert not (second.out / first.made[0].pdf).exists()


def with_another_contact(vacancy: Path) -> None:
    """Every letter is to be made again."""
    file = vacancy / "vacancy.toml"
    file.write_text(file.read_text("utf-8").replace("Mette Sørensen", "Mette Holm Sørensen"), "utf-8")


@pytest.mark.parametrize("step", range(1, 10))
@pytest.mark.parametrize("made_before", [False, True])
def test_broken_off_anywhere_nothing_looks_like_an_edit_by_hand(
    vacancy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, step: int, made_before: bool
) -> None:
    if made_before:
        one_letter(vacancy, settings)
        with_another_contact(vacancy)
    steps = 0

    def break_off(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*words: Any, **more: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == step:
                raise KeyboardInterrupt
            return call(*words, **more)

        return counted

    with monkeypatch.context() as patched:
        patched.setattr(shelf, "note_made", break_off(shelf.note_made))
        patched.setattr(os, "replace", break_off(os.replace))
        patched.setattr(os, "fsync", break_off(os.fsync))
        patched.setattr(Path, "unlink", break_off(Path.unlink))
        with contextlib.suppress(KeyboardInterrupt):
            close_without_prefect(vacancy, settings, lambda kind: kind == "not_invited", most=1)
    assert steps >= min(step, 8 + made_before)  # the note and its fsync, three times fsync and rename; before them what was there goes
    again = one_letter(vacancy, settings.model_copy(update={"today": TODAY + timedelta(days=1)}))
    assert again.made and all(paper.edited is None and shelf.as_made(paper, again.out) for paper in again.made)
    assert not (again.out / "set-aside").exists()


def test_a_word_file_nobody_knows_of_is_never_deleted(vacancy: Path, settings: Settings) -> None:
    closing = Closing.of(vacancy, settings)
    closing.plan()
    assert closing._papers is not None
    order = closing._due[0]
    docx = closing.out / "letters" / f"{order.stem}.docx"
    docx.write_bytes(b"somebody's work")
    failed = Workshop(closing._papers.work).make(replace(order, fields={**order.fields, "greeting_name": ""}), None)
    assert isinstance(failed, Failed)
    assert [path.read_bytes() for path in (closing.out / "set-aside").iterdir()] == [b"somebody's work"]
    assert not docx.exists()


def test_a_paper_that_cannot_be_written_costs_no_other(vacancy: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    closing = Closing.of(vacancy, settings)
    closing.plan()
    assert closing._papers is not None
    orders = [order for order in closing._due if order.kind.name == "not_invited"][:4]
    whole = shelf.write_whole

    def full_disk(path: Path, content: bytes) -> None:
        if path.name == f"{orders[1].stem}.pdf":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(path, content)

    monkeypatch.setattr(shelf, "write_whole", full_disk)
    made = Workshop(closing._papers.work).make_all(orders, [None] * 4)
    assert [each.id for each in made] == [order.id for order in orders]
    assert [each.reasons if isinstance(each, Failed) else shelf.as_made(each, closing.out) for each in made] == [
        True,
        ("not-written:OSError",),
        True,
        True,
    ]
    assert sorted(path.stem for path in (closing.out / "letters").glob("*.docx")) == sorted(
        order.stem for order in orders if order != orders[1]
    )


def test_a_broken_line_of_the_journal_costs_no_other(tmp_path: Path) -> None:
    made = [Made(str(number), "not_invited", "da", f"{number}.docx", f"{number}.pdf", None, {}, "") for number in range(3)]
    shelf.note_made(tmp_path, made[0])
    with (tmp_path / "manifest.part.jsonl").open("a") as journal:
        journal.write('{"id": "1", "kind": "not_inv')
    shelf.note_made(tmp_path, made[2])
    assert list(shelf.noted(tmp_path).values()) == [made[0], made[2]]


def test_what_is_set_aside_at_once_is_kept_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folders(tmp_path)
    paths = [f"{folder}/Åse 4711.docx" for folder in ("letters", "notes")]
    for path in paths:
        (tmp_path / path).write_text(path)
    both_here, replace = threading.Barrier(2, timeout=20), os.replace

    def together(source: Path, target: Path) -> None:
        both_here.wait()
        replace(source, target)

    monkeypatch.setattr(os, "replace", together)
    with ThreadPoolExecutor(2) as two:
        list(two.map(lambda path: shelf.set_aside(tmp_path, path), paths))
    assert sorted(path.read_text() for path in (tmp_path / "set-aside").iterdir()) == paths


def test_a_file_that_is_not_there_leaves_nothing_when_set_aside(tmp_path: Path) -> None:
    make_folders(tmp_path)
    with pytest.raises(FileNotFoundError):
        shelf.set_aside(tmp_path, "letters/Åse 4711.docx")
    assert list((tmp_path / "set-aside").iterdir()) == []


def test_a_second_run_makes_nothing_again(vacancy: Path, settings: Settings) -> None:
    first = one_letter(vacancy, settings)
    again = close_without_prefect(vacancy, settings, most=0)
    assert [made.id for made in again._good] == [first.made[0].id]


def test_a_damaged_pdf_is_made_again(vacancy: Path, settings: Settings) -> None:
    first = one_letter(vacancy, settings)
    (first.out / first.made[0].pdf).write_bytes(b"broken")
    again = close_without_prefect(vacancy, settings, most=0)
    assert again._good == []


def test_papers_are_for_their_owner_alone(vacancy: Path, settings: Settings) -> None:
    first = one_letter(vacancy, settings)
    assert [
        (first.out / path).stat().st_mode & 0o077
        for path in ("letters", first.made[0].docx, first.made[0].pdf, "report.html", "manifest.json")
    ] == [0] * 5
