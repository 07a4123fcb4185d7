"""The look: Word styles become classes of an HTML page. The only home of mammoth.

The words of a kind are taken from its Word template once, tags and all, and filled by the same
program rules as the Word file (`skeleton`); a Word file that somebody edited is converted itself
(`words_of`). Both ways give the same page, which a sample of every run and the tests compare.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mammoth
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from flows.documents.word import strict_environment

_STYLE = re.compile(r'<w:style [^>]*?w:type="(paragraph|character|table)"[^>]*>.*?<w:name w:val="([^"]+)"', re.DOTALL)
# Headings give the page its structure (PDF/UA); every other paragraph style is a p of its own class.
_HEADINGS = {
    "subject": "h1",
    "note title": "h1",
    "title": "h1",
    "note heading": "h2",
    "note question": "h3",
    "heading 1": "h1",
    "heading 2": "h2",
    "heading 3": "h3",
}
_ADDRESS = re.compile(r'(?:<p class="address">(?:(?!</p>).)*</p>\s*)+', re.DOTALL)  # stands in the envelope's window as one block
_SPLIT_LIST = re.compile(r'</(ul|ol)>\s*<\1(?: class="[^"]*")?>')  # a loop writes one list per turn; a reader sees one list
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def class_name(style: str) -> str:
    """The CSS class of a Word style: `List Bullet` becomes `list-bullet`."""
    return re.sub(r"[^a-z0-9]+", "-", style.casefold()).strip("-") or "unnamed"


def style_map(docx: bytes) -> str:
    """One mammoth rule per style the Word file names."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        styles = archive.read("word/styles.xml").decode() if "word/styles.xml" in archive.namelist() else ""
    rules = []
    for sort, escaped in _STYLE.findall(styles):
        name = html.unescape(escaped)
        quoted, css = name.replace("\\", "\\\\").replace("'", "\\'"), class_name(name)
        if sort == "table":
            rules.append(f"table[style-name='{quoted}'] => table.{css}:fresh")
        elif sort == "character":
            rules.append(f"r[style-name='{quoted}'] => {'strong' if css == 'strong' else 'em' if css == 'emphasis' else f'span.{css}'}")
        elif css.startswith("list-bullet"):
            rules.append(f"p[style-name='{quoted}'] => ul.{css} > li:fresh")
        elif css.startswith("list-number"):
            rules.append(f"p[style-name='{quoted}'] => ol.{css} > li:fresh")
        else:
            rules.append(f"p[style-name='{quoted}'] => {_HEADINGS.get(name.casefold(), 'p')}.{css}:fresh")
    return "\n".join(rules)


def words_of(docx: bytes) -> str:
    """The body of a Word file as HTML, its styles as classes. Pictures are left out: the look belongs to the page."""
    converted = mammoth.convert_to_html(
        io.BytesIO(docx),
        style_map=style_map(docx),
        include_default_style_map=True,
        convert_image=lambda image: [],
        external_file_access=False,
    )
    return str(converted.value)


def skeleton(template: Path) -> Template:
    """The page body of a kind, made from its Word template once; filled by the same strict rules as the Word file."""
    body = words_of(template.read_bytes())
    body = _TAG.sub(lambda tag: html.unescape(re.sub(r"<[^>]+>", "", tag[0])), body)
    for element, mark in (("p|h[1-6]|li", "p"), ("tr", "tr"), ("td|th", "tc")):
        # A paragraph (row, cell) that holds a {%p %} ({%tr %}, {%tc %}) tag is the bare statement, as in docxtpl.
        # The paragraph's own list, opened by the tag alone, goes with it.
        holder = rf"<({element})(?: [^>]*)?>(?:(?!</?\1[ >]).)*?\{{%{mark} ([^%]*)%\}}.*?</\1>"
        body = re.sub(holder, r"{% \2%}", body, flags=re.DOTALL)
    body = re.sub(r"<(ul|ol)(?: [^>]*)?>((?:\{%[^%]*%\})+)</\1>", r"\2", body)
    body = re.sub(r"<t(head|body)>((?:\{%[^%]*%\})*)</t\1>", r"\2", body)
    environment = strict_environment()
    strict = environment.finalize
    assert strict is not None
    environment.finalize = lambda value: _line_breaks(strict(value))
    return environment.from_string(body)


def _line_breaks(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup) and "\n" in value:
        return Markup("<br />").join(value.split("\n"))
    return value


class Pages:
    """The page templates of one templates folder."""

    def __init__(self, templates: Path) -> None:
        loader = FileSystemLoader(templates / "pages")
        self._environment = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
        )

    def letter_page(self, layout: str, body: str, **furniture: Any) -> str:
        """The whole HTML page of a paper: `layout` is letter or note, `body` the words, `furniture` the firm's letterhead."""
        grouped = _ADDRESS.sub(r'<div class="address-block">\g<0></div>', body)
        return self._environment.get_template(f"{layout}.html").render(body=Markup(grouped), **furniture)


def filled_body(program: Template, fields: Mapping[str, Any]) -> str:
    """The words of one person's paper as HTML. Raises as the Word file does when a field is missing."""
    return _SPLIT_LIST.sub("", program.render(fields))
