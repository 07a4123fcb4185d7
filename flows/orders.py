"""From what is owed to what is made: one order per paper, and the faults of the templates they need."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flows import __version__
from flows.answers.due import Due, Route, more_specific
from flows.answers.facts import VacancyFacts, letter_fields, note_fields, vacancy_facts
from flows.answers.free_texts import checked_template
from flows.documents.paper import Kind, Order, Shelf, WorkOrder, rules_of, template_path
from flows.documents.shelf import digest, file_stem, inputs_digest
from flows.documents.template_check import template_findings
from flows.documents.word import UnfillableField, WordKind, compile_word
from flows.preflight import Preflight, look_over_vacancy
from flows.roster.applicant import Applicant
from flows.roster.faults import Fault, InputRefused, Severity
from flows.roster.vacancy import Vacancy, Waiver
from flows.roster.vacancy_reader import legible_part
from flows.settings import Settings
from flows.tone_rules import tone_rules

NOTE = "feedback_note"


@dataclass(frozen=True, slots=True)
class Paperwork:
    """All papers to make, and what they share."""

    work: WorkOrder
    orders: tuple[Order, ...]


def paperwork(found: Preflight, templates: Path, out: Path, now: datetime) -> Paperwork:
    """The papers everybody is owed. Raises InputRefused with every fault of the templates that would be used."""
    vacancy = found.vacancy
    assert vacancy is not None
    work = _work_order(vacancy, found, templates, out, now)
    facts = vacancy_facts(vacancy, applicants=found.people, today=now.date(), hired=found.hired)
    kinds = _Kinds(templates, vacancy.file.waive)
    stock = _stock_digest(templates, work)
    orders = [order for each in found.roster.applicants for order in _orders(each, found, facts, kinds, stock)]
    kinds.refuse_faulty(orders)
    return Paperwork(work, tuple(orders))


def try_templates(found: Preflight, templates: Path, today: date) -> None:
    """Each template somebody's paper needs, filled for the first of them. Raises InputRefused with every fault found."""
    vacancy = found.vacancy
    assert vacancy is not None
    facts = vacancy_facts(vacancy, applicants=found.people, today=today, hired=found.hired)
    kinds = _Kinds(templates, vacancy.file.waive)
    first: dict[Kind, Applicant] = {}
    for each in found.roster.applicants:
        for kind in _kinds_owed(each, found, facts.language, kinds):
            first.setdefault(kind, each)
    kinds.refuse_faulty(_order(each, kind, found, facts, kinds, "") for kind, each in first.items())


def with_templates(folder: Path, settings: Settings) -> Preflight:
    """The vacancy looked over, with the faults of the templates its papers need. Raises InputRefused, with those of all templates."""
    found = _looked_over(folder, settings)
    try:
        try_templates(found, settings.templates, date.today())
    except InputRefused as refused:
        return replace(found, faults=(*found.faults, *refused.faults))
    return found


def ready_to_close(folder: Path, settings: Settings) -> Preflight:
    """The vacancy looked over, its templates tried. Raises InputRefused with every fault that keeps it from being closed."""
    found = _looked_over(folder, settings)
    try_templates(found, settings.templates, date.today())
    return found


def _looked_over(folder: Path, settings: Settings) -> Preflight:
    try:
        return look_over_vacancy(folder, settings)
    except InputRefused as refused:
        raise InputRefused([*refused.faults, *_faults_of_templates(folder, settings.templates)]) from refused


def _faults_of_templates(folder: Path, templates: Path) -> tuple[Fault, ...]:
    """The faults of every template in the vacancy's language, where nobody's papers can be told yet."""
    file = legible_part(folder)
    if file is None:
        return ()
    kinds = _Kinds(templates, file.waive)
    for shelf in Shelf:
        for path in sorted((templates / shelf.value / file.language).glob("*.docx")):
            kinds.compiles(Kind(shelf, path.stem, file.language))
    return kinds.faults


def _work_order(vacancy: Vacancy, found: Preflight, templates: Path, out: Path, now: datetime) -> WorkOrder:
    firm, contact, mail = vacancy.organisation, vacancy.file.contact, vacancy.organisation.mail
    letterhead = firm.model_dump(include={"name", "address", "cvr", "phone", "web", "colour", "public"}, mode="json")
    logo = vacancy.organisation_folder / firm.logo if firm.logo else None
    return WorkOrder(
        templates=templates.resolve(),
        out=out.resolve(),
        organisation=letterhead,
        logo=logo,
        contact=(contact.name, contact.phone, contact.email),
        names=tuple(each.name.full for each in found.roster.applicants),
        sender=mail.sender or contact.email,
        reply_to=mail.reply_to or contact.email,
        attach_pdf=mail.attach_pdf,
        vacancy=vacancy.name,
        waived=tuple((each.code.removeprefix("tone-"), each.id) for each in vacancy.file.waive),
        title=" ".join((vacancy.file.title, *vacancy.file.titles.values())),
        now=now,
    )


def _stock_digest(templates: Path, work: WorkOrder) -> str:
    """Digest of what every paper depends on besides its own template and fields."""
    looks = sorted(path for folder in ("pages", "rules") for path in (templates / folder).rglob("*") if path.is_file())
    logo = [work.logo] if work.logo else []
    shared: list[Any] = [
        __version__,
        work.organisation,
        work.contact,
        sorted(work.names),
        work.sender,
        work.reply_to,
        work.attach_pdf,
        work.title,
    ]
    return digest(repr([shared, *(digest(path.read_bytes()) for path in (*looks, *logo))]).encode())


