"""One audit of one vacancy: everything read afresh, compared, and the account written. Plain Python; Prefect only carries it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.audit.account import account_of
from flows.audit.book import Finding
from flows.audit.checks import EVENTS_MISSING, EVENTS_REWRITTEN, LEDGER_MISSING, Seen, findings
from flows.audit.overview import VacancyStanding, overview_html, standing_of
from flows.audit.pack import audit_pack, opened
from flows.audit.report import index_html, report_html
from flows.audit.report_pdf import report_pdf
from flows.audit.report_workbook import report_workbook
from flows.audit.timeliness import danish_day, danish_time
from flows.documents.shelf import MANIFEST, private_folder, write_whole
from flows.dossier import ERASED, Dossier, ledger_there, read_dossier, read_without_ledger, today_now
from flows.ledger.events import Event, broken_link
from flows.roster.faults import LedgerLost
from flows.settings import Settings

PACK, KEY = "audit-pack", "audit-key.json"


class Audit:
    """Carried from task to task. Not a dataclass: Prefect looks into those, and there are people in here."""

    def __init__(
        self, dossier: Dossier, settings: Settings, events: tuple[Event, ...], people: Mapping[str, str], lost: tuple[Finding, ...] = ()
    ) -> None:
        self.dossier, self.settings, self._events, self._people = dossier, settings, events, people
        self.book = dossier.book((*lost, *findings(self._seen())))

    @classmethod
    def of(cls, folder: Path, settings: Settings) -> Audit:
        """The vacancy in a folder, read afresh and compared with its papers and its ledger. Raises SvarError.

        A lost ledger is a finding like any other: the account says so, while every command that would hand over refuses.
        """
        try:
            dossier = read_dossier(folder, settings)
        except LedgerLost as lost:
            return cls(read_without_ledger(folder, settings), settings, (), {}, (Finding(lost.code, lost.place),))
        name = dossier.vacancy.name
        with ledger_there(settings) as ledger:
            if ledger is None:
                return cls(dossier, settings, (), {})  # nothing has happened yet
            return cls(dossier, settings, ledger.events(name), ledger.people(name))

    def _seen(self) -> Seen:
        dossier, manifest = self.dossier, _manifest(self.dossier.out)
        return Seen(
            applicants=dossier.applicants, made=dossier.manifest.made, out=dossier.out, export_sha256=dossier.found.roster.export.sha256,
            manifest_sha256=str(manifest.get("export_sha256", "")), events=self._events, people=self._people, histories=dossier.histories,
            broken_link=broken_link(self._events), packed=_packed(dossier.out),
            owed={id: answer.papers for id, answer in dossier.found.due.items()}, known_as=dossier.known_as,
        )  # fmt: skip

    def write(self) -> None:
        """Report, index and pack, each whole or not at all."""
        out, book, vacancy = self.dossier.out, self.book, self.dossier.vacancy
        private_folder(out)
        shared: dict[str, Any] = {"now": self.dossier.now, "templates": self.settings.templates, "applicants": self.dossier.applicants}
        write_whole(out / "report.html", report_html(book, vacancy, faults=self.dossier.found.faults, **shared).encode())
        write_whole(out / "index.html", index_html(book, vacancy, **shared).encode())
        write_whole(out / "report.pdf", report_pdf(book, vacancy, **shared))
        write_whole(out / "report.xlsx", report_workbook(book, vacancy, **shared))
        self.write_pack()

    def write_pack(self) -> None:
        """The audit pack, and beside it the key that stays with HR; an older pack that the ledger contradicts is the evidence, and stays."""
        if {EVENTS_MISSING, EVENTS_REWRITTEN, LEDGER_MISSING} & {each.code for each in self.book.findings}:
            return
        out, vacancy = self.dossier.out, self.dossier.vacancy
        about = {
            "vacancy": vacancy.name,
            "title": vacancy.file.title,
            "reference": vacancy.file.reference,
            "employer": vacancy.organisation.name,
        }
        pack = audit_pack(
            self.book,
            self._events,
            {id: key for key, id in self._people.items()},
            about=about,
            description=self.description,
            now=self.dossier.now,
        )
        folder = out / PACK
        private_folder(folder)
        for old in folder.iterdir():
            if old.is_file() and old.name not in pack.files:
                old.unlink()
        for name, content in pack.files.items():
            write_whole(folder / name, content)
        write_whole(out / KEY, pack.key)

    @property
    def description(self) -> str:
        """How answers are sent, from the configuration in force."""
        file, firm = self.dossier.vacancy.file, self.dossier.vacancy.organisation
        environment = Environment(loader=FileSystemLoader(self.settings.templates / "pack"), undefined=StrictUndefined)
        server = urlsplit(firm.mail.server)
        return environment.get_template(f"how.{file.language}.md").render(
            title=file.title, reference=file.reference, organisation=firm.name, made_at=f"{danish_time(self.dossier.now):%Y-%m-%d %H:%M}",
            received=file.received, letter_days=firm.targets.letter_working_days, call_days=firm.targets.call_working_days,
            ceiling=firm.targets.ceiling_days, route=firm.mail.route, server=server.hostname or "",
            tls=server.hostname not in ("localhost", "127.0.0.1", "::1"), journal=bool(firm.mail.journal),
        )  # fmt: skip

    def open_sample(self, number: int) -> Path:
        """A file with `number` people of the key, for an auditor to open with verify.py."""
        path = self.dossier.out / f"audit-opened-{number}.json"
        write_whole(path, opened((self.dossier.out / KEY).read_bytes(), number))
        return path

    @property
    def counts(self) -> dict[str, int]:
        """The counts of `check`, with the end states, the open and the findings."""
        states = {str(state): number for state, number in self.book.states.items()}
        return self.dossier.found.counts | states | {"open": len(self.book.open), "findings": len(self.book.findings)}

    def report_object(self) -> dict[str, Any]:
        """The JSON object of `svar audit` (contract); paths relative to the vacancy's output folder."""
        documents = [
            {"id": made.id, "kind": made.kind, "docx": made.docx, "pdf": made.pdf, "eml": made.eml, "sha256": dict(made.sha256)}
            for made in self.dossier.manifest.made
        ]
        rows = [{"id": each.id, "row": each.row, "reason": ", ".join(each.reasons) or each.waiting} for each in self.book.open]
        told = [{"code": each.code, "place": each.place} for each in self.book.findings]
        return {
            "counts": self.counts,
            "documents": documents,
            "open": rows,
            "findings": told,
            "closed": self.book.closed,
            "report": "report.html",
        }

    @property
    def standing(self) -> VacancyStanding:
        """The vacancy's line in the overview of all vacancies."""
        vacancy = self.dossier.vacancy
        account = account_of(self.book, vacancy, danish_day(self.dossier.now), self.dossier.applicants)
        return standing_of(vacancy.name, vacancy.file.title, account)

    @property
    def alarm(self) -> str:
        """Why a person must look today, in one line without names: somebody is over the target, or something does not agree; else empty."""
        now, found = self.standing, len(self.book.findings)
        late = f"{now.late} of {now.open} open cases are past their target, the longest has waited {now.oldest_wait} working days"
        return "; ".join([*([late] if now.late else []), *([f"{found} findings, see the report"] if found else [])])

    def open_table(self) -> list[dict[str, Any]]:
        """The open cases by id for Prefect's run page: codes, no names and no words of people."""
        lines = account_of(self.book, self.dossier.vacancy, danish_day(self.dossier.now), self.dossier.applicants).missing
        return [
            {
                "id": line.entry.id,
                "row": line.entry.row,
                "why": ", ".join(reason_code(reason) for reason in line.entry.reasons) or line.step,
                "working days": line.clock.wait.working_days if line.clock else None,
                "standing": line.clock.standing.value if line.clock else "",
            }
            for line in lines
        ]


