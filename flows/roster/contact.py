"""E-mail addresses and telephone numbers of a cell: the usable ones, and why the others are not."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

_SEPARATORS = re.compile(r"[;,\s]+|\s*/\s*")
# Addresses as most people have them, far from every limit of length: of these only the domain is a question, and domains repeat.
_EVERYDAY = re.compile(r"(?=.{1,64}$)([a-z0-9]+(?:[._+-][a-z0-9]+)*)@([A-Za-z0-9.-]+)")
# Danish numbers as most people write them; asked of the library they come out the same, which the tests hold them to.
_EVERYDAY_NUMBER = re.compile(r"(?:(?:\+|00)45 ?)?([2-9]\d) ?(\d\d) ?(\d\d) ?(\d\d)", re.ASCII)


def addresses(cell: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The usable addresses of a cell in their order, and the reasons for those that are not."""
    usable: list[str] = []
    reasons: list[str] = []
    text = re.sub(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", cell).strip()
    for piece in _pieces(text):
        try:
            checked = _normalized(piece)
        except EmailNotValidError as error:
            reasons.append(str(error))
        else:
            if not _typeable(piece.rpartition("@")[0]):
                reasons.append("A sign before the @-sign that no mailbox is made with.")
            elif checked.casefold() not in {each.casefold() for each in usable}:
                usable.append(checked)
    return tuple(usable), tuple(reasons)


def _normalized(address: str) -> str:
    """The address in its normal form. Raises EmailNotValidError with the reason."""
    everyday = _EVERYDAY.fullmatch(address)
    if everyday and (domain := _domain(everyday[2])):
        return f"{everyday[1]}@{domain}"
    return validate_email(address, check_deliverability=False, allow_smtputf8=True, test_environment=True).normalized


@lru_cache(maxsize=4096)
def _domain(domain: str) -> str:
    """The domain in its normal form; empty where no mail goes to it."""
    with contextlib.suppress(EmailNotValidError):
        return validate_email(f"a@{domain}", check_deliverability=False, test_environment=True).domain
    return ""


def travelling(address: str) -> str:
    """The address as every mail server takes it: the domain in ASCII (IDNA) where the part before the @-sign is; else as it stands.

    Only letters beyond ASCII before the @-sign need a server that knows them (SMTPUTF8); a domain such as æblegård.dk does not.
    """
    if address.isascii():
        return address
    with contextlib.suppress(EmailNotValidError):
        return validate_email(address, check_deliverability=False, test_environment=True).ascii_email or address
    return address


def _typeable(local: str) -> bool:
    """False where word processors left their marks (typographic apostrophes, full-width letters) in front of the @-sign."""
    return all(sign.isascii() or (unicodedata.category(sign)[0] in "LNM" and unicodedata.normalize("NFKC", sign) == sign) for sign in local)


def _pieces(text: str) -> list[str]:
    angled = re.findall(r"<([^<>]+)>", text)
    if angled:
        return [piece.removeprefix("mailto:").strip() for piece in angled]
    if "@" not in text or (text.count("@") == 1 and " " in text.strip() and not _SEPARATORS.split(text)[-1]):
        return [text] if text else []
    pieces = [_unquoted(piece.strip().removeprefix("mailto:")) for piece in _SEPARATORS.split(text)]
    with_at = [piece for piece in pieces if "@" in piece]
    # An address broken by blanks ("a. b@example.com") is one broken address, not a good half of one.
    return with_at if len(with_at) > 1 or len([piece for piece in pieces if piece]) == 1 else [text]


def _unquoted(piece: str) -> str:
    """The piece without quotation marks around it, or the apostrophe that marks text in a spreadsheet."""
    if len(piece) > 1 and piece[0] == piece[-1] == '"':
        return piece[1:-1]
    return piece.strip("'")


def phones(cell: str) -> tuple[str, ...]:
    """The telephone numbers of a cell in international form where they can be read, else as they stand; Denmark by default."""
    found: list[str] = []
    for piece in re.split(r"[;,/\n]| eller | or ", cell):
        text = piece.strip().lstrip("'").strip()
        if sum(letter.isdigit() for letter in text) >= 5:
            found.append(_international(text))
    return tuple(dict.fromkeys(found))


def _international(text: str) -> str:
    """The number as +45 20 30 40 50; as it stands where it is no possible number."""
    if everyday := _EVERYDAY_NUMBER.fullmatch(text):
        return "+45 " + " ".join(everyday.groups())
    with contextlib.suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(text, "DK")
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        if text.isdigit():  # a spreadsheet took the plus sign away: 46701234567
            number = phonenumbers.parse(f"+{text}")
            if phonenumbers.is_valid_number(number):
                return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return text
