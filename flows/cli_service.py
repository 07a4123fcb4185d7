"""The command that stays: `svar serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.shown import DONE, said

service = typer.Typer()


@service.command()
def serve(port: Annotated[int, typer.Option(min=1, max=65535, help="Of Prefect's pages, on this machine only.")] = 4200) -> None:
    """Serves the deployments: Prefect's pages start them, schedules run them. Stops with Ctrl-C."""
    from flows.prefect_server import lasting_server
    from flows.settings import Settings

    with lasting_server(Settings().outputs / ".prefect", port) as server:
        server.wait_until_ready()
        from flows.serving import deployments, serve_deployments

        for each in deployments():
            said.print(f"  {each.flow_name}/{each.name}: {each.description}")
        said.print(f"Serving at {server.url.removesuffix('/api')}. Ctrl-C stops it.")
        serve_deployments()
    raise typer.Exit(DONE)
