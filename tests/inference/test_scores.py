"""Scores against formulas by hand, closed forms and quadrature; bootstrap errors in closed form."""

import numpy as np
import pytest
from scipy import integrate, stats

from sweet_spot.inference.resolved import read_resolved
from sweet_spot.inference.scores import (
    HUNDREDTHS,
    levels_of,
    log_ratio,
    mean_of,
    probability_scores,
    quantile_scores,
    resamples,
    weighted_interval_score,
    width,
)


@pytest.fixture
def panel(write_panel):
    """Two quantity questions, the second on a log scale; widths 4, 8, none and 2, 1."""
    folder = write_panel(
        "p",
        """q1,A,quantile,0.05,0,,
           q1,A,quantile,0.5,1,,
           q1,A,quantile,0.95,4,,
           q1,B,quantile,0.05,0,,
           q1,B,quantile,0.5,5,,
           q1,B,quantile,0.95,8,,
           q1,C,quantile,0.05,3,,
           q1,C,quantile,0.5,3,,
           q1,C,quantile,0.95,3,,
           q2,A,quantile,0.05,1,,
           q2,A,quantile,0.95,100,,
           q2,B,quantile,0.05,10,,
           q2,B,quantile,0.95,100,,
           q3,A,quantile,0.25,7,,
           q3,A,quantile,0.75,7,,""",
        "q1,7,g,d,uni\nq2,1000,g,d,log\nq3,7,g,d,uni",
    )
    (of,) = read_resolved(folder)
    return of


def test_width_is_the_median_positive_one(panel):
    assert width(panel, 0) == 6.0  # of 4 and 8; C's is nothing
    assert width(panel, 1) == pytest.approx(1.5)  # decades
    assert np.isnan(width(panel, 2))


def test_weighted_interval_score_by_hand():
    """Bracher et al. 2021: (|y - m| / 2 + alpha / 2 x interval score) / 1.5, here over 6."""
    low, median, high, outcome, alpha = 1.0, 3.0, 5.0, 7.0, 0.1
    interval = (high - low) + 2 / alpha * (outcome - high)
    expected = (0.5 * abs(outcome - median) + alpha / 2 * interval) / 1.5
    levels = np.array([0.05, 0.5, 0.95])
    found = weighted_interval_score(outcome, np.array([low, median, high]), levels, 6.0)
    assert found == pytest.approx(expected / 6.0, rel=1e-12)


def test_scores_of_predicted_quantiles(panel):
    levels = levels_of(panel)
    assert levels.size == 99
    assert {0.05, 0.25, 0.5, 0.75, 0.95} <= set(levels.tolist())
    spread = stats.norm(3.0, 2.0)
    predicted = np.array([spread.ppf(levels), stats.norm(2.5, 1.0).ppf(levels), levels])
    found = quantile_scores(panel, np.arange(3), predicted, levels)
    low, median, high = spread.ppf([0.05, 0.5, 0.95])
    loss = 0.05 * (7 - low) + 0.5 * (7 - median) + 0.95 * (7 - high)
    assert found["wis"][0] == pytest.approx(2 * loss / 3 / 6.0, rel=1e-12)
    assert np.isnan(found["wis"][2])
    assert found["coverage_90"].tolist() == [0, 1, 0]  # 7 > 6.3; 3 < 4.1
    assert found["coverage_50"].tolist() == [0, 1, 0]


def test_crps_is_the_integral_over_stated_levels(panel):
    """The sum over hundredths against quadrature of the pinball loss; the rest is the grid's."""
    spread, levels = stats.norm(3.0, 2.0), levels_of(panel)
    found = quantile_scores(panel, np.array([0]), spread.ppf(levels)[None], levels)["crps"][0]

    def pinball(level: float) -> float:
        error = 7.0 - spread.ppf(level)
        return 2 * max(level * error, (level - 1) * error)

    mean = integrate.quad(pinball, 0.045, 0.955, points=[spread.cdf(7.0)])[0] / 0.91
    assert found * 6.0 == pytest.approx(mean, rel=1e-3)


def test_crps_over_all_levels_is_that_of_the_normal():
    """Closed form for a normal (Gneiting and Raftery 2007); 99 of 100 steps, no tails."""
    z = 2.0
    exact = 2.0 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    quantiles = stats.norm(3.0, 2.0).ppf(HUNDREDTHS)
    found = weighted_interval_score(7.0, quantiles, HUNDREDTHS, 1.0)
    assert 0.99 * found == pytest.approx(exact, rel=2e-3)  # what lies beyond .005 and .995


def test_coverage_includes_its_ends(panel):
    levels = levels_of(panel)
    predicted = np.zeros((1, levels.size))
    predicted[0, levels >= 0.95] = 7.0
    found = quantile_scores(panel, np.array([0]), predicted, levels)
    assert (found["coverage_50"][0], found["coverage_90"][0]) == (0.0, 1.0)


def test_probability_scores_by_hand(write_panel):
    rows = "q1,A,binary_prob,,0.5,,\nq2,A,binary_prob,,0.5,,\nq3,A,binary_prob,,0.5,,"
    (of,) = read_resolved(write_panel("p", rows, "q1,1,,,prob\nq2,0,,,prob\nq3,1,,,prob"))
    found = probability_scores(of, np.arange(3), np.array([0.8, 0.3, 0.0]))
    np.testing.assert_allclose(found["brier"], [0.04, 0.09, 1.0], rtol=1e-12)
    expected = [-np.log(0.8), -np.log(0.7), -np.log(0.01)]  # never surer than .99
    np.testing.assert_allclose(found["log"], expected, rtol=1e-12)


def test_bootstrap_error_is_that_of_group_means():
    """For groups of one size the bootstrap variance is the variance of group means over count."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(12), 3)
    values = rng.normal(size=12)[groups] + 0.1 * rng.normal(size=36)
    drawn = resamples(groups.tolist(), 20_000, np.random.default_rng(2))
    assert (drawn.reshape(-1, 12, 3) == drawn[:, ::3, None]).all()  # groups are drawn whole
    assert (drawn.sum(axis=1) == 36).all()
    exact = np.std(values.reshape(12, 3).mean(axis=1)) / np.sqrt(12)
    runs = mean_of(values, drawn)
    # the standard error of a standard deviation of n normal runs is sd / sqrt(2 n): four of them
    assert runs.std() == pytest.approx(exact, rel=4 / np.sqrt(2 * runs.size))
    assert runs.std() > 1.3 * values.std() / 6  # questions drawn alone would look too sure


def test_few_groups_are_drawn_by_question():
    drawn = resamples(["a", "a", "b", "b"], 500, np.random.default_rng(3))
    assert (drawn[:, 0] != drawn[:, 1]).any()


def test_mean_leaves_out_what_has_no_value():
    values = np.array([1.0, np.nan, 4.0])
    weights = np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0], [0.0, 3.0, 0.0]])
    np.testing.assert_array_equal(mean_of(values, weights), [2.5, 1.0, np.nan])


def test_log_ratio_has_a_floor():
    found = log_ratio(np.array([0.2, 0.0]), np.array([0.4, 1.0]))
    np.testing.assert_allclose(found, [np.log(0.5), np.log(1e-3)], rtol=1e-12)
