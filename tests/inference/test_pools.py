"""Pools of quantiles and probabilities against brute force, closed forms and recovery."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from sweet_spot.inference import odds, pools
from sweet_spot.inference.resolved import Stated

LEVELS = np.array([0.05, 0.5, 0.95])
FINE = np.linspace(0.01, 0.99, 99)
SAID = Stated(np.arange(3), LEVELS, np.array([[0.0, 1.0, 4.0], [2.0, 6.0, 10.0], [3.0, 3.5, 9.0]]))
JUMPS = Stated(np.arange(2), LEVELS, np.array([[1.0, 1.0, 3.0], [2.0, 2.0, 2.0]]))


def test_intrinsic_range_is_a_tenth_longer():
    assert pools.intrinsic_range(SAID.values) == (-1.0, 11.0)
    assert pools.intrinsic_range(SAID.values, 20.0) == (-2.0, 22.0)
    low, high = pools.intrinsic_range(np.full((2, 3), 5.0))
    assert low < 5 < high


@pytest.mark.parametrize("said", [SAID, JUMPS], ids=["plain", "jumps"])
def test_mixture_is_the_inverse_of_the_mean_curve(said):
    """Least value at which the mean of the curves, integrated piece by piece, reaches the level."""
    ends = pools.intrinsic_range(said.values)
    weights = np.arange(1.0, said.experts.size + 1)

    def below(x: float) -> float:
        total = 0.0
        for weight, row in zip(weights, said.values, strict=True):
            values, mass = [ends[0], *row, ends[1]], [0.05, 0.45, 0.45, 0.05]
            for a, b, m in zip(values[:-1], values[1:], mass, strict=True):
                share = float(x >= a) if a == b else np.clip((x - a) / (b - a), 0, 1)
                total += weight * m * share
        return total / weights.sum()

    found = pools.mixture(said, weights, FINE, ends)
    for level, x in zip(FINE, found, strict=True):
        assert below(x + 1e-9) >= level - 1e-9
        assert below(x - 1e-9) <= level + 1e-9
    if said is SAID:
        exact = [optimize.brentq(lambda x, p=p: below(x) - p, *ends) for p in FINE]
        np.testing.assert_allclose(found, exact, atol=1e-9)


def test_one_person_is_reproduced():
    alone = Stated(np.array([0]), LEVELS, np.array([[1.0, 2.0, 4.0]]))
    for pool in (
        pools.equal_weights,
        pools.quantile_mean,
        pools.quantile_median,
        pools.trimmed_mean,
    ):
        np.testing.assert_allclose(pool(alone, LEVELS), [1.0, 2.0, 4.0], rtol=1e-12)


def test_means_by_level():
    np.testing.assert_allclose(pools.quantile_mean(SAID, LEVELS), SAID.values.mean(axis=0))
    np.testing.assert_allclose(pools.quantile_median(SAID, LEVELS), [2.0, 3.5, 9.0])
    halfway = pools.quantile_mean(SAID, np.array([0.275]))[0]
    assert halfway == pytest.approx(SAID.values[:, :2].mean())


def test_trimmed_mean_drops_a_tenth_at_each_end():
    values = np.array([-1000.0, *range(1, 9), 1000.0])[:, None] + np.array([0.0, 1.0, 2.0])
    said = Stated(np.arange(10), LEVELS, values)
    np.testing.assert_allclose(pools.trimmed_mean(said, LEVELS), np.array([4.5, 5.5, 6.5]))


@pytest.mark.parametrize("pool", [pools.equal_weights, pools.quantile_mean, pools.quantile_median])
def test_pools_do_not_depend_on_units(pool):
    other = Stated(SAID.experts, LEVELS, 3.0 * SAID.values - 7.0)
    np.testing.assert_allclose(pool(other, FINE), 3.0 * pool(SAID, FINE) - 7.0, rtol=1e-9)


def test_a_missing_level_is_drawn_straight():
    said = Stated(np.array([0]), LEVELS, np.array([[0.0, np.nan, 9.0]]))
    assert pools.quantile_mean(said, np.array([0.5]))[0] == pytest.approx(4.5)


def test_probability_pools_by_hand():
    p = np.array([0.2, 0.5, 0.8, 0.9])
    assert odds.mean(p) == pytest.approx(0.6)
    assert odds.median(p) == pytest.approx(0.65)
    product = (0.25 * 1.0 * 4.0 * 9.0) ** 0.25
    assert odds.log_odds_mean(p) == pytest.approx(product / (1 + product))
    assert odds.extremised(p, 2.0) == pytest.approx(product**2 / (1 + product**2))
    outward = 0.6**2.5 / (0.6**2.5 + 0.4**2.5)
    assert odds.baron(p) == pytest.approx(outward)
    assert odds.log_odds_mean(np.array([0.0, 1.0])) == pytest.approx(0.5)  # clipped alike
    assert odds.trimmed(np.array([0.0, *[0.5] * 8, 0.9])) == pytest.approx(0.5)


def _bank(write_panel, read, strength, count, seed):
    """Questions whose outcomes follow the mean log odds times a strength."""
    rng = np.random.default_rng(seed)
    shown = rng.normal(0, 1.0, count)
    outcome = rng.random(count) < special.expit(strength * shown)
    rows = "\n".join(f"q{k:04d},A,binary_prob,,{special.expit(x)!s},," for k, x in enumerate(shown))
    answers = "\n".join(f"q{k:04d},{int(y)},,,prob" for k, y in enumerate(outcome))
    return read(write_panel(f"bank{seed}", rows, answers))[0], shown, outcome


def test_fitted_strength_is_the_best_and_is_recovered(write_panel):
    from sweet_spot.inference.resolved import read_resolved

    of, shown, outcome = _bank(write_panel, read_resolved, 2.0, 2000, 5)
    found = odds.fitted_strength([(of, of.scored("binary"))])
    grid = np.linspace(0.5, 4.0, 3501)
    loss = [-stats.bernoulli.logpmf(outcome, special.expit(a * shown)).mean() for a in grid]
    # the grid's spacing; p is clipped to [.01, .99], beyond which no |log odds| here lies
    assert found == pytest.approx(grid[int(np.argmin(loss))], abs=0.002)
    curvature = (shown**2 * special.expit(2 * shown) * special.expit(-2 * shown)).sum()
    assert abs(found - 2.0) < 4 / np.sqrt(curvature)
    assert odds.fitted_strength([]) == 1.0
