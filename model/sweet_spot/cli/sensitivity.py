"""`sweet-spot sensitivity`: what the headline leans on, latent by latent and call by call."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from sweet_spot.cli.refitting import Refits, refitting
from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, say


def sensitivity(
    fit: Fit = FIT,
    refit: Annotated[
        bool,
        typer.Option(help="Also fit again under other judgement calls of the error model."),
    ] = False,
    cache: Refits = None,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show what moves the headline: latents, priors, statements and, with --refit, judgement calls.

    The tornado sets each latent to its 10 % and 90 % posterior point, all else as drawn. Power
    scaling says how priors and statements pull. Importance shares out the variance, dependence
    between latents allowed for. --refit fits at half and double tau_shared, other mapping errors
    and other clusters: a minute to compile once, then about half a minute each.

    \b
    Examples:
      sweet-spot sensitivity
      sweet-spot sensitivity --refit --json

    \b
    In Python:
      print(sweet_spot.sensitivity(sweet_spot.load_fit("report/fit.nc")).table)
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.drawn import stamp
    from sweet_spot.answers.figures_influence import tornado_figure
    from sweet_spot.answers.importance import importance
    from sweet_spot.answers.judgement import judgement_calls
    from sweet_spot.answers.sensitivity import sensitivity as compute
    from sweet_spot.answers.tables_influence import sensitivity_json, sensitivity_tables

    with refitting(fit, cache, refit=refit, force=force) as (tree, refitter, told):
        found, shares = compute(tree), importance(tree)
        calls = judgement_calls(tree, refitter, progress=told) if refitter else None
        figures = {"sensitivity": lambda: tornado_figure(found, stamp(tree))}
        content = partial(sensitivity_json, found, shares, calls)
        shown = sensitivity_tables(found, shares, calls)
        say(shown, content, figures, out, as_json=as_json)
