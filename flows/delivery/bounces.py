"""What a received message says of a letter: it came back, it waits, or none of that.

The order of belief: the report of a mail server that keeps to RFC 3464, then the words of a message that a mail server wrote.
A message nobody but a person or a vacation program can have written is never a bounce, whatever it quotes.
Where a server says something that cannot be read, the sort is UNREADABLE and a person looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from logging import getLogger

from flufl.bounce import all_failures

from flows.delivery.notices import RETURNED, Fields, Notice, addresses_in, cleaned, message_ids_in, notice_of, own_parts, phrases, says

getLogger("flufl.bounce").setLevel(60)  # it logs the traceback of every message it cannot read, addresses included

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])5\d\d[ -]|(?<![\d.])5\.\d{1,3}\.\d{1,3}(?![\d.])")
_CODE = re.compile(r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")
_SENDER = re.compile(r"([^\s<>@\"]{1,64})@")
_TRIED = re.compile(r"(?i)(?:rcpt to:|recipient:|recipient address:|mail to)\s{0,3}<?([^\s<>]{3,300})")
_KEY = re.compile(r"(?<![\w.+-])bounce\+([0-9a-f]{1,128})@", re.IGNORECASE)
_LONGEST_REASON = 400  # characters


class Sort(StrEnum):
    """What a received message is."""

    PERMANENT = "permanent"  # the server has given up: nobody got the letter
    DELAYED = "delayed"  # the server still tries
    AUTO_REPLY = "auto_reply"  # a vacation notice and the like: the letter came through
    NOT_A_BOUNCE = "not_a_bounce"  # ordinary mail, read receipt, complaint, challenge, notice of success
    UNREADABLE = "unreadable"  # a person must look


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one message. The ties to a letter are strong to weak: keys, envelope ids, Message-IDs, recipients, reply ids."""

    sort: Sort
    recipients: tuple[str, ...] = ()  # who did not get it, as addressed and as finally tried; domain in lower case
    message_ids: tuple[str, ...] = ()  # of the letter brought back, with angle brackets
    reply_ids: tuple[str, ...] = ()  # In-Reply-To and References: a hint, for any answer has them
    envelope_keys: tuple[str, ...] = ()  # of bounce+KEY@..., the address the letter was sent from
    envelope_ids: tuple[str, ...] = ()  # the ENVID given at hand-over
    status: str = ""  # RFC 3463, such as 5.1.1
    reason: str = ""  # the server's own words


def bounce_verdict(message: bytes) -> Verdict:
    """What one message says; any bytes are accepted and nothing is raised."""
    try:
        notice = notice_of(message)
    except Exception:  # noqa: BLE001 - a stranger's bytes; the standard parser has no list of what it raises (nesting, charsets)
        return Verdict(Sort.UNREADABLE)
    verdict = _verdict(notice, message)
    if verdict.sort is Sort.UNREADABLE and notice.wrapped:
        inner = bounce_verdict(notice.wrapped)
        return replace(inner, envelope_keys=tuple(dict.fromkeys((*_envelope_keys(notice), *inner.envelope_keys))))
    envelope_ids = (value for block in notice.blocks for value in block.get("original-envelope-id", ()))
    return replace(
        verdict,
        message_ids=message_ids_in((*notice.returned.get("message-id", ()), *notice.head.get("x-original-message-id", ()))),
        reply_ids=message_ids_in((*notice.head.get("in-reply-to", ()), *notice.head.get("references", ()))),
        envelope_keys=_envelope_keys(notice),
        envelope_ids=tuple(dict.fromkeys(value.strip() for value in envelope_ids if value.strip())),
    )


def _verdict(notice: Notice, message: bytes) -> Verdict:
    if not {"from", "to", "subject", "date", "received", "return-path", "message-id"} & set(notice.head):
        return Verdict(Sort.UNREADABLE)
    if notice.kinds & {"message/feedback-report", "message/disposition-notification"}:
        return Verdict(Sort.NOT_A_BOUNCE)
    by_server = _by_mail_server(notice)
    if by_server or notice.kind == "multipart/report":
        reported = _by_report(notice)
        if reported:
            return reported
    if says(notice.first("subject"), "challenge") or (not by_server and says(notice.words, "challenge")):
        return Verdict(Sort.NOT_A_BOUNCE)
    if by_server:
        return _by_words(notice, message)
    return Verdict(_sort_of_peoples_mail(notice, message))


