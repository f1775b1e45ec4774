"""Our own prediction of a resolved yes/no question: the error model on the scale of log-odds.

The people's log-odds, weighed by their record (track.py), have a mean; an error common to all makes
the truth more or less extreme than this mean (a slope), lean to one side (an intercept), and be
less sure where people disagree, for disagreement is a sign of it. The three constants are learned
from known answers: common ones, and each dataset's own around these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from sweet_spot.inference.folds import Fold
from sweet_spot.inference.resolved import BINARY, Floats, Ints, Resolved
from sweet_spot.inference.track import expected, log_losses, visible

STRENGTHS = (2.0, 0.0, 1.0, 4.0)
"""As in `resolved_model.py`: of these the answers pick one, and the first stands without any."""
SHRINK = 10.0
"""How many questions a record is shrunk by: a yes/no answer tells less than a quantity."""
LEAST, MOST = 0.01, 0.99
"""Stated probabilities are clipped to these."""
COMMON = {"intercept": (0.0, 0.3), "slope": (1.0, 0.3), "log_doubt": (-1.1, 0.5)}
"""Mean and sd of the common constants."""
OWN_SD = np.array([0.3, 0.3, 0.5])
"""Sd of a dataset's own constants around the common ones."""


@dataclass(frozen=True, eq=False)
class Votes:
    """The log-odds (question, person) of a dataset, NaN where nobody answered.

    Attributes
    ----------
    outcome, may_see
        Per question; and what a question's prediction may see (track.py).
    """

    log_odds: Floats
    outcome: Floats
    may_see: Floats


Pooled = tuple[Floats, Floats]
"""Weighted mean and variance of the log-odds on some questions."""


def predict_probabilities(
    of: Resolved, folds: Sequence[Fold], others: Sequence[Resolved]
) -> Floats:
    """Probability of yes for every question asked, fold after fold (question,).

    Parameters are those of `predict_quantiles`.
    """
    answered = [other for other in others if other.scored(BINARY).size]
    rest = {strength: [_training(each, strength) for each in answered] for strength in STRENGTHS}
    mine = read_votes(of)
    return np.concatenate([_predict_fold(mine, fold, rest) for fold in folds])


@lru_cache(maxsize=256)  # by identity: a dataset does not change
def _training(of: Resolved, strength: float) -> tuple[Pooled, Floats]:
    """The pooled log-odds and answers of a dataset whose answers may all be seen."""
    votes, rows = read_votes(of), of.scored(BINARY)
    return pool(votes, records(votes, votes.outcome), rows, strength), of.outcome[rows]


@lru_cache(maxsize=64)
def read_votes(of: Resolved) -> Votes:
    """The probabilities of a dataset as a matrix of log-odds."""
    out = np.full((of.question.size, of.expert.size), np.nan)
    for question in np.flatnonzero(of.kind == BINARY):
        said = of.stated[question]
        out[question, said.experts] = special.logit(np.clip(said.values, LEAST, MOST))
    outcome = np.where(of.kind == BINARY, of.outcome, np.nan)
    return Votes(out, outcome, visible(of, BINARY))


def records(votes: Votes, outcome: Floats) -> Floats:
    """Everyone's record as expected on each question; `outcome` is NaN where it may not be seen."""
    known = np.flatnonzero(np.isfinite(outcome))
    record = np.full(votes.log_odds.shape, np.nan)
    record[known] = log_losses(special.expit(votes.log_odds[known]), outcome[known])
    return expected(record, votes.may_see, SHRINK)


def pool(votes: Votes, record: Floats, rows: Ints, strength: float) -> Pooled:
    """Weighted mean and variance of the log-odds on some questions."""
    weight = np.exp(-strength * record[rows])
    said = votes.log_odds[rows]
    weight = np.where(np.isfinite(said), weight, 0.0)
    weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    said = np.nan_to_num(said)
    mean = (weight * said).sum(axis=1)
    return mean, (weight * (said - mean[:, None]) ** 2).sum(axis=1)


def log_odds(constants: Floats, of: Pooled) -> Floats:
    """Predicted log-odds of yes (question,)."""
    mean, variance = of
    doubt = np.exp(constants[2])
    return np.asarray(constants[0] + constants[1] * mean / np.sqrt(1 + doubt * variance))


def fitted(training: Sequence[tuple[Pooled, Floats]]) -> tuple[float, Floats]:
    """Negative log posterior and constants (1 + datasets, constant), the common ones first."""
    mean, sd = np.array(list(COMMON.values())).T

    def loss(flat: Floats) -> tuple[float, Floats]:
        constants = flat.reshape(-1, mean.size)
        common = (constants[0] - mean) / sd
        own = (constants[1:] - constants[0]) / OWN_SD
        total = (common**2).sum() / 2 + (own**2).sum() / 2
        slope = np.vstack([common / sd - (own / OWN_SD).sum(axis=0), own / OWN_SD])
        for row, (of, outcome) in enumerate(training, start=1):
            value, gradient = _log_loss(constants[row], of, outcome)
            total += value
            slope[row] += gradient
        return float(total), slope.ravel()

    start = np.tile(mean, 1 + len(training))
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B")
    return float(found.fun), np.asarray(found.x).reshape(-1, mean.size)


def _log_loss(constants: Floats, of: Pooled, outcome: Floats) -> tuple[float, Floats]:
    """Log loss at known answers, and its gradient in the constants."""
    mean, variance = of
    doubt = np.exp(constants[2])
    shrunk = mean / np.sqrt(1 + doubt * variance)
    odds = constants[0] + constants[1] * shrunk
    by_odds = special.expit(odds) - outcome
    by_doubt = -constants[1] * shrunk * doubt * variance / (2 * (1 + doubt * variance))
    value = np.logaddexp(0, np.where(outcome > 0, -odds, odds)).sum()
    return float(value), np.array([by_odds.sum(), by_odds @ shrunk, by_odds @ by_doubt])


def _predict_fold(
    mine: Votes, fold: Fold, rest: dict[float, list[tuple[Pooled, Floats]]]
) -> Floats:
    if not fold.panel:
        return _predict(mine, fold.asked, fold.elsewhere, rest)
    each = [
        _predict(mine, np.array([question]), fold.seen(int(question)), rest)
        for question in fold.asked
    ]
    return np.concatenate(each)


def _predict(
    mine: Votes, asked: Ints, seen: Ints, rest: dict[float, list[tuple[Pooled, Floats]]]
) -> Floats:
    """Probabilities of some questions from all that is seen."""
    outcome = np.full(mine.outcome.size, np.nan)
    outcome[seen] = mine.outcome[seen]
    record, tried = records(mine, outcome), []
    for strength, others in rest.items():
        own = [(pool(mine, record, seen, strength), mine.outcome[seen])] if seen.size else []
        tried.append((*fitted([*others, *own]), strength))
    _, constants, strength = min(tried, key=lambda each: each[0])
    own_constants = constants[-1] if seen.size else constants[0]
    return special.expit(log_odds(own_constants, pool(mine, record, asked, strength)))
