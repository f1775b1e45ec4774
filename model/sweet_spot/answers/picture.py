"""The essay's picture: capability frontier and safety range over time, factor by factor.

Two loops (A 2.1): AI speeds up capability research, so that the frontier rises; inside the sweet
spot it also does safety work, until a factor is radically improved. The essays' safety range (P 4)
is not a quantity of the model. Ours is the danger threshold until the factor is radically improved
and has no end from then on: the model does not say how far it lifts. Strictly this is so for safety
progress alone; the other two factors let us see the range and stay inside it (A 2.1: the safety
loop outpaces the other, or restrains it). Years bought are spent where the model spends them,
halfway through the factor's own sweet spot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import CredenceTable, credence_table
from sweet_spot.answers.numbers import Floats, error, probability, records, summary, words
from sweet_spot.answers.paths import (
    LEVELS,
    bands,
    model_pause,
    pace_of,
    speed_at,
    spread,
    timeline,
    work_done,
    worlds_of,
)
from sweet_spot.answers.restraint import RESTRAINT, restraint
from sweet_spot.argument.quantities import REFERENCE_YEAR

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
WORLDS = 12
"""Draws shown as thin lines, evenly spaced in the order of full automation."""
DATES = 121
SHORTEST, LONGEST = 10, 50
LOWEST_TOP, HIGHEST_TOP = 3.0, 5.0


@dataclass(frozen=True)
class Picture:
    """What the pictures show.

    Attributes
    ----------
    data
        Speeds in dex. Over `year`, for each `factor`: `frontier` and `range` at each `level`
        (infinite where lifted) and `work`, effective labour done as a share of what is needed;
        `improved`, the share of draws in which that has reached 1, and `outrun`, in which the
        frontier is beyond the range; `world_frontier`, `world_work` of single draws (`world`), with
        their `world_useful` and `world_dangerous`. Thresholds `useful` (level, factor) and
        `dangerous` (level). `work_at_danger` (point, factor), the interval of the share done when
        the frontier passes danger; `exists` and `usable` (factor). Shares of draws beyond the ends
        of the axes: `useful_later` (factor), `dangerous_later` (years bought left out),
        `dangerous_above`. `top`, the end of the axis of capability.
    restraint
        `sweet_spot.answers.restraint.restraint`: the same years before, inside or after the spot.
    text
        The findings, with what is by construction.
    fitted
        Whether the draws are from the posterior.
    """

    data: xr.Dataset
    restraint: xr.Dataset
    text: str
    fitted: bool

    @property
    def end(self) -> float:
        """Last year of the axis."""
        return float(self.data["year"][-1])

    @property
    def top(self) -> float:
        """Upper end of the axis of capability, in dex."""
        return float(self.data["top"])

    @property
    def table(self) -> pd.DataFrame:
        """A row for each factor: thresholds (times), work done at danger, credences."""
        data = self.data
        middle = data[["useful", "dangerous"]].sel(level=0.5, drop=True)
        work = data["work_at_danger"].to_dataset("point").rename(
            {point: f"work_at_danger_{point}" for point in ("low", "median", "high")}
        )  # fmt: skip
        last = data[["improved", "outrun"]].isel(year=-1, drop=True)
        names = ["exists", "usable", "useful_later", "dangerous_later"]
        parts = [10**middle, work, last.rename({n: f"{n}_at_end" for n in last}), data[names]]
        return xr.merge(parts, compat="override", join="exact").to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints; None where there is no number."""
        held = self.restraint["usable"].to_dataframe("usable").reset_index()
        return {
            "schema": SCHEMA,
            "text": self.text,
            "factors": records(self.table.reset_index()),
            "restraint": records(held[["when", "factor", "usable"]]),
        }


def picture(tree: xr.DataTree) -> Picture:
    """The pictures of a fit (or of prior draws).

    >>> picture(tree).table["usable"]  # doctest: +SKIP
    """
    fitted = "posterior" in tree
    draws = tree["posterior" if fitted else "prior"].to_dataset()
    worlds = worlds_of(draws)
    top, years = axes_of(worlds)
    factors = draws["factor"].values
    data = pictured(worlds, factors, top, years)
    held = restraint(worlds, factors, years)
    return Picture(data, held, _text(credence_table(tree), held), fitted)


def axes_of(worlds: Mapping[str, Floats]) -> tuple[float, Floats]:
    """Upper end of the axis of capability in dex, and the dates in years from the reference."""
    top = _rounded(np.quantile(worlds["speedup_dangerous"], 0.9), 0.5, LOWEST_TOP, HIGHEST_TOP)
    span = _rounded(np.quantile(worlds["years_to_dangerous"], 0.85), 5, SHORTEST, LONGEST)
    return top, np.linspace(0.0, span, DATES)


