"""Our own prediction of a resolved quantity, MODEL.md section 9: learned from known answers.

The answer y is the panel's centre less an error that all share, y = c - s shared, with shared
Student-t. The scale s of a question comes from stated spread and disagreement, the centre from
people weighed by how far they were off elsewhere (track.py), and the constants from resolved
questions alone: by their density at known answers, so that what is learned is how answers are
missed, not how people scatter. Yes/no questions are in `resolved_odds.py`.

Levels of learning, each shrunk to the one above: all datasets, a dataset's own scale, a panel's own
scale where its other answers may be seen, and a person's record. Nothing of a held-out group is
used, but what its people said, and in a panel how they did on its other questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import optimize, special, stats

from sweet_spot.inference.folds import Fold
from sweet_spot.inference.resolved import QUANTILE, Floats, Ints, Resolved
from sweet_spot.inference.scores import levels_of
from sweet_spot.inference.track import errors, expected, visible, weighted_quantile

STRENGTHS = (3.0, 0.0, 1.0, 2.0, 5.0)
"""Strengths of weights by record that are tried; the density of training answers picks one, and the
first stands where there are none."""
SHRINK = 3.0
"""How many questions on which a person was like all others a record is shrunk by."""
PRIOR = {
    "log_scale": (0.3, 1.0), "spread": (0.5, 1.0), "disagreement": (0.5, 1.0),
    "log_tail": (0.0, 1.5), "skew": (0.3, 0.3),
}  # fmt: skip
"""Mean and sd of the constants: weak, they keep a handful of questions from deciding."""
DATASET_SD = 0.3
"""Of a dataset's own log scale around the common one, and of a panel's around its dataset's."""
FARTHEST = 1e3
"""A stated width that is farther from the typical one (zero, a wrong unit) counts as this far."""
LEAST_TAIL = 2.0
"""Least degrees of freedom: below these a scale says little about a 90 % interval."""
_OFFSETS = np.linspace(-1.5, 1.5, 61)
_TO_SD = 1.4826  # of a normal distribution: sd over median absolute deviation


@dataclass(frozen=True, eq=False)
class Said:
    """What was said on the quantile questions of a dataset, (question, person), NaN where nothing.

    Attributes
    ----------
    centre, up, down
        Median; distance of the outer levels stated from it.
    log_spread
        Log of the sd of the normal with the outer levels stated, within a factor of `FARTHEST` of
        the typical one; where nobody stated a width, disagreement stands for it.
    outcome, may_see
        Per question; and what a question's prediction may see (track.py).
    """

    centre: Floats
    up: Floats
    down: Floats
    log_spread: Floats
    outcome: Floats
    may_see: Floats

    @cached_property
    def alike(self) -> Features:
        """Features of all questions, with everybody weighed alike."""
        return _weighed(self, np.arange(self.outcome.size), np.ones(self.centre.shape))


@dataclass(frozen=True, eq=False)
class Features:
    """What a question's prediction is made of, one row a question.

    Attributes
    ----------
    centre
        Weighted median of the people's medians.
    spread, disagreement
        Logs of the weighted typical stated spread, and of the weighted typical distance between a
        person's median and the centre.
    skew
        Log of the typical upper over the typical lower stated distance.
    """

    centre: Floats
    spread: Floats
    disagreement: Floats
    skew: Floats


def predict_quantiles(of: Resolved, folds: Sequence[Fold], others: Sequence[Resolved]) -> Floats:
    """Quantiles at `levels_of(of)` of every question asked, fold after fold (question, level).

    Parameters
    ----------
    of
        The dataset that is predicted, of which only what a fold lets be seen is used.
    others
        Datasets all of whose answers may be seen.
    """
    mine, levels = read_said(of), levels_of(of)
    answered = [other for other in others if other.scored(QUANTILE).size]
    rest = {strength: [_training(other, strength) for other in answered] for strength in STRENGTHS}
    return np.concatenate([_predict_fold(mine, fold, rest, levels) for fold in folds])


@lru_cache(maxsize=256)  # by identity: a dataset does not change
def _training(of: Resolved, strength: float) -> tuple[Features, Floats]:
    """Features and answers of a dataset whose answers may all be seen."""
    rows = of.scored(QUANTILE)
    return features(read_said(of), rows, np.ones(of.question.size), strength), of.outcome[rows]


