"""The letters a pattern cannot match without: looked for first, since finding letters is a hundred times as quick as trying a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

try:
    # How Python itself takes a pattern apart; without it every pattern is tried.
    from re import _constants as _code  # type: ignore[attr-defined]
    from re import _parser  # type: ignore[attr-defined]
except ImportError:  # another Python keeps them elsewhere
    _code = _parser = None

# Letters that a pattern without case takes for others, besides their own capitals.
_SAME_LETTER = str.maketrans({"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u212a": "k", "\u212b": "å", "\u1e9e": "ß"})
_SHORTEST = 2  # letters; one alone stands in nearly every text
_LAST_LETTER = "\u00ff"  # letters beyond have more doubles than are listed here


def possible(patterns: Sequence[re.Pattern[str]], text: str) -> Iterator[re.Pattern[str]]:
    """The patterns that may match the text; those left out do not."""
    folded = _folded(text)
    for pattern, needles in _with_needles(tuple(patterns)):
        if needles is None:
            yield pattern
            continue
        for each in needles:  # a loop of its own: any() costs as much as ten looks
            if each in folded:
                yield pattern
                break


@lru_cache(maxsize=4)
def _folded(text: str) -> str:
    return text.translate(_SAME_LETTER).lower()


@lru_cache(maxsize=1024)
def _with_needles(patterns: tuple[re.Pattern[str], ...]) -> tuple[tuple[re.Pattern[str], frozenset[str] | None], ...]:
    return tuple((pattern, needles_of(pattern)) for pattern in patterns)


def needles_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Small-letter texts of which every match holds at least one; None where nothing can be said."""
    return None if _parser is None else _best(_parser.parse(pattern.pattern, pattern.flags))


def _best(parts: Iterable[tuple[Any, Any]]) -> frozenset[str] | None:
    """Of all that every match must hold, what is found in the fewest texts."""
    found = [needles for needles in _required(parts) if needles and _shortest(needles) >= _SHORTEST and _plain(needles)]
    return max(found, key=lambda needles: (_shortest(needles), -len(needles)), default=None)


def _shortest(needles: frozenset[str]) -> int:
    return min(map(len, needles))


def _plain(needles: frozenset[str]) -> bool:
    return all(letter <= _LAST_LETTER for each in needles for letter in each)


def _required(parts: Iterable[tuple[Any, Any]]) -> Iterator[frozenset[str] | None]:
    run = ""
    for sort, content in parts:
        if sort is _code.LITERAL:
            run += _folded(chr(content))
            continue
        yield frozenset({run}) if run else None
        run = ""
        if sort is _code.SUBPATTERN:
            yield _best(content[-1])
        elif sort is _code.BRANCH:
            branches = [_best(branch) for branch in content[1]]
            yield None if None in branches else frozenset().union(*(each for each in branches if each))
        elif sort in (_code.MAX_REPEAT, _code.MIN_REPEAT) and content[0] > 0:
            yield _best(content[2])
    yield frozenset({run}) if run else None
