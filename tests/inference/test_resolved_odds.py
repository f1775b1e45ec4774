"""Our prediction of yes/no questions: the pool by loops, the fit by finite differences."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, special

from sweet_spot.inference.folds import folds
from sweet_spot.inference.resolved import read_resolved
from sweet_spot.inference.resolved_odds import (
    COMMON,
    LEAST,
    OWN_SD,
    SHRINK,
    _log_loss,
    fitted,
    log_odds,
    pool,
    predict_probabilities,
    read_votes,
    records,
)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def votes(write_panel, rng):
    """Twelve questions of their own; five people, of whom E leaves out every third."""
    outcome = rng.integers(0, 2, size=12)
    said = [
        f"q{k},{who},binary_prob,,{np.round(rng.uniform(), 3)},,"
        for k in range(12)
        for who in "ABCDE"
        if who != "E" or k % 3
    ]
    answers = [f"q{k},{y},,," for k, y in enumerate(outcome)]
    return read_resolved(write_panel("votes", "\n".join(said), "\n".join(answers)))[0]


def _one_knows(write_panel, rng, people="ABCDEF", questions=60):
    """A says nearly what happens; everybody else says nothing about it."""
    outcome = rng.integers(0, 2, size=questions)
    said = []
    for k, y in enumerate(outcome):
        said.append(f"q{k},A,binary_prob,,{0.9 if y else 0.1},,")
        said += [f"q{k},{who},binary_prob,,{rng.uniform(0.2, 0.8):.3f},," for who in people[1:]]
    answers = [f"q{k},{y},,," for k, y in enumerate(outcome)]
    return read_resolved(write_panel("one", "\n".join(said), "\n".join(answers)))[0]


def _log(of, p):
    y = of.outcome[of.scored("binary")]
    return float(-np.log(np.where(y > 0, p, 1 - p)).mean())


def test_pool_by_loops(votes):
    found = read_votes(votes)
    mean, variance = pool(found, records(found, found.outcome), np.array([2, 7]), 1.5)
    p = np.array([[np.nan] * 5] * 12)
    for question in range(12):
        said = votes.stated[question]
        p[question, said.experts] = np.clip(said.values, LEAST, 1 - LEAST)
    for row, asked in enumerate([2, 7]):
        weight, own = [], []
        for person in range(5):
            if np.isnan(p[asked, person]):
                continue
            total, count = 0.0, 0
            for q in range(12):
                if q == asked or np.isnan(p[q, person]):
                    continue
                loss = -np.log(np.where(votes.outcome[q] > 0, p[q], 1 - p[q]))
                total += loss[person] - np.nanmean(loss)
                count += 1
            weight.append(np.exp(-1.5 * total / (count + SHRINK)))
            own.append(np.log(p[asked, person] / (1 - p[asked, person])))
        wanted = np.average(own, weights=weight)
        assert mean[row] == pytest.approx(wanted, rel=1e-10)
        spread = np.average((np.array(own) - wanted) ** 2, weights=weight)
        assert variance[row] == pytest.approx(spread, rel=1e-10)


def test_gradient_against_finite_differences(rng):
    of, y = (rng.normal(size=9), rng.gamma(2, size=9)), rng.integers(0, 2, size=9).astype(float)
    for constants in rng.normal([0, 1, -1], 0.5, size=(5, 3)):
        value, slope = _log_loss(constants, of, y)
        p = special.expit(log_odds(constants, of))
        assert value == pytest.approx(-np.log(np.where(y > 0, p, 1 - p)).sum(), rel=1e-12)
        near = optimize.approx_fprime(constants, lambda c: _log_loss(c, of, y)[0], 1e-7)
        np.testing.assert_allclose(slope, near, atol=1e-5)


def test_fit_is_the_optimum_by_another_way(rng):
    """The whole objective written out in a loop and minimised without a gradient."""
    training = []
    for size in (30, 50):
        mean, variance = rng.normal(0, 1.5, size=size), rng.gamma(2, size=size)
        p = special.expit(1.6 * mean / np.sqrt(1 + 0.3 * variance))
        training.append(((mean, variance), (rng.uniform(size=size) < p).astype(float)))

    def loss(flat):
        c = flat.reshape(3, 3)
        total = sum((c[0, k] - m) ** 2 / s**2 / 2 for k, (m, s) in enumerate(COMMON.values()))
        for own, (of, y) in zip(c[1:], training, strict=True):
            total += (((own - c[0]) / OWN_SD) ** 2).sum() / 2
            odds = log_odds(own, of)
            total += np.log1p(np.exp(np.where(y > 0, -odds, odds))).sum()
        return total

    best = optimize.minimize(loss, np.tile([0.0, 1.0, -1.1], 3), method="Powell", tol=1e-12)
    value, constants = fitted(training)
    assert value == pytest.approx(best.fun, abs=1e-4)
    np.testing.assert_allclose(constants.ravel(), best.x, atol=0.02)  # flat near the optimum
    assert constants[0, 1] > 1.1  # planted: 1.6; prior: 1


def test_who_knows_is_heard(write_panel, rng):
    """One of six knows: by the record that person's word weighs most, the mean says little."""
    of = _one_knows(write_panel, rng)
    p = predict_probabilities(of, folds(of, "binary"), ())
    votes = read_votes(of)
    plain = special.expit(votes.log_odds.mean(axis=1))
    assert _log(of, p) < 0.6 * _log(of, plain)
    # the truth by A alone costs -log(.9) = .105; a method that could see answers would be below
    assert _log(of, p) > 0.05


def test_nothing_else_to_learn_from(write_panel):
    """One question: common constants as they are before any answer, the log-odds' plain mean."""
    folder = write_panel("p", "q,A,binary_prob,,0.8,,\nq,B,binary_prob,,0.6,,", "q,0,,,")
    (of,) = read_resolved(folder)
    (p,) = predict_probabilities(of, folds(of, "binary"), ())
    odds = special.logit([0.8, 0.6])
    doubt = np.exp(COMMON["log_doubt"][0])
    assert special.logit(p) == pytest.approx(odds.mean() / np.sqrt(1 + doubt * odds.var()))


def test_answers_elsewhere_teach(votes, write_panel, rng):
    other = _one_knows(write_panel, rng)
    held = folds(votes, "binary")
    alone, taught = (predict_probabilities(votes, held, each) for each in ((), (other,)))
    assert np.abs(alone - taught).max() > 1e-3
    reverse = replace(other, outcome=1 - other.outcome)
    assert not np.array_equal(taught, predict_probabilities(votes, held, (reverse,)))


def test_disagreement_is_doubt():
    of = (np.array([2.0, 2.0, -2.0]), np.array([0.1, 5.0, 5.0]))
    odds = log_odds(np.array([0.0, 1.0, -1.0]), of)
    assert odds[0] > odds[1] > 0
    assert odds[2] == pytest.approx(-odds[1])
