"""The mail of a letter: one .eml per person, the words of the Word file as plain text and HTML."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from html import unescape

from flows.roster.contact import travelling

_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]{0,60}")  # words that need no quotes (RFC 5322, atext)
_QUOTED_NAME = re.compile(r"[ -~]{0,60}")
_WORD_BYTES = 39  # of one encoded word: with its frame and the longest header name it fills a line of 78 characters
_BLOCKS = {"Address": "address", "ListBullet": "list", "Signature": "signature", "Contact": "signature"}  # of the styles of a letter
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


def mail_text(paragraphs: Iterable[tuple[str, str]]) -> str:
    """The plain part, of the style and words of each paragraph: a blank line between them, none within an address, a list or a signature."""
    lines: list[str] = []
    before = ""
    for style, words in paragraphs:
        block = _BLOCKS.get(style, "")
        if lines and not (block and block == before):
            lines.append("")
        lines.append(("\u2022 " if block == "list" else "") + re.sub(r"[ \t]+", " ", words).strip())
        before = block
    return "\n".join(lines) + "\n"


def html_words(page: str) -> str:
    """The words of an HTML page as text, for reading it back."""
    body = re.sub(r"<(style|head|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body))


def draft(envelope: Envelope, plain: str, page: str, attachment: tuple[str, bytes] | None) -> bytes:
    """The bytes of a ready draft (X-Unsent: opens for sending in Outlook and Thunderbird); the same words give the same bytes.

    No header takes a line break; those that are the same in all mails are written once. Names and subject
    are written here (`_mailbox`), and the parts are put together here, which is ten times as fast.
    """
    digest = hashlib.sha256((envelope.message_id + plain).encode()).hexdigest()[:24]
    headers = [
        _lasting_mailbox("From", envelope.sender),
        _mailbox("To", _box(envelope.to_name, envelope.to_address)),
        _lasting_mailbox("Reply-To", envelope.reply_to) if envelope.reply_to else b"",
        _subject(envelope.subject),
        _lasting_header("Date", format_datetime(envelope.written)),
        _message_id_header(envelope.message_id),
        _lasting_header("Content-Language", envelope.language),
        b"Auto-Submitted: no\r\nX-Unsent: 1\r\nMIME-Version: 1.0\r\n",  # read by a person, answered by one (RFC 3834),
    ]
    both = [_text_part("plain", plain), _text_part("html", page)]
    body = _several("alternative", both, f"=_svar_{digest}_{int(attachment is not None)}")
    if attachment:
        body = _several("mixed", [body, _file_head(attachment[0]) + _base64(attachment[1])], f"=_svar_{digest}_0")
    return b"".join(headers) + body


def _mailbox(header: str, box: Address) -> bytes:
    """One name and address as they are sent.

    A name that is not plain words is written in encoded words (RFC 2047), which are letters and digits only:
    whatever stands in a name, it is never an address. The standard library loses the quotes of a name that is
    longer than a line, and a comma and brackets in it become a second recipient.
    """
    name, address = box.display_name, box.addr_spec
    if not name:
        written = address
    elif _PLAIN_NAME.fullmatch(name) and "=?" not in name:
        written = f"{name} <{address}>"
    elif _QUOTED_NAME.fullmatch(name) and "=?" not in name:
        quoted = re.sub(r'(["\\])', r"\\\1", name)
        written = f'"{quoted}" <{address}>'
    else:
        written = f"{_encoded_words(name)}\r\n <{address}>"
    return f"{header}: {written}\r\n".encode()


@lru_cache(maxsize=64)
def _subject(text: str) -> bytes:
    if len(text.splitlines()) > 1 or "\r" in text or "\n" in text:
        raise ValueError("a subject with a linefeed in it")
    plain = _QUOTED_NAME.fullmatch(text) and "=?" not in text
    return f"Subject: {text if plain else _encoded_words(text)}\r\n".encode()


def _encoded_words(text: str) -> str:
    """The text as encoded words, one a line, none broken inside a character."""
    words, word = [], b""
    for character in text:
        coded = character.encode()
        if len(word) + len(coded) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += coded
    return "\r\n ".join(f"=?utf-8?b?{b64encode(each).decode()}?=" for each in (*words, word))


def _header(name: str, value: str) -> bytes:
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
def _lasting_mailbox(header: str, written: str) -> bytes:
    return _mailbox(header, _address(written))


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
    return _box(name.strip().strip('"'), address.rstrip("> ")) if bracket else _box("", written.strip())


def _box(name: str, address: str) -> Address:
    """Name and address as they travel. The standard library's parser takes a local part beyond ASCII (RFC 6531) for a defect."""
    local, _, domain = travelling(address).rpartition("@")
    return Address(name, addr_spec=f"{local}@{domain}") if local.isascii() else Address(name, local, domain)
