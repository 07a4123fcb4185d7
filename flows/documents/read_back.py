"""The finished files, opened again and read: what was found wrong, as codes. The only home of pypdfium2.

Nothing here trusts what the paper was made from: the words are taken from the bytes of the Word
file, the PDF and the mail.
"""

from __future__ import annotations

import ctypes
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import pypdfium2
from lxml import etree
from pypdfium2 import raw as pdfium

from flows.documents.name_index import NameIndex, plain

Tag = tuple[str, str, tuple[int, ...], tuple[Any, ...]]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_HOLE = re.compile(r"\S {2,}\S|\s[,;.](?:\s|$)|\(\s*\)")
_BULLETS = re.compile("[\u2022\u25e6\u25aa\u2023]")
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_TURNED = re.compile(rf"[{_RIGHT_TO_LEFT}](?:[{_RIGHT_TO_LEFT}\W]*[{_RIGHT_TO_LEFT}])?")
_REVISIONS = tuple(
    f"{_W}{each}" for each in ("ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange", "cellIns", "cellDel", "tblPrChange")
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What must stand in a paper, and what may."""

    name: str  # the applicant's full name
    others: NameIndex
    applicants: str = ""  # the number of applicants as printed; empty: not asked of this kind
    contact: tuple[str, ...] = ()  # name, telephone, mail of the person to turn to
    thanks: tuple[str, ...] = ()  # one of these phrases; empty: not asked
    refusal: tuple[str, ...] = ()  # one of these phrases, in the first half; empty: not asked
    greeting: str = ""  # the name after "Kære"; empty: not asked
    own_values: tuple[str, ...] = ()  # the person's own words, which may look like a tag or a hole


@lru_cache(maxsize=1)  # asked for the mail and for reading back, one paper after the other
def word_paragraphs(docx: bytes) -> tuple[str, ...]:
    """The paragraphs of a Word file's body as they are read, blanks kept. Raises ValueError when it is no Word file."""
    return tuple(text for _, text in styled_paragraphs(docx))


def styled_paragraphs(docx: bytes) -> tuple[tuple[str, str], ...]:
    """The id of its style and the text of each paragraph that has any. Raises ValueError as `word_paragraphs` does."""
    told = ((each.find(f"{_W}pPr/{_W}pStyle"), _paragraph_text(each)) for each in _part(docx, "word/document.xml").iter(f"{_W}p"))
    return tuple(("" if style is None else style.get(f"{_W}val", ""), text) for style, text in told if text.strip())


def _paragraph_text(paragraph: etree._Element) -> str:
    pieces: list[str] = []
    for node in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}noBreakHyphen"):
        if next(node.iterancestors(f"{_W}p")) is not paragraph:
            continue  # a text box inside the paragraph is read as its own paragraph
        pieces.append(
            node.text or ""
            if node.tag == f"{_W}t"
            else "-"
            if node.tag == f"{_W}noBreakHyphen"
            else "\n"
            if node.tag == f"{_W}br"
            else "\t"
        )
    return "".join(pieces)


@lru_cache(maxsize=1)
def _part(docx: bytes, name: str) -> etree._Element:
    try:
        with zipfile.ZipFile(BytesIO(docx)) as archive:
            return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError) as error:
        raise ValueError(f"not a Word file: {type(error).__name__}") from error


def word_leftovers(docx: bytes) -> tuple[str, ...]:
    """Codes for what an editor left behind in a Word file: tracked changes, comments."""
    root = _part(docx, "word/document.xml")
    found = []
    if next(root.iter(*_REVISIONS), None) is not None:
        found.append("tracked-changes")
    if next(root.iter(f"{_W}commentReference", f"{_W}commentRangeStart"), None) is not None:
        found.append("comment-left")
    return tuple(found)


def pdf_pages(pdf: bytes) -> tuple[str, ...]:
    """The text layer of each page. Raises ValueError when it is no PDF."""
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            return tuple(page.get_textpage().get_text_range() for page in document)
    except pypdfium2.PdfiumError as error:
        raise ValueError("not a PDF") from error


def _bare(text: str) -> str:
    """The characters alone: where a line breaks does not matter."""
    return _BULLETS.sub("", "".join(plain(text).split())).replace("\ufffe", "-")


def same_words(word: tuple[str, ...], pages: tuple[str, ...]) -> bool:
    """True when the pages carry the words of the Word file, all of them and in order; letterhead and foot may stand around.

    Where words run from right to left, the letters are counted: in which order they are read off a page is the reader's choice.
    """
    left, turned = _without_turned(" ".join(word))
    for page in pages:
        text, met = _without_turned(page)
        left = left[_longest_prefix(left, text) :]
        turned -= met
    return not left and not turned


def _without_turned(text: str) -> tuple[str, Counter[str]]:
    """The bare text without what runs from right to left, and the letters of that."""
    bare = _bare(text)
    return _TURNED.sub("", bare), Counter("".join(_TURNED.findall(bare)))


def _longest_prefix(words: str, text: str) -> int:
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if words[:middle] in text else (low, middle - 1)
    return low


