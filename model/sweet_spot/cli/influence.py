"""`sweet-spot influence`: the headline without each expert, cluster or source, and theirs alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sweet_spot.cli.refitting import Refits, ahead_of, refitting
from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, say
from sweet_spot.cli.tasks import Scheduler


class By(StrEnum):
    """Who is left out."""

    expert = "expert"
    cluster = "cluster"
    source = "source"


def influence(
    by: Annotated[By, typer.Option(help="Who is left out, one at a time.")] = By.expert,
    fit: Fit = FIT,
    refit: Annotated[
        bool, typer.Option(help="Fit again where the saved draws cannot tell (Pareto k > 0.7).")
    ] = True,
    cache: Refits = None,
    scheduler: Scheduler = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show what each expert, cluster or source does to the headline, and what each implies alone.

    By importance weights of the saved draws, in a minute or two. Where these cannot be trusted the
    model is fitted again: a minute to compile, then about half a minute each, kept for the next
    time. These refits are independent tasks, on the cores of this machine or on a Dask cluster.
    With --no-refit such rows are marked and have no number.

    \b
    Examples:
      sweet-spot influence --by cluster
      sweet-spot influence --by expert --no-refit --json

    \b
    In Python:
      print(sweet_spot.influence(sweet_spot.load_fit("report/fit.nc"), "cluster").text)
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.drawn import stamp
    from sweet_spot.answers.figures_influence import influence_figure
    from sweet_spot.answers.influence import influence as compute
    from sweet_spot.answers.tables_influence import influence_table

    with refitting(fit, cache, refit=refit, force=force) as (tree, refitter, told):
        ahead = ahead_of(tree, cache, scheduler) if refit else None
        found = compute(tree, by.value, refit=refitter, ahead=ahead, progress=told)
        figures = {"influence": lambda: influence_figure(found, stamp(tree))}
        shown = f"{found.text}\n\n{influence_table(found)}"
        say(shown, found.to_json, figures, out, as_json=as_json)
