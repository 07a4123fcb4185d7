"""Who is told how far the long work is: the command's progress bar, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, int], None]  # papers done, papers in all

_told: list[Told] = []


@contextmanager
def watching(told: Told) -> Iterator[None]:
    """While inside, `told` hears of every finished chunk."""
    _told.append(told)
    try:
        yield
    finally:
        _told.remove(told)


def tell(done: int, total: int) -> None:
    """Everybody who watches hears that `done` of `total` papers are made."""
    for told in _told:
        told(done, total)
