"""Where the ledger lies: a file in the outputs folder, or the database SVAR_LEDGER names."""

from __future__ import annotations

from pathlib import Path


def ledger_url(setting: str, outputs: Path) -> str:
    """The address of the ledger: as SVAR_LEDGER says (an address or a file), else ledger.sqlite in the outputs folder."""
    if "://" in setting:
        return setting
    return f"sqlite:///{Path(setting) if setting else outputs / 'ledger.sqlite'}"


def ledger_file(url: str) -> Path | None:
    """The file of an SQLite ledger; None for a server's."""
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
