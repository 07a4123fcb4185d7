"""E-mail addresses and telephone numbers of a cell: the usable ones, and why the others are not."""

from __future__ import annotations

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

_SEPARATORS = re.compile(r"[;,\s]+|\s*/\s*")


def addresses(cell: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The usable addresses of a cell in their order, and the reasons for those that are not."""
    usable: list[str] = []
    reasons: list[str] = []
    text = re.sub(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", cell).strip()
    for piece in _pieces(text):
        try:
            checked = validate_email(piece, check_deliverability=False, allow_smtputf8=True, test_environment=True).normalized
        except EmailNotValidError as error:
            reasons.append(str(error))
        else:
            if checked.casefold() not in {each.casefold() for each in usable}:
                usable.append(checked)
    return tuple(usable), tuple(reasons)


def _pieces(text: str) -> list[str]:
    angled = re.findall(r"<([^<>]+)>", text)
    if angled:
        return [piece.removeprefix("mailto:").strip() for piece in angled]
    if "@" not in text or text.count("@") == 1 and " " in text.strip() and not _SEPARATORS.split(text)[-1]:
        return [text] if text else []
    pieces = [piece.strip().removeprefix("mailto:").strip("'\"") for piece in _SEPARATORS.split(text)]
    with_at = [piece for piece in pieces if "@" in piece]
    # An address broken by blanks ("a. b@example.com") is one broken address, not a good half of one.
    return with_at if len(with_at) > 1 or len([piece for piece in pieces if piece]) == 1 else [text]


def phones(cell: str) -> tuple[str, ...]:
    """The telephone numbers of a cell in international form where they can be read, else as they stand; Denmark by default."""
    found: list[str] = []
    for piece in re.split(r"[;,/\n]| eller | or ", cell):
        text = piece.strip().lstrip("'").strip()
        if sum(letter.isdigit() for letter in text) < 5:
            continue
        try:
            number = phonenumbers.parse(text, "DK")
            written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL) if phonenumbers.is_possible_number(number) else text
        except phonenumbers.NumberParseException:
            written = text
        if written not in found:
            found.append(written)
    return tuple(found)
