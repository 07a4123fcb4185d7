"""A paper laid out once, whose single lines are set anew: the second home of WeasyPrint, and the only one of its inner names.

Pango shapes each line that differs, WeasyPrint's own `draw_first_line` writes its operators, the page is
compressed again, and the cross-reference table is written; all other bytes of the file stay. The fonts
hold one fixed alphabet besides the letters of the words that stay, not the letters of other applicants:
the same words give the same bytes, whoever else applied, and no name leaves a trace in another's file.
"""

from __future__ import annotations

import html
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Set
from copy import copy
from dataclasses import dataclass
from functools import partial
from hashlib import md5
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

from pydyf import _to_bytes
from weasyprint.document import Document
from weasyprint.draw.text import draw_first_line
from weasyprint.formatting_structure.boxes import BlockBox, LineBox, TextBox
from weasyprint.matrix import Matrix
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import get_pango_font_key
from weasyprint.text.line_break import Layout, line_size

from flows.documents.pdf import Press

LETTERS = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x180), 0x218, 0x219, 0x21A, 0x21B, 0x1E9E, 0x2013, 0x2018, 0x2019)))
_JOINED = ("ff", "fi", "fj", "fk", "fl", "ft", "ffi", "ffj", "ffk", "ffl", "fft", "tt", "ti", "Th", "Qu")  # fonts have one glyph for some
_ALPHABET = " ".join((*sorted(LETTERS - {" "}), *_JOINED))
NEUTRAL = "aA b"  # stands on the lines that differ while the master is laid out; every text-transform would change it
MARK = "data-line"  # the attribute that numbers the elements of a page
_ROW = struct.Struct(">BIH")  # of the cross-reference table: sort, place, index
# A line whose place or look depends on its own words in other ways than these cannot be set.
_LEFT_ALONE = {
    "direction": ("ltr",),
    "text_align_all": ("start", "left"),
    "text_align_last": ("auto", "start", "left"),
    "text_decoration_line": ("none",),
    "letter_spacing": ("normal",),
    "word_spacing": (0,),
    "overflow_wrap": ("normal",),
    "visibility": ("visible",),
    "bookmark_level": ("none",),
    "string_set": ("none",),
}


class CannotBeSet(Exception):
    """This paper must be drawn in full; the words say why and name nobody."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a line that may differ stands."""

    page: int  # from 0
    box: Any  # WeasyPrint's TextBox
    room: float  # CSS pixels to the end of the line


def lone_lines(document: Document, texts: Mapping[int, str]) -> dict[int, _Place]:
    """The text elements that are one line of their own, by number: blocks in plain flow, nothing else on the line."""
    found: dict[int, _Place] = {}
    for number, page in enumerate(document.pages):
        for block in _plain_blocks(page._page_box):
            marked = block.element.get(MARK) if block.element is not None else None
            if marked is None or len(block.children) != 1 or type(line := block.children[0]) is not LineBox:
                continue
            box: Any = line.children[0] if len(line.children) == 1 else None
            if type(box) is not TextBox or line.resume_at is not None or box.text != html.unescape(texts.get(int(marked), "")):
                continue
            styles = (block.style, box.style)
            plain = all(style[name] in allowed for style in styles for name, allowed in _LEFT_ALONE.items())
            if plain and (line.text_overflow, line.block_ellipsis) == ("clip", "none"):
                found[int(marked)] = _Place(number, box, block.content_box_x() + block.width - box.position_x)
    return found


def _plain_blocks(box: Any) -> Iterator[Any]:
    """The blocks in a box whose size no text in them decides."""
    for child in box.children:
        if type(child) is BlockBox and child.is_in_normal_flow():
            yield child
            yield from _plain_blocks(child)


class _Line:
    """A line of the master that differs from paper to paper, and what shapes and draws it."""

    def __init__(self, place: _Place, fonts: dict[int, Any], press: Press) -> None:
        """`fonts` are those of the master; the line's own is given the alphabet. Raises CannotBeSet."""
        self._place = place
        self._layout = Layout(place.box.style)
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
        self._layout.set_text(text)
        if line_size(self._layout.get_first_line()[0], self._place.box.style)[0] > self._place.room - 1:  # a pixel for rounding
            raise CannotBeSet("a line is too wide")
        self._pen.begin()
        self._draw(self._pen, text)
        return self._pen.written()

    def _draw(self, stream: Any, text: str) -> None:
        box = self._place.box
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


class Master:
    """One laid-out paper of a skeleton: all bytes that stay, and every line that does not."""

    def __init__(self, press: Press, page_html: str, differing: Set[int]) -> None:
        self.differing = frozenset(differing)
        document = press.lay_out(page_html)
        places = lone_lines(document, dict.fromkeys(differing, NEUTRAL))
        if not differing <= places.keys():
            raise CannotBeSet("a line that differs is not one of its own")
        self._pages: list[tuple[Any, list[bytes | int]]] = []  # a page's stream object; its pieces, a number for a line
        self._lines: dict[int, _Line] = {}
        for number, page in enumerate(document.pages):
            here = {each: places[each] for each in differing if places[each].page == number}
            if here:
                page.paint = partial(self._paint, page.paint, here, press)
        press.write(document, finisher=lambda _, pdf: self._keep(pdf))

    def _paint(self, paint: Callable[[Any, float], None], here: dict[int, _Place], press: Press, stream: Any, scale: float) -> None:
        """Paints a page as WeasyPrint does, then notes which operators belong to the lines that differ."""
        paint(stream, scale)
        operators, spans = stream.stream, []
        for each, place in here.items():
            begin = operators.index(b"BT", operators.index({"MCID": stream._tags[place.box]["mcid"]}))
            spans.append((begin, operators.index(b"ET", begin) + 1, each))
        pieces: list[bytes | int] = []
        at = 0
        for begin, end, each in sorted(spans):
            pieces += [b"\n".join(map(_to_bytes, operators[at:begin])), each]
            at = end
        self._pages.append((stream, [*pieces, b"\n".join(map(_to_bytes, operators[at:]))]))
        self._lines |= {each: _Line(place, stream._fonts, press) for each, place in here.items()}

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
        lines = {number: self._lines[number].operators(text) for number, text in texts.items()}
        for stream, pieces in self._pages:
            written = _object(stream.number, b"", b"\n".join(lines[piece] if isinstance(piece, int) else piece for piece in pieces))
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
