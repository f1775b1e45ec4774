"""`sweet-spot influence`: the headline without each expert, cluster or source, and theirs alone."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.refitting import FIT, JSON, OUT, Refits, refitting, show


class By(StrEnum):
    """Who is left out."""

    expert = "expert"
    cluster = "cluster"
    source = "source"


def influence(
    by: Annotated[By, typer.Option(help="Who is left out, one at a time.")] = By.expert,
    fit: FIT = Path("report/fit.nc"),
    refit: Annotated[
        bool, typer.Option(help="Fit again where the saved draws cannot tell (Pareto k > 0.7).")
    ] = True,
    cache: Refits = None,
    as_json: JSON = False,
    out: OUT = None,
) -> None:
    """Show what each expert, cluster or source does to the headline, and what each implies alone.

    By importance weights of the saved draws, in a minute or two. Where these cannot be trusted the
    model is fitted again: a minute to compile once, then about half a minute each, kept for the
    next time. With --no-refit such rows are marked and have no number.

    \b
    Examples:
      sweet-spot influence --by cluster
      sweet-spot influence --by expert --no-refit --json

    \b
    In Python:
      print(sweet_spot.influence(sweet_spot.load_fit("report/fit.nc"), "cluster").text)
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.influence import influence as compute
    from sweet_spot.answers.tables_influence import influence_json, influence_table

    with refitting(fit, cache, refit=refit) as (tree, refitter, say):
        found = compute(tree, by.value, refit=refitter, progress=say)
        if as_json:
            typer.echo(json.dumps(influence_json(found), indent=2, ensure_ascii=False))
        else:
            typer.echo(f"{found.text}\n\n{influence_table(found)}")
        if out is not None:
            from sweet_spot.answers.figures_influence import influence_figure

            show(tree, "influence", lambda stamp: influence_figure(found, stamp), out)
