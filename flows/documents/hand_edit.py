"""What somebody wrote into a finished Word file, held against the rules of tone and law."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from flows.answers.tone import Rule, parse_rules, tone_findings
from flows.documents.read_back import word_paragraphs
from flows.roster.faults import Severity


def edit_findings(edited: bytes, filled: bytes, rules: Path, allowed: Collection[str]) -> tuple[str, ...]:
    """Codes of what may not be said in the paragraphs of `edited` that `filled`, the paper before the edit, does not have.

    `allowed` are codes that may stand: waived by somebody, or the matter of this letter. Warnings are a person's to judge, who just did.
    """
    before = set(word_paragraphs(filled))
    written = "\n".join(each for each in word_paragraphs(edited) if each not in before)
    found = (each for each in tone_findings(written, _rules(rules)) if each.severity is Severity.ERROR)
    return tuple(f"tone-{each.code}" for each in found if each.code not in allowed)


@lru_cache(maxsize=4)
def _rules(path: Path) -> tuple[Rule, ...]:
    return parse_rules(tomllib.loads(path.read_text("utf-8")))
