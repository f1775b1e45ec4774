"""`sweet-spot withdraw`: a statement is no longer anyone's forecast; it stays on record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FINDINGS = 1
"""Exit code where there is no such statement, or the withdrawal contradicts what is there."""


def withdraw(
    statement: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the statement.", show_default=False)
    ],
    why: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="Who withdrew it, or what was wrong.", show_default=False
        ),
    ],
    date: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Since when: YYYY-MM-DD.", show_default="today"),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Where it says so.", show_default="the statement's source"
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
) -> None:
    """Withdraw a statement: a file in DIR/elicitations says since when and why. Nothing is deleted.

    Exit code 0: done, or done before. 1: no such statement, or errors. 2: wrong usage.

    \b
    Examples:
      sweet-spot withdraw example-ada-automation --why "corrected in a later post"
      sweet-spot withdraw example-ada-automation --why "retracted" --date 2026-11-02

    \b
    In Python:
      from sweet_spot.evidence.withdraw import withdraw
      print(withdraw("example-ada-automation", "retracted", "data"))
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.errors import InvalidRecord
    from sweet_spot.evidence.withdraw import withdraw as end

    try:
        typer.echo(str(end(statement, why, data, date=date, url=url)))
    except InvalidRecord as error:
        typer.echo(f"sweet-spot: {error}", err=True)
        raise typer.Exit(FINDINGS) from error
