"""Copies a finished paper of each kind and language, the first of all and each vacancy's last, with the reports and workbooks, to a folder.

    python .ci/papers/one_of_each.py OUTPUTS FOLDER

Ends with exit code 1 and their names when a template has no paper to show.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def lay_out(outputs: Path, folder: Path) -> list[str]:
    """Names (`kind-language`) of the papers laid in `folder`, each as .docx and .pdf."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, tuple[Path, Path]] = {}
    last: dict[str, tuple[Path, Path]] = {}
    for manifest in sorted(outputs.glob("*/manifest.json")):
        for paper in json.loads(manifest.read_text())["documents"]:
            name, files = f"{paper['kind']}-{paper['language']}", (manifest.parent / paper["docx"], manifest.parent / paper["pdf"])
            found.setdefault(name, files)
            last[f"{manifest.parent.name}-last-{name}"] = files
        for more in [*manifest.parent.glob("*.pdf"), *manifest.parent.glob("*.xlsx")]:
            shutil.copyfile(more, folder / f"{manifest.parent.name}-{more.name}")
    for name, files in (found | last).items():
        for file in files:
            shutil.copyfile(file, folder / f"{name}{file.suffix}")
    return sorted(found)


def main(outputs: Path, folder: Path) -> int:
    laid_out = lay_out(outputs, folder)
    expected = {f"{template.stem}-{template.parent.name}" for template in TEMPLATES.glob("[ln]*/*/*.docx")}
    if lacking := sorted(expected.difference(laid_out)):
        print(f"svar: no paper of {', '.join(lacking)}: give .ci/papers/every-letter an applicant who gets it", file=sys.stderr)
        return 1
    print(f"svar: {len(laid_out)} papers: {', '.join(laid_out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
