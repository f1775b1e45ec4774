"""Our prediction of quantities: the distribution, its fit and its features, each another way."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from sweet_spot.inference.folds import Fold, folds
from sweet_spot.inference.resolved import read_resolved
from sweet_spot.inference.resolved_model import (
    DATASET_SD,
    PRIOR,
    SHRINK,
    Features,
    _mask,
    _panel_shift,
    _slopes,
    features,
    fitted,
    log_density,
    predict_quantiles,
    quantiles,
    read_said,
    tail,
)
from sweet_spot.inference.scores import levels_of

CONSTANTS = np.array([0.2, 0.4, 0.7, 0.9, 0.5])
LEVELS = ((0.05, -1.645), (0.5, 0.0), (0.95, 1.645))


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def _features(rng, size):
    return Features(
        rng.normal(size=size), rng.normal(size=size), rng.normal(size=size),
        rng.normal(0, 0.5, size=size),
    )  # fmt: skip


def _said(middles, width=1.0):
    """Rows of one dataset: (question, person) of medians, all with one width."""
    width = np.broadcast_to(width, np.shape(middles))
    return "\n".join(
        f"q{q:02},{'ABCDEFGHIJ'[who]},quantile,{level},{middle + z * width[q, who]},,"
        for q, row in enumerate(middles)
        for who, middle in enumerate(row)
        if np.isfinite(middle)
        for level, z in LEVELS
    )


def _read(write_panel, middles, answers, width=1.0, name="d", group=""):
    outcomes = "\n".join(f"q{q:02},{y},{group},,uni" for q, y in enumerate(answers))
    return read_resolved(write_panel(name, _said(middles, width), outcomes))[0]


def test_density_is_one_and_quantiles_invert_it(rng):
    for row in range(4):
        of = _features(np.random.default_rng(row), 1)
        (found,) = quantiles(CONSTANTS, 0.3, of, np.array([0.02, 0.3, 0.5, 0.9]))
        assert found[2] == of.centre[0]

        def density(y, of=of):
            return float(np.exp(log_density(CONSTANTS, 0.3, of, np.array([y]))[0]))

        below = integrate.quad(density, -np.inf, of.centre[0])[0]
        above = integrate.quad(density, of.centre[0], np.inf)[0]
        np.testing.assert_allclose([below, above], 0.5, atol=1e-7)
        for level, value in zip((0.02, 0.3, 0.9), found[[0, 1, 3]], strict=True):
            start, base = (-np.inf, 0.0) if level < 0.5 else (of.centre[0], 0.5)
            mass = base + integrate.quad(density, start, value)[0]
            assert mass == pytest.approx(level, abs=1e-7)


def test_gradient_against_finite_differences(rng):
    of, answer = _features(rng, 8), rng.normal(0, 3, size=8)
    for constants in CONSTANTS + rng.normal(0, 0.3, size=(5, 5)):
        value, slope = _slopes(constants, 0.1, of, answer)
        assert value == pytest.approx(log_density(constants, 0.1, of, answer).sum(), rel=1e-12)
        near = optimize.approx_fprime(
            constants, lambda c: log_density(c, 0.1, of, answer).sum(), 1e-7
        )
        np.testing.assert_allclose(slope, near, atol=2e-5)


def test_fit_is_the_optimum_by_another_way(rng):
    training = [(_features(rng, n), rng.normal(0, 2, size=n)) for n in (25, 40)]

    def loss(constants):
        total = sum(
            -stats.norm.logpdf(c, *prior) + stats.norm.logpdf(0, 0, prior[1])
            for c, prior in zip(constants, PRIOR.values(), strict=False)
        )
        for shift, (of, answer) in zip(constants[5:], training, strict=True):
            total += (shift / DATASET_SD) ** 2 / 2
            eta = constants[0] + shift + constants[1] * of.spread + constants[2] * of.disagreement
            scale = np.exp(eta + np.sign(answer - of.centre) * constants[4] * of.skew / 2)
            nu = 2 + np.exp(constants[3])
            total -= stats.t.logpdf(answer, nu, of.centre, scale).sum()
        return total

    value, found = fitted(training)
    assert value == pytest.approx(loss(found), rel=1e-9)
    for step in np.vstack([np.eye(7), -np.eye(7), rng.normal(size=(4, 7))]) * 0.02:
        assert loss(found + step) > value
    best = optimize.minimize(
        loss, np.append([mean for mean, _ in PRIOR.values()], [0, 0]), method="BFGS"
    )
    assert value == pytest.approx(best.fun, abs=1e-5)
    np.testing.assert_allclose(found, best.x, atol=1e-3)


def test_planted_constants_are_found(rng):
    """600 answers drawn from the distribution; errors within four standard errors or so."""
    planted = np.array([0.4, 0.3, 0.6, 1.0, 0.5])
    of = _features(rng, 600)
    level = rng.uniform(size=600)
    answer = np.array([
        quantiles(planted, 0.0, Features(*(np.atleast_1d(x[k]) for x in (
            of.centre, of.spread, of.disagreement, of.skew))), level[k : k + 1])[0, 0]
        for k in range(600)
    ])  # fmt: skip
    _, found = fitted([(of, answer)])
    np.testing.assert_allclose((found[0] + found[5], *found[[1, 2]]), planted[:3], atol=0.2)
    assert found[4] == pytest.approx(planted[4], abs=0.35)
    assert 3 < tail(found) < 9  # planted: 4.7


def test_features_by_loops(write_panel, rng):
    middles = rng.normal(0, 2, size=(6, 4))
    middles[2, 3] = middles[5, 3] = np.nan
    width = rng.uniform(0.5, 2, size=(6, 4))
    of = _read(write_panel, middles, rng.normal(0, 2, size=6), width)
    said, asked, strength = read_said(of), 4, 2.0
    found = features(said, np.array([asked]), np.ones(6), strength)

    def plain(q):
        own = middles[q][np.isfinite(middles[q])]
        typical = np.log(width[q][np.isfinite(middles[q])]).mean()
        apart = np.log(max(1.4826 * np.median(abs(own - np.median(own))), 0.05 * np.exp(typical)))
        return np.exp((typical + apart) / 2)

    weight = []
    for person in range(4):
        total, count = 0.0, 0
        for q in range(6):
            if q == asked or np.isnan(middles[q, person]):
                continue
            off = np.log(np.hypot((middles[q] - of.outcome[q]) / plain(q), 0.3))
            total += off[person] - np.nanmean(off)
            count += 1
        weight.append(np.exp(-strength * total / (count + SHRINK)))

    def median(values):
        order = np.argsort(values)
        share = np.array(weight)[order] / sum(weight)
        return np.interp(0.5, np.cumsum(share) - share / 2, np.array(values)[order])

    # 1.645 is rounded, so that a stated width is wrong by 1e-4 of itself
    assert found.centre[0] == pytest.approx(median(middles[asked]), rel=1e-4)
    typical = np.average(np.log(width[asked]), weights=weight)
    assert found.spread[0] == pytest.approx(typical, abs=2e-4)
    apart = 1.4826 * median(abs(middles[asked] - found.centre[0]))
    assert found.disagreement[0] == pytest.approx(np.log(apart), abs=2e-4)
    assert found.skew[0] == pytest.approx(0, abs=1e-9)


def test_panel_shift_by_quadrature(write_panel, rng):
    of = _read(write_panel, rng.normal(size=(6, 5)), rng.normal(0, 4, size=6), group="g")
    said, (fold,) = read_said(of), folds(of, "quantile")
    seen = _mask(said, fold.seen(2))
    found = _panel_shift(said, fold, 2, seen, 1.0, CONSTANTS, 0.1)
    others = np.array([0, 1, 3, 4, 5])
    own = features(said, others, seen, 1.0)

    def weight(d):
        log = log_density(CONSTANTS, 0.1 + d, own, of.outcome[others]).sum()
        return np.exp(log - d**2 / 2 / DATASET_SD**2 + 20)

    mass, moment = (
        integrate.quad(lambda d, k=k: d**k * weight(d), -3, 3, epsabs=0, epsrel=1e-10)[0]
        for k in (0, 1)
    )
    assert found == pytest.approx(moment / mass, abs=1e-5)
    alone = Fold(fold.group, fold.asked[:1], fold.elsewhere, panel=True)
    assert _panel_shift(said, alone, 0, seen, 1.0, CONSTANTS, 0.1) == 0
    apart = replace(fold, panel=False)
    assert _panel_shift(said, apart, 2, seen, 1.0, CONSTANTS, 0.1) == 0


def _predict(of, others=()):
    return predict_quantiles(of, folds(of, "quantile"), others)


def test_one_panel_alone_says_something_sensible(write_panel, rng):
    middles = rng.normal(10, 1, size=(5, 6))
    found = _predict(_read(write_panel, middles, rng.normal(10, 1, size=5), group="g"))
    assert (np.diff(found, axis=1) > 0).all()
    assert (abs(found[:, 49] - 10) < 1.5).all()
    # between a fifth of a stated 90 % width and five of them
    assert ((found[:, 94] - found[:, 4] > 0.66) & (found[:, 94] - found[:, 4] < 16)).all()


def test_who_knows_is_followed(write_panel, rng):
    """One of five is always nearly right, the others are off by three widths."""
    truth = rng.normal(0, 10, size=12)
    middles = truth[:, None] + rng.normal(0, 3, size=(12, 5))
    middles[:, 2] = truth + rng.normal(0, 0.05, size=12)
    found = _predict(_read(write_panel, middles, truth, group="g"))[:, 49]
    plain = np.median(middles, axis=1)
    assert np.abs(found - truth).mean() < 0.35 * np.abs(plain - truth).mean()


@pytest.mark.parametrize("wrong", ["unit", "crossing"])
def test_one_mistake_moves_little(write_panel, rng, wrong):
    """One of eight in another unit, or with values in the wrong order, on one question."""
    middles = rng.normal(0, 1, size=(8, 8))
    answers = rng.normal(0, 1, size=8)
    before = _predict(_read(write_panel, middles, answers))
    text = _said(middles).splitlines()
    mine = [k for k, line in enumerate(text) if line.startswith("q03,B,")]
    for k in mine:
        head, value = text[k].removesuffix(",,").rsplit(",", 1)
        text[k] = f"{head},{float(value) * (1e6 if wrong == 'unit' else -1)},,"
    outcomes = "\n".join(f"q{q:02},{y},,,uni" for q, y in enumerate(answers))
    (of,) = read_resolved(write_panel("wrong", "\n".join(text), outcomes))
    after = _predict(of)
    width = before[:, 94] - before[:, 4]
    assert (np.abs(after - before)[:, 4:95].max(axis=1) < 0.5 * width).all()


@pytest.mark.parametrize("answered", ["one person", "no widths", "no widths, all agree", "median"])
def test_odd_questions_have_finite_answers(write_panel, rng, answered):
    middles, width = rng.normal(0, 1, size=(6, 4)), np.ones((6, 4))
    if answered == "one person":
        middles[2, 1:] = np.nan
    elif answered.startswith("no widths"):
        width[2] = 0
    if answered.endswith("agree"):
        middles[2] = 0.5
    text = _said(middles, width).splitlines()
    if answered == "median":
        text = [line for line in text if not line.startswith("q02") or ",0.5," in line]
    outcomes = "\n".join(f"q{q:02},{y},,,uni" for q, y in enumerate(rng.normal(size=6)))
    (of,) = read_resolved(write_panel("odd", "\n".join(text), outcomes))
    found = _predict(of)
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=1) > 0).all()
    widths = found[:, 94] - found[:, 4]
    assert widths[2] < 20 * np.median(widths)
    assert widths[2] > np.median(widths) / 20
    assert np.isfinite(_predict(_read(write_panel, middles[:1], [0.3], name="x"), (of,))).all()


def test_more_disagreement_is_a_wider_answer(write_panel, rng):
    """At one strength of weights and one centre, by the sign of the exponent."""
    base = np.array([-1.0, -0.4, 0.0, 0.5, 1.2])
    said = read_said(_read(write_panel, np.array([base, 3 * base]), [0.0, 0.0]))
    of = features(said, np.arange(2), np.zeros(2), 0.0)
    np.testing.assert_allclose(of.centre, 0, atol=1e-12)
    assert of.disagreement[1] - of.disagreement[0] == pytest.approx(np.log(3))
    for exponent in (0.7, 0.0, -0.2):
        constants = np.array([0.2, 0.4, exponent, 0.9, 0.5])
        found = quantiles(constants, 0.0, of, np.array([0.05, 0.95]))
        ratio = np.ptp(found[1]) / np.ptp(found[0])
        assert ratio == pytest.approx(3**exponent)


def test_units_do_not_matter(write_panel, rng):
    """All in other units and from another zero: the answers are the same ones, in those."""
    middles, answers = rng.normal(size=(7, 4)), rng.normal(size=7)
    first = _predict(_read(write_panel, middles, answers, group="g"))
    other = _read(write_panel, 4 * middles + 3, 4 * answers + 3, 4.0, name="e", group="g")
    # exponents of spread and disagreement need not add to one: only the centre is equivariant
    np.testing.assert_allclose(_predict(other)[:, 49], 4 * first[:, 49] + 3, rtol=1e-6)


def test_levels_are_those_asked_for(write_panel, rng):
    of = _read(write_panel, rng.normal(size=(3, 3)), [0.0, 1.0, 2.0])
    assert _predict(of).shape == (3, levels_of(of).size)
