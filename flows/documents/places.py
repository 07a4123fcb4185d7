"""Where on a laid-out page a text has whole lines to itself, and how any text breaks there. Leans on WeasyPrint's inner names.

WeasyPrint's own `split_first_line` breaks a text into its lines. A text that takes as many lines as the
one that stands there leaves everything else where it is: columns, rows and page breaks follow heights alone.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from weasyprint.document import Document
from weasyprint.formatting_structure.boxes import (
    BlockBox,
    InlineBox,
    LineBox,
    MarginBox,
    TableBox,
    TableCellBox,
    TableRowBox,
    TableRowGroupBox,
    TextBox,
)
from weasyprint.text.line_break import Layout, line_size, split_first_line

NEUTRAL = "aA b"  # stands on the lines that differ while the master is laid out; every text-transform would change it
MARK = "data-line"  # the attribute that numbers the elements of a page
_MOST_TEXTS = 128  # remembered for one place
_HAIR = 0.02  # CSS pixels; a line so near to its room may break either way
# A line whose place or look depends on its own words in other ways than these cannot be set.
_LEFT_ALONE = {
    "direction": ("ltr",),
    "text_align_all": ("start", "left"),
    "text_align_last": ("auto", "start", "left"),
    "text_decoration_line": ("none",),
    "letter_spacing": ("normal",),
    "word_spacing": (0,),
    "overflow_wrap": ("normal",),
    "hyphens": ("manual", "none"),
    "visibility": ("visible",),
    "bookmark_level": ("none",),
}
_IN_A_TABLE = (TableRowGroupBox, TableRowBox, TableCellBox)


class CannotBeSet(Exception):
    """This paper must be drawn in full; the words say why and name nobody."""


class Measure:
    """Breaks texts into the lines they take in one place of a page."""

    def __init__(self, style: Any, room: float, lead: str, *, several: bool) -> None:
        """`room` is in CSS pixels, `lead` what stands before the text in its own box; `several`: more lines than one may be measured."""
        self._style, self._room, self.lead, self._several = style, room, lead, several
        self._known: dict[str, tuple[str, ...]] = {}

    def lines(self, text: str) -> tuple[str, ...]:
        """The text's lines; none where it does not fit for certain."""
        if text not in self._known:
            if len(self._known) >= _MOST_TEXTS:
                self._known.clear()
            self._known[text] = self._broken(text)
        return self._known[text]

    def neutral(self, lines: int) -> str:
        """Words of nobody that take so many lines. Raises CannotBeSet."""
        words = NEUTRAL
        while 0 < len(self.lines(words)) < lines:
            words += f" {NEUTRAL}"
        if len(self.lines(words)) != lines:
            raise CannotBeSet("no neutral words of so many lines")
        return words

    def _broken(self, text: str) -> tuple[str, ...]:
        if self._width(self.lead + text) <= self._room - 1:  # a pixel for rounding
            return (text,)
        lines, sooner, later = (self._split(text if self._several else "", self._room + more) for more in (0, -_HAIR, _HAIR))
        return lines if len(lines) > 1 and lines == sooner == later else ()

    def _split(self, text: str, room: float) -> tuple[str, ...]:
        lines: list[str] = []
        while text:
            layout, _, resume, *_ = split_first_line(text, self._style, None, room, 0)
            lines.append(layout.text)
            text = "" if resume is None else text.encode()[resume:].decode().lstrip(" ")
        return tuple(lines)

    def _width(self, text: str) -> float:
        self._layout.set_text(text)
        return float(line_size(self._layout.get_first_line()[0], self._style)[0])

    @cached_property
    def _layout(self) -> Any:
        return Layout(self._style)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text that may differ stands."""

    page: int  # from 0
    boxes: tuple[Any, ...]  # WeasyPrint's TextBox of each line
    measure: Measure
    named: bool  # a page's header may repeat it


def places(document: Document, texts: Sequence[str]) -> dict[int, Place]:
    """The texts that alone fill whole lines of a block in plain flow, or end its only line, by number.

    Text 2n stands in the element marked n, text 2n + 1 after it.
    """
    if any(box.is_floated() for page in document.pages for box in page._page_box.descendants()):
        return {}  # lines make way for what floats
    found: dict[int, Place | None] = {}
    for page, box in enumerate(each._page_box for each in document.pages):
        for block in _plain_blocks(box):
            told = _boxes_of(block)
            if told is not None:
                number, boxes, lead = told
                # One that is there already stands on several pages: the head of a table, or a block that is broken.
                found[number] = None if number in found else _place(page, block, boxes, lead, html.unescape(texts[number]))
    return {number: place for number, place in found.items() if place is not None}


def _place(page: int, block: Any, boxes: tuple[Any, ...], lead: str, text: str) -> Place | None:
    """The place of a text in a block; None where its look depends on its words in other ways than by its lines."""
    if not _is_left_alone(block, boxes):
        return None
    room = block.content_box_x() + block.width - boxes[0].position_x
    measure = Measure(boxes[0].style, room, lead, several=_marked(block) is not None)
    first, *others = measure.lines(text) or ("",)
    if [each.text for each in boxes] != [lead + first, *others]:
        return None
    return Place(page, boxes, measure, block.style["string_set"] != "none")


def _boxes_of(block: Any) -> tuple[int, tuple[Any, ...], str] | None:
    """The number of the text that has lines of a block to itself, their text boxes, and what stands before the text in the first."""
    lines: list[Any] = block.children
    if not lines or not all(type(line) is LineBox and _is_whole(line) for line in lines):
        return None
    marked = _marked(block)
    return _at_the_end(lines) if marked is None else _whole(lines, marked)


def _marked(box: Any) -> int | None:
    """The number of the box's element, where it has one."""
    marked = box.element.get(MARK) if box.element is not None else None
    return None if marked is None else int(marked)


