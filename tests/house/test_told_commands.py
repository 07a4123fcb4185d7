"""Every `svar` command a page tells is one that can be typed as it stands: its name, its arguments, its options."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import typer

from flows.cli import app
from tests.conftest import ROOT

PAGES = ("README.md", *(f"docs/{name}.md" for name in ("architecture", "brugervejledning", "operations", "performance", "scaling")))
BLOCK = re.compile(r"(?m)^ {4}(?:[A-Z_]+=\S+ )*(?:\S*/)?svar((?: .*)?)$")  # a line to be typed
INLINE = re.compile(r"`svar ([a-z][a-z-]*)")  # named in a sentence, perhaps without its arguments
NAMES = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback} | {"ledger"}


def lines(page: str) -> list[list[str]]:
    """The words after `svar` of every line to be typed; a comment left out."""
    return [shlex.split(line, comments=True) for line in BLOCK.findall((ROOT / page).read_text("utf-8"))]


def parse(words: list[str]) -> None:
    """Raises an error with the words for a person where this is no command."""
    command: Any = typer.main.get_command(app)  # click's, or what typer brings of it
    context = command.make_context("svar", list(words))
    while hasattr(command, "commands") and (rest := [*context._protected_args, *context.args]):
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", PAGES)
def test_each_command_a_page_tells_can_be_typed(page: str) -> None:
    for words in lines(page):
        parse(words)


@pytest.mark.parametrize("page", PAGES)
def test_each_command_a_sentence_names_is_there(page: str) -> None:
    assert set(INLINE.findall((ROOT / page).read_text("utf-8"))) <= NAMES


def test_a_command_that_is_not_there_would_be_found() -> None:
    assert lines("docs/brugervejledning.md")
    with pytest.raises(Exception, match="No such command 'clsoe'"):
        parse(["clsoe", "ledig"])
    with pytest.raises(Exception, match="No such option"):
        parse(["close", "ledig", "--jsno"])
