"""Which recruiting system an export looks like, and what to know about its exports."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flows.roster.folding import folded


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A system, and what its exports lack or mean."""

    name: str
    hint: str


@cache
def _systems() -> tuple[tuple[frozenset[str], KnownSystem], ...]:
    told = tomllib.loads(Path(__file__).with_name("systems.toml").read_text("utf-8"))["system"]
    return tuple((frozenset(map(folded, each["headings"])), KnownSystem(each["name"], each["hint"])) for each in told)


def known_system(headings: Iterable[str]) -> KnownSystem | None:
    """The system whose headings are all there; None for one nobody has told of, which works by headings and words alone."""
    there = {folded(heading) for heading in headings}
    return next((system for needed, system in _systems() if needed <= there), None)
