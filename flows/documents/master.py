"""A paper laid out once, whose lines are set anew. Leans on WeasyPrint's inner names, as places.py does and no other module.

Pango shapes each line that differs, WeasyPrint's own `draw_first_line` writes its operators, the page is
compressed again, and the cross-reference table is written; all other bytes of the file stay. The fonts
hold one fixed alphabet besides the letters of the words that stay, not the letters of other applicants:
the same words give the same bytes, whoever else applied, and no name leaves a trace in another's file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from hashlib import md5
from itertools import accumulate
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from pydyf import _to_bytes
from weasyprint.document import Document
from weasyprint.draw.text import draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import get_pango_font_key
from weasyprint.text.line_break import Layout

from flows.documents.pdf import Press
from flows.documents.places import NEUTRAL, CannotBeSet, Measure, Place, headers, places

_SIGNS = "\u00a7\u00ab\u00b0\u00bb\u00bd\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2026\u20ac"  # dashes, quotation marks and such
LETTERS = frozenset((*map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x180), 0x218, 0x219, 0x21A, 0x21B, 0x1E9E)), *_SIGNS))
_JOINED = ("ff", "fi", "fj", "fk", "fl", "ft", "ffi", "ffj", "ffk", "ffl", "fft", "tt", "ti", "Th", "Qu")  # fonts have one glyph for some
_ALPHABET = " ".join((*sorted(LETTERS - {" "}), *_JOINED))
_ROW = struct.Struct(">BIH")  # of the cross-reference table: sort, place, index


@dataclass(frozen=True, slots=True)
class _Slot:
    """A line of a page that differs: which text's, and what shapes and draws it."""

    text: int  # its number
    at: int  # the line of the text, from 0; -1 for a header, which repeats it
    box: Any  # WeasyPrint's TextBox
    before: str = ""
    after: str = ""
    measure: Measure | None = None  # of a header

    def words(self, lines: tuple[str, ...]) -> str:
        """What stands in it. Raises CannotBeSet."""
        words = self.before + lines[self.at] + self.after
        if self.measure and (len(lines) > 1 or self.measure.lines(words) != (words,)):
            raise CannotBeSet("a header is too wide")
        return words


class _Line:
    """A line of the master that differs from paper to paper, and what shapes and draws it."""

    def __init__(self, box: Any, fonts: dict[int, Any], press: Press) -> None:
        """`fonts` are those of the master; the line's own is given the alphabet. Raises CannotBeSet."""
        self._box = box
        self._layout = Layout(box.style)
        own, scratch = Stream({}, *[None] * 6), Stream({}, *[None] * 6)
        with press.unheard():  # a letter the font does not have is left out of the alphabet
            for stream, text in ((own, NEUTRAL), (scratch, _ALPHABET)):
                self._draw(stream, text)
        if len(own._fonts) != 1:
            raise CannotBeSet("a line in more than one font")
        (key,) = own._fonts
        holds = scratch._fonts[key]
        for glyph, text in holds.to_unicode.items():
            if LETTERS.issuperset(text) and glyph not in holds.missing.values():
                fonts[key].to_unicode.setdefault(glyph, text)
                fonts[key].widths.setdefault(glyph, holds.widths[glyph])
        self._pen = _Pen(key, fonts[key])

    def operators(self, text: str) -> bytes:
        """What draws the text, from BT to ET. Raises CannotBeSet."""
        self._pen.begin()
        self._draw(self._pen, text)
        return self._pen.written()

    def _draw(self, stream: Any, text: str) -> None:
        box = self._box
        self._layout.set_text(text)
        stream.begin_text()
        drawn = SimpleNamespace(text=text, style=box.style, pango_layout=self._layout, baseline=box.baseline)
        place = Matrix(d=-1, e=box.position_x, f=box.position_y + box.baseline)
        if draw_first_line(stream, drawn, "clip", "none", place):
            raise CannotBeSet("a picture among the letters")
        stream.end_text()


class _Pen(Stream):  # type: ignore[misc]  # WeasyPrint ships no types
    """Takes the operators of one line at a time; writes in one font, with the glyphs that font's map holds."""

    def __init__(self, key: int, font: Any) -> None:
        super().__init__({}, *[None] * 6)
        self._key, self._font = key, font
        self.begin()

    def begin(self) -> None:
        self.stream: list[Any] = []
        self._current_font = None
        self._used = copy(self._font)
        self._used.to_unicode, self._used.missing = {}, {}

    def written(self) -> bytes:
        known = self._font.to_unicode
        if any(known.get(glyph) != text for glyph, text in self._used.to_unicode.items()):
            raise CannotBeSet("a glyph that stands for another text, or is not in the alphabet")
        return b"\n".join(self.stream)

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        key, _, size = get_pango_font_key(pango_font)
        if key != self._key:
            raise CannotBeSet("a character is not in the font of the line")
        return self._used, size


def _slots(document: Document, found: Mapping[int, Place], neutral: Mapping[int, str]) -> Iterator[tuple[int, _Slot]]:
    """The page and the slot of every line that differs. Raises CannotBeSet."""
    named = [number for number, place in found.items() if place.named]
    if len(named) > 1:
        raise CannotBeSet("a header of more than one text that differs")
    for number, place in found.items():
        for at, box in enumerate(place.boxes):
            yield place.page, _Slot(number, at, box, before="" if at else place.measure.lead)
    for number in named:
        for page, box, measure, before, after in headers(document, neutral[number]):
            yield page, _Slot(number, -1, box, before, after, measure)


