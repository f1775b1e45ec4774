"""The inverse question: what a forecast would have to say for the headline to cross a level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy import optimize

from sweet_spot.answers.asked import VALUES, as_said, question_of, values_to_try
from sweet_spot.answers.estimates import drawn, usable
from sweet_spot.answers.numbers import (
    error,
    finite,
    monte_carlo_error,
    number,
    probability,
    records,
    words,
)
from sweet_spot.answers.verdict import refuse, verdict
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.argument.worlds import Target, target
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.one_more import one_more
from sweet_spot.evidence.records import Question, Topic
from sweet_spot.inference.refits import Refitter
from sweet_spot.inference.reweight import Base, base_of, influence, ratio_of, weigh, weighted_mean

if TYPE_CHECKING:
    import pandas as pd

WITHIN = 0.01
"""How close a refit must come to confirm a value."""
NEW_EXPERT = "a new expert"


@dataclass(frozen=True)
class Inverse:
    """What one more forecast would have to be.

    Attributes
    ----------
    data
        Dim `value` (in the question's unit, or the stated probability of its event): `credence`,
        P(usable for at least one factor) were that said, `error`, its Monte Carlo error,
        `pareto_k`; NaN where k is above 0.7. Attributes `question`, `unit`, `target`, `headline`,
        `level`, `statement`.
    found
        The value at which the credence crosses the target; NaN where none does.
    best, reached
        The value tried that comes closest to the target, and the credence there.
    refitted, refitted_error
        The credence of a refit with the value found, or else with the best; NaN without a refit.
    """

    data: xr.Dataset
    found: float
    best: float
    reached: float
    refitted: float
    refitted_error: float
    text: str

    @property
    def confirmed(self) -> bool:
        """Whether a refit came within 0.01 of what the saved draws said."""
        goal = self.data.attrs["target"] if np.isfinite(self.found) else self.reached
        return abs(self.refitted - goal) <= WITHIN

    @property
    def table(self) -> pd.DataFrame:
        """One row a value."""
        return self.data.to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints; None where there is no number."""
        names = ("found", "best", "reached", "refitted", "refitted_error")
        return {
            "schema": 1, **self.data.attrs, "text": self.text, "confirmed": bool(self.confirmed),
            **{name: finite(getattr(self, name)) for name in names},
            "values": records(self.table.reset_index()),
        }  # fmt: skip


@dataclass(frozen=True)
class _Scan:
    """The credence as a function of what is said, x on the scale of the observation."""

    grid: np.ndarray
    credence: np.ndarray
    error: np.ndarray
    pareto_k: np.ndarray
    at: Callable[[float], tuple[float, float, float]]


def inverse(
    tree: xr.DataTree,
    question: str,
    goal: float = 0.5,
    *,
    event: str | None = None,
    given: Mapping[str, float] | None = None,
    topic: Topic | None = None,
    level: float = 0.5,
    expert: str = NEW_EXPERT,
    argument: Argument | None = None,
    refit_of: Callable[[Base], Refitter] | None = None,
    force: bool = False,
) -> Inverse:
    """The value of one more forecast on a question at which the headline crosses a level.

    Parameters
    ----------
    question
        Id of a question of the fit, or a quantity of the catalogue that nobody was asked about.
    goal
        The level of P(usable for at least one factor) to cross.
    event, given, topic
        Of a quantity: a threshold, as in `> 0.5`, to ask for a probability; the condition; and the
        topic, by default that of a question on the like.
    level
        Quantile that is stated, where the question has no event: 0.5 is a median.
    expert
        Who says it: somebody new, or one of the fit's experts in no cluster.
    refit_of
        Makes a refitter of a base (`inference.refits.refitter`), to confirm what was found.

    Raises
    ------
    UnknownQuestion
        The fit has no such question, or the topic of a quantity is not known.
    UntrustworthyFit
        The fit failed its verdict and `force` is not set.
    """
    if not force:
        refuse(verdict(tree))
    base = base_of(tree, argument or load_argument())
    asked = question_of(base.evidence, question, event, given, topic)
    about = target(asked.quantity, asked.given, asked.via)
    grid = values_to_try(base, about, asked)
    after = one_more(
        base.evidence, asked, "what-if", as_said(grid[VALUES // 2], about, asked), level, expert
    )
    scan = _scan(base, after, "what-if", grid)
    x, best = _crossing(scan, goal, float(usable(base.draws).mean())), _closest(scan, goal)
    refitted = (np.nan, np.nan)
    if refit_of is not None:
        refit = refit_of(replace(base, evidence=after))
        x, refitted = _confirm(base, after, refit, x, best, goal)
    return _answer(base, asked, about, scan, x, best, refitted, goal, level)


def _scan(base: Base, after: Evidence, name: str, grid: np.ndarray) -> _Scan:
    ratio, of = ratio_of(base, after, name), usable(base.draws)

    def at(x: float) -> tuple[float, float, float]:
        weights = weigh(ratio(float(x)))
        if not weights.trusted:
            return np.nan, np.nan, weights.pareto_k
        value = float(weighted_mean(of, weights))
        return value, float(monte_carlo_error(influence(of, weights))), weights.pareto_k

    found = np.array([at(x) for x in grid])
    return _Scan(grid, found[:, 0], found[:, 1], found[:, 2], at)


def _crossing(scan: _Scan, goal: float, now: float) -> float:
    """Where the credence crosses the goal: nearest to the value that leaves the headline alone."""
    above = scan.credence - goal
    steps = np.flatnonzero(above[:-1] * above[1:] <= 0)
    if not steps.size:
        return np.nan
    neutral = scan.grid[int(np.nanargmin(abs(scan.credence - now)))]
    step = min(steps.tolist(), key=lambda i: abs(scan.grid[i] - neutral))
    ends = scan.grid[step], scan.grid[step + 1]
    return float(optimize.brentq(lambda x: scan.at(x)[0] - goal, *ends, xtol=1e-3))


def _closest(scan: _Scan, goal: float) -> float:
    """The value tried whose credence is closest to the goal."""
    off = np.where(np.isfinite(scan.credence), abs(scan.credence - goal), np.inf)
    return float(scan.grid[int(off.argmin())])


def _with(after: Evidence, name: str, x: float) -> Evidence:
    """The evidence with another value said in a statement."""
    table = after.statements
    said = table["observed"].where(table["statement"] != name, x)
    return replace(after, statements=table.assign(observed=said))


def _confirm(
    base: Base, after: Evidence, refit: Refitter, x: float, best: float, goal: float
) -> tuple[float, tuple[float, float]]:
    """A refit with the value found; where it misses, the value is moved by the local slope, once.

    Returns the value and the refit's credence with its Monte Carlo error.
    """
    at = x if np.isfinite(x) else best
    done = refit(_with(after, "what-if", at), base.constants)
    found = drawn(done.base)
    if not np.isfinite(x) or abs(found.value - goal) <= WITHIN or not done.passed:
        return x, (found.value, found.error) if done.passed else (np.nan, np.nan)
    ratio, of = ratio_of(base, after, "what-if"), usable(base.draws)
    ends = [float(weighted_mean(of, weigh(ratio(at + step)))) for step in (-0.1, 0.1)]
    slope = (ends[1] - ends[0]) / 0.2
    moved = at + float(np.clip((goal - found.value) / slope, -1, 1)) if slope else at
    again = refit(_with(after, "what-if", moved), base.constants)
    second = drawn(again.base)
    closer = again.passed and abs(second.value - goal) < abs(found.value - goal)
    return (moved, (second.value, second.error)) if closer else (x, (found.value, found.error))


def _answer(
    base: Base, asked: Question, about: Target, scan: _Scan, x: float, best: float,
    refitted: tuple[float, float], goal: float, level: float,
) -> Inverse:  # fmt: skip
    headline = float(usable(base.draws).mean())
    values = np.array([as_said(each, about, asked) for each in scan.grid])
    columns = {"credence": scan.credence, "error": scan.error, "pareto_k": scan.pareto_k}
    kind = (
        f"P({asked.quantity} {asked.event})"
        if asked.event
        else ("a median" if level == 0.5 else f"a {100 * level:g} % quantile")
    )
    attrs = {
        "question": asked.id, "unit": "probability" if asked.event else asked.unit,
        "target": goal, "headline": headline, "level": level, "statement": kind,
    }  # fmt: skip
    data = xr.Dataset(
        {n: ("value", v) for n, v in columns.items()}, coords={"value": values}, attrs=attrs
    ).sortby("value")
    reached = float(scan.credence[int(np.argmin(abs(scan.grid - best)))])
    found = as_said(x, about, asked) if np.isfinite(x) else np.nan
    out = Inverse(data, found, as_said(best, about, asked), reached, *refitted, "")
    return replace(out, text=_text(out))


def _text(found: Inverse) -> str:
    at = found.data.attrs
    unit = "" if at["unit"] == "probability" else f" ({at['unit']})"
    asked, unknown = words(str(at["question"])), int(np.isnan(found.data["credence"]).sum())
    lead = (
        f"P(usable sweet spot for at least one factor) = {probability(at['headline'])} (posterior"
        f" mean). One more forecast by one person on {asked}, {at['statement']}: "
    )
    if np.isfinite(found.found):
        lead += (
            f"at {number(found.found, at['unit'])}{unit} it would be {probability(at['target'])}"
        )
    else:
        lead += (
            f"no value brings it to {probability(at['target'])}; the closest is"
            f" {probability(found.reached)}, at {number(found.best, at['unit'])}{unit}"
        )
    if np.isfinite(found.refitted):
        agree = "confirms" if found.confirmed else "DOES NOT CONFIRM"
        lead += (
            f"; a refit {agree} it: {found.refitted:.3f}, Monte Carlo error"
            f" {error(found.refitted_error)}"
        )
    else:
        lead += "; from the saved draws, not confirmed by a refit"
    rest = f" ({unknown} of {VALUES} values tried are beyond the saved draws.)" if unknown else ""
    return lead + "." + rest
