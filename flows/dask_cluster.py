"""The same chunks on a Dask cluster. The only home of prefect-dask.

A chunk goes to a worker as a plain function: the worker loads what a worker process of this machine
loads, neither Prefect nor pandas. Prefect's own tasks stay here, one thread each, waiting for their
chunk, so runs, names and retries look the same with either engine.

A worker that dies loses nothing: the scheduler gives its chunk to another, which makes every paper of
it again to the same bytes under the same names. The output folder must be one that all workers share.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any

from prefect_dask.task_runners import DaskTaskRunner

from flows import workers
from flows.roster.faults import SvarError

if TYPE_CHECKING:
    from flows.documents.paper import Failed, Made, Order, WorkOrder

_CONNECT_SECONDS = 20
_one_at_a_time = threading.Lock()
_joined: list[Any] = []
_refused: list[SvarError] = []


def make_chunk(address: str, count: int, work: WorkOrder, orders: list[Order], kept: list[Made | None]) -> list[Made | Failed]:
    """The papers of a chunk, made on the cluster at `address`; empty: on one of `count` workers of this machine."""
    client: Any = _cluster(address, count).client  # untyped
    future = client.submit(workers.make_parcel, workers.Parcel(work, orders, kept), pure=False)
    try:
        made: list[Made | Failed] = future.result()
    except (CancelledError, OSError) as error:
        raise SvarError(
            "the Dask scheduler went away. Run the same command again when it is there: it goes on where it stopped."
        ) from error
    return made


def join_cluster(address: str, count: int) -> None:
    """Raises SvarError when no worker answers."""
    _cluster(address, count)


def leave_cluster() -> None:
    """Disconnects; a cluster started for this program ends."""
    with _one_at_a_time:
        while _joined:
            _joined.pop().__exit__(None, None, None)
        _refused.clear()


def _cluster(address: str, count: int) -> Any:
    """The one cluster of this process."""
    with _one_at_a_time:
        if _refused:
            raise _refused[0]  # asked once; every other chunk hears the same at once
        if not _joined:
            _joined.append(_join(address, count))
        return _joined[0]


def _join(address: str, count: int) -> Any:
    patience = {"timeout": _CONNECT_SECONDS}
    own = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1", "silence_logs": logging.CRITICAL}
    runner: Any = DaskTaskRunner(address=address, client_kwargs=patience) if address else DaskTaskRunner(cluster_kwargs=own)
    runner.__enter__()
    try:
        runner.client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except (OSError, TimeoutError) as error:
        place = f"at {address} " if address else ""
        _refused.append(SvarError(f"no Dask worker answered {place}within {_CONNECT_SECONDS} s. See SVAR_DASK, then run it again."))
        raise _refused[0] from error
    return runner
