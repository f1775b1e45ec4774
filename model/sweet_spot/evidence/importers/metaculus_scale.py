"""Metaculus's internal scale from 0 to 1, and what quantiles and masses on it say in units."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sweet_spot.evidence.importers.common import LARGEST, Imported
from sweet_spot.evidence.importers.moments import decimal_year, moment_of_seconds, plain

BEYOND = "the mass beyond the question's range; its quantiles are a statement of their own"


@dataclass(frozen=True)
class Scale:
    """The range of a continuous question, in its unit or, of dates, in seconds since 1970.

    Attributes
    ----------
    zero_point
        Where the logarithm of a logarithmic scale has its zero; None of a linear one.
    open_lower, open_upper
        Whether values beyond the range are possible.
    """

    lower: float
    upper: float
    zero_point: float | None = None
    open_lower: bool = False
    open_upper: bool = False
    is_date: bool = False

    def nominal(self, location: float) -> float:
        """The value at an internal location; of a date, seconds since 1970.

        ValueError where the scale has none.
        """
        span = self.upper - self.lower
        if self.zero_point is None:
            value = self.lower + span * location
        else:
            try:
                ratio = (self.upper - self.zero_point) / (self.lower - self.zero_point)
                value = self.lower + span * (ratio**location - 1) / (ratio - 1)
            except (ArithmeticError, TypeError) as error:
                raise ValueError("the zero point does not fit the range") from error
        if isinstance(value, complex) or not math.isfinite(value) or abs(value) > LARGEST:
            raise ValueError("the zero point does not fit the range")
        return value

    def value(self, location: float) -> float:
        """The value at an internal location in our units: dates are decimal years."""
        nominal = self.nominal(location)
        return decimal_year(moment_of_seconds(nominal)) if self.is_date else nominal

    def reported(self, location: float) -> float | str:
        """A quantile at an internal location; at the end of an open range it lies beyond."""
        if location <= 0 and self.open_lower:
            return f"<{plain(self.value(0))}"
        if location >= 1 and self.open_upper:
            return f">{plain(self.value(1))}"
        return self.value(location)


def check_scale(scale: Scale) -> None:
    """ValueError unless the scale rises and has a value everywhere."""
    if not scale.lower < scale.upper:
        raise ValueError("the range is empty")
    if scale.zero_point is not None and scale.lower <= scale.zero_point <= scale.upper:
        raise ValueError("the zero point lies inside the range")
    for location in (0.0, 0.5, 1.0):
        scale.value(location)


def check_cdf(cdf: Sequence[float]) -> None:
    """ValueError unless these are probabilities that do not fall."""
    if not all(0 <= p <= 1 for p in cdf):
        raise ValueError("a cumulative probability lies outside 0 to 1")
    if any(later < earlier for earlier, later in pairwise(cdf)):
        raise ValueError("the cumulative probabilities fall")


def location_of(cdf: Sequence[float], level: float, *, discrete: bool = False) -> float:
    """Internal location of a quantile: straight between the points of an even grid.

    0 or 1 where it lies in the mass beyond; of a discrete question, the middle of its step.
    """
    if level <= cdf[0]:
        return 0.0
    if level > cdf[-1]:
        return 1.0
    right = bisect_left(cdf, level)
    low, high = cdf[right - 1], cdf[right]
    part = 0.5 if discrete else (level - low) / (high - low)
    return (right - 1 + part) / (len(cdf) - 1)


def mass_beyond(
    whole: Imported, scale: Scale, below: float | None, above: float | None
) -> list[Imported]:
    """The probabilities of values below and above an open range, as statements beside a whole one.

    They are checks: the quantiles, one-sided where they lie beyond, already say the same.
    """
    out = []
    for name, side, edge, mass, is_open in (
        ("below range", "<", 0.0, below, scale.open_lower),
        ("above range", ">", 1.0, above, scale.open_upper),
    ):
        if is_open and mass is not None:
            event = f"{side} {plain(scale.value(edge))}"
            question = f"{whole.question}[{name}]"
            said = replace(whole, question=question, kind="probability", values=(mass,))
            said = replace(said, levels=(), events=(event,), unit="probability")
            out.append(replace(said, role=whole.role or "check", reason=whole.reason or BEYOND))
    return out
