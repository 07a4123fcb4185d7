"""How many bounces of a collection are read right: recipients found, recipients that were none, other mail taken for a bounce.

python benchmarks/bounce_corpus.py FOLDER     a folder with messages and expected.jsonl; --wrong names the messages

expected.jsonl has one object a line: file, kind (a kind that says `not-a-bounce` or `not a bounce` is other mail), and the addresses that did
not get the letter: permanent, or recipients with recipient and action.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from flows.delivery.bounces import Sort, bounce_verdict


def main(folder: Path, *, wrong: bool) -> int:
    """Prints the figures; exit 1 when other mail was taken for a bounce."""
    counts: Counter[str] = Counter()
    for line in (folder / "expected.jsonl").read_text("utf-8").splitlines():
        told = json.loads(line)
        verdict = bounce_verdict((folder / told["file"]).read_bytes())
        permanent = verdict.sort is Sort.PERMANENT
        counts["messages"] += 1
        if "not a bounce" in told["kind"] or "not-a-bounce" in told["kind"]:
            counts["other mail"] += 1
            counts["other mail taken for a bounce"] += permanent
            faulty = permanent
        else:
            expected = _failed(told)
            found = {address.casefold() for address in verdict.recipients} if permanent else set()
            counts["expected"] += len(expected)
            counts["found"] += len(expected & found)
            counts["found that were none"] += len(found - expected)
            counts["bounces"] += bool(expected)
            counts["bounces seen"] += bool(expected) and permanent
            counts["left to a person"] += bool(expected) and verdict.sort is Sort.UNREADABLE
            faulty = expected != found
        if wrong and faulty:
            print(f"{told['file']}: {verdict.sort}")
    _show(counts)
    return 1 if counts["other mail taken for a bounce"] else 0


def _failed(told: dict[str, Any]) -> set[str]:
    """The addresses that did not get the letter."""
    listed = [each["recipient"] for each in told.get("recipients", ()) if each.get("action", "failed") == "failed"]
    return {address.casefold() for address in told.get("permanent", listed)}


def _show(counts: Counter[str]) -> None:
    found, none = counts["found"], counts["found that were none"]
    print(f"{counts['messages']} messages")
    print(f"bounces seen as permanent: {counts['bounces seen']} of {counts['bounces']}; {counts['left to a person']} more left to a person")
    print(f"recipients: {found} of {counts['expected']} found (recall {found / max(1, counts['expected']):.1%})")
    print(f"recipients named: {found + none}, right {found} (precision {found / max(1, found + none):.1%})")
    print(f"other mail taken for a bounce: {counts['other mail taken for a bounce']} of {counts['other mail']}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), wrong="--wrong" in sys.argv))
