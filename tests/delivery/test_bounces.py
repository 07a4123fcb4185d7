"""What comes back is told apart: a letter that failed, one that waits, and everything that is no bounce."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.delivery.bounces import Sort, bounce_verdict
from flows.delivery.inbox import read_messages
from flows.roster.faults import SvarError
from tests.delivery.notices import KEY, LETTER_ID, letter, report, text

FAILED = """\
Reporting-MTA: dns; mx.nordvest.example
Original-Envelope-Id: 7f3a

Final-Recipient: rfc822; aase@POST.example
Original-Recipient: rfc822;aase@post.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <aase@post.example>: Recipient address
    rejected: User unknown
"""


def test_a_postfix_report_names_person_letter_and_reason() -> None:
    verdict = bounce_verdict(report(FAILED, returned=letter()))
    assert verdict.sort is Sort.PERMANENT
    assert verdict.recipients == ("aase@post.example",)
    assert (verdict.message_ids, verdict.envelope_keys, verdict.envelope_ids) == ((LETTER_ID,), (KEY,), ("7f3a",))
    assert (verdict.status, verdict.reason) == ("5.1.1", "550 5.1.1 <aase@post.example>: Recipient address rejected: User unknown")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Kan ikke leveres: Svar på din ansøgning", "Levering til disse modtagere eller grupper mislykkedes:\n\naase@post.example"),
        ("Undeliverable: Svar på din ansøgning", "Delivery has failed to these recipients or groups:\n\naase@post.example"),
    ],
)
def test_an_exchange_notice_is_read_in_danish_and_english(subject: str, words: str) -> None:
    sender = "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@post.example>"
    fields = (
        "Reporting-MTA: dns;MAIL01.post.example\n\nFinal-Recipient: rfc822;aase@post.example\nAction: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found\n"
    )
    verdict = bounce_verdict(
        report(fields, words=words, From=sender, Subject=subject, In_Reply_To=LETTER_ID, Auto_Submitted="auto-replied")
    )
    assert (verdict.sort, verdict.recipients, verdict.status) == (Sort.PERMANENT, ("aase@post.example",), "5.1.10")
    assert (verdict.message_ids, verdict.reply_ids) == ((), (LETTER_ID,))
    plain = bounce_verdict(text(words, From=sender, Subject=subject))
    assert (plain.sort, plain.recipients) == (Sort.PERMANENT, ("aase@post.example",))


EXIM = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  aase@post.example
    host mx.post.example [192.0.2.4]
    SMTP error from remote mail server after RCPT TO:<aase@post.example>:
    550 5.2.2 mailbox full

------ This is a copy of the message, including all the headers. ------

Return-path: <bounce+{key}@nordvest.example>
Message-ID: {letter}
From: HR <hr@nordvest.example>
To: aase@post.example

Tak for din ansøgning.
"""
QMAIL = """\
Hi. This is the qmail-send program at mx.nordvest.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<aase@post.example>:
192.0.2.4 does not like recipient.
Remote host said: 550 5.2.2 mailbox full

--- Below this line is a copy of the message.

Return-Path: <bounce+{key}@nordvest.example>
Message-ID: {letter}
To: aase@post.example

Tak for din ansøgning.
"""
GMAIL = """\
Delivery to the following recipient failed permanently:

     aase@post.example

Technical details of permanent failure:
The error that the other server returned was: 550 5.2.2 mailbox full

----- Original message -----

Received: by 192.0.2.8 with SMTP id a1
Message-ID: {letter}
To: aase@post.example

Tak for din ansøgning.
"""


@pytest.mark.parametrize(
    ("words", "sender", "subject"),
    [
        (EXIM, "Mail Delivery System <Mailer-Daemon@mx.nordvest.example>", "Mail delivery failed: returning message to sender"),
        (QMAIL, "MAILER-DAEMON@mx.nordvest.example", "failure notice"),
        (GMAIL, "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)"),
    ],
    ids=["exim", "qmail", "gmail"],
)
@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_a_notice_in_words_is_read_whatever_its_line_ends(words: str, sender: str, subject: str, ends: bytes) -> None:
    message = text(words.format(key=KEY, letter=LETTER_ID), From=sender, Subject=subject).replace(b"\n", ends)
    verdict = bounce_verdict(message)
    assert (verdict.sort, verdict.recipients, verdict.message_ids) == (Sort.PERMANENT, ("aase@post.example",), (LETTER_ID,))
    assert verdict.status == "5.2.2"
    assert "550 5.2.2 mailbox full" in verdict.reason


