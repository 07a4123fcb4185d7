"""A closed vacancy to copy for every kill, and a mail server to send to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from tests.conftest import ROOT, closed_vacancy
from tests.crash import outside


@dataclass(frozen=True)
class Post:
    """Where mail goes and where it arrives."""

    server: str
    maildir: Path
    postfix: bool = False  # delivers a moment after it accepts
    journal: str = ""
    environment: dict[str, str] = field(default_factory=dict)  # how the journal mailbox is read

    def settle(self, domain: str) -> None:
        """Waits until nothing from a sender of this domain is on its way any longer."""
        for _ in range(200 if self.postfix else 0):
            if domain not in subprocess.run(["postqueue", "-p"], capture_output=True, text=True, check=False).stdout:
                return
            time.sleep(0.05)


@contextmanager
def own_server(place: Path) -> Iterator[Post]:
    """A mail server in a process of its own."""
    place.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.crash.mail_server", str(place / "Maildir")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield Post(f"smtp://127.0.0.1:{int(server.stdout.readline())}", place / "Maildir")
        server.kill()


@dataclass(frozen=True)
class Copy:
    """A vacancy of its own: folder, outputs, ledger, and a sender domain by which its mail is known."""

    name: str
    folder: Path
    outputs: Path
    domain: str
    ledger: str  # empty: ledger.sqlite in the outputs folder
    post: Post

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SVAR_", "PREFECT_"))}
        told = {"SVAR_INPUTS": str(self.folder.parent), "SVAR_OUTPUTS": str(self.outputs), "SVAR_LEDGER": self.ledger}
        return kept | told | self.post.environment

    def judged(self, *, ended: bool = True) -> outside.Verdict:
        """The outside look at this copy."""
        self.post.settle(self.domain)
        rows = outside.ledger_rows(self.ledger or str(self.outputs / "ledger.sqlite"), self.name)
        found = outside.letters(self.post.maildir, self.domain)
        return outside.judge(outside.addresses(self.folder / "applicants.xlsx"), rows, found, ended=ended)

    @contextmanager
    def begun(self) -> Iterator[subprocess.Popen[str]]:
        """A sending that has looked at what is ready and goes on when a line is written to it. Killed when left."""
        command = [sys.executable, "-m", "tests.crash.one_sending", str(self.folder)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as run:
            assert run.stdout is not None
            run.stdout.readline()
            yield run
            run.kill()

    def sending(self) -> subprocess.CompletedProcess[str]:
        """A run to its end."""
        with self.begun() as run:
            said, told = run.communicate("\n", timeout=300)
        return subprocess.CompletedProcess(run.args, run.returncode, said, told)

    def sending_under(self, log: Path, *rules: str) -> subprocess.CompletedProcess[str]:
        """A run under strace, from where it begins to change anything to its end, or to what the rules do to it."""
        with self.begun() as run:
            strace = ["strace", "-f", "-y", "-o", str(log), *rules, "-p", str(run.pid)]
            with subprocess.Popen(strace, stderr=subprocess.PIPE, text=True) as watching:
                assert watching.stderr is not None
                assert "attached" in watching.stderr.readline()
                said, told = run.communicate("\n", timeout=300)
        return subprocess.CompletedProcess(run.args, run.returncode, said, told)


class Bed:
    """Closes once; every copy begins where that ended."""

    def __init__(self, place: Path, people: int, post: Post, ledger: str = "") -> None:
        self._place, self._post, self._ledger = place, post, ledger
        self._run = f"{os.getpid()}x{int(time.time()) % 100_000}"
        self._copies = count(1)
        closed_vacancy(place / "closed", people, route="smtp", server=post.server, **({"journal": post.journal} if post.journal else {}))

    def copy(self, label: str) -> Copy:
        """A vacancy nobody has sent from, with a name and a sender domain no other copy has."""
        label = f"{label}-c{next(self._copies)}"
        name, domain = f"ledig-{self._run}-{label}", f"{label}.{self._run}.sender.test"
        place, closed = self._place / label, self._place / "closed"
        shutil.copytree(closed / "inputs" / "ledig", place / "inputs" / name)
        for file in ("organisation.toml", "logo.svg"):
            shutil.copy(closed / "inputs" / file, place / "inputs" / file)
        firm = place / "inputs" / "organisation.toml"
        firm.write_text(re.sub(r"<hr@sender\.test>", f"<hr@{domain}>", firm.read_text("utf-8")), "utf-8")
        shutil.copytree(closed / "outputs" / "ledig", place / "outputs" / name, copy_function=os.link)
        return Copy(name, place / "inputs" / name, place / "outputs", domain, self._ledger, self._post)

    def clear(self, copy: Copy) -> None:
        """Takes away a copy that was as it must be."""
        shutil.rmtree(copy.outputs.parent)
