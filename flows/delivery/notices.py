"""A received message taken apart: what it says itself, the report of a mail server (RFC 3464), and the letter it brings back.

Everything here is written by strangers: nothing is trusted, nothing is followed, and every search takes time in proportion to the text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from functools import cache
from html import unescape
from pathlib import Path

Fields = Mapping[str, tuple[str, ...]]  # lower-case name -> values in their order

REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status", "message/x-delivery-status"})
RETURNED = frozenset(
    {"message/rfc822", "message/global", "message/partial", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers"}
    | {"message/global-headers"}
)
_LARGEST = 1_000_000  # bytes of a message that are read: the attachment of a letter brought back tells nothing
_LONGEST = 200_000  # characters of a text that are read; a notice says what happened at its beginning
_MOST_FIELDS = 2_000  # header fields of all parts; rewriting them takes their number squared
_MOST_BLOCKS = 500  # of a delivery report
_HIDDEN = ("style", "script", "head")
_BREAKS = ("br", "br/", "/p", "/div", "/tr", "/td", "/li", "/h1", "/h2", "/h3", "/h4")
_ADDRESS = re.compile(r"""(?:"[^"\s]{1,64}"|[^\s<>()\[\],;:"'`|=@{}]{1,64})@(?:[^\W_][\w-]{0,62}\.){1,10}[^\W\d_][\w-]{1,62}""")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:[ \t]*(.*)", re.DOTALL)
_HEADER_LINE = re.compile(r"(?im)^(?:> ?)?(?:return-path|received|dkim-signature|message-id|x-originating-ip)[ \t]*:[ \t]*\S")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}@[^<>\s]{1,250}>")


@dataclass(frozen=True, slots=True)
class Notice:
    """A message as its reader sees it; `blocks` are the groups of fields of a delivery report, the first of the message, one per recipient."""

    head: Fields
    kind: str  # content type of the whole
    kinds: frozenset[str]  # content types of its own parts, the returned letter's not among them
    blocks: tuple[Fields, ...]
    words: str  # what it says itself, up to the letter it brings back
    returned: Fields  # the header of the letter it brings back
    wrapped: bytes = b""  # a whole report that a filter on the way put into a message of its own

    def first(self, name: str) -> str:
        """The first value of a header field, empty without one."""
        return next(iter(self.head.get(name, ())), "")


@cache
def phrases(name: str) -> tuple[str, ...]:
    """A list of bounce_words.toml, without case."""
    words: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("bounce_words.toml").read_text("utf-8"))
    return tuple(word.casefold() for word in words[name])


def says(text: str, name: str) -> bool:
    """True where a text holds a phrase of the list."""
    folded = " ".join(text.casefold().replace("’", "'").split())
    return any(phrase in folded for phrase in phrases(name))


def addresses_in(text: str) -> tuple[str, ...]:
    """Every mail address of a text once, in its order; the domain in lower case."""
    found = (address.rpartition("@") for address in _ADDRESS.findall(text[:_LONGEST]))
    return tuple(dict.fromkeys(f"{local}@{domain.lower()}" for local, _, domain in found))


def message_ids_in(values: tuple[str, ...]) -> tuple[str, ...]:
    """Every Message-ID of some header values once, with its angle brackets."""
    return tuple(dict.fromkeys(found for value in values for found in _MESSAGE_ID.findall(value)))


