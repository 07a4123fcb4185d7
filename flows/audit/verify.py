"""Checks an audit pack, with Python alone: python verify.py [PACK-FOLDER] [--open OPENED.json]

Every file against its digest, the list of files against its own, the chain of events link by link, the
book's sums. OPENED.json is a list of {"person", "salt", "id", "name"} that HR hands over for a sample of
people: each must be the person who was sealed under that key when the pack was made.
Prints what does not hold, with its file and line; exit code 0 when everything holds, else 1.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def files_faults(pack: Path) -> Iterator[str]:
    listed = json.loads((pack / "files.json").read_bytes())
    canonical = json.dumps(listed["files"], ensure_ascii=False, sort_keys=True, indent=1)
    if sha256(canonical.encode()) != listed["digest"] or (pack / "files.json").read_bytes() != packed(listed):
        yield "files.json: the list of files is another than was sealed"
    for name, digest in listed["files"].items():
        if not (pack / name).is_file():
            yield f"{name}: missing"
        elif sha256((pack / name).read_bytes()) != digest:
            yield f"{name}: changed"
    for path in sorted(pack.iterdir()):
        if path.name not in listed["files"] and path.name != "files.json" and path.is_file():
            yield f"{path.name}: not part of the pack"


def packed(listed: object) -> bytes:
    return (json.dumps(listed, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def chain_faults(pack: Path) -> Iterator[str]:
    previous = "0" * 64
    for number, line in enumerate((pack / "events.jsonl").read_text("utf-8").splitlines(), start=1):
        try:
            event = json.loads(line)
            told = [event[key] for key in ("vacancy", "number", "what", "person", "at", "details", "previous")]
            canonical = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            holds = event["number"] == number and event["previous"] == previous and sha256(canonical.encode()) == event["digest"]
        except (ValueError, KeyError, TypeError):
            holds = False
        if not holds:
            yield f"events.jsonl line {number}: the chain breaks here"
            return
        previous = event["digest"]


def book_faults(pack: Path) -> Iterator[str]:
    book = json.loads((pack / "book.json").read_bytes())
    people = [json.loads(line) for line in (pack / "people.jsonl").read_text("utf-8").splitlines()]
    ended = sum(book["states"].values())
    if not ended + book["open"] == book["rows"] == len(people):
        yield f"book.json: {ended} ended + {book['open']} open, {book['rows']} rows, {len(people)} people"
    if len({each["person"] for each in people}) != len(people):
        yield "people.jsonl: somebody stands twice"


def opened_faults(pack: Path, opened: str) -> Iterator[str]:
    sealed = {each["person"]: each["seal"] for each in map(json.loads, (pack / "people.jsonl").read_text("utf-8").splitlines())}
    for each in json.loads(Path(opened).read_bytes()):
        if sealed.get(each["person"]) != sha256("\n".join((each["salt"], each["id"], each["name"])).encode()):
            yield f"{opened}: {each['person']} is not the person who was sealed"


def main(arguments: list[str]) -> int:
    opened = arguments[arguments.index("--open") + 1] if "--open" in arguments else None
    folders = [each for each in arguments if not each.startswith("--") and each != opened]
    pack = Path(folders[0]) if folders else Path(__file__).resolve().parent
    faults: list[str] = []
    for file, check in (("files.json", files_faults), ("events.jsonl", chain_faults), ("book.json", book_faults)):
        try:
            faults += check(pack)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            faults.append(f"{file}: cannot be read ({type(error).__name__}: {error})")
    faults += opened_faults(pack, opened) if opened else []
    print("\n".join(faults) if faults else "everything holds")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
