"""Cooke's classical model: weights from calibration and information on questions with answers.

Cooke 1991, Experts in Uncertainty, chapter 12. A person's calibration is the p-value of the
chi-square test that the answers fell between their quantiles as often as the levels say. Their
information is the mean relative information of what they stated against the background on the
intrinsic range (which spans the answer here, as it is known). The weight is the product, zero
below a cut-off of the calibration, which is chosen so that the pool itself would have the largest
weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sweet_spot.inference.pools import intrinsic_range, person_curves
from sweet_spot.inference.resolved import Floats, Ints, Resolved, Stated

USUAL = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Levels that the classical model is used with; of finer ones only these are taken."""
LEAST_MASS = 1e-9
"""Least background mass of the space between two quantiles: a width of nothing would otherwise be
infinitely informative."""


@dataclass(frozen=True)
class Record:
    """How people did on some questions.

    Attributes
    ----------
    inside
        (expert, space): how often the answer fell below the first level, between two, above all.
    information
        (expert,): mean relative information of what each stated, in nats; 0 without a question.
    """

    inside: Ints
    information: Floats


def calibration(inside: Ints, levels: Floats) -> Floats:
    """P-value of twice the count times the relative information of shares against the levels.

    Parameters
    ----------
    inside
        (..., space), counts.
    levels
        (level,); there is one space more than levels.

    Returns
    -------
    Floats
        (...,); 0 for who has no question.
    """
    expected = np.diff(levels, prepend=0.0, append=1.0)
    count = inside.sum(axis=-1)
    share = inside / np.maximum(count, 1)[..., None]
    ratio = np.where(share > 0, share / expected, 1.0)
    statistic = 2 * count * (share * np.log(ratio)).sum(axis=-1)
    found = stats.chi2.sf(np.maximum(statistic, 0.0), df=levels.size)
    return np.where(count > 0, found, 0.0)


def spaces(values: Floats, outcome: float) -> Ints:
    """In which space the answer fell: how many of the quantiles lie below it; (...,)."""
    return np.asarray((values < outcome).sum(axis=-1))


def information(values: Floats, levels: Floats, ends: tuple[float, float]) -> Floats:
    """Relative information against the uniform background between the ends, in nats: (...,)."""
    expected = np.diff(levels, prepend=0.0, append=1.0)
    low, high = (np.full((*values.shape[:-1], 1), end) for end in ends)
    mass = np.diff(np.concatenate([low, values, high], axis=-1)) / (ends[1] - ends[0])
    found = (expected * np.log(expected / np.maximum(mass, LEAST_MASS))).sum(axis=-1)
    return np.asarray(found)


def weights(of: Resolved, experts: Ints, seeds: Ints) -> Floats:
    """The people's weights from the seed questions, with the best cut-off: (expert,), sum 1.

    Equal where no seed question tells them apart.
    """
    levels = seed_levels(of, seeds)
    said = [_narrowed(of.stated[question], experts, levels) for question in seeds]
    answered = [row for row, each in enumerate(said) if each.experts.size]
    said, outcome = [said[row] for row in answered], of.outcome[seeds[answered]]
    if levels.size == 0 or not said:
        return np.full(experts.size, 1 / experts.size)
    record = _record(said, outcome, experts, levels)
    good = calibration(record.inside, levels)
    order = np.argsort(-good, kind="stable")
    ranked = good[order] * record.information[order]
    worth = _pool_worth(said, outcome, experts[order], ranked, levels)
    # whoever is as well calibrated as the last one let in is let in as well
    last = np.flatnonzero(np.append(np.diff(good[order]) < 0, True))
    kept = last[int(np.argmax(worth[last]))] + 1
    out = np.zeros(experts.size)
    out[order[:kept]] = ranked[:kept]
    return out / out.sum() if out.sum() > 0 else np.full(experts.size, 1 / experts.size)


def seed_levels(of: Resolved, seeds: Ints) -> Floats:
    """The usual levels that all seed questions have; all they share if those are fewer than 3."""
    shared = of.stated[seeds[0]].levels if seeds.size else np.empty(0)
    for question in seeds[1:]:
        shared = shared[np.isclose(shared[:, None], of.stated[question].levels).any(axis=1)]
    usual = shared[np.isclose(shared[:, None], USUAL).any(axis=1)]
    return usual if usual.size >= 3 else shared


def _narrowed(said: Stated, experts: Ints, levels: Floats) -> Stated:
    """What some people said at some levels."""
    columns = [int(np.argmin(abs(said.levels - level))) for level in levels]
    values = said.values[:, columns]
    rows = np.isin(said.experts, experts) & np.isfinite(values).all(axis=1)
    return Stated(said.experts[rows], levels, values[rows])


def _record(said: list[Stated], outcome: Floats, experts: Ints, levels: Floats) -> Record:
    """How each of the people did on the seed questions that they answered."""
    place = {int(expert): row for row, expert in enumerate(experts)}
    inside = np.zeros((experts.size, levels.size + 1), dtype=np.int64)
    told = np.zeros(experts.size)
    for each, answer in zip(said, outcome, strict=True):
        rows = np.array([place[int(expert)] for expert in each.experts])
        np.add.at(inside, (rows, spaces(each.values, answer)), 1)
        told[rows] += information(each.values, levels, intrinsic_range(each.values, answer))
    return Record(inside, told / np.maximum(inside.sum(axis=1), 1))


def _pool_worth(
    said: list[Stated], outcome: Floats, ranked: Ints, weight: Floats, levels: Floats
) -> Floats:
    """Calibration times information of the pool of the first 1, 2, ... people: (expert,).

    On a question that nobody of them answered the pool says nothing.
    """
    place = {int(expert): row for row, expert in enumerate(ranked)}
    inside = np.zeros((ranked.size, levels.size + 1), dtype=np.int64)
    told = np.zeros(ranked.size)
    for each, answer in zip(said, outcome, strict=True):
        rows = np.array([place[int(expert)] for expert in each.experts], dtype=int)
        order = np.argsort(rows)
        own = weight[rows[order]]
        ends = intrinsic_range(each.values, answer)
        quantiles = _first_pools(each, order, own, ends)
        last = np.searchsorted(rows[order], np.arange(ranked.size), side="right") - 1
        speaks = np.flatnonzero((last >= 0) & (np.cumsum(own)[last] > 0))
        inside[speaks, spaces(quantiles, answer)[last[speaks]]] += 1
        told[speaks] += information(quantiles, levels, ends)[last[speaks]]
    return calibration(inside, levels) * told / np.maximum(inside.sum(axis=1), 1)


def _first_pools(said: Stated, order: Ints, own: Floats, ends: tuple[float, float]) -> Floats:
    """Quantiles of the pools of the first 1, 2, ... of those who answered: (expert, level)."""
    points = np.unique(np.concatenate([said.values.ravel(), ends]))
    curves = person_curves(said, ends, points).reshape(order.size, -1)[order]
    total = np.cumsum(own)
    pools = np.cumsum(own[:, None] * curves, axis=0) / np.where(total > 0, total, 1)[:, None]
    return np.array([
        np.interp(said.levels, np.maximum.accumulate(pool), np.repeat(points, 2)) for pool in pools
    ])  # fmt: skip
