"""Where `svar` begins: a reader of exports gets ready while the program itself is loaded."""

from __future__ import annotations

import sys

from flows.roster.spreadsheet import ready_reader

_READING = {"check", "close"}  # commands that begin with reading an export


def main() -> None:
    """The command line, in its own words; ends the process with the command's exit code."""
    if _READING & set(sys.argv[1:3]):  # an option may stand before the command
        ready_reader()
    from flows.cli import main as command

    command()


if __name__ == "__main__":
    main()
