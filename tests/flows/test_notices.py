"""Who is told of a failed run, and what Prefect may keep of one: numbers and places, no people."""

from __future__ import annotations

import base64
import pickle
import socket
from collections.abc import Iterator
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from prefect.client.schemas.objects import State, StateType

from flows.mail_notice import MailNotice
from flows.notices import _words
from flows.roster.faults import Fault, InputRefused, SvarError
from flows.tasks import without_people


class Inbox:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"


@pytest.fixture
def mail() -> Iterator[tuple[int, Inbox]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield port, inbox
    controller.stop()


def test_a_notice_by_mail_reaches_every_address(mail: tuple[int, Inbox]) -> None:
    port, inbox = mail
    block = MailNotice(
        server="127.0.0.1",
        port=port,
        security="none",
        sender="svar@nordvest.example",
        recipients=["hr@nordvest.example", "ms@nordvest.example"],
    )
    block.notify("3 of 57 open cases are past their target.", subject="Svar: audit ledig")
    told = message_from_bytes(inbox.taken[0][1])
    assert sorted(address for addresses, _ in inbox.taken for address in addresses) == ["hr@nordvest.example", "ms@nordvest.example"]
    assert (told["Subject"], told["From"]) == ("Svar: audit ledig", "svar@nordvest.example")
    assert "3 of 57 open cases" in told.get_payload(decode=True).decode()


def test_a_notice_carries_numbers_and_no_errors_text() -> None:
    late = State(type=StateType.FAILED, name="Failed", message="3 of 57 open cases are past their target")
    raised = State(type=StateType.FAILED, name="Failed", message="Flow run encountered an exception: ValueError: Åse Prøvesen")
    assert _words(late).startswith("3 of 57 open cases are past their target. Look at")
    assert _words(raised).startswith("The run ended as Failed. Look at")


def test_a_refusal_prefect_keeps_has_lost_what_was_found() -> None:
    @without_people
    def read() -> None:
        raise InputRefused(
            [Fault(file="a.xlsx", row=14, column="E-mail", code="email-invalid", found="aase@@example.com", expected="name@domain")]
        )

    with pytest.raises(InputRefused, match=r'a\.xlsx row 14, column "E-mail": email-invalid') as caught:
        read()
    kept = base64.b64encode(pickle.dumps(caught.value)) + pickle.dumps(caught.value)
    assert b"aase@@" not in kept and caught.value.faults[0].row == 14


def test_a_known_error_loses_the_one_behind_it() -> None:
    @without_people
    def write() -> None:
        try:
            raise OSError(13, "Permission denied", "letters/Åse Prøvesen.docx")
        except OSError as error:
            raise SvarError("the folder letters cannot be written") from error

    with pytest.raises(SvarError, match="cannot be written") as caught:
        write()
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