def _by_mail_server(notice: Notice) -> bool:
    """True for a message that no person and no vacation program can have written."""
    sender = notice.first("from").casefold()
    local = _SENDER.search(sender)
    return (
        (local[1] if local else sender.strip(' <>"')).startswith(phrases("daemon_senders"))
        or "<>" in sender
        or (not sender and (_has_no_sender(notice) or notice.kind == "multipart/report"))
        or any(name in sender for name in phrases("daemon_names"))
        or "x-failed-recipients" in notice.head
        or any("invoked for bounce" in value for value in notice.head.get("received", ()))
        or (_has_no_sender(notice) and notice.first("subject").casefold().startswith(phrases("bounce_subjects")))
    )


def _sort_of_peoples_mail(notice: Notice, message: bytes) -> Sort:
    """The sort of a message that a person may have written: never a bounce, but one that looks like it goes to a person."""
    if _is_auto_reply(notice):
        return Sort.AUTO_REPLY
    answer = {"in-reply-to", "references"} & set(notice.head)
    like_one = notice.first("subject").casefold().startswith(phrases("bounce_subjects")) or (not answer and bool(_known_form(message)))
    if like_one or (_has_no_sender(notice) and says(notice.words, "failed")):
        return Sort.UNREADABLE
    return Sort.AUTO_REPLY if _has_no_sender(notice) else Sort.NOT_A_BOUNCE


def _has_no_sender(notice: Notice) -> bool:
    return any(value.strip(" <>").casefold() in ("", "mailer-daemon") for value in notice.head.get("return-path", ()))


def _is_auto_reply(notice: Notice) -> bool:
    """True for what a program sent in a person's name and says so (RFC 3834)."""
    submitted = notice.first("auto-submitted").casefold() or "no"
    return (
        not submitted.startswith("no")
        or bool({"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-response"} & set(notice.head))
        or notice.first("precedence").casefold() in ("auto_reply", "auto-reply")
        or notice.first("subject").casefold().startswith(phrases("auto_reply_subjects"))
    )


def _by_report(notice: Notice) -> Verdict | None:
    """The verdict of a report by RFC 3464; None where it holds no recipient whose fate can be read."""
    fates = [(fate, block) for block in notice.blocks if (fate := _fate(block))]
    for sort in (Sort.PERMANENT, Sort.DELAYED):
        met = [block for fate, block in fates if fate is sort]
        if met:
            people = tuple(dict.fromkeys(person for block in met for person in _recipients(block)))
            reason = next((_diagnostic(block) for block in met if block.get("diagnostic-code")), "") or _told_reason(notice.words)
            return Verdict(sort if people else Sort.UNREADABLE, people, status=_status(met[0].get("status", ())), reason=reason)
    return Verdict(Sort.NOT_A_BOUNCE) if fates else None


def _fate(block: Fields) -> Sort | None:
    """What became of the recipient of one block; an action and a status that contradict each other say nothing."""
    if not {"final-recipient", "original-recipient"} & set(block):
        return None
    action = next(iter(block.get("action", ())), "").casefold()
    grade = _status(block.get("status", ()))[:1]
    if action.startswith(("fail", "error")):
        return Sort.PERMANENT if grade != "2" else None
    if action.startswith("delay"):
        return Sort.DELAYED
    if action.startswith(("deliver", "relay", "expand")):
        return Sort.NOT_A_BOUNCE if grade not in ("4", "5") else None
    return {"5": Sort.PERMANENT, "4": Sort.DELAYED, "2": Sort.NOT_A_BOUNCE}.get(grade)


def _recipients(block: Fields) -> tuple[str, ...]:
    written = (*block.get("original-recipient", ()), *block.get("final-recipient", ()))
    return addresses_in("\n".join(value.rpartition(";")[2].replace("+40", "@") if "@" not in value else value for value in written))


