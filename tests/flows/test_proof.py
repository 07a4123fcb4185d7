"""The proof: what does not agree is found and named; the pack holds without the people; nothing is kept beyond its time."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from flows.audit.account import account_of
from flows.auditing import Audit
from flows.closing_turn import closing_turn
from flows.dossier import ERASED, open_ledger
from flows.erasing import complete_erasing, erase, forget_proof, is_erased, months_after, plan_erasure, read_proof, under_way
from flows.ledger.events import FIRST, NewEvent, What, chained
from flows.person import collect, held_on
from flows.recording import record_answered
from flows.roster.faults import CommandRefused, SvarError, TurnTaken
from flows.sending import Sending
from flows.settings import Settings
from tests.conftest import closed_vacancy

AT = "2026-11-20T09:00:00+01:00"
ON = date(2026, 11, 20)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vacancy in which everybody has been answered: nine drafts sent by hand, one call and mail."""
    place = tmp_path_factory.mktemp("answered")
    folder, settings = closed_vacancy(place)
    sending = Sending.of(folder, settings)
    sending.approve(9)
    sending.hand_over()
    record_answered(folder, ["all"], What.SENT_BY_HAND, on=ON, by="MS", settings=settings)
    with open_ledger(settings) as ledger:
        keys = ledger.keys("ledig", {"10009": ("x", "applicant9@example.com")})
        told = {"on": "2026-11-20", "reached": True, "by": "MS"}
        ledger.append("ledig", [NewEvent(What.CALLED, keys["10009"], AT, told)])
    record_answered(folder, ["10009"], What.SENT_BY_HAND, on=ON, by="MS", settings=settings)
    return place


@pytest.fixture
def place(answered: Path, tmp_path: Path) -> Path:
    shutil.copytree(answered, tmp_path / "copy")
    return tmp_path / "copy"


def settings_of(place: Path, **more: object) -> Settings:
    return Settings(inputs=place / "inputs", outputs=place / "outputs", workers=1, **more)  # type: ignore[arg-type]


def audit(place: Path) -> Audit:
    return Audit.of(place / "inputs" / "ledig", settings_of(place))


def sql(place: Path, statement: str) -> None:
    with sqlite3.connect(place / "outputs" / "ledger.sqlite") as ledger:
        ledger.execute(statement)


def first(place: Path, pattern: str) -> Path:
    return next((place / "outputs" / "ledig").glob(pattern))


def edit_export(place: Path, change: Callable[[object], None]) -> None:
    path = place / "inputs" / "ledig" / "applicants.xlsx"
    book = load_workbook(path)
    change(book.worksheets[0])
    book.save(path)


def edit_manifest(place: Path, change: Callable[[dict[str, object]], None]) -> None:
    path = place / "outputs" / "ledig" / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def received(place: Path, number: int) -> None:
    path = place / "inputs" / "ledig" / "vacancy.toml"
    path.write_text(path.read_text("utf-8").replace("received = 10", f"received = {number}"), "utf-8")


DEFECTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a letter is gone": (lambda at: first(at, "letters/*10000.docx").unlink(), "file-missing"),
    "a pdf is gone": (lambda at: first(at, "letters/*10001.pdf").unlink(), "file-missing"),
    "a mail is gone": (lambda at: first(at, "mail/*10002.eml").unlink(), "file-missing"),
    "a note is gone": (lambda at: first(at, "notes/*.pdf").unlink(), "file-missing"),
    "a letter was changed": (lambda at: first(at, "letters/*10003.docx").write_bytes(b"x"), "file-changed"),
    "a mail was changed": (lambda at: first(at, "mail/*10004.eml").write_bytes(b"x"), "file-changed"),
    "a file nobody made": (lambda at: (at / "outputs/ledig/letters/extra.pdf").write_bytes(b"x"), "file-unknown"),
    "the manifest is gone": (lambda at: first(at, "manifest.json").unlink(), "manifest-missing"),
    "the manifest forgot a letter": (
        lambda at: edit_manifest(at, lambda told: told.update(documents=told["documents"][1:])),  # type: ignore[index]
        "file-unknown",
    ),
    "the export has another row": (
        lambda at: edit_export(at, lambda sheet: sheet.append(["99", "Afvist", "Ny", "Person"])),
        "export-changed",
    ),  # type: ignore[attr-defined]
    "somebody is no longer in the export": (lambda at: edit_export(at, lambda sheet: sheet.delete_rows(2)), "person-not-in-export"),  # type: ignore[attr-defined]
    "somebody answered was hired": (lambda at: edit_export(at, lambda sheet: sheet.cell(2, 2, "Ansat")), "answered-yet-not-rejected"),  # type: ignore[attr-defined]
    "somebody answered is in process": (lambda at: edit_export(at, lambda sheet: sheet.cell(2, 2, "Ny")), "answered-yet-not-rejected"),  # type: ignore[attr-defined]
    "an event was changed": (
        lambda at: sql(at, "update svar_events set at = '2020-01-01T00:00:00+01:00' where number = 3"),
        "chain-broken",
    ),
    "an event was moved to another person": (lambda at: sql(at, "update svar_events set person = 'k' where number = 4"), "chain-broken"),
    "an event was taken out": (lambda at: sql(at, "delete from svar_events where number = 5"), "chain-broken"),
    "an event's words were changed": (
        lambda at: sql(at, "update svar_events set details = '{}' where what = 'posted' or number = 20"),
        "chain-broken",
    ),
    "the end of the ledger was cut off": (
        lambda at: (audit(at).write(), sql(at, "delete from svar_events where number > 25")),
        "events-missing",
    ),
    "a person was taken out of the ledger": (
        lambda at: sql(at, "delete from svar_people where applicant = '10005'"),
        "event-without-person",
    ),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_found_and_named(place: Path, defect: str) -> None:
    assert audit(place).book.closed
    plant, code = DEFECTS[defect]
    plant(place)
    found = audit(place)
    assert code in {each.code for each in found.book.findings}
    assert not found.book.closed


def test_an_approval_of_another_letter_is_found(place: Path) -> None:
    with open_ledger(settings_of(place)) as ledger:
        key = next(key for key, id in ledger.people("ledig").items() if id == "10006")
        ledger.append(
            "ledig",
            [
                NewEvent(What.APPROVED, key, AT, {"sha256": {"docx": "00"}}),
                NewEvent(What.ACCEPTED_BY_SERVER, key, AT, {"kind": "not_invited"}),
            ],
        )
    codes = {each.code for each in audit(place).book.findings}
    assert {"document-not-the-approved", "answered-twice"} <= codes


def test_a_count_that_is_not_the_systems_own_keeps_the_book_open(place: Path) -> None:
    received(place, 11)
    found = audit(place)
    assert (found.book.findings, found.book.closed) == ((), False)


@pytest.mark.parametrize(
    ("lose", "code"),
    [
        (lambda at: [file.unlink() for file in (at / "outputs").glob("ledger.sqlite*")], "ledger-missing"),
        (lambda at: sql(at, "delete from svar_events"), "ledger-missing"),
        (lambda at: sql(at, "update svar_events set vacancy = 'other'"), "ledger-missing"),
        (lambda at: sql(at, "update svar_events set what = 'delivered' where number = 3"), "chain-broken"),
        (lambda at: sql(at, "update svar_events set details = '{' where number = 3"), "chain-broken"),
    ],
)
def test_a_lost_ledger_is_named_and_nothing_goes_out(place: Path, lose: Callable[[Path], object], code: str) -> None:
    audit(place).write_pack()
    lose(place)
    for _ in range(2):  # the first audit must not write over what the second finds
        found = audit(place)
        assert {code, "events-missing"} <= {each.code for each in found.book.findings}
        found.write_pack()
    assert account_of(found.book, found.dossier.vacancy, ON).handed_over
    with pytest.raises(SvarError, match=r"Put (it|the ledger) back"):
        Sending.of(place / "inputs" / "ledig", settings_of(place))


def with_a_chain_that_holds(at: Path, statement: str) -> None:
    """Changes the ledger as somebody would who knows how it is built: the digests are made anew."""
    audit(at).write_pack()
    sql(at, statement)
    with sqlite3.connect(at / "outputs" / "ledger.sqlite") as ledger:
        rows, previous = ledger.execute("select what, person, at, details, once from svar_events order by number").fetchall(), FIRST
        ledger.execute("delete from svar_events")
        for number, (what, person, moment, details, once) in enumerate(rows, start=1):
            one = chained("ledig", number, NewEvent(What(what), person, moment, json.loads(details)), previous)
            row = ("ledig", number, what, person, moment, details, previous, one.digest, once)
            ledger.execute("insert into svar_events values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            previous = one.digest


def one_paper_more(at: Path, id: str) -> None:
    """A letter of 10003's, put into the manifest under another id."""

    def change(told: dict[str, object]) -> None:
        documents: list[dict[str, object]] = told["documents"]  # type: ignore[assignment]
        letter = next(each for each in documents if each["id"] == "10003")
        copied = {ending: str(letter[ending]).replace("10003", id) for ending in ("docx", "pdf", "eml")}
        for ending, path in copied.items():
            shutil.copy(at / "outputs/ledig" / str(letter[ending]), at / "outputs/ledig" / path)
        documents.append(letter | copied | {"id": id})

    edit_manifest(at, change)


def swap_ids(sheet: object) -> None:
    cells = sheet.cell(2, 1), sheet.cell(3, 1)  # type: ignore[attr-defined]
    cells[0].value, cells[1].value = cells[1].value, cells[0].value


FORGERIES: dict[str, tuple[Callable[[Path], object], str]] = {
    "an approval was taken out, and the chain mended": (
        lambda at: with_a_chain_that_holds(at, "delete from svar_events where number = 2"),
        "sent-without-approval",
    ),
    "all moments were set back, and the chain mended": (
        lambda at: with_a_chain_that_holds(at, "update svar_events set at = '2026-11-01T09:00:00+01:00'"),
        "events-rewritten",
    ),
    "a paper for somebody who never applied": (lambda at: one_paper_more(at, "99999"), "document-without-person"),
    "a paper in a folder of its own": (
        lambda at: ((at / "outputs/ledig/letters/inner").mkdir(), (at / "outputs/ledig/letters/inner/a.pdf").write_bytes(b"x")),
        "file-unknown",
    ),
    "a letter loose in the folder": (lambda at: (at / "outputs/ledig/Afslag.docx").write_bytes(b"x"), "file-unknown"),
    "a draft nobody approved": (lambda at: (at / "outputs/ledig/drafts/x.eml").write_bytes(b"x"), "file-unknown"),
    "the manifest lost its digests": (
        lambda at: edit_manifest(at, lambda told: told["documents"][0].update(sha256={})),  # type: ignore[index]
        "file-changed",
    ),
    "two people changed their ids": (lambda at: edit_export(at, swap_ids), "another-person"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_found_and_named_twice(place: Path, forgery: str) -> None:
    plant, code = FORGERIES[forgery]
    plant(place)
    for _ in range(2):
        found = audit(place)
        assert code in {each.code for each in found.book.findings}
        assert not found.book.closed
        found.write_pack()


def verified(pack: Path, *more: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-I", str(pack / "verify.py"), str(pack), *more], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip()


def test_the_pack_holds_and_names_nobody(place: Path) -> None:
    found = audit(place)
    found.write()
    pack = place / "outputs" / "ledig" / "audit-pack"
    assert verified(pack) == (0, "everything holds")
    text = b"".join(path.read_bytes() for path in pack.iterdir()).decode()
    people = [told for each in found.dossier.applicants for told in (each.name.full, f'"{each.id}"', *each.emails)]
    assert [told for told in people if told in text] == []


def test_one_changed_byte_in_any_file_of_the_pack_is_found_and_named(place: Path) -> None:
    audit(place).write()
    pack = place / "outputs" / "ledig" / "audit-pack"
    for file in sorted(pack.iterdir()):
        content = file.read_bytes()
        at = content.index(b"#") + 2 if file.suffix in (".py", ".md") and b"#" in content else len(content) // 2
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        code, said = verified(pack) if file.name != "verify.py" else _verified_by_another(pack, place)
        assert (code, file.name in said) == (1, True), (file.name, said)
        file.write_bytes(content)
    assert verified(pack) == (0, "everything holds")


def _verified_by_another(pack: Path, place: Path) -> tuple[int, str]:
    """A verifier that was tampered with is checked with one from another pack."""
    from flows.audit.pack import VERIFIER

    shutil.copy(VERIFIER, place / "verify.py")
    done = subprocess.run([sys.executable, "-I", str(place / "verify.py"), str(pack)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_sample_opens_with_the_sealed_key_and_no_other(place: Path) -> None:
    found = audit(place)
    found.write()
    pack = place / "outputs" / "ledig" / "audit-pack"
    sample = found.open_sample(3)
    assert verified(pack, "--open", str(sample)) == (0, "everything holds")
    told = json.loads(sample.read_text())
    told[0]["name"] = "En Anden"
    sample.write_text(json.dumps(told))
    code, said = verified(pack, "--open", str(sample))
    assert (code, "is not the person who was sealed" in said) == (1, True)


def test_the_three_reports_and_the_command_agree(place: Path) -> None:
    found = audit(place)
    found.write()
    told = found.report_object()
    assert told["closed"] is True
    assert told["counts"]["answered_by_mail"] == 9
    assert told["counts"]["answered_by_call_and_mail"] == 1
    out = place / "outputs" / "ledig"
    assert all((out / name).stat().st_size > 1000 for name in ("report.html", "report.pdf", "report.xlsx", "index.html"))


def test_papers_are_kept_until_their_time_is_over(place: Path) -> None:
    erasure = plan_erasure(place / "inputs" / "ledig", settings_of(place))
    assert erasure.papers_until == date(2027, 5, 20)
    with pytest.raises(CommandRefused, match="kept until 2027-05-20"):
        erase(erasure, settings_of(place, today=date(2027, 5, 20)), by="MS")
    assert first(place, "letters/*10000.docx").exists()


def test_erased_people_are_nowhere_and_the_proof_stays(place: Path) -> None:
    found = audit(place)
    found.write()
    folder, later = place / "inputs" / "ledig", settings_of(place, today=date(2027, 5, 21))
    erase(plan_erasure(folder, later), later, by="MS")
    left = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    people = [told for each in found.dossier.applicants for told in (each.name.full, *each.emails)]
    assert [told for told in people if told.encode() in left] == []
    log = json.loads((place / "outputs" / "ledig" / ERASED).read_text())
    assert (log["states"], log["open"]) == ({"answered_by_call_and_mail": 1, "answered_by_mail": 9}, 0)
    with open_ledger(later) as ledger:
        assert ledger.broken_link("ledig") is None
    assert verified(place / "outputs" / "ledig" / "audit-pack") == (0, "everything holds")


def killed_after(steps: int, act: Callable[[], object]) -> bool:
    """Does it in a child process that is killed at its `steps`-th step on files or ledger; True when it got that far."""
    child = os.fork()
    if child == 0:
        left = [steps]

        def hook(event: str, _: tuple[object, ...]) -> None:
            left[0] -= event in STEPS
            if left[0] < 0 and event in STEPS:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            act()
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    _, ended = os.waitpid(child, 0)
    assert os.WIFSIGNALED(ended) or os.WEXITSTATUS(ended) == 0
    return os.WIFSIGNALED(ended)


STEPS = ("open", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "sqlite3.connect", "sqlite3.connect/handle")


def test_nobody_is_erased_while_the_vacancy_is_closed_or_sent(place: Path) -> None:
    folder, later = place / "inputs" / "ledig", settings_of(place, today=date(2027, 5, 21))
    planned = plan_erasure(folder, later)
    with closing_turn(later.outputs, "ledig"), pytest.raises(TurnTaken, match="closing or erasing"):
        erase(planned, later, by="MS")
    with open_ledger(later) as ledger, ledger.turn("ledig"), pytest.raises(TurnTaken, match="sending"):
        erase(planned, later, by="MS")
    assert not under_way(folder, later) and not is_erased(folder, later)


def test_what_changed_since_it_was_looked_at_is_not_erased(place: Path) -> None:
    folder, later = place / "inputs" / "ledig", settings_of(place, today=date(2027, 5, 21))
    planned = plan_erasure(folder, later)
    next((planned.out / "letters").glob("*.docx")).write_bytes(b"another letter")
    with pytest.raises(CommandRefused, match="changed since it was looked at"):
        erase(planned, later, by="MS")
    assert not under_way(folder, later) and not is_erased(folder, later)


def test_an_erasing_killed_at_any_moment_is_completed_by_the_next(place: Path) -> None:
    folder, later = place / "inputs" / "ledig", settings_of(place, today=date(2027, 5, 21))
    people = [told for each in audit(place).dossier.applicants for told in (each.name.full, *each.emails)]
    shutil.copytree(place, place.parent / "before")
    planned, moment, killed = plan_erasure(folder, later), 0, 0
    while killed_after(moment, lambda: erase(planned, later, by="MS")):
        killed += 1
        if under_way(folder, later):
            with pytest.raises(SvarError, match="`svar erase ledig` goes on with it"):
                audit(place)
            complete_erasing(folder, later)
        elif not is_erased(folder, later):
            erase(plan_erasure(folder, later), later, by="MS")
        left = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
        assert [told for told in people if told.encode() in left] == [], moment
        assert read_proof(folder, later).faults == (), moment
        with open_ledger(later) as ledger:
            assert [event.what for event in ledger.events("ledig")].count(What.ERASED) == 1
        shutil.rmtree(place)
        shutil.copytree(place.parent / "before", place)
        moment += 8
    assert killed > 8
    assert read_proof(folder, later).faults == ()


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda at: first(at, ERASED).write_text(first(at, ERASED).read_text().replace('"rows": 10', '"rows": 9')), "log-not-in-ledger"),
        (lambda at: sql(at, "update svar_events set at = 'x' where number = 2"), "chain-broken: event 2"),
        (lambda at: first(at, "audit-pack/book.json").write_text("{}"), "pack: book.json: changed"),
        (lambda at: (at / "outputs/ledig/letter.pdf").write_text("Anne"), "file-left: letter.pdf"),
        (lambda at: sql(at, "insert into svar_people values ('k', 'ledig', '1', 'Anne', 'a@b.example')"), "people-left: 1"),
    ],
)
def test_what_is_left_of_an_erased_vacancy_is_audited_too(place: Path, spoil: Callable[[Path], object], fault: str) -> None:
    folder, later = place / "inputs" / "ledig", settings_of(place, today=date(2027, 5, 21))
    erase(plan_erasure(folder, later), later, by="MS")
    assert read_proof(folder, later).faults == ()
    spoil(place)
    assert fault in " ".join(read_proof(folder, later).faults)


def test_files_that_are_not_the_vacancys_own_are_told_of(place: Path) -> None:
    (place / "inputs" / "ledig" / "applicants (old).xlsx").write_bytes(b"x")
    erasure = plan_erasure(place / "inputs" / "ledig", settings_of(place))
    assert [path.name for path in erasure.others] == ["applicants (old).xlsx"]


def test_an_erased_vacancy_is_no_longer_asked_about_a_person(place: Path) -> None:
    folder, later = place / "inputs" / "ledig", settings_of(place, today=date(2027, 5, 21))
    erase(plan_erasure(folder, later), later, by="MS")
    assert held_on("10003", later) == {"query": "10003", "found": [], "unread_vacancies": []}


def test_erasing_early_needs_a_reason_and_keeps_it(place: Path) -> None:
    folder, now = place / "inputs" / "ledig", settings_of(place, today=date(2026, 12, 1))
    erase(plan_erasure(folder, now), now, by="MS", early="the applicants asked for it")
    log = json.loads((place / "outputs" / "ledig" / ERASED).read_text())
    assert log["early_because"] == "the applicants asked for it"
    assert "backups" in " ".join(log["out_of_reach"])


def test_the_proof_goes_when_its_time_is_over(place: Path) -> None:
    folder, later = place / "inputs" / "ledig", settings_of(place, today=date(2027, 5, 21))
    erase(plan_erasure(folder, later), later, by="MS")
    with pytest.raises(CommandRefused, match="kept until 2029-11-20"):
        forget_proof(folder, later)
    assert forget_proof(folder, settings_of(place, today=date(2029, 11, 21))) > 0


def test_nobody_is_erased_before_they_are_answered(place: Path) -> None:
    received(place, 11)
    with pytest.raises(CommandRefused, match="expected a closed book"):
        erase(plan_erasure(place / "inputs" / "ledig", settings_of(place)), settings_of(place, today=date(2030, 1, 1)), by="MS")


def test_a_month_later_is_the_last_day_where_there_is_no_such_day() -> None:
    assert months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)


@pytest.mark.parametrize("query", ["applicant3@example.com", "10003", "20000003", "+45 20 00 00 03"])
def test_everything_held_on_a_person_is_found(place: Path, query: str) -> None:
    told = held_on(query, settings_of(place))
    assert [each["id"] for each in told["found"]] == ["10003"]
    assert told["found"][0]["in_files"]["applicants.xlsx"][0]["E-mail"] == "applicant3@example.com"
    assert [event["what"] for event in told["found"][0]["events"]] == ["approved", "drafted", "sent_by_hand"]
    assert len(told["found"][0]["papers"]) == 3


def test_everything_on_a_person_is_collected_in_a_folder_of_its_own(place: Path, tmp_path: Path) -> None:
    told = held_on("10009", settings_of(place))
    collect(told, tmp_path / "indsigt")
    names = sorted(path.name.split(" ")[0] for path in (tmp_path / "indsigt" / "ledig").iterdir())
    assert names == ["letters", "letters", "mail", "notes", "notes"]
    with pytest.raises(CommandRefused, match="expected a new folder"):
        collect(told, tmp_path / "indsigt")


def test_a_part_of_a_name_finds_nobody(place: Path) -> None:
    assert held_on("Anne", settings_of(place))["found"] == []
