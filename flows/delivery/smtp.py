"""Handing a mail to the firm's mail server, so that it is known what happened: taken, refused, not now, or only the server knows.

One connection is reused. The final dot is sent apart from the letter: an error before it means the
letter was not handed over; silence after it means that only the server knows (RFC 5321, 4.2.5 and 6.1).
So the intent is written down between the two: whatever ends before it has handed nothing over.
"""

from __future__ import annotations

import re
import select
import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from flows.roster.faults import SvarError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CONNECT_SECONDS = 30
_LAST_REPLY_SECONDS = 600  # RFC 5321 4.5.3.2.6: a shorter wait makes doubts
_REPLACED = frozenset({b"x-unsent", b"message-id", b"date", b"auto-submitted"})
_LOGIN = frozenset({530, 534, 535, 538})
_OUR_QUOTA = re.compile(
    r"(?i)\b[45]\.4\.5\b|submission ?quota|\b(?:sending|submission|daily|hourly|outgoing|outbound)\b.{0,40}\b(?:quota|limits?|rate)\b"
    r"|\b(?:quota|limits?|rate)\b.{0,30}\bof (?:the |this |your )?(?:sender|account)\b|too many messages"
)
_THEIR_MAILBOX = re.compile(r"\b[45]\.2\.[0-9]\b|(?i:mailbox|recipient)")
_NO_RELAY = re.compile(
    r"(?i)\brelay(?:ing)?\b.{0,40}\b(?:denied|not permitted|not allowed|prohibited|disabled)|authentication (?:is )?required"
)
_PAUSES = (2.0, 10.0)  # seconds before a letter the server could not take now is tried again


class Result(StrEnum):
    """What became of a hand-over."""

    ACCEPTED = "accepted_by_server"
    REFUSED = "refused"  # 5xx: the server will never take it
    DEFERRED = "deferred"  # 4xx, or the line broke before the letter was whole
    UNCERTAIN = "uncertain"  # the final dot went, no reply came


@dataclass(frozen=True, slots=True)
class Reply:
    """The result, with the server's own words."""

    result: Result
    reply: str
    tls: str = ""


class ServerTrouble(SvarError):
    """The server as a whole cannot be used: connection, certificate, login, quota. Nobody is refused for it."""


