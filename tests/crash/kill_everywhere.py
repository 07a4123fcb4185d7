"""Kills a sending before each system call that others can see, runs it again, and looks from outside whether everybody was answered once.

python -m tests.crash.kill_everywhere                                   10 people, a mail server and an SQLite ledger of its own
python -m tests.crash.kill_everywhere --server smtp://127.0.0.1:2525 --maildir DIR --postfix [--journal ADDRESS --imap URL --imap-user U]
python -m tests.crash.kill_everywhere --ledger postgresql+psycopg://... --calls sendto
python -m tests.crash.kill_everywhere --people 100 --random 200         kills after a random time, up to five in a row
python -m tests.crash.kill_everywhere --calls pwrite64 --error ENOSPC   the disk is full from there on
python -m tests.crash.kill_everywhere --pairs 20                        two sendings at once
python -m tests.crash.kill_everywhere --people 1000 --once              one sending that nobody kills, and how quick it was

strace kills at the entry of a call: what the call would have done has not happened, all before it has. Needs strace.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.crash.bed import Bed, Copy, Post, own_server

CALLS = ("sendto", "fdatasync", "pwrite64", "rename", "unlink", "fsync")


@dataclass(frozen=True)
class Outcome:
    """What a kill left behind after the run that followed it."""

    label: str
    killed: int  # how often
    died: str  # where
    counts: Counter[str]
    faults: tuple[str, ...]
    settled: Counter[str] = field(default_factory=Counter)


def killed_at(bed: Bed, call: str, number: int, error: str = "") -> Outcome:
    """Killed at the entry of the `number`th such call (or, with an error such as ENOSPC, failing from there on), run again, looked at."""
    copy = bed.copy(f"{call}-{number}")
    log = copy.outputs.parent / "strace"
    evil = f"error={error}:when={number}+" if error else f"signal=SIGKILL:when={number}"
    first = copy.sending_under(log, "-e", f"trace={call}", "-e", f"inject={call}:{evil}")
    lines = log.read_text("utf-8", "replace").splitlines()
    hit = any("(INJECTED)" in line for line in lines) if error else first.returncode == -signal.SIGKILL
    met = [line for line in lines if "(INJECTED)" in line][:1] if error else lines[::-1]
    where = next((line.split(None, 1)[1] for line in met if f"{call}(" in line), "") if hit else "ran to its end"
    faults = []
    if first.returncode not in ((0, 3) if error else (0, -signal.SIGKILL)) or "Traceback" in first.stderr:
        faults.append(f"the run ended with {first.returncode}: {first.stderr[-600:]}")
    said = f" | said: {first.stderr.strip()}" if error and first.returncode else ""
    return looked_at(bed, copy, f"{call} {number}", int(hit), _short(where) + said, faults)


def two_at_once(bed: Bed, number: int) -> Outcome:
    """Two sendings of one vacancy at the same moment: one answers everybody, the other says why it did not."""
    copy = bed.copy(f"pair-{number}")
    with copy.begun() as one, copy.begun() as other:
        for run in (one, other):
            assert run.stdin is not None
            run.stdin.write("\n")
            run.stdin.flush()
        said = [run.communicate(timeout=300)[1] for run in (one, other)]
    ends = sorted(run.returncode for run in (one, other))
    loser = next((words.strip() for words in said if words.strip()), "")
    faults = [] if ends == [0, 3] and "Traceback" not in loser else [f"the two ended with {ends}: {loser[-600:]}"]
    return looked_at(bed, copy, f"pair {number}", 0, f"the loser said: {loser}", faults)


def undisturbed(bed: Bed) -> Outcome:
    """A sending to its end, with its letters per second by the clock on the wall."""
    copy = bed.copy("once")
    with copy.begun() as run:
        begun = time.monotonic()
        said, told = run.communicate("\n", timeout=3600)
        seconds = time.monotonic() - begun
    done = json.loads(said.splitlines()[-1])["counts"]["handed_over"] if run.returncode == 0 else 0
    faults = [] if run.returncode == 0 else [f"the run ended with {run.returncode}: {told[-400:]}"]
    return looked_at(bed, copy, "once", 0, f"{done} letters in {seconds:.1f} s, {done / seconds:.1f} letters/s", faults)


def looked_at(bed: Bed, copy: Copy, label: str, killed: int, died: str, faults: list[str]) -> Outcome:
    """The state right after the kill, and after a run to the end."""
    faults += [f"after the kill: {fault}" for fault in copy.judged(ended=False).faults]
    again = copy.sending()
    settled = Counter(json.loads(again.stdout.splitlines()[-1])["settled"]) if again.returncode == 0 else Counter()
    if again.returncode:
        faults.append(f"the run after it ended with {again.returncode}: {again.stderr[-400:]}")
    verdict = copy.judged()
    faults += verdict.faults
    if not faults:
        bed.clear(copy)
    return Outcome(label, killed, died, verdict.counts, tuple(faults), settled)


def _short(line: str) -> str:
    return re.sub(r"<[^>]*/([^/>]*)>|<[^>]*>", r"<\1>", line)[:100]  # of a file its name alone


def killed_at_random(bed: Bed, number: int, chance: random.Random, seconds: float) -> Outcome:
    """Killed up to five times in a row, each after a random time, then run to the end."""
    copy, killed, died = bed.copy(f"random-{number}"), 0, []
    for _ in range(chance.randint(1, 5)):
        with copy.begun() as run:
            assert run.stdin is not None
            run.stdin.write("\n")
            run.stdin.flush()
            after = chance.uniform(0, seconds)
            time.sleep(after)
            was_alive = run.poll() is None
        killed += was_alive
        died += [f"{after:.2f} s"] if was_alive else []
    return looked_at(bed, copy, f"random {number}", killed, ", ".join(died) or "ran to its end", [])


def everywhere(bed: Bed, calls: list[str], numbers_of: Callable[[], Iterator[int]], jobs: int, error: str = "") -> Iterator[Outcome]:
    """Every call of each kind, until a run is no longer killed."""
    for call in calls:
        ended = threading.Event()
        with ThreadPoolExecutor(jobs) as pool:
            numbers = numbers_of()
            while not ended.is_set():
                batch = [next(numbers) for _ in range(jobs)]
                for outcome in pool.map(lambda number, call=call: killed_at(bed, call, number, error), batch):  # type: ignore[misc]
                    yield outcome
                    if not outcome.killed:
                        ended.set()


def at_random(bed: Bed, kills: int, jobs: int, seed: int) -> Iterator[Outcome]:
    """So many kills in all."""
    whole = bed.copy("whole")
    with whole.begun() as run:
        begun = time.monotonic()
        run.communicate("\n")
    seconds = time.monotonic() - begun
    done, numbers = 0, count(1)
    with ThreadPoolExecutor(jobs) as pool:
        while done < kills:
            batch = [next(numbers) for _ in range(jobs)]
            told: Callable[[int], Outcome] = lambda number: killed_at_random(bed, number, random.Random(seed + number), seconds)  # noqa: E731
            for outcome in pool.map(told, batch):
                done += outcome.killed
                yield outcome


def main() -> int:
    """Exit 0 when everything was as it must be."""
    asked = _asked()
    with ExitStack() as open_:
        place = Path(asked.place or open_.enter_context(tempfile.TemporaryDirectory(prefix="svar-crash-")))
        if asked.server:
            imap = (
                {"SVAR_IMAP": asked.imap, "SVAR_IMAP_USER": asked.imap_user, "SVAR_IMAP_PASSWORD": asked.imap_password}
                if asked.imap
                else {}
            )
            post = Post(asked.server, Path(asked.maildir), asked.postfix, asked.journal, imap)
        else:
            post = open_.enter_context(own_server(place / "post"))
        bed = Bed(place, asked.people, post, asked.ledger)
        if asked.once:
            return _table(iter([undisturbed(bed)]))
        if asked.pairs:
            return _table(two_at_once(bed, number) for number in range(asked.pairs))
        if asked.random:
            return _table(at_random(bed, asked.random, asked.jobs, asked.seed))
        return _table(everywhere(bed, asked.calls.split(","), lambda: count(asked.first, asked.step), asked.jobs, asked.error))


def _table(run: Iterator[Outcome]) -> int:
    kills, runs, wrong = 0, 0, 0
    counts: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    for outcome in run:
        told = ", ".join(f"{number} {state}" for state, number in sorted(outcome.counts.items()))
        by_journal = f" | settled: {dict(outcome.settled)}" if outcome.settled else ""
        print(f"{outcome.label:14} | {told}{by_journal} | {outcome.died}", flush=True)
        for fault in outcome.faults:
            print(f"    WRONG {fault}", flush=True)
        runs, kills, wrong = runs + 1, kills + outcome.killed, wrong + bool(outcome.faults)
        counts, settled = counts + outcome.counts, settled + outcome.settled
    print(f"\n{runs} vacancies, {kills} kills, {wrong} not as they must be; {dict(counts)}; settled by the run after: {dict(settled)}")
    return 1 if wrong else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--ledger", default="")
    parser.add_argument("--server", default="")
    parser.add_argument("--maildir", default="")
    parser.add_argument("--postfix", action="store_true", help="wait until its queue is empty before looking")
    parser.add_argument("--journal", default="")
    parser.add_argument("--imap", default="")
    parser.add_argument("--imap-user", default="")
    parser.add_argument("--imap-password", default="")
    parser.add_argument("--calls", default=",".join(CALLS))
    parser.add_argument("--first", type=int, default=1, help="the first call to kill at")
    parser.add_argument("--step", type=int, default=1, help="every how manieth call")
    parser.add_argument("--random", type=int, default=0, help="so many kills after a random time instead")
    parser.add_argument("--pairs", type=int, default=0, help="so often two sendings at once instead")
    parser.add_argument("--once", action="store_true", help="one sending that nobody kills instead")
    parser.add_argument("--error", default="", help="let the calls fail from there on instead, as ENOSPC for a full disk")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--place", default="", help="a folder to work in; what was wrong is left there")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
