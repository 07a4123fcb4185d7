"""Names as people bear them: cleaned, turned round where the export turned them, never guessed at."""

from __future__ import annotations

import re
import unicodedata

from flows.roster.applicant import Name

# Invisible characters that change how a name is shown or compared; joiners inside words are kept (Persian, Indic scripts).
_INVISIBLE = re.compile("[\u0000-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_TITLES = frozenset({"dr", "prof", "hr", "fru", "frk", "mr", "mrs", "ms", "miss", "ing", "mag", "phd", "candmerc", "candjur", "candscientpol", "candmag", "msc", "bsc"})
_PARTICLES = frozenset({"von", "van", "de", "der", "den", "af", "av", "da", "di", "du", "del", "della", "la", "le", "ten", "ter", "zu", "zur", "bin", "bint", "al", "el", "ibn"})


def clean(text: str) -> str:
    """NFC, control and direction characters gone, one blank between words."""
    return " ".join(_INVISIBLE.sub(" ", unicodedata.normalize("NFC", text)).split())


def name_of(given: str, middle: str, family: str, whole: str) -> Name | None:
    """The name from its columns; None where they are all blank."""
    given, middle, family, whole = (clean(part) for part in (given, middle, family, whole))
    if given or family:
        full = _calm(" ".join(filter(None, (given, middle, family))))
        given, family = _calm(given), _calm(family)
        return Name(full, _without_titles(given), family)
    return _from_whole(whole) if whole else None


def _from_whole(whole: str) -> Name:
    if whole.count(",") == 1:
        family, given = (part.strip() for part in whole.split(","))
        if family and given and folded_title(given.split()[0]) not in _TITLES:
            family, given = _calm(family), _calm(given)
            return Name(f"{given} {family}", _without_titles(given), family)
    whole = _calm(whole)
    words = _without_titles(whole).split()
    if len(words) == 1:
        return Name(whole, words[0], "")
    start = next((place for place, word in enumerate(words[1:], 1) if word.casefold() in _PARTICLES), None)
    if start is not None:
        return Name(whole, " ".join(words[:start]), " ".join(words[start:]))
    if len(words) == 2:
        return Name(whole, words[0], words[1])
    # Three words and more: the first is a given name, but not always the whole of it (Anne Sofie Holm, Ana García López).
    return Name(whole, words[0], "")


def folded_title(word: str) -> str:
    return re.sub(r"\W", "", word.casefold())


def _without_titles(text: str) -> str:
    words = text.split()
    while len(words) > 1 and folded_title(words[0]) in _TITLES and (words[0].endswith(".") or len(words[0]) > 2):
        words = words[1:]
    return " ".join(words)


def _calm(text: str) -> str:
    """ÅSE PRØVESEN as Åse Prøvesen; a name that is not shouted throughout is left as it is."""
    letters = [letter for letter in text if letter.isalpha()]
    if len(letters) < 3 or not all(letter.isupper() for letter in letters) or any(word.startswith(("MC", "MAC")) for word in text.split()):
        return text
    words = [word.casefold() if word.casefold() in _PARTICLES and place else _capital(word) for place, word in enumerate(text.split())]
    return " ".join(words)


def _capital(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda part: part[0][0] + part[0][1:].lower(), word)
