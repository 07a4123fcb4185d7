"""Papers of one skeleton laid out once, then only the lines that differ set anew: the same paper in a fraction of the time.

What is a skeleton? A page is cut at every element that holds nothing but text, and at the text after it.
Two pages whose markup is equal, and whose texts are equal but where a text has whole lines to itself and
takes as many of them, have the same skeleton. So no template names its fields: what may differ is read off
the layout, and what does differ off the papers. From the third paper of a skeleton on there is a master (flows/documents/master.py), laid out
with a neutral word on every line that differs.

The press draws in full whatever cannot be set: a character outside the master's alphabet or the line's
own font (so every other direction, emoji, combining marks), a glyph that stands for another text, other
words where they decide the place of what follows, a skeleton met less than three times. The first paper of a
master, the 20th, the 100th and every 500th are drawn in full too and compared in text, tags and pixels;
a difference counts in `fallbacks`, and that skeleton is drawn in full from then on.
"""

from __future__ import annotations

import html
import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from flows.documents.master import LETTERS, Master
from flows.documents.pdf import NotDrawnCleanly, Press
from flows.documents.places import MARK, CannotBeSet, Measure, places
from flows.documents.read_back import differences

_COMPARED_EARLY, _COMPARED_EVERY = (20, 100), 500  # papers set; a comparison costs as much as a hundred of them
_FEWEST = 3  # papers of a skeleton before a master pays
_MOST = 256  # skeletons remembered, the latest used
_TEXT_ELEMENT = re.compile(r"<([a-z][a-z0-9]*)((?: [^<>]*)?)>([^<>]+)</\1>(\s*)([^<>]*?)(?=\s*<)")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A page cut at the elements that hold only text, and the texts that follow them."""

    markup: tuple[str, ...]  # four pieces per element: what stands before it, its name, its attributes, the space after it; and the end
    texts: tuple[str, ...]  # two per element: its own, and what follows it

    @classmethod
    def of(cls, page: str) -> _Cut:
        pieces = _TEXT_ELEMENT.split(page)
        own, after = pieces[3::6], pieces[5::6]
        del pieces[5::6], pieces[3::5]
        return cls(tuple(pieces), tuple(chain.from_iterable(zip(own, after, strict=True))))

    def page(self) -> str:
        """The page again, its elements numbered."""
        said = []
        for number in range(len(self.texts) // 2):
            (before, name, attributes, space), (own, after) = (
                self.markup[4 * number : 4 * number + 4],
                self.texts[2 * number : 2 * number + 2],
            )
            said.append(f'{before}<{name}{attributes} {MARK}="{number}">{own}</{name}>{space}{after}')
        return "".join(said) + self.markup[-1]

    def with_texts(self, texts: Mapping[int, str]) -> _Cut:
        """The page with other texts, by number."""
        return _Cut(self.markup, tuple(html.escape(texts[number]) if number in texts else text for number, text in enumerate(self.texts)))


@dataclass(slots=True)
class _Skeleton:
    first: tuple[str, ...]  # the texts of the first paper
    met: int = 0
    differing: set[int] = field(default_factory=set)
    master: Master | None = None
    papers_set: int = 0
    refused: bool = False


class Setting:
    """Draws pages as `Press.draw` does, faster where many are alike. One per process."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._may_differ: dict[tuple[str, ...], dict[int, Measure]] = {}  # by markup: texts seen alone on their lines
        self._skeletons: OrderedDict[Any, _Skeleton] = OrderedDict()
        self.papers_set = 0
        self.fallbacks = 0  # skeletons whose sample differed from the full drawing

    def draw(self, page: str) -> bytes:
        """The PDF of an HTML page. Raises NotDrawnCleanly for any remark of the renderer."""
        cut = _Cut.of(page)
        if cut.markup not in self._may_differ:
            pdf = self._in_full(cut)
            self._skeleton(cut)
            return pdf
        skeleton = self._skeleton(cut)
        if skeleton.met < _FEWEST or skeleton.refused:
            return self._in_full(cut)
        try:
            pdf = self._set(skeleton, cut)
        except CannotBeSet:
            return self._in_full(cut)
        except Exception as error:  # noqa: BLE001  # whatever became of inner names, it must cost nobody their paper
            self._fall_back(skeleton, type(error).__name__)
            return self._in_full(cut)
        if skeleton.papers_set in _COMPARED_EARLY or skeleton.papers_set % _COMPARED_EVERY == 0:
            full = self._press.draw(page)
            found = differences(pdf, full)
            if found:
                self._fall_back(skeleton, f"a sample differs in {', '.join(found)}")
                return full
        skeleton.papers_set += 1
        self.papers_set += 1
        return pdf

    def _fall_back(self, skeleton: _Skeleton, why: str) -> None:
        self.fallbacks += 1
        skeleton.refused, skeleton.master = True, None
        logging.getLogger(__name__).warning("fallback: papers of a skeleton are drawn in full; %s", why)

    def _skeleton(self, cut: _Cut) -> _Skeleton:
        """The skeleton of a page, which knows now that it was met once more."""
        may_differ = self._may_differ.get(cut.markup, {})
        counts = {number: len(measure.lines(html.unescape(cut.texts[number]))) for number, measure in may_differ.items()}
        key = (cut.markup, tuple(counts.get(number, 0) or text for number, text in enumerate(cut.texts)))
        skeleton = self._skeletons.setdefault(key, _Skeleton(cut.texts))
        self._skeletons.move_to_end(key)
        if len(self._skeletons) > _MOST:
            self._skeletons.popitem(last=False)
        skeleton.met += 1
        skeleton.differing |= {number for number, count in counts.items() if count and cut.texts[number] != skeleton.first[number]}
        return skeleton

    def _in_full(self, cut: _Cut) -> bytes:
        document = self._press.lay_out(cut.page())
        if len(self._may_differ) >= _MOST:
            self._may_differ.clear()
        alone = {number: place.measure for number, place in places(document, cut.texts).items()}
        self._may_differ[cut.markup] = alone | self._may_differ.get(cut.markup, {})
        return self._press.write(document)

    def _set(self, skeleton: _Skeleton, cut: _Cut) -> bytes:
        texts = {number: html.unescape(cut.texts[number]) for number in skeleton.differing}
        if not all(LETTERS.issuperset(text) and " ".join(text.split()) == text for text in texts.values()):
            raise CannotBeSet("a character outside the alphabet")
        if skeleton.master is None or skeleton.master.differing != texts.keys():
            skeleton.master = self._master(skeleton, cut, texts)
            skeleton.papers_set = 0
        pdf = skeleton.master.set(texts)
        if self._press.remarks():
            raise CannotBeSet("the renderer had something to say")
        return pdf

    def _master(self, skeleton: _Skeleton, cut: _Cut, texts: Mapping[int, str]) -> Master:
        skeleton.refused = True  # until it is made: what fails once fails again
        measures = self._may_differ[cut.markup]
        neutral = {number: measures[number].neutral(len(measures[number].lines(text))) for number, text in texts.items()}
        page = cut.with_texts(neutral)
        try:
            master = Master(self._press, page.page(), neutral, page.texts)
        except NotDrawnCleanly as remarks:  # about the neutral words; those about the paper come with its full drawing
            raise CannotBeSet("the renderer had something to say") from remarks
        skeleton.refused = False
        return master
