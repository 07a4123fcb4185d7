"""The mail of a letter: one .eml per person, the words of the Word file as plain text and HTML."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import unescape


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
    """The bytes of a ready draft (X-Unsent: opens for sending in Outlook and Thunderbird); the same words give the same bytes."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(envelope.sender)
    mail["To"] = Address(envelope.to_name, addr_spec=envelope.to_address)
    if envelope.reply_to:
        mail["Reply-To"] = _address(envelope.reply_to)
    mail["Subject"] = envelope.subject
    mail["Date"] = format_datetime(envelope.written)
    mail["Message-ID"] = envelope.message_id
    mail["Content-Language"] = envelope.language
    mail["X-Unsent"] = "1"
    mail.set_content(plain, cte="quoted-printable")
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    if attachment:
        name, content = attachment
        mail.add_attachment(content, maintype="application", subtype="pdf", filename=name)
    _fix_boundaries(mail, hashlib.sha256((envelope.message_id + plain).encode()).hexdigest()[:24])
    return mail.as_bytes()


def _address(written: str) -> Address:
    """`HR, Nordvest Energi <hr@...>` as people write it: the comma is part of the name, which a strict reader would not see."""
    name, bracket, address = written.rpartition("<")
    return Address(name.strip().strip('"'), addr_spec=address.rstrip("> ")) if bracket else Address("", addr_spec=written.strip())


def _fix_boundaries(mail: EmailMessage, digest: str) -> None:
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_svar_{digest}_{number}")
