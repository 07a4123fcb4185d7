"""The letters a pattern cannot match without: looked for first, since finding letters is a hundred times as quick as trying a pattern."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache
from hashlib import blake2s
from pathlib import Path
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


Needles = tuple[frozenset[str], ...]
WORKED_OUT = Path(__file__).with_name("needles.json")  # written by `make needles`


class Pattern:
    """A regular expression that is compiled when a text first may match it; of thousands most never are.

    `before` and `after` bound it and match no letters. `needles`: sets of small-letter texts; every match holds at least one of each
    set, the rarest first. Raises re.error for what is no expression.
    """

    def __init__(self, written: str, flags: int = 0, *, before: str = "", after: str = "") -> None:
        self.written, self._flags, self._whole = written, flags, f"{before}(?:{written}){after}"
        known = _worked_out().get(key(written))
        self.needles: Needles = known or ()
        self.matches_empty = False
        if known is None:
            self._take_apart(written)

    def _take_apart(self, written: str) -> None:
        parts = None if _parser is None else _parser.parse(written, self._flags)
        self.needles = () if parts is None else _in_order(_telling(parts))
        if parts is None or "(?<" in written:  # whether looking behind can be done is known to the compiler alone
            _ = self.compiled
        self.matches_empty = (parts is None or parts.getwidth()[0] == 0) and self.compiled.search("") is not None

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self._whole, self._flags)


@cache
def _worked_out() -> dict[str, Needles]:
    """Needles of the patterns that come with Svar, by key; every other pattern is taken apart when it is read."""
    told = json.loads(WORKED_OUT.read_text("utf-8")) if WORKED_OUT.is_file() else {}
    return {key: tuple(map(frozenset, needles)) for key, needles in told.items()}


def key(written: str) -> str:
    return blake2s(written.encode(), digest_size=8).hexdigest()


def in_writing(patterns: Iterable[Pattern]) -> str:
    """The needles of patterns as the file holds them; left out are those only the compiler can judge."""
    plain = (each for each in patterns if not each.matches_empty and "(?<" not in each.written)
    told = {key(each.written): [sorted(needles) for needles in each.needles] for each in plain}
    lines = (
        f"{json.dumps(each)}:{json.dumps(needles, ensure_ascii=False, separators=(',', ':'))}" for each, needles in sorted(told.items())
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def possible(patterns: Iterable[Pattern], text: str) -> tuple[Pattern, ...]:
    """The patterns that may match the text; those left out do not."""
    folded = _folded(text)
    return tuple(pattern for pattern in patterns if _may_match(pattern.needles, folded))


def _may_match(needles: Needles, folded: str) -> bool:
    for alternatives in needles:
        for each in alternatives:  # a loop of its own: any() costs as much as ten looks
            if each in folded:
                break
        else:
            return False
    return True


@lru_cache(maxsize=4)  # a text is looked at by one rule after the other
def _folded(text: str) -> str:
    return text.translate(_SAME_LETTER).lower()


def _telling(parts: Iterable[tuple[Any, Any]]) -> list[frozenset[str]]:
    """The sets that leave few texts: long enough, and of letters whose doubles are known."""
    return [needles for needles in _required(parts) if _shortest(needles) >= _SHORTEST and all(map(_plain, needles))]


def _in_order(found: list[frozenset[str]]) -> Needles:
    return tuple(sorted(dict.fromkeys(found), key=lambda needles: (-_shortest(needles), len(needles))))


def _shortest(needles: frozenset[str]) -> int:
    return min(map(len, needles))


def _plain(needle: str) -> bool:
    """True for a needle in letters whose doubles are all known."""
    return max(needle) <= _LAST_LETTER


def _required(parts: Iterable[tuple[Any, Any]]) -> Iterator[frozenset[str]]:
    """Of each set every match of these parts holds at least one."""
    run: list[str] = []
    for sort, content in parts:
        if sort is _code.LITERAL:
            run.append(chr(content))
            continue
        yield from _longest_word(run)
        run = []
        if sort is _code.SUBPATTERN:
            yield from _required(content[-1])
        elif sort is _code.BRANCH:
            branches = [_in_order(_telling(branch)) for branch in content[1]]
            if all(branches):  # of each branch its rarest
                yield frozenset().union(*(branch[0] for branch in branches))
        elif sort in (_code.MAX_REPEAT, _code.MIN_REPEAT) and content[0] > 0:
            yield from _required(content[2])
    yield from _longest_word(run)


def _longest_word(letters: list[str]) -> Iterator[frozenset[str]]:
    """The longest word of letters that follow each other."""
    if words := _folded("".join(letters)).split():
        yield frozenset({max(words, key=len)})
