"""A mail server of its own that puts what it takes in a Maildir: python -m tests.crash.mail_server MAILDIR. Says its port; ends with its input."""

from __future__ import annotations

import socket
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox


def main(maildir: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Mailbox(maildir), hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    sys.stdin.read()
    controller.stop()


if __name__ == "__main__":
    main(sys.argv[1])
