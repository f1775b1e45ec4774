"""From what was said to what is fitted: centre and spread, or a bound, on the working scale.

Every statement becomes one observation of the reporter's centre m (MODEL.md section 5):

    observed = m                                        two or more quantiles, a median
    observed = m + score s_q                            one other quantile, score = probit(level)
    observed = m + curvature s_q^2 / 2                  an arithmetic mean, as log(mean)
    observed = probit(P(X < t)) = (t - m) / s_q         one probability

with s_q the question's scale. A one-sided report only says on which side of `observed` it lies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sweet_spot.argument.quantities import Quantity
from sweet_spot.argument.units import UNITS
from sweet_spot.evidence.quantile_points import ALWAYS, Point, quantile_points
from sweet_spot.evidence.records import Question, Statement

NOMINAL_SPREAD = 1.0
"""Working scale: only compares bounds at different levels, where nothing states a spread."""

TOLERANCE = 1e-9
"""Working scale and normal scores: differences below it are rounding."""

Form = Literal["centre", "mean", "probability"]


@dataclass(frozen=True)
class Belief:
    """One statement on the working scale of its quantity.

    Attributes
    ----------
    form
        Which equation of this module the observation obeys; of a centre, `score` is 0 unless it is
        a lone quantile.
    observed
        Left-hand side: working scale, or probit units for a probability.
    side
        0 observed as such, +1 only known to be larger, -1 only known to be smaller.
    spread
        The person's own standard deviation on the working scale; NaN where unstated.
    threshold
        Of a probability: t on the working scale, whichever way the event was put.
    residual
        Root mean square misfit of the least squares, working scale; NaN with fewer than three
        points.
    consistent
        Whether what was said can be said of one normal belief: a fit that does not fall, with the
        one-sided members of the set on their side of it.
    curvature
        Of a mean: 1, or ln 10 for a mean of multipliers, whose working scale is log10.
    """

    form: Form
    observed: float
    side: int = 0
    spread: float = math.nan
    threshold: float = 0.0
    residual: float = math.nan
    consistent: bool = True
    curvature: float = 0.0
    score: float = 0.0


def belief(statement: Statement, question: Question, quantity: Quantity, year: float) -> Belief:
    """The belief that a statement expresses.

    Parameters
    ----------
    year
        First decimal year that the statement's date can mean: calendar quantiles before it are
        censored there.

    Raises
    ------
    InvalidRecord
        A value has no place on the scale of its quantity.
    """
    points = quantile_points(statement, question, quantity, year)
    exact = [point for point in points if point.side == 0]
    if statement.kind == "mean":
        return _mean(points[0], _curvature(quantity, statement.unit))
    if len(exact) >= 2:
        return _fitted(exact, points)
    if exact:
        held = _single(exact[0], statement.kind == "probability")
        if len(points) == 1:
            return held
        return replace(held, consistent=all(_may_hold(exact[0], point) for point in points))
    return _bounded(_tightest(points), statement.kind == "probability")


def _curvature(quantity: Quantity, unit: str) -> float:
    """How the mean of a belief lies above its centre, per half squared spread."""
    if UNITS[unit].log10:
        return math.log(10)
    return 1.0 if quantity.scale.startswith("log_") else 0.0


def _mean(point: Point, curvature: float) -> Belief:
    form: Form = "mean" if curvature else "centre"
    return Belief(form, point.value, side=point.side, curvature=curvature)


def _fitted(exact: Sequence[Point], points: Sequence[Point]) -> Belief:
    """Centre and spread by least squares of the values on the normal scores of their levels."""
    scores = np.array([point.score for point in exact])
    values = np.array([point.value for point in exact])
    off = scores - scores.mean()
    if np.ptp(scores) < TOLERANCE:  # one probability at several thresholds tells no spread
        held = _single(Point(exact[0].level, float(values.mean())), is_probability=True)
        misfit = values - values.mean()
        return replace(held, residual=_rms(misfit), consistent=bool(np.ptp(values) < TOLERANCE))
    slope = float(off @ values / (off @ off))
    falls = slope < -TOLERANCE
    spread = max(slope, 0.0)
    centre = float(values.mean() - spread * scores.mean())
    return Belief(
        "centre",
        centre,
        spread=math.nan if falls else spread,  # a belief cannot fall: no spread was stated
        residual=_rms(values - centre - spread * scores),
        consistent=not falls and all(_agrees(point, centre, spread) for point in points),
    )


def _rms(misfit: np.ndarray) -> float:
    return float(np.sqrt(np.mean(misfit**2))) if misfit.size > 2 else math.nan


def _agrees(point: Point, centre: float, spread: float) -> bool:
    """Whether the fitted quantile lies on the side that was reported of it."""
    return (centre + spread * point.score - point.value) * point.side >= -TOLERANCE


def _may_hold(exact: Point, bound: Point) -> bool:
    """Whether a one-sided quantile can stand beside an exact one, whatever the spread."""
    order = np.sign(bound.score - exact.score)  # on which side of the exact one it must lie
    return order * bound.side >= 0 or bool((exact.value - bound.value) * bound.side >= -TOLERANCE)


def _single(point: Point, is_probability: bool) -> Belief:
    """One point: a centre at the median, otherwise a level with an unstated spread."""
    if is_probability:
        return Belief("probability", point.score, threshold=point.value)
    return Belief("centre", point.value, score=point.score)


def _tightest(points: Sequence[Point]) -> Point:
    """The one of several bounds that says most about the centre.

    Where they face each other, the one that depends least on the spread.
    """
    centres = {point: point.value - NOMINAL_SPREAD * point.score for point in points}
    low, high = [p for p in points if p.side > 0], [p for p in points if p.side < 0]
    best = [max(low, key=centres.__getitem__)] if low else []
    best += [min(high, key=centres.__getitem__)] if high else []
    best = [point for point in best if abs(point.value) < ALWAYS] or best
    return min(best, key=lambda point: abs(point.score))


def _bounded(point: Point, is_probability: bool) -> Belief:
    """A one-sided report: the side of a centre, or of a level, that is known."""
    if not is_probability:
        return Belief("centre", point.value, side=point.side, score=point.score)
    # a quantile only known to lie above t: P(X < t) is below its level
    return Belief("probability", point.score, side=-point.side, threshold=point.value)
