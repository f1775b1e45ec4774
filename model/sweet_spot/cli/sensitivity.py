"""`sweet-spot sensitivity`: what the headline leans on, latent by latent and call by call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.refitting import FIT, JSON, OUT, Refits, refitting, show


def sensitivity(
    fit: FIT = Path("report/fit.nc"),
    refit: Annotated[
        bool,
        typer.Option(help="Also fit again under other judgement calls of the error model."),
    ] = False,
    cache: Refits = None,
    as_json: JSON = False,
    out: OUT = None,
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
    from sweet_spot.answers.importance import importance
    from sweet_spot.answers.judgement import judgement_calls
    from sweet_spot.answers.sensitivity import sensitivity as compute
    from sweet_spot.answers.tables_influence import listed, sensitivity_tables

    with refitting(fit, cache, refit=refit) as (tree, refitter, say):
        found, shares = compute(tree), importance(tree)
        calls = judgement_calls(tree, refitter, progress=say) if refitter else None
        if as_json:
            content = {
                "schema": 1, "headline": found.headline, "text": found.text,
                "tornado": listed(found.tornado), "scaled": listed(found.scaled),
                "importance": listed(shares.data), "calls": listed(calls.data) if calls else None,
            }  # fmt: skip
            typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
        else:
            typer.echo(sensitivity_tables(found, shares, calls))
        if out is not None:
            from sweet_spot.answers.figures_influence import tornado_figure

            show(tree, "sensitivity", lambda stamp: tornado_figure(found, stamp), out)
