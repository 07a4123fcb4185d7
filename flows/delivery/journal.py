"""The firm's own journal mailbox, looked into over IMAP: a letter that lies there was taken by the server."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from flows.roster.faults import SvarError

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the journal is read: imaps://host/folder, or imap:// on loopback."""

    url: str
    user: str
    password: str


def found_in(mailbox: Mailbox, message_ids: Iterable[str]) -> frozenset[str]:
    """Those of the Message-IDs that lie in the mailbox. Raises SvarError when it cannot be read."""
    host = urlsplit(mailbox.url).hostname or ""
    try:
        with _opened(mailbox) as (imap, _):
            return frozenset(each for each in message_ids if _lies_there(imap, each))
    except (OSError, imaplib.IMAP4.error) as error:
        raise SvarError(
            f"The journal mailbox at {host} cannot be read: {type(error).__name__}. The doubts stay until it can be."
        ) from error


def messages_in(mailbox: Mailbox) -> Iterator[tuple[str, bytes]]:
    """Place and bytes of every message of a mailbox, which stays as it is. Raises SvarError when it cannot be read."""
    host = urlsplit(mailbox.url).hostname or ""
    try:
        with _opened(mailbox) as (imap, folder):
            _, found = imap.search(None, "ALL")
            for number in (found[0] or b"").split():
                _, parts = imap.fetch(number.decode(), "(BODY.PEEK[])")
                content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
                yield f"{folder} message {number.decode()}", content
    except (OSError, imaplib.IMAP4.error) as error:
        raise SvarError(f"The mailbox at {host} cannot be read: {type(error).__name__}. Run the same command again.") from error


@contextmanager
def _opened(mailbox: Mailbox) -> Iterator[tuple[imaplib.IMAP4, str]]:
    """The connection, logged in, its folder selected for reading, and the folder's name. Raises SvarError for a login or folder that is not there."""
    address = urlsplit(mailbox.url)
    host, folder = address.hostname or "", unquote(address.path.strip("/")) or "INBOX"
    with _connected(address.scheme, host, address.port) as imap:
        try:
            imap.login(mailbox.user, mailbox.password)
        except imaplib.IMAP4.abort:
            raise  # the line broke: no word about the login
        except imaplib.IMAP4.error as error:
            raise SvarError(f"The mailbox at {host} does not accept the login. Look at SVAR_IMAP_USER and SVAR_IMAP_PASSWORD.") from error
        code, _ = imap.select(f'"{folder}"', readonly=True)
        if code != "OK":
            raise SvarError(f"The mailbox at {host} has no folder {folder!r}. Look at its address: imaps://host/folder.")
        yield imap, folder


def _connected(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=ssl.create_default_context(), timeout=_SECONDS)
    if host not in ("localhost", "127.0.0.1", "::1"):
        raise SvarError("SVAR_IMAP: found imap://, expected imaps:// (or a server on this machine).")
    return imaplib.IMAP4(host, port or 143, timeout=_SECONDS)


def _lies_there(imap: imaplib.IMAP4, message_id: str) -> bool:
    _, found = imap.search(None, "HEADER", "Message-ID", f'"{message_id}"')
    return any(numbers and numbers.split() for numbers in found)
