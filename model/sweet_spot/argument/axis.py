"""The capability axis: how long progress takes, in closed form (MODEL.md section 3, ours).

Speeds are in dex (log10 of the AI R&D speed-up), times in years. `pace` holds the five latents of
`AXIS`, broadcastable with the other arguments. A dex costs `years_per_dex_before` years of
human-pace progress until full automation of AI R&D and, x dex beyond it, `years_per_dex_after` *
10^(diminishing_returns x); progress is made at pace 10^speed.

Functions that a rival structure changes take that `Structure` (rivals.py).

Every function takes an `Ops`, so that NumPy and PyTensor share the equations. Values and gradients
stay finite for any finite latents: PyTensor's `switch` sends a zero gradient into the branch not
taken, and zero times infinity would be NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from sweet_spot.argument.rivals import MAIN, Structure

Array = Any
"""A NumPy array or a PyTensor variable."""

LN10 = float(np.log(10.0))
AXIS = (
    "current_speedup",
    "automation_gap",
    "years_per_dex_before",
    "years_per_dex_after",
    "diminishing_returns",
)
"""The latents that place the capability axis in time."""

LARGEST_EXPONENT = 300.0
"""Exponents (base e) end here, at 10^130, so that a product of two powers is finite."""
SHORTEST_COST = 1e-3
"""Floor, in years, of a solved cost of a dex: a date may precede what the rest alone takes."""


@dataclass(frozen=True)
class Ops:
    """The array functions in which NumPy and PyTensor differ."""

    exp: Callable[[Array], Array]
    log: Callable[[Array], Array]
    log1p: Callable[[Array], Array]
    expm1: Callable[[Array], Array]
    sigmoid: Callable[[Array], Array]
    where: Callable[[Array, Array, Array], Array]
    minimum: Callable[[Array, Array], Array]
    maximum: Callable[[Array, Array], Array]
    sum_last: Callable[[Array], Array]
    join_last: Callable[[Sequence[Array]], Array]
    gammaln: Callable[[Array], Array]
    log_ndtr: Callable[[Array], Array]
    """Log of the standard normal distribution function."""
    arctan: Callable[[Array], Array]
    sin: Callable[[Array], Array]
    times: Callable[[Array, Array], Array]
    """A row vector (..., n) times a matrix (n, m)."""


NUMPY = Ops(
    exp=np.exp,
    log=np.log,
    log1p=np.log1p,
    expm1=np.expm1,
    sigmoid=special.expit,
    where=np.where,
    minimum=np.minimum,
    maximum=np.maximum,
    sum_last=lambda array: array.sum(axis=-1),
    join_last=lambda arrays: np.concatenate(arrays, axis=-1),
    gammaln=special.gammaln,
    log_ndtr=special.log_ndtr,
    arctan=np.arctan,
    sin=np.sin,
    times=np.matmul,
)


def power10(exponent: Array, ops: Ops) -> Array:
    """10 to the `exponent`, at most e^LARGEST_EXPONENT."""
    return ops.exp(ops.minimum(LN10 * exponent, LARGEST_EXPONENT))


def growth_integral(rate: Array, length: Array, ops: Ops) -> Array:
    """Integral of 10^(rate t) for t from 0 to `length`; `length` itself where the rate vanishes.

    Near z = 0 the quotient (e^z - 1) / z is replaced by its series, whose first neglected term,
    z^5 / 720, is below 2e-18 there; the guarded denominator keeps its gradient finite too.
    """
    z = ops.minimum(LN10 * rate * length, LARGEST_EXPONENT)
    near = abs(z) < 1e-3
    guarded = ops.where(near, 1.0, z)
    series = 1 + z / 2 * (1 + z / 3 * (1 + z / 4 * (1 + z / 5)))
    return length * ops.where(near, series, ops.expm1(guarded) / guarded)


def twice_integrated(rate: Array, length: Array, ops: Ops) -> Array:
    """Integral of `growth_integral` over lengths from 0 to `length`.

    Near z = 0 the quotient (e^z - 1 - z) / z^2, which loses digits there, is replaced by its
    series, whose first neglected term, 2 z^7 / 9!, is below 1e-17 there.
    """
    z = ops.minimum(LN10 * rate * length, LARGEST_EXPONENT)
    near = abs(z) < 0.02
    guarded = ops.where(near, 1.0, z)
    series = 1 + z / 3 * (1 + z / 4 * (1 + z / 5 * (1 + z / 6 * (1 + z / 7 * (1 + z / 8)))))
    quotient = (ops.expm1(guarded) - guarded) / guarded**2
    return length**2 * ops.where(near, series / 2, quotient)


def automation(pace: Mapping[str, Array]) -> Array:
    """The speed at full automation of AI R&D, in dex."""
    return pace["current_speedup"] + pace["automation_gap"]


def cost_growth(pace: Mapping[str, Array], structure: Structure) -> Array:
    """Log10 growth per dex, beyond full automation, of the calendar years that a dex takes."""
    slope = pace["diminishing_returns"]
    return slope - 1 if structure.feedback else slope


def arrival_parts(
    speed: Array, pace: Mapping[str, Array], ops: Ops, structure: Structure = MAIN
) -> tuple[Array, Array]:
    """Years until `speed` per unit of `years_per_dex_before` and of `years_per_dex_after`."""
    start, bend = pace["current_speedup"], automation(pace)
    reached = ops.maximum(speed, start)
    before = growth_integral(-1.0, ops.minimum(reached, bend) - start, ops)
    after = growth_integral(cost_growth(pace, structure), ops.maximum(reached - bend, 0.0), ops)
    return power10(-start, ops) * before, power10(-bend, ops) * after


def arrival(
    speed: Array, pace: Mapping[str, Array], ops: Ops, structure: Structure = MAIN
) -> Array:
    """Years from the reference date until a speed-up of `speed` dex; 0 where that is passed."""
    before, after = arrival_parts(speed, pace, ops, structure)
    return pace["years_per_dex_before"] * before + pace["years_per_dex_after"] * after


def cost_to_arrive(
    years: Array, speed: Array, pace: Mapping[str, Array], ops: Ops, structure: Structure = MAIN
) -> Array:
    """The `years_per_dex_before` with which `speed` arrives after `years`, in which it is linear.

    Not below `SHORTEST_COST`, and left as it is where today's speed-up is already there, since no
    cost then moves the date.
    """
    before, after = arrival_parts(speed, pace, ops, structure)
    movable = before > 1e-6
    solved = (years - pace["years_per_dex_after"] * after) / ops.where(movable, before, 1.0)
    return ops.where(movable, ops.maximum(solved, SHORTEST_COST), pace["years_per_dex_before"])


def progress(speed: Array, pace: Mapping[str, Array], ops: Ops) -> Array:
    """Years of human-pace progress from today's speed-up until one of `speed` dex."""
    start, bend = pace["current_speedup"], automation(pace)
    reached = ops.maximum(speed, start)
    beyond = growth_integral(pace["diminishing_returns"], ops.maximum(reached - bend, 0.0), ops)
    before = ops.minimum(reached, bend) - start
    return pace["years_per_dex_before"] * before + pace["years_per_dex_after"] * beyond


