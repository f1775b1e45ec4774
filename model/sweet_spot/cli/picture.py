"""`sweet-spot picture`: the essay's picture from a saved fit, drawn into a folder."""

from __future__ import annotations

from pathlib import Path

from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, saved_fit, say


def picture(
    fit: Fit = FIT,
    out: Out = Path("picture"),
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Draw frontier and safety range over time, and restraint before, inside and after the spot.

    Writes picture.png and restraint.png, and prints what they say. Nothing is fitted. Exit code 0:
    done. 2: no such fit. 3: the fit failed its verdict; nothing is drawn then, unless --force is
    given.

    \b
    Examples:
      sweet-spot picture
      sweet-spot picture --fit report-2025-06/fit.nc --out june-2025

    \b
    In Python:
      sweet_spot.picture(sweet_spot.load_fit("report/fit.nc")).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.answers.drawn import stamp
        from sweet_spot.answers.figure_picture import picture_figure, restraint_figure
        from sweet_spot.answers.picture import picture as of

        found = of(tree)
        figures = {
            "picture": lambda: picture_figure(found, stamp(tree)),
            "restraint": lambda: restraint_figure(found, stamp(tree)),
        }
        say(found.text, found.to_json, figures, out, as_json=as_json)
