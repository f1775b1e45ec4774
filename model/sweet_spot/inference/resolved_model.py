"""Our own prediction of a resolved question: the error model of MODEL.md, learned from answers.

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

from collections.abc import Sequence
from dataclasses import dataclass

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
LEAST_TAIL = 2.0
"""Least degrees of freedom: below these a scale says little about a 90 % interval."""
_OFFSETS = np.linspace(-1.5, 1.5, 61)


@dataclass(frozen=True, eq=False)
class Said:
    """What was said on the quantile questions of a dataset, (question, person), NaN where nothing.

    Attributes
    ----------
    centre, spread, up, down
        Median; sd of the normal with the outer levels stated; distance of these from the median.
    outcome, may_see
        Per question; and what a question's prediction may see (track.py).
    """

    centre: Floats
    spread: Floats
    up: Floats
    down: Floats
    outcome: Floats
    may_see: Floats


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
    rest = [(said, np.flatnonzero(np.isfinite(said.outcome))) for said in map(read_said, others)]
    rest = [(said, rows) for said, rows in rest if rows.size]
    return np.concatenate([_predict_fold(mine, fold, rest, levels) for fold in folds])


def read_said(of: Resolved) -> Said:
    """The statements of a dataset as matrices."""
    shape = (of.question.size, of.expert.size)
    centre, spread, up, down = (np.full(shape, np.nan) for _ in range(4))
    for question in np.flatnonzero(of.kind == QUANTILE):
        said = of.stated[question]
        for row, expert in enumerate(said.experts):
            there = np.isfinite(said.values[row])
            level, value = said.levels[there], said.values[row, there]
            middle = np.interp(0.5, level, value)
            z = float(np.ptp(special.ndtri(level[[0, -1]]))) or np.nan
            centre[question, expert], spread[question, expert] = middle, np.ptp(value) / z
            up[question, expert], down[question, expert] = value[-1] - middle, middle - value[0]
    outcome = np.where(of.kind == QUANTILE, of.outcome, np.nan)
    return Said(centre, spread, up, down, outcome, visible(of, QUANTILE))


def features(said: Said, rows: Ints, known: Floats, strength: float) -> Features:
    """Features of some questions, with people weighed by their record.

    A question that is not `known` counts by how far people were from the panel's median.
    """
    used = np.flatnonzero(said.may_see[rows].any(axis=0))
    record = np.full(said.centre.shape, np.nan)
    plain = np.array([_typical(said, int(q)) for q in used]).reshape(-1, 2)
    answer = np.where(known[used] > 0, said.outcome[used], plain[:, 0])
    record[used] = errors(said.centre[used], answer, plain[:, 1])
    weight = np.exp(-strength * expected(record, said.may_see[rows], SHRINK))
    out = np.array([_feature(said, int(q), w) for q, w in zip(rows, weight, strict=True)])
    return Features(*out.T)


def _typical(said: Said, question: int) -> tuple[float, float]:
    """Median and scale of a question, everybody alike."""
    there = np.isfinite(said.centre[question])
    if not there.any():
        return 0.0, 1.0
    centre, spread, apart, _ = _feature(said, question, np.ones(there.size))
    return centre, float(np.exp((spread + apart) / 2))


def _feature(said: Said, question: int, weights: Floats) -> tuple[float, float, float, float]:
    there = np.isfinite(said.centre[question])
    weight, centre = weights[there], said.centre[question, there]
    spread = said.spread[question, there]
    wide = spread[spread > 0]
    least = 1e-3 * float(np.median(wide)) if wide.size else 1e-9
    middle = weighted_quantile(centre, weight)
    typical = float(np.exp((weight * np.log(np.maximum(spread, least))).sum() / weight.sum()))
    apart = 1.4826 * weighted_quantile(np.abs(centre - middle), weight)
    sides = [
        max(weighted_quantile(side[question, there], weight), 1e-6 * typical)
        for side in (said.up, said.down)
    ]
    skew = float(np.clip(np.log(sides[0] / sides[1]), -2, 2))
    return middle, float(np.log(typical)), float(np.log(max(apart, 0.05 * typical))), skew


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

    def loss(constants: Floats) -> float:
        density = sum(
            float(log_density(constants, shift, of, answer).sum())
            for shift, (of, answer) in zip(constants[len(PRIOR) :], training, strict=True)
        )
        return float((((constants - mean) / sd) ** 2).sum() / 2 - density)

    found = optimize.minimize(loss, mean, method="L-BFGS-B")
    return float(found.fun), np.asarray(found.x)


def scales(constants: Floats, shift: float, of: Features) -> tuple[Floats, Floats]:
    """Scale of the shared error above and below the centre (question,) each."""
    log_scale, spread, disagreement, _, skew = constants[: len(PRIOR)]
    scale = log_scale + shift + spread * of.spread + disagreement * of.disagreement
    return np.exp(scale + skew * of.skew / 2), np.exp(scale - skew * of.skew / 2)


def tail(constants: Floats) -> float:
    """Degrees of freedom of the shared error."""
    return LEAST_TAIL + float(np.exp(constants[3]))


def log_density(constants: Floats, shift: float, of: Features, answer: Floats) -> Floats:
    """Log density of the answers (question,): Student-t, half its mass on each side of the centre."""
    up, down = scales(constants, shift, of)
    side = np.where(answer > of.centre, up, down)
    z = (answer - of.centre) / side
    return np.asarray(stats.t.logpdf(z, tail(constants)) - np.log(side))


def quantiles(constants: Floats, shift: float, of: Features, levels: Floats) -> Floats:
    """Quantiles of the same distribution (question, level)."""
    up, down = scales(constants, shift, of)
    z = stats.t.ppf(levels, tail(constants))
    return np.asarray(of.centre[:, None] + z * np.where(z > 0, up[:, None], down[:, None]))


def _predict_fold(
    mine: Said, fold: Fold, rest: Sequence[tuple[Said, Ints]], levels: Floats
) -> Floats:
    known = _mask(mine, fold.elsewhere)
    tried = []
    for strength in STRENGTHS:
        training = [
            (features(s, r, np.ones(s.outcome.size), strength), s.outcome[r]) for s, r in rest
        ]
        if fold.elsewhere.size:
            own = features(mine, fold.elsewhere, known, strength)
            training.append((own, mine.outcome[fold.elsewhere]))
        tried.append((*fitted(training), strength))
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
    log = [log_density(constants, shift + d, of, mine.outcome[others]).sum() for d in _OFFSETS]
    weight = np.array(log) - (_OFFSETS / DATASET_SD) ** 2 / 2
    weight = np.exp(weight - weight.max())
    return float(_OFFSETS @ weight / weight.sum())
