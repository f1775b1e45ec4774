"""Pools of probabilities: means, and means that are pushed outwards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import optimize, special, stats

from sweet_spot.inference.pools import TRIMMED
from sweet_spot.inference.resolved import BINARY, Floats, Ints, Resolved
from sweet_spot.inference.scores import LEAST, MOST

BARON = 2.5
"""Strength of Baron's transform where none is fitted."""
WEAKEST, STRONGEST = 0.2, 5.0
"""Range in which the fitted strength is looked for; below 1 it draws in."""


def mean(p: Floats) -> float:
    """The linear pool."""
    return float(p.mean())


def median(p: Floats) -> float:
    """The middle probability."""
    return float(np.median(p))


def trimmed(p: Floats) -> float:
    """The mean without the lowest and the highest tenth of the people."""
    return float(stats.trim_mean(p, TRIMMED))


def mean_log_odds(p: Floats) -> float:
    """Mean of the log odds, of probabilities clipped as the log score clips them."""
    return float(special.logit(np.clip(p, LEAST, MOST)).mean())


def log_odds_mean(p: Floats) -> float:
    """The pool of log odds, as a probability."""
    return float(special.expit(mean_log_odds(p)))


def baron(p: Floats, strength: float = BARON) -> float:
    """The mean, pushed outwards: m^a / (m^a + (1 - m)^a).

    Baron, Mellers, Tetlock, Stone and Ungar 2014, Two Reasons to Make Aggregated Probability
    Forecasts More Extreme, Decision Analysis 11(2). The strength is fixed beforehand, by us.
    """
    odds = special.logit(np.clip(p.mean(), 1e-9, 1 - 1e-9))
    return float(special.expit(strength * odds))


def fitted_strength(datasets: Sequence[tuple[Resolved, Ints]]) -> float:
    """By how much to multiply the mean log odds, for the least mean log score on these questions.

    1 where there is no question to fit it to (Satopaa et al. 2014, International Journal of
    Forecasting 30(2), fit one such strength to a bank of questions).
    """
    odds = [mean_log_odds(of.stated[q].values) for of, questions in datasets for q in questions]
    if not odds:
        return 1.0
    outcome = np.concatenate([of.outcome[questions] for of, questions in datasets])
    sign = np.array(odds) * (2 * outcome - 1)

    def loss(log_strength: float) -> float:
        return -float(special.log_expit(np.exp(log_strength) * sign).mean())

    bounds = (np.log(WEAKEST), np.log(STRONGEST))
    return float(np.exp(optimize.minimize_scalar(loss, bounds=bounds, method="bounded").x))


def extremised(p: Floats, strength: float) -> float:
    """The mean log odds, times a strength, as a probability."""
    return float(special.expit(strength * mean_log_odds(p)))


def all_resolved(datasets: Sequence[Resolved]) -> list[tuple[Resolved, Ints]]:
    """Every yes/no question with a known outcome."""
    return [(of, of.scored(BINARY)) for of in datasets]
