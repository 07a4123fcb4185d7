"""The PDF of a page: tagged, PDF/A-2a and PDF/UA-1 at once, drawn in silence. The home of WeasyPrint (its inner names: places.py, master.py)."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from pydyf import Stream
from weasyprint import CSS, HTML
from weasyprint.document import Document, DocumentMetadata
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

_NO_GLYPH = re.compile(r"notdef glyph .*\((U\+[0-9A-F]+)\)", re.DOTALL)

_SILENT = re.compile(rb"^(<[0-9a-f]+>) <>$")
Finisher = Callable[[Document, Any], None]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_UA = "http://www.aiim.org/pdfua/ns/id/"
# PDF/A allows a foreign XMP property only when its schema is described in the same RDF block (ISO 19005-2, 6.6.2.3).
_UA_DESCRIPTION = f"""<rdf:RDF xmlns:rdf="{_RDF}" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<rdf:Description rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>{_UA}</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""

# The standard asks for these very prefixes.
for _prefix in ("pdfaExtension", "pdfaSchema", "pdfaProperty"):
    _end = {"pdfaExtension": "extension/", "pdfaSchema": "schema#", "pdfaProperty": "property#"}[_prefix]
    ElementTree.register_namespace(_prefix, f"http://www.aiim.org/pdfa/ns/{_end}")


class NotDrawnCleanly(Exception):
    """The renderer had something to say about the page; `remarks` are its words."""

    def __init__(self, remarks: tuple[str, ...]) -> None:
        self.remarks = remarks
        super().__init__("; ".join(remarks))

    @property
    def code(self) -> str:
        """`glyph-missing:U+738B U+674E` where that is all; a person's letters are not in it, only their numbers."""
        signs = [_NO_GLYPH.search(remark) for remark in self.remarks]
        if all(signs):
            return f"glyph-missing:{' '.join(dict.fromkeys(sign[1] for sign in signs if sign))}"
        return f"not-drawn-cleanly:{str(self).replace(': ', ' ')}"


class _Remarks(logging.Handler):
    """Keeps what WeasyPrint logs; the worker draws one page at a time, so a remark belongs to that page."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())

    def take(self) -> tuple[str, ...]:
        said, self.said = tuple(self.said), []
        return said


class _OnlyListed(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Opens nothing but the files listed; anything else ends the drawing."""

    def __init__(self, allowed: frozenset[Path]) -> None:
        super().__init__(allowed_protocols=["file", "data"])
        self._allowed = allowed

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "file" and Path(unquote(parts.path)).resolve() in self._allowed:
            return super().fetch(url, headers)
        raise FatalURLFetchingError("a page asked for a file that is not part of the templates")


class _BothStandards(DocumentMetadata):  # type: ignore[misc]  # WeasyPrint ships no types
    """WeasyPrint's own metadata, with the PDF/UA mark and its description in the same RDF block."""

    def generate_rdf_metadata(self, variant: str, version: int, conformance: str) -> bytes:
        rdf = ElementTree.fromstring(super().generate_rdf_metadata(variant, version, conformance))
        mark = ElementTree.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
        ElementTree.SubElement(mark, f"{{{_UA}}}part").text = "1"
        rdf.extend(ElementTree.fromstring(_UA_DESCRIPTION))
        written: bytes = ElementTree.tostring(rdf, encoding="utf-8")
        return written


def _spell_silent_glyphs(pdf: Any) -> None:
    """Glyphs that spell nothing by themselves, as Indic scripts have, read as nothing; without a text, a reader takes their number for one."""
    for each in pdf.objects:
        if isinstance(each, Stream) and b"begincmap" in each.stream:
            each.stream[:] = [_SILENT.sub(rb"\1 <200b>", line) if isinstance(line, bytes) else line for line in each.stream]


class Press:
    """Draws pages. One per process: fonts, style sheets and pictures are read once."""

    def __init__(self, stylesheets: tuple[Path, ...], pictures: tuple[Path, ...] = ()) -> None:
        self._remarks = _Remarks()
        logger = logging.getLogger("weasyprint")
        logger.handlers, logger.propagate = [self._remarks], False
        self._fonts = FontConfiguration()
        self._pictures: dict[str, Any] = {}
        self._fetcher = _OnlyListed(frozenset(path.resolve() for path in (*stylesheets, *pictures)))
        self._styles = [CSS(filename=path, font_config=self._fonts, url_fetcher=self._fetcher) for path in stylesheets]
        remarks = self._remarks.take()
        if remarks:
            raise NotDrawnCleanly(remarks)
        gc.collect()
        gc.freeze()  # what is loaded stays loaded; collecting it again costs a fifth of the drawing time

    def draw(self, page: str) -> bytes:
        """The PDF of an HTML page. Raises NotDrawnCleanly for any remark of the renderer."""
        return self.write(self.lay_out(page))

    def lay_out(self, page: str) -> Document:
        """The page laid out, its metadata made ready for both standards."""
        self._remarks.take()
        document = HTML(string=page, url_fetcher=self._fetcher).render(
            font_config=self._fonts, stylesheets=self._styles, pdf_variant="pdf/a-2a", cache=self._pictures
        )
        document.metadata = _BothStandards(**vars(document.metadata))
        return document

    def write(self, document: Document, finisher: Finisher | None = None) -> bytes:
        """The bytes of a laid-out document. Raises NotDrawnCleanly for any remark since it was laid out.

        `finisher` is shown the document and its PDF objects before they become bytes.
        """

        def finish(document: Document, pdf: Any) -> None:
            _spell_silent_glyphs(pdf)
            if finisher:
                finisher(document, pdf)

        pdf: bytes = document.write_pdf(pdf_variant="pdf/a-2a", finisher=finish)
        remarks = self.remarks()
        if remarks:
            raise NotDrawnCleanly(remarks)
        return pdf

    def remarks(self) -> tuple[str, ...]:
        """What the renderer said since it was last asked."""
        return self._remarks.take()

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """What the renderer says inside is about no paper and is forgotten."""
        kept = len(self._remarks.said)
        yield
        del self._remarks.said[kept:]
