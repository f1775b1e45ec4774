"""`sweet-spot obstacles`: how much credence each of the essay's worries costs, from a saved fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FIT, Fit, Force, saved_fit


def obstacles(
    fit: Fit = FIT,
    out: Annotated[
        Path | None, typer.Option(metavar="FIGURE.png", help="Draw the figure too.")
    ] = None,
    force: Force = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Say how much each worry costs: uneven arrival, rogue options, time, investment and so on.

    Prints Shapley shares over all orders, the waterfall in the stated order, and what mending one
    alone would give; --json has this for every factor, and which condition fails first.

    Nothing is fitted or compiled. Exit code 0: done. 2: no such fit, or a figure that cannot be
    written. 3: the fit failed its verdict; nothing is printed then, unless --force is given.

    \b
    Examples:
      sweet-spot obstacles
      sweet-spot obstacles --fit report-2025-06/fit.nc --out obstacles.png
      sweet-spot obstacles --json

    \b
    In Python:
      sweet_spot.obstacles(sweet_spot.load_fit("report/fit.nc")).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.answers import tables_obstacles
        from sweet_spot.answers.obstacles import obstacles as of

        found = of(tree)
        if out is not None:
            from sweet_spot.answers.drawn import stamp, write_figure
            from sweet_spot.answers.figures_obstacles import obstacles_figure

            write_figure(obstacles_figure(found, stamp(tree)), out)
        shown = f"{found.text}\n\n{tables_obstacles.obstacles(found)['costs']}"
        typer.echo(json.dumps(found.to_json(), indent=2) if as_json else shown)