def _diagnostic(block: Fields) -> str:
    return re.sub(r"^[\w-]{1,20}\s*;\s*", "", block["diagnostic-code"][0])[:_LONGEST_REASON]


def _status(values: Iterable[str]) -> str:
    return next((found[0] for value in values if (found := _STATUS.search(value))), "")


def _by_words(notice: Notice, message: bytes) -> Verdict:
    """The verdict on a mail server's message without a readable report; what names no recipient or no fate goes to a person."""
    subject, words = notice.first("subject"), notice.words
    failed = "x-failed-recipients" in notice.head or says(f"{subject}\n{words}", "failed") or bool(_REPLY.search(words))
    waits = says(f"{subject}\n{words}", "delayed") and not says(words, "given_up")
    if says(f"{subject}\n{words}", "arrived"):  # beside a failure it stays open who of them got it
        return Verdict(Sort.UNREADABLE if failed or waits else Sort.NOT_A_BOUNCE)
    if not (failed or waits):
        vacation = subject.casefold().startswith(phrases("auto_reply_subjects"))
        return Verdict(Sort.AUTO_REPLY if vacation else Sort.UNREADABLE)
    people = _named(notice, message)
    sort = Sort.DELAYED if waits else Sort.PERMANENT
    return Verdict(sort if people else Sort.UNREADABLE, people, status=_status([words]), reason=_told_reason(words))


def _named(notice: Notice, message: bytes) -> tuple[str, ...]:
    """The recipients a message names, by the best witness that speaks: a header, a known form, the letter's own recipient, the text."""
    lines = [
        line
        for line in notice.words.split("\n")
        if _CODE.search(line) or says(line, "failed") or line.lstrip(" \t<*-\"'").startswith(addresses_in(line))
    ]
    written_to = () if notice.wrapped else addresses_in("\n".join(notice.returned.get("to", ())))
    header = addresses_in("\n".join(notice.head.get("x-failed-recipients", ())))
    form = _known_form(message)
    own = _own_addresses(notice)
    for witness in (
        header,
        form,
        tuple(each for each in addresses_in(notice.words) if each in written_to),
        addresses_in("\n".join(_TRIED.findall(notice.words))),
        addresses_in("\n".join(lines)),
        written_to if len(written_to) == 1 else (),
    ):
        others = tuple(each for each in witness if each.casefold() not in own)
        if others:
            return others
    return header or form


def _known_form(message: bytes) -> tuple[str, ...]:
    """What flufl.bounce finds, the letter itself cut off: it would read a quoted bounce as one."""
    mail = cleaned(message)
    for part in own_parts(mail):
        if part.get_content_type() in RETURNED:
            part.set_payload([] if part.is_multipart() else "")
    try:
        delayed, failed = all_failures(mail)
    except Exception:  # noqa: BLE001 - its seventeen detectors fail in their own ways on odd bytes; the text is still read without it
        return ()
    return addresses_in("\n".join(sorted(each.decode("ascii", "replace") for each in delayed | failed)))


def _own_addresses(notice: Notice) -> frozenset[str]:
    """Who wrote the letter and who wrote the notice, and identifiers that look like addresses."""
    fields = [*(notice.head.get(name, ()) for name in ("to", "delivered-to", "envelope-to", "from", "message-id"))]
    fields += [notice.returned.get(name, ()) for name in ("from", "return-path", "sender", "errors-to", "reply-to", "message-id")]
    return frozenset(each.casefold() for values in fields for each in addresses_in("\n".join(values)))


def _told_reason(words: str) -> str:
    """The line with a reply code or a status, or the first that speaks of a failure."""
    lines = [" ".join(line.split()) for line in words.split("\n") if line.strip()]
    coded = next((line for line in lines if _CODE.search(line)), "")
    return (coded or next((line for line in lines if says(line, "failed")), ""))[:_LONGEST_REASON]


def _envelope_keys(notice: Notice) -> tuple[str, ...]:
    places = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "received")
    found = (key.lower() for name in places for value in notice.head.get(name, ()) for key in _KEY.findall(value))
    return tuple(dict.fromkeys(found))
