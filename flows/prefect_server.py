"""Prefect's own server for the length of one command, started early and stopped in silence.

With PREFECT_API_URL set (or a profile that names a server) that server is used and nothing is started; so is the
server of a `svar serve` that runs on the same outputs folder.
Otherwise the server Prefect would embed is started here instead, because only so can its start
(about 6 s; 15 s more the very first time, when its database is made) run beside the reading of the
export, and its end come in order: what Prefect prints when its own one is torn down is not for people.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import logging
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.documents.shelf import private_folder
from flows.roster.faults import CommandRefused, InputRefused, SvarError, TurnTaken

_START_SECONDS = 120  # the first start migrates a new database; on a busy machine that takes its time
_STOP_SECONDS = 10
_ANSWER_SECONDS = 10
SERVED = "served-at"  # file in the home: the address of the server of a running `svar serve`
_UNNEEDED = (
    "SCHEDULER",
    "LATE_RUNS",
    "FOREMAN",
    "PAUSE_EXPIRATIONS",
    "CANCELLATION_CLEANUP",
    "TRIGGERS",
    "REPOSSESSOR",
    "CLEANUP_RECONCILER",
)  # background services of a server that schedules; ours lives for one command


@dataclass(slots=True)
class PrefectServer:
    """A server that is there, or on its way."""

    url: str
    process: subprocess.Popen[bytes] | None = None

    def wait_until_ready(self) -> None:
        """Returns when the server answers. Raises SvarError when it does not come up."""
        if self.process is None:
            return
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SvarError(f"Prefect's server ended while starting (exit {self.process.returncode}). {_ADVICE}")
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=2):
                return
            time.sleep(0.05)
        raise SvarError(f"Prefect's server did not answer within {_START_SECONDS} s. {_ADVICE}")


_ADVICE = "Run the same command again; if it stays so, remove the folder .prefect in the outputs folder, or set PREFECT_API_URL."


def is_there(home: Path) -> bool:
    """True when there is a server to tell of runs: one that was named, or that of a running `svar serve`."""
    return bool(os.environ.get("PREFECT_API_URL", "") or _served(home))


@contextlib.contextmanager
def prefect_server(home: Path) -> Iterator[PrefectServer]:
    """A server for the commands inside; returns at once, see `wait_until_ready`. Its home keeps the history of runs.

    Must be entered before Prefect is imported: its settings are read then.
    """
    configured = os.environ.get("PREFECT_API_URL", "") or _served(home)
    _quiet(os.environ, embedded=not configured)
    if configured:
        _refuse_silent(configured)
        os.environ["PREFECT_API_URL"] = configured
        yield PrefectServer(configured)
        return
    port = _free_port()
    with _running(home, port, _brief(home)) as server:
        yield server


@contextlib.contextmanager
def nothing_left_when_refused(home: Path) -> Iterator[None]:
    """Takes away what was made for the server when the input turns out to be refused: nothing was written, not even that."""
    made = [folder for folder in (home, *home.parents) if not folder.exists()]
    try:
        yield
    except (InputRefused, CommandRefused) as refused:
        if made and not isinstance(refused, TurnTaken):  # whoever has the turn may have begun to use it
            shutil.rmtree(home, ignore_errors=True)
        for folder in made[1:]:
            with contextlib.suppress(OSError):  # somebody else has put something there meanwhile
                folder.rmdir()
        raise


@contextlib.contextmanager
def lasting_server(home: Path, port: int) -> Iterator[PrefectServer]:
    """The server of `svar serve`: with its pages, schedules and logs, until the command ends. Other commands find it by its home."""
    configured = os.environ.get("PREFECT_API_URL", "")
    _quiet(os.environ, embedded=False)
    if configured:
        _refuse_silent(configured)
        yield PrefectServer(configured)
        return
    with _running(home, port, {"PREFECT_UI_API_URL": f"http://127.0.0.1:{port}/api"}) as server:
        (home / SERVED).write_text(server.url)
        try:
            yield server
        finally:
            (home / SERVED).unlink(missing_ok=True)


@contextlib.contextmanager
def _running(home: Path, port: int, settings: dict[str, str]) -> Iterator[PrefectServer]:
    private_folder(home)
    home.chmod(0o700)
    url = f"http://127.0.0.1:{port}/api"
    os.environ.update(PREFECT_HOME=str(home.resolve()), PREFECT_API_URL=url)
    process = _start(port, settings)
    try:
        yield PrefectServer(url, process)
    finally:
        _let_prefect_finish()
        _stop(process)


def _brief(home: Path) -> dict[str, str]:
    """Settings of a server that lives for one command: no pages, no schedules."""
    unneeded = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _UNNEEDED}
    return unneeded | {"PREFECT_UI_ENABLED": "false", "PREFECT_MEMO_STORE_PATH": str(home / "memo.toml")}


def _served(home: Path) -> str:
    """The address of a `svar serve` on the same outputs folder, if it answers."""
    with contextlib.suppress(OSError, ValueError):
        url = (home / SERVED).read_text().strip()
        with urllib.request.urlopen(f"{url}/health", timeout=2):
            return url
    return ""


def _refuse_silent(url: str) -> None:
    """Raises SvarError when nobody answers at an address that was named, before anything is made. Whether the answer is a yes is Prefect's to see."""
    url = re.sub(r"//.*@", "//", url)  # without who asks, which is nobody's to read
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=_ANSWER_SECONDS):
            pass
    except urllib.error.HTTPError:
        pass  # somebody is there, and wants to know who asks
    except (OSError, ValueError, http.client.HTTPException) as error:
        if isinstance(getattr(error, "reason", None), ssl.SSLError):
            return  # Prefect has settings of its own for whom to trust
        raise SvarError(
            f"PREFECT_API_URL: found {url}, where no server answers; expected the address of a Prefect server. Start it, or take the "
            "setting away: one is then started for the command. Nothing was written."
        ) from error


def _quiet(environment: os._Environ[str], *, embedded: bool) -> None:
    """No telemetry, nothing on the person's terminal; a server of the firm's own still gets the logs."""
    environment.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")  # the command speaks for itself
    environment.setdefault("PREFECT_RESULTS_PERSIST_BY_DEFAULT", "false")
    logging.getLogger().addHandler(logging.NullHandler())  # else Python prints what no other handler takes
    environment["DO_NOT_TRACK"] = "1"
    environment["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    if embedded:
        environment["PREFECT_LOGGING_TO_API_ENABLED"] = "false"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(port: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    environment = dict(os.environ, PREFECT_LOGGING_SERVER_LEVEL="CRITICAL") | settings
    environment.pop("PREFECT_API_URL")
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        "prefect.server.api.server:create_app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    return subprocess.Popen(
        [*command, "--log-level", "critical", "--lifespan", "on"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )  # a session of its own: Ctrl-C in the terminal reaches the command, which then stops the server


def _end_with_parent() -> None:
    """The server is ended by the kernel when the command is killed and cannot do it itself."""
    parent_death_signal = 1  # PR_SET_PDEATHSIG
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)


@contextlib.contextmanager
def without_heartbeat() -> Iterator[None]:
    """While inside, runs do not say every three minutes that they live: whoever gave the command sees it, and would wait a second for it."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def _let_prefect_finish() -> None:
    """What Prefect still has to tell its server (events, logs) is told before the server goes."""
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=_STOP_SECONDS)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
