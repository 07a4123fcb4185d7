"""Where the papers are made: in processes of this machine, or on a Dask cluster (SVAR_ENGINE). The same chunks either way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, assert_never

from flows import workers
from flows.roster.faults import CommandRefused, SvarError
from flows.settings import Engine, Settings

if TYPE_CHECKING:
    from flows.documents.paper import Failed, Made, Order, WorkOrder


_broken_off = threading.Event()


def start_engine(settings: Settings) -> None:
    """The workers begin to load what they need. Raises SvarError when there is no cluster to join."""
    _broken_off.clear()
    match settings.engine:
        case Engine.PROCESSES:
            workers.start_workers(settings.worker_count)
        case Engine.DASK:
            _refuse_without_dask()
            from flows import dask_cluster

            dask_cluster.join_cluster(settings.dask, settings.worker_count)
        case _:
            assert_never(settings.engine)


def make_chunk(settings: Settings, work: WorkOrder, orders: list[Order], kept: list[Made | None]) -> list[Made | Failed]:
    """The papers of a chunk. Raises SvarError when whoever made them went away, or the run is broken off."""
    if _broken_off.is_set():
        raise SvarError("broken off. What was made is kept; the same command goes on from here.")
    match settings.engine:
        case Engine.PROCESSES:
            return workers.make_chunk(settings.worker_count, work, orders, kept)
        case Engine.DASK:
            _refuse_without_dask()
            from flows import dask_cluster

            return dask_cluster.make_chunk(settings.dask, settings.worker_count, work, orders, kept)
        case _:
            assert_never(settings.engine)


@contextmanager
def broken_off_by_hand(settings: Settings) -> Iterator[None]:
    """On Ctrl-C inside, the papers under way are given up and no chunk begins any more: else all that wait would be made first."""
    try:
        yield
    except KeyboardInterrupt:
        stop_engine(settings)
        raise


def stop_engine(settings: Settings) -> None:
    """All workers of this program end now, and no chunk begins any more; a cluster that was there before stays."""
    _broken_off.set()
    match settings.engine:
        case Engine.PROCESSES:
            workers.stop_workers()
        case Engine.DASK:
            from flows import dask_cluster

            dask_cluster.leave_cluster()
        case _:
            assert_never(settings.engine)


def _refuse_without_dask() -> None:
    from importlib.util import find_spec

    if find_spec("prefect_dask") is None:
        raise CommandRefused("SVAR_ENGINE=dask: found no prefect-dask. Install it with: .venv/bin/pip install 'svar[dask]'")
