"""`sweet-spot profile`: problem hardness against competence, from a saved fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FIT, Fit, Force, saved_fit


def profile(
    fit: Fit = FIT,
    out: Annotated[
        Path | None, typer.Option(metavar="FIGURE.png", help="Draw the figure too.")
    ] = None,
    force: Force = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Set P(usable) over problem hardness against how well we do at it.

    Prints the sum over problem cells, which is conditioning, and draws the map, which is
    intervening: all problem and competence latents moved. --json has both.

    Nothing is fitted or compiled. Exit code 0: done. 2: no such fit, or a figure that cannot be
    written. 3: the fit failed its verdict; nothing is printed then, unless --force is given.

    \b
    Examples:
      sweet-spot profile
      sweet-spot profile --fit report-2025-06/fit.nc --out profile.png
      sweet-spot profile --json

    \b
    In Python:
      tree = sweet_spot.load_fit("report/fit.nc")
      sweet_spot.profile(tree, sweet_spot.load_argument()).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.answers import tables_obstacles
        from sweet_spot.answers.profile import profile as of
        from sweet_spot.argument.spec import load_argument

        found = of(tree, load_argument())
        if out is not None:
            from sweet_spot.answers.drawn import stamp, write_figure
            from sweet_spot.answers.figures_obstacles import profile_figure

            write_figure(profile_figure(found, stamp(tree)), out)
        shown = f"{found.text}\n\n{tables_obstacles.profile(found)}"
        typer.echo(json.dumps(found.to_json(), indent=2) if as_json else shown)
