"""The closed forms of the capability axis against quadrature and root finding."""

import itertools

import numpy as np
import pytest
from scipy import integrate, optimize

from sweet_spot.argument.axis import (
    AXIS,
    NUMPY,
    SHORTEST_COST,
    arrival,
    automation,
    cost_to_arrive,
    growth_integral,
    labour_integral,
    power10,
    progress,
    years_for_progress,
)

CLOSE = 1e-10
"""Relative: quadrature asks for 1e-12; differences of two arrivals lose two more digits."""
NEAR_ZERO = [0.0, *(sign * 10.0**k for k in (-12, -9, -6, -4, -3, -2) for sign in (1, -1))]


def pace_of(*values: float) -> dict[str, np.ndarray]:
    return dict(zip(AXIS, map(np.asarray, values), strict=True))


def cost(x: float, pace: dict) -> float:
    """k(x) of MODEL.md section 3."""
    r = float(automation(pace))
    if x < r:
        return float(pace["years_per_dex_before"])
    return float(pace["years_per_dex_after"] * 10 ** (pace["diminishing_returns"] * (x - r)))


def area(weight, low: float, high: float, pace: dict) -> float:
    """Integral of cost times a weight, by quadrature on either side of the bend in the cost."""
    r = float(automation(pace))
    ends = [low, *([r] if low < r < high else []), high]
    return sum(
        integrate.quad(lambda x: cost(x, pace) * weight(x), a, b, epsabs=0, epsrel=1e-12)[0]
        for a, b in itertools.pairwise(ends)
    )


def random_paces(count: int, seed: int) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    return [
        pace_of(
            rng.uniform(0, 0.3),
            rng.uniform(0.3, 2.5),
            10 ** rng.uniform(-1, 2.5),
            10 ** rng.uniform(-1, 2.5),
            rng.uniform(0, 3),
        )
        for _ in range(count)
    ]


def paces_near(slopes: list[float]) -> list[dict[str, np.ndarray]]:
    return [pace_of(0.1, 1.2, 15.0, 10.0, slope) for slope in slopes]


@pytest.mark.parametrize("rate", [*NEAR_ZERO, 0.3, -0.3, 3.0, -3.0, 30.0, -30.0])
@pytest.mark.parametrize("length", [0.0, 1e-9, 0.4, 4.0, -2.0])
def test_growth_integral(rate, length):
    wanted, _ = integrate.quad(lambda t: 10 ** (rate * t), 0, length, epsabs=0, epsrel=1e-12)
    found = growth_integral(np.asarray(rate), np.asarray(length), NUMPY)
    assert found == pytest.approx(wanted, rel=1e-12 if abs(rate) < 30 else 1e-10, abs=0)


def test_growth_integral_where_its_forms_meet():
    """Series and quotient agree to rounding on either side of the change between them."""
    edge = 1e-3 / np.log(10)
    lower, upper = growth_integral(np.array([edge * (1 - 1e-13), edge * (1 + 1e-13)]), 1.0, NUMPY)
    assert upper - lower == pytest.approx(0, abs=4e-16)


@pytest.mark.parametrize("exponent", [-1e6, -400.0, 400.0, 1e6])
def test_powers_never_overflow(exponent):
    assert np.isfinite(power10(np.asarray(exponent), NUMPY))
    assert np.isfinite(growth_integral(np.asarray(exponent), np.asarray(2.0), NUMPY))
    assert power10(exponent, NUMPY) * power10(exponent, NUMPY) < np.inf


@pytest.mark.parametrize("pace", [*random_paces(40, 1), *paces_near([1 + e for e in NEAR_ZERO])])
def test_arrival_and_progress(pace):
    start, r = float(pace["current_speedup"]), float(automation(pace))
    for speed in (start - 0.5, start, start + 1e-6, (start + r) / 2, r, r + 1e-6, r + 0.7, r + 3):
        low, high = start, max(speed, start)
        years = area(lambda x: 10**-x, low, high, pace)
        assert arrival(speed, pace, NUMPY) == pytest.approx(years, rel=CLOSE, abs=0)
        amount = area(lambda _: 1.0, low, high, pace)
        assert progress(speed, pace, NUMPY) == pytest.approx(amount, rel=CLOSE, abs=0)


