"""How many files of a collection of spreadsheets are read right, refused clearly, or read wrong, by kind of file.

python benchmarks/reading_corpus.py FOLDER     a folder with files and expected.jsonl; --wrong names what differs; exit 1 on a wrong reading

expected.jsonl has one object a line: file, class, and expected with an outcome (that says `refusal` or `refuse` where one is right), and the
right cells: grid (a JSON file, one object a sheet with name and rows), or expected_csv or same_content_as (a file beside it).
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from flows.roster.faults import InputRefused
from flows.roster.spreadsheet import ReadLimits, read_grid

Cells = list[list[str]]
_VERDICTS = ("right", "nothing to compare", "refused", "refused, readable", "wrong")
_GRID_ROWS = 300  # more rows a grid does not keep
_TIMED = re.compile(r"^(\d{4}-\d\d-\d\d)T(?=\d\d:\d\d)")
_FRACTION = re.compile(r"^-?\d*\.\d+$")


def main(folder: Path, *, wrong: bool) -> int:
    """Prints the figures; exit 1 when a file was read wrong or a reader was lost."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for line in (folder / "expected.jsonl").read_text("utf-8").splitlines():
        told = json.loads(line)
        verdict, why = _verdict(folder, told)
        table[told["class"]][verdict] += 1
        if wrong and why:
            print(f"{told['file']}: {verdict}: {why}")
    _show(table)
    return 1 if any(counts["wrong"] for counts in table.values()) else 0


def _verdict(folder: Path, told: dict[str, Any]) -> tuple[str, str]:
    """The verdict and what there is to say for it."""
    expected = _expected_cells(folder, told["expected"])
    filled = None if expected is None else {name: cells for name, cells in expected.items() if cells}
    outcome = told["expected"]["outcome"]
    may_refuse = "refus" in outcome or "report the defect" in outcome or filled == {}
    try:
        found = _found_cells(folder / told["file"], sheets=filled or {})
    except InputRefused as refused:
        (fault,) = refused.faults
        lost = "the reader gave up" in (fault.found or "")
        why = f"{fault.code}, {fault.found}"
        return ("wrong" if lost else "refused" if may_refuse else "refused, readable"), why
    if filled is None:
        return ("wrong", "read, where it must be refused") if outcome.startswith("clean refusal") else ("nothing to compare", "")
    for name, cells in filled.items():
        mine = found[name] if len(cells) < _GRID_ROWS else found[name][: len(cells)]
        differing = [(one, other) for one, other in zip(mine, cells, strict=False) if one != other][:1]
        if differing or len(mine) != len(cells):
            return "wrong", f"sheet {name!r}: {len(mine)} rows, expected {len(cells)}; {differing}"
    return "right", ""


def _found_cells(path: Path, *, sheets: Iterable[str]) -> dict[str, Cells]:
    """The cells of every sheet named, read as the product reads them; of the sheet it chooses, too."""
    chosen = read_grid(path, ReadLimits())
    grids = {"": chosen} | {name: read_grid(path, ReadLimits(), sheet=name) for name in sheets if name}
    return {name: _plain([row.cells for row in grid.rows]) for name, grid in grids.items()}


def _expected_cells(folder: Path, expected: dict[str, Any]) -> dict[str, Cells] | None:
    """The right cells by sheet; None where the collection has none."""
    if "grid" in expected:
        return {sheet["name"]: _plain(sheet["rows"]) for sheet in json.loads((folder / expected["grid"]).read_text("utf-8"))}
    beside = folder / (expected.get("expected_csv") or expected.get("same_content_as") or "none")
    if not beside.is_file():
        return None
    with beside.open(encoding="utf-8-sig", newline="") as text:
        return {"": _plain(list(csv.reader(text)))}


def _plain(rows: Iterable[Sequence[str]]) -> Cells:
    """The cells without blank rows and edges, fractions and the letter between date and time in one form."""
    texts = [[_one_form(cell.strip()) for cell in row] for row in rows]
    filled = [row for row in texts if any(row)]
    left = min((next(place for place, cell in enumerate(row) if cell) for row in filled), default=0)
    return [row[left : max(place for place, cell in enumerate(row) if cell) + 1] for row in filled]


def _one_form(cell: str) -> str:
    return format(float(cell), ".12g") if _FRACTION.match(cell) else _TIMED.sub(r"\1 ", cell)


def _show(table: dict[str, Counter[str]]) -> None:
    print(f"{'kind of file':45}" + "".join(f"{verdict:>20}" for verdict in _VERDICTS))
    total: Counter[str] = Counter()
    for kind, counts in sorted(table.items()):
        total += counts
        print(f"{kind:45}" + "".join(f"{counts[verdict]:20}" for verdict in _VERDICTS))
    print(f"{f'all {total.total()}':45}" + "".join(f"{total[verdict]:20}" for verdict in _VERDICTS))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), wrong="--wrong" in sys.argv))
