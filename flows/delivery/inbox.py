"""The messages of a folder, an mbox file, a Maildir or one file, with the place where each lies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from flows.roster.faults import CommandRefused, SvarError

_ENVELOPE = re.compile(rb"From \S+.*\d{4}\s*$")  # the line that parts an mbox: From SENDER WEEKDAY MONTH DAY TIME YEAR
_LARGEST = 50_000_000  # bytes of one message; a mail server takes no more


def read_messages(path: Path) -> Iterator[tuple[str, bytes]]:
    """Place and bytes of every message, in the order of their names.

    The place is the file's name, `bounces.mbox message 3`, or `cur/1757.host` in a Maildir. A mailbox that grows while it is read is read as
    far as it has come. Raises SvarError for a path that is not there, cannot be opened or holds no message.
    """
    if not path.exists():
        raise CommandRefused(f"{path}: found nothing there, expected a folder of messages, an mbox file or a Maildir. Check the path.")
    count = 0
    try:
        for place, message in _messages_of_folder(path) if path.is_dir() else _messages_of_file(path, path.name):
            count += 1
            yield place, message
    except OSError as error:
        raise SvarError(f"{path}: could not be read ({error.strerror}). Check that you may open it and run again.") from error
    if not count:
        raise CommandRefused(f"{path}: found no message, expected at least one. Save the returned mails there and run again.")


def _messages_of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder, an empty one too: that something lay there and cannot be read is worth knowing."""
    maildir = [folder / name for name in ("cur", "new") if (folder / name).is_dir()]
    for inside in maildir or [folder]:
        for file in sorted(inside.iterdir()):
            if file.is_file() and not file.name.startswith("."):
                yield from list(_messages_of_file(file, str(file.relative_to(folder)))) or [(str(file.relative_to(folder)), b"")]


def _messages_of_file(file: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """The messages of an mbox, or the file as one message; what is too large to be a mail comes cut off, never not at all."""
    with file.open("rb") as stream:
        mbox = file.suffix.lower() != ".eml" and bool(_ENVELOPE.match(stream.readline(2000)))
        stream.seek(0)
        whole = b"" if mbox else stream.read(_LARGEST)
    if whole.strip():
        yield name, whole
    if mbox:
        for number, message in enumerate(_messages_of_mbox(file), start=1):
            yield f"{name} message {number}", message


def _messages_of_mbox(file: Path) -> Iterator[bytes]:
    """The messages of an mbox: an envelope line counts only at the beginning or after a blank line; `>From ` inside loses its mark."""
    lines: list[bytes] = []
    after_blank = True
    with file.open("rb") as stream:
        for line in stream:
            if after_blank and _ENVELOPE.match(line):
                if lines:
                    yield b"".join(lines)
                lines = []
            else:
                lines.append(re.sub(rb"^>(>*From )", rb"\1", line))
            after_blank = not line.strip()
    if b"".join(lines).strip():
        yield b"".join(lines)
