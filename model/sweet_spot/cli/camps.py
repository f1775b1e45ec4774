"""`sweet-spot camps`: how far two camps are apart, and which question closes most of the gap."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.refitting import Refits, refitting
from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, say

NAMES = "Experts or clusters, with a semicolon between them; @FILE reads them, one a line."


def camps(
    a: Annotated[str, typer.Option("--a", metavar="NAMES", help=f"One camp. {NAMES}")],
    b: Annotated[str, typer.Option("--b", metavar="NAMES", help="The other camp, likewise.")],
    fit: Fit = FIT,
    refit: Annotated[
        bool, typer.Option(help="Fit again where the saved draws cannot tell (Pareto k > 0.7).")
    ] = True,
    cache: Refits = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show what two camps imply on their own, and the cruxes between them.

    For each question one camp's statements on it are replaced by the other's: how much of the gap
    does that close? One question at a time, in both directions.

    \b
    Examples:
      sweet-spot camps --a "FRI AI skeptics" --b fri_concerned
      sweet-spot camps --a superforecaster_pool --b "ai_futures_redwood; metr" --no-refit

    \b
    In Python:
      sweet_spot.camps(sweet_spot.load_fit("report/fit.nc"), ["metr"], ["forethought"]).text
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.camps import camps as compute
    from sweet_spot.answers.drawn import stamp
    from sweet_spot.answers.figures_influence import camps_figure
    from sweet_spot.answers.tables_influence import camps_table

    with refitting(fit, cache, refit=refit, force=force) as (tree, refitter, told):
        found = compute(tree, _names(a), _names(b), refit=refitter, progress=told)
        figures = {"camps": lambda: camps_figure(found, stamp(tree))}
        say(
            f"{found.text}\n\n{camps_table(found)}", found.to_json, figures, out, as_json=as_json,
        )  # fmt: skip


def _names(text: str) -> list[str]:
    """Names of a camp, written out or in a file."""
    if text.startswith("@"):
        from sweet_spot.errors import MissingData

        try:
            text = Path(text[1:]).read_text(encoding="utf-8").replace("\n", ";")
        except OSError as error:
            raise MissingData(f"{text[1:]}: cannot be read ({error.strerror})") from error
    return [name.strip() for name in text.split(";") if name.strip()]
