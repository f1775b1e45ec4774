"""The group without names: what all have answered to a question, as lines, notes and a sentence."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from sweet_spot.answers.numbers import plural, probability
from sweet_spot.argument.quantities import Quantity, parse
from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.records import Question, first_day
from sweet_spot.page.forecast_belief import Reading, reading
from sweet_spot.page.forecast_file import Said, statement_of
from sweet_spot.page.forecast_forms import unit_of
from sweet_spot.page.forecast_svg import Row, group_svg, written_at
from sweet_spot.page.store import Answer, answers
from sweet_spot.page.workshop_rounds import latest

CHANCE = Quantity("probability", (), (), "probability", "logit", False)
"""On whose axis the probabilities of an event lie."""
FEW = 3
"""With fewer answers each person can tell whose the others are."""


@dataclass(frozen=True)
class Group:
    """All answers to a question.

    Attributes
    ----------
    figure
        As SVG text.
    text
        The middle of the group in each round, in a sentence.
    count
        How many have answered.
    """

    figure: str
    text: str
    count: int


def group_of(held: sqlite3.Connection, question: Question, rounds: Sequence[int]) -> Group:
    """The group on a question in some rounds; nothing in it says who answered what or when."""
    said = [a for a in answers(held) if a.question == question.id and a.round in rounds]
    last = latest(said)
    final = [a for a in said if last[a.sheet, a.question] is a]
    replaced = [a for a in said if last[a.sheet, a.question] is not a]
    now = [row for a in final for row in _row(a, question)]
    earlier = [replace(row, earlier=True) for a in replaced for row in _row(a, question)]
    if not now:
        return Group("", "Nobody has answered this question.", 0)
    first = [row for a in said if a.round == 1 for row in _row(a, question)]
    told = [f"Round 1, {plural(len(first), 'answer')}: {_middle(first, question)}"] if first else []
    if max(rounds) > 1:
        told.append(f"After round 2, {plural(len(now), 'answer')}: {_middle(now, question)}")
    quantity, unit = scale_of(question)
    figure = group_svg(quantity, unit, [*earlier, *now], average(now))
    few = "" if len(now) >= FEW else " With so few answers you can tell whose they are."
    return Group(figure, " ".join(told) + few, len(now))


def scale_of(question: Question) -> tuple[Quantity, str]:
    """The axis and unit of the answers to a question: of an event, probabilities."""
    return (CHANCE, "percent") if question.event else (parse(question.quantity), unit_of(question))


def _row(answer: Answer, question: Question) -> list[Row]:
    """An answer as a line; none where it is a bound alone."""
    read = reading_of(answer, question)
    if read is None:
        return []
    if question.event:
        level = read.points[0].level
        chance = 1 - level if question.event.startswith(">") else level
        return [Row(float(special.logit(min(max(chance, 1e-4), 1 - 1e-4))), math.nan)]
    centre = read.centre if math.isfinite(read.centre) else _central_point(read)
    return [Row(centre, read.spread)] if math.isfinite(centre) else []


def _central_point(read: Reading) -> float:
    """Where one number alone was stated: itself, without a width."""
    exact = [point.value for point in read.points if point.side == 0]
    return float(np.mean(exact)) if exact else math.nan


def reading_of(answer: Answer, question: Question) -> Reading | None:
    """What an answer says; None where the rules have changed since it was taken."""
    try:
        said = Said("x", first_day(answer.at[:10]), "x")
        return reading(statement_of(answer.fields, question, said), question)
    except SweetSpotError:
        return None


def average(rows: Sequence[Row]) -> Row | None:
    """The quantile average: the mean of all quantiles, which for bells is that of their halves.

    It is not a mixture: it is as wide as the answers are on average, however far they lie apart.
    """
    if len(rows) < FEW:
        return None
    spreads = [row.spread for row in rows if math.isfinite(row.spread)]
    centre = float(np.mean([row.centre for row in rows]))
    return Row(centre, float(np.mean(spreads)) if spreads else math.nan)


def _middle(rows: Sequence[Row], question: Question) -> str:
    quantity, unit = scale_of(question)
    low, middle, high = np.quantile([row.centre for row in rows], (0.0, 0.5, 1.0))
    if question.event:
        a, b, c = (probability(float(special.expit(v))) for v in (middle, low, high))
    else:
        a, b, c = (written_at(quantity, unit, float(v)) for v in (middle, low, high))
    what = "probability" if question.event else "median"
    return f"the middle {what} is {a}, the lowest {b}, the highest {c}."
