"""Who is told how far the long work is: the command's progress bar, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, int], None]  # papers done, papers in all

_told: list[Told] = []
_last: list[tuple[int, int]] = []  # what was told last


@contextmanager
def watching(told: Told) -> Iterator[None]:
    """While inside, `told` hears how far the work is, at once and of every finished chunk."""
    _told.append(told)
    try:
        if _last:
            told(*_last[-1])
        yield
    finally:
        _told.remove(told)


def tell(done: int, total: int) -> None:
    """Everybody who watches hears that `done` of `total` papers are made."""
    _last[:] = [(done, total)]
    for told in _told:
        told(done, total)