def years_for_progress(
    amount: Array, pace: Mapping[str, Array], ops: Ops, structure: Structure = MAIN
) -> Array:
    """Calendar years for the first `amount` years of human-pace progress after full automation.

    The speed reached solves `progress` = amount. Where diminishing_returns vanishes, the quotient
    log(1 + ratio) / ratio is replaced by its series (first neglected term below 2e-16).
    """
    cost = pace["years_per_dex_after"]
    ratio = amount * pace["diminishing_returns"] * LN10 / cost
    near = abs(ratio) < 1e-3
    guarded = ops.where(near, 1.0, ratio)
    series = 1 - ratio * (1 / 2 - ratio * (1 / 3 - ratio * (1 / 4 - ratio / 5)))
    reached = amount / cost * ops.where(near, series, ops.log1p(guarded) / guarded)
    burst = growth_integral(cost_growth(pace, structure), reached, ops)
    return cost * power10(-automation(pace), ops) * burst


@dataclass(frozen=True)
class _Labour:
    """Labour per dex, as cost * 10^(growth rate * distance) from `entry` and then from `bend`."""

    entry: Array
    full: Array
    bend: Array
    powers: tuple[Array, Array]
    rates: tuple[Array, Array]


def _labour(
    useful: Array, growth: Array, pace: Mapping[str, Array], ops: Ops, structure: Structure
) -> _Labour:
    slope, full = pace["diminishing_returns"], automation(pace)
    entry = ops.maximum(useful, pace["current_speedup"])
    before = growth * (entry - useful) - entry
    bend = ops.maximum(entry, full)
    speed = bend if structure.feedback else full
    after = slope * (bend - full) + growth * (bend - useful) - speed
    powers = power10(before, ops), power10(after, ops)
    rates = growth - 1, cost_growth(pace, structure) + growth
    return _Labour(entry, full, bend, powers, rates)


def labour_integral(
    useful: Array,
    dangerous: Array,
    growth: Array,
    pace: Mapping[str, Array],
    ops: Ops,
    structure: Structure = MAIN,
) -> Array:
    """Years between usefulness and danger weighted by the quality of labour, 10^(growth (x - u)).

    Where danger comes by degrees, each year counts by the part of vulnerability still to come:
    the average over thresholds spread evenly over d - danger_width to d + danger_width.

    Parameters
    ----------
    useful, dangerous
        The thresholds u and d, in dex. Time before the reference date does not count.
    growth
        Elasticity of quality with the speed-up, sigmoid(labour_growth), between 0 and 1.

    Returns
    -------
    Array
        Years of labour of the quality at u; 0 where the zone is empty.
    """
    of, width = _labour(useful, growth, pace, ops, structure), structure.danger_width
    if width:
        ends = [_summed(of, dangerous + side * width, pace, ops) for side in (1, -1)]
        return (ends[0] - ends[1]) / (2 * width)
    length = ops.maximum(ops.minimum(dangerous, of.full) - of.entry, 0.0)
    before = of.powers[0] * growth_integral(of.rates[0], length, ops)
    length = ops.maximum(dangerous - of.bend, 0.0)
    after = of.powers[1] * growth_integral(of.rates[1], length, ops)
    return pace["years_per_dex_before"] * before + pace["years_per_dex_after"] * after


def _summed(of: _Labour, end: Array, pace: Mapping[str, Array], ops: Ops) -> Array:
    """Integral over thresholds up to `end` of the labour until a sharp threshold."""
    length = ops.maximum(ops.minimum(end, of.full) - of.entry, 0.0)
    rest = ops.maximum(end - of.bend, 0.0)
    whole = growth_integral(of.rates[0], length, ops) * rest  # `rest` only where length is whole
    before = of.powers[0] * (twice_integrated(of.rates[0], length, ops) + whole)
    after = of.powers[1] * twice_integrated(of.rates[1], rest, ops)
    return pace["years_per_dex_before"] * before + pace["years_per_dex_after"] * after
