"""The processes that draw: lean (no Prefect, no pandas), started early, fed by Prefect's thread tasks. The only home of loky."""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from functools import lru_cache
from typing import TYPE_CHECKING

from flows import __version__
from flows.roster.faults import SvarError

if TYPE_CHECKING:
    from loky import ProcessPoolExecutor

    from flows.documents.paper import Failed, Made, Order, WorkOrder
    from flows.documents.workshop import Workshop

_IDLE_SECONDS = 120  # an idle worker goes away by itself
_LOOK_SECONDS = 0.2
_one_at_a_time = threading.Lock()
_at_the_bench = threading.Lock()
_pools: list[tuple[int, ProcessPoolExecutor]] = []  # the number of workers; the one in use first


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
        for _, pool in _pools:
            pool.shutdown(wait=True, kill_workers=True)
        _pools.clear()


def _give_up(broken: ProcessPoolExecutor) -> None:
    """The next chunk gets a new pool, and meets no worker of this one that is still writing."""
    with _one_at_a_time:
        _pools[:] = [each for each in _pools if each[1] is not broken]
    broken.shutdown(wait=True, kill_workers=True)


def _pool(count: int) -> ProcessPoolExecutor:
    """The one pool of this process; loky's own shared one would be another in every thread."""
    from loky import ProcessPoolExecutor  # loaded only where something is to be made
    from loky.backend import get_context

    with _one_at_a_time:
        if not _pools or _pools[0][0] < count:  # a smaller one ends what it has and then idles away
            ours = {"initializer": _end_with, "initargs": (os.getpid(),)}
            _pools.insert(0, (count, ProcessPoolExecutor(max_workers=count, timeout=_IDLE_SECONDS, context=get_context("loky"), **ours)))
        return _pools[0][1]


def _end_with(command: int) -> None:
    """This process ends soon after the command whose worker it is: one that was killed must not have papers made beside the next run."""

    def watch() -> None:
        while os.getppid() == command:
            time.sleep(_LOOK_SECONDS)
        os._exit(1)

    if sys.platform != "win32":  # where a parent that is gone keeps its number
        threading.Thread(target=watch, daemon=True).start()


def _load_tools() -> None:
    import flows.documents.workshop  # noqa: F401  # loading it is the point


@lru_cache(maxsize=1)
def _workshop(work: bytes) -> Workshop:
    from flows.documents.workshop import Workshop

    return Workshop(pickle.loads(work))


def _make(work: bytes, orders: list[Order], kept: list[Made | None]) -> list[Made | Failed]:
    return _workshop(work).make_all(orders, kept)


class Parcel:
    """A chunk on its way to another machine. Shows only its weight: what a cluster prints of a task that failed must name nobody."""

    def __init__(self, work: WorkOrder, orders: list[Order], kept: list[Made | None]) -> None:
        self.version = __version__
        self._work, self._content = pickle.dumps(work), pickle.dumps((orders, kept))

    def __repr__(self) -> str:
        return f"<papers to make, {len(self._content)} bytes>"

    def make(self) -> list[Made | Failed]:
        """The papers. Raises SvarError where this machine has another Svar or other folders."""
        if self.version != __version__:
            raise SvarError(f"a worker of the cluster has Svar {__version__}, expected {self.version}. Install the same one everywhere.")
        shop = _workshop(self._work)
        if lacking := shop.folders_out_of_sight:
            raise SvarError(
                f"a worker of the cluster does not see {lacking[0]}. Outputs and templates must be shared under the same paths."
            )
        return shop.make_all(*pickle.loads(self._content))


def make_parcel(parcel: Parcel) -> list[Made | Failed]:
    """The papers of a chunk, on a machine of a cluster."""
    try:
        with _at_the_bench:  # the tools that draw are not for two threads at once
            return parcel.make()
    except SvarError:
        raise
    except Exception as error:  # noqa: BLE001  # the cluster prints what is raised, and its message could hold somebody's name
        raise SvarError(f"{type(error).__name__} on a worker of the cluster. Nothing is lost; run the same command again.") from None