def test_a_notice_in_html_alone_is_read() -> None:
    mail = EmailMessage()
    mail["From"] = "postmaster@post.example"
    mail["Subject"] = "Undeliverable"
    mail.set_content("<p>Delivery has failed to:</p><p>aase@post.example<br>550 5.1.1 no such user</p>", subtype="html")
    verdict = bounce_verdict(mail.as_bytes())
    assert (verdict.sort, verdict.recipients, verdict.status) == (Sort.PERMANENT, ("aase@post.example",), "5.1.1")


def test_only_those_who_failed_are_named() -> None:
    waits = "\n\nFinal-Recipient: rfc822; bo@post.example\nAction: delayed\nStatus: 4.4.1\n"
    arrived = "\n\nFinal-Recipient: rfc822; ida@post.example\nAction: delivered\nStatus: 2.1.5\n"
    assert bounce_verdict(report(FAILED + waits + arrived)).recipients == ("aase@post.example",)


def test_a_forwarded_address_is_named_beside_the_first() -> None:
    fields = (
        "X: y\n\nOriginal-Recipient: rfc822;aase@post.example\nFinal-Recipient: rfc822;a77@Other.example\nAction: failed\nStatus: 5.0.0\n"
    )
    assert bounce_verdict(report(fields)).recipients == ("aase@post.example", "a77@other.example")


def test_a_server_that_gave_up_after_days_is_permanent() -> None:
    fields = "X: y\n\nFinal-Recipient: rfc822; aase@post.example\nAction: failed\nStatus: 4.4.7\n"
    assert bounce_verdict(report(fields)).sort is Sort.PERMANENT


def test_a_report_inside_a_filters_wrapper_is_read() -> None:
    shell = EmailMessage()
    shell["From"] = "postmaster@nordvest.example"
    shell["To"] = f"bounce+{KEY}@nordvest.example"
    shell["Subject"] = "Delivery Status Notification (Failure)"
    shell.set_content("This message was scanned.\n")
    shell.add_attachment(_parsed(report(FAILED, returned=letter())))
    verdict = bounce_verdict(shell.as_bytes())
    assert (verdict.sort, verdict.recipients, verdict.message_ids) == (Sort.PERMANENT, ("aase@post.example",), (LETTER_ID,))


DELAY_DA = "Levering til disse modtagere er forsinket:\n\naase@post.example\n\nServeren fortsætter med at forsøge. Du behøver ikke at sende igen.\n"
DELAY_EN = (
    "The address to which the message has not yet been delivered is:\n\n  aase@post.example\n    host mx.post.example: 450 try later\n\n"
    "No action is required on your part. Delivery attempts will continue for\nsome time.\n"
)


@pytest.mark.parametrize(
    "message",
    [
        report(
            "X: y\n\nFinal-Recipient: rfc822; aase@post.example\nAction: delayed\nStatus: 4.4.1\nWill-Retry-Until: Mon, 5 Oct 2026 12:00:00 +0200\n"
        ),
        text(DELAY_EN, From="Mailer-Daemon@mx.nordvest.example", Subject="Warning: message 1abc delayed 24 hours"),
        text(DELAY_DA, From="postmaster@post.example", Subject="Levering forsinket: Svar på din ansøgning"),
    ],
    ids=["report", "english", "danish"],
)
def test_a_letter_that_waits_has_not_come_back(message: bytes) -> None:
    verdict = bounce_verdict(message)
    assert (verdict.sort, verdict.recipients, verdict.envelope_keys) == (Sort.DELAYED, ("aase@post.example",), (KEY,))


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "Autosvar: Svar på din ansøgning"},
        {"Subject": "Ikke til stede"},
        {"Subject": "Svar", "Auto_Submitted": "auto-replied"},
        {"Subject": "Svar", "X_Autoreply": "yes"},
        {"Subject": "Svar", "Return_Path": "<>"},
    ],
    ids=str,
)
def test_an_absence_notice_is_an_auto_reply(headers: dict[str, str]) -> None:
    words = "Tak for din mail. Jeg er på ferie til 14. oktober. Skriv til bo@post.example, hvis det haster.\n"
    verdict = bounce_verdict(text(words, From="Åse <aase@post.example>", In_Reply_To=LETTER_ID, **headers))
    assert (verdict.sort, verdict.recipients) == (Sort.AUTO_REPLY, ())
    assert (verdict.reply_ids, verdict.envelope_keys) == ((LETTER_ID,), (KEY,))


