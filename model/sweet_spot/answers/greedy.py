"""A set of questions, picked one after the other: each adds most to what those before it tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweet_spot.inference.information import (
    Draws,
    corrected,
    densities,
    effective_draws,
    several_answers,
    worlds,
)

SHORTLIST = 16
"""How many of the most telling questions may be picked. What else could add to a set by being
answered together with others, and tells nothing alone, is not looked for."""


@dataclass(frozen=True)
class Candidates:
    """Questions, the most telling first.

    Attributes
    ----------
    draws
        What would be said in every draw.
    statement
        Which statement of `draws` each question is.
    alone
        What each tells alone: `Series` of its own (question, 1 + block, 3).
    """

    draws: Draws
    statement: Sequence[int]
    alone: np.ndarray


@dataclass(frozen=True)
class Pick:
    """One pick: the candidate, and what the set up to it tells, each with its standard error.

    Attributes
    ----------
    total
        Information (nats), swing and average of P(event | answers): values and errors, (3,) each.
    gain
        What the pick adds in information, and its error.
    effective
        Draws that the set's answers leave in play, median over simulated answers.
    """

    candidate: int
    total: tuple[np.ndarray, np.ndarray]
    gain: tuple[float, float]
    effective: float


def pick_best(found: Candidates, budget: int, seed: int) -> list[Pick]:
    """At most `budget` picks.

    Answers of a set are simulated in the same worlds, so that what they share (the quantities, a
    topic's error, the reporter's optimism) counts once. What the first tells is known more exactly
    by quadrature; the simulated totals are corrected by its simulated value (control variate).
    """
    told = worlds(found.draws, seed)
    left = list(range(min(SHORTLIST, len(found.statement))))
    heard = {k: _log_densities(found, told.answers, k) for k in left}
    weights = np.zeros((len(told.block), found.draws.location.shape[1]), np.float32)
    picks: list[Pick] = []
    before = correction = np.zeros_like(found.alone[:1].sum(axis=0))
    for _ in range(min(budget, len(left))):
        trials = {
            k: several_answers(weights + heard[k], found.draws, told) + correction
            if picks
            else found.alone[k]
            for k in left
        }
        best = max(left, key=lambda k: corrected(trials[k])[0][0])
        weights = weights + heard[best]
        if not picks:
            correction = found.alone[best] - several_answers(weights, found.draws, told)
        added = corrected(trials[best] - before)
        gain = (float(added[0][0]), float(added[1][0]))
        picks.append(Pick(best, corrected(trials[best]), gain, effective_draws(weights)))
        before = trials[best]
        left.remove(best)
    return picks


def _log_densities(found: Candidates, answers: np.ndarray, candidate: int) -> np.ndarray:
    which = found.statement[candidate]
    return np.log(densities(answers[:, which], found.draws, which))
