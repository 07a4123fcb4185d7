"""Closes one vacancy on a Dask cluster of a scheduler and two workers, kills one worker in the middle, and counts what is there.

    python benchmarks/dask_cluster.py [N] [--namespaces]        default 400

Each of the four is a process of its own; with --namespaces (Linux, root) scheduler and workers each in a network namespace of its own,
joined by a bridge as machines are by a switch. Ends with 1 when a paper is missing, there twice, or not as it was made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.invented_vacancy import make_vacancy

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Told:
    """What was found after the closing."""

    exit_code: int
    killed_after: int  # papers that lay there when the worker was killed
    papers: int  # in the manifest
    doubled: int  # papers of one applicant and kind that the manifest has twice
    damaged: int  # files that are not as the manifest says
    strays: int  # files beside those of the manifest, set aside or left over
    seconds: float
    said: str


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a process of the cluster runs: its address, and the words before its command."""

    address: str
    before: tuple[str, ...] = ()


HERE = Machine("127.0.0.1")


@contextlib.contextmanager
def namespaces(number: int) -> Iterator[list[Machine]]:
    """Network namespaces on a bridge of this machine; needs root."""
    mark = f"sv{os.getpid() % 10000}"
    names = [f"{mark}n{at}" for at in range(number)]
    net, steps = "10.214.77", [f"link add {mark} type bridge", f"addr add 10.214.77.1/24 dev {mark}", f"link set {mark} up"]
    for at, name in enumerate(names):
        steps += [
            f"netns add {name}",
            f"link add {mark}v{at} type veth peer name eth0 netns {name}",
            f"link set {mark}v{at} master {mark} up",
        ]
        steps += [f"-n {name} addr add {net}.{at + 10}/24 dev eth0", f"-n {name} link set eth0 up", f"-n {name} link set lo up"]
    try:
        for step in steps:
            subprocess.run(["ip", *step.split()], check=True)
        yield [Machine(f"{net}.{at + 10}", ("ip", "netns", "exec", name)) for at, name in enumerate(names)]
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["ip", "link", "del", mark], check=False)


@contextlib.contextmanager
def cluster(environment: dict[str, str], machines: list[Machine]) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler on the first machine, and a worker on each of the others; each a session of its own, ended afterwards."""
    first, *others = machines
    address = f"tcp://{first.address}:{_free_port()}"
    scheduler = _start([*first.before, str(PROGRAMS / "dask"), "scheduler", "--host", address, "--no-dashboard"], environment)
    # No nanny: a worker that is killed stays dead.
    one = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
    crew = [_start([*each.before, str(PROGRAMS / "dask"), "worker", address, "--host", each.address, *one], environment) for each in others]
    try:
        yield address, crew
    finally:
        for process in (*crew, scheduler):
            process.kill()
            process.wait()


def close_while_one_dies(place: Path, applicants: int, machines: list[Machine] | None = None) -> Told:
    """A closing during which one of two workers is killed once a quarter of the letters lies there."""
    folder = make_vacancy(place / "inputs" / "ledig", applicants, ROOT / "inputs" / "projektleder-fjernvarme")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "SVAR_", "DASK_"))}
    environment = clean | {"PYTHONPATH": str(ROOT), "SVAR_OUTPUTS": str(place / "outputs"), "SVAR_ENGINE": "dask"}
    letters = place / "outputs" / "ledig" / "letters"
    with cluster(environment, machines or [HERE] * 3) as (address, crew):
        started = time.perf_counter()
        command = [sys.executable, "-m", "flows", "close", str(folder)]
        closing = subprocess.Popen(command, env=environment | {"SVAR_DASK": address}, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        lying = _wait_for(letters, applicants // 4, closing)
        crew[0].send_signal(signal.SIGKILL)
        _, said = closing.communicate(timeout=600)
        seconds = time.perf_counter() - started
    return _looked_at(place / "outputs" / "ledig", closing.returncode, lying, seconds, said)


def _looked_at(out: Path, exit_code: int, killed_after: int, seconds: float, said: str) -> Told:
    documents = json.loads((out / "manifest.json").read_text())["documents"]
    named = {each[ending]: each["sha256"][ending] for each in documents for ending in ("docx", "pdf", "eml") if each[ending]}
    there = {str(path.relative_to(out)) for folder in ("letters", "notes", "mail", "set-aside") for path in (out / folder).glob("*")}
    doubled = sum(number - 1 for number in Counter((each["id"], each["kind"]) for each in documents).values())
    damaged = sum(path not in there or hashlib.sha256((out / path).read_bytes()).hexdigest() != digest for path, digest in named.items())
    return Told(exit_code, killed_after, len(documents), doubled, damaged, len(there - named.keys()), seconds, said)


def _wait_for(letters: Path, number: int, closing: subprocess.Popen[str]) -> int:
    while closing.poll() is None:
        lying = len(list(letters.glob("*.pdf")))
        if lying >= number:
            return lying
        time.sleep(0.02)
    raise AssertionError(f"the closing ended (exit {closing.returncode}) before a worker could be killed")


def _start(words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(applicants: int, *, apart: bool) -> int:
    """Prints what was found; 0 when everything is there once and as it was made. `apart`: each in a network namespace of its own."""
    with tempfile.TemporaryDirectory() as place, namespaces(3) if apart else contextlib.nullcontext([HERE] * 3) as machines:
        told = close_while_one_dies(Path(place), applicants, machines)
    print(
        f"{applicants} applicants, closed in {told.seconds:.1f} s on two Dask workers, one killed when {told.killed_after} letters lay there:"
    )
    print(f"{told.papers} papers, {told.doubled} twice, {told.damaged} not as made, {told.strays} files too many; exit {told.exit_code}")
    return int(bool(told.exit_code or told.doubled or told.damaged or told.strays))


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--namespaces"]
    sys.exit(main(int(words[0]) if words else 400, apart="--namespaces" in sys.argv))