@dataclass(frozen=True, slots=True)
class Server:
    """The firm's mail server."""

    url: str  # smtp://host:port (STARTTLS, plain only on loopback) or smtps://host:port
    user: str = ""
    password: str = ""
    per_minute: int = 0  # letters; 0: as fast as it goes
    last_reply_seconds: float = _LAST_REPLY_SECONDS


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail on its way."""

    sender: str  # envelope sender, of this letter alone: bounce+<key>@...
    recipient: str
    journal: str  # second recipient in the same transaction; empty: none
    content: bytes
    envelope_id: str


class MailServer:
    """A connection, opened when it is first needed and again when it broke. Use as a context manager."""

    def __init__(self, server: Server, *, context: ssl.SSLContext | None = None, pause: Callable[[float], None] = time.sleep) -> None:
        self._server, self._pause = server, pause
        self._context = context or ssl.create_default_context()
        self._smtp: smtplib.SMTP | None = None
        self._last = 0.0
        self._has_taken = False  # the server has taken a letter of this sending

    def __enter__(self) -> MailServer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._smtp.close()
            self._smtp = None

    def open(self) -> None:
        """Makes sure there is a connection. Raises ServerTrouble."""
        if self._smtp is None:
            self._smtp = self._connected()

    def hand_over(self, parcel: Parcel, *, begin: Callable[[], None]) -> Reply:
        """What became of the letter. Tried again after a pause when the server cannot take it now. Raises ServerTrouble.

        `begin` writes the intent down. It is called when the server has all of the letter but its end, at each try that comes so far;
        what it raises is raised here, the line is cut, and the server takes nothing.
        """
        self._keep_pace()
        try:
            reply = self._once(parcel, begin)
            for pause in _PAUSES:
                if reply.result is not Result.DEFERRED:
                    break
                self._pause(pause)
                reply = self._once(parcel, begin)
        except BaseException:
            self._drop()  # no further word on a line that may be in the middle of a letter
            raise
        return reply

    def _keep_pace(self) -> None:
        if self._server.per_minute:
            self._pause(max(0.0, self._last + 60 / self._server.per_minute - time.monotonic()))
        self._last = time.monotonic()

    def _once(self, parcel: Parcel, begin: Callable[[], None]) -> Reply:
        self.open()
        smtp = self._smtp
        assert smtp is not None
        tls = _tls_of(smtp)
        try:
            refusal = self._envelope(smtp, parcel)
            if refusal is None:
                code, said = smtp.docmd("DATA")
                refusal = None if code == 354 else (code, said)
            if refusal is not None:
                return self._given_up(smtp, *refusal, tls)
            body = _quoted(parcel.content)
            smtp.send(body if body.endswith(b"\r\n") else body + b"\r\n")
            _refuse_early_word(smtp)
            begin()
            _refuse_early_word(smtp)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Reply(Result.DEFERRED, _said(error), tls)
        return self._last_reply(smtp, tls)

    def _last_reply(self, smtp: smtplib.SMTP, tls: str) -> Reply:
        """From here on the letter is whole at the server's end: an error is a doubt."""
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.last_reply_seconds)
            smtp.send(b".\r\n")
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Reply(Result.UNCERTAIN, _said(error), tls)
        if smtp.sock is not None:
            smtp.sock.settimeout(_CONNECT_SECONDS)
        text = _line(code, said)
        if 200 <= code < 300:
            self._has_taken = True
            return Reply(Result.ACCEPTED, text, tls)
        self._refuse_trouble(code, text)
        if 400 <= code < 600:
            if code == 421:
                self._drop()
            return Reply(Result.DEFERRED if code < 500 else Result.REFUSED, text, tls)
        self._drop()
        return Reply(Result.UNCERTAIN, text or "an answer that is none", tls)  # nonsense: only the server knows

    def _envelope(self, smtp: smtplib.SMTP, parcel: Parcel) -> tuple[int, bytes] | None:
        """MAIL FROM and every RCPT TO; the first reply that is no yes, or None. DATA follows only when all were accepted."""
        options, recipient_options = [], []
        smtp.rset()
        if smtp.has_extn("dsn"):
            options += ["RET=HDRS", f"ENVID={parcel.envelope_id}"]
            recipient_options = ["NOTIFY=FAILURE,DELAY"]
        if not (parcel.recipient.isascii() and parcel.sender.isascii()):
            if not smtp.has_extn("smtputf8"):
                return 550, b"the server does not take addresses with letters beyond ASCII (SMTPUTF8)"
            options.append("SMTPUTF8")
        code, said = smtp.mail(parcel.sender, options)
        if code != 250:
            self._refuse_trouble(code, _line(code, said))
            if code >= 500 and "SMTPUTF8" not in options:
                raise ServerTrouble(f"The mail server does not take our sender: {_line(code, said)}. Look at `from` in organisation.toml.")
            return code, said
        if parcel.journal:
            code, said = smtp.rcpt(parcel.journal, recipient_options)
            if code not in (250, 251):
                raise ServerTrouble(f"The mail server does not take our own journal address: {_line(code, said)}. Nobody was refused.")
        code, said = smtp.rcpt(parcel.recipient, recipient_options)
        return None if code in (250, 251) else (code, said)

    def _given_up(self, smtp: smtplib.SMTP, code: int, said: bytes, tls: str) -> Reply:
        text = _line(code, said)
        self._refuse_trouble(code, text)
        if code == 421 or code < 200:
            self._drop()
            return Reply(Result.DEFERRED, text, tls)
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        return Reply(Result.REFUSED if code >= 500 else Result.DEFERRED, text, tls)

    def _refuse_trouble(self, code: int, text: str) -> None:
        """Raises ServerTrouble where a reply is about us, not about the applicant: login, our quota, a server that relays nothing of ours."""
        if code in _LOGIN:
            raise ServerTrouble(f"The mail server wants a login: {text}. Look at SVAR_SMTP_USER and SVAR_SMTP_PASSWORD.")
        no_relay = code >= 500 and not self._has_taken and _NO_RELAY.search(text)
        no_room = code in (452, 552) and "quota" in text.lower() and not _THEIR_MAILBOX.search(text)
        if no_relay or no_room or (code >= 400 and _OUR_QUOTA.search(text)):
            raise ServerTrouble(f"The mail server refuses us: {text}. Nobody was refused; mend that, then run the same command again.")

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _connected(self) -> smtplib.SMTP:
        address = urlsplit(self._server.url)
        host = address.hostname or ""
        try:
            if address.scheme == "smtps":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, address.port or 465, timeout=_CONNECT_SECONDS, context=self._context)
            else:
                smtp = smtplib.SMTP(host, address.port or 25, timeout=_CONNECT_SECONDS)
            smtp.ehlo()
            if address.scheme == "smtp" and smtp.has_extn("starttls") and (host not in _LOOPBACK or self._server.user):
                smtp.starttls(context=self._context)
                smtp.ehlo()
            _refuse_open_line(smtp, host)
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            raise ServerTrouble(
                f"The mail server does not accept the login: {error.smtp_code}. Look at SVAR_SMTP_USER and SVAR_SMTP_PASSWORD."
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise ServerTrouble(
                f"The mail server {host} has a certificate that cannot be trusted: {error.verify_message}. Nothing left. "
                "Is it the firm's own, name the file with the firm's authority in SSL_CERT_FILE."
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise ServerTrouble(
                f"The mail server {host} cannot be used: {_said(error)}. Nothing was lost; run the same command again."
            ) from error
        return smtp


def _refuse_early_word(smtp: smtplib.SMTP) -> None:
    if smtp.sock is not None and select.select([smtp.sock], [], [], 0)[0]:
        raise smtplib.SMTPServerDisconnected("the server spoke, or left, before the letter was whole")


def _refuse_open_line(smtp: smtplib.SMTP, host: str) -> None:
    if host not in _LOOPBACK and not _tls_of(smtp):
        smtp.close()
        raise ServerTrouble(
            f"The mail server {host} offers no TLS, and letters about people never travel open. Use smtps:// or a server with STARTTLS."
        )


def _tls_of(smtp: smtplib.SMTP) -> str:
    version = getattr(smtp.sock, "version", None)
    return str(version()) if callable(version) else ""


def _quoted(content: bytes) -> bytes:
    """Line ends as the protocol wants them, a dot at a line's beginning doubled (RFC 5321, 4.5.2)."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


def _line(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"[:400]


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:200]


def as_sent(draft: bytes, *, message_id: str, date: str) -> bytes:
    """The bytes that travel: the approved draft, no longer marked as one, with its Message-ID and date of sending."""
    head, gap, body = draft.partition(b"\r\n\r\n")
    kept = [line for line in re.split(rb"\r\n(?![ \t])", head) if line.partition(b":")[0].strip().lower() not in _REPLACED]
    # RFC 3834: a person approved it and reads the replies, so it is no automatic mail.
    kept += [f"Date: {date}".encode(), f"Message-ID: {message_id}".encode(), b"Auto-Submitted: no"]
    return b"\r\n".join(kept) + gap + body
