"""Draws docs/performance.png from the table of single letters in docs/performance.md.

python benchmarks/plot_performance.py
"""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

DOCS = Path(__file__).resolve().parent.parent / "docs"
_ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)
_OURS, _OTHERS = "#0b5d4e", "#9aa5a1"


def main() -> None:
    """Writes the picture: CPU milliseconds a letter, the quickest on top."""
    rows = sorted(
        ((float(cpu), what, makes) for what, makes, cpu, _ in _ROW.findall((DOCS / "performance.md").read_text("utf-8"))), reverse=True
    )
    figure, axes = plt.subplots(figsize=(9, 0.5 * len(rows) + 1.2), layout="constrained")
    bars = axes.barh([f"{what}\n{makes}" for _, what, makes in rows], [cpu for cpu, *_ in rows])
    for bar, (cpu, what, _) in zip(bars, rows, strict=True):
        bar.set_color(_OURS if what.startswith("Svar") else _OTHERS)
        axes.text(cpu + 1.5, bar.get_y() + bar.get_height() / 2, f"{cpu:g}", va="center", fontsize=9)
    axes.set_xlim(right=rows[0][0] * 1.12)
    axes.set_xlabel("CPU milliseconds a letter, one process, warm")
    axes.tick_params(axis="y", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DOCS / "performance.png", dpi=110)


if __name__ == "__main__":
    main()
