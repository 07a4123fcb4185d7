"""The finished papers on disk: names, whole writes, digests, and what must be made again."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from flows.documents.paper import Made, Order
from flows.roster.faults import SvarError

MANIFEST = "manifest.json"
_JOURNAL = "manifest.part.jsonl"
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DAILY = ("date", "waiting_days")  # printed, but no reason to make a paper again
_LONGEST_STEM = 110  # bytes; with the ending at most 120, as some file systems count


def file_stem(name: str, id: str) -> str:
    """A file name without ending: the person's name and id, safe on Windows, at most 110 bytes, æøå kept."""
    safe_id = re.sub(r"\s+", " ", _UNSAFE.sub("_", unicodedata.normalize("NFC", id))).strip(" .")
    if len(safe_id.encode()) > 40 or safe_id != id:
        safe_id = safe_id.encode()[:30].decode(errors="ignore") + "-" + hashlib.sha256(id.encode()).hexdigest()[:8]
    room = _LONGEST_STEM - len(safe_id.encode()) - 1
    safe_name = re.sub(r"\s+", " ", _UNSAFE.sub("_", unicodedata.normalize("NFC", name))).strip(" .")
    return f"{safe_name.encode()[:room].decode(errors='ignore').strip(' .')} {safe_id}".strip()


def write_whole(path: Path, content: bytes) -> None:
    """The file at `path` is the content, or as it was before; never a part of it. Readable by its owner alone."""
    with _on_the_disk(path, content) as temporary:
        os.replace(temporary, path)


def write_new(path: Path, content: bytes) -> None:
    """The same, where no file is. Raises FileExistsError when somebody has put one there, however short before."""
    with _on_the_disk(path, content) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without links: the moment between looking and writing stays
            if path.exists():
                raise FileExistsError(path) from None
            os.replace(temporary, path)


@contextlib.contextmanager
def _on_the_disk(path: Path, content: bytes) -> Iterator[Path]:
    """The content beside `path` under another name, as long as it takes to give it that name."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str | None:
    """The SHA-256 of a file; None where there is none."""
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None


def inputs_digest(fields: Mapping[str, Any], *stock: str) -> str:
    """The digest of everything a paper depends on; the day it is written does not count."""
    lasting = {key: value for key, value in fields.items() if key not in _DAILY}
    return digest(json.dumps([lasting, *stock], ensure_ascii=False, sort_keys=True, default=str).encode())


def private_folder(path: Path) -> None:
    """The folder, made with every one above it that is not there; what is made is closed to everybody but its owner."""
    if not path.parent.exists():
        private_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def make_folders(out: Path) -> None:
    """The output folders of a vacancy, closed to everybody but their owner."""
    folders = (out, *_shelves(out))
    for folder in folders:
        private_folder(folder)
        folder.chmod(0o700)
    _sweep(folders)


def _shelves(out: Path) -> tuple[Path, ...]:
    return out / "letters", out / "notes", out / "mail"


def _sweep(folders: Iterable[Path]) -> None:
    """Takes away what a process that was killed left half written."""
    for folder in folders:
        for leftover in folder.glob(".writing-*"):
            leftover.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies on the shelf of a vacancy, by its digests."""

    made: tuple[Made, ...] = ()
    set_right: tuple[Made, ...] = ()  # edited by hand and not holding now: as they were made, so that the edit is known as one
    handed_over: bool = False

    def by_paper(self) -> dict[tuple[str, str], Made]:
        return {(made.id, made.kind): made for made in (*self.made, *self.set_right)}


def read_manifest(out: Path) -> Manifest:
    """What earlier runs made, finished or broken off. Raises SvarError when the manifest cannot be read."""
    try:
        text = (out / MANIFEST).read_text("utf-8")
    except FileNotFoundError:
        kept = Manifest()
    else:
        try:
            content = json.loads(text)
            made, set_right = (tuple(Made(**each) for each in content[key]) for key in ("documents", "to_set_right"))
            kept = Manifest(made, set_right, handed_over=bool(content["handed_over"]))
        except (ValueError, KeyError, TypeError) as error:
            raise SvarError(
                f"{out / MANIFEST} cannot be read: expected the file Svar wrote. Put it back from a backup, or move the folder away."
            ) from error
    papers = kept.by_paper() | noted(out)
    return Manifest(tuple(papers.values()), handed_over=kept.handed_over)


