"""SVAR_ENGINE=dask: the same papers, made elsewhere."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.dask_cluster import close_while_one_dies
from flows.closing import Closing
from flows.roster.faults import SvarError
from flows.settings import Settings
from flows.workers import Parcel, make_parcel
from tests.conftest import ROOT, SAMPLE, svar

pytestmark = pytest.mark.cluster


def parcel_of(vacancy: Path, settings: Settings) -> Parcel:
    closing = Closing.of(vacancy, settings)
    closing.plan()
    assert closing._papers is not None
    return Parcel(closing._papers.work, list(closing._due[:2]), [None, None])


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    told = close_while_one_dies(tmp_path, 120)
    assert (told.exit_code, told.doubled, told.damaged, told.strays) == (0, 0, 0, 0), told.said
    assert told.papers == 132  # 108 letters, 12 letters after an interview, 12 notes
    assert told.killed_after < 120


def test_without_an_address_the_cluster_lives_as_long_as_the_command(vacancy: Path, tmp_path: Path) -> None:
    done = svar("close", SAMPLE.name, "--json", where=tmp_path, SVAR_ENGINE="dask", SVAR_WORKERS="1")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["counts"]["papers"] == 60
    assert "dask" not in done.stderr.casefold() and "distributed" not in done.stderr


def test_a_cluster_that_is_not_there_is_told_and_nothing_is_lost(vacancy: Path, tmp_path: Path) -> None:
    done = svar("close", SAMPLE.name, where=tmp_path, SVAR_ENGINE="dask", SVAR_DASK="tcp://127.0.0.1:9")
    assert done.returncode == 3
    assert "no Dask worker answered at tcp://127.0.0.1:9" in done.stderr


def test_what_a_cluster_may_print_of_a_chunk_names_nobody(vacancy: Path, settings: Settings) -> None:
    parcel = parcel_of(vacancy, settings)
    assert repr(parcel).startswith("<papers to make, ")
    parcel._content = pickle.dumps(("Åse Prøvesen", "not a chunk"))
    with pytest.raises(SvarError, match="on a worker of the cluster") as caught:
        make_parcel(parcel)
    assert "Prøvesen" not in str(caught.value)


def test_a_worker_with_another_svar_is_refused(vacancy: Path, settings: Settings) -> None:
    parcel = parcel_of(vacancy, settings)
    parcel.version = "0.0.9"
    with pytest.raises(SvarError, match=r"expected 0\.0\.9"):
        make_parcel(parcel)


def test_a_worker_that_does_not_share_the_outputs_is_refused(vacancy: Path, settings: Settings) -> None:
    parcel = parcel_of(vacancy, settings)
    settings.output_folder(vacancy).rename(settings.outputs / "elsewhere")
    with pytest.raises(SvarError, match="does not see"):
        make_parcel(parcel)


def test_a_chunk_on_a_cluster_loads_neither_prefect_nor_pandas() -> None:
    told = "import sys, flows.workers, flows.documents.workshop; print(sorted({'prefect', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
