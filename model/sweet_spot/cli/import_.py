"""`sweet-spot import`: forecasts in another tool's file become an elicitation file of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sweet_spot.evidence.importers.assemble import Assembled

SHOWN = 40
"""Unmapped questions that are listed, of possibly thousands."""


def import_(
    name: Annotated[
        str | None, typer.Argument(metavar="FORMAT", help="Its format.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="What to read.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Elicitation file to write; must not be there yet."),
    ] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="Which outside question is which of ours."),
    ] = None,
    formats: Annotated[bool, typer.Option("--formats", help="List the formats.")] = False,
) -> None:
    """Turn a file of another tool into an elicitation file; its values are not changed.

    Without --map, the ids in the file are taken for ids of our questions. Without --out, nothing
    is written, and what would be is counted.

    Exit code 0: all was mapped. 1: some questions were not, and are listed; the rest is written.
    2: the file or the map is not in order; the first thing wrong with it is named.

    \b
    Examples:
      sweet-spot import --formats
      sweet-spot import tidy forecasts.csv --out draft.yaml
      sweet-spot import timing-table table.csv --map map.yaml --out draft.yaml
      sweet-spot check draft.yaml

    \b
    In Python:
      sweet_spot.import_file("tidy", "forecasts.csv", mapping="map.yaml", out="draft.yaml")
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.evidence.importers import FORMATS, import_file

    if formats:
        for known, about in FORMATS.items():
            typer.echo(f"{known:14} {about.about}")
        return
    if name is None or file is None:
        raise typer.BadParameter("name a FORMAT and a FILE; --formats lists the formats")
    assembled = import_file(name, file, mapping=map_file, out=out)
    _tell(assembled, out)
    raise typer.Exit(1 if assembled.unmapped else 0)


def _tell(assembled: Assembled, out: Path | None) -> None:
    """How many statements there are, and the questions that are left out."""
    where = f"written to {out}" if out else "read; write them with --out"
    typer.echo(f"{len(assembled.file.statements)} statements {where}")
    if assembled.unmapped:
        typer.echo(f"{len(assembled.unmapped)} questions are neither mapped nor ignored:")
    for item in assembled.unmapped[:SHOWN]:
        text = f"  {item.text[:70]!r}" if item.text else ""
        typer.echo(f"  {item.question[:80]!r}: {item.answers} answers{text}")
    if len(assembled.unmapped) > SHOWN:
        typer.echo(f"  and {len(assembled.unmapped) - SHOWN} more")
