"""The name a letter greets with."""

from __future__ import annotations

from flows.roster.applicant import Name


def greeting_name(name: Name, *, full: bool = False) -> str:
    """The given name where the export tells it apart, else the whole name; never a guess at sex or order."""
    return name.full if full or not name.given else name.given
