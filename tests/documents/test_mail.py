"""A draft is read by the standard library as it was meant, and takes no line break in a header."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from flows.documents.mail import Envelope, draft, mail_text

ENVELOPE = Envelope(
    sender="HR, Nordvest Energi <hr@nordvest.example>",
    reply_to="mette@nordvest.example",
    to_name='Åse "O\'Brien", Prøvesen',
    to_address="aase@example.com",
    subject="Svar på din ansøgning som Projektleder, fjernvarme",
    language="da",
    message_id=f"<{'0a' * 16}@nordvest.example>",
    written=datetime(2026, 11, 23, 12, tzinfo=UTC),
)
PLAIN = "Kære Åse\n\n.\nFrom nu af = tak. \n" + "æ" * 300 + "\n"
PAGE = "<p>Kære Åse</p>\n" * 40


def read(mail: bytes) -> EmailMessage:
    assert b"\n" not in mail.replace(b"\r\n", b"") and max(map(len, mail.split(b"\r\n"))) <= 78
    message = message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage) and not any(part.defects for part in message.walk())
    return message


@pytest.mark.parametrize("attachment", [None, (f"{ENVELOPE.subject}.pdf", bytes(range(256)) * 9)], ids=["alone", "with PDF"])
def test_a_draft_is_read_as_it_was_meant(attachment: tuple[str, bytes] | None) -> None:
    mail = read(draft(ENVELOPE, PLAIN, PAGE, attachment))
    assert str(mail["From"]) == '"HR, Nordvest Energi" <hr@nordvest.example>'
    assert [(each.display_name, each.addr_spec) for each in mail["To"].addresses] == [(ENVELOPE.to_name, ENVELOPE.to_address)]
    headers = ("Subject", "Reply-To", "Message-ID", "Content-Language", "X-Unsent")
    assert [mail[name] for name in headers] == [ENVELOPE.subject, ENVELOPE.reply_to, ENVELOPE.message_id, "da", "1"]
    texts = [mail.get_body((sort,)) for sort in ("plain", "html")]
    assert [text.get_content().replace("\r\n", "\n") for text in texts if text] == [PLAIN, PAGE]
    assert [(each.get_filename(), each.get_content()) for each in mail.iter_attachments()] == ([attachment] if attachment else [])


@pytest.mark.parametrize(
    "name",
    [
        "Eva <other@host.test>, Ib Dam, whose name goes on beyond the end of a line",
        'Jens "Tip" Dam \\ Co',
        "=?utf-8?q?Eva?= Holm",
        "Bo",
        "Ib" * 90,
    ],
)
def test_a_name_of_any_length_is_one_recipient(name: str) -> None:
    (to,) = read(draft(replace(ENVELOPE, to_name=name), PLAIN, PAGE, None))["To"].addresses
    assert to.addr_spec == "aase@example.com"
    assert to.display_name.replace(" ", "") == name.replace(
        " ", ""
    )  # the reader of the standard library puts a blank between encoded words


@pytest.mark.parametrize("subject", ["Svar: =?utf-8?q?Bcc?= tak", "Æ" * 200, 'A "b" <c>, d' * 12, "Projektleder  (m/k)"])
def test_a_subject_is_read_as_it_was_meant(subject: str) -> None:
    assert str(read(draft(replace(ENVELOPE, subject=subject), PLAIN, PAGE, None))["Subject"]) == subject


@pytest.mark.parametrize("name", ["subject", "message_id", "to_name", "language"])
def test_a_line_break_in_a_header_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|CR or LF"):
        draft(replace(ENVELOPE, **{name: "x\r\nBcc: other@example.com"}), PLAIN, PAGE, None)


def test_the_same_words_give_the_same_bytes() -> None:
    assert draft(ENVELOPE, PLAIN, PAGE, None) == draft(ENVELOPE, PLAIN, PAGE, None)
    assert draft(ENVELOPE, PLAIN, PAGE, None) != draft(ENVELOPE, PLAIN + "x", PAGE, None)


def test_address_list_and_signature_stand_together() -> None:
    letter = [
        ("Address", "Åse Prøvesen"),
        ("Address", "7600 Struer"),
        ("Greeting", "Kære Åse"),
        ("BodyText", "Det  vejede:"),
        ("ListBullet", "økonomi"),
        ("ListBullet", "ledelse"),
        ("Closing", "Venlig hilsen"),
        ("Signature", "Mette Sørensen"),
        ("Contact", "Telefon 97 00 00 01"),
    ]
    assert mail_text(letter) == (
        "Åse Prøvesen\n7600 Struer\n\nKære Åse\n\nDet vejede:\n\n• økonomi\n• ledelse\n\nVenlig hilsen\n\nMette Sørensen\nTelefon 97 00 00 01\n"
    )


def test_a_local_part_beyond_ascii_stays_the_recipient() -> None:
    mail = draft(replace(ENVELOPE, to_name="Søren Æbelø", to_address="søren.æbelø@example.com"), PLAIN, PAGE, None)
    assert "To: =?utf-8?b?U8O4cmVuIMOGYmVsw7g=?=\r\n <søren.æbelø@example.com>\r\n".encode() in mail


def test_a_domain_beyond_ascii_travels_in_ascii() -> None:
    mail = read(draft(replace(ENVELOPE, to_address="hr@æblegård.dk"), PLAIN, PAGE, None))
    assert mail["To"].addresses[0].addr_spec == "hr@xn--blegrd-luad.dk"
