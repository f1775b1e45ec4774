"""The section of a report on what moves the answer: latents, their priors, and statements."""

from __future__ import annotations

import xarray as xr

from sweet_spot.answers.estimates import usable
from sweet_spot.answers.figures_influence import MOST, tornado_figure
from sweet_spot.answers.importance import importance
from sweet_spot.answers.numbers import probability, words
from sweet_spot.answers.section import Drawing, Point, Reported, Section, section
from sweet_spot.answers.sensitivity import Sensitivity, power_scaled, said_of, tornado
from sweet_spot.answers.tables_influence import (
    SCALED,
    importance_table,
    scaled_table,
    tornado_table,
)


def moves_section(about: Reported) -> Section | None:
    """What moves the answer, from the saved draws alone; nothing to say of a prior."""
    if not about.fitted:
        return None
    turned, shares = _turned(about), importance(about.tree, force=True)
    what = "the headline with each latent at its 10 % and 90 % point"
    text = f"Posterior P(usable for at least one factor): {what}; numbers as in the table."
    drawn = Drawing("tornado", text, lambda: tornado_figure(turned, about.stamp))
    scaled = scaled_table(turned) if turned.scaled else ""
    return section(
        about, "moves", "What moves the answer", (drawn,), _point(turned),
        turned=turned.text, tornado=tornado_table(turned, MOST), shares=shares.text,
        importance=importance_table(shares), scaling=SCALED, scaled=scaled,
    )  # fmt: skip


def _turned(about: Reported) -> Sensitivity:
    """The tornado; power-scaling too, unless the fit was cut down to what other answers read."""
    draws = about.tree["posterior"].to_dataset().load()
    whole = "latent_score" in draws and "log_likelihood" in about.tree
    scaled = power_scaled(about.tree, about.argument) if whole else xr.Dataset()
    found, headline = tornado(draws, about.argument), float(usable(draws).mean())
    return Sensitivity(scaled, found, headline, said_of(found, headline))


def _point(turned: Sensitivity) -> tuple[Point, ...]:
    """The latent that moves the number most."""
    top = turned.tornado.isel(coordinate=0)
    ends = [float(top[end]) for end in ("low", "high")]
    name = words(str(top["coordinate"].item()))
    return (
        Point(
            "rests",
            f"Most of all on {name}: set to its 10 % and 90 % posterior points, all else as drawn,"
            f" the number is {probability(ends[0])} and {probability(ends[1])}.",
        ),
    )
