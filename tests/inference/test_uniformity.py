"""The band of an ECDF: against brute force, against ArviZ, and its own level."""

from itertools import pairwise

import numpy as np
import pytest
from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands
from scipy import stats

from sweet_spot.inference.uniformity import SMALLEST, band, folded, p_value


def smallest_tails(samples: np.ndarray) -> np.ndarray:
    """The statistic, straight from its definition, of each row."""
    n = samples.shape[1]
    points = np.arange(1, n) / n
    counts = (samples[:, :, None] <= points).sum(axis=1)
    law = stats.binom(n, points)
    return np.minimum(law.cdf(counts), law.sf(counts - 1)).min(axis=1)


@pytest.mark.parametrize("n", [2, 5, 12])
def test_p_values_are_those_of_brute_force(n: int) -> None:
    """400,000 uniform samples: the share that is as extreme, within 4.5 standard errors."""
    rng = np.random.default_rng(n)
    null = smallest_tails(rng.random((400_000, n)))
    for places in (rng.random(n), rng.beta(3, 1, n), rng.beta(0.4, 0.4, n), np.full(n, 0.5)):
        (own,) = smallest_tails(places[None])
        share = float((null <= own * (1 + 1e-9)).mean())
        error = np.sqrt(max(share, 1e-5) * (1 - share) / len(null))
        assert abs(p_value(places) - share) < 4.5 * error + 1e-12


def test_the_band_is_arviz_s() -> None:
    """Which simulates it; its edges are counts, and ours may differ from them by one."""
    for n in (20, 100):
        points, low, high = band(n, 0.05)
        rng = np.random.default_rng(1)
        pointwise = simulate_confidence_bands(n, 1, points, 0.95, 20_000, rng)
        theirs = get_pointwise_confidence_band(pointwise, n, points)
        for own, other in zip((low, high), theirs, strict=True):
            assert np.abs(own - other).max() * n < 1.5


@pytest.mark.parametrize("level", [0.2, 0.01])
def test_a_sample_leaves_the_band_just_when_its_p_value_says_so(level: float) -> None:
    n, rng = 40, np.random.default_rng(2)
    points, low, high = band(n, level)
    left = []
    for trial in range(400):
        places = rng.beta(1 + 0.002 * trial, 1, n)
        share = np.searchsorted(np.sort(places), points, side="right") / n
        outside = bool(((share < low - 1e-12) | (share > high + 1e-12)).any())
        assert outside == (p_value(places) <= level)
        left.append(outside)
    assert 0 < sum(left) < 400


def test_uniform_numbers_are_rejected_at_the_level() -> None:
    """2,000 samples of 30: shares within 4 standard errors, below by what discreteness takes."""
    rng = np.random.default_rng(3)
    found = np.array([p_value(rng.random(30)) for _ in range(2000)])
    for level in (0.01, 0.1, 0.5):
        error = np.sqrt(level * (1 - level) / len(found))
        assert level - 4 * error - 0.1 * level < (found <= level).mean() < level + 4 * error


def test_wider_for_smaller_levels_and_never_below_what_is_known() -> None:
    widths = [(high - low).max() for _, low, high in (band(50, a) for a in (0.1, 1e-3, 1e-6))]
    assert all(one < two for one, two in pairwise(widths))
    assert p_value(np.full(200, 0.01)) == SMALLEST
    assert p_value(np.array([0.3])) == 1.0


def test_folded_sees_what_plain_hardly_does() -> None:
    """Truths in the tails of posteriors that are too narrow, as often below as above."""
    places = np.random.default_rng(4).beta(0.7, 0.7, 200)
    assert 10 * p_value(folded(places)) < 1e-3 < p_value(places)
    np.testing.assert_allclose(folded(np.array([0.0, 0.5, 0.75, 1.0])), [1, 0, 0.5, 1])
