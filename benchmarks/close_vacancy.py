"""Measures the whole `svar close` beside the plain script, in one run, on the same applicants and words.

    python benchmarks/close_vacancy.py [N ...] [--plain]        default 20 200 1000

The plain script runs up to N = 1,000; with --plain at every size, which takes half an hour at 10,000.
Prints a table: wall seconds, CPU seconds, peak memory of all processes together, bytes written, and
the ratio to the plain script. An empty Prefect flow is measured too. The very first run on a machine makes
Prefect's database and has a line of its own; the others find it there. The lines before the largest sizes
are with a Prefect server that is up, as beside `svar serve`; a size above 1,000 is run with one worker, too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.invented_vacancy import make_vacancy

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "inputs" / "projektleder-fjernvarme"
_PLAIN_MOST = 1000  # applicants; beyond that the plain script is left out: it takes half an hour, and grows with the number
_SERVER_MOST = 1000  # beyond that a server that is up makes no difference one could see
_EMPTY_FLOW = "from prefect import flow\n@flow\ndef nothing() -> int:\n    return 1\nnothing()\n"


@dataclass(frozen=True, slots=True)
class Measured:
    """One program run to its end."""

    wall: float  # seconds
    cpu: float  # seconds, all processes
    peak: int  # bytes, all processes together; on Linux what several share is counted once
    written: int  # bytes in the output folder

    def row(self, what: str, plain: Measured | None = None) -> str:
        ratio = f"{plain.wall / self.wall:.1f} x" if plain else ""
        return f"| {what} | {self.wall:.1f} | {self.cpu:.1f} | {self.peak / 1e6:.0f} | {self.written / 1e6:.1f} | {ratio} |"


def measure(command: list[str], environment: dict[str, str], out: Path) -> Measured:
    """Runs a command and its children to the end. Raises CalledProcessError when it fails."""
    before, started = os.times(), time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(process, peak))
    watcher.start()
    _, said = process.communicate()
    watcher.join()
    after = os.times()
    if process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, command, stderr=said)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    written = sum(path.stat().st_size for path in out.rglob("*") if path.is_file() and ".prefect" not in path.parts)
    return Measured(time.perf_counter() - started, cpu, peak[0], written)


def _watch(process: subprocess.Popen[str], peak: list[int]) -> None:
    while process.poll() is None:
        total = 0
        try:
            top = psutil.Process(process.pid)
            family = [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for each in family:
            try:
                total += _own_memory(each)
            except psutil.NoSuchProcess:
                continue
        peak[0] = max(peak[0], total)
        time.sleep(0.1)


def _own_memory(process: psutil.Process) -> int:
    """Bytes of a process, its share of what it has in common with others included."""
    told = process.memory_full_info()
    return int(getattr(told, "pss", 0) or told.rss)


def main(sizes: list[int], *, plain_most: float = _PLAIN_MOST) -> None:
    """Prints the table; the plain script up to `plain_most` applicants."""
    print(f"Load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")
    print("| what | wall s | CPU s | peak MB | written MB | against the plain script |\n|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        empty = _in_environment(base, "empty")
        empty |= {"PREFECT_HOME": str(base / "empty" / ".prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        measure([sys.executable, "-c", _EMPTY_FLOW], empty, base / "empty")  # makes the database
        print(measure([sys.executable, "-c", _EMPTY_FLOW], empty, base / "empty").row("empty Prefect flow"), flush=True)
        warm = _in_environment(base, "svar")
        tiny = make_vacancy(base / "tiny" / "tiny", 2, SAMPLE)
        print(measure(_close(tiny), warm, base / "svar" / "tiny").row("svar close, very first run on the machine, N = 2"), flush=True)
        small = [size for size in sizes if size <= _SERVER_MOST]
        for size in small:
            _rows(base, size, warm, plain=size <= plain_most)
        with _server(base) as address:
            up = measure([sys.executable, "-c", _EMPTY_FLOW], empty | {"PREFECT_API_URL": address}, base / "empty")
            print(up.row("empty Prefect flow, its server already up"), flush=True)
            measure(_close(tiny), warm | {"PREFECT_API_URL": address}, base / "svar" / "tiny")
            for size in small:
                _row_with_server(base, size, warm | {"PREFECT_API_URL": address})
        for size in sorted(set(sizes) - set(small)):
            _rows(base, size, warm, plain=size <= plain_most)
    print(f"\nLoad of the machine after: {os.getloadavg()[0]:.1f}.")


def _rows(base: Path, size: int, warm: dict[str, str], *, plain: bool) -> None:
    """The plain script, where it is asked for, the command, and the command again."""
    folder = make_vacancy(base / f"inputs{size}" / f"vacancy-{size}", size, SAMPLE)
    out, beside = base / f"plain{size}", None
    if plain:
        command = [sys.executable, "benchmarks/plain_script.py", str(folder), str(out)]
        beside = measure(command, _in_environment(base, f"p{size}"), out)
        print(beside.row(f"plain script, N = {size}"), flush=True)
    for what in ("svar close", "svar close again, nothing changed"):
        print(measure(_close(folder), warm, base / "svar" / folder.name).row(f"{what}, N = {size}", beside), flush=True)
    if size > _SERVER_MOST:
        alone = _in_environment(base, f"one{size}") | {"SVAR_WORKERS": "1"}
        print(measure(_close(folder), alone, base / f"one{size}").row(f"svar close, one worker, N = {size}", beside), flush=True)


def _row_with_server(base: Path, size: int, environment: dict[str, str]) -> None:
    """The command beside a Prefect server that is up."""
    folder = base / f"inputs{size}" / f"vacancy-{size}"
    out = base / "svar" / folder.name
    shutil.rmtree(out)
    print(measure(_close(folder), environment, out).row(f"svar close, Prefect's server already up, N = {size}"), flush=True)


def _close(folder: Path) -> list[str]:
    return [sys.executable, "-m", "flows", "close", str(folder)]


@contextlib.contextmanager
def _server(base: Path) -> Iterator[str]:
    """The address of a Prefect server of its own process."""
    from flows.prefect_server import lasting_server

    before = dict(os.environ)
    with lasting_server(base / "server", 4291) as server:
        server.wait_until_ready()
        try:
            yield server.url
        finally:
            os.environ.clear()
            os.environ.update(before)


def _in_environment(base: Path, name: str) -> dict[str, str]:
    """A place of its own for what the program writes; compiled modules are kept, as on anybody's machine."""
    (base / name).mkdir(exist_ok=True)
    foreign = ("PREFECT_", "SVAR_", "PYTHONDONTWRITEBYTECODE")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return clean | {"SVAR_OUTPUTS": str(base / name), "PYTHONPATH": str(ROOT)}


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word != "--plain"]
    main(numbers or [20, 200, 1000], plain_most=float("inf") if "--plain" in sys.argv else _PLAIN_MOST)
