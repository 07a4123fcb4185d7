"""export + documents + ledger -> the closed book."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import tasks
from flows.audit.overview import VacancyStanding
from flows.audit.timeliness import is_working_day
from flows.auditing import to_audit
from flows.dossier import today_now
from flows.notices import tell_of_failure
from flows.settings import Settings

_standings: dict[str, VacancyStanding] = {}  # of this process, for the page over all of them


@flow(
    name="audit vacancy", flow_run_name="audit {vacancy}", persist_result=False, on_failure=[tell_of_failure], on_crashed=[tell_of_failure]
)
def audit_vacancy(vacancy: str) -> State[Any]:
    """Reads export, papers and ledger afresh, and writes the account: report, index and audit pack.

    Ends in the state Failed, with the reason in one line, while somebody has waited longer than the target or something does not agree.

    Args:
        vacancy: the vacancy's folder, or its name under the inputs folder.

    Returns the counts; no people. Raises SvarError.
    """
    settings = Settings()
    folder = settings.vacancy_folder(vacancy)
    name = folder.resolve().name
    audit = tasks.look_afresh(str(folder), settings, name)
    _standings[name] = audit.standing
    tasks.write_proof(audit, name)
    tasks.show_account(audit, name)
    if reason := audit.alarm:
        return Failed(message=reason)
    return Completed(data=audit.counts)


@flow(
    name="audit all vacancies",
    flow_run_name="audit all vacancies",
    persist_result=False,
    on_failure=[tell_of_failure],
    on_crashed=[tell_of_failure],
)
def audit_all(working_days_only: bool = False) -> State[Any]:
    """Audits every vacancy whose papers are not erased, and writes the overview of all.

    Ends in the state Failed while the audit of any vacancy does.

    Args:
        working_days_only: do nothing on Saturdays, Sundays and Danish holidays.

    Returns how many vacancies were audited and how many raise an alarm.
    """
    settings = Settings()
    if working_days_only and not is_working_day(today_now(settings).date()):
        return Completed(message="Not a working day: nothing was audited.")
    ends = {name: audit_vacancy(name, return_state=True) for name in to_audit(settings)}
    tasks.write_overview(_standings, settings)
    alarms = [name for name, end in ends.items() if not end.is_completed()]
    if alarms:
        return Failed(message=f"{len(alarms)} of {len(ends)} vacancies need a person: {', '.join(alarms)}.")
    return Completed(data={"audited": len(ends), "alarms": 0})