def reason_code(reason: str) -> str:
    """The code in a reason such as `not_invited: field-blank: title`."""
    return reason.rpartition(": ")[2].partition(":")[0]


def _manifest(out: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((out / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def _packed(out: Path) -> tuple[str, ...]:
    """The digests of the events in the last pack; an unreadable line counts as one, for a ledger with fewer has lost its end."""
    try:
        lines = (out / PACK / "events.jsonl").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    return tuple(_digest_in(line) for line in lines)


def _digest_in(line: str) -> str:
    try:
        return str(json.loads(line)["digest"])
    except (ValueError, KeyError, TypeError):
        return ""


def all_vacancies(settings: Settings) -> tuple[Path, ...]:
    """Every folder under inputs with a vacancy.toml."""
    return tuple(sorted(path.parent for path in settings.inputs.glob("*/vacancy.toml")))


def to_audit(settings: Settings) -> tuple[str, ...]:
    """The names of the vacancies under inputs that still have papers: what was erased has its proof."""
    return tuple(folder.name for folder in all_vacancies(settings) if not (settings.output_folder(folder) / ERASED).exists())


def write_overview(standings: Iterable[VacancyStanding], settings: Settings) -> Path:
    """The page over all vacancies, slowest first."""
    page = overview_html(standings, now=today_now(settings), templates=settings.templates)
    private_folder(settings.outputs)
    write_whole(settings.outputs / "overview.html", page.encode())
    return settings.outputs / "overview.html"
