"""`sweet-spot obstacles`: how much credence each of the essay's worries costs, from a saved fit."""

from __future__ import annotations

from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, saved_fit, say


def obstacles(
    fit: Fit = FIT,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Say how much each worry costs: uneven arrival, rogue options, time, investment and so on.

    Prints Shapley shares over all orders, the waterfall in the stated order, and what mending one
    alone would give; --json has this for every factor, and which condition fails first.

    Nothing is fitted or compiled. Exit code 0: done. 2: no such fit, or a folder that cannot be
    written to. 3: the fit failed its verdict; nothing is printed then, unless --force is given.

    \b
    Examples:
      sweet-spot obstacles
      sweet-spot obstacles --fit report-2025-06/fit.nc --out june-2025
      sweet-spot obstacles --json

    \b
    In Python:
      sweet_spot.obstacles(sweet_spot.load_fit("report/fit.nc")).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.answers.drawn import stamp
        from sweet_spot.answers.figures_obstacles import obstacles_figure
        from sweet_spot.answers.obstacles import obstacles as of
        from sweet_spot.answers.section_obstacles import obstacles as tables

        found = of(tree)
        shown = tables(found)["costs"]
        figures = {"obstacles": lambda: obstacles_figure(found, stamp(tree))}
        say(f"{found.text}\n\n{shown}", found.to_json, figures, out, as_json=as_json)
