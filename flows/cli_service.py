"""The command that stays: `svar serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli_answers import ledger_commands
from flows.shown import DONE, OPEN, said

service = typer.Typer()


@service.command()
def serve(port: Annotated[int, typer.Option(min=1, max=65535, help="Of Prefect's pages, on this machine only.")] = 4200) -> None:
    """Serves the deployments: Prefect's pages start them, schedules run them. Stops with Ctrl-C."""
    from flows.prefect_server import lasting_server
    from flows.settings import Settings

    with lasting_server(Settings().outputs / ".prefect", port) as server:
        server.wait_until_ready()
        from flows.mail_notice import MailNotice
        from flows.serving import deployments, serve_deployments

        MailNotice.register_type_and_schema()

        for each in deployments():
            said.print(f"  {each.flow_name}/{each.name}: {each.description}")
        said.print(f"Serving at {server.url.removesuffix('/api')}. Ctrl-C stops it.")
        serve_deployments()
    raise typer.Exit(DONE)


@ledger_commands.command()
def copy(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="An empty ledger: a file, or postgresql+psycopg://svar@host/svar.")],
) -> None:
    """Copies the ledger into an empty one, for a move to PostgreSQL or back. The old one stays as it is."""
    from flows.dossier import open_ledger
    from flows.ledger.place import ledger_url
    from flows.ledger.store import Ledger
    from flows.settings import Settings

    settings = Settings()
    with open_ledger(settings) as old, Ledger.open(ledger_url(address, settings.outputs)) as new:
        copied = old.copy_to(new)
        broken = [vacancy for vacancy in new.vacancies() if new.broken_link(vacancy) is not None]
    said.print(f"{copied} events copied; every chain holds." if not broken else f"{copied} events copied; broken: {', '.join(broken)}.")
    said.print("Set SVAR_LEDGER to the new address before anything else is done with the old one.")
    raise typer.Exit(OPEN if broken else DONE)
