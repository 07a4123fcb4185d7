"""All names of a vacancy, looked up in the words of a paper: nobody else's may stand there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class NameIndex:
    """All names of a vacancy, looked up in a text by their words, the longest first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {words for words in (tuple(_name_words(name)) for name in names) if len("".join(words).encode()) > 1}
        self._longest = max((len(words) for words in self._names), default=0)
        self._first = {words[0] for words in self._names}

    def strangers(self, text: str, own: str, known: str = "") -> bool:
        """True when a name of somebody else stands in the text.

        `known` are the words every paper of the kind carries: a one-word name that is also one of
        them ("Tak", "Job") says nothing about a mix-up, nor does one Latin letter, which a logo whose
        letters stand apart is full of. A name inside the own longer one is the own.
        """
        own_words, everyday = tuple(_name_words(own)), _everyday(known)
        words = _name_words(text)
        begins = self._first.union(own_words[:1])
        at = 0
        while at < len(words):
            if words[at] not in begins:
                at += 1
                continue
            found = self._longest_at(words, at, own_words)
            harmless = found[0] in everyday or found[0] in own_words if len(found) == 1 else f" {' '.join(found)} " in _fixed(known)
            if found and found != own_words and not harmless:
                return True
            at += len(found) or 1
        return False

    def _longest_at(self, words: list[str], at: int, own: tuple[str, ...]) -> tuple[str, ...]:
        for length in range(max(self._longest, len(own)), 0, -1):
            piece = tuple(words[at : at + length])
            if len(piece) == length and (piece in self._names or piece == own):
                return piece
        return ()


def _name_words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’\-][^\W_]+)*", plain(text).casefold())


@lru_cache(maxsize=32)
def _fixed(known: str) -> str:
    """The words every paper carries, in their order: somebody may bear the contact's name, and blocks nobody."""
    return f" {' '.join(_name_words(known))} "


@lru_cache(maxsize=32)
def _everyday(known: str) -> frozenset[str]:
    return frozenset(_name_words(known))


def plain(text: str) -> str:
    """The text as a reader compares it: NFC, one blank between words, no invisible characters."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())
