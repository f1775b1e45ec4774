"""What a person's answer comes to: the fitted belief, its quantiles, and what it implies.

A belief is normal on the working scale of its quantity (MODEL.md section 5); everything here is
in the unit in which the form asks.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from sweet_spot.answers.numbers import number, probability, share
from sweet_spot.argument.quantities import Quantity, from_working, parse, to_working
from sweet_spot.argument.units import convert
from sweet_spot.evidence.beliefs import Belief, belief
from sweet_spot.evidence.quantile_points import Point, quantile_points
from sweet_spot.evidence.records import Question, Statement, first_day
from sweet_spot.page.forecast_forms import default_edges, unit_of

SHOWN_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
LEAST = 0.01
"""A tail below it is not worth a sentence."""
FAR = 0.1
"""Fitted and stated levels that differ by more are pointed out: the curve is not what was said."""


@dataclass(frozen=True)
class Reading:
    """An answer as the model reads it.

    Attributes
    ----------
    unit
        That of the form: shares in per cent.
    belief
        On the working scale of the quantity.
    points
        What was stated, as quantiles on the working scale.
    day
        When it was said.
    """

    question: Question
    quantity: Quantity
    unit: str
    belief: Belief
    points: tuple[Point, ...]
    day: dt.date

    @property
    def centre(self) -> float:
        """Centre on the working scale; NaN where a probability alone leaves it open."""
        alone = self.belief.form == "probability" or self.belief.side or self.belief.score
        return math.nan if alone else self.belief.observed

    @property
    def spread(self) -> float:
        """Standard deviation on the working scale; NaN where none was stated."""
        return self.belief.spread if self.belief.spread > 0 else math.nan

    @property
    def has_curve(self) -> bool:
        """Whether the answer determines a whole curve."""
        return math.isfinite(self.centre) and math.isfinite(self.spread)

    def shown(self, working: float) -> float:
        """A place on the working scale in the unit of the form."""
        own = float(from_working(self.quantity, working))
        return convert(own, self.quantity.unit, self.unit)

    def below(self, value: float) -> float:
        """P(less than a value in the unit of the form) by the fitted curve."""
        own = convert(value, self.unit, self.quantity.unit)
        place = float(to_working(self.quantity, own))
        return float(special.ndtr((place - self.centre) / self.spread))

    def quantile(self, level: float) -> float:
        """A quantile of the fitted curve in the unit of the form."""
        return self.shown(self.centre + self.spread * float(special.ndtri(level)))

    @cached_property
    def achieved(self) -> tuple[tuple[float, float, float], ...]:
        """Of each exact stated point: its value, the stated level, the level on the curve."""
        if not self.has_curve:
            return ()
        exact = [point for point in self.points if point.side == 0]
        return tuple((self.shown(p.value), p.level, self.below(self.shown(p.value))) for p in exact)

    @property
    def quantiles(self) -> tuple[tuple[float, str], ...]:
        """The fitted quantiles as text, by level."""
        if not self.has_curve:
            return ()
        return tuple((p, written(self.quantile(p), self.unit)) for p in SHOWN_LEVELS)


def reading(statement: Statement, question: Question) -> Reading:
    """What a statement says of the quantity; raises InvalidRecord as `belief` does."""
    quantity = parse(question.quantity)
    day = first_day(statement.date or dt.date.today().isoformat())
    year = day.year + (day.timetuple().tm_yday - 1) / (365 + calendar.isleap(day.year))
    points = tuple(quantile_points(statement, question, quantity, year))
    held = belief(statement, question, quantity, year)
    return Reading(question, quantity, unit_of(question), held, points, day)


def written(value: float, unit: str) -> str:
    """A value with its unit, where a reader needs one."""
    text = number(value, unit)
    if unit == "year":
        return f"{value:.0f}"
    return f"{text} %" if unit == "percent" else f"{text} {unit}"


def implied(read: Reading) -> tuple[str, ...]:
    """What the answer says beside what was typed, in sentences."""
    if read.belief.form == "probability" and read.question.event:
        return (_other_side(read),)
    if not read.has_curve:
        return (
            "One number fixes no curve: how sure you are is taken to be like others on this"
            " question. State two or more values, and the width is yours.",
        )
    return tuple(sentence for sentence in (_middle(read), *_tails(read), *_warned(read)))


def _other_side(read: Reading) -> str:
    """An event and its opposite."""
    level, event = read.points[0].level, str(read.question.event)
    chance = 1 - level if event.startswith(">") else level
    return f"You put {share(chance)} on this being so, and {share(1 - chance)} on its opposite."


def _middle(read: Reading) -> str:
    low, high = (written(read.quantile(level), read.unit) for level in (0.25, 0.75))
    return f"You think it as likely inside {low} to {high} as outside."


def _tails(read: Reading) -> Sequence[str]:
    """The outermost round values beyond which there is something left."""
    edges = default_edges(read.unit, read.day)
    low = next((e for e in edges if read.below(e) >= LEAST), None)
    high = next((e for e in reversed(edges) if 1 - read.below(e) >= LEAST), None)
    found = []
    if low is not None and read.below(low) < 0.5:
        side = "before" if read.unit == "year" else "below"
        found.append(f"You put {share(read.below(low))} {side} {written(low, read.unit)}.")
    if high is not None and read.below(high) > 0.5:
        found.append(f"You put {share(1 - read.below(high))} beyond {written(high, read.unit)}.")
    return found


def _warned(read: Reading) -> Sequence[str]:
    """Where the curve is not what was said."""
    found = []
    if any(abs(stated - fitted) > FAR for _, stated, fitted in read.achieved):
        found.append(
            "The curve, a bell on the axis drawn, does not fit these values well: the dots are"
            " what you stated, and the model takes the curve."
        )
    if not read.belief.consistent:
        found.append("A bound that you stated lies on the wrong side of the curve.")
    return found


def place_among(read: Reading, others: Sequence[float]) -> str:
    """Where the answer's centre stands among others, all on the working scale, in a sentence."""
    mine, them = read.centre, np.asarray(others, float)
    if not them.size:
        return "Nobody has published an answer to this question that can be compared with yours."
    low, middle, high = np.quantile(them, (0.1, 0.5, 0.9))
    ends = " to ".join(written(read.shown(float(end)), read.unit) for end in (low, high))
    typical = f"their middle one is {written(read.shown(float(middle)), read.unit)}"
    range_ = f"; four fifths lie within {ends}" if them.size > 2 else ""
    if not math.isfinite(mine):
        return f"{them.size} published medians: {typical}{range_}."
    below = int((them < mine).sum())
    return (
        f"Your median {written(read.shown(mine), read.unit)} is above {below} of {them.size}"
        f" published ones: {typical}{range_}."
    )


def chance_among(mine: float, others: Sequence[float]) -> str:
    """Likewise of probabilities of one event."""
    them = np.asarray(others, float)
    if not them.size:
        return "Nobody has published a probability of this event that can be compared with yours."
    below = int((them < mine).sum())
    return (
        f"Your {probability(mine)} is above {below} of {them.size} published probabilities, from"
        f" {probability(float(them.min()))} to {probability(float(them.max()))}."
    )
