"""Who is told when a served run failed: the blocks named in SVAR_NOTIFY. Counts and the vacancy, never a person.

A block is a Prefect document a person fills in on Prefect's pages (Blocks): Slack, Microsoft Teams, or the mail below.
A run started with the command tells nobody: whoever started it sits in front of it.
"""

from __future__ import annotations

import contextlib
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging import get_logger

from flows.settings import Settings

_RAISED = "Flow run encountered an exception"  # so begins the message of a run that ended in an error of the program


def tell_of_failure(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Tells every block of SVAR_NOTIFY. A notice that does not get through is a line in the run's log; the run stays as it ended."""
    if flow_run.deployment_id is None or flow_run.parent_task_run_id is not None:
        return
    from prefect.blocks.core import Block

    import flows.mail_notice  # noqa: F401  # known to Prefect once it is loaded

    for name in Settings().notify_blocks:
        try:
            block: Any = Block.load(name)  # whichever type the person chose
            block.notify(_words(state), subject=f"Svar: {_name(flow, flow_run)}")
        except Exception as error:  # noqa: BLE001  # its message may hold the secret address of the block
            get_logger("svar").warning("the notice to %s did not get through: %s", name, type(error).__name__)


def _name(flow: Flow[Any, Any], flow_run: FlowRun) -> str:
    """The run's name as its flow gives it; a run that was killed is shown to us under the name Prefect gave it at first."""
    template = flow.flow_run_name
    with contextlib.suppress(KeyError):  # a parameter nobody filled in
        return template.format(**flow_run.parameters) if isinstance(template, str) else flow_run.name
    return flow_run.name


def _words(state: State[Any]) -> str:
    """Why, where the flow itself said so in numbers; else only how it ended: an error names a place, and the run's page shows it."""
    why = state.message or ""
    if not why or not state.is_failed() or why.startswith(_RAISED):
        why = f"The run ended as {state.name}."
    return f"{why.rstrip('.')}. Look at the run on Prefect's pages, or type: svar"
