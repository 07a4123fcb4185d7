"""How far a long run is, shown on the run's page. A share, nothing of the people."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from flows.tasks import artifact_key
from flows.watcher import watching

_FEWEST = 30  # papers; fewer are made before anybody has looked
_PAUSE_SECONDS = 1.0  # between two looks at the server


class _Shown:
    """The artifact of one run; it is the run's also when a chunk ends that was begun before the run."""

    def __init__(self, key: str) -> None:
        self._key = artifact_key(key)
        self._run = copy_context()
        self._artifact: UUID | None = None
        self._next = 0.0
        self._one_at_a_time = threading.Lock()

    def __call__(self, done: int, total: int) -> None:
        with self._one_at_a_time:
            if total < _FEWEST or (time.monotonic() < self._next and done < total):
                return
            with suppress(Exception):  # a share the server did not take is no reason to make papers twice
                self._run.run(self._show, 100.0 * done / total, f"{done} of {total} papers")
            self._next = time.monotonic() + _PAUSE_SECONDS

    def _show(self, share: float, words: str) -> None:
        if self._artifact is None:
            self._artifact = create_progress_artifact(share, key=self._key, description=words)  # type: ignore[assignment]  # at once outside an event loop
        else:
            update_progress_artifact(self._artifact, share, description=words)


@contextmanager
def progress_shown(key: str) -> Iterator[None]:
    """While inside, the run's page shows how many papers of it are done."""
    with watching(_Shown(key)):
        yield
