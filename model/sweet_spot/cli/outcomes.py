"""`sweet-spot outcomes`: victory, costly non-failure and failure, from a saved fit."""

from __future__ import annotations

from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, saved_fit, say


def outcomes(
    fit: Fit = FIT,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
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
        from sweet_spot.answers.drawn import stamp
        from sweet_spot.answers.figure_outcomes import outcomes_figure
        from sweet_spot.answers.outcomes import outcomes as of

        found = of(tree)
        figures = {"outcomes": lambda: outcomes_figure(found, stamp(tree))}
        say(found.text, found.to_json, figures, out, as_json=as_json)
