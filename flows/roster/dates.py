"""Dates of an export: day and month told apart per column, never per cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_WRITTEN = re.compile(r"^(\d{1,2})[-./](\d{1,2})[-./](\d{2}|\d{4})(?:[T ,].*)?$")
_DAY_NAMED = re.compile(r"^(?:[^\W\d]+\.?,? )?(\d{1,2})\.?[ -]([^\W\d]{3,})\.?,?[ -](\d{4})(?:[T ,].*)?$")  # 6. januar 2026, 06-Jan-2026
_MONTH_NAMED = re.compile(r"^([^\W\d]{3,})\.? (\d{1,2}),? (\d{4})(?:[T ,].*)?$")  # Jan 6, 2026
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_FOREIGN_MONTHS = {"may": 5, "mai": 5, "mär": 3, "oct": 10, "des": 12, "dez": 12}
_EXCEL_EPOCH = date(1899, 12, 30)
# Marks that a system or a person puts where there is no date.
_NO_DATE = re.compile(r"^(?:[-–—.?]*|0+|0000-00-00.*|00[-./]00[-./]0000.*|n/?a|nej|no|nei|nein|ingen|none|null)$", re.IGNORECASE)


def day_first(column: Iterable[str]) -> bool:
    """True unless some date of the column can only be month first: day first is how Danish systems write."""
    return not any(int(found[2]) > 12 >= int(found[1]) for text in column if (found := _WRITTEN.match(text.strip())))


def doubt_about(column: Iterable[str]) -> str:
    """Why day and month of a column are not certain, with a date that shows it; empty where they are.

    Slashes are written day first and month first; full stops and hyphens with the year last are day first.
    """
    found = [(text.strip(), match) for text in column if (match := _WRITTEN.match(text.strip()))]
    day_shown = next((text for text, match in found if int(match[1]) > 12 >= int(match[2])), "")
    month_shown = next((text for text, match in found if int(match[2]) > 12 >= int(match[1])), "")
    if day_shown and month_shown:
        return f"both {day_shown} and {month_shown}"
    slashed = next((text for text, match in found if "/" in text.split()[0] and match[1] != match[2]), "")
    return slashed if slashed and not day_shown and not month_shown else ""


def says_no_date(text: str) -> bool:
    """True for a blank cell and for the marks that stand for one: -, 0000-00-00, nej."""
    return bool(_NO_DATE.match(text.strip()))


@lru_cache(maxsize=4096)  # the same days stand in many rows
def read_date(text: str, *, day_is_first: bool = True) -> date | None:
    """The date in a cell; None where there is none that can be read."""
    text = text.strip()
    try:
        return _numeric(text, day_is_first) or _named(text) or _counted(text)
    except (ValueError, OverflowError):
        return None


def _numeric(text: str, day_is_first: bool) -> date | None:
    if found := _ISO.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _WRITTEN.match(text):
        one, other, year = int(found[1]), int(found[2]), int(found[3])
        day, month = (one, other) if day_is_first else (other, one)
        return date(year + 2000 if year < 100 else year, month, day)
    return None


def _named(text: str) -> date | None:
    """A date with its month in words, in the languages of the Nordic countries, German and English."""
    if found := _DAY_NAMED.match(text):
        day, month, year = found[1], found[2], found[3]
    elif found := _MONTH_NAMED.match(text):
        month, day, year = found[1], found[2], found[3]
    else:
        return None
    start = month[:3].casefold()
    number = _MONTHS.index(start) + 1 if start in _MONTHS else _FOREIGN_MONTHS.get(start)
    return date(int(year), number, int(day)) if number else None


def _counted(text: str) -> date | None:
    """Excel's days since 1900, or seconds or milliseconds since 1970."""
    if re.fullmatch(r"\d{5}([.,]\d+)?", text):
        return _EXCEL_EPOCH + timedelta(days=int(text[:5]))
    if re.fullmatch(r"\d{10}(\d{3})?", text):
        return datetime.fromtimestamp(int(text[:10]), UTC).date()
    return None
