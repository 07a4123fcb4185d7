"""The words: Word templates, compiled once per kind and filled strictly per person. The only home of docxtpl."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from flows.roster.faults import Fault, InputRefused

# Text that Word shows outside the body: a field may stand there too (DESIGN 5).
_FILLED_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml|docProps/core\.xml")
_TAG = re.compile(r"\{\{|\{%|\{#")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same words give the same bytes


class UnfillableField(Exception):
    """A field of the template is unknown, blank or holds characters no document can carry.

    `code` is one of field-unknown, field-blank, field-illegal, template-unsafe; `field` names the place.
    """

    def __init__(self, code: str, field: str) -> None:
        self.code, self.field = code, field
        super().__init__(f"{code}: {field}")


def _printable(value: Any) -> Any:
    """The value as it is printed; a blank one stops the paper, since a hole in a letter is worse than no letter."""
    if isinstance(value, StrictUndefined):
        return value  # raises by itself, with the field's name
    if isinstance(value, Markup):
        return value
    if value is None or (isinstance(value, str) and not value.strip()):
        raise UnfillableField("field-blank", "")
    if isinstance(value, str):
        if _NOT_IN_XML.search(value):
            raise UnfillableField("field-illegal", "")
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return value


def strict_environment() -> SandboxedEnvironment:
    """A Jinja environment in which nothing unknown, blank or dangerous can be printed."""
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=_printable)


@dataclass(frozen=True, slots=True)
class WordKind:
    """A compiled Word template: its fixed parts as a packed file, its filled parts as programs."""

    path: Path
    fixed: bytes  # compressed once
    programs: tuple[tuple[str, Template], ...]
    subject: Template
    known_words: str  # the words every paper of the kind carries

    def fill(self, fields: Mapping[str, Any]) -> bytes:
        """The filled .docx. Raises UnfillableField when a printed field is unknown, blank or illegal."""
        return _with_parts(self.fixed, [(name, _rendered(program, fields).encode()) for name, program in self.programs])

    def mail_subject(self, fields: Mapping[str, Any]) -> str:
        """The subject line: the title property of the Word file, filled; one line."""
        return " ".join(str(Markup(_run(self.subject, fields)).unescape()).split())


def compile_word(path: Path) -> WordKind:
    """The template at `path`, compiled. Raises InputRefused for a file that is not a Word template or has a broken tag."""
    try:
        return _compiled(path, path.read_bytes())
    except (OSError, zipfile.BadZipFile) as error:
        raise _refused(path, "template-unreadable", str(error), "a Word file (.docx)", "Save it in Word as .docx.") from error


@lru_cache(maxsize=64)  # a command asks for a template when it tries it and when it makes papers of it
def _compiled(path: Path, file: bytes) -> WordKind:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    if "word/document.xml" not in parts:
        raise _refused(path, "template-unreadable", "no document in it", "a Word file (.docx)", "Save it in Word as .docx.")
    environment = strict_environment()
    programs, fixed = [], []
    for name, content in parts.items():
        if _FILLED_PARTS.fullmatch(name) and _TAG.search(_without_markup(content)):
            programs.append((name, _program(path, name, content, environment)))
        else:
            fixed.append((name, content))
    subject = environment.from_string(_title(parts.get("docProps/core.xml", b"")))
    return WordKind(path, _with_parts(b"", fixed), tuple(programs), subject, _own_words(parts["word/document.xml"]))


def _with_parts(packed: bytes, parts: Iterable[tuple[str, bytes]]) -> bytes:
    """The packed file with these parts behind its own."""
    file = io.BytesIO(packed)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _without_markup(content: bytes) -> str:
    return re.sub(r"<[^>]+>", "", content.decode("utf-8", "replace"))


def _own_words(document: bytes) -> str:
    paragraphs = re.sub(r"</w:p>|<w:br/>|<w:tab/>", " ", document.decode())
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", html.unescape(re.sub(r"<[^>]+>", "", paragraphs)))


def _title(core: bytes) -> str:
    found = re.search(r"<dc:title>(.*?)</dc:title>", core.decode("utf-8", "replace"), re.DOTALL)
    return found[1] if found else ""


def _program(path: Path, part: str, content: bytes, environment: SandboxedEnvironment) -> Template:
    source = re.sub(r"^<\?xml[^>]*\?>\s*", "", content.decode())
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    patched = DocxTemplate(io.BytesIO()).patch_xml(source)
    # A line per paragraph, so that a syntax error can name the paragraph's words.
    lines = re.sub(r"<w:p([ >])", r"\n<w:p\1", patched)
    try:
        return environment.from_string(declaration + lines)
    except TemplateSyntaxError as error:
        words = _without_markup((declaration + lines).splitlines()[max(error.lineno - 1, 0)].encode())
        raise _refused(
            path,
            "template-tag",
            f"{words.strip()[:120]} ({error.message})",
            "every {{ and {% closed, every if and for ended",
            "Mend the tag in Word.",
            part,
        ) from error


def _refused(path: Path, code: str, found: str, expected: str, do: str, part: str = "") -> InputRefused:
    place = "/".join(path.parts[-3:])
    return InputRefused([Fault(file=place, code=code, found=found, expected=expected, do=do, column=part or None)])


def _rendered(program: Template, fields: Mapping[str, Any]) -> str:
    text = re.sub(r"\n<w:p([ >])", r"<w:p\1", _run(program, fields))
    return _LISTING.resolve_listing(text) if re.search(r"<w:t[ >][^<]*[\n\t\a\f]", text) else text


def _run(program: Template, fields: Mapping[str, Any]) -> str:
    try:
        return program.render(fields)
    except UndefinedError as error:
        raise UnfillableField("field-unknown", str(error.message)) from error
    except SecurityError as error:
        raise UnfillableField("template-unsafe", str(error.message)) from error
    except UnfillableField as error:
        raise UnfillableField(error.code, blank_field(fields)) from error
    except TemplateError as error:
        raise UnfillableField("template-failed", str(error.message)) from error


def blank_field(fields: Mapping[str, Any]) -> str:
    """The names of the blank texts among the fields, comma separated: one of them is what the template wanted to print."""
    flat = dict(fields) | {
        f"{name}.{inner}": each for name, value in fields.items() if isinstance(value, Mapping) for inner, each in value.items()
    }
    return ", ".join(name for name, value in flat.items() if isinstance(value, str) and not value.strip())


_LISTING = DocxTemplate(io.BytesIO())  # its paragraph rules only; no file behind it