def test_an_auto_reply_that_speaks_of_failure_is_none() -> None:
    words = "Jeg er stoppet. Denne adresse findes ikke længere, din mail blev ikke leveret: 550 5.1.1 aase@post.example\n"
    verdict = bounce_verdict(text(words, From="Åse <aase@post.example>", Subject="Autosvar", Auto_Submitted="auto-replied"))
    assert (verdict.sort, verdict.recipients) == (Sort.AUTO_REPLY, ())


DELIVERED = "X: y\n\nFinal-Recipient: rfc822; aase@post.example\nAction: {}\nStatus: 2.0.0\n"


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_notice_of_success_is_no_bounce(action: str) -> None:
    verdict = bounce_verdict(report(DELIVERED.format(action), returned=letter(), Subject="Delivery Status Notification"))
    assert (verdict.sort, verdict.recipients) == (Sort.NOT_A_BOUNCE, ())


@pytest.mark.parametrize(
    "words",
    [
        "Your message was successfully delivered to the following recipients:\n\naase@post.example\n",
        "Din meddelelse er leveret til følgende modtagere:\n\naase@post.example\n",
        "Delivery to these recipients is complete, but no delivery notification was sent:\n\naase@post.example\n",
    ],
)
def test_a_success_told_in_words_is_no_bounce(words: str) -> None:
    assert bounce_verdict(text(words, From="postmaster@post.example", Subject="Svar")).sort is Sort.NOT_A_BOUNCE


def test_some_arrived_and_some_failed_goes_to_a_person() -> None:
    words = "It was delivered to:\n\nbo@post.example\n\nIt could not be delivered to:\n\naase@post.example\n"
    assert bounce_verdict(text(words, From="postmaster@post.example", Subject="Svar")).sort is Sort.UNREADABLE


def test_a_complaint_is_no_bounce() -> None:
    fields = "Feedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: aase@post.example\n"
    verdict = bounce_verdict(report(fields, kind="feedback-report", returned=letter(), From="fbl@post.example", Subject="Complaint"))
    assert (verdict.sort, verdict.recipients, verdict.message_ids) == (Sort.NOT_A_BOUNCE, (), (LETTER_ID,))


@pytest.mark.parametrize("disposition", ["displayed", "deleted"])
def test_a_read_receipt_is_no_bounce(disposition: str) -> None:
    fields = f"Final-Recipient: rfc822; aase@post.example\nDisposition: automatic-action/MDN-sent-automatically; {disposition}\n"
    verdict = bounce_verdict(report(fields, kind="disposition-notification", From="aase@post.example", Subject="Ikke læst: Svar"))
    assert (verdict.sort, verdict.recipients) == (Sort.NOT_A_BOUNCE, ())


@pytest.mark.parametrize("sender", ["aase@post.example", "Mailer-Daemon <challenge@post.example>"])
def test_a_challenge_is_no_bounce(sender: str) -> None:
    words = "Your message to aase@post.example was not delivered. Reply to prove you are human.\n"
    assert bounce_verdict(text(words, From=sender, Subject="Please confirm your message")).sort is Sort.NOT_A_BOUNCE


def test_an_answer_that_quotes_a_bounce_is_none() -> None:
    quoted = "Jeg fik denne besked, hvad gør jeg?\n\n" + "".join(
        f"> {line}\n" for line in EXIM.format(key=KEY, letter=LETTER_ID).split("\n")
    )
    answer = text(
        quoted, From="Bo <bo@post.example>", Subject="SV: Mail delivery failed", In_Reply_To=LETTER_ID, Message_ID="<1@post.example>"
    )
    assert (bounce_verdict(answer).sort, bounce_verdict(answer).recipients) == (Sort.NOT_A_BOUNCE, ())