def _is_whole(line: Any) -> bool:
    return (line.text_overflow, line.block_ellipsis) == ("clip", "none")


def _whole(lines: list[Any], marked: int) -> tuple[int, tuple[Any, ...], str] | None:
    """The lines of a block that is one text."""
    boxes = [line.children[0] for line in lines if len(line.children) == 1]
    if len(boxes) < len(lines) or any(type(box) is not TextBox or box.position_x != boxes[0].position_x for box in boxes):
        return None
    return 2 * marked, tuple(boxes), ""


def _at_the_end(lines: list[Any]) -> tuple[int, tuple[Any, ...], str] | None:
    """The last text of a block's only line: in a marked element, or after one."""
    children: list[Any] = lines[0].children if len(lines) == 1 else []
    for last, at in ((each, children[-1]) for each in children[-2:] if type(each) is InlineBox):
        marked = _marked(last)
        if marked is not None and at is last and _is_bare(at) and [*map(type, at.children)] == [TextBox]:
            return 2 * marked, tuple(at.children), ""
        if marked is not None and type(at) is TextBox:
            return 2 * marked + 1, (at,), at.text[: len(at.text) - len(at.text.lstrip(" "))]
    return None


def _is_bare(box: Any) -> bool:
    """True when nothing around the box is as wide as its text."""
    borders = (box.border_left_width, box.border_right_width, box.border_top_width, box.border_bottom_width)
    return box.background is None and not any(borders) and box.element_tag != "a"  # where one may click


def _is_left_alone(block: Any, boxes: tuple[Any, ...]) -> bool:
    return all(style[name] in allowed for style in (block.style, boxes[0].style) for name, allowed in _LEFT_ALONE.items())


def _plain_blocks(box: Any) -> Iterator[Any]:
    """The blocks in a box whose width no text in them decides."""
    for child in box.children:
        if type(child) is BlockBox and child.is_in_normal_flow():
            yield child
            yield from _plain_blocks(child)
        elif type(child) in _IN_A_TABLE or (type(child) is TableBox and _is_fixed(child.style)):
            yield from _plain_blocks(child)


def _is_fixed(table: Any) -> bool:
    """True for the style of a table whose columns are as wide whatever stands in them."""
    return bool(table["table_layout"] == "fixed" and table["width"] != "auto")


def headers(document: Document, words: str) -> Iterator[tuple[int, Any, Measure, str, str]]:
    """Where the words stand again in a page's margins: page, text box, measure, what stands before and after. Raises CannotBeSet."""
    for page, box in enumerate(each._page_box for each in document.pages):
        for margin in (child for child in box.children if type(child) is MarginBox):
            if sum(type(child) is LineBox for child in margin.children) > 1:
                raise CannotBeSet("a header of several lines")
            for text in (each for each in margin.descendants() if type(each) is TextBox and words in each.text):
                before, _, after = text.text.partition(words)
                lines: list[Any] = margin.children
                alone = [*map(type, lines)] == [LineBox] and lines[0].children == [text] and words not in after
                if not (alone and _is_whole(lines[0]) and _is_left_alone(margin, (text,))):
                    raise CannotBeSet("a header whose look depends on its words")
                room = margin.content_box_x() + margin.width - text.position_x
                yield page, text, Measure(text.style, room, "", several=False), before, after
