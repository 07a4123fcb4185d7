"""The name a letter greets with."""

from __future__ import annotations

from flows.roster.applicant import Name
from flows.roster.names import called


def greeting_name(name: Name, *, full: bool = False) -> str:
    """The given name where the export tells it apart, else the whole name without titles and nicknames; never a guess at sex or order."""
    return called(name.full) if full or not name.given else name.given
