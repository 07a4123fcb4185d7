"""Names as people bear them: cleaned, turned round where the export turned them, never guessed at."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from flows.roster.applicant import Name

# A name to be called by, beside the name: Elizabeth (Liz), Lars "Lasse" Holm.
_ASIDE = re.compile(r"""\([\w .'’-]+\)|"[\w .'’-]+"|[“„”][\w .'’-]+[“”]|«[\w .'’-]+»""")
_TYPED_SMALL = re.compile(r"[^\W\d_][\w .,'’()-]*")
# Scripts with small and capital letters in which a name begins with a capital.
_CASED = ("LATIN", "CYRILLIC", "GREEK")
# Characters without a shape that change how a name is shown or compared; joiners inside words are kept (Persian, Indic scripts).
_SHAPELESS = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_CONTROLS = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029]")
_TITLES = frozenset(
    {
        "dr", "prof", "professor", "hr", "fru", "frk", "mr", "mrs", "ms", "miss", "ing", "mag", "phd", "mba", "msc", "bsc",
        "candmerc", "candjur", "candscient", "candscientpol", "candmag", "candpolyt", "candoecon", "candpsych", "drphil",
    }
)  # fmt: skip
# Titles that nobody bears as a name: they need no full stop.
_PLAIN_TITLES = frozenset({"mr", "mrs", "ms", "mx", "dr", "prof", "hr", "fru", "frk", "herr", "frau"})
_AFTER_NAMES = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv"}) | _TITLES
_PARTICLES = frozenset({"von", "van", "de", "der", "den", "af", "av", "di", "del", "della", "dos", "ten", "ter", "zu", "zur", "ibn"})
# Words that are particles only in small letters: with a capital they are names of their own (Le, Al, Da).
_SMALL_PARTICLES = frozenset({"da", "du", "la", "le", "el", "al", "bin", "bint", "do", "vom", "y", "e"})


def clean(text: str) -> str:
    """NFC, control and direction characters gone, one blank between words."""
    if text.isprintable() and unicodedata.is_normalized("NFC", text):  # most texts: nothing to take out
        return " ".join(text.split())
    visible = _SHAPELESS.sub("", unicodedata.normalize("NFC", text))
    words = (word.strip("\u200c\u200d") for word in _CONTROLS.sub(" ", visible).split())
    return " ".join(filter(None, words))


@lru_cache(maxsize=8)  # a row is asked whether it has a name, and then for it
def name_of(given: str, middle: str, family: str, whole: str) -> Name | None:
    """The name from its columns; None where they are all blank."""
    given, middle, family, whole = (clean(part) for part in (given, middle, family, whole))
    if whole and bool(given) != bool(family):
        given, family = _completed(given, family, whole)
    if given and family and not middle and all(_is_title(word) for word in given.split()):
        return _after_title(given, family)  # a form of address in the column of given names
    if given or family:
        if _shouted(" ".join((given, middle, family))):
            given, middle, family = (_calm(part, within=place > 0) for place, part in enumerate((given, middle, family)))
        else:
            given, middle, family = (
                _calm(part, within=place > 0) if _uncased(part) else part for place, part in enumerate((given, middle, family))
            )
        return Name(" ".join(filter(None, (given, middle, family))), called(given), family)
    return _from_whole(whole) if whole else None


def _after_title(title: str, rest: str) -> Name:
    """The name that stands whole beside its title; a single word may be either name, so it is nobody's given name."""
    name = _from_whole(rest)
    return Name(f"{title} {name.full}", name.given if name.family else "", name.family or name.full)


def called(name: str) -> str:
    """The name without titles and without what stands in brackets or quotation marks beside it; never empty."""
    plain = " ".join(re.sub(r", *[A-ZÆØÅ]{2,4}$", "", _ASIDE.sub(" ", name)).split())
    if not any(letter.isalpha() for letter in plain) or any(sign in name for sign in "<>=_*{}"):
        return name
    bare = _without_titles(plain)
    return plain if bare == plain.replace(",", "") else bare


def _completed(given: str, family: str, whole: str) -> tuple[str, str]:
    """Given and family name where one has a column of its own: a column called Name then holds the other, or both."""
    known = given or family
    rest = re.sub(rf"(?<!\w){re.escape(known)}(?!\w),?", " ", whole, count=1, flags=re.IGNORECASE)
    other = " ".join(rest.strip(" ,").split())
    return (given, other) if given else (other, family)


def _from_whole(whole: str) -> Name:
    """The name of one column. Given and family name only where their order needs no guess."""
    turned = _turned_round(whole)
    if turned is not None:
        return turned
    whole = _calm(whole) if _uncased(whole) else _begun(whole)
    words = called(whole).split()
    if len(words) == 1:
        return Name(whole, words[0], "")
    start = next((place for place, word in enumerate(words[1:], 1) if _is_particle(word)), None)
    if start is not None and start < len(words) - 1:
        return Name(whole, " ".join(words[:start]), " ".join(words[start:]))
    if len(words) == 2 and not _is_particle(words[0]) and _given_name_first(words):
        return Name(whole, words[0], words[1])
    # Three words may be Anne Sofie Holm or Ana García López: where the given name ends is not told.
    return Name(whole)


