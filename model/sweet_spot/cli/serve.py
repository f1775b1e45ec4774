"""`sweet-spot serve`: a local page to explore a saved fit and give forecasts, or a workshop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FIT, Force, saved_fit


def serve(
    fit: Annotated[Path, typer.Argument(metavar="FIT", help="A saved fit.")] = FIT,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65535, help="Port to listen on.")
    ] = 5006,
    address: Annotated[
        str,
        typer.Option(metavar="HOST", help="Address to listen on; by default this machine only."),
    ] = "127.0.0.1",
    workshop: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Hold a workshop, kept in this folder.", show_default="none"
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Open a page in the browser to explore a saved fit: nothing is compiled or fitted again.

    The page listens on this machine alone unless --address says otherwise, and the browser asks no
    other host. Stop it with Ctrl-C. On its own machine it also takes forecasts, and saves them as
    statement files in the folder `forecasts`.

    With --workshop it is the place of a workshop in two rounds instead, and needs no fit: the
    chair's link is printed, the chair makes a link for each expert, and --address 0.0.0.0 lets
    them in from the local network, in plain HTTP. Exit code 0: stopped. 2: wrong usage, no fit,
    or the port is taken. 3: the fit failed its verdict.

    \b
    Examples:
      sweet-spot serve
      sweet-spot serve report-2025-06/fit.nc --port 8080
      sweet-spot serve --workshop spring --address 0.0.0.0

    \b
    In Python (in Jupyter this shows the same page):
      sweet_spot.explore(sweet_spot.load_fit("report/fit.nc"))
      from sweet_spot.page.workshop_server import workshop
      workshop("spring").run()
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    if workshop is not None:
        _workshop(workshop, data, port, address)
        return
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.page.addresses import is_loopback
        from sweet_spot.page.app import server
        from sweet_spot.page.context import context_of

        page = server(context_of(tree, data, fit=str(fit)), port, address)
        typer.echo(f"http://{address}:{port}/ (stop with Ctrl-C)", err=True)
        if not is_loopback(address):
            typer.echo("Anyone on the network can read this page, in plain HTTP.", err=True)
        page.run_until_shutdown()


def _workshop(folder: Path, data: Path, port: int, address: str) -> None:
    """Holds a workshop; the chair's link is for the terminal alone."""
    from sweet_spot.page.workshop_server import workshop

    held = workshop(folder, data, port=port, address=address)
    typer.echo(f"The chair's link, for you alone: {held.chair}")
    if held.room.network:
        typer.echo(
            "Others on the network can come in, each by a link of their own that the chair makes;"
            " nothing opens without one. It is plain HTTP: who shares the network can read along.",
            err=True,
        )
    typer.echo(f"Answers are kept in {folder} (stop with Ctrl-C)", err=True)
    held.run()
