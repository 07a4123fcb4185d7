"""The rules of tone and law as they stand in the templates folder, each language's read when it is first asked for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import get_args

from flows.answers.free_texts import Rules
from flows.answers.needles import WORKED_OUT, in_writing
from flows.answers.tone import Rule, parse_rules
from flows.roster.faults import Fault, InputRefused
from flows.roster.vacancy import Language


def tone_rules(templates: Path) -> Rules:
    """The rules of tone and law by language, each read when it is first asked for. Then raises InputRefused for a file that does not hold."""
    return _ToneRules(templates)


class _ToneRules(Mapping[str, Sequence[Rule]]):
    def __init__(self, templates: Path) -> None:
        self._folder = templates / "rules"

    def __getitem__(self, language: str) -> Sequence[Rule]:
        path = self._folder / f"tone.{language}.toml"
        try:
            return _rules_of(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            found, do = str(error)[:200], "Correct the rule, or put the file back."
            raise InputRefused([Fault(file=path.name, code="rule-invalid", found=found, expected="rules of tone", do=do)]) from error

    def __iter__(self) -> Iterator[str]:
        return iter(get_args(Language))

    def __len__(self) -> int:
        return len(get_args(Language))


@lru_cache(maxsize=4)  # the same rules are asked for by the vacancy and by its templates
def _rules_of(text: str) -> tuple[Rule, ...]:
    return parse_rules(tomllib.loads(text))


def work_out_needles(templates: Path) -> None:
    """Writes down, for the rules that come with Svar, what would else be worked out by every command."""
    WORKED_OUT.unlink(missing_ok=True)
    rules = [rule for of_language in tone_rules(templates).values() for rule in of_language]
    WORKED_OUT.write_text(in_writing(pattern for rule in rules for pattern in (*rule.patterns, *rule.exceptions)), "utf-8")


if __name__ == "__main__":
    work_out_needles(Path(__file__).resolve().parent.parent / "templates")