@lru_cache(maxsize=64)
def read_said(of: Resolved) -> Said:
    """The statements of a dataset as matrices."""
    shape = (of.question.size, of.expert.size)
    centre, up, down, log_spread = (np.full(shape, np.nan) for _ in range(4))
    for question in np.flatnonzero(of.kind == QUANTILE):
        said, who = of.stated[question], of.stated[question].experts
        spread = np.full(who.size, np.nan)
        for row, expert in enumerate(who):
            there = np.isfinite(said.values[row])
            level, value = said.levels[there], said.values[row, there]
            middle = np.interp(0.5, level, value)
            z = float(np.ptp(special.ndtri(level[[0, -1]]))) or np.nan
            centre[question, expert], spread[row] = middle, np.ptp(value) / z
            up[question, expert], down[question, expert] = value[-1] - middle, middle - value[0]
        log_spread[question, who] = _log_spread(spread, centre[question, who])
    outcome = np.where(of.kind == QUANTILE, of.outcome, np.nan)
    return Said(centre, up, down, log_spread, outcome, visible(of, QUANTILE))


def _log_spread(spread: Floats, centre: Floats) -> Floats:
    """As `Said` has it, on one question. With neither width nor disagreement it is one unit."""
    wide = spread[spread > 0]
    if wide.size:
        typical = np.median(wide)
        return np.asarray(np.log(np.clip(spread, typical / FARTHEST, typical * FARTHEST)))
    apart = _TO_SD * np.median(np.abs(centre - np.median(centre))) or np.ptp(centre) or 1.0
    return np.full(centre.size, np.log(apart))


def features(said: Said, rows: Ints, known: Floats, strength: float) -> Features:
    """Features of some questions, with people weighed by their record.

    A question that is not `known` counts by how far people were from the panel's median.
    """
    used = np.flatnonzero(said.may_see[rows].any(axis=0))
    record, plain = np.full(said.centre.shape, np.nan), said.alike
    answer = np.where(known[used] > 0, said.outcome[used], plain.centre[used])
    scale = np.exp((plain.spread[used] + plain.disagreement[used]) / 2)
    record[used] = errors(said.centre[used], answer, scale)
    return _weighed(said, rows, np.exp(-strength * expected(record, said.may_see[rows], SHRINK)))


def _weighed(said: Said, rows: Ints, weight: Floats) -> Features:
    """Features of some questions, with given weights of people (row, person)."""
    centre, log_spread = said.centre[rows], said.log_spread[rows]
    middle = weighted_quantile(centre, weight)
    apart = _TO_SD * weighted_quantile(np.abs(centre - middle[:, None]), weight)
    stated = np.where(np.isfinite(log_spread), weight, 0.0)
    total = np.maximum(stated.sum(axis=1), 1e-300)
    spread = (stated * np.nan_to_num(log_spread)).sum(axis=1) / total
    typical = np.exp(spread)
    up, down = (
        np.maximum(weighted_quantile(side[rows], weight), 1e-6 * typical)
        for side in (said.up, said.down)
    )
    return Features(
        middle, spread, np.log(np.maximum(apart, 0.05 * typical)),
        np.clip(np.log(up / down), -2, 2),
    )  # fmt: skip


def fitted(training: Sequence[tuple[Features, Floats]]) -> tuple[float, Floats]:
    """The constants that make the training answers most probable, and what that leaves as loss.

    Returns
    -------
    float
        Negative log posterior at the best constants.
    Floats
        The constants of `PRIOR`, then each training dataset's own log scale.
    """
    mean, sd = np.array(list(PRIOR.values())).T
    mean = np.concatenate([mean, np.zeros(len(training))])
    sd = np.concatenate([sd, np.full(len(training), DATASET_SD)])

    def loss(constants: Floats) -> tuple[float, Floats]:
        off = (constants - mean) / sd
        total, slope = (off**2).sum() / 2, off / sd
        for row, (of, answer) in enumerate(training, start=len(PRIOR)):
            density, by = _slopes(constants, constants[row], of, answer)
            total -= density
            slope[: len(PRIOR)] -= by
            slope[row] -= by[0]  # a dataset's own log scale is added to the common one
        return float(total), slope

    found = optimize.minimize(loss, mean, jac=True, method="L-BFGS-B", tol=1e-12)
    return float(found.fun), np.asarray(found.x)


