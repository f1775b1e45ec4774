"""`sweet-spot coherence`: what one person said that contradicts itself, and by how much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FINDINGS, stop

OUTPUT_VERSION = 1
"""Version of the format that `--json` prints."""


def coherence(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Elicitation files or folders of them, instead of those in DIR.",
            exists=True,
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """List the numbers of one person that contradict each other, and the least repair of each.

    The repair is the smallest change in log-odds after which they agree; it is never applied.
    Exit code 0: no contradiction. 1: some, or the data have errors. 2: wrong usage.

    \b
    Examples:
      sweet-spot coherence
      sweet-spot coherence drafts/ada.yaml --json

    \b
    In Python:
      from sweet_spot.evidence.coherence import coherence
      print(*coherence("data"), sep="\\n")
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.errors import InvalidRecord
    from sweet_spot.evidence.coherence import coherence as compare

    try:
        found = compare(data, paths or None)
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    if as_json:
        listed = [contradiction.to_json() for contradiction in found]
        typer.echo(json.dumps({"schema": OUTPUT_VERSION, "contradictions": listed}, indent=2))
    else:
        for contradiction in found:
            shown = str(contradiction).splitlines()
            typer.echo("\n".join("".join(c if c.isprintable() else "?" for c in x) for x in shown))
        typer.echo(f"{len(found)} contradictions")
    raise typer.Exit(FINDINGS if found else 0)
