"""How far people were off on questions with known answers, and what that makes them weigh.

A record is one number for each person and question, less being better, as a difference from the
panel's mean on that question. What a person is expected to be is its mean over the questions that
may be seen, shrunk towards the panel as though there were some more on which the person was like
all others; a weight is exp(-strength x that), so that a person without a record weighs one.
"""

from __future__ import annotations

import numpy as np

from sweet_spot.inference.folds import folds
from sweet_spot.inference.resolved import Floats, Resolved

FLOOR = 0.3
"""An error below this share of the question's scale tells nobody from another."""
MOST = 30.0
"""An error beyond this many scales (a wrong unit, say) counts as this many."""


def errors(
    centre: Floats, answer: Floats, scale: Floats, floor: float = FLOOR, most: float = MOST
) -> Floats:
    """Record of everyone's centres (question, person), NaN where nobody answered.

    The log of the distance from `answer` in units of `scale` (both per question).
    """
    off = np.clip((centre - answer[:, None]) / scale[:, None], -most, most)
    return _centred(np.log(np.hypot(off, floor)))


def log_losses(probability: Floats, outcome: Floats) -> Floats:
    """Record of everyone's probabilities (question, person): log scores, zero without outcome."""
    yes = outcome[:, None]
    loss = -(yes * np.log(probability) + (1 - yes) * np.log1p(-probability))
    return np.where(np.isnan(probability), np.nan, np.nan_to_num(_centred(loss)))


def _centred(record: Floats) -> Floats:
    answered = np.isfinite(record)
    total = np.where(answered, record, 0.0).sum(axis=1)
    return np.asarray(record - (total / np.maximum(answered.sum(axis=1), 1))[:, None])


def expected(record: Floats, may_see: Floats, shrink: float) -> Floats:
    """Everyone's record as expected on each question (row of `may_see`, person).

    Parameters
    ----------
    record
        (question, person), NaN where a person did not answer.
    may_see
        (row, question): 1 where the row's prediction may use that question.
    shrink
        How many questions the shrinkage is worth.
    """
    answered = np.isfinite(record)
    total = may_see @ np.where(answered, record, 0.0)
    return np.asarray(total / (may_see @ answered.astype(float) + shrink))


def visible(of: Resolved, kind: str) -> Floats:
    """1 where the row's prediction may use the column's question (question, question)."""
    out = np.zeros((of.question.size, of.question.size))
    for fold in folds(of, kind):
        for question in fold.asked:
            out[question, fold.seen(int(question))] = 1.0
    return out


def weighted_quantile(values: Floats, weights: Floats, level: float = 0.5) -> Floats:
    """Quantile of weighted values, row by row, linear between the middles of their weights.

    `values` (row, person) may be NaN where there is none; a row of nothing gives NaN.
    """
    order = np.argsort(values, axis=1, kind="stable")
    values = np.take_along_axis(values, order, axis=1)
    share = np.where(np.isnan(values), 0.0, np.take_along_axis(weights, order, axis=1))
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
    middle = np.cumsum(share, axis=1) - share / 2
    last = np.maximum(np.isfinite(values).sum(axis=1) - 1, 0)
    above = np.minimum((middle < level).sum(axis=1), last)
    row, below = np.arange(last.size), np.maximum(above - 1, 0)
    low, high = middle[row, below], middle[row, above]
    part = np.clip((level - low) / np.where(above > below, high - low, 1.0), 0, 1)
    low, high = values[row, below], values[row, above]
    return np.asarray(low + part * (high - low))
