"""Makes papers, one process of its own: everything a kind needs is compiled once, then set per person."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

from jinja2 import Template

from flows.documents import mail, page, shelf
from flows.documents.hand_edit import edit_findings
from flows.documents.name_index import NameIndex
from flows.documents.paper import Failed, Kind, Made, Order, Shelf, WorkOrder, rules_of, template_path
from flows.documents.pdf import NotDrawnCleanly, Press
from flows.documents.read_back import Expected, read_back, styled_paragraphs
from flows.documents.setting import Setting
from flows.documents.word import UnfillableField, WordKind, compile_word

_WRITING = 2  # papers on their way to the disk while the next are drawn; several share its waits
_TRIES = 5  # as often may somebody save a Word file while it is put on the shelf


class _SavedMeanwhile(Exception):
    """A Word file edited by hand is not the one its PDF was drawn from any more."""


@dataclass(frozen=True, slots=True)
class _CompiledKind:
    word: WordKind
    page: Template


_Drawn = tuple[Made, dict[str, bytes]]  # a paper that was read back and holds, and its files


class Workshop:
    """The tools of one worker process."""

    def __init__(self, work: WorkOrder) -> None:
        self._work = work
        self._kinds: dict[Kind, _CompiledKind] = {}
        self._must_say: dict[str, dict[str, Any]] = {}

    @property
    def folders_out_of_sight(self) -> tuple[Path, ...]:
        """The folders this machine should see and does not."""
        return tuple(folder for folder in (self._work.templates, self._work.out) if not folder.is_dir())

    @cached_property
    def _press(self) -> Press:
        logo = (self._work.logo,) if self._work.logo else ()
        return Press((self._work.templates / "pages" / "css" / "paper.css",), logo)

    @cached_property
    def _setting(self) -> Setting:
        return Setting(self._press)

    @property
    def fallbacks(self) -> int:
        """How many skeletons of papers are drawn in full because a sample of the fast way differed."""
        return self._setting.fallbacks

    @cached_property
    def _pages(self) -> page.Pages:
        return page.Pages(self._work.templates)

    @cached_property
    def _others(self) -> NameIndex:
        return NameIndex(self._work.names)

    def make_all(self, orders: Iterable[Order], kept: Iterable[Made | None]) -> list[Made | Failed]:
        """Each order made, read back and noted, in the order given; a fault in one paper never stops the next."""
        before, chunk, earlier = self.fallbacks, list(orders), list(kept)
        made = self._all(chunk, earlier)
        if self.fallbacks > before:  # what was set before the sample told is made again, drawn in full
            made = self._all(chunk, [now if isinstance(now, Made) else then for now, then in zip(made, earlier, strict=True)])
        return made

    def make(self, order: Order, earlier: Made | None) -> Made | Failed:
        """The paper on the shelf, or why there is none."""
        return self._all([order], [earlier])[0]

    def _all(self, orders: Iterable[Order], kept: Iterable[Made | None]) -> list[Made | Failed]:
        """Each paper is put on the shelf while the next ones are drawn: the disk takes as long as drawing does."""
        with ThreadPoolExecutor(_WRITING) as writing:
            under_way: list[Future[Made | Failed] | Failed] = []
            noted = cache(partial(shelf.noted, self._work.out))
            for order, then in zip(orders, kept, strict=True):
                earlier = self._last(order, then, noted)
                drawn = self._drawn_or_not(order, earlier)
                under_way.append(drawn if isinstance(drawn, Failed) else writing.submit(self._put_or_not, order, *drawn, earlier))
            return [each if isinstance(each, Failed) else each.result() for each in under_way]

    def _last(self, order: Order, then: Made | None, noted: Callable[[], Mapping[tuple[str, str], Made]]) -> Made | None:
        """What was made of the paper last. A chunk that is made a second time, because a worker died, is told what was there before the first."""
        path, there = self._docx_path(order), None
        with contextlib.suppress(OSError):
            there = shelf.file_digest(self._work.out / path)
        if there is None or (then is not None and (then.docx, then.sha256["docx"]) == (path, there)):
            return then
        return noted().get((order.id, order.kind.name), then)

    def _drawn_or_not(self, order: Order, earlier: Made | None) -> _Drawn | Failed:
        try:
            return self._drawn(order, earlier)
        except UnfillableField as fault:
            return self._failed(order, earlier, (f"{fault.code}:{fault.field}" if fault.field else fault.code,))
        except NotDrawnCleanly as remarks:
            return self._failed(order, earlier, (remarks.code,))
        except Exception as error:  # noqa: BLE001  # one damaged file must never keep the others from their answers
            return self._failed(order, earlier, (f"unreadable:{type(error).__name__}",))

    def _put_or_not(self, order: Order, made: Made, content: dict[str, bytes], earlier: Made | None) -> Made | Failed:
        try:
            self._put(made, content, earlier)
        except _SavedMeanwhile:
            return self._failed(order, earlier, ("saved-meanwhile",))
        except Exception as error:  # noqa: BLE001  # nor one that cannot be written: a full disk, a file that is open elsewhere
            return self._failed(order, earlier, (f"not-written:{type(error).__name__}",))
        return made

    def _drawn(self, order: Order, earlier: Made | None) -> _Drawn | Failed:
        kind = self._kind(order.kind)
        folder, docx_path = order.kind.shelf.value, self._docx_path(order)
        there = earlier if earlier and earlier.docx == docx_path else None
        edited = self._edit_time(there, docx_path) if there else None
        press: Press | Setting = self._press if edited else self._setting
        if edited:
            docx = (self._work.out / docx_path).read_bytes()
            body = page.words_of(docx)
        else:
            docx = kind.word.fill(order.fields)
            body = page.filled_body(kind.page, order.fields)
        subject = kind.word.mail_subject(order.fields)
        pdf = press.draw(self._page(order, body, subject))
        files = {"docx": docx, "pdf": pdf}
        eml = self._mail(order, subject, docx, body, pdf) if order.mail_to else None
        if eml:
            files |= {"plain": eml[1].encode(), "html": mail.html_words(eml[2]).encode()}
        findings = read_back(files, self._expected(order), f"{kind.word.known_words} {self._everyday} {self._profile(order)}")
        if edited:
            findings = (*findings, *edit_findings(docx, kind.word.fill(order.fields), *self._tone(order)))
        if findings:
            return self._failed(order, earlier, findings)
        stem = order.stem
        paths = {"docx": docx_path, "pdf": f"{folder}/{stem}.pdf"} | ({"eml": f"mail/{stem}.eml"} if eml else {})
        content = {"docx": docx, "pdf": pdf} | ({"eml": eml[0]} if eml else {})
        digests = {ending: shelf.digest(each) for ending, each in content.items()}
        made = Made(
            order.id, order.kind.name, order.kind.language, paths["docx"], paths["pdf"], paths.get("eml"), digests, order.inputs, edited
        )
        return made, content

    def _tone(self, order: Order) -> tuple[Path, frozenset[str]]:
        """The rules of tone for this paper, and the codes that may stand in it."""
        waived = {code for code, id in self._work.waived if id in ("", order.id)} | set(self._rules(order.kind).get("allowed", ()))
        return self._work.templates / "rules" / f"tone.{order.kind.language}.toml", frozenset(waived)

    @staticmethod
    def _profile(order: Order) -> str:
        """The chosen profile, which stands in everybody's letter."""
        return " ".join(_strings(order.fields.get("chosen") or {}))

    def _docx_path(self, order: Order) -> str:
        return f"{order.kind.shelf.value}/{order.stem}.docx"

    def _edit_time(self, earlier: Made, docx_path: str) -> str | None:
        if not shelf.edited_by_hand(earlier, self._work.out):
            return None
        if shelf.file_digest(self._work.out / docx_path) == earlier.sha256["docx"]:
            return earlier.edited
        changed = (self._work.out / docx_path).stat().st_mtime
        return datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")

    def _put(self, made: Made, content: dict[str, bytes], earlier: Made | None) -> None:
        """Notes the paper and writes its files; a Word file that is not the earlier paper's may be somebody's work and is set aside.

        Killed anywhere, the next run finds no Word file, or the one it was told of: never one that looks like an edit by hand.
        """
        out = self._work.out
        if earlier:  # under another name: it would be forgotten as soon as this one is noted
            shelf.take_down(earlier, out, frozenset(path for _, path in shelf.files_of(made)))
        known = earlier.sha256["docx"] if earlier and earlier.docx == made.docx else None
        on_shelf = shelf.file_digest(out / made.docx)
        keep = made.edited is not None or on_shelf == made.sha256["docx"]
        if made.edited is not None and on_shelf != made.sha256["docx"]:
            raise _SavedMeanwhile
        if on_shelf is not None and not keep:
            if on_shelf == known:
                (out / made.docx).unlink()
            else:
                shelf.set_aside(out, made.docx)
        shelf.note_made(out, made)
        for ending, path in reversed(shelf.files_of(made)):
            if ending != "docx":
                shelf.write_whole(out / path, content[ending])
        if not keep:
            self._put_word(made, content["docx"])

    def _put_word(self, made: Made, docx: bytes) -> None:
        """Somebody may save the file that was there in the very moment: that is their work, and set aside."""
        for _ in range(_TRIES):
            try:
                return shelf.write_new(self._work.out / made.docx, docx)
            except FileExistsError:
                shelf.set_aside(self._work.out, made.docx)
        raise FileExistsError(made.docx)

    def _failed(self, order: Order, earlier: Made | None, reasons: tuple[str, ...]) -> Failed:
        """The paper is an open case; nothing that could be taken for a checked one stays, but a Word file edited by hand does."""
        out, stem, docx = self._work.out, order.stem, self._docx_path(order)
        known = earlier is not None and earlier.docx == docx
        mail = [f"mail/{stem}.eml"] if order.kind.shelf is Shelf.LETTERS else []  # a note has none; its letter's is another paper
        for path in (f"{order.kind.shelf.value}/{stem}.pdf", *mail):
            with contextlib.suppress(OSError):  # one that cannot be taken away stays; the case is open all the same
                (out / path).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            if known and not shelf.edited_by_hand(earlier, out):
                (out / docx).unlink(missing_ok=True)
            elif not known and (out / docx).exists():
                shelf.set_aside(out, docx)
        return Failed(order.id, order.row, order.kind.name, reasons)

    def _kind(self, kind: Kind) -> _CompiledKind:
        if kind not in self._kinds:
            path = template_path(self._work.templates, kind)
            self._kinds[kind] = _CompiledKind(compile_word(path), page.skeleton(path))
        return self._kinds[kind]

    def _page(self, order: Order, body: str, title: str) -> str:
        layout = "letter" if order.kind.shelf is Shelf.LETTERS else "note"
        return self._pages.letter_page(layout, body, language=order.kind.language, title=title, **self._furniture)

    @cached_property
    def _everyday(self) -> str:
        """Words that stand in every paper of the vacancy, whoever it is for."""
        return " ".join((*_strings(self._work.organisation), *self._work.contact, self._work.title))

    @cached_property
    def _furniture(self) -> dict[str, Any]:
        logo = self._work.logo.resolve().as_uri() if self._work.logo else ""
        return {"organisation": self._work.organisation, "logo": logo}

    def _mail(self, order: Order, subject: str, docx: bytes, body: str, pdf: bytes) -> tuple[bytes, str, str]:
        """The mail's bytes, its plain text and its HTML page."""
        envelope = mail.Envelope(
            self._work.sender,
            self._work.reply_to,
            str(order.fields["name"]),
            order.mail_to,
            subject,
            order.kind.language,
            message_id=mail.message_id(self._work.vacancy, order.id, order.kind.name, self._work.sender),
            written=self._work.now,
        )
        plain = mail.mail_text(styled_paragraphs(docx))
        html_page = self._pages.letter_page("mail", body, language=order.kind.language, title=subject, **self._furniture)
        attachment = (f"{subject}.pdf", pdf) if self._work.attach_pdf else None
        return mail.draft(envelope, plain, html_page, attachment), plain, html_page

    def _expected(self, order: Order) -> Expected:
        rules = self._rules(order.kind)
        letter = order.kind.shelf is Shelf.LETTERS
        return Expected(
            name=str(order.fields["name"]),
            others=self._others,
            applicants=str(order.fields["applicants"]) if rules.get("number", letter) else "",
            contact=self._work.contact if letter else (),
            thanks=tuple(rules.get("thanks", ())),
            refusal=tuple(rules.get("refusal", ())),
            own_values=tuple(_strings(order.fields)),
            greeting=str(order.fields["greeting_name"]) if letter else "",
        )

    def _rules(self, kind: Kind) -> dict[str, Any]:
        if kind.language not in self._must_say:
            path = self._work.templates / "rules" / f"must_say.{kind.language}.toml"
            self._must_say[kind.language] = tomllib.loads(path.read_text("utf-8"))
        return rules_of(self._must_say[kind.language], kind)


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