def scales(constants: Floats, shift: float | Floats, of: Features) -> tuple[Floats, Floats]:
    """Scale of the shared error above and below the centre (question,) each."""
    log_scale, spread, disagreement, _, skew = constants[: len(PRIOR)]
    scale = log_scale + shift + spread * of.spread + disagreement * of.disagreement
    return np.exp(scale + skew * of.skew / 2), np.exp(scale - skew * of.skew / 2)


def tail(constants: Floats) -> float:
    """Degrees of freedom of the shared error."""
    return LEAST_TAIL + float(np.exp(constants[3]))


def log_density(constants: Floats, shift: float | Floats, of: Features, answer: Floats) -> Floats:
    """Log density of the answers, Student-t with half its mass on each side of the centre.

    (question,), or (shift, question) with a column of shifts.
    """
    up, down = scales(constants, shift, of)
    side = np.where(answer > of.centre, up, down)
    z = (answer - of.centre) / side
    return np.asarray(stats.t.logpdf(z, tail(constants)) - np.log(side))


def _slopes(constants: Floats, shift: float, of: Features, answer: Floats) -> tuple[float, Floats]:
    """Sum of the log density over the answers, and its gradient in the constants of `PRIOR`."""
    nu, above = tail(constants), np.where(answer > of.centre, 0.5, -0.5)
    up, down = scales(constants, shift, of)
    side = np.where(above > 0, up, down)
    square = ((answer - of.centre) / side) ** 2
    tails = np.log1p(square / nu)
    at_centre = special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2) - np.log(nu * np.pi) / 2
    density = at_centre - (nu + 1) / 2 * tails - np.log(side)
    by_side = (nu + 1) * square / (nu + square) - 1
    by_nu = special.digamma((nu + 1) / 2) - special.digamma(nu / 2) - tails + by_side / nu
    by = [
        by_side.sum(), by_side @ of.spread, by_side @ of.disagreement,
        by_nu.sum() / 2 * (nu - LEAST_TAIL), by_side @ (above * of.skew),
    ]  # fmt: skip
    return float(density.sum()), np.array(by)


def quantiles(constants: Floats, shift: float, of: Features, levels: Floats) -> Floats:
    """Quantiles of the same distribution (question, level)."""
    up, down = scales(constants, shift, of)
    z = stats.t.ppf(levels, tail(constants))
    return np.asarray(of.centre[:, None] + z * np.where(z > 0, up[:, None], down[:, None]))


def _predict_fold(
    mine: Said, fold: Fold, rest: Mapping[float, Sequence[tuple[Features, Floats]]], levels: Floats
) -> Floats:
    known = _mask(mine, fold.elsewhere)
    tried = []
    for strength, others in rest.items():
        own = []
        if fold.elsewhere.size:
            of = features(mine, fold.elsewhere, known, strength)
            own = [(of, mine.outcome[fold.elsewhere])]
        tried.append((*fitted([*others, *own]), strength))
    _, constants, strength = min(tried, key=lambda each: each[0])
    shift = float(constants[-1]) if fold.elsewhere.size else 0.0
    out = []
    for question in fold.asked:
        seen = _mask(mine, fold.seen(int(question)))
        own_shift = shift + _panel_shift(
            mine, fold, int(question), seen, strength, constants, shift
        )
        asked = features(mine, np.array([question]), seen, strength)
        out.append(quantiles(constants, own_shift, asked, levels)[0])
    return np.array(out)


def _mask(said: Said, questions: Ints) -> Floats:
    out = np.zeros(said.outcome.size)
    out[questions] = 1.0
    return out


def _panel_shift(
    mine: Said, fold: Fold, question: int, seen: Floats, strength: float, constants: Floats,
    shift: float,
) -> float:  # fmt: skip
    """Posterior mean of the log scale of a panel of its own, from its other answers."""
    others = fold.asked[fold.asked != question]
    if not fold.panel or not others.size:
        return 0.0
    of = features(mine, others, seen, strength)
    log = log_density(constants, shift + _OFFSETS[:, None], of, mine.outcome[others]).sum(axis=1)
    weight = log - (_OFFSETS / DATASET_SD) ** 2 / 2
    weight = np.exp(weight - weight.max())
    return float(_OFFSETS @ weight / weight.sum())
