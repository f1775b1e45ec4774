"""`sweet-spot inverse`: what a forecast would have to be for the headline to cross a level."""

from __future__ import annotations

from typing import Annotated

import typer

from sweet_spot.cli.refitting import Refits, refitter_of, refitting
from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, say


def inverse(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="A question of the fit, or a quantity.")
    ],
    target: Annotated[
        float, typer.Option(metavar="P", min=0.01, max=0.99, help="Level to cross.")
    ] = 0.5,
    event: Annotated[
        str | None,
        typer.Option(metavar="EVENT", help='Of a quantity: "> 0.5".', show_default=False),
    ] = None,
    topic: Annotated[
        str | None, typer.Option(metavar="TOPIC", help="Of a quantity.", show_default=False)
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Of a quantity: a condition.", show_default=False),
    ] = None,
    level: Annotated[
        float, typer.Option(metavar="P", min=0.01, max=0.99, help="Quantile that is stated.")
    ] = 0.5,
    expert: Annotated[
        str, typer.Option(metavar="NAME", help="Who says it: somebody new, or an expert.")
    ] = "a new expert",
    fit: Fit = FIT,
    refit: Annotated[bool, typer.Option(help="Confirm what was found by fitting again.")] = True,
    cache: Refits = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Find what one more forecast would have to say for P(usable) to cross a level, if any does.

    \b
    Examples:
      sweet-spot inverse danger_before_ted_ai
      sweet-spot inverse years_needed_safety --target 0.65 --no-refit
      sweet-spot inverse "danger_gap" --event "< 0"

    \b
    In Python:
      sweet_spot.inverse(sweet_spot.load_fit("report/fit.nc"), "years_needed_safety", 0.65).text
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.drawn import stamp
    from sweet_spot.answers.figures_influence import inverse_figure
    from sweet_spot.answers.inverse import inverse as compute

    conditions = {
        name.strip(): float(value) for name, _, value in (g.partition("=") for g in given or ())
    }
    with refitting(fit, cache, refit=False, force=force) as (tree, _, _):
        found = compute(
            tree, question, target, event=event, given=conditions or None, topic=topic,  # type: ignore[arg-type]
            level=level, expert=expert,
            refit_of=(lambda base: refitter_of(tree, cache, base)) if refit else None,
        )  # fmt: skip
        figures = {"inverse": lambda: inverse_figure(found, stamp(tree))}
        say(
            found.text, found.to_json, figures, out, as_json=as_json,
        )  # fmt: skip