def test_a_bounce_sent_on_by_a_person_is_none() -> None:
    mail = EmailMessage()
    mail["From"] = "Bo <bo@nordvest.example>"
    mail["Subject"] = "VS: Undelivered Mail"
    mail.set_content("Se vedhæftede.\n")
    mail.add_attachment(_parsed(report(FAILED, returned=letter())))
    assert (bounce_verdict(mail.as_bytes()).sort, bounce_verdict(mail.as_bytes()).recipients) == (Sort.NOT_A_BOUNCE, ())


def test_an_ordinary_answer_is_no_bounce() -> None:
    verdict = bounce_verdict(text("Tak for svaret.\n\nÅse\n", From="Åse <aase@post.example>", Subject="Re: Svar", References=LETTER_ID))
    assert (verdict.sort, verdict.reply_ids) == (Sort.NOT_A_BOUNCE, (LETTER_ID,))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a mail",
        text("Something went wrong.\n", From="MAILER-DAEMON@mx.nordvest.example", Subject="Mail"),
        text("Your mail could not be delivered.\n", From="MAILER-DAEMON@mx.nordvest.example", Subject="failure notice"),
        text("<aase@post.example>: 550 no such user\n", From="service@post.example", Subject="Returned mail"),
        report("X: y\n\nFinal-Recipient: rfc822; aase\nAction: failed\nStatus: 5.1.1\n"),
        report("X: y\n\nFinal-Recipient: rfc822; aase@post.example\nAction: failed\nStatus: 2.0.0\n", words="?", Subject="?"),
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (deep, deep) for deep in range(3000)),
    ],
    ids=["empty", "outlook file", "no fate", "no recipient", "doubtful sender", "no address", "contradiction", "nested without end"],
)
def test_what_cannot_be_read_goes_to_a_person(message: bytes) -> None:
    assert bounce_verdict(message).sort is Sort.UNREADABLE


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_key_is_found_in_every_place_of_an_address(header: str) -> None:
    mail = EmailMessage()
    mail[header] = "bounce+AB12cd@nordvest.example"
    assert bounce_verdict(mail.as_bytes() + b"\n").envelope_keys == ("ab12cd",)


@given(st.binary(max_size=400))
def test_no_bytes_raise(message: bytes) -> None:
    bounce_verdict(message)


@given(st.binary(max_size=60), st.integers(0, 2000), st.integers(0, 40))
def test_no_damaged_report_raises(rubbish: bytes, place: int, length: int) -> None:
    whole = report(FAILED, returned=letter())
    bounce_verdict(whole[:place] + rubbish + whole[place + length :])


def test_the_messages_of_a_folder_come_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(b"Subject: b\n\nb\n")
    (tmp_path / "a").write_bytes(b"Subject: a\n\na\n")
    (tmp_path / "c.eml").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(b"x")
    assert list(read_messages(tmp_path)) == [("a", b"Subject: a\n\na\n"), ("b.eml", b"Subject: b\n\nb\n"), ("c.eml", b"")]
    assert list(read_messages(tmp_path / "a")) == [("a", b"Subject: a\n\na\n")]


def test_a_maildir_is_read_in_cur_and_new(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1757.host").write_bytes(b"Subject: x\n\n" + folder.encode())
    assert [place for place, _ in read_messages(tmp_path)] == ["cur/1757.host", "new/1757.host"]


def test_an_mbox_is_parted_at_its_envelope_lines(tmp_path: Path) -> None:
    box = tmp_path / "bounces.mbox"
    box.write_bytes(
        b"From MAILER-DAEMON Mon Oct  5 12:00:00 2026\nSubject: 1\n\nFrom here on\n>From there\n\n"
        b"From x@y.example Mon Oct  5 12:00:01 2026\nSubject: 2\n\ntwo\n"
    )
    assert list(read_messages(box)) == [
        ("bounces.mbox message 1", b"Subject: 1\n\nFrom here on\nFrom there\n\n"),
        ("bounces.mbox message 2", b"Subject: 2\n\ntwo\n"),
    ]


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SvarError, match=r"nowhere: found nothing there, expected a folder of messages"):
        list(read_messages(tmp_path / "nowhere"))


def test_a_folder_without_messages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SvarError, match=r"found no message, expected at least one"):
        list(read_messages(tmp_path))


def _parsed(message: bytes) -> EmailMessage:
    mail = message_from_bytes(message, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
