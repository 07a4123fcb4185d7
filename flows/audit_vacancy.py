"""export + documents + ledger -> the closed book."""

from __future__ import annotations

from prefect import flow

from flows import tasks
from flows.auditing import Audit
from flows.settings import Settings

_last: list[Audit] = []


@flow(name="audit vacancy", flow_run_name="audit {vacancy}", persist_result=False)
def audit_vacancy(vacancy: str) -> dict[str, int]:
    """Reads export, papers and ledger afresh, and writes the account: report, index and audit pack.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.

    Returns the counts; no people. Raises SvarError.
    """
    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    name = folder.resolve().name
    audit = tasks.look_afresh(str(folder), settings, name)
    _last[:] = [audit]
    tasks.write_proof(audit, name)
    return audit.counts