def paper_findings(word: tuple[str, ...], expected: Expected, known: str = "") -> tuple[str, ...]:
    """Codes of what is wrong with the words of a paper; empty when they hold."""
    text = plain(" ".join(word))
    raw = "\n".join(word)
    odd = [value for value in expected.own_values if _TAG.search(value) or _HOLE.search(value)]
    for value in sorted(odd, key=len, reverse=True):
        raw = raw.replace(value, "\u2014")
    findings = []
    if plain(expected.name) not in text:
        findings.append("name-missing")
    if expected.greeting and not _greeted(word, expected):
        findings.append("greeting-missing")
    if expected.others.strangers(text, expected.name, known):
        findings.append("name-of-another")
    if expected.applicants and not re.search(rf"(?<![\d.,]){re.escape(expected.applicants)}(?!\d)", text):
        findings.append("number-missing")
    findings += [f"contact-missing:{part}" for part in expected.contact if plain(part) not in text]
    findings += _phrase_findings(text, expected)
    if _TAG.search(raw):
        findings.append("tag-open")
    if _HOLE.search(raw):
        findings.append("field-empty")
    return tuple(findings)


def _greeted(word: tuple[str, ...], expected: Expected) -> bool:
    """True when the name to greet by stands somewhere besides the line of the address that is the full name."""
    greeting = re.compile(rf"(?<!\w){re.escape(plain(expected.greeting))}(?!\w)")
    return any(greeting.search(text) for each in word if (text := plain(each)) != plain(expected.name))


def _phrase_findings(text: str, expected: Expected) -> list[str]:
    folded = text.casefold()
    findings = []
    if expected.thanks and not any(phrase.casefold() in folded for phrase in expected.thanks):
        findings.append("thanks-missing")
    if expected.refusal:
        at = min((found for phrase in expected.refusal if (found := folded.find(phrase.casefold())) >= 0), default=-1)
        if at < 0:
            findings.append("refusal-missing")
        elif at > len(folded) / 2:
            findings.append("refusal-late")
    return findings


def read_back(files: Mapping[str, bytes], expected: Expected, known: str = "") -> tuple[str, ...]:
    """Everything wrong with a finished paper, as codes: the Word file's words, then the PDF and the mail against them.

    `files` holds the bytes of docx, pdf and, where a mail was made, its plain and HTML text as `plain` and `html`.
    """
    try:
        word, pages = word_paragraphs(files["docx"]), pdf_pages(files["pdf"])
    except ValueError as error:
        return (f"unreadable:{error}",)
    findings = list(paper_findings(word, expected, known))
    findings += word_leftovers(files["docx"])
    page_text = " ".join(pages)
    if not same_words(word, pages):
        findings.append("words-differ:pdf")
    if expected.others.strangers(page_text, expected.name, known):
        findings.append("name-of-another:pdf")
    if "\ufffd" in page_text:
        findings.append("glyph-missing")
    for part in ("plain", "html"):
        if part in files and not same_words(word, (files[part].decode(),)):
            findings.append(f"words-differ:mail-{part}")
    return tuple(findings)


def differences(one: bytes, other: bytes, dots_per_inch: int = 110) -> tuple[str, ...]:
    """In what two PDFs differ for a reader: "text", "tags", "pixels"; empty when they are the same paper."""
    with pypdfium2.PdfDocument(one) as first, pypdfium2.PdfDocument(other) as second:
        looks: dict[str, Callable[[Any], Any]] = {
            "text": _page_text,
            "tags": _page_tags,
            "pixels": lambda page: _page_pixels(page, dots_per_inch / 72),
        }
        return tuple(name for name, look in looks.items() if [look(page) for page in first] != [look(page) for page in second])


def _page_text(page: pypdfium2.PdfPage) -> str:
    text: str = page.get_textpage().get_text_range()
    return text


def _page_pixels(page: pypdfium2.PdfPage, scale: float) -> tuple[int, int, bytes]:
    bitmap = page.render(scale=scale)
    return bitmap.width, bitmap.height, bytes(bitmap.buffer)


def _page_tags(page: pypdfium2.PdfPage) -> tuple[Tag, ...]:
    tree = pdfium.FPDF_StructTree_GetForPage(page)
    try:
        return tuple(_tag(pdfium.FPDF_StructTree_GetChildAtIndex(tree, at)) for at in range(pdfium.FPDF_StructTree_CountChildren(tree)))
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def _tag(element: Any) -> Tag:
    """An element of the structure tree: its sort, its alternate text, the marked content it holds, the elements in it."""
    said = []
    for question in (pdfium.FPDF_StructElement_GetType, pdfium.FPDF_StructElement_GetAltText):
        room = ctypes.create_string_buffer(512)
        said.append(room.raw[: max(question(element, room, len(room)), 0)].decode("utf-16-le"))
    held = tuple(
        pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, at)
        for at in range(pdfium.FPDF_StructElement_GetMarkedContentIdCount(element))
    )
    children = (pdfium.FPDF_StructElement_GetChildAtIndex(element, at) for at in range(pdfium.FPDF_StructElement_CountChildren(element)))
    return said[0], said[1], held, tuple(_tag(child) for child in children if child)