def _orders(applicant: Applicant, found: Preflight, facts: VacancyFacts, kinds: _Kinds, stock: str) -> Iterator[Order]:
    return (_order(applicant, kind, found, facts, kinds, stock) for kind in _kinds_owed(applicant, found, facts.language, kinds))


def _kinds_owed(applicant: Applicant, found: Preflight, language: str, kinds: _Kinds) -> Iterator[Kind]:
    """The kinds of paper to make for somebody; none where words that may not be said stop them."""
    answer = found.due[applicant.id]
    if answer.due not in (Due.LETTER, Due.CALL_AND_LETTER) or applicant.id in found.stopped:
        return
    for paper in answer.papers:
        kind = kinds.for_applicant(Shelf.NOTES if paper == NOTE else Shelf.LETTERS, paper, applicant, language)
        if kind is not None:
            yield kind


def _order(applicant: Applicant, kind: Kind, found: Preflight, facts: VacancyFacts, kinds: _Kinds, stock: str) -> Order:
    feedback, letter = found.feedback.get(applicant.id), kind.shelf is Shelf.LETTERS
    fields = letter_fields(applicant, facts, feedback) if letter else note_fields(applicant, facts, feedback)
    mail_to = applicant.emails[0] if letter and found.due[applicant.id].route is Route.MAIL else ""
    inputs = inputs_digest(fields, stock, kinds.digest(kind), mail_to)
    return Order(applicant.id, applicant.row, kind, fields, file_stem(applicant.name.full, applicant.id), mail_to, inputs)


class _Kinds:
    """The templates a closing uses, found, compiled and tried with the first person's fields."""

    def __init__(self, templates: Path, waivers: tuple[Waiver, ...]) -> None:
        self._templates, self._waivers = templates, waivers
        self._rules = tone_rules(templates)
        self._compiled: dict[Kind, WordKind] = {}
        self._digests: dict[Kind, str] = {}
        self._faults: dict[str, Fault] = {}

    def for_applicant(self, shelf: Shelf, paper: str, applicant: Applicant, vacancy_language: str) -> Kind | None:
        """The most specific template in the applicant's language; None, with a fault noted, where there is none or it is broken."""
        language = applicant.language or vacancy_language
        for name in more_specific(paper, applicant.stage.reached):
            kind = Kind(shelf, name, language)
            if kind in self._compiled or template_path(self._templates, kind).is_file():
                return kind if self.compiles(kind) else None
        place = f"templates/{shelf.value}/{language}/{paper}.docx"
        self._faults[place] = Fault(
            file=place,
            code="template-missing",
            found="no such file",
            expected="a Word template for this answer in this language",
            do="Make one from the same letter in the other language.",
        )
        return None

    def compiles(self, kind: Kind) -> bool:
        if kind in self._compiled:
            return True
        path = template_path(self._templates, kind)
        try:
            compiled = compile_word(path)
            self._check_tone(kind, compiled.known_words)
        except InputRefused as refused:
            self._faults |= {f"{path} {number}": fault for number, fault in enumerate(refused.faults)}
            return False
        self._compiled[kind], self._digests[kind] = compiled, digest(path.read_bytes())
        return True

    def _check_tone(self, kind: Kind, words: str) -> None:
        """Raises InputRefused when a letter's own words may not be said; notes speak about what not to say."""
        if kind.shelf is Shelf.NOTES:
            return
        allowed = rules_of(self._must_say(kind), kind).get("allowed", ())
        place = "/".join(template_path(self._templates, kind).parts[-4:])
        found = checked_template(words, self._rules[kind.language], self._waivers, file=place, allowed=allowed)
        if errors := [fault for fault in found if fault.severity is Severity.ERROR]:
            raise InputRefused(errors)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(self._faults.values())

    def digest(self, kind: Kind) -> str:
        return self._digests[kind]

    def refuse_faulty(self, orders: Iterable[Order]) -> None:
        """Raises InputRefused when a template is missing, broken or asks for a field nobody has."""
        tried: set[Kind] = set()
        for order in orders:
            if order.kind not in tried:
                tried.add(order.kind)
                self._try(order)
        if self._faults:
            raise InputRefused(self._faults.values())

    def _try(self, order: Order) -> None:
        place = "/".join(template_path(self._templates, order.kind).parts[-4:])
        try:
            filled = self._compiled[order.kind].fill(order.fields)
        except UnfillableField as fault:
            if fault.code in ("field-unknown", "template-unsafe", "template-failed"):
                self._faults[place] = Fault(
                    file=place,
                    code=fault.code,
                    found=fault.field,
                    expected="fields named in templates/README.md",
                    do="Correct the field's name in Word.",
                )
        else:
            self._hold_to_rules(order, filled, place)

    def _hold_to_rules(self, order: Order, filled: bytes, place: str) -> None:
        """Notes a fault when the template has changes or comments left in it, a field in the wrong place, or does not say what it must."""
        template, letter = template_path(self._templates, order.kind).read_bytes(), order.kind.shelf is Shelf.LETTERS
        rules = rules_of(self._must_say(order.kind), order.kind)
        if found := template_findings(template, filled, order.fields, rules, letter=letter):
            self._faults[place] = Fault(
                file=place,
                code="template-incomplete",
                found=", ".join(found),
                expected="what templates/README.md asks of every letter, in the body, with no tracked changes or comments",
                do="Mend it in Word: accept all changes, delete comments, put the missing words or field into the text.",
            )

    def _must_say(self, kind: Kind) -> dict[str, Any]:
        return tomllib.loads((self._templates / "rules" / f"must_say.{kind.language}.toml").read_text("utf-8"))
