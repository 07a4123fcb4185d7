"""`svar serve`: the deployments run to their end on a real Prefect server, and no person's name gets into it."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from openpyxl import Workbook

from benchmarks.invented_vacancy import make_vacancy
from flows.closing import Closing
from flows.dossier import read_dossier
from flows.preflight import look_over_vacancy
from flows.roster.applicant import Applicant
from flows.settings import Settings
from tests.conftest import ROOT, SAMPLE, TODAY, free_port
from tests.delivery.notices import report

pytestmark = pytest.mark.served
PORT = free_port()
NOT_THERE_YET = 404
BUSY = 503  # Prefect's server says so while its database is locked
API = f"http://127.0.0.1:{PORT}/api"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


def asked(what: str, told: dict[str, Any] | None = None) -> Any:
    body = None if told is None else json.dumps(told).encode()
    request = urllib.request.Request(f"{API}/{what}", body, {"Content-Type": "application/json"})
    for _ in range(20):
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code != BUSY:
                raise
            time.sleep(0.5)
    raise AssertionError(f"the server stayed too busy for {what}")


def run(deployment: str, until: tuple[str, ...] = ENDED, **parameters: Any) -> dict[str, Any]:
    """A run of a deployment, when it has come to one of the states."""
    id = asked(f"deployments/name/{deployment}")["id"]
    return reached(asked(f"deployments/{id}/create_flow_run", {"parameters": parameters})["id"], until)


def reached(flow_run: str, until: tuple[str, ...] = ENDED) -> dict[str, Any]:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        found: dict[str, Any] = asked(f"flow_runs/{flow_run}")
        if found["state_type"] in until:
            return found
        time.sleep(0.3)
    raise AssertionError(f"the run stayed {found['state_type']}")


def artifact(key: str) -> dict[str, Any]:
    found: dict[str, Any] = asked(f"artifacts/{key}/latest")
    return found


class Channel(http.server.BaseHTTPRequestHandler):
    """Where a webhook leads: keeps what it is told."""

    told: list[dict[str, Any]] = []  # noqa: RUF012  # of the one receiver

    def do_POST(self) -> None:
        self.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def channel() -> Iterator[int]:
    """The port of a receiver of notices on loopback."""
    receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Channel)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    yield receiver.server_port
    receiver.shutdown()


def _name_block(slug: str, name: str, content: dict[str, Any]) -> None:
    """What a person fills in under Blocks."""
    kind = asked(f"block_types/slug/{slug}")["id"]
    schema = asked("block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})[0]["id"]
    asked("block_documents/", {"name": name, "block_type_id": kind, "block_schema_id": schema, "data": content})


def heard(title: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for told in Channel.told:
            if told["title"] == title:
                return told
        time.sleep(0.2)
    raise AssertionError(f"nobody was told of {title}, only of {[told['title'] for told in Channel.told]}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, channel: int) -> Iterator[Path]:
    """`svar serve` on the sample vacancy, which has faults, and on one that is complete and arrived an hour ago."""
    place = tmp_path_factory.mktemp("served")
    shutil.copytree(SAMPLE.parent, place / "inputs")
    for path in make_vacancy(place / "inputs" / "ledig", 6, SAMPLE).iterdir():
        os.utime(path, (time.time() - 3600,) * 2)
    told = {
        "SVAR_INPUTS": str(place / "inputs"),
        "SVAR_OUTPUTS": str(place / "outputs"),
        "SVAR_TODAY": TODAY.isoformat(),
        "SVAR_WORKERS": "1",
        "SVAR_NOTIFY": "slack-webhook/hr, mail-notice/nowhere",
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "SVAR_"))}
    command = [sys.executable, "-m", "flows", "serve", "--port", str(PORT)]
    serving = subprocess.Popen(command, env=kept | told, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=(place / "said").open("wb"))
    (place / "pid").write_text(str(serving.pid))
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, urllib.error.HTTPError):
            asked("deployments/name/propose%20erasures/erase")
            break
        time.sleep(0.3)
    _name_block("slack-webhook", "hr", {"url": f"json://127.0.0.1:{channel}/hr"})
    yield place
    serving.terminate()
    serving.wait(60)


def test_what_somebody_closes_by_hand_meanwhile_is_left_to_them(place: Path) -> None:
    closing = Closing.of(place / "inputs" / "ledig", Settings(outputs=place / "outputs"))
    with closing.alone():
        assert run("close%20ready%20vacancies/close-ready")["state_type"] == "COMPLETED"
    assert not (place / "outputs" / "ledig").exists()


def test_what_is_complete_is_closed_by_itself(place: Path) -> None:
    assert run("close%20ready%20vacancies/close-ready")["state_type"] == "COMPLETED"
    stands = {row["vacancy"]: row["stands"] for row in json.loads(artifact("ready-to-close")["data"])}
    assert stands == {"ledig": "ready", SAMPLE.name: "svar check shows errors"}
    assert (place / "outputs" / "ledig" / "manifest.json").exists()
    assert not (place / "outputs" / SAMPLE.name).exists()
    assert not (place / "outputs" / "ledger.sqlite").exists()  # papers only


def test_a_served_closing_runs_to_its_end(place: Path) -> None:
    done = run("close%20vacancy/close", vacancy=SAMPLE.name)
    assert (done["name"], done["state_type"]) == (f"close {SAMPLE.name}", "COMPLETED")
    assert set(done["tags"]) == {"svar", "papers"}
    assert "| call and letter | 6 |" in artifact(f"close-{SAMPLE.name}")["data"]
    progress = artifact(f"progress-{SAMPLE.name}")
    assert (progress["type"], progress["data"]) == ("progress", 100)
    assert re.fullmatch(r"(\d+) of \1 papers", progress["description"])


def test_a_sending_asks_for_its_number_and_goes_on_with_it(place: Path) -> None:
    waiting = run("send%20answers/send", until=("PAUSED", *ENDED), vacancy="ledig")
    assert waiting["state_type"] == "PAUSED"
    assert not list((place / "outputs" / "ledig").glob("drafts/*.eml"))
    form = _form(waiting)
    ready = int(re.search(r"(\d+) letters are ready", form)[1])  # type: ignore[index]
    asked(f"flow_runs/{waiting['id']}/resume", {"run_input": {"letters": ready, "initials": "MS"}})
    assert reached(waiting["id"])["state_type"] == "COMPLETED"


def test_replies_recorded_from_prefect_are_told_in_numbers(place: Path) -> None:
    settings = Settings(inputs=place / "inputs", outputs=place / "outputs", today=TODAY)
    folder = place / "inputs" / "ledig"
    drafted = next(id for id, told in read_dossier(folder, settings).histories.items() if told.drafted)
    somebody = next(each for each in read_dossier(folder, settings).applicants if each.id == drafted)
    (place / "returned").mkdir()
    (place / "returned" / f"to {somebody.name.full}.eml").write_bytes(returned(somebody.emails[0]))
    (place / "returned" / "other.eml").write_bytes(returned("somebody.else@example.net"))
    given = {"by_hand": ["all"], "on": TODAY.isoformat(), "by": "MS"}
    done = run("record%20replies/record", vacancy="ledig", given=given, bounces=str(place / "returned"))
    assert (done["name"], done["state_type"]) == ("record ledig", "COMPLETED")
    told = {row["what"]: row["number"] for row in json.loads(artifact("record-ledig")["data"])}
    assert told["answers"] > 0
    assert (told["bounces"], told["to look at"]) == (1, 1)
    assert read_dossier(folder, settings).histories[drafted].trouble is not None


def test_a_faulty_call_list_fails_by_its_cells_alone(place: Path) -> None:
    (place / "called.csv").write_text("id;called_on;by;reached\nÅse Hemmelig;i går;MS;ja\n", "utf-8")
    done = run("record%20replies/record", vacancy="ledig", calls=str(place / "called.csv"))
    assert done["state_type"] == "FAILED"
    assert 'called.csv row 2, column "id": id-unknown' in done["state"]["message"]
    assert "Hemmelig" not in done["state"]["message"]


def test_a_wrong_number_hands_nothing_over(place: Path) -> None:
    waiting = run("send%20answers/send", until=("PAUSED", *ENDED), vacancy=SAMPLE.name)
    asked(f"flow_runs/{waiting['id']}/resume", {"run_input": {"letters": 2}})
    ended = reached(waiting["id"])
    assert ended["state_type"] == "FAILED"
    assert "2" in ended["state"]["message"]


def test_an_audit_fails_while_people_are_late(place: Path) -> None:
    done = run("audit%20vacancy/audit", vacancy=SAMPLE.name)
    assert done["state_type"] == "FAILED"
    assert re.fullmatch(r"\d+ of \d+ open cases are past their target, the longest has waited \d+ working days", done["state"]["message"])
    rows = json.loads(artifact(f"audit-{SAMPLE.name}-open")["data"])
    assert {"id", "row", "why", "working days", "standing"} == set(rows[0])
    assert "report.html" in artifact(f"audit-{SAMPLE.name}-report")["data"]
    told = heard(f"Svar: audit {SAMPLE.name}")["message"]
    assert told.startswith(done["state"]["message"])


def test_a_closing_that_failed_is_told_without_the_fault(place: Path) -> None:
    lost = run("close%20vacancy/close", vacancy="lost")
    assert lost["state_type"] == "FAILED" and "file-missing" in lost["state"]["message"]
    assert heard("Svar: close lost")["message"].startswith("The run ended as Failed.")


def test_a_closing_that_was_killed_is_told_and_goes_on_when_run_again(place: Path) -> None:
    make_vacancy(place / "inputs" / "stor", 300, SAMPLE)
    begun = run("close%20vacancy/close", until=("RUNNING", *ENDED), vacancy="stor")
    letters = place / "outputs" / "stor" / "letters"
    awaited(lambda: letters.is_dir() and len(list(letters.glob("*.pdf"))) > 20)
    flow, *workers = family = [
        each for each in psutil.Process(int((place / "pid").read_text())).children(recursive=True) if _runs(each, begun["id"])
    ]
    assert workers  # the processes that draw
    flow.kill()
    assert reached(begun["id"])["state_type"] == "CRASHED"
    assert heard("Svar: close stor")["message"].startswith("The run ended as Crashed.")
    awaited(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family))
    assert run("close%20vacancy/close", vacancy="stor")["state_type"] == "COMPLETED"
    assert len(list(letters.glob("*.pdf"))) == 300
    shutil.rmtree(place / "inputs" / "stor")  # the other tests count what is there


def awaited(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.1)


def _runs(process: psutil.Process, flow_run: str) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.environ().get("PREFECT__FLOW_RUN_ID") == flow_run
    return False


def test_a_fault_in_a_call_list_is_kept_without_its_words(place: Path) -> None:
    """Prefect pickles what a run raised into its home: there must be no cell in it."""
    people = look_over_vacancy(SAMPLE, Settings(inputs=SAMPLE.parent, outputs=place / "outputs")).roster.applicants
    sheet = Workbook()
    sheet.active.append(["id", "name", "called_on", "by", "reached"])  # type: ignore[union-attr]
    sheet.active.append([people[0].name.full, people[0].name.full, people[0].name.full, "MS", "yes"])  # type: ignore[union-attr]
    sheet.save(place / "calls.xlsx")
    done = run("record%20replies/record", vacancy=SAMPLE.name, calls=str(place / "calls.xlsx"))
    assert done["state_type"] == "FAILED" and "calls.xlsx" in done["state"]["message"]


def test_the_morning_audit_names_the_vacancies_that_need_a_person(place: Path) -> None:
    done = run("audit%20all%20vacancies/audit-all")
    assert done["state_type"] == "FAILED"
    assert SAMPLE.name in done["state"]["message"]
    assert (place / "outputs" / "overview.html").exists()


def test_an_erasure_is_only_proposed(place: Path) -> None:
    assert run("propose%20erasures/erase")["state_type"] == "COMPLETED"
    assert json.loads(artifact("erase-proposed")["data"]) == []


def test_a_run_keeps_its_log(place: Path) -> None:
    assert any("Finished in state" in line["message"] for line in asked("logs/filter", {}))


def test_nobodys_name_is_in_prefects_home(place: Path) -> None:
    settings = Settings(inputs=place / "inputs", outputs=place / "outputs")
    held = b"".join(_opened(path) for path in (place / "outputs" / ".prefect").rglob("*") if path.is_file())
    assert b"email-invalid" in held or b"calls.xlsx" in held  # what was encoded has been opened
    for vacancy in (SAMPLE.name, "ledig"):
        people = look_over_vacancy(place / "inputs" / vacancy, settings).roster.applicants
        assert people
        assert [each.id for each in people if any(form in held for word in _words(each) for form in _written(word))] == []


def test_parameters_are_described_where_they_are_filled_in(place: Path) -> None:
    described = asked("deployments/name/send%20answers/send")["parameter_openapi_schema"]["properties"]
    assert "Left out: the run asks for it" in described["confirm"]["description"]


def test_every_deployment_of_the_plan_is_served(place: Path) -> None:
    planned = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert {each["name"] for each in asked("deployments/filter", {})} == {each["name"] for each in planned}


def returned(address: str) -> bytes:
    """A letter that came back, as a mail server tells of it."""
    fields = f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {address}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user"
    return report(fields)


def _words(person: Applicant) -> list[str]:
    return [person.name.full, *person.emails, *person.phones, *(phone.replace(" ", "") for phone in person.phones)]


def _written(word: str) -> set[bytes]:
    """As it stands in a file, in JSON and in a pickle."""
    return {word.encode(), json.dumps(word)[1:-1].encode(), word.encode("unicode_escape")}


def _opened(path: Path) -> bytes:
    """The bytes of a file of Prefect's home, with what it keeps encoded in it."""
    held = path.read_bytes()
    return held + base64.b64decode(held) if path.parent.name == "storage" else held


def _form(waiting: dict[str, Any]) -> str:
    """The words of the form; Prefect writes it a moment after the run has paused."""
    keys = waiting["state"]["state_details"]["run_input_keyset"]
    for _ in range(120):
        try:
            return str(asked(f"flow_runs/{waiting['id']}/input/{keys['description']}"))
        except urllib.error.HTTPError as error:
            if error.code != NOT_THERE_YET:
                raise
            time.sleep(0.5)
    raise AssertionError("the run paused without a form")