@pytest.mark.parametrize("pace", [*random_paces(40, 2), *paces_near([abs(e) for e in NEAR_ZERO])])
@pytest.mark.parametrize("amount", [0.1, 1.0, 20.0])
def test_years_for_progress(pace, amount):
    """The speed reached by root finding on the integral of cost, the years by quadrature."""
    r = float(automation(pace))
    cap = next(
        r + 2.0**k for k in range(-6, 9) if area(lambda _: 1.0, r, r + 2.0**k, pace) > amount
    )
    reached = optimize.brentq(
        lambda x: area(lambda _: 1.0, r, x, pace) - amount, r, cap, xtol=1e-15, rtol=1e-14
    )
    years = area(lambda x: 10**-x, r, reached, pace)
    assert years_for_progress(amount, pace, NUMPY) == pytest.approx(years, rel=CLOSE, abs=0)


@pytest.mark.parametrize("pace", random_paces(25, 3))
@pytest.mark.parametrize("growth", [0.0, 0.37, 1.0])
def test_labour_integral(pace, growth):
    """Thresholds before today, before and after full automation; widths of either sign."""
    start, r = float(pace["current_speedup"]), float(automation(pace))
    points = [start - 0.6, start - 0.1, (start + r) / 2, r, r + 0.4, r + 2.0]
    for useful, dangerous in itertools.product(points, repeat=2):
        entry = max(useful, start)
        wanted = (
            area(lambda x, u=useful: 10 ** (growth * (x - u) - x), entry, dangerous, pace)
            if dangerous > entry
            else 0.0
        )
        found = labour_integral(useful, dangerous, growth, pace, NUMPY)
        assert found == pytest.approx(wanted, rel=CLOSE, abs=0)


@pytest.mark.parametrize("excess", NEAR_ZERO)
def test_labour_integral_where_an_exponent_vanishes(excess):
    """Growth that cancels the pace (first piece) or the diminishing returns (second piece)."""
    for growth, slope in ((min(1 + excess, 1.0), 0.8), (0.4, 0.6 + excess), (0.0, 1 + excess)):
        pace = pace_of(0.1, 1.2, 15.0, 10.0, slope)
        wanted = area(lambda x, g=growth: 10 ** (g * (x - 0.7) - x), 0.7, 2.1, pace)
        found = labour_integral(0.7, 2.1, growth, pace, NUMPY)
        assert found == pytest.approx(wanted, rel=CLOSE, abs=0)


@pytest.mark.parametrize("pace", random_paces(10, 4))
def test_labour_without_growth_is_time(pace):
    r = float(automation(pace))
    for useful, dangerous in ((r - 0.2, r + 0.5), (r + 0.1, r + 1.5)):
        years = arrival(dangerous, pace, NUMPY) - arrival(useful, pace, NUMPY)
        labour = labour_integral(useful, dangerous, 0.0, pace, NUMPY)
        assert labour == pytest.approx(years, rel=CLOSE)


@pytest.mark.parametrize("pace", random_paces(20, 5))
@pytest.mark.parametrize("beyond", [-0.1, 0.0, 0.4])
def test_solved_cost_meets_the_date(pace, beyond):
    """Linear in the cost before automation: solving for it and arriving agree to rounding."""
    speed = automation(pace) + beyond
    years = float(arrival(speed, pace, NUMPY)) * np.array([0.7, 1.0, 3.0])
    solved = cost_to_arrive(years, speed, pace, NUMPY)
    arrived = arrival(speed, {**pace, "years_per_dex_before": solved}, NUMPY)
    met = solved > SHORTEST_COST
    assert met[1:].all()
    np.testing.assert_allclose(arrived[met], years[met], rtol=1e-12)
    assert solved[1] == pytest.approx(float(pace["years_per_dex_before"]), rel=1e-10)
    assert (arrived[~met] > years[~met]).all()


def test_a_date_that_cannot_be_moved_leaves_the_cost_alone():
    pace = pace_of(0.3, 1.2, 15.0, 10.0, 0.8)
    for speed in (0.1, 0.3):
        assert cost_to_arrive(5.0, speed, pace, NUMPY) == 15.0
    assert cost_to_arrive(-1.0, 1.0, pace, NUMPY) == SHORTEST_COST
