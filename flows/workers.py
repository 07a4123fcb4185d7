"""The processes that draw: lean (no Prefect, no pandas), started early, fed by Prefect's thread tasks. The only home of loky."""

from __future__ import annotations

import pickle
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from loky import ProcessPoolExecutor
from loky.backend import get_context

from flows.roster.faults import SvarError

if TYPE_CHECKING:
    from flows.documents.paper import Failed, Made, Order
    from flows.documents.workshop import WorkOrder, Workshop

_IDLE_SECONDS = 120  # an idle worker goes away by itself
_one_at_a_time = threading.Lock()
_pools: list[ProcessPoolExecutor] = []


def start_workers(count: int) -> None:
    """The processes begin to load what they need; returns at once."""
    pool = _pool(count)
    for _ in range(count):
        pool.submit(_load_tools)


def make_chunk(count: int, work: WorkOrder, orders: list[Order], kept: list[Made | None]) -> list[Made | Failed]:
    """The papers of a chunk, made by one of `count` worker processes. Raises SvarError when that process died."""
    from loky.process_executor import TerminatedWorkerError

    pool = _pool(count)
    try:
        made: list[Made | Failed] = pool.submit(_make, pickle.dumps(work), orders, kept).result()
    except TerminatedWorkerError as error:
        _give_up(pool)
        raise SvarError(
            "a worker process was ended from outside (out of memory?). Run the same command again: it goes on where it stopped."
        ) from error
    return made


def stop_workers() -> None:
    """All worker processes end now."""
    with _one_at_a_time:
        for pool in _pools:
            pool.shutdown(wait=True, kill_workers=True)
        _pools.clear()


def _give_up(broken: ProcessPoolExecutor) -> None:
    """The next chunk gets a new pool."""
    with _one_at_a_time:
        if broken in _pools:
            _pools.remove(broken)


def _pool(count: int) -> ProcessPoolExecutor:
    """The one pool of this process; loky's own shared one would be another in every thread."""
    with _one_at_a_time:
        if not _pools:
            _pools.append(ProcessPoolExecutor(max_workers=count, timeout=_IDLE_SECONDS, context=get_context("loky")))
        return _pools[0]


def _load_tools() -> None:
    import flows.documents.workshop  # noqa: F401  # loading it is the point


@lru_cache(maxsize=1)
def _workshop(work: bytes) -> Workshop:
    from flows.documents.workshop import Workshop

    return Workshop(pickle.loads(work))


def _make(work: bytes, orders: list[Order], kept: list[Made | None]) -> list[Made | Failed]:
    return _workshop(work).make_all(orders, kept)