def pictured(
    worlds: Mapping[str, Floats], factors: np.ndarray, top: float, years: Floats
) -> xr.Dataset:
    """The `data` of a picture, from worlds as `worlds_of` makes them, on given axes."""
    shown = spread(worlds["years_to_automation"], WORLDS)
    each = [_factor(worlds, which, years, shown) for which in range(len(factors))]
    columns = {
        name: (("factor", *dims), np.stack([one[name][1] for one in each]))
        for name, (dims, _) in each[0].items()
    }
    columns["world_dangerous"] = (("world",), worlds["speedup_dangerous"][shown])
    coords = {"level": list(LEVELS), "year": REFERENCE_YEAR + years, "factor": factors}
    coords["point"] = ["low", "median", "high"]
    beyond = _thresholds(worlds, float(years[-1]), top)
    return xr.Dataset({**columns, **beyond}, coords=coords)


def _factor(
    worlds: Mapping[str, Floats], which: int, years: Floats, shown: np.ndarray
) -> dict[str, tuple[tuple[str, ...], Floats]]:
    """What the panel of one factor shows: dims without the factor, and values."""
    pace = pace_of(worlds)
    moving, (held,) = timeline(years, pace, [model_pause(worlds, which)])
    frontier = speed_at(moving, pace)
    work = work_done(frontier, held, worlds, which)
    improved, dangerous = work >= 1, worlds["speedup_dangerous"][:, None]
    done = worlds["effective_years"][:, which] / worlds["needed_years"][:, which]
    return {
        "frontier": (("level", "year"), bands(frontier)),
        "range": (("level", "year"), bands(np.where(improved, np.inf, dangerous))),
        "work": (("level", "year"), bands(work)),
        "improved": (("year",), improved.mean(axis=0)),
        "outrun": (("year",), (~improved & (frontier > dangerous)).mean(axis=0)),
        "world_frontier": (("world", "year"), frontier[shown]),
        "world_work": (("world", "year"), work[shown]),
        "world_useful": (("world",), worlds["speedup_useful"][shown, which]),
        "work_at_danger": (("point",), summary(done)),
    }


def _thresholds(found: Mapping[str, Floats], span: float, top: float) -> dict[str, Any]:
    """Quantiles of the thresholds, and how often they lie beyond the end of an axis."""
    return {
        "useful": (("level", "factor"), np.quantile(found["speedup_useful"], LEVELS, axis=0)),
        "dangerous": ("level", np.quantile(found["speedup_dangerous"], LEVELS, axis=0)),
        "useful_later": ("factor", (found["years_to_useful"] > span).mean(axis=0)),
        "dangerous_later": ((), (found["years_to_dangerous"] > span).mean()),
        "dangerous_above": ((), (found["speedup_dangerous"] > top).mean()),
        "exists": ("factor", found["exists"].mean(axis=0)),
        "usable": ("factor", found["usable"].mean(axis=0)),
        "top": ((), top),
    }


def _text(table: CredenceTable, held: xr.Dataset) -> str:
    world = "posterior" if table.fitted else "prior"
    usable = held["usable"].sel(factor="any")
    as_fitted, inside = (float(usable.sel(when=when)) for when in ("as it is", "inside"))
    each = ", ".join(
        f"{words(str(f))} {probability(float(held['usable'].sel(factor=f, when='as it is')))}"
        for f in held["factor"].values
        if f not in ("any", "all")
    )
    wrong = error(float(table.data["mcse"].sel(gate="usable", factor="any")))
    before = probability(float(table.data["prior"].sel(gate="usable", factor="any")))
    beside = f"; prior {before}" if table.fitted else ""
    behind = f"Behind it: {table.evidence.text}." if table.fitted else "No statement was used."
    return (
        f"P(a factor is radically improved by work done before the frontier passes the danger"
        f" threshold), {world} mean: {each}; at least one {probability(as_fitted)} (Monte Carlo"
        f" error {wrong}{beside}). With {RESTRAINT:g} more year of restraint inside the sweet spot"
        f" at least one: {probability(inside)}; with the same before or after it"
        f" {probability(as_fitted)}, by construction: nothing but AI labour inside the spot counts."
        f" {behind}"
    )


def _rounded(value: float, step: float, low: float, high: float) -> float:
    """Rounded up to a step, within limits."""
    return float(np.clip(np.ceil(value / step) * step, low, high))
