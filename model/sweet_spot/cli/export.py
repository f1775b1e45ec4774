"""`sweet-spot export`: all statements in a format that other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    out: Annotated[
        Path, typer.Option(metavar="PATH", help="File or folder to write; must not be there yet.")
    ],
    name: Annotated[
        str, typer.Argument(metavar="FORMAT", help="tidy or hubverse.", show_default=False)
    ],
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
) -> None:
    """Write all statements as a table or as hubverse model output, whole or not at all.

    tidy: one published number a row, evidence, checks and excluded ones alike, bounds as bounds;
    CSV, or Parquet where PATH ends in .parquet. The table is itself an elicitation file: put into
    DIR/elicitations it reads back as the same statements.

    hubverse: a folder with one CSV a round and model, of bare numbers only. What it cannot hold
    (bounds, numeric conditions, excluded and withdrawn statements, reasons) is counted on stderr.

    \b
    Examples:
      sweet-spot export tidy --out statements.csv
      sweet-spot export tidy --data data --out statements.parquet
      sweet-spot export hubverse --out hub/

    \b
    In Python:
      print(sweet_spot.export("tidy", "statements.csv", data="data"))
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.evidence.exporters import export as write

    done = write(name, out, data=data)
    for what, count in done.left.items():
        typer.echo(f"not held by {name}: {count} {what}", err=True)
    typer.echo(str(done))
