"""What became of a hand-over, against servers that do the worst at each moment."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flows.delivery.smtp import MailServer, Parcel, Reply, Result, Server, ServerTrouble, as_sent
from flows.roster.faults import SvarError

PARCEL = Parcel("bounce+ab@firm.example", "aase@example.com", "", b"Subject: x\r\n\r\n.begins with a dot\r\nend", "ab")
GOOD = {
    "EHLO": "250-mx\r\n250 8BITMIME",
    "RSET": "250 ok",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 queued as 7",
    "QUIT": "221 bye",
}
CUT, SILENT = "cut", "silent"


class Scripted(threading.Thread):
    """A mail server that answers each command as it is told: a reply, `cut` (the line breaks) or `silent`."""

    def __init__(self, **answers: str) -> None:
        super().__init__(daemon=True)
        self.answers = GOOD | {("." if key == "dot" else key): value for key, value in answers.items()}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.commands: list[str] = []
        self.letters: list[bytes] = []

    def run(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            with line, line.makefile("rb") as told:
                line.sendall(b"220 mx.test\r\n")
                self.converse(line, told)

    def converse(self, line: socket.socket, told: object) -> None:
        for raw in told:  # type: ignore[attr-defined]
            command = raw.decode().split(None, 1)[0].upper()
            self.commands.append(raw.decode().strip())
            answer = self.answers.get(command, "500 what")
            if not self.say(line, answer):
                return
            if command == "DATA" and answer.startswith("354"):
                letter = b""
                while not letter.endswith(b"\r\n.\r\n"):
                    letter = letter[-4:] if self.answers.get("body") == CUT else letter
                    more = next(iter(told), b"")  # type: ignore[call-overload]
                    if not more:
                        return  # the line broke: a letter without an end is thrown away
                    letter += more
                    if self.answers.get("body") == CUT:
                        line.shutdown(socket.SHUT_RDWR)
                        return
                self.letters.append(letter)
                if not self.say(line, self.answers["."]):
                    return

    @staticmethod
    def say(line: socket.socket, answer: str) -> bool:
        if answer == CUT:
            line.shutdown(socket.SHUT_RDWR)
            return False
        if answer != SILENT:
            line.sendall(f"{answer}\r\n".encode())
        return True


@contextmanager
def server(**answers: str) -> Iterator[tuple[Scripted, MailServer]]:
    scripted = Scripted(**answers)
    scripted.start()
    address = f"smtp://127.0.0.1:{scripted.listener.getsockname()[1]}"
    try:
        with MailServer(Server(address, last_reply_seconds=0.5), pause=lambda _: None) as mail:
            yield scripted, mail
    finally:
        scripted.listener.close()


def handed_over(parcel: Parcel = PARCEL, **answers: str) -> tuple[Reply, Scripted]:
    with server(**answers) as (scripted, mail):
        return mail.hand_over(parcel, begin=lambda: None), scripted


def test_a_letter_taken_is_accepted_with_the_servers_words() -> None:
    reply, scripted = handed_over()
    assert (reply.result, reply.reply) == (Result.ACCEPTED, "250 queued as 7")
    assert scripted.letters == [b"Subject: x\r\n\r\n..begins with a dot\r\nend\r\n.\r\n"]


@pytest.mark.parametrize("answers", [{"RCPT": "550 no such user"}, {"DATA": "554 no"}, {"dot": "554 spam"}], ids=str)
def test_a_five_hundred_is_refused_and_never_tried_again(answers: dict[str, str]) -> None:
    reply, scripted = handed_over(**answers)
    assert reply.result is Result.REFUSED
    assert sum(each.upper().startswith("RCPT") for each in scripted.commands) == 1


@pytest.mark.parametrize("answers", [{"RCPT": "451 later"}, {"DATA": "451 later"}, {"dot": "452 full"}, {"MAIL": "451 later"}], ids=str)
def test_a_four_hundred_is_tried_again_and_then_put_off(answers: dict[str, str]) -> None:
    reply, scripted = handed_over(**answers)
    assert reply.result is Result.DEFERRED
    assert sum(each.upper().startswith("MAIL") for each in scripted.commands) == 3


@pytest.mark.parametrize("answers", [{"body": CUT}, {"DATA": CUT}, {"RCPT": CUT}], ids=str)
def test_a_line_cut_before_the_final_dot_is_safe_to_try_again(answers: dict[str, str]) -> None:
    long = Parcel(PARCEL.sender, PARCEL.recipient, "", b"Subject: x\r\n\r\n" + b"a line of a long letter\r\n" * 400_000, "ab")
    assert handed_over(long, **answers)[0].result is Result.DEFERRED


@pytest.mark.parametrize("answer", [CUT, SILENT, "hello there", "999 ?"])
def test_no_clear_answer_after_the_final_dot_is_a_doubt_and_is_left_alone(answer: str) -> None:
    reply, scripted = handed_over(dot=answer)
    assert reply.result is Result.UNCERTAIN
    assert len(scripted.letters) == 1


def test_a_letter_whose_intent_cannot_be_written_is_never_ended() -> None:
    def no_ledger() -> None:
        raise SvarError("the disk is full")

    with server() as (scripted, mail):
        with pytest.raises(SvarError, match="the disk is full"):
            mail.hand_over(PARCEL, begin=no_ledger)
        assert mail.hand_over(PARCEL, begin=lambda: None).result is Result.ACCEPTED
    assert len(scripted.letters) == 1


@pytest.mark.parametrize("answers", [{"RCPT": "550 no such user"}, {"DATA": "451 later"}, {"RCPT": CUT}], ids=str)
def test_what_ends_before_the_letter_was_never_begun(answers: dict[str, str]) -> None:
    begun: list[str] = []
    with server(**answers) as (_, mail):
        mail.hand_over(PARCEL, begin=lambda: begun.append("begun"))
    assert begun == []


@pytest.mark.parametrize(
    "answers",
    [
        {"MAIL": "452 4.3.1 quota exceeded"},
        {"RCPT": "550 5.4.5 Daily user sending quota exceeded"},
        {"dot": "554 5.2.0 SubmissionQuotaExceededException; the daily submission quota of this sender"},
        {"dot": "550 hourly sending limit reached"},
        {"RCPT": "554 5.7.1 Relay access denied"},
    ],
    ids=str,
)
def test_a_reply_about_us_stops_the_run_and_refuses_nobody(answers: dict[str, str]) -> None:
    with pytest.raises(ServerTrouble, match="Nobody was refused; mend that"):
        handed_over(**answers)


@pytest.mark.parametrize("said", ["552 5.2.2 mailbox over quota", "552 the mailbox of this user is over its quota", "550 5.2.1 disabled"])
def test_a_full_mailbox_is_about_the_applicant_alone(said: str) -> None:
    assert handed_over(RCPT=said)[0].result is Result.REFUSED


def test_the_line_is_used_again_for_the_next_letter() -> None:
    with server() as (scripted, mail):
        assert [mail.hand_over(PARCEL, begin=lambda: None).result for _ in range(3)] == [Result.ACCEPTED] * 3
    assert sum(each.lower().startswith("ehlo") for each in scripted.commands) == 1


def test_a_journal_copy_travels_in_the_same_transaction() -> None:
    parcel = Parcel(PARCEL.sender, PARCEL.recipient, "journal@firm.example", PARCEL.content, "ab")
    _, scripted = handed_over(parcel)
    assert [each.upper() for each in scripted.commands if each.upper().startswith("RCPT")] == [
        "RCPT TO:<JOURNAL@FIRM.EXAMPLE>",
        "RCPT TO:<AASE@EXAMPLE.COM>",
    ]
    assert len(scripted.letters) == 1


def test_a_refused_journal_address_refuses_nobody() -> None:
    parcel = Parcel(PARCEL.sender, PARCEL.recipient, "journal@firm.example", PARCEL.content, "ab")
    with server(RCPT="550 no") as (scripted, mail), pytest.raises(ServerTrouble, match="our own journal address"):
        mail.hand_over(parcel, begin=lambda: None)
    assert scripted.letters == []


def test_what_the_server_offers_ties_bounces_to_their_letter() -> None:
    _, scripted = handed_over(EHLO="250-mx\r\n250 DSN")
    assert "MAIL FROM:<bounce+ab@firm.example> RET=HDRS ENVID=ab".lower() in [each.lower() for each in scripted.commands]


def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    parcel = Parcel(PARCEL.sender, "åse@example.com", "", PARCEL.content, "ab")
    assert handed_over(parcel)[0].result is Result.REFUSED
    reply, scripted = handed_over(parcel, EHLO="250-mx\r\n250 SMTPUTF8")
    assert reply.result is Result.ACCEPTED
    assert any("SMTPUTF8" in each for each in scripted.commands)


def test_nobody_is_refused_because_the_server_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with MailServer(Server(f"smtp://127.0.0.1:{port}"), pause=lambda _: None) as mail, pytest.raises(ServerTrouble, match="cannot be used"):
        mail.open()


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA"])
def test_a_login_the_server_wants_first_stops_the_run(where: str) -> None:
    with (
        server(**{where: "530 5.7.0 Authentication required"}) as (_, mail),
        pytest.raises(ServerTrouble, match=r"wants a login: .+ SVAR_SMTP_USER"),
    ):
        mail.hand_over(PARCEL, begin=lambda: None)


def test_without_tls_no_letter_leaves_this_machine() -> None:
    from flows.delivery.smtp import _refuse_open_line

    class Open:
        sock = None

        def close(self) -> None:
            pass

    with pytest.raises(ServerTrouble, match="offers no TLS"):
        _refuse_open_line(Open(), "mail.firm.example")  # type: ignore[arg-type]


def test_the_draft_travels_as_approved_but_for_its_date_and_id() -> None:
    draft = (
        b"From: a@b.example\r\nSubject: lang\r\n emnelinje\r\nDate: old\r\nMessage-ID: <old@b>\r\nX-Unsent: 1\r\n\r\nDate: in the body\r\n"
    )
    sent = as_sent(draft, message_id="<new@b>", date="Tue, 24 Nov 2026 09:00:00 +0100")
    assert sent == (
        b"From: a@b.example\r\nSubject: lang\r\n emnelinje\r\nDate: Tue, 24 Nov 2026 09:00:00 +0100\r\nMessage-ID: <new@b>\r\nAuto-Submitted: no\r\n\r\nDate: in the body\r\n"
    )


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that nobody has signed but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "both.pem").write_bytes(pem)
    return tmp_path / "both.pem"


@contextmanager
def tls_server(certificate: Path) -> Iterator[str]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Sink(), hostname="127.0.0.1", port=port, ssl_context=context)
    controller.start()
    yield f"smtps://localhost:{port}"
    controller.stop()


def test_a_certificate_nobody_signed_is_refused(certificate: Path) -> None:
    with (
        tls_server(certificate) as url,
        MailServer(Server(url)) as mail,
        pytest.raises(ServerTrouble, match=r"self-signed certificate\. Nothing left\. .+ SSL_CERT_FILE"),
    ):
        mail.hand_over(PARCEL, begin=lambda: None)


def test_a_certificate_we_trust_carries_the_letter(certificate: Path) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate))
    with tls_server(certificate) as url, MailServer(Server(url), context=trusted) as mail:
        reply = mail.hand_over(PARCEL, begin=lambda: None)
    assert (reply.result, reply.tls) == (Result.ACCEPTED, "TLSv1.3")


@pytest.mark.parametrize("line_end", ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r\n"], ids=repr)
def test_no_letter_can_end_itself_and_smuggle_another(line_end: str) -> None:
    smuggled = f"Subject: x\r\n\r\nhello{line_end}MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nsecond".encode()
    reply, scripted = handed_over(Parcel(PARCEL.sender, PARCEL.recipient, "", smuggled, "ab"))
    assert reply.result is Result.ACCEPTED
    assert len(scripted.letters) == 1
    assert scripted.letters[0].count(b"\r\n.\r\n") == 1
    assert b"victim" in scripted.letters[0]
    assert not any("victim" in command for command in scripted.commands)
