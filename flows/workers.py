"""The processes that draw: lean (no Prefect, no pandas), started early, fed by Prefect's thread tasks. The only home of loky."""

from __future__ import annotations

import pickle
from concurrent.futures import Future
from functools import lru_cache
from typing import TYPE_CHECKING

from loky import get_reusable_executor

from flows.roster.faults import SvarError

if TYPE_CHECKING:
    from loky.process_executor import ProcessPoolExecutor

    from flows.documents.paper import Failed, Made, Order
    from flows.documents.workshop import WorkOrder, Workshop

_IDLE_SECONDS = 120  # an idle worker goes away by itself


def start_workers(count: int) -> None:
    """The processes begin to load what they need; returns at once."""
    pool = _pool(count)
    for _ in range(count):
        pool.submit(_load_tools)


def make_chunk(count: int, work: WorkOrder, orders: list[Order], kept: list[Made | None]) -> list[Made | Failed]:
    """The papers of a chunk, made by one of `count` worker processes. Raises SvarError when that process died."""
    from loky.process_executor import TerminatedWorkerError

    future: Future[list[Made | Failed]] = _pool(count).submit(_make, pickle.dumps(work), orders, kept)
    try:
        return future.result()
    except TerminatedWorkerError as error:
        raise SvarError(
            "a worker process was ended from outside (out of memory?). Run the same command again: it goes on where it stopped."
        ) from error


def stop_workers() -> None:
    """All worker processes end now."""
    get_reusable_executor(reuse=True, context="loky", timeout=_IDLE_SECONDS).shutdown(wait=True, kill_workers=True)


def _pool(count: int) -> ProcessPoolExecutor:
    return get_reusable_executor(max_workers=count, timeout=_IDLE_SECONDS, context="loky")


def _load_tools() -> None:
    import flows.documents.workshop  # noqa: F401  # loading it is the point


@lru_cache(maxsize=1)
def _workshop(work: bytes) -> Workshop:
    from flows.documents.workshop import Workshop

    return Workshop(pickle.loads(work))


def _make(work: bytes, orders: list[Order], kept: list[Made | None]) -> list[Made | Failed]:
    return _workshop(work).make_all(orders, kept)
