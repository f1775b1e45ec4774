"""From what was said to quantiles on the working scale, exact or one-sided.

Whatever was reported (a quantile, the probability of an event, a bound, "never") says of one
quantile where it lies, or on which side of a number. Nothing one-sided is dropped, and nothing is
replaced by a number.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

from scipy import special

from sweet_spot.argument.quantities import EPOCH, Quantity, to_working
from sweet_spot.argument.units import convert
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.records import Question, Statement, parse_event, parse_value

ROUNDED = 0.005
"""A bare 0 or 100 % means beyond the last digit reported: within half a per cent of it."""

ALWAYS = 50.0
"""Working scale: a bound this far out says nothing, which is what was said."""

LEAST_LEVEL = 1e-12
"""Keeps normal scores finite."""

CENTURY = 100.0
"""Years: "never" alone is taken for "not within a hundred years", and stays a bound."""

EDGES = {
    "logit": (ROUNDED, 1 - ROUNDED),  # a share of 0 or 1 was rounded
    "log_year": (EPOCH + 1, math.inf),  # an earlier year: before anything the model is about
    "log_duration": (0.0, math.inf),
}
"""First and last value, in the own unit, of scales on which a value can lie at infinity."""

SIDES = {"": 0, "<": -1, ">": 1}


class Point(NamedTuple):
    """A quantile on the working scale: P(X < value) = level.

    With `side` +1 the quantile is only known to lie above the value, with -1 below.
    """

    level: float
    value: float
    side: int = 0

    @property
    def score(self) -> float:
        """Normal score of the level."""
        return float(special.ndtri(self.level))


def quantile_points(
    statement: Statement, question: Question, quantity: Quantity, year: float
) -> list[Point]:
    """What was said, as quantiles of the quantity, one a value; never empty.

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
    points = _reported(statement, question, quantity, year)
    if quantity.scale != "log_year":
        return points
    today = _today(quantity, year)
    return [_not_before(point, today) for point in points]


@lru_cache(maxsize=4096)  # the same few days for many statements
def _today(quantity: Quantity, year: float) -> float:
    return float(to_working(quantity, year))


def _reported(
    statement: Statement, question: Question, quantity: Quantity, year: float
) -> list[Point]:
    values = [parse_value(value) for value in statement.all_values()]
    if statement.kind == "probability":
        events = statement.all_events() or [question.event or ""]
        return [
            _event_point(side, number or 0.0, statement.unit, event, question, quantity)
            for (side, number), event in zip(values, events, strict=True)
        ]
    levels = statement.all_levels() or [0.5]  # a mean or a bound is about the centre
    own = [
        None if number is None else _working(number, statement.unit, quantity)
        for _, number in values
    ]
    numbers = [value for value in own if value is not None]
    largest = max(numbers) if numbers else _never(quantity, year)
    return [
        _finite(Point(level, largest, side=1), quantity)  # "never"
        if value is None
        else _finite(Point(level, value, SIDES[side]), quantity)
        for level, value, (side, _) in zip(levels, own, values, strict=True)
    ]


def _never(quantity: Quantity, year: float) -> float:
    """What "never" is beyond where no number was reported that it could be beyond."""
    match quantity.scale:
        case "log_year":
            return float(to_working(quantity, year + CENTURY))
        case "log_duration":
            return float(to_working(quantity, CENTURY))
        case _:
            return -ALWAYS


def _working(number: float, unit: str, quantity: Quantity) -> float:
    """A value on the working scale, where it may be infinite."""
    value = float(to_working(quantity, convert(number, unit, quantity.unit)))
    if math.isnan(value) and quantity.scale == "log_duration":
        return -math.inf  # less than no time at all
    if math.isnan(value):
        raise InvalidRecord(f"{number:g} {unit} has no place on the scale of {quantity}")
    return value


def _event_point(
    side: str, number: float, unit: str, event: str, question: Question, quantity: Quantity
) -> Point:
    """P(X < t) = p is the p-quantile t; P(X > t) = p is the (1 - p)-quantile.

    More probability below t, or less above it, means that the quantile lies below t.
    """
    sign, probability = SIDES[side], convert(number, unit, "probability")
    if not sign and probability in (0.0, 1.0):
        sign = -1 if probability == 0 else 1
        probability = ROUNDED if probability == 0 else 1 - ROUNDED
    which, threshold = parse_event(event)
    level = probability if which == "<" else 1 - probability
    level = min(max(level, LEAST_LEVEL), 1 - LEAST_LEVEL)
    value = _working(threshold, question.unit, quantity)
    return _finite(Point(level, value, -sign if which == "<" else sign), quantity)


def _finite(point: Point, quantity: Quantity) -> Point:
    """A point off its scale as a bound on it.

    Below the scale, "at" and "under" both say "under its first value", and "above" says nothing;
    the reverse beyond its top.
    """
    if math.isfinite(point.value):
        return point
    beyond = 1 if point.value > 0 else -1
    if point.side == -beyond:
        return Point(point.level, beyond * ALWAYS, point.side)
    first, last = EDGES[quantity.scale]
    return Point(point.level, float(to_working(quantity, first if beyond < 0 else last)), beyond)


def _not_before(point: Point, today: float) -> Point:
    """A calendar quantile at or before the statement's own date only says "not after it"."""
    if point.side > 0 or point.value > today:  # "after 1990" stays as it is
        return point
    return Point(point.level, today, side=-1)
