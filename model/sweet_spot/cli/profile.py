"""`sweet-spot profile`: problem hardness against competence, from a saved fit."""

from __future__ import annotations

from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, saved_fit, say


def profile(
    fit: Fit = FIT,
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Set P(usable) over problem hardness against how well we do at it.

    Prints the sum over problem cells, which is conditioning, and draws the map, which is
    intervening: all problem and competence latents moved. --json has both.

    Nothing is fitted or compiled. Exit code 0: done. 2: no such fit, or a folder that cannot be
    written to. 3: the fit failed its verdict; nothing is printed then, unless --force is given.

    \b
    Examples:
      sweet-spot profile
      sweet-spot profile --fit report-2025-06/fit.nc --out june-2025
      sweet-spot profile --json

    \b
    In Python:
      tree = sweet_spot.load_fit("report/fit.nc")
      sweet_spot.profile(tree, sweet_spot.load_argument()).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.answers.drawn import stamp
        from sweet_spot.answers.figures_obstacles import profile_figure
        from sweet_spot.answers.profile import profile as of
        from sweet_spot.answers.section_obstacles import profile as tables
        from sweet_spot.argument.spec import load_argument

        found = of(tree, load_argument())
        shown = tables(found)
        figures = {"profile": lambda: profile_figure(found, stamp(tree))}
        say(f"{found.text}\n\n{shown}", found.to_json, figures, out, as_json=as_json)
