"""The mail of a letter: one .eml per person, the words of the Word file as plain text and HTML."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from html import unescape

_PLAIN_ID = re.compile(r"<[0-9a-f]{32}@[a-z0-9.-]{1,30}>")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and about what."""

    sender: str  # "HR, Nordvest Energi <hr@nordvest.example>"
    reply_to: str
    to_name: str
    to_address: str
    subject: str
    language: str
    message_id: str
    written: datetime


def message_id(vacancy: str, applicant: str, kind: str, sender: str) -> str:
    """The Message-ID of a letter, the same every time it is made: it carries no name and no id anyone could read."""
    key = hashlib.sha256("\x00".join((vacancy, applicant, kind)).encode()).hexdigest()[:32]
    domain = _address(sender).domain
    return f"<{key}@{domain}>"


def mail_text(paragraphs: tuple[str, ...]) -> str:
    """The plain part: the paragraphs of the letter, a blank line between them."""
    return "\n\n".join(re.sub(r"[ \t]+", " ", paragraph).strip() for paragraph in paragraphs) + "\n"


def html_words(page: str) -> str:
    """The words of an HTML page as text, for reading it back."""
    body = re.sub(r"<(style|head|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body))


def draft(envelope: Envelope, plain: str, page: str, attachment: tuple[str, bytes] | None) -> bytes:
    """The bytes of a ready draft (X-Unsent: opens for sending in Outlook and Thunderbird); the same words give the same bytes.

    Every header is written by the standard library, which refuses a line break in one; those that are
    the same in all mails are written once. The parts are put together here, which is ten times as fast.
    """
    digest = hashlib.sha256((envelope.message_id + plain).encode()).hexdigest()[:24]
    headers = [
        _mailbox("From", envelope.sender),
        _header("To", Address(envelope.to_name, addr_spec=envelope.to_address)),
        _mailbox("Reply-To", envelope.reply_to) if envelope.reply_to else b"",
        _lasting_header("Subject", envelope.subject),
        _lasting_header("Date", format_datetime(envelope.written)),
        _message_id_header(envelope.message_id),
        _lasting_header("Content-Language", envelope.language),
        b"X-Unsent: 1\r\nMIME-Version: 1.0\r\n",
    ]
    both = [_text_part("plain", plain), _text_part("html", page)]
    body = _several("alternative", both, f"=_svar_{digest}_{int(attachment is not None)}")
    if attachment:
        body = _several("mixed", [body, _file_head(attachment[0]) + _base64(attachment[1])], f"=_svar_{digest}_0")
    return b"".join(headers) + body


def _header(name: str, value: str | Address) -> bytes:
    """One header as it is sent. Raises ValueError for a value with a line break in it."""
    folded: bytes = SMTP.fold_binary(*SMTP.header_store_parse(name, value))
    return folded


def _message_id_header(written: str) -> bytes:
    if _PLAIN_ID.fullmatch(written):  # our own (message_id); the standard library would take it apart and find the same
        return b"Message-ID: %s\r\n" % written.encode()
    return _header("Message-ID", written)


@lru_cache(maxsize=64)
def _lasting_header(name: str, value: str) -> bytes:
    return _header(name, value)


@lru_cache(maxsize=64)
def _mailbox(name: str, written: str) -> bytes:
    return _header(name, _address(written))


def _several(sort: str, parts: list[bytes], boundary: str) -> bytes:
    """The parts as one, from its Content-Type on (RFC 2046, 5.1)."""
    mark = b"\r\n--" + boundary.encode()
    head = f'Content-Type: multipart/{sort};\r\n boundary="{boundary}"\r\n'.encode()
    return head + b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"


def _text_part(sort: str, text: str) -> bytes:
    head = f'Content-Type: text/{sort}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(b"\r\n".join(text.encode().splitlines()) + b"\r\n")


@lru_cache(maxsize=64)
def _file_head(name: str) -> bytes:
    """The headers of an attached PDF, as the standard library writes them."""
    part = EmailMessage(policy=SMTP)
    part.set_content(b"", maintype="application", subtype="pdf", filename=name)
    return part.as_bytes()


def _base64(content: bytes) -> bytes:
    coded = b64encode(content)
    return b"\r\n".join(coded[at : at + 76] for at in range(0, len(coded), 76)) + b"\r\n"


def _address(written: str) -> Address:
    """`HR, Nordvest Energi <hr@...>` as people write it: the comma is part of the name, which a strict reader would not see."""
    name, bracket, address = written.rpartition("<")
    return Address(name.strip().strip('"'), addr_spec=address.rstrip("> ")) if bracket else Address("", addr_spec=written.strip())
