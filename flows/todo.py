"""Faults as a to-do list in plain words: what to do, how often, the first of each in full."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flows.roster.faults import Fault, Severity


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, with all faults it mends."""

    words: str
    severity: Severity
    faults: tuple[Fault, ...]


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("todo.toml").read_text("utf-8"))


def todo_list(faults: Iterable[Fault]) -> tuple[Task, ...]:
    """The faults grouped by what a person does about them, errors first, in the order they were found."""
    groups: dict[tuple[Severity, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.severity, fault.code), []).append(fault)
    tasks = [Task(_plain(code, len(same)), severity, tuple(same)) for (severity, code), same in groups.items()]
    return tuple(sorted(tasks, key=lambda task: task.severity is not Severity.ERROR))


def _plain(code: str, number: int) -> str:
    one, several = _words().get(code, [f"look at 1 {code}", f"look at {{n}} {code}"])
    return one if number == 1 else several.format(n=number)
