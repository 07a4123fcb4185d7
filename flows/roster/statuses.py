"""How far somebody came and how it ended: every signal of a row, put together. Words compare whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flows.roster.applicant import Outcome, Reached, Stage
from flows.roster.folding import folded

_ORDER = tuple(Reached)
_OPEN = (Outcome.IN_PROCESS, Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one word says; None where it says nothing of that dimension. `held` names why a person must decide."""

    reached: Reached | None = None
    outcome: Outcome | None = None
    held: str = ""
    source: str = "known"  # known, vacancy, unknown


@dataclass(frozen=True, slots=True)
class StatusWord:
    """A word of the export with its meaning and how many rows carry it."""

    value: str
    column: str
    rows: int
    reached: Reached | None
    outcome: Outcome | None
    source: str
    held: str = ""  # why its rows are held though the word is known


def meaning_of(code: str) -> Meaning | None:
    """The meaning a settled word is given: `outcome`, `reached` or `reached/outcome`; None when it is none of these."""
    first, _, second = code.strip().partition("/")
    reached = Reached(first) if first in set(Reached) else None
    if second:
        return Meaning(reached, Outcome(second)) if reached and second in set(Outcome) else None
    if reached:
        return Meaning(reached, Outcome.IN_PROCESS)
    return Meaning(None, Outcome(first)) if first in set(Outcome) else None


@cache
def _toml() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_name("statuses.toml").read_text("utf-8"))


@cache
def known_words() -> Mapping[str, Meaning]:
    """Folded word -> what it suggests."""
    words = _toml()["words"]
    special = {"not_live": Meaning(None, Outcome.UNKNOWN, "not-live"), "ask": Meaning(None, Outcome.UNKNOWN, "status-ask")}
    found: dict[str, Meaning] = {}
    for code, texts in words.items():
        meaning = special.get(code) or meaning_of(code)
        assert meaning is not None, code
        found |= {folded(text): meaning for text in texts}
    return found


def read_word(word: str, settled: Mapping[str, str]) -> Meaning:
    """What a status or stage word means here: as vacancy.toml settles it, else as it is known, else unknown."""
    for text, code in settled.items():
        if folded(text) == folded(word):
            meaning = meaning_of(code)
            if meaning is not None:
                return Meaning(meaning.reached, meaning.outcome, source="vacancy")
    return known_words().get(folded(word), Meaning(None, Outcome.UNKNOWN, source="unknown"))


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything a row says about its stage."""

    words: tuple[Meaning, ...]  # of the status and stage columns
    dated: tuple[Reached, ...] = ()  # steps with a date
    after: tuple[Meaning, ...] = ()  # rejected after ..., withdrew after ...
    rejection_reasons: tuple[str, ...] = ()
    withdrawal_reason: str = ""
    hired: bool = False
    answered: bool = False


def stage_of(signals: Signals) -> tuple[Stage, tuple[str, ...]]:
    """The stage, and the codes of what a person must settle.

    An end beats "in process"; two different ends are a conflict; reached is the furthest of all that is said.
    A word nobody knows leaves the outcome unknown even beside a known end: it may be the interview.
    """
    words = (*signals.words, *signals.after)
    ends = _ends(signals, words)
    reached = furthest([*(word.reached for word in words), *signals.dated])
    if Outcome.DECLINED_OFFER in ends:
        reached = Reached.OFFER
    if len(ends) > 1:
        return Stage(reached, Outcome.UNKNOWN), ("status-conflict",)
    if any(word.source == "unknown" for word in words):
        return Stage(reached, Outcome.UNKNOWN), ()
    if ends:
        return Stage(reached, next(iter(ends))), ()
    if held := tuple(dict.fromkeys(word.held for word in words if word.held)):
        return Stage(reached, Outcome.UNKNOWN), held
    said = any(word.outcome is Outcome.IN_PROCESS for word in signals.words)
    return Stage(reached, Outcome.IN_PROCESS if said else Outcome.UNKNOWN), ()


def _ends(signals: Signals, words: Iterable[Meaning]) -> set[Outcome]:
    """The different ends a row speaks of."""
    ends = {word.outcome for word in words if word.outcome is not None and word.outcome not in _OPEN}
    if signals.hired:
        ends.add(Outcome.HIRED)
    if signals.withdrawal_reason:
        ends.add(Outcome.WITHDREW)
    # Some systems file the applicant's own no among the reasons ("Withdrew", "Tilbud afvist").
    own = {known_words().get(folded(reason), Meaning()).outcome for reason in signals.rejection_reasons}
    own_no = {outcome for outcome in own if outcome in (Outcome.WITHDREW, Outcome.DECLINED_OFFER)}
    ends |= own_no
    if any(_tells_own_no(reason) for reason in signals.rejection_reasons) and not ends & {Outcome.WITHDREW, Outcome.DECLINED_OFFER}:
        ends |= {Outcome.REJECTED, Outcome.WITHDREW}  # ours or theirs: only a person knows
    elif signals.rejection_reasons and not own_no and (not ends or Outcome.HIRED in ends):
        ends.add(Outcome.REJECTED)
    if Outcome.ANSWERED_ELSEWHERE in ends or (signals.answered and ends <= {Outcome.REJECTED}):
        ends = ends - {Outcome.REJECTED} | {Outcome.ANSWERED_ELSEWHERE}
    return ends


@cache
def _own_no() -> re.Pattern[str]:
    phrases: list[str] = _toml()["reasons"]["own_no"]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)", re.IGNORECASE)


def _tells_own_no(reason: str) -> bool:
    """True where a reason in free words seems to say that the applicant did not want it: a doubt, never an end."""
    return folded(reason) not in known_words() and _own_no().search(" ".join(reason.split())) is not None


def furthest(steps: Iterable[Reached | None]) -> Reached:
    """The furthest step of those said; the application where none is."""
    return max((step for step in steps if step is not None), key=_ORDER.index, default=Reached.APPLICATION)
