"""One world over time: the frontier, with its pauses, and the work done inside the sweet spot.

The inverse of `argument.axis.arrival`, and `labour_integral` up to the frontier of a date: both in
closed form, so that the end of a path is what `derive` says (MODEL.md section 3, ours). Arrays are
(draw, ...) with dates last; speeds in dex, times in years from the reference date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import TAILS, Floats, pooled
from sweet_spot.argument.axis import AXIS, LN10, NUMPY, arrival, automation, labour_integral
from sweet_spot.argument.structure import LATENT_DIMS, derive

LEVELS = (TAILS[0], 0.25, 0.5, 0.75, TAILS[2])
Pause = tuple[Floats, Floats]
"""Where the frontier is held, in dex, and for how many years: (draw,) each."""


def worlds_of(draws: xr.Dataset) -> dict[str, Floats]:
    """Latents and everything derived from them, all chains as one: (draw, *dims) by name.

    Adds `entry`, where labour starts to count (draw, factor); `halfway`, where the model spends
    the years bought; and `kept`, the share of the needed work that one labour year does.
    """
    latents = draws[list(LATENT_DIMS)].load()
    whole = xr.merge([latents, derive(latents)])
    found = {str(name): pooled(values) for name, values in whole.data_vars.items()}
    found["entry"] = np.maximum(found["speedup_useful"], found["current_speedup"][:, None])
    found["halfway"] = (found["entry"] + found["speedup_dangerous"][:, None]) / 2
    losses = (1 - found["evaluation_failure"]) * (1 - found["differential_sabotage"])
    found["kept"] = found["labour_factor"] * losses / found["needed_years"]
    return found


def pace_of(worlds: Mapping[str, Floats]) -> dict[str, Floats]:
    """The latents of the axis, with a dim of length one for dates: (draw, 1)."""
    return {name: worlds[name][:, None] for name in AXIS}


def speed_at(years: Floats, pace: Mapping[str, Floats]) -> Floats:
    """The frontier after some years without a pause, in dex: `arrival` turned round.

    Infinite from the date at which a software loop that explodes has no end.
    """
    start, full = pace["current_speedup"], automation(pace)
    bend = arrival(full, pace, NUMPY)
    early = np.minimum(years, bend) * 10**start / pace["years_per_dex_before"]
    late = np.maximum(years - bend, 0.0) * 10**full / pace["years_per_dex_after"]
    before = np.minimum(_grown(-1.0, early), full - start)
    return np.asarray(start + before + _grown(pace["diminishing_returns"] - 1, late))


def _grown(rate: Floats | float, amount: Floats) -> Floats:
    """The length over which 10^(rate t) has the integral `amount`; infinite where none has.

    Near a vanishing rate the quotient log(1 + z) / z is its series, first neglected term z^4 / 5.
    """
    z = np.maximum(LN10 * rate * amount, -1.0)
    near = np.abs(z) < 1e-4
    guarded = np.where(near, 1.0, z)
    series = 1 - z * (1 / 2 - z * (1 / 3 - z / 4))
    with np.errstate(divide="ignore"):  # log(0): beyond the end of an explosion
        return np.asarray(amount * np.where(near, series, np.log1p(guarded) / guarded))


def timeline(
    years: Floats, pace: Mapping[str, Floats], pauses: Sequence[Pause]
) -> tuple[Floats, list[Floats]]:
    """Years in which the frontier has moved by each date, and years spent in each pause.

    Parameters
    ----------
    pauses
        In the order in which the frontier comes to them.
    """
    moving, spent = years, []
    for level, length in pauses:
        since = moving - arrival(level[:, None], pace, NUMPY)
        spent.append(np.clip(since, 0.0, length[:, None]))
        moving = moving - spent[-1]
    return moving, spent


def work_done(frontier: Floats, held: Floats, worlds: Mapping[str, Floats], which: int) -> Floats:
    """Effective labour done for a factor so far, as a share of what it needs: (draw, date).

    At 1 the factor is radically improved. When the frontier has passed the danger threshold it is
    effective_years / needed_years; 0 throughout where there is no sweet spot.

    Parameters
    ----------
    frontier
        The speed-up reached at each date.
    held
        Years so far for which the frontier was held halfway through the sweet spot.
    which
        The factor, by its place.
    """
    useful, halfway, kept, exists = (
        worlds[name][:, which, None] for name in ("speedup_useful", "halfway", "kept", "exists")
    )
    growth = NUMPY.sigmoid(worlds["labour_growth"])[:, None]
    upto = np.minimum(frontier, worlds["speedup_dangerous"][:, None])
    labour = labour_integral(useful, upto, growth, pace_of(worlds), NUMPY)
    labour = labour + held * 10 ** (growth * (halfway - useful))
    return np.asarray(np.where(exists > 0, labour * kept, 0.0))


def model_pause(worlds: Mapping[str, Floats], which: int, more: float = 0.0) -> Pause:
    """The years bought, and some more, spent where the model spends them: halfway, if anywhere."""
    there = worlds["exists"][:, which]
    return worlds["halfway"][:, which], there * (worlds["years_bought"] + more)


def bands(values: Floats) -> Floats:
    """The LEVELS of draws at each date; a draw itself, not between two, so that one can be inf."""
    return np.asarray(np.quantile(values, LEVELS, axis=0, method="inverted_cdf"))


def spread(values: Floats, count: int) -> np.ndarray:
    """Indices of some draws, evenly spaced in the order of the values."""
    order = np.argsort(values, kind="stable")
    return np.asarray(order[((np.arange(count) + 0.5) / count * len(order)).astype(int)])
