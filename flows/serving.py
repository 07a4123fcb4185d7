"""The deployments of prefect.yaml, served on this machine: started from Prefect's pages or by their schedules."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import yaml
from prefect import serve
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment

from flows.settings import ROOT

PLAN = ROOT / "prefect.yaml"
_AT_ONCE = 2  # runs; each has worker processes of its own
_ASK_SECONDS = 5  # between two looks for runs that are due


def deployments(plan: Path = PLAN) -> tuple[RunnerDeployment, ...]:
    """What the plan names, each flow by its module path (a file's path would put flows/ first where modules are looked for)."""
    told: list[dict[str, Any]] = yaml.safe_load(plan.read_text("utf-8"))["deployments"]
    return tuple(_deployment(**each) for each in told)


def _deployment(*, name: str, entrypoint: str, schedules: list[dict[str, str]] | None = None, **told: Any) -> RunnerDeployment:
    times = [CronSchedule(**each) for each in schedules or ()]
    return RunnerDeployment.from_entrypoint(entrypoint, name=name, schedules=times, **told)


def serve_deployments() -> None:
    """Serves all of them until the program is stopped; schedules stay as they are then."""
    warnings.filterwarnings("ignore", message="coroutine 'Runner")  # Prefect's own, when it is told to end
    serve(*deployments(), pause_on_shutdown=False, print_starting_message=False, limit=_AT_ONCE, query_seconds=_ASK_SECONDS)
