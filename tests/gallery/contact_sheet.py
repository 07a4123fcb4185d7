"""Draws every kind of paper in every language to one picture: `python -m tests.gallery.contact_sheet`.

The picture is docs/contact-sheet.png; look at it after a change of words or looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from tests.conftest import ROOT
from tests.gallery.papers import ALL, TEMPLATES, drawn, kind_of

PICTURE = ROOT / "docs" / "contact-sheet.png"
WIDTH, HEIGHT, GAP, LABEL = 392, 554, 14, 22  # pixels of a page, between pages, and of the line over it
COLUMNS = 4


def pages() -> Iterator[tuple[str, Image.Image]]:
    """A label and a picture for every page."""
    for template in sorted(TEMPLATES, key=lambda each: (each.parts[-2], each.parts[-3], each.stem)):
        with pypdfium2.PdfDocument(drawn(template, ALL["plain"]).pdf) as document:
            for number, page in enumerate(document, start=1):
                label = kind_of(template).partition("-")[2].replace("-", " ") + (f", {number}" if len(document) > 1 else "")
                yield (
                    label,
                    page.render(scale=2 * WIDTH / page.get_width()).to_pil().convert("L").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS),
                )


def contact_sheet() -> Image.Image:
    """All pages in rows, a label over each."""
    shown = list(pages())
    rows = [shown[at : at + COLUMNS] for at in range(0, len(shown), COLUMNS)]
    sheet = Image.new("L", (GAP + COLUMNS * (WIDTH + GAP), GAP + len(rows) * (HEIGHT + LABEL + GAP)), 214)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for row, labelled in enumerate(rows):
        for column, (label, page) in enumerate(labelled):
            left, top = GAP + column * (WIDTH + GAP), GAP + row * (HEIGHT + LABEL + GAP)
            draw.text((left, top), label, fill=40, font=font)
            sheet.paste(page, (left, top + LABEL))
    return sheet


def write(path: Path) -> None:
    """The sheet in sixteen greys, which keeps it small."""
    contact_sheet().quantize(16).save(path, optimize=True)


if __name__ == "__main__":
    write(PICTURE)
