"""Bounds of a crowd are told together: against integrals over what its people have in common."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from sweet_spot.argument.structure import NUMPY
from sweet_spot.inference.bounds import Scores, squared_weight, weight_density
from sweet_spot.inference.crowd import Crowd, row_density, voiced
from sweet_spot.inference.error_model import Panel

OMEGA, NU, SCALE, SPREAD = 0.3, 5.0, 0.7, 1.1


def of_crowd(panel: Panel, seen: int, beyond: int, below: int) -> tuple[Panel, np.ndarray]:
    """Rows of so many observed, above 1.5 and below -0.8; what each says, in units of SCALE."""
    count = np.array([seen, beyond, below], float)
    squares = np.array([SCALE**2 * SPREAD**2 * seen, 0, 0])
    crowd = Crowd(count, squares, np.array([1.0, 0, 0]), np.array([-1, 0, 0]))
    before = np.array([[0, 1, 2], [0, 0, 0], [0, 1, 2]])
    rows = replace(
        panel, probability=np.zeros(3, bool), side=np.array([0, 1, -1]), before=before, crowd=crowd
    )
    return rows, np.array([0.4, 1.5, -0.8])


def live_of(rows: Panel, live: list[float]) -> np.ndarray:
    assert rows.crowd is not None
    return voiced(np.array(live), rows.crowd.count, np.zeros(3, int), np.ones(3, bool))


def told(rows: Panel, error: np.ndarray, live: np.ndarray, scores: Scores) -> np.ndarray:
    """Joint log density at every score (...,), of rows of one scale."""
    assert rows.crowd is not None
    scale, omega = np.full(3, SCALE), np.full(1, OMEGA)
    said = np.broadcast_to(error, (*scores.common.shape[:-1], 3))
    found = row_density(said, scale, omega, live, rows, rows.crowd, NU, NUMPY, scores)
    total: np.ndarray = found.sum(axis=-1)
    return total


def integrated(rows: Panel, error: np.ndarray, live: np.ndarray) -> float:
    """Log of the density integrated over both scores, each standard normal.

    Sums over even grids, to whose ends the integrand falls below 1e-12 of its largest value; that
    of the weight begins where the cube root of chi-squared does, at zero, which it leaves smoothly.
    """
    assert rows.crowd is not None
    degrees = NU + float((live * rows.crowd.count * rows.crowd.seen).sum())
    least = -(1 - 2 / (9 * degrees)) * (4.5 * degrees) ** 0.5
    common, weight = np.linspace(-14, 14, 561)[:, None], np.linspace(max(least, -14), 14, 2801)
    scores = Scores(*(each[..., None] for each in np.broadcast_arrays(common, weight)))
    density = told(rows, error, live, scores)
    density = density + stats.norm.logpdf(common) + stats.norm.logpdf(weight)
    steps = (common[1, 0] - common[0, 0]) * (weight[1] - weight[0])
    return float(special.logsumexp(density) + np.log(steps))


def by_hand(error: np.ndarray, count: np.ndarray, live: np.ndarray) -> float:
    """The same over the common error and the common weight themselves, by SciPy's densities.

    Given both, each statement is to the power of how much it counts (MODEL.md section 5).
    """
    root, z = np.exp(np.linspace(-3, 9, 2401))[:, None], np.linspace(-14, 14, 2801)
    common = OMEGA**0.5 * root * z
    own = (1 - OMEGA) ** 0.5 * root
    seen, beyond, below = live * count
    squares = SPREAD**2 + (error[0] - common) ** 2
    each = seen * (-np.log(own * SCALE * np.sqrt(2 * np.pi)) - squares / (2 * own**2))
    each = each + beyond * special.log_ndtr((common - error[1]) / own)
    each = each + below * special.log_ndtr((error[2] - common) / own)
    weight = stats.chi2(NU).logpdf(NU / root**2) + np.log(2 * NU / root**2)  # of log root
    said = each + stats.norm.logpdf(z) + weight
    return float(special.logsumexp(said) + np.log(12 / 2400 * 28 / 2800))


@pytest.mark.parametrize(
    ("counts", "live"),
    [
        ((60, 9, 4), (1, 1, 1)),
        ((60, 9, 4), (1, 0, 1)),
        ((600, 300, 30), (1, 1, 1)),
        ((5, 40, 0), (1, 1, 0)),
        ((60, 9, 4), (0, 1, 1)),
    ],
    ids=["all", "without one bound", "in part", "mostly bounds", "bounds alone"],
)
def test_bounds_are_joint(
    panel: Panel, counts: tuple[int, int, int], live: tuple[float, ...]
) -> None:
    """The density with its scores integrated out is that of all that was said, bounds together.

    Both grids are exact to better than 1e-8 of a density; that is the tolerance, absolute in logs.
    """
    rows, error = of_crowd(panel, *counts)
    serving = live_of(rows, list(live))
    wanted = by_hand(error, np.array(counts, float), serving)
    assert integrated(rows, error, serving) == pytest.approx(wanted, abs=1e-8)


def test_one_bound_is_as_it_was_alone(panel: Panel) -> None:
    """Of one bound the joint density is the tail of a Student-t given those observed."""
    rows, error = of_crowd(panel, 60, 1, 1)
    live = live_of(rows, [1, 1, 0])
    assert rows.crowd is not None
    alone = replace(rows, crowd=replace(rows.crowd, member=np.full(3, -1)))
    assert alone.crowd is not None
    scale, omega = np.full(3, SCALE), np.full(1, OMEGA)
    wanted = row_density(error, scale, omega, live, alone, alone.crowd, NU, NUMPY).sum()
    assert integrated(rows, error, live) == pytest.approx(wanted, abs=1e-8)


def test_bounds_taken_for_independent_are_another_density(panel: Panel) -> None:
    """The control: of many bounds the product of tails is far from their joint probability."""
    rows, error = of_crowd(panel, 60, 30, 0)
    live = live_of(rows, [1, 1, 0])
    assert rows.crowd is not None
    alone = replace(rows.crowd, member=np.full(3, -1))
    scale, omega = np.full(3, SCALE), np.full(1, OMEGA)
    product = row_density(error, scale, omega, live, replace(rows, crowd=alone), alone, NU, NUMPY)
    assert integrated(rows, error, live) > product.sum() + 1


@pytest.mark.parametrize("degrees", [3.0, 9.0, 60.0, 105.0])
def test_the_weight_is_chi_squared(degrees: float) -> None:
    """Moments and a tail of (nu + distance) / weight, by its score, against SciPy's chi-squared."""
    score = np.linspace(-12, 14, 20_001)
    step = score[1] - score[0]
    at = np.full(score.size, degrees)
    density = np.exp(weight_density(score, at, NUMPY) + stats.norm.logpdf(score))
    value = (NU + 2.0) / squared_weight(score, np.full(score.size, 2.0), at, NU, NUMPY)
    inside = value > degrees * 1e-8  # beyond is cut off, where there is nothing
    density = np.where(inside, density, 0.0)
    law = stats.chi2(degrees)
    assert density.sum() * step == pytest.approx(1, abs=1e-6)
    assert (density * value).sum() * step == pytest.approx(law.mean(), rel=1e-6)
    assert (density * value**2).sum() * step == pytest.approx(law.moment(2), rel=1e-6)
    high = law.ppf(0.99)
    assert (density * (value > high)).sum() * step == pytest.approx(0.01, abs=2e-4)


def test_nothing_is_said_where_no_bound_serves(panel: Panel) -> None:
    """The scores are then as before: their density has no part in it."""
    rows, error = of_crowd(panel, 60, 9, 4)
    live = live_of(rows, [1, 0, 0])
    near, far = (told(rows, error, live, Scores(np.full(1, s), np.full(1, s))) for s in (0.0, 2.0))
    assert near == far
