"""`sweet-spot outcomes`: victory, costly non-failure and failure, from a saved fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FIT, Fit, Force, saved_fit


def outcomes(
    fit: Fit = FIT,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder to write outcomes.png to.", show_default="none"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
    force: Force = False,
) -> None:
    """Say how likely victory, costly non-failure and failure are, and set totals beside them.

    A layer of stated priors behind P(usable); nothing is fitted. Exit code 0: done. 2: no such fit.
    3: the fit failed its verdict; nothing is said then, unless --force is given.

    \b
    Examples:
      sweet-spot outcomes
      sweet-spot outcomes --json
      sweet-spot outcomes --fit report-2025-06/fit.nc --out june-2025

    \b
    In Python:
      sweet_spot.outcomes(sweet_spot.load_fit("report/fit.nc")).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.answers.outcomes import outcomes as of

        found = of(tree)
        written: list[Path] = []
        if out is not None:
            from sweet_spot.answers.drawn import stamp, write_figures
            from sweet_spot.answers.figure_outcomes import outcomes_figure

            written = write_figures({"outcomes": outcomes_figure(found, stamp(tree))}, out)
        if as_json:
            typer.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
        else:
            typer.echo("\n".join([found.text, *map(str, written)]))
