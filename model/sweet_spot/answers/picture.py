"""The essay's picture: the capability frontier over time, and where the sweet spot lies.

The frontier is the model's `arrival` turned round: the speed-up reached at a date. It leaves out
years bought through restraint, as `arrival` does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import TAILS, Floats, pooled
from sweet_spot.argument.axis import AXIS, NUMPY, arrival
from sweet_spot.argument.quantities import REFERENCE_YEAR

FACTOR = "safety_progress"
"""The factor whose sweet spot is shaded; the others are thinner lines."""
LEVELS = (TAILS[0], 0.25, 0.5, 0.75, TAILS[2])
WORLDS = 12
"""Draws shown as thin lines, evenly spaced in the order of full automation."""
SPEEDS = 161
SHORTEST, LONGEST = 10, 50
LOWEST_TOP, HIGHEST_TOP = 3.0, 5.0
BEYOND = 0.1
"""Frontiers are followed this far, in dex, above the axis, so that lines leave it."""


@dataclass(frozen=True)
class Picture:
    """What the picture shows.

    Attributes
    ----------
    data
        `frontier` (level, year) and `world_frontier` (world, year), in dex, followed to just above
        `top`, the end of the axis;
        `useful` (level, factor) and `dangerous` (level), thresholds in dex; `world_useful` and
        `world_dangerous` (world), those of the worlds for FACTOR; shares of draws in which the
        date lies beyond the end of the axis: `useful_later` (factor), `dangerous_later`;
        `dangerous_above`, in which the threshold lies above `top`; `exists` (factor).
    fitted
        Whether the draws are from the posterior.
    """

    data: xr.Dataset
    fitted: bool

    @property
    def end(self) -> float:
        """Last year of the axis."""
        return float(self.data["year"][-1])

    @property
    def top(self) -> float:
        """Upper end of the axis of capability, in dex."""
        return float(self.data["top"])


def picture(tree: xr.DataTree) -> Picture:
    """The picture of a fit (or of prior draws)."""
    fitted = "posterior" in tree
    draws = tree["posterior" if fitted else "prior"].to_dataset()
    names = (
        "speedup_useful",
        "speedup_dangerous",
        "years_to_useful",
        "years_to_dangerous",
        "exists",
    )
    thresholds = {name: pooled(draws[name]) for name in names}
    top = _rounded(np.quantile(thresholds["speedup_dangerous"], 0.9), 0.5, LOWEST_TOP, HIGHEST_TOP)
    span = _rounded(np.quantile(thresholds["years_to_dangerous"], 0.85), 5, SHORTEST, LONGEST)
    years = np.linspace(0.0, span, 101)
    frontier = reached({name: pooled(draws[name]) for name in AXIS}, years, top + BEYOND)
    worlds = _spread(pooled(draws["years_to_automation"]))
    which = draws["factor"].values.tolist().index(FACTOR)
    columns = {
        "frontier": (("level", "year"), np.quantile(frontier, LEVELS, axis=0)),
        "world_frontier": (("world", "year"), frontier[worlds]),
        "world_useful": ("world", thresholds["speedup_useful"][worlds, which]),
        "world_dangerous": ("world", thresholds["speedup_dangerous"][worlds]),
        "top": ((), top),
        **_thresholds(thresholds, span, top),
    }
    coords = {
        "level": list(LEVELS),
        "year": REFERENCE_YEAR + years,
        "factor": draws["factor"].values,
    }
    return Picture(xr.Dataset(columns, coords=coords), fitted)


def _spread(values: Floats) -> np.ndarray:
    """Indices of WORLDS draws, evenly spaced in the order of the values."""
    order = np.argsort(values, kind="stable")
    return np.asarray(order[((np.arange(WORLDS) + 0.5) / WORLDS * len(order)).astype(int)])


def _thresholds(found: dict[str, Floats], span: float, top: float) -> dict[str, object]:
    """Quantiles of the thresholds, and how often they lie beyond the end of an axis."""
    return {
        "useful": (("level", "factor"), np.quantile(found["speedup_useful"], LEVELS, axis=0)),
        "dangerous": ("level", np.quantile(found["speedup_dangerous"], LEVELS, axis=0)),
        "useful_later": ("factor", (found["years_to_useful"] > span).mean(axis=0)),
        "dangerous_later": ((), (found["years_to_dangerous"] > span).mean()),
        "dangerous_above": ((), (found["speedup_dangerous"] > top).mean()),
        "exists": ("factor", found["exists"].mean(axis=0)),
    }


def reached(pace: dict[str, Floats], years: Floats, top: float) -> Floats:
    """The speed-up in dex, at most `top`, reached after some years: (draw, year)."""
    start = pace["current_speedup"]
    share = np.linspace(0.0, 1.0, SPEEDS)
    speeds = start[:, None] + share * np.maximum(top - start, 0.0)[:, None]
    when = arrival(speeds, {name: values[:, None] for name, values in pace.items()}, NUMPY)
    rows = zip(when, speeds, strict=True)
    return np.asarray(np.minimum([np.interp(years, at, speed) for at, speed in rows], top))


def _rounded(value: float, step: float, low: float, high: float) -> float:
    """Rounded up to a step, within limits."""
    return float(np.clip(np.ceil(value / step) * step, low, high))