def _turned_round(whole: str) -> Name | None:
    """The name of "Efternavn, Fornavn"; None where the comma parts off a title or there is none."""
    family, _, given = (part.strip() for part in whole.partition(","))
    if not (family and given) or "," in given or _is_title(family.split()[0]) or _is_after_name(given) or _is_title(given.split()[0]):
        return None
    if given.isupper() and len(given) <= 4 and not family.isupper():  # credentials: MF, MBA
        return None
    if _shouted(whole) or _small(whole):
        family, given = _calm(family, within=True), _calm(given)
    else:
        given = _begun(given)
    return Name(f"{given} {family}", called(given), family)


def _given_name_first(words: list[str]) -> bool:
    """False where the family name may well stand first: scripts that write it so, and PRØVESEN Åse."""
    shouted = len(words[0]) > 3 and words[0].isupper() and not words[1].isupper()
    return not shouted and "." not in words[0][1:-1] and all(unicodedata.name(word[0], "").startswith(_CASED) for word in words)


def _is_particle(word: str) -> bool:
    return word.casefold() in _PARTICLES or word in _SMALL_PARTICLES


def _bare(word: str) -> str:
    return re.sub(r"\W", "", word.casefold())


def _is_title(word: str) -> bool:
    """True for a title before a name: one nobody is called by, with its full stop, or long enough not to be somebody's name."""
    return (
        _bare(word) in _PLAIN_TITLES
        or (_bare(word) in _TITLES and (word.endswith(".") or len(word) > 3))
        or word.casefold().startswith("cand.")
    )


def _is_after_name(word: str) -> bool:
    return _bare(word) in _AFTER_NAMES or word.casefold().startswith("cand.")


def _without_titles(text: str) -> str:
    words = text.replace(",", " ").split()
    while len(words) > 1 and _is_title(words[0]):
        words = words[1:]
    while len(words) > 1 and _is_after_name(words[-1]):
        words = words[:-1]
    return " ".join(words)


def _shouted(text: str) -> bool:
    if not text.isupper():  # most names: told without looking at each letter
        return False
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= 3 and all(letter.isupper() for letter in letters)


def _small(text: str) -> bool:
    """True for a name typed without capitals, in a script that has them: anne holm."""
    if not text.islower():
        return False
    letters = [letter for letter in text if letter.isalpha()]
    cased = all(letter.islower() and unicodedata.name(letter, "").startswith(_CASED) for letter in letters)
    return len(letters) >= 2 and cased and _TYPED_SMALL.fullmatch(text) is not None


def _uncased(text: str) -> bool:
    return _shouted(text) or _small(text)


def _begun(text: str) -> str:
    """anne Holm as Anne Holm: a first word in small letters that is no particle was typed in a hurry."""
    first, blank, rest = text.partition(" ")
    return f"{_capital(first)}{blank}{rest}" if _small(first) and not _is_particle(first) and not _is_title(first) else text


def _calm(text: str, *, within: bool = False) -> str:
    """ÅSE PRØVESEN and åse prøvesen as Åse Prøvesen. `within`: words stand before this one, so that a particle may begin it."""
    small = _PARTICLES | _SMALL_PARTICLES if _small(text) else _PARTICLES
    words = enumerate(text.split())
    return " ".join(word.casefold() if (place or within) and word.casefold() in small else _capital(word) for place, word in words)


def _capital(word: str) -> str:
    if re.fullmatch(r"MC[^\W\d_]{3,}", word):
        return f"Mc{_capital(word[2:])}"
    return re.sub(r"[^\W\d_]+", lambda part: part[0][0].upper() + part[0][1:].lower(), word)


# What stands where a name was taken out, or never was: nobody is greeted by it.
_NO_NAMES = frozenset(
    {"nn", "ukendt", "anonym", "anonymiseret", "slettet", "test", "testtest", "testansøger", "testperson", "unknown", "anonymous"}
    | {"anonymised", "anonymized", "deleted", "testuser", "testapplicant"}
)


# Letters an export could not write, or wrote in one encoding and read in another: Bj?rn, S\ufffdren, SÃ¸ren, Oâ€™Brien.
_BROKEN = re.compile("[?\ufffd]|Ã[^\\w\\s.,'’)-]|Ã[\u0080-\u00bfªºƒŠŒŽšœžŸ]|â€")


def name_doubt(name: Name) -> str:
    """Why nobody is greeted by the name: it is none (N.N., Ukendt, Test), or letters of it are lost; empty for a good one."""
    if _BROKEN.search(name.full):
        return "name-broken"
    return "name-placeholder" if re.sub(r"[\W_]+", "", name.full.casefold()) in _NO_NAMES else ""