def cleaned(message: bytes) -> Message:
    """The parsed message, line ends made one kind and every header a plain string (flufl.bounce fails on anything else).

    Raises ValueError for more header fields than any mail has.
    """
    mail = message_from_bytes(message[:_LARGEST].lstrip(b"\xef\xbb\xbf\r\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    if sum(len(part) for part in mail.walk()) > _MOST_FIELDS:
        raise ValueError(f"more than {_MOST_FIELDS} header fields")
    for part in mail.walk():
        values = [(name, _plain(str(value))) for name, value in part.raw_items()]
        for name, _ in values:
            del part[name]
        for name, value in values:
            part[name] = value
    return mail


def notice_of(message: bytes) -> Notice:
    """The message taken apart; raises ValueError, and whatever the standard parser raises on hostile nesting."""
    mail = cleaned(message)
    own = list(own_parts(mail))
    told = "\n".join(text for text in (_text(part) for part in _chosen(own)) if text)[:_LONGEST]
    words, back = _parted(told)
    reports = "\n\n".join(_raw(part) for part in own if part.get_content_type() in REPORTS) or words
    letters = [part for part in own if part.get_content_type() in RETURNED]
    return Notice(
        head=_fields((name, str(value)) for name, value in mail.raw_items()),
        kind=mail.get_content_type(),
        kinds=frozenset(part.get_content_type() for part in own),
        blocks=tuple(_blocks(reports)),
        words=words,
        returned=next((fields for fields in map(_returned, letters) if fields), _read_fields(back)),
        wrapped=next((wrapped for wrapped in map(_report_inside, letters) if wrapped), b""),
    )


def own_parts(mail: Message) -> Iterator[Message]:
    """The parts of a message without those inside a report or a returned letter."""
    waiting = [mail]
    while waiting:
        part = waiting.pop(0)
        yield part
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting[:0] = [inner for inner in part.get_payload() if isinstance(inner, Message)]


def _plain(value: str) -> str:
    raw = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"\r?\n(?![ \t])", "\n ", raw)


def _fields(items: Iterator[tuple[str, str]]) -> Fields:
    found: dict[str, list[str]] = {}
    for name, value in items:
        found.setdefault(name.lower(), []).append(_decoded(value))
    return {name: tuple(values) for name, values in found.items()}


def _decoded(value: str) -> str:
    """A header value as words; what claims an encoding it does not have stays as it stands."""
    folded = " ".join(value.split())
    if "=?" not in folded:
        return folded
    try:
        return str(make_header(decode_header(folded)))
    except (LookupError, ValueError):  # an unknown character set, bytes that do not fit it, base64 cut short
        return folded


def _chosen(own: list[Message]) -> list[Message]:
    """The text parts to read: the plain ones, and the HTML ones only where there is no plain text."""
    unparted = [part for part in own if part.get_content_maintype() == "multipart" and not part.is_multipart()]  # its boundary never comes
    texts = unparted + [part for part in own if part.get_content_maintype() == "text" and part.get_content_type() not in RETURNED]
    plain = [part for part in texts if part.get_content_type() != "text/html" and _text(part).strip()]
    return plain or texts


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        text = content.decode(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):  # a character set nobody knows, or not the one it says
        text = content.decode("utf-8", "replace")
    text = text[:_LONGEST]
    if part.get_content_type() == "text/html":
        return _words_of_page(text)
    return text


def _words_of_page(page: str) -> str:
    """The words of a stranger's HTML, line by line, in one pass: a search for pairs of tags takes the square of their number."""
    first, *pieces = page.split("<")
    told = [first]
    hidden = ""
    for piece in pieces:
        tag, closed, words = piece.partition(">")
        name = next(iter(tag.casefold().split()), "")
        if hidden and name != f"/{hidden}":
            continue
        hidden = name if name in _HIDDEN else ""
        if not hidden:
            told += ["\n" if name in _BREAKS else " ", words if closed else ""]
    return unescape("".join(told))


def _raw(part: Message) -> str:
    """The text of a report part, which the standard parser has taken for messages."""
    inner = part.get_payload()
    text = "\n\n".join(str(each) for each in inner[:_MOST_BLOCKS]) if isinstance(inner, list) else str(inner)
    encoding = part.get("content-transfer-encoding", "").strip().lower()
    if encoding not in ("base64", "quoted-printable"):
        return text
    shell = Message()
    shell["Content-Transfer-Encoding"] = encoding
    shell.set_payload(text.strip())
    return _text(shell)


def _blocks(text: str) -> list[Fields]:
    """The groups of fields of a delivery report, parted by blank lines."""
    return [_read_fields(block) for block in re.split(r"\n[ \t]*\n", text[:_LONGEST]) if block.strip()]


def _read_fields(text: str) -> Fields:
    """The fields at the head of a text, up to its first blank line; lines that are none are passed over."""
    head = re.split(r"\n[ \t]*\n", text.lstrip("\n")[:_LONGEST], maxsplit=1)[0]
    unfolded = re.sub(r"\n[ \t]+", " ", head)
    matches = (_FIELD.match(line.strip()) for line in unfolded.split("\n"))
    return _fields((match[1], match[2]) for match in matches if match)


def _returned(part: Message) -> Fields:
    inner = part.get_payload()
    if isinstance(inner, list):
        return _fields((name, str(value)) for each in inner[:1] if isinstance(each, Message) for name, value in each.raw_items())
    return _read_fields(_text(part))


def _report_inside(part: Message) -> bytes:
    """The letter brought back, where it is itself a mail server's report and not ours."""
    inner = part.get_payload()
    whole = next((each for each in inner if isinstance(each, Message)), None) if isinstance(inner, list) else None
    return whole.as_bytes() if whole is not None and whole.get_content_type() == "multipart/report" else b""


def _parted(text: str) -> tuple[str, str]:
    """What a server says, and the header of the letter it put below."""
    place = 0
    last = max((found.start() for found in _HEADER_LINE.finditer(text)), default=0)
    for line in text.split("\n"):
        if 0 < place < last and any(phrase in line.casefold() for phrase in phrases("returned")):
            break
        if _HEADER_LINE.match(line):
            return text[:place], text[place:]
        place += len(line) + 1
    back = text[place:]
    start = re.search(r"(?m)^[> \t]{0,4}[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]*\S", back.partition("\n")[2])
    return text[:place], back.partition("\n")[2][start.start() :] if start else ""
