"""The short version of kill_everywhere: the moments that matter, against a mail server of its own. Needs strace; pytest -m crash."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.crash.bed import Bed, own_server
from tests.crash.kill_everywhere import killed_at, killed_at_random, two_at_once

pytestmark = pytest.mark.crash
AROUND_THE_DOT = (5, 6, 7, 8)  # DATA, letter, final dot, RSET of the next letter; kill_everywhere takes them all


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    place = tmp_path_factory.mktemp("crash")
    with own_server(place / "post") as post:
        yield Bed(place, 10, post)


def test_a_kill_around_the_final_dot_answers_everybody_once(bed: Bed) -> None:
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda number: killed_at(bed, "sendto", number), AROUND_THE_DOT))
    assert [outcome.faults for outcome in outcomes] == [()] * len(AROUND_THE_DOT)
    assert [outcome.killed for outcome in outcomes] == [1] * len(AROUND_THE_DOT)
    assert [outcome.counts["doubt, not arrived"] for outcome in outcomes] == [0, 0, 1, 0]  # at the dot itself; before it nothing was begun
    assert [outcome.counts["accepted_by_server"] for outcome in outcomes] == [9, 9, 8, 9]


def test_a_kill_between_the_servers_yes_and_the_ledger_is_a_doubt(bed: Bed, first_write_after_a_letter: int) -> None:
    outcome = killed_at(bed, "pwrite64", first_write_after_a_letter)
    assert (outcome.faults, outcome.counts["doubt, arrived"], outcome.counts["accepted_by_server"]) == ((), 1, 8)


def test_a_disk_full_after_the_servers_yes_is_a_doubt_told_in_words(bed: Bed, first_write_after_a_letter: int) -> None:
    outcome = killed_at(bed, "pwrite64", first_write_after_a_letter, "ENOSPC")
    assert (outcome.faults, outcome.counts["doubt, arrived"]) == ((), 1)
    assert "database or disk is full. Make room on the disk, then run the same command again." in outcome.died


@pytest.fixture(scope="module")
def first_write_after_a_letter(bed: Bed) -> int:
    """Which write of the ledger it is that follows the first letter's final dot."""
    copy = bed.copy("traced")
    log = copy.outputs.parent / "strace"
    copy.sending_under(log, "-e", "trace=sendto,pwrite64")
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if "sendto(" in line or "pwrite64(" in line]
    bed.clear(copy)
    dot = next(number for number, line in enumerate(lines) if '".\\r\\n"' in line)
    return sum("pwrite64(" in line for line in lines[:dot]) + 1


def test_kills_at_random_moments_answer_everybody_once(bed: Bed) -> None:
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda number: killed_at_random(bed, number, Random(number), 0.6), range(2)))
    assert [outcome.faults for outcome in outcomes] == [(), ()]


def test_of_two_sendings_at_once_one_says_why_it_did_not(bed: Bed) -> None:
    outcome = two_at_once(bed, 1)
    assert (outcome.faults, outcome.counts["accepted_by_server"]) == ((), 9)
    assert "another sending of this vacancy is running" in outcome.died or "found 0 letters that would go now" in outcome.died
