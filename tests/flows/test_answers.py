"""Handing over and recording: exactly one answer each, and only what was approved."""

from __future__ import annotations

import json
import mailbox
import re
import socket
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox as MailboxHandler
from openpyxl import load_workbook

from flows.audit.entries import EndState
from flows.delivery.inbox import read_messages
from flows.dossier import open_ledger, read_dossier
from flows.ledger.events import NewEvent, What
from flows.recording import (
    GivenByHand,
    messages_at,
    record_answered,
    record_bounces,
    record_calls,
    record_decision,
    record_given,
    record_retry,
    write_call_list,
)
from flows.roster.faults import CommandRefused, InputRefused, SvarError
from flows.send_at import good_time, wait_until
from flows.sending import Sending
from flows.settings import Settings
from tests.conftest import close_again, closed_vacancy, svar

INTERVIEWED = "10009"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A real mail server on loopback that puts what it takes in a Maildir."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(MailboxHandler(str(tmp_path / "Maildir")), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", tmp_path / "Maildir"
    controller.stop()


def sent(folder: Path, settings: Settings, confirm: int, **how: object) -> Sending:
    sending = Sending.of(folder, settings, **how)  # type: ignore[arg-type]
    sending.approve(confirm)
    sending.hand_over()
    return sending


def recipients(maildir: Path) -> list[str]:
    return sorted(str(mail["X-RcptTo"]) for mail in mailbox.Maildir(maildir))


def states(folder: Path, settings: Settings) -> dict[str, str]:
    return {
        entry.id: (entry.state.value if entry.state else "/".join(entry.reasons) or entry.waiting)
        for entry in read_dossier(folder, settings).book().entries
    }


def called(folder: Path, settings: Settings, *calls: tuple[str, str, str]) -> None:
    """Each call: day, initials, reached; all to the one interviewed, in a list filled in by hand."""
    for on, by, reached in calls:
        path, _ = write_call_list(folder, settings)
        book = load_workbook(path)
        sheet = book.worksheets[0]
        at = {cell.value: cell.column for cell in sheet[1]}
        for heading, value in (("Ringet den", on), ("Initialer", by), ("Fik fat i", reached)):
            sheet.cell(3, at[heading]).value = value
        book.save(path)
        record_calls(folder, path, settings)


def test_what_is_approved_reaches_the_server_once(tmp_path: Path, server: tuple[str, Path]) -> None:
    folder, settings = closed_vacancy(tmp_path, route="smtp", server=server[0])
    sending = sent(folder, settings, 9, by="MS")
    assert {each.what for each in sending.done} == {What.ACCEPTED_BY_SERVER}
    assert recipients(server[1]) == sorted(f"applicant{number}@example.com" for number in range(9))
    with pytest.raises(CommandRefused, match="found 0 letters that would go now"):
        sent(folder, settings, 9)
    assert len(recipients(server[1])) == 9
    found = states(folder, settings)
    assert found.pop(INTERVIEWED) == "call-not-made"
    assert set(found.values()) == {"answered_by_mail"}


def test_everything_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    sent(folder, settings, 3)
    paths = [settings.outputs, *settings.outputs.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}


def test_another_number_hands_over_nothing(tmp_path: Path, server: tuple[str, Path]) -> None:
    folder, settings = closed_vacancy(tmp_path, route="smtp", server=server[0])
    with pytest.raises(CommandRefused, match=r"--confirm 8: found 9 letters"):
        sent(folder, settings, 8)
    with open_ledger(settings) as ledger:
        assert ledger.events("ledig") == ()


