"""The same years of restraint before, inside and after the sweet spot, on the same draws (A 4).

The frontier is held just short of the first factor's usefulness, halfway through each factor's own
spot as the model holds it, or at the danger threshold, for `RESTRAINT` years on top of the years
bought. Only inside does P(usable) move: the model counts nothing but AI labour inside the spot.
That is how it is built, not a finding: what people do with years before the spot (they enter only
through hardness), and motivation control after it (A 4.1), are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import Floats
from sweet_spot.answers.paths import (
    LEVELS,
    Pause,
    bands,
    model_pause,
    pace_of,
    speed_at,
    spread,
    timeline,
    work_done,
)
from sweet_spot.argument.axis import NUMPY, arrival
from sweet_spot.argument.quantities import REFERENCE_YEAR

RESTRAINT = 1.0
"""Years of restraint that are moved about."""
FACTOR = "safety_progress"
"""The factor whose paths are drawn."""
WHEN = ("as it is", "before", "inside", "after")
WORLDS = 8
"""Draws shown as thin lines."""


def restraint(worlds: Mapping[str, Floats], factors: Floats, years: Floats) -> xr.Dataset:
    """Paths and credences with RESTRAINT years before, inside or after the sweet spot.

    Returns
    -------
    xr.Dataset
        By `when`: `usable` (factor, with any and all), the share of draws in which the work done
        reaches what is needed; for FACTOR, over `year`: `frontier` (level) in dex, `improved`, and
        `world_frontier`, `world_work` of single draws. `no_before`: share of draws in which today's
        frontier is already inside a spot, so that nothing can be held before it.
    """
    which = [str(factor) for factor in factors].index(FACTOR)
    shown = spread(worlds["years_to_automation"], WORLDS)
    columns: dict[str, list[Floats]] = {}
    for when in WHEN:
        frontier, work = _path(worlds, which, years, when)
        done = np.stack([at_danger(worlds, k, when) for k in range(len(factors))], axis=1) >= 1
        either, every = done.any(axis=1), done.all(axis=1)
        found = {
            "usable": np.array([*done.mean(axis=0), either.mean(), every.mean()]),
            "frontier": bands(frontier),
            "improved": (work >= 1).mean(axis=0),
            "world_frontier": frontier[shown],
            "world_work": work[shown],
        }
        for name, values in found.items():
            columns.setdefault(name, []).append(values)
    dims = {
        "usable": ("factor",), "frontier": ("level", "year"), "improved": ("year",),
        "world_frontier": ("world", "year"), "world_work": ("world", "year"),
    }  # fmt: skip
    data = {name: (("when", *dims[name]), np.stack(many)) for name, many in columns.items()}
    coords = {
        "when": list(WHEN), "factor": [*map(str, factors), "any", "all"], "level": list(LEVELS),
        "year": REFERENCE_YEAR + years,
    }  # fmt: skip
    started = (worlds["speedup_useful"] <= worlds["current_speedup"][:, None]).any(axis=1).mean()
    return xr.Dataset(data, coords=coords).assign(no_before=started)


def pauses(worlds: Mapping[str, Floats], which: int, when: str) -> list[Pause]:
    """Every pause of the frontier, in order; the model's own is the last but `after`'s."""
    first = worlds["speedup_useful"].min(axis=1)
    now, dangerous = worlds["current_speedup"], worlds["speedup_dangerous"]
    years = np.full(len(now), RESTRAINT)
    own = model_pause(worlds, which, RESTRAINT if when == "inside" else 0.0)
    if when == "before":  # where today's frontier is in a spot already, there is no before
        return [(np.minimum(first, dangerous), np.where(first > now, years, 0.0)), own]
    return [own, (dangerous, years)] if when == "after" else [own]


def _path(
    worlds: Mapping[str, Floats], which: int, years: Floats, when: str
) -> tuple[Floats, Floats]:
    """The frontier and the work done for a factor at each date."""
    pace = pace_of(worlds)
    moving, spent = timeline(years, pace, pauses(worlds, which, when))
    frontier = speed_at(moving, pace)
    held = spent[1 if when == "before" else 0]
    return frontier, work_done(frontier, held, worlds, which)


def at_danger(worlds: Mapping[str, Floats], which: int, when: str) -> Floats:
    """Work done for a factor when the frontier has passed danger, as a share of what it needs."""
    pace = pace_of(worlds)
    end = arrival(worlds["speedup_dangerous"][:, None], pace, NUMPY)
    every = pauses(worlds, which, when)
    passed = end + np.sum([length for _, length in every], axis=0)[:, None] + 1.0
    moving, spent = timeline(passed, pace, every)
    held = spent[1 if when == "before" else 0]
    return work_done(speed_at(moving, pace), held, worlds, which)[:, 0]