class Master:
    """One laid-out paper of a skeleton: all bytes that stay, and every line that does not."""

    def __init__(self, press: Press, page_html: str, neutral: Mapping[int, str], texts: Sequence[str]) -> None:
        """`texts` are those of the page, `neutral` the ones among them that differ, by number. Raises CannotBeSet."""
        self.differing = frozenset(neutral)
        document = press.lay_out(page_html)
        found = places(document, texts)
        if not self.differing <= found.keys():
            raise CannotBeSet("a text that differs does not stand alone on its lines")
        self._measures = {number: found[number].measure for number in neutral}
        self._counts = {number: len(found[number].boxes) for number in neutral}
        self._pages: list[tuple[Any, list[bytes | _Slot]]] = []  # a page's stream object and its pieces
        self._lines: dict[_Slot, _Line] = {}
        slots = list(_slots(document, {number: found[number] for number in neutral}, neutral))
        for number, page in enumerate(document.pages):
            here = [slot for at, slot in slots if at == number]
            if here:
                page.paint = partial(self._paint, page.paint, here, press)
        press.write(document, finisher=lambda _, pdf: self._keep(pdf))

    def _paint(self, paint: Callable[[Any, float], None], here: list[_Slot], press: Press, stream: Any, scale: float) -> None:
        """Paints a page as WeasyPrint does, then notes which operators belong to the lines that differ."""
        paint(stream, scale)
        operators, spans = stream.stream, []
        for slot in here:
            marked = {"MCID": stream._tags[slot.box]["mcid"]}
            if marked not in operators:
                raise CannotBeSet("a line that is painted apart, as one that shines through is")
            begin = operators.index(b"BT", operators.index(marked))
            spans.append((begin, operators.index(b"ET", begin) + 1, slot))
        pieces: list[bytes | _Slot] = []
        at = 0
        for begin, end, slot in sorted(spans, key=itemgetter(0)):
            pieces += [b"\n".join(map(_to_bytes, operators[at:begin])), slot]
            at = end
        self._pages.append((stream, [*pieces, b"\n".join(map(_to_bytes, operators[at:]))]))
        self._lines |= {slot: _Line(slot.box, stream._fonts, press) for slot in here}

    def _keep(self, pdf: Any) -> None:
        """Keeps the file's bytes but the pages that differ, and its cross-reference table with room for them (ISO 32000-1, 7.5.8)."""
        pdf.add_object(pdf.info)
        last, later = len(pdf.objects), {stream.number for stream, _ in self._pages}
        packed: list[Any] = []
        self._table, self._head = bytearray(), bytearray(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")
        for each in pdf.objects:
            if each.free == "f":
                self._table += _ROW.pack(0, 0, each.generation)
            elif each.compressible:
                self._table += _ROW.pack(2, last, len(packed))
                packed.append(each)
            else:
                self._table += _ROW.pack(1, len(self._head), 0)
                self._head += b"" if each.number in later else each.indirect + b"\n"
        self._table += _ROW.pack(1, len(self._head), 0)
        self._head += _object(last, *_packed(packed)) + b"\n"
        about = b"/Type /XRef/Index [0 %d]/W [1 4 2]/Size %d/Root %s/Info %s"
        self._about = about % (last + 2, last + 2, pdf.catalog.reference, pdf.info.reference)
        self._mark = md5(self._head, usedforsecurity=False)

    def set(self, texts: Mapping[int, str]) -> bytes:
        """The paper with these texts on its lines. Raises CannotBeSet."""
        file, table, mark = bytearray(self._head), bytearray(self._table), self._mark.copy()
        lines = {number: self._measures[number].lines(text) for number, text in texts.items()}
        if any(len(each) != self._counts[number] for number, each in lines.items()):
            raise CannotBeSet("a text of more lines or fewer")
        drawn = {slot: line.operators(slot.words(lines[slot.text])) for slot, line in self._lines.items()}
        for stream, pieces in self._pages:
            written = _object(stream.number, b"", b"\n".join(drawn[piece] if isinstance(piece, _Slot) else piece for piece in pieces))
            _ROW.pack_into(table, stream.number * _ROW.size, 1, len(file), 0)
            file += written + b"\n"
            mark.update(written)
        start, number, identifier = len(file), len(table) // _ROW.size, mark.hexdigest().encode()
        table += _ROW.pack(1, start, 0)
        file += _object(number, self._about + b"/ID [(%s)(%s)]" % (identifier, identifier), bytes(table))
        return bytes(file + b"\nstartxref\n%d\n%%%%EOF\n" % start)


def _packed(objects: list[Any]) -> tuple[bytes, bytes]:
    """The dictionary and the content of an object stream (ISO 32000-1, 7.5.7)."""
    contents = [each.data for each in objects]
    starts = [0, *accumulate(len(content) + 1 for content in contents)]
    index = " ".join(f"{each.number} {start}" for each, start in zip(objects, starts, strict=False)).encode()
    return b"/Type /ObjStm/N %d/First %d" % (len(objects), len(index) + 1), b"\n".join((index, *contents))


def _object(number: int, about: bytes, content: bytes) -> bytes:
    """A stream object, compressed."""
    short = zlib.compress(content, 6)
    return b"%d 0 obj\n<<%s/Filter /FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj" % (number, about, len(short), short)
