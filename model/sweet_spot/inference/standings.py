"""Means of scores over questions, with paired bootstrap errors clustered by group.

In one run the same questions are drawn for all methods, so that a difference of two methods has the
error of the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from sweet_spot.inference.backtest import BASE, KINDS, Scored
from sweet_spot.inference.resolved import Floats
from sweet_spot.inference.scores import SCORES, mean_of, resamples

RUNS = 2000
"""Bootstrap runs."""
ALL = "all"
"""Name of the row over all questions of all datasets."""
UNPOOLED = ("wis", "crps")
"""Scores that have no row over all datasets: the worst dataset alone would decide their mean."""


@dataclass(frozen=True)
class Standing:
    """How a method did on a dataset by one score.

    Attributes
    ----------
    value, se
        Mean over questions (geometric for `wis_ratio`) and its bootstrap standard error.
    n
        How many questions.
    difference, difference_se
        Less the value of the linear pool, paired.
    """

    dataset: str
    method: str
    score: str
    value: float
    se: float
    n: int
    difference: float
    difference_se: float


@dataclass(frozen=True)
class Paired:
    """How much two methods differ, on the same questions and in the same bootstrap runs.

    Attributes
    ----------
    dataset
        One, or several with plus signs between them, or `ALL`.
    difference, se
        Mean over questions of the first method's score less the second's, and its bootstrap
        standard error; of logs for `wis_ratio`. Less than zero: the first is better.
    n
        How many questions.
    """

    dataset: str
    score: str
    method: str
    than: str
    difference: float
    se: float
    n: int


@dataclass(frozen=True)
class _Sample:
    """One set of questions: each method's values, and how often each question was drawn."""

    name: str
    values: dict[str, dict[str, Floats]]
    drawn: Floats


def standings(found: Sequence[Scored], seed: int) -> list[Standing]:
    """Every dataset, then all together by kind, each method and score that has a finite value."""
    out: list[Standing] = []
    for kind in KINDS:
        samples = [_sample(each, seed) for each in found if each.kind == kind]
        for sample in samples:
            out += _rows(sample, SCORES[kind])
        if len(samples) > 1:
            out += _rows(_joined(samples), [s for s in SCORES[kind] if s not in UNPOOLED])
    order = {name: place for place, name in enumerate(dict.fromkeys(each.name for each in found))}
    return sorted(out, key=lambda row: order.get(row.dataset, len(order)))


def paired(
    found: Sequence[Scored], seed: int, scores: Mapping[str, str], first: str,
    together: Sequence[str] = (),
) -> list[Paired]:  # fmt: skip
    """One method against each other, on every dataset and pooled as in `standings`.

    Parameters
    ----------
    scores
        The score that is compared, by kind of question.
    together
        Datasets that are pooled, too, where all of them are there.
    """
    out: list[Paired] = []
    for kind, score in scores.items():
        samples = [_sample(each, seed) for each in found if each.kind == kind]
        some = [each for each in samples if each.name in together]
        if len(samples) > 1:
            samples.append(_joined(samples))
        if together and len(some) == len(together):
            samples.append(replace(_joined(some), name="+".join(each.name for each in some)))
        for sample in samples:
            out += _against(sample, score, first)
    return out


def _against(sample: _Sample, score: str, first: str) -> Iterator[Paired]:
    """The first method's score less that of each other."""
    once = np.ones((1, sample.drawn.shape[1]))
    for method, values in sample.values.items():
        if method == first or first not in sample.values:
            continue
        off = sample.values[first][score] - values[score]
        value, runs = mean_of(off, once)[0], mean_of(off, sample.drawn)
        if np.isfinite(value) and np.isfinite(runs).sum() > 1:
            error, count = float(np.nanstd(runs, ddof=1)), int(np.isfinite(off).sum())
            yield Paired(sample.name, score, first, method, float(value), error, count)


def _sample(found: Scored, seed: int) -> _Sample:
    rng = np.random.default_rng([seed, crc32(f"{found.name} {found.kind}".encode())])
    values = {method: dict(scores) for method, scores in found.values.items()}
    return _Sample(found.name, values, resamples(found.groups, RUNS, rng))


def _joined(samples: Sequence[_Sample]) -> _Sample:
    """All datasets, each drawn from for itself; methods that every one of them has."""
    methods = [m for m in samples[0].values if all(m in each.values for each in samples)]
    values = {
        method: {
            score: np.concatenate([each.values[method][score] for each in samples])
            for score in samples[0].values[method]
        }
        for method in methods
    }
    return _Sample(ALL, values, np.concatenate([each.drawn for each in samples], axis=1))


def _rows(sample: _Sample, scores: Sequence[str]) -> Iterator[Standing]:
    once = np.ones((1, sample.drawn.shape[1]))
    for score in scores:
        base = _mean(score, sample.values[BASE][score], once, sample.drawn)
        for method, values in sample.values.items():
            value, runs = _mean(score, values[score], once, sample.drawn)
            if np.isfinite(value) and np.isfinite(runs).sum() > 1:
                yield Standing(
                    sample.name, method, score, value, float(np.nanstd(runs, ddof=1)),
                    int(np.isfinite(values[score]).sum()), value - base[0],
                    float(np.nanstd(runs - base[1], ddof=1)),
                )  # fmt: skip


def _mean(score: str, values: Floats, once: Floats, drawn: Floats) -> tuple[float, Floats]:
    """The mean, and those of the bootstrap runs; of logs for `wis_ratio`."""
    value, runs = mean_of(values, once)[0], mean_of(values, drawn)
    if score == "wis_ratio":
        value, runs = np.exp(value), np.exp(runs)
    return float(value), runs
