"""Dates of an export: day and month told apart per column, never per cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")
_WRITTEN = re.compile(r"^(\d{1,2})[-./](\d{1,2})[-./](\d{2}|\d{4})(?:[ T].*)?$")
_EXCEL_EPOCH = date(1899, 12, 30)


def day_first(column: Iterable[str]) -> bool:
    """True unless some date of the column can only be month first: day first is how Danish systems write."""
    return not any(int(found[2]) > 12 >= int(found[1]) for text in column if (found := _WRITTEN.match(text.strip())))


def read_date(text: str, *, day_is_first: bool = True) -> date | None:
    """The date in a cell; None where there is none that can be read."""
    text = text.strip()
    try:
        if found := _ISO.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _WRITTEN.match(text):
            one, other, year = int(found[1]), int(found[2]), int(found[3])
            day, month = (one, other) if day_is_first else (other, one)
            return date(year + 2000 if year < 100 else year, month, day)
        if re.fullmatch(r"\d{5}(\.\d+)?", text):
            return _EXCEL_EPOCH + timedelta(days=int(float(text)))
    except ValueError:
        return None
    return None
