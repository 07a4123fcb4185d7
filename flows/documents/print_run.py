"""Letters for the printer: one PDF of many, in the order they go into envelopes."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import pypdfium2


def print_run(letters: Iterable[bytes], *, two_sided: bool = False) -> bytes:
    """One PDF with the letters in the order given. `two_sided`: each letter begins on a new sheet."""
    run = pypdfium2.PdfDocument.new()
    try:
        for letter in letters:
            with pypdfium2.PdfDocument(letter) as document:
                run.import_pages(document)
                if two_sided and len(document) % 2:
                    run.new_page(595.28, 841.89)
        packed = BytesIO()
        run.save(packed)
        return packed.getvalue()
    finally:
        run.close()
