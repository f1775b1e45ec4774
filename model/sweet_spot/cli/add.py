"""`sweet-spot add`: a file of statements into the ledger, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FINDINGS, stop


def add(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Elicitation file.", show_default=False)
    ],
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
) -> None:
    """Check a file with all that is there, and add its statements to DIR/elicitations.

    Either everything is in or nothing changed. The same file twice adds nothing; one that has grown
    replaces what it was. Exit code 0: added, or there already. 1: errors. 2: wrong usage.

    \b
    Examples:
      sweet-spot add new-forecast.yaml
      sweet-spot add drafts/metaculus.yaml --data data

    \b
    In Python:
      from sweet_spot.evidence.add import add
      print(add("new-forecast.yaml", "data"))
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.errors import InvalidRecord
    from sweet_spot.evidence.add import add as put_in

    try:
        done = put_in(file, data)
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    for warning in done.warnings:
        typer.echo(f"warning {warning.rule}: {warning}", err=True)
    typer.echo(str(done))
