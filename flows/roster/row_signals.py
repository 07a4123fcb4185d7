"""What the cells of a row say about the stage: words, dates of steps, reasons, flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flows.roster.applicant import Outcome, Reached
from flows.roster.dates import read_date
from flows.roster.folding import folded
from flows.roster.statuses import Meaning, Signals

STEPS = {
    "phone_screen_date": Reached.PHONE_SCREEN, "interview_1_date": Reached.INTERVIEW_1, "interview_2_date": Reached.INTERVIEW_2,
    "interview_3_date": Reached.INTERVIEW_3, "offer_date": Reached.OFFER,
}  # fmt: skip
# Fields that tell how far somebody had come, and the end the column itself tells of.
BEFORE: Mapping[str, Outcome | None] = {
    "stage_before": None, "rejected_after": Outcome.REJECTED, "withdrew_after": Outcome.WITHDREW,
}  # fmt: skip
# Every field a row's stage is read from.
TELLING = ("status", "stage", *BEFORE, *STEPS, "hired_flag", "rejection_reason", "withdrawal_reason", "answered_mark")
_NO = frozenset({"false", "falsk", "falsch", "usand", "usann", "falskt", "forkert"})
_YES = frozenset({"ja", "yes", "true", "1", "x", "sand", "j", "y", "ansat", "hired"})


def row_signals(cells: Callable[[str], Sequence[str]], meaning: Callable[[str], Meaning], settled: Mapping[str, str]) -> Signals:
    """The signals of a row. `cells` gives the texts of a field's columns that say something; `settled` is [statuses]."""
    after = [
        replace(said, outcome=outcome or (said.outcome if said.source == "unknown" else None), held="")
        for field, outcome in BEFORE.items()
        for text in cells(field)
        for said in (meaning(text),)
    ]
    words = tuple(meaning(text) for field in ("status", "stage") for text in cells(field))
    hired = [text for text in cells("hired_flag") if folded(text) in _YES or read_date(text) is not None]
    return Signals(
        words=words or ((meaning(""),) if "" in settled else ()),
        dated=tuple(step for field, step in STEPS.items() if _affirmed(cells(field))),
        after=tuple(after),
        rejection_reasons=_affirmed(cells("rejection_reason")),
        withdrawal_reason=" / ".join(_affirmed(cells("withdrawal_reason"))),
        hired=bool(hired),
        answered=bool(_affirmed(cells("answered_mark"))),
    )


def _affirmed(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts without the check boxes that are not ticked."""
    return tuple(text for text in texts if folded(text) not in _NO)
