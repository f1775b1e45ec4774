"""The bridge estimator against normal models, whose marginal likelihoods are known."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.inference.bridge import LogRatio, log_ratio, updated, updated_errors

FIRST, SECOND = (1.0, 0.0, 1.0), (2.0, 0.5, 0.7)
"""slope, shift, sd: what is said is slope * theta + shift + noise, with theta ~ N(0, 1)."""
SAID = 1.3


def posterior(slope: float, shift: float, sd: float) -> tuple[float, float]:
    precision = 1 + slope**2 / sd**2
    return slope * (SAID - shift) / sd**2 / precision, precision**-0.5


def log_marginal(slope: float, shift: float, sd: float) -> float:
    return float(stats.norm(shift, np.hypot(slope, sd)).logpdf(SAID))


def walk(rng: np.random.Generator, model: tuple[float, float, float], rho: float) -> np.ndarray:
    """Autocorrelated draws from a posterior, (chain, draw)."""
    steps = rng.normal(size=(4, 500))
    for t in range(1, 500):
        steps[:, t] = rho * steps[:, t - 1] + np.sqrt(1 - rho**2) * steps[:, t]
    mean, sd = posterior(*model)
    return mean + sd * steps


def difference(theta: np.ndarray, first=FIRST, second=SECOND) -> xr.DataArray:
    one, other = (stats.norm(a * theta + b, sd).logpdf(SAID) for a, b, sd in (first, second))
    return xr.DataArray(other - one, dims=("chain", "draw"))


def estimate(rng: np.random.Generator, first=FIRST, second=SECOND, rho: float = 0.7) -> LogRatio:
    at = (difference(walk(rng, model, rho), first, second) for model in (first, second))
    return log_ratio(*at)


@pytest.mark.parametrize("rho", [0.0, 0.7])
def test_normal_models(rho: float) -> None:
    """Repeated: no bias, and errors of the stated size, autocorrelation included."""
    rng = np.random.default_rng(3)
    wanted = log_marginal(*SECOND) - log_marginal(*FIRST)
    found = [estimate(rng, rho=rho) for _ in range(25)]
    scores = np.array([(each.value - wanted) / each.error for each in found])
    # a mean of 25 standard normal scores within 4 of its own errors; their sd within a half
    assert abs(scores.mean()) < 4 / np.sqrt(25)
    assert 0.6 < scores.std() < 1.5
    assert max(each.error for each in found) < 0.1
    assert all(0.5 < each.overlap < 1 for each in found)


def test_the_other_way_round_is_the_negative() -> None:
    rng = np.random.default_rng(4)
    at_first, at_second = (difference(walk(rng, model, 0.5)) for model in (FIRST, SECOND))
    there, back = log_ratio(at_first, at_second), log_ratio(-at_second, -at_first)
    assert back.value == pytest.approx(-there.value, abs=1e-8)
    assert back.error == pytest.approx(there.error, rel=1e-6)


def test_models_that_say_the_same() -> None:
    nothing = xr.DataArray(np.zeros((4, 50)), dims=("chain", "draw"))
    assert log_ratio(nothing, nothing) == LogRatio(0.0, 0.0, 1.0)
    # a constant in the likelihood is the ratio, whatever the draws
    assert log_ratio(nothing + 1.5, nothing + 1.5) == LogRatio(1.5, 0.0, 1.0)


def test_posteriors_far_apart_are_seen() -> None:
    apart = estimate(np.random.default_rng(5), (5.0, 0.0, 0.1), (5.0, 3.0, 0.1))
    assert apart.overlap < 0.01


def test_updated_weights() -> None:
    ratios = np.array([0.0, 1.2, -0.7, 0.0])
    for k in range(4):
        alone = np.eye(4)[k]
        np.testing.assert_array_equal(updated(alone, ratios), alone)
    stated = np.array([0.4, 0.2, 0.2, 0.2])
    np.testing.assert_array_equal(updated(stated, 0 * ratios).round(15), stated)
    by_hand = stated * np.exp(ratios)
    np.testing.assert_allclose(updated(stated, ratios), by_hand / by_hand.sum(), rtol=1e-12)
    far = updated(stated, np.array([0.0, -5000.0, 5000.0, 0.0]))
    np.testing.assert_array_equal(far, [0, 0, 1, 0])


def test_errors_of_updated_weights() -> None:
    """Against weights recomputed with noise in the log ratios."""
    rng = np.random.default_rng(6)
    stated, ratios = np.array([0.4, 0.2, 0.4]), np.array([0.0, 0.8, -0.4])
    errors = np.array([0.0, 0.02, 0.05])
    noisy = [updated(stated, ratios + errors * rng.normal(size=3)) for _ in range(4000)]
    found = updated_errors(updated(stated, ratios), errors)
    # an sd from 4000 draws is good to 1.1 %; the slope is taken at one point
    np.testing.assert_allclose(found, np.std(noisy, axis=0), rtol=0.06)
