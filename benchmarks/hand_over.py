"""How quickly the ledger writes, and how many letters a minute go to a mail server that takes everything.

python benchmarks/hand_over.py [N]                                        SQLite, default 200
.ci/postgresql/with-server python benchmarks/hand_over.py [N]             PostgreSQL too (that server does not wait for its disk)
"""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.invented_vacancy import make_vacancy
from flows.closing import Closing
from flows.ledger.events import NewEvent, What
from flows.ledger.store import Ledger
from flows.sending import Sending
from flows.settings import Settings

SAMPLE = Path(__file__).resolve().parent.parent / "inputs" / "projektleder-fjernvarme"


class _Sink:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return "250 taken"


def main(number: int) -> None:
    """Prints the table."""
    print(f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")
    print("| what | a second |\n|---|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        _ledger("SQLite", f"sqlite:///{place / 'ledger.sqlite'}", number)
        if url := os.environ.get("SVAR_TEST_POSTGRESQL"):
            _ledger("PostgreSQL, fsync off", url, number)
        _mails(place, number)


def _ledger(what: str, url: str, number: int) -> None:
    at = datetime.now().astimezone().isoformat(timespec="seconds")
    with Ledger.open(url) as ledger:
        for batch in (1, 100):
            vacancy, started = f"measured-{batch}", time.perf_counter()
            for first in range(0, number, batch):
                ledger.append(vacancy, [NewEvent(What.CALLED, f"key{first + each}", at, {"n": each}) for each in range(batch)])
            seconds = time.perf_counter() - started
            print(f"| {what}: events written, {batch} to a transaction | {number / seconds:.0f} |", flush=True)


def _mails(place: Path, number: int) -> None:
    folder = make_vacancy(place / "inputs" / "ledig", number, SAMPLE)
    firm = folder.parent / "organisation.toml"
    port = _free_port()
    sink = Controller(_Sink(), hostname="127.0.0.1", port=port)
    sink.start()
    told = re.sub(r"(?m)^(route|server) = .*\n", "", firm.read_text("utf-8"))
    firm.write_text(told.replace("[mail]\n", f'[mail]\nroute = "smtp"\nserver = "smtp://127.0.0.1:{port}"\n'), "utf-8")
    settings = Settings(inputs=folder.parent, outputs=place / "outputs")
    closing = Closing.of(folder, settings)
    for chunk in range(closing.plan()):
        closing.make_chunk(chunk + 1)
    closing.write_account()
    sending = Sending.of(folder, settings)
    ready = len(sending.box.ready)
    sending.approve(ready)
    started = time.perf_counter()
    sending.hand_over()
    seconds = time.perf_counter() - started
    sink.stop()
    assert sending.counts["accepted_by_server"] == ready
    print(f"| letters handed over by SMTP on loopback, intent and reply written for each | {ready / seconds:.1f} |")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
