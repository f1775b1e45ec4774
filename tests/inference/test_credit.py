"""Shapley shares against all orders by brute force, and against what theory demands of them."""

from itertools import chain, combinations, permutations
from math import comb, factorial

import numpy as np
import pytest

from sweet_spot.inference.credit import EXACT, coefficients, spread


def sets(count: int) -> list[frozenset[int]]:
    every = chain.from_iterable(combinations(range(count), k) for k in range(count + 1))
    return [frozenset(each) for each in every]


def game(count: int, seed: int = 1) -> dict[frozenset[int], float]:
    """A value for every set; no structure at all."""
    rng = np.random.default_rng(seed)
    return {each: float(rng.normal()) for each in sets(count)}


def shares(count: int, value: dict[frozenset[int], float]) -> np.ndarray:
    table = coefficients(count)
    return sum((weight * value[made] for made, weight in table.items()), np.zeros(count))


def by_subsets(count: int, value: dict[frozenset[int], float]) -> np.ndarray:
    """Shapley's formula over sets, which is not how the shares are computed."""
    out = np.zeros(count)
    for made in sets(count):
        for i in set(range(count)) - made:
            weight = factorial(len(made)) * factorial(count - len(made) - 1) / factorial(count)
            out[i] += weight * (value[made | {i}] - value[made])
    return out


@pytest.mark.parametrize("count", range(1, EXACT + 1))
def test_small_games_are_exact(count: int) -> None:
    """Rounding apart: sums of at most 120 terms of size one."""
    value = game(count)
    np.testing.assert_allclose(shares(count, value), by_subsets(count, value), atol=1e-12)
    assert (spread(count, value) == 0).all()
    assert len(coefficients(count)) == sum(comb(count, k) for k in range(count + 1))


@pytest.mark.parametrize("count", [2, 5, 9, 20])
def test_shares_sum_to_the_whole(count: int) -> None:
    """Also where only some orders are averaged."""
    rng = np.random.default_rng(3)
    value = {made: float(rng.normal()) for made in coefficients(count)}
    whole = value[frozenset(range(count))] - value[frozenset()]
    assert shares(count, value).sum() == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize("count", [3, 9])
def test_causes_that_only_add_up_get_what_they_add(count: int) -> None:
    adds = np.arange(1.0, count + 1)
    value = {made: float(adds[sorted(made)].sum()) for made in coefficients(count)}
    np.testing.assert_allclose(shares(count, value), adds, atol=1e-12)
    np.testing.assert_allclose(spread(count, value), 0, atol=1e-12)


def test_sampled_orders_are_close_to_all_and_say_how_close() -> None:
    """Eight causes of which pairs interact: 40,320 orders by brute force."""
    count = 8
    rng = np.random.default_rng(5)
    pair = np.triu(rng.normal(size=(count, count)), 1)

    def value(made: frozenset[int]) -> float:
        inside = sorted(made)
        return float(np.maximum(pair[np.ix_(inside, inside)].sum(), 0) + len(made) ** 0.5)

    table = {made: value(made) for made in coefficients(count)}
    exact = np.zeros(count)
    cached = {made: value(made) for made in sets(count)}
    for order in permutations(range(count)):
        made: frozenset[int] = frozenset()
        for i in order:
            exact[i] += (cached[made | {i}] - cached[made]) / factorial(count)
            made = made | {i}
    off = (shares(count, table) - exact) / spread(count, table)
    # eight errors from four pairs of orders each: Student-t with three degrees of freedom
    assert (abs(off) < 8).all()
    assert np.median(abs(off)) < 2
