"""With PREFECT_API_URL set, the run is there to see: by vacancy and chunk, with its counts."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, SAMPLE, free_port, svar

pytestmark = pytest.mark.served
PORT = free_port()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prefect server of the firm's own, in a process of its own."""
    home = tmp_path_factory.mktemp("prefect")
    environment = dict(os.environ, PREFECT_HOME=str(home), PREFECT_SERVER_ANALYTICS_ENABLED="false")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(PORT)]
    running = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{PORT}/api"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=2):
            break
        time.sleep(0.2)
    yield url
    running.terminate()
    running.wait(30)


def asked(api: str, what: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(f"{api}/{what}/filter", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def test_the_run_is_there_to_see_on_the_firms_own_server(api: str, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE.parent, tmp_path / "inputs")
    done = svar("close", SAMPLE.name, where=tmp_path, PREFECT_API_URL=api)
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / "outputs" / ".prefect").exists()
    assert [run["name"] for run in asked(api, "flow_runs")] == [f"close {SAMPLE.name}"]
    tasks = {run["name"] for run in asked(api, "task_runs")}
    assert {f"read {SAMPLE.name}", f"{SAMPLE.name}: papers 1 of 6", f"{SAMPLE.name}: papers 6 of 6"} <= tasks
    artifacts = {each["key"]: each for each in asked(api, "artifacts")}
    assert "| call and letter | 6 |" in artifacts["close-projektleder-fjernvarme"]["data"]
    assert artifacts["progress-projektleder-fjernvarme"]["flow_run_id"] == artifacts["close-projektleder-fjernvarme"]["flow_run_id"]
    assert "Jakob Ulrik" not in json.dumps([*asked(api, "task_runs"), *artifacts.values()])
