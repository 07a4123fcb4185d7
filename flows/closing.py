"""One closing of one vacancy: what was read, what is made, what comes of it. Plain Python; Prefect only carries it."""

from __future__ import annotations

import contextlib
import json
import math
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flows import __version__, engine
from flows.audit.book import Book, close_book
from flows.audit.report import index_html, report_html
from flows.closing_turn import closing_turn
from flows.documents import shelf
from flows.documents.paper import Failed, Made, Order
from flows.dossier import CALL_LIST, Dossier, happened, today_now
from flows.ledger.events import History
from flows.orders import Paperwork, paperwork
from flows.preflight import Preflight, look_over_vacancy
from flows.roster.vacancy import Vacancy
from flows.settings import Settings
from flows.watcher import tell


class Closing:
    """Carried from task to task. Not a dataclass: Prefect looks into those, and there are people in here."""

    def __init__(self, found: Preflight, vacancy: Vacancy, settings: Settings, now: datetime) -> None:
        self.found, self.vacancy, self.now = found, vacancy, now
        self.settings = settings.as_run_by(vacancy).staffed(found.counts["letter"] + 2 * found.counts["call_and_letter"])
        self.out = settings.output_folder(vacancy.folder)
        self._papers: Paperwork | None = None
        self._earlier = shelf.Manifest()
        self._happened: dict[str, History] = {}
        self._kept: tuple[Made, ...] = ()
        self._due: tuple[Order, ...] = ()
        self._good: list[Made] = []
        self._failed: list[Failed] = []
        self._chunk = 0  # papers
        self._ahead: dict[int, Future[int]] = {}  # chunks that nobody has asked for yet
        self._balance: tuple[tuple[int, int], Book] | None = None  # the numbers of papers it was drawn up for
        self._lock = threading.Lock()
        self._is_alone = False

    @classmethod
    def of(cls, folder: Path, settings: Settings) -> Closing:
        """The vacancy in a folder, read and decided. Raises InputRefused with all faults."""
        return cls.looked_over(look_over_vacancy(folder, settings), settings)

    @classmethod
    def looked_over(cls, found: Preflight, settings: Settings) -> Closing:
        """The vacancy that was looked over."""
        assert found.vacancy is not None
        return cls(found, found.vacancy, settings, today_now(settings))

    @classmethod
    def begun(cls, folder: Path, settings: Settings) -> Closing:
        """The closing that the command has begun (`going_on_with`); read now when there is none."""
        closing = _begun.get()
        return closing if closing is not None and closing.vacancy.folder == folder.resolve() else cls.of(folder, settings)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While inside, no other run makes this vacancy's papers. Raises TurnTaken when one does."""
        if self._is_alone:
            yield
            return
        with closing_turn(self.settings.outputs, self.vacancy.name):
            self._is_alone = True
            try:
                yield
            finally:
                self._is_alone = False

    def plan(self) -> int:
        """The number of chunks of papers to make; those that lie there unchanged are not made again. Planned once, however often it is asked."""
        if self._papers is None:
            self._plan()
        return math.ceil(len(self._due) / self._chunk)

    def _plan(self) -> None:
        papers = paperwork(self.found, self.settings.templates, self.out, self.now)
        shelf.make_folders(self.out)
        self._earlier = shelf.read_manifest(self.out)
        self._happened = happened(self.settings, self.vacancy.name, self._earlier)
        gone = {id for id in self._happened if self._has_gone(id)}
        papers = replace(papers, orders=tuple(order for order in papers.orders if order.id not in gone))
        self._kept = tuple(made for made in self._earlier.made if made.id in gone)  # what has gone out is not made again
        by_paper = self._earlier.by_paper()
        due = []
        for order in papers.orders:
            made = by_paper.get((order.id, order.kind.name))
            if made is not None and shelf.still_good(order, made, self.out):
                self._good.append(made)
            else:
                due.append(order)
        self._due = tuple(due)
        self._chunk = self.settings.chunk or _chunk_size(len(due), self.settings.worker_count)
        self._papers = papers
        tell(0, len(due))

    def _has_gone(self, id: str) -> bool:
        """True when somebody's letter went out, or may have: what it was stays as it was."""
        told, answer = self._happened[id], self.found.due.get(id)
        letter = answer.papers[-1] if answer and answer.papers else ""
        return told.answered_with(letter) or told.under_way is not None or told.doubt is not None

    @contextlib.contextmanager
    def making_ahead(self) -> Iterator[None]:
        """While inside, chunks are made in their order before anybody asks for them. What was not begun then is left to whoever asks."""
        chunks = self.plan()
        early = ThreadPoolExecutor(self.settings.worker_count + 1, "ahead")  # one waits its turn, so that no worker is idle
        self._ahead = {number: early.submit(self._make_chunk, number) for number in range(1, chunks + 1)}
        try:
            yield
        finally:
            early.shutdown(wait=False, cancel_futures=True)

    def make_chunk(self, number: int) -> int:
        """How many papers of chunk `number` (from 1) hold."""
        early = self._ahead.pop(number, None)
        return self._make_chunk(number) if early is None or early.cancel() else early.result()

    def _make_chunk(self, number: int) -> int:
        assert self._papers is not None
        size = self._chunk
        orders = list(self._due[(number - 1) * size : number * size])
        earlier = self._earlier.by_paper()
        kept = [earlier.get((order.id, order.kind.name)) for order in orders]
        results = engine.make_chunk(self.settings, self._papers.work, orders, kept)
        good = [each for each in results if isinstance(each, Made)]
        with self._lock:
            self._good += good
            self._failed += [each for each in results if isinstance(each, Failed)]
            tell(len(self._good) + len(self._failed) - (len(self._papers.orders) - len(self._due)), len(self._due))
        return len(good)

    def write_account(self) -> None:
        """Writes manifest, report and index, whole or not at all; takes down the papers nobody is owed any longer."""
        made, set_right = self.made, self._to_set_right
        in_use = frozenset(path for each in (*made, *set_right) for path in (each.docx, each.pdf, each.eml) if path)
        for old in self._earlier.by_paper().values():
            with contextlib.suppress(OSError):  # one that is open elsewhere is no reason to leave the account unwritten
                shelf.take_down(old, self.out, in_use)
        about = {
            "vacancy": self.vacancy.name,
            "made_with": f"svar {__version__}",
            "export": self.vacancy.file.export,
            "export_sha256": self.found.roster.export.sha256,
        }
        shelf.write_manifest(
            self.out,
            replace(self._earlier, made=made, set_right=set_right),
            about | {"closed_at": self.now.isoformat(timespec="seconds"), "open": self.open_rows},
        )
        book, templates = self.book, self.settings.templates
        applicants = self.found.roster.applicants
        report = report_html(book, self.vacancy, now=self.now, templates=templates, faults=self.found.faults, applicants=applicants)
        shelf.write_whole(self.out / "report.html", report.encode())
        shelf.write_whole(
            self.out / "index.html", index_html(book, self.vacancy, now=self.now, templates=templates, applicants=applicants).encode()
        )
        if not (self.out / CALL_LIST).exists():  # one that is there may hold somebody's remarks: `svar calls` makes it anew
            from flows.recording import put_call_list

            manifest = replace(self._earlier, made=made, set_right=set_right)
            put_call_list(Dossier(self.found, self.vacancy, self.out, manifest, self._happened, self.now), self.settings)

    @property
    def _to_set_right(self) -> tuple[Made, ...]:
        """Papers somebody edited that do not hold now: the Word file stays where it is."""
        earlier = self._earlier.by_paper()
        papers = (earlier.get((each.id, each.kind)) for each in self._failed)
        return tuple(paper for paper in papers if paper is not None and shelf.edited_by_hand(paper, self.out))

    @property
    def made(self) -> tuple[Made, ...]:
        """The papers on the shelf, in the order of the export."""
        assert self._papers is not None
        rank = {(order.id, order.kind.name): number for number, order in enumerate(self._papers.orders)}
        rows = {each.id: each.row for each in self.found.roster.applicants}
        inorder = sorted(self._good, key=lambda each: rank[each.id, each.kind])
        return tuple(sorted((*inorder, *self._kept), key=lambda each: rows.get(each.id, 0)))

    @property
    def failed(self) -> Sequence[Failed]:
        return sorted(self._failed, key=lambda each: each.row)

    @property
    def book(self) -> Book:
        """The balance of the vacancy as it stands after this closing."""
        papers = (len(self._good), len(self._failed))
        if self._balance is None or self._balance[0] != papers:
            self._balance = papers, self._close_book()
        return self._balance[1]

    def _close_book(self) -> Book:
        file = self.vacancy.file
        return close_book(
            self.found.roster,
            self.found.due,
            self.made,
            self.failed,
            received=file.received,
            left_out=file.leave_out,
            unprepared=self.found.unprepared,
            happened=self._happened,
        )

    @property
    def open_rows(self) -> list[dict[str, Any]]:
        """The held and the failed, as the contract shows them."""
        return [{"id": each.id, "row": each.row, "reason": ", ".join(each.reasons)} for each in self.book.open_after_close]

    @property
    def counts(self) -> dict[str, int]:
        return self.found.counts | {"papers": len(self.made), "failed": len(self._failed), "open": len(self.open_rows)}

    @property
    def holds(self) -> bool:
        """True when every answer due has its checked papers and the sums agree."""
        book = self.book
        return not book.open_after_close and book.sums_hold and book.received_matches

    def report_object(self) -> dict[str, Any]:
        """The JSON object of `svar close` (contract); paths relative to the vacancy's output folder."""
        documents = [
            {"id": each.id, "kind": each.kind, "docx": each.docx, "pdf": each.pdf, "eml": each.eml, "sha256": dict(each.sha256)}
            for each in self.made
        ]
        return {"counts": self.counts, "documents": documents, "open": self.open_rows, "closed": self.holds, "report": "report.html"}

    def counts_markdown(self) -> str:
        """The counts and the open cases by id, for Prefect's run page."""
        lines = [f"| {word.replace('_', ' ')} | {number} |" for word, number in self.counts.items()]
        codes = {
            each.row: ", ".join(reason.rpartition(": ")[2].partition(":")[0] for reason in each.reasons)
            for each in self.book.open_after_close
        }
        open_cases = [f"- `{each['id']}` (row {each['row']}): {codes[each['row']]}" for each in self.open_rows]
        return "\n".join(["| | |", "|---|---:|", *lines, "", *(["Open:", "", *open_cases] if open_cases else ["Nothing is open."])])


_begun: ContextVar[Closing | None] = ContextVar("begun", default=None)


@contextlib.contextmanager
def going_on_with(closing: Closing) -> Iterator[None]:
    """While inside, a flow that closes this vacancy goes on with the closing instead of reading everything a second time."""
    before = _begun.set(closing)
    try:
        yield
    finally:
        _begun.reset(before)


def closed_from(folder: Path, settings: Settings) -> bool:
    """True when the last closing of the vacancy went to its end and its export is still the same: most likely nothing is to be made."""
    out = settings.output_folder(folder)
    about: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        about = json.loads((out / shelf.MANIFEST).read_text("utf-8"))
    export = str(about.get("export", ""))
    return bool(export) and shelf.is_closed(out) and shelf.file_digest(folder / export) == about.get("export_sha256")


def _chunk_size(papers: int, workers: int) -> int:
    """Papers per task: few enough that no worker waits long for the last one, so many that Prefect's part of the work stays small."""
    return min(max(math.ceil(papers / (12 * workers)), 10), 200)