def noted(out: Path) -> dict[tuple[str, str], Made]:
    """What the run that goes on, or was broken off, has made until now, by applicant and kind."""
    return {(made.id, made.kind): made for made in _journal(out)}


def _journal(out: Path) -> Iterable[Made]:
    try:
        lines = (out / _JOURNAL).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield Made(**json.loads(line))
        except (ValueError, TypeError):
            continue  # blank, or the line a power cut broke; its paper is made again


def note_made(out: Path, made: Made) -> None:
    """The paper is known to the next run even if this one is broken off. One appended line, from any process."""
    line = ("\n" + json.dumps(_told(made), ensure_ascii=False) + "\n").encode()  # a line that was broken off keeps to itself
    journal = os.open(out / _JOURNAL, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.write(journal, line) < len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(journal)  # before its files: after a power cut a file nobody noted would look like somebody's work
    finally:
        os.close(journal)


def _told(made: Made) -> dict[str, Any]:
    """As the manifest holds it; `asdict` would copy every digest first."""
    return {field.name: getattr(made, field.name) for field in fields(made)}


def write_manifest(out: Path, manifest: Manifest, about: Mapping[str, Any]) -> None:
    """The manifest of the finished run; `about` says what it was made from."""
    documents = {"documents": [_told(made) for made in manifest.made], "to_set_right": [_told(made) for made in manifest.set_right]}
    handed_over = manifest.handed_over or read_manifest(out).handed_over  # a sending may have begun meanwhile
    content = {"version": 1, **about, "handed_over": handed_over, **documents}
    write_whole(out / MANIFEST, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    (out / _JOURNAL).unlink(missing_ok=True)
    _sweep(_shelves(out))  # a worker of this run may have been killed; beside the shelves an audit may be writing


def is_closed(out: Path) -> bool:
    """True when the last closing of this folder went to its end."""
    return (out / MANIFEST).exists() and not (out / _JOURNAL).exists()


def mark_handed_over(out: Path) -> None:
    """The manifest says from now on that something was handed over from here: without the ledger nothing more happens."""
    content = json.loads((out / MANIFEST).read_text("utf-8"))
    if not content["handed_over"]:
        write_whole(out / MANIFEST, (json.dumps(content | {"handed_over": True}, ensure_ascii=False, indent=1) + "\n").encode())


def still_good(order: Order, made: Made | None, out: Path) -> bool:
    """True when the paper lies there as it was made and read back, from the same inputs."""
    if made is None or made.inputs != order.inputs or bool(order.mail_to) != bool(made.eml):
        return False
    return as_made(made, out)


def as_made(made: Made, out: Path) -> bool:
    """True when every file of the paper lies there byte for byte as it was made and read back."""
    return all(file_digest(out / path) == made.sha256.get(ending) for ending, path in files_of(made))


def edited_by_hand(made: Made | None, out: Path) -> bool:
    """True when somebody changed the Word file after it was made; such a file is never overwritten."""
    if made is None:
        return False
    now = file_digest(out / made.docx)
    return now is not None and (now != made.sha256.get("docx") or made.edited is not None)


def files_of(made: Made) -> list[tuple[str, str]]:
    """Ending and path of every file of a paper."""
    named = (("docx", made.docx), ("pdf", made.pdf), ("eml", made.eml))
    return [(ending, path) for ending, path in named if path is not None]


def set_aside(out: Path, path: str) -> None:
    """The file is kept under set-aside/, under a name of its own."""
    aside = out / "set-aside"
    aside.mkdir(mode=0o700, exist_ok=True)
    target, number = aside / Path(path).name, 1
    while not _taken(target):  # a letter and a note of one name may be set aside at once
        number += 1
        target = aside / f"{Path(path).stem} ({number}){Path(path).suffix}"
    try:
        os.replace(out / path, target)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def _taken(path: Path) -> bool:
    """Makes an empty file under a name nobody has; False where somebody has it."""
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    return True


def take_down(made: Made, out: Path, in_use: frozenset[str]) -> None:
    """What of a paper is not in use any longer leaves the shelf; a Word file edited by hand is kept under set-aside/."""
    for ending, path in files_of(made):
        if path in in_use:
            continue
        if ending == "docx" and edited_by_hand(made, out):
            set_aside(out, path)
        else:
            (out / path).unlink(missing_ok=True)
