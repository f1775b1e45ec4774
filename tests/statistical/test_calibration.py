"""Planted truths come back: coverage, simulation-based calibration, and a control that must fail.

A truth drawn from the prior, ranked among posterior draws given data simulated from it, is uniform
whatever the data (Talts et al. 2018). Folded ranks |2 u - 1| see a posterior that is too narrow or
too wide, which plain ranks hardly do; the joint log likelihood sees errors in the likelihood that
the answer hardly feels (Modrak et al. 2023).
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sweet_spot.argument.structure import LATENT_DIMS
from sweet_spot.inference.error_model import ErrorConstants

RUNS, BUNDLED_RUNS, WRONG_RUNS = 100, 24, 30
HEADLINE = ("margin", "width", "log_likelihood")
Ranks = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def small_ranks(small: Any, simulate_panels: Any, ranks: Any) -> Ranks:
    """On the small panel: every kind of statement, censored ones on their side."""
    return ranks(small, simulate_panels(small, RUNS, seed=1), seed=100, draws=500, tune=400)


@pytest.fixture(scope="module")
def bundled_ranks(bundled: Any, simulate_panels: Any, ranks: Any) -> Ranks:
    """On the layout of the bundled data; too many are censored there to wait for all to agree."""
    panels = simulate_panels(bundled, BUNDLED_RUNS, seed=2, sides=False)
    return ranks(bundled, panels, seed=500, draws=500, tune=400)


@pytest.fixture(scope="module")
def wrong_ranks(small: Any, simulate_panels: Any, ranks: Any) -> Ranks:
    """People err five times as much as the model believes."""
    c = ErrorConstants()
    noises = ("tau_shared", "tau", "kappa", "probit_noise")
    wild = replace(c, **{name: 5 * getattr(c, name) for name in noises})
    panels = simulate_panels(small, WRONG_RUNS, seed=3, constants=wild)
    return ranks(small, panels, seed=900, draws=500, tune=400)


def p_values(places: np.ndarray) -> tuple[float, float]:
    """Kolmogorov-Smirnov against uniform, plain and folded."""
    folded = np.abs(2 * places - 1)
    return stats.kstest(places, "uniform").pvalue, stats.kstest(folded, "uniform").pvalue


def coverage(found: Ranks, names: tuple[str, ...]) -> float:
    """Share of truths inside the central 90 % of their posterior, over runs and coordinates."""
    places = np.concatenate([found[name].reshape(len(found[name]), -1) for name in names], axis=1)
    return float(np.mean(np.abs(places - 0.5) < 0.45))


@pytest.mark.parametrize("which", ["small_ranks", "bundled_ranks"])
@pytest.mark.parametrize("names", [tuple(LATENT_DIMS), ("targets",)], ids=["latents", "targets"])
def test_planted_truths_are_covered(
    request: pytest.FixtureRequest, which: str, names: tuple[str, ...]
) -> None:
    """Latents, and the quantities that people were asked about, which their statements inform."""
    assert 0.80 <= coverage(request.getfixturevalue(which), names) <= 0.98


@pytest.mark.parametrize("name", LATENT_DIMS)
def test_each_latent_is_covered(bundled_ranks: Ranks, small_ranks: Ranks, name: str) -> None:
    """Coordinate by coordinate at 90 %; a binomial falls this low once in 100,000."""
    for found in (bundled_ranks, small_ranks):
        inside = (np.abs(found[name].reshape(len(found[name]), -1) - 0.5) < 0.45).sum(axis=0)
        assert inside.min() >= stats.binom(len(found[name]), 0.9).ppf(1e-5)


@pytest.mark.parametrize("which", ["small_ranks", "bundled_ranks"])
@pytest.mark.parametrize("name", HEADLINE)
def test_the_answer_and_the_likelihood_are_calibrated(
    request: pytest.FixtureRequest, which: str, name: str
) -> None:
    """Six columns, plain and folded: at p > 0.001 the whole fails by chance once in 80."""
    assert min(p_values(request.getfixturevalue(which)[name])) > 0.001


def test_every_free_variable_and_target_is_calibrated(small: Any, small_ranks: Ranks) -> None:
    """Some 75 columns, twice: at p > 1e-5 the whole fails by chance once in 700."""
    for name in (*(v.name for v in small.model.free_RVs), "targets"):
        for column in small_ranks[name].reshape(RUNS, -1).T:
            assert min(p_values(column)) > 1e-5, name


def test_too_small_a_noise_is_caught(wrong_ranks: Ranks) -> None:
    """The negative control: the same criteria fail where the model is wrong, by a wide margin.

    The answer's own ranks would not tell: heavy tails and scales that are learned keep even that
    calibrated, which is why the likelihood and the scales are ranked too.
    """
    assert p_values(wrong_ranks["log_likelihood"])[1] < 1e-9
    scales = wrong_ranks["question_scale_score"].T
    assert min(min(p_values(column)) for column in scales) < 1e-5
