"""One sending of one vacancy in a process of its own, without Prefect: what is ready now is confirmed and handed over.

python -m tests.crash.one_sending FOLDER     with SVAR_OUTPUTS and SVAR_LEDGER as the command takes them

Says `begin` when it knows what is ready and goes on when a line is typed; says one line of JSON at its end. Nothing was written before `begin`.
Exit 0 done, 3 stopped with words on what to do.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from flows.roster.faults import SvarError
from flows.sending import Sending
from flows.settings import Settings


def main(folder: str) -> int:
    try:
        sending = Sending.of(Path(folder), Settings())
        print("begin", flush=True)
        sys.stdin.readline()
        sending.approve(len(sending.box.ready))
        sending.hand_over()
    except SvarError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 3
    settled = [each.what.value for each in sending.settled]
    print(json.dumps({"counts": sending.counts, "settled": settled}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
