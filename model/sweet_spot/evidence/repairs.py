"""Probabilities that contradict each other, and the least change in log-odds that would mend them.

The change is the root of the sum of the squared changes of the log-odds of all the numbers. It says
how large a contradiction is, and is never applied: what was said stays as it was said. A number
stated as 0 or 1 has infinite log-odds, which no finite change moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import optimize, special

TOLERANCE = 1e-9
"""Relative: differences below it are those of floating point."""
PERCENT = 0.005
"""Half a per cent: nobody rounds a probability more coarsely, and most round it so."""

Implied = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Log-odds of some probabilities -> those of the one that they imply, with its gradient."""


@dataclass(frozen=True)
class Repair:
    """Numbers that contradict each other.

    Attributes
    ----------
    stated
        As they were said, in the order in which they were given.
    repaired
        The nearest numbers that agree; NaN where no finite change would do.
    change
        Distance between the two in log-odds; infinite where no finite change would do.
    """

    stated: tuple[float, ...]
    repaired: tuple[float, ...]
    change: float


def half_digit(probability: float) -> float:
    """Half a unit of the last digit that was stated, and at most half a per cent."""
    digits = repr(float(probability))
    mantissa, _, exponent = digits.partition("e")
    decimals = len(mantissa.partition(".")[2].rstrip("0")) - int(exponent or 0)
    return min(0.5 * 10.0**-decimals, PERCENT)


def conditional(condition: float, given: float, whole: float) -> Repair | None:
    """P(c), P(U given c) and P(U): None unless P(c) P(U given c) > P(U)."""
    if condition * given <= whole * (1 + TOLERANCE):
        return None
    return _nearest((condition, given), whole, _product)


def premises(parts: Sequence[float], stated: float) -> Repair | None:
    """Premises, each given those before, and their stated product: None where they agree.

    They agree where the product rounds to what was stated.
    """
    if abs(math.prod(parts) - stated) <= half_digit(stated) * (1 + TOLERANCE):
        return None
    return _nearest(parts, stated, _product)


def difference(more: float, less: float, between: float) -> Repair | None:
    """P(A), P(B) and P(C), where A without B lies in C: None unless P(A) - P(B) > P(C).

    So it is with Y before y, X before x, and a gap Y - X below y - x or more.
    """
    if more - less <= between + TOLERANCE:
        return None
    return _nearest((more, less), between, _excess)


def rising(levels: Sequence[float], places: Sequence[float] | None = None) -> Repair | None:
    """Probabilities of events each of which contains those before: None where they do not fall.

    Parameters
    ----------
    places
        Where the events end, in rising order; those that end at one place are one event, whose
        probabilities agree where they are within half a per cent.
    """
    places = range(len(levels)) if places is None else places
    if not any(_fall(*pair) for pair in pairwise(zip(levels, places, strict=True))):
        return None
    inside = [k for k, level in enumerate(levels) if 0 < level < 1]
    if [_kind(level) for level in levels] != sorted(map(_kind, levels)):
        return _hopeless(levels)
    stated = special.logit(np.array([levels[k] for k in inside]))
    _, which, many = np.unique([places[k] for k in inside], return_inverse=True, return_counts=True)
    means = np.bincount(which, stated) / many
    nearest = optimize.isotonic_regression(means, weights=many).x[which]
    repaired = list(map(float, levels))
    for k, log_odds in zip(inside, nearest, strict=True):
        repaired[k] = float(special.expit(log_odds))
    return Repair(tuple(levels), tuple(repaired), float(np.linalg.norm(nearest - stated)))


def _fall(earlier: tuple[float, float], later: tuple[float, float]) -> bool:
    (low, at), (high, beyond) = earlier, later
    if at == beyond:
        return abs(high - low) > PERCENT * (1 + TOLERANCE)
    return high < low * (1 - TOLERANCE)


def _kind(level: float) -> int:
    """0 and 1, which cannot move, stand before and after all that can."""
    return (level > 0) + (level >= 1)


def _hopeless(stated: Sequence[float]) -> Repair:
    return Repair(tuple(stated), (math.nan,) * len(stated), math.inf)


def _product(log_odds: np.ndarray) -> tuple[float, np.ndarray]:
    """Log-odds of a product of probabilities, stable however close to 0 or 1 they are."""
    log = float(special.log_expit(log_odds).sum())
    others = -math.expm1(min(log, -1e-300))
    return log - math.log(others), special.expit(-log_odds) / others


def _excess(log_odds: np.ndarray) -> tuple[float, np.ndarray]:
    """Log-odds of the difference of two probabilities, the larger first; -inf where it is none."""
    more, less = special.expit(log_odds)
    between = more - less
    if between <= 0:
        return -math.inf, np.zeros(2)
    slope = np.array([more * (1 - more), -less * (1 - less)])
    return float(special.logit(between)), slope / (between * (1 - between))


def _nearest(parts: Sequence[float], whole: float, implied: Implied) -> Repair:
    """The nearest point at which the whole is what the parts imply."""
    stated = (*parts, whole)
    start = special.logit(np.asarray(stated, float))
    free = np.flatnonzero(np.isfinite(start[:-1]))
    if not free.size or not np.isfinite(start[-1]) or not math.isfinite(implied(start[:-1])[0]):
        return _hopeless(stated)
    best, found = math.inf, start[free]
    for first in _starts(start, free, implied):
        tried = optimize.minimize(
            _cost, first, (start, free, implied), "BFGS", jac=True, options={"gtol": 1e-10}
        )
        if tried.fun < best:
            best, found = float(tried.fun), tried.x
    point = start.copy()
    point[free] = found
    point[-1] = implied(point[:-1])[0]
    return Repair(stated, tuple(map(float, special.expit(point))), math.sqrt(best))


def _cost(
    moved: np.ndarray, start: np.ndarray, free: np.ndarray, implied: Implied
) -> tuple[float, np.ndarray]:
    """Squared change where the free parts move and the whole follows, with its gradient."""
    point = start[:-1].copy()
    point[free] = moved
    value, slope = implied(point)
    if not math.isfinite(value):
        return 1e12, np.zeros(free.size)
    off, miss = moved - start[free], value - start[-1]
    return float(off @ off + miss**2), 2 * (off + miss * slope[free])


def _starts(start: np.ndarray, free: np.ndarray, implied: Implied) -> list[np.ndarray]:
    """Where to look for the nearest point from.

    The surface is not convex: moving one part alone and moving the whole alone may both be local
    answers, and at most one part is far along at any of them. No part moves further than the whole
    would have to move alone.
    """
    value, slope = implied(start[:-1])
    reach = (start[-1] - value) * np.sign(slope[free])
    ways = [*np.eye(free.size), np.ones(free.size)]
    return [start[free] + share * way * reach for way in ways for share in (0.02, 0.3, 0.6, 0.9)]
