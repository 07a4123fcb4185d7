"""Invented messages of the kinds that come back, built as mail servers build them."""

from __future__ import annotations

from email import message_from_string
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

KEY = "0123456789abcdef0123456789abcdef"
LETTER_ID = f"<{KEY}@nordvest.example>"


def letter(to: str = "aase@post.example") -> EmailMessage:
    """The letter as it was sent."""
    mail = EmailMessage()
    mail["Return-Path"] = f"<bounce+{KEY}@nordvest.example>"
    mail["From"] = "HR <hr@nordvest.example>"
    mail["To"] = to
    mail["Subject"] = "Svar på din ansøgning"
    mail["Message-ID"] = LETTER_ID
    mail.set_content("Tak for din ansøgning. Svaret er et nej.\n")
    return mail


def text(words: str, **headers: str) -> bytes:
    """A plain message; header names are written with underscores."""
    mail = EmailMessage()
    mail["To"] = f"bounce+{KEY}@nordvest.example"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail.as_bytes()


def report(fields: str, *, words: str = "", kind: str = "delivery-status", returned: Message | None = None, **headers: str) -> bytes:
    """A multipart/report: what a server says to people, what it says to machines, the letter."""
    mail = MIMEMultipart("report", report_type=kind)
    mail["From"] = "Mail Delivery System <MAILER-DAEMON@mx.nordvest.example>"
    mail["To"] = f"bounce+{KEY}@nordvest.example"
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.attach(MIMEText(words or "I'm sorry.", "plain", "utf-8"))
    status = MIMEBase("message", kind)
    status.set_payload([message_from_string(block.strip() + "\n\n") for block in fields.split("\n\n")])
    mail.attach(status)
    if returned is not None:
        part = MIMEBase("message", "rfc822")
        part.set_payload([returned])
        mail.attach(part)
    return mail.as_bytes()
