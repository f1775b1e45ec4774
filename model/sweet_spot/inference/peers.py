"""Every way of pooling that ours is compared with, by name and kind of question.

A method predicts the questions of one fold. It sees what was said on them, and outcomes only of
the questions that the fold allows; `cooke_in_sample` alone sees all outcomes, as its name says.
What has no meaning for a kind is not there: a log-odds mean, an extremised pool and Baron's
transform need probabilities; the classical model needs quantiles; for a probability the quantile
mean would be the linear pool again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import scoringrules as sr

from sweet_spot.inference import cooke, odds, pools
from sweet_spot.inference.folds import Fold
from sweet_spot.inference.resolved import BINARY, QUANTILE, Floats, Ints, Resolved, Stated
from sweet_spot.inference.scores import FLOOR, levels_of, probability_scores, width

Method = Callable[[Resolved, Fold, Sequence[Resolved]], Floats]
"""(dataset, fold, other datasets with outcomes) -> for each question asked its quantiles at
`levels_of(dataset)` on the working scale, (question, level), or its probability, (question,)."""

FULL_RECORD = 0.5
"""Share of the longest record that somebody's must have to be the best single expert."""


def _each_quantiles(pool: Callable[[Stated, Floats], Floats]) -> Method:
    """A pool that looks at nothing but the statements on the question."""

    def method(of: Resolved, fold: Fold, _: Sequence[Resolved]) -> Floats:
        levels = levels_of(of)
        return np.array([pool(of.stated[question], levels) for question in fold.asked])

    return method


def _each_probability(pool: Callable[[Floats], float]) -> Method:
    def method(of: Resolved, fold: Fold, _: Sequence[Resolved]) -> Floats:
        return np.array([pool(of.stated[question].values) for question in fold.asked])

    return method


def cooke_in_sample(of: Resolved, fold: Fold, _: Sequence[Resolved]) -> Floats:
    """The classical model, weights from all questions, among them the one that is predicted."""
    return _cooke(of, fold, [of.scored(QUANTILE)] * fold.asked.size)


def cooke_leave_one_out(of: Resolved, fold: Fold, _: Sequence[Resolved]) -> Floats:
    """The classical model, weights from all questions but the one that is predicted.

    Nor from any that shares its outcome.
    """
    return _cooke(of, fold, [fold.seen(question) for question in fold.asked])


def _cooke(of: Resolved, fold: Fold, seeds: Sequence[Ints]) -> Floats:
    people = np.unique(np.concatenate([of.stated[question].experts for question in fold.asked]))
    found: dict[bytes, Floats] = {}
    out = []
    for question, seen in zip(fold.asked, seeds, strict=True):
        if seen.tobytes() not in found:
            found[seen.tobytes()] = cooke.weights(of, people, seen)
        said = of.stated[question]
        own = found[seen.tobytes()][np.searchsorted(people, said.experts)]
        own = own if own.sum() > 0 else np.ones(own.size)
        out.append(pools.mixture(said, own, levels_of(of), pools.intrinsic_range(said.values)))
    return np.array(out)


def extremised(of: Resolved, fold: Fold, train: Sequence[Resolved]) -> Floats:
    """The mean log odds times a strength, fitted to the questions that the fold allows."""
    elsewhere = odds.all_resolved(train)
    found: dict[bytes, float] = {}
    out = []
    for question in fold.asked:
        seen = fold.learn(question)
        if seen.tobytes() not in found:
            found[seen.tobytes()] = odds.fitted_strength([(of, seen), *elsewhere])
        out.append(odds.extremised(of.stated[question].values, found[seen.tobytes()]))
    return np.array(out)


def best_single_quantiles(of: Resolved, fold: Fold, _: Sequence[Resolved]) -> Floats:
    """What the person with the best record said.

    The record is the mean, over questions that may be seen, of the log of the own weighted interval
    score less its mean over people. Without a record, the linear pool.
    """
    skill, levels, out = own_skill(of, QUANTILE), levels_of(of), []
    for question in fold.asked:
        said = of.stated[question]
        row = best_of(skill, said.experts, fold.seen(question))
        ends = pools.intrinsic_range(said.values)
        own = np.ones(said.experts.size) if row is None else np.eye(said.experts.size)[row]
        out.append(pools.mixture(said, own, levels, ends))
    return np.array(out)


def best_single_probability(of: Resolved, fold: Fold, _: Sequence[Resolved]) -> Floats:
    """What the person with the best record of log scores said; without a record, the mean."""
    skill, out = own_skill(of, BINARY), []
    for question in fold.asked:
        said = of.stated[question]
        row = best_of(skill, said.experts, fold.seen(question))
        out.append(odds.mean(said.values) if row is None else said.values[row])
    return np.array(out)


@lru_cache(maxsize=4)  # by identity: a dataset does not change
def own_skill(of: Resolved, kind: str) -> Floats:
    """Each person's score on each question less its mean over people; NaN where there is none.

    (question, expert); less is better. Log of the weighted interval score, or the log score.
    """
    out = np.full((of.question.size, of.expert.size), np.nan)
    for question in of.scored(kind):
        said, outcome = of.stated[question], of.outcome[question]
        if kind == BINARY:
            asked = np.full(said.experts.size, question)
            score = probability_scores(of, asked, said.values)["log"]
        else:
            loss = sr.quantile_score(outcome, said.values, said.levels)
            wis = 2 * np.nanmean(loss, axis=1) / width(of, int(question))
            score = np.log(np.maximum(wis, FLOOR))
        out[question, said.experts] = score - score.mean()
    return out


def best_of(skill: Floats, experts: Ints, seen: Ints) -> int | None:
    """Which of some people has the best record on the questions seen; None without any record."""
    own = skill[np.ix_(seen, experts)]
    answered = np.isfinite(own).sum(axis=0)
    if answered.max(initial=0) == 0:
        return None
    record = np.nansum(own, axis=0) / np.maximum(answered, 1)
    return int(np.argmin(np.where(answered >= FULL_RECORD * answered.max(), record, np.inf)))


METHODS: Mapping[str, Mapping[str, Method]] = {
    QUANTILE: {
        "equal_weights": _each_quantiles(pools.equal_weights),
        "quantile_mean": _each_quantiles(pools.quantile_mean),
        "quantile_median": _each_quantiles(pools.quantile_median),
        "trimmed_mean": _each_quantiles(pools.trimmed_mean),
        "cooke_in_sample": cooke_in_sample,
        "cooke_leave_one_out": cooke_leave_one_out,
        "best_single": best_single_quantiles,
    },
    BINARY: {
        "equal_weights": _each_probability(odds.mean),
        "quantile_median": _each_probability(odds.median),
        "trimmed_mean": _each_probability(odds.trimmed),
        "log_odds_mean": _each_probability(odds.log_odds_mean),
        "extremised": extremised,
        "baron": _each_probability(odds.baron),
        "best_single": best_single_probability,
    },
}
"""The peers, by kind and name."""
