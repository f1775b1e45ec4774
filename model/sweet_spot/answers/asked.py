"""What is asked in an inverse question, and which values are tried for an answer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import special

from sweet_spot.argument.quantities import from_working, parse, to_working
from sweet_spot.argument.structure import NUMPY
from sweet_spot.argument.units import UNITS, convert
from sweet_spot.argument.worlds import Target, evaluate
from sweet_spot.errors import UnknownQuantity, UnknownQuestion
from sweet_spot.evidence.findings import near
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.records import Question, Topic, parse_event
from sweet_spot.inference.reweight import Base

VALUES = 41
"""Values tried, before the crossing is found between two of them."""
WIDTH = 5.0
"""How many prior sds of the quantity around its mean they reach; errors have heavy tails, so that
what lies farther out is believed less, not more."""
LARGEST_PROBIT = 3.0
"""Of stated probabilities: from 0.0013 to 0.9987."""


def question_of(
    evidence: Evidence,
    name: str,
    event: str | None,
    given: Mapping[str, float] | None,
    topic: Topic | None,
) -> Question:
    """The fit's own question, or one that matches a quantity exactly."""
    known = {question.id: question for question in evidence.questions}
    if name in known:
        return known[name]
    try:
        quantity = parse(name)
    except UnknownQuantity as problem:
        hint = near(name, known)
        raise UnknownQuestion(f"the fit has no question {name!r}{hint}; nor: {problem}") from None
    alike = [q for q in evidence.questions if parse(q.quantity).name == quantity.name]
    if topic is None and not alike:
        raise UnknownQuestion(f"{name}: nobody was asked about the like; name its topic")
    return Question(
        id="what-if-question", wording=f"What is {name}?", quantity=name, unit=quantity.unit,
        topic=topic or alike[0].topic, direction=alike[0].direction if alike else 0,
        fidelity="exact", fidelity_reason="it is the quantity itself", event=event,
        given=dict(given) if given else None, via=None,
    )  # fmt: skip


def values_to_try(base: Base, about: Target, asked: Question) -> np.ndarray:
    """Values to try, on the scale of the observation."""
    if asked.event:
        return np.linspace(-LARGEST_PROBIT, LARGEST_PROBIT, VALUES)
    values = evaluate([about], base.latents, NUMPY)[..., 0]
    middle, reach = float(np.median(values)), WIDTH * float(np.std(values))
    low = middle - reach
    if about.quantity.scale == "log_year":  # nobody forecasts the past
        today = float(to_working(about.quantity, _latest(base.evidence) + 1 / 12))
        low = max(low, today)
    if about.quantity.scale == "log_duration":
        low = max(low, float(to_working(about.quantity, 0.0)))
    return np.linspace(low, max(middle + reach, low + 1), VALUES)


def _latest(evidence: Evidence) -> float:
    dates = evidence.statements["date"].values.astype(str).tolist()
    year, _, rest = max(dates, default="2026").partition("-")
    return float(year) + (int(rest[:2]) / 12 if rest else 1.0)


def as_said(x: float, about: Target, asked: Question) -> float:
    """What is said in the question's unit, or as a probability of its event."""
    if asked.event:
        return float(special.ndtr(x if parse_event(asked.event)[0] == "<" else -x))
    own = float(from_working(about.quantity, np.array(x)))
    if asked.unit not in UNITS or asked.unit == about.quantity.unit:
        return own
    return float(convert(own, about.quantity.unit, asked.unit))
