"""Pools of stated quantiles: each person's curve, the mixture of them, and means of quantiles.

A person's curve goes straight through the stated quantiles, on the working scale, and straight on
to the ends of the intrinsic range: the span of all that was stated on the question, a tenth longer
at both ends (Cooke 1991, Experts in Uncertainty). That is the distribution of least information
against a background that is uniform, or log-uniform where the question's scale is log.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from sweet_spot.inference.resolved import Floats, Stated

OVERSHOOT = 0.1
"""Share of the span of the stated values that the intrinsic range is longer at each end."""
TRIMMED = 0.1
"""Share of the people that a trimmed mean leaves out at each end."""


def intrinsic_range(values: Floats, *also: float) -> tuple[float, float]:
    """Lower and upper end of what is thought possible; `also` are values that it must span.

    A span of nothing, where all say one value, is taken as one unit long.
    """
    low = min(float(np.nanmin(values)), *also) if also else float(np.nanmin(values))
    high = max(float(np.nanmax(values)), *also) if also else float(np.nanmax(values))
    over = OVERSHOOT * (high - low) if high > low else OVERSHOOT
    return low - over, high + over


def knots(said: Stated, row: int, ends: tuple[float, float]) -> tuple[Floats, Floats]:
    """One person's levels and values, ends of the range included."""
    there = np.isfinite(said.values[row])
    levels = np.concatenate([[0.0], said.levels[there], [1.0]])
    return levels, np.concatenate([ends[:1], said.values[row, there], ends[1:]])


def person_quantiles(said: Stated, levels: Floats, ends: tuple[float, float]) -> Floats:
    """Each person's quantiles at any levels: (expert, level)."""
    return np.array([
        np.interp(levels, *knots(said, row, ends)) for row in range(said.experts.size)
    ])  # fmt: skip


def person_curves(said: Stated, ends: tuple[float, float], points: Floats) -> Floats:
    """P(at most) by each person at each point, with its limit from below: (expert, point, 2).

    The two differ where somebody stated one value at two levels: the curve jumps there.
    """
    out = np.empty((said.experts.size, points.size, 2))
    for row in range(said.experts.size):
        levels, values = knots(said, row, ends)
        out[row, :, 1] = np.interp(points, values, levels)
        out[row, :, 0] = 1 - np.interp(-points, -values[::-1], 1 - levels[::-1])
    return out


def mixture(said: Stated, weights: Floats, levels: Floats, ends: tuple[float, float]) -> Floats:
    """Quantiles of the weighted mean of the people's curves: (level,)."""
    points = np.unique(np.concatenate([said.values[np.isfinite(said.values)], ends]))
    curve = np.tensordot(weights / weights.sum(), person_curves(said, ends, points), axes=1)
    return np.asarray(np.interp(levels, np.maximum.accumulate(curve.ravel()), np.repeat(points, 2)))


def equal_weights(said: Stated, levels: Floats) -> Floats:
    """The linear pool: quantiles of the plain mean of the people's curves."""
    ends = intrinsic_range(said.values)
    return mixture(said, np.ones(said.experts.size), levels, ends)


def quantile_mean(said: Stated, levels: Floats) -> Floats:
    """Mean over people, level by level."""
    return np.asarray(person_quantiles(said, levels, intrinsic_range(said.values)).mean(axis=0))


def quantile_median(said: Stated, levels: Floats) -> Floats:
    """Median over people, level by level."""
    return np.median(person_quantiles(said, levels, intrinsic_range(said.values)), axis=0)


def trimmed_mean(said: Stated, levels: Floats) -> Floats:
    """Mean over people, level by level, without the lowest and the highest tenth of them."""
    own = person_quantiles(said, levels, intrinsic_range(said.values))
    return np.asarray(stats.trim_mean(own, TRIMMED, axis=0))