def test_the_mail_of_an_interviewed_person_waits_for_the_call(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    assert [(each.id, each.reason) for each in Sending.of(folder, settings).box.held] == [(INTERVIEWED, "call-not-made")]
    called(folder, settings, ("2026-11-20", "MS", "nej"), ("2026-11-20", "MS", "nej"))
    assert [each.reason for each in Sending.of(folder, settings).box.held] == ["call-not-made"]
    called(folder, settings, ("2026-11-23", "MS", "nej"))
    assert INTERVIEWED in {each.id for each in Sending.of(folder, settings).box.ready}


def test_call_and_mail_close_the_case(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    called(folder, settings, ("2026-11-20", "MS", "ja"))
    assert states(folder, settings)[INTERVIEWED] == "letter-not-sent"
    record_answered(folder, [INTERVIEWED], What.SENT_BY_HAND, on=date(2026, 11, 20), by="MS", settings=settings)
    assert states(folder, settings)[INTERVIEWED] == "answered_by_call_and_mail"


def test_drafts_are_answers_only_when_somebody_says_they_went(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    sending = sent(folder, settings, 9)
    drafts = sorted((settings.outputs / "ledig" / "drafts").iterdir())
    assert (len(sending.done), len(drafts)) == (9, 9)
    assert b"X-Unsent: 1" in drafts[0].read_bytes()
    assert states(folder, settings)["10000"] == "drafted"
    today = read_dossier(folder, settings).now.date()
    recorded = record_answered(folder, ["all"], What.SENT_BY_HAND, on=today, by="MS", settings=settings)
    assert (recorded.written, states(folder, settings)["10000"]) == (9, "answered_by_mail")
    again = record_answered(folder, ["10000"], What.SENT_BY_HAND, on=today, by="MS", settings=settings)
    assert (again.written, again.already) == (0, 1)


def test_a_file_changed_after_the_check_is_not_handed_over(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    mail = next((settings.outputs / "ledig" / "mail").glob("*10000*"))
    mail.write_bytes(mail.read_bytes() + b"one more line")
    held = {each.id: each.reason for each in Sending.of(folder, settings).box.held}
    assert held["10000"] == "changed-since-made"


def test_only_and_limit_leave_the_rest_for_the_next_time(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    assert [each.id for each in sent(folder, settings, 1, only=frozenset({"10003"})).done] == ["10003"]
    assert len(sent(folder, settings, 2, limit=2).done) == 2
    with pytest.raises(CommandRefused, match="found 999"):
        Sending.of(folder, settings, only=frozenset({"999"}))


def test_a_hand_over_that_never_ended_is_a_doubt_nobody_repeats(tmp_path: Path, server: tuple[str, Path]) -> None:
    folder, settings = closed_vacancy(tmp_path, route="smtp", server=server[0])
    with open_ledger(settings) as ledger:
        keys = ledger.keys("ledig", {"10000": ("x", "applicant0@example.com")})
        ledger.append("ledig", [NewEvent(What.HANDING_OVER, keys["10000"], "2026-11-24T09:00:00+01:00", {"kind": "not_invited"})])
    sending = sent(folder, settings, 8)
    assert [(each.id, each.what) for each in sending.settled] == [("10000", What.UNCERTAIN)]
    assert "applicant0@example.com" not in recipients(server[1])
    assert states(folder, settings)["10000"] == "uncertain"
    record_retry(folder, ["10000"], by="MS", settings=settings)
    assert [each.id for each in sent(folder, settings, 1).done] == ["10000"]


def test_a_bounce_puts_the_person_back_among_the_open(tmp_path: Path, server: tuple[str, Path]) -> None:
    folder, settings = closed_vacancy(tmp_path, route="smtp", server=server[0])
    sent(folder, settings, 9)
    mail = next(each for each in mailbox.Maildir(server[1]) if each["X-RcptTo"] == "applicant3@example.com")
    raw = (
        f"From: MAILER-DAEMON@mx.test\r\nTo: {mail['X-MailFrom']}\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; applicant3@example.com\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <applicant3@example.com> user unknown\r\n\r\n--b--\r\n"
    )
    box = tmp_path / "bounces"
    box.mkdir()
    (box / "1.eml").write_bytes(raw.encode())
    (box / "2.eml").write_bytes(b"From: somebody@example.com\r\nTo: hr@sender.test\r\nSubject: Tak\r\n\r\nTak for svaret.\r\n")
    recorded = record_bounces(folder, read_messages(box), settings)
    assert (recorded.written, recorded.already, recorded.to_look_at) == (1, 0, ())
    assert states(folder, settings)["10003"] == "bounced"
    assert "550 5.1.1" in dict(recorded.open_again)["10003"]
    assert "correct the address in the export" in dict(recorded.open_again)["10003"]
    assert record_bounces(folder, read_messages(box), settings).already == 1
    with open_ledger(settings) as ledger:
        assert "applicant3" not in json.dumps([dict(event.details) for event in ledger.events("ledig")])


def returned(key: str, address: str, action: str, status: str) -> bytes:
    """What a mail server writes of a letter: given up (failed), or still tried (delayed)."""
    return (
        f"From: MAILER-DAEMON@mx.test\r\nTo: bounce+{key}@sender.test\r\nSubject: Delivery Status\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n'
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; {address}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
    ).encode()


def keys_sent(settings: Settings) -> list[str]:
    """The key of each letter the server took, in order."""
    with open_ledger(settings) as ledger:
        taken = [event for event in ledger.events("ledig") if event.what is What.ACCEPTED_BY_SERVER]
    return [str(event.details["message_id"]).strip("<>").partition("@")[0] for event in taken]


def test_a_notice_of_delay_does_not_hide_the_bounce_beside_it(tmp_path: Path, server: tuple[str, Path]) -> None:
    folder, settings = closed_vacancy(tmp_path, 3, route="smtp", server=server[0])
    sent(folder, settings, 1, only=frozenset({"10001"}))
    (key,) = keys_sent(settings)
    failed, delayed = (returned(key, "applicant1@example.com", *how) for how in (("failed", "5.1.1"), ("delayed", "4.4.1")))
    assert record_bounces(folder, [("1", failed), ("2", delayed)], settings).written == 1
    assert states(folder, settings)["10001"] == "bounced"


def test_a_late_bounce_of_an_earlier_letter_leaves_the_answer_given_after_it(tmp_path: Path, server: tuple[str, Path]) -> None:
    folder, settings = closed_vacancy(tmp_path, 3, route="smtp", server=server[0])
    sent(folder, settings, 1, only=frozenset({"10001"}))
    record_decision(folder, ["10001"], What.CANCELLED, reason="moved", by="MS", settings=settings)
    record_answered(folder, ["10001"], What.POSTED, on=date(2026, 11, 23), by="MS", settings=settings)
    (key,) = keys_sent(settings)
    recorded = record_bounces(folder, [("1", returned(key, "applicant1@example.com", "failed", "5.1.1"))], settings)
    assert recorded.open_again == (("10001", "an earlier letter came back (5.1.1); the answer given after it stands"),)
    assert states(folder, settings)["10001"] == "answered_by_post"


def test_a_letter_with_no_mail_of_ours_cannot_come_back(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    record_answered(folder, ["10001"], What.POSTED, on=date(2026, 11, 23), by="MS", settings=settings)
    recorded = record_bounces(folder, [("1", returned("0", "applicant1@example.com", "failed", "5.1.1"))], settings)
    assert (recorded.written, recorded.to_look_at) == (0, (("1", "no letter of this vacancy"),))


@pytest.mark.parametrize(
    ("address", "travels"), [("søren.æ@example.com", "søren.æ@example.com"), ("a@æblegård.dk", "a@xn--blegrd-luad.dk")]
)
def test_an_address_with_danish_letters_gets_its_mail(tmp_path: Path, server: tuple[str, Path], address: str, travels: str) -> None:
    folder, settings = closed_vacancy(tmp_path, 3, route="smtp", server=server[0])
    book = load_workbook(folder / "applicants.xlsx")
    book.active["E3"] = address
    book.save(folder / "applicants.xlsx")
    close_again(folder, settings)
    assert [each.what for each in sent(folder, settings, 1, only=frozenset({"10001"})).done] == [What.ACCEPTED_BY_SERVER]
    assert [str(make_header(decode_header(each))) for each in recipients(server[1])] == [travels]


def test_a_draft_did_not_go_before_the_deadline(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    sent(folder, settings, 3)
    given = GivenByHand(by_hand=["all"], on=date(2020, 1, 1), by="MS")
    with pytest.raises(CommandRefused, match=r"found 2020-01-01, expected a day after the deadline"):
        record_given(folder, given, settings)
    assert not any(told.written for told in read_dossier(folder, settings).histories.values())


def test_a_refused_mail_goes_again_only_when_a_person_says_so(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    letter = next(each.letter for each in read_dossier(folder, settings).outbox().ready if each.id == "10001")
    with open_ledger(settings) as ledger:
        key = ledger.keys("ledig", {"10001": ("x", "applicant1@example.com")})["10001"]
        at = "2026-11-23T09:00:00+01:00"
        ledger.append("ledig", [NewEvent(What.APPROVED, key, at, {"sha256": dict(letter.sha256)}), NewEvent(What.REFUSED, key, at)])
    assert [(each.id, each.reason) for each in Sending.of(folder, settings).box.held] == [("10001", "refused")]
    record_retry(folder, ["10001"], by="MS", settings=settings)
    assert "10001" in {each.id for each in Sending.of(folder, settings).box.ready}


def test_a_mail_to_a_corrected_address_goes_by_itself(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    with open_ledger(settings) as ledger:
        key = ledger.keys("ledig", {"10001": ("x", "applicant1@example.com")})["10001"]
        at, before = "2026-11-23T09:00:00+01:00", {"docx": "a", "pdf": "b", "eml": "made for the address that was wrong"}
        ledger.append("ledig", [NewEvent(What.APPROVED, key, at, {"sha256": before}), NewEvent(What.BOUNCED, key, at, {"permanent": True})])
    assert "10001" in {each.id for each in Sending.of(folder, settings).box.ready}


def test_a_draft_stays_one_when_its_letter_changes(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    assert len(sent(folder, settings, 3).next_steps) == 1
    toml = folder / "vacancy.toml"
    toml.write_text(re.sub(r"title = .*", 'title = "En anden titel"', toml.read_text("utf-8"), count=1), "utf-8")
    close_again(folder, settings)
    found = Sending.of(folder, settings)
    assert (found.box.ready, {each.reason for each in found.box.held}) == ((), {"drafted"})  # HR may have sent it
    record_retry(folder, ["10001"], by="MS", settings=settings)
    assert [each.id for each in Sending.of(folder, settings).box.ready] == ["10001"]


def test_a_changed_ledger_is_told_before_more_is_sent(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    sent(folder, settings, 1, limit=1)
    assert Sending.of(folder, settings).broken_link is None
    with sqlite3.connect(settings.outputs / "ledger.sqlite") as ledger:
        ledger.execute("update svar_events set at = '2026-01-01T09:00:00+01:00' where number = 2")
    assert Sending.of(folder, settings).broken_link == 2


def test_what_lies_ready_is_told_with_place_and_command(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    told = sent(folder, settings, 2, limit=2).report_object()
    assert told["next"] == [
        f"Drafts to open and send in your mail program: 2, in {settings.outputs / 'ledig' / 'drafts'}. "
        "Then: svar answered ledig --by-hand all --on DATE --by INITIALS"
    ]
    assert told["counts"]["ready"] == len(told["ready"])


def test_a_mailbox_address_with_a_login_in_it_is_refused() -> None:
    with pytest.raises(CommandRefused, match="found a login in the mailbox's address") as refused:
        messages_at("imaps://hr:hemmelig@mail.example/INBOX")
    assert "hemmelig" not in str(refused.value)


def test_answers_by_hand_need_initials_and_one_way(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    for given in (GivenByHand(by_hand=["10000"], by=" "), GivenByHand(by="MS"), GivenByHand(by_hand=["all"], posted=["all"], by="MS")):
        with pytest.raises(CommandRefused, match="expected initials and one of by hand or posted"):
            record_given(folder, given, settings)


def test_somebody_told_elsewhere_is_ended_with_date_and_initials(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    given = GivenByHand(elsewhere=["10002", INTERVIEWED], on=date(2026, 11, 20), by="MS")
    assert record_given(folder, given, settings).written == 2
    book = read_dossier(folder, settings).book()
    ended = {entry.id: entry for entry in book.entries if entry.id in ("10002", INTERVIEWED)}
    assert {entry.state for entry in ended.values()} == {EndState.ANSWERED_ELSEWHERE}
    assert {(entry.answered_on, entry.evidence[-1].what, entry.evidence[-1].by) for entry in ended.values()} == {
        (date(2026, 11, 20), "answered_elsewhere", "MS")
    }
    assert book.findings == ()
    box = Sending.of(folder, settings).box
    assert (len(box.ready), box.held, box.answered) == (8, (), 2)
    assert write_call_list(folder, settings)[1] == 0
    record_decision(folder, ["10002"], What.CANCELLED, reason="told somebody else", by="MS", settings=settings)
    assert states(folder, settings)["10002"] == "cancelled"


def test_told_elsewhere_needs_the_ids_of_those_told(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    with pytest.raises(CommandRefused, match="found all, expected ids of applicants of this vacancy"):
        record_given(folder, GivenByHand(elsewhere=["all"], by="MS"), settings)


def test_nobody_left_out_stands_on_the_call_list(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    assert write_call_list(folder, settings)[1] == 1
    record_decision(folder, [INTERVIEWED], What.LEFT_OUT, reason="withdrew by telephone", by="MS", settings=settings)
    assert write_call_list(folder, settings)[1] == 0


def test_somebody_left_out_is_ended_with_reason_and_initials(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    record_decision(folder, ["10002"], What.LEFT_OUT, reason="test application", by="MS", settings=settings)
    assert states(folder, settings)["10002"] == "left_out"
    assert "10002" not in {each.id for each in Sending.of(folder, settings).box.ready}


def test_a_cancelled_answer_is_owed_again(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    record_answered(folder, ["10002"], What.SENT_BY_HAND, on=date(2026, 11, 20), by="MS", settings=settings)
    with pytest.raises(CommandRefused, match="found an answer that was given"):
        record_decision(folder, ["10002"], What.LEFT_OUT, reason="x", by="MS", settings=settings)
    record_decision(folder, ["10002"], What.CANCELLED, reason="the wrong letter", by="MS", settings=settings)
    assert states(folder, settings)["10002"] == "cancelled"
    assert "10002" in {each.id for each in Sending.of(folder, settings).box.ready}


def test_an_answer_given_lately_for_another_job_is_told(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    with open_ledger(settings) as ledger:
        key = ledger.keys("en-anden", {"1": ("x", "applicant4@example.com")})["1"]
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        ledger.append("en-anden", [NewEvent(What.SENT_BY_HAND, key, now, {"kind": "not_invited"})])
    assert Sending.of(folder, settings).answered_lately == {"10004": "en-anden"}


def test_without_its_ledger_a_vacancy_that_handed_over_refuses_to_go_on(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    sent(folder, settings, 9)
    for file in settings.outputs.glob("ledger.sqlite*"):
        file.unlink()
    given = GivenByHand(by_hand=["10000"], by="MS")
    for act in (lambda: Sending.of(folder, settings), lambda: close_again(folder, settings), lambda: record_given(folder, given, settings)):
        with pytest.raises(SvarError, match="nobody is answered twice"):
            act()
        assert not (settings.outputs / "ledger.sqlite").exists()


def test_a_letter_that_went_is_not_made_again(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    record_answered(folder, ["10000"], What.SENT_BY_HAND, on=date(2026, 11, 20), by="MS", settings=settings)
    letter = next((settings.outputs / "ledig" / "letters").glob("*10000.docx"))
    before = letter.read_bytes()
    toml = folder / "vacancy.toml"
    toml.write_text(re.sub(r"title = .*", 'title = "En anden titel"', toml.read_text("utf-8"), count=1), "utf-8")
    closing = close_again(folder, settings)
    assert letter.read_bytes() == before
    assert len(closing.made) == 11


def test_faults_in_the_call_list_are_told_by_cell_and_nothing_is_written(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    path, number = write_call_list(folder, settings)
    assert number == 1
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet["F3"], sheet["H3"] = "2099-01-01", "måske"
    book.save(path)
    with pytest.raises(InputRefused) as refused:
        record_calls(folder, path, settings)
    assert [(fault.column, fault.code) for fault in refused.value.faults] == [
        ("Ringet den", "date-unreadable"), ("Initialer", "initials-missing"), ("Fik fat i", "reached-unknown"),
    ]  # fmt: skip
    assert states(folder, settings)[INTERVIEWED] == "call-not-made"


def test_a_list_with_calls_nobody_recorded_is_not_written_over(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path)
    path, _ = write_call_list(folder, settings)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet["F3"], sheet["G3"], sheet["H3"] = "2026-11-20", "MS", "ja"
    book.save(path)
    with pytest.raises(CommandRefused, match="1 calls that are not recorded yet"):
        write_call_list(folder, settings)


def test_letters_wait_for_working_hours(tmp_path: Path) -> None:
    now = lambda: datetime(2026, 11, 20, 12)  # noqa: E731
    assert good_time(datetime(2026, 11, 24, 9))
    for bad in ("2026-11-22 09:00", "2026-12-25 09:00", "2026-11-24 03:00"):
        with pytest.raises(CommandRefused, match="a working day between 7 and 19"):
            wait_until(bad, force=False, say=print, clock=now)
    with pytest.raises(CommandRefused, match="still to come"):
        wait_until("2026-11-19 09:00", force=True, say=print, clock=now)


def test_verifying_tells_a_lost_ledger_from_an_empty_one(tmp_path: Path) -> None:
    folder, settings = closed_vacancy(tmp_path, 3)
    empty = svar("ledger", "verify", where=tmp_path)
    assert (empty.returncode, "has no events yet" in empty.stderr.replace("\n", " ")) == (0, True)
    sent(folder, settings, 3)
    (settings.outputs / "ledger.sqlite").unlink()
    lost = svar("ledger", "verify", where=tmp_path)
    assert (lost.returncode, "Put it back before you go on" in lost.stderr.replace("\n", " ")) == (3, True)
