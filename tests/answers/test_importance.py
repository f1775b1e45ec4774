"""Shapley effects against closed forms: what is carried where inputs hang together."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
import xarray as xr
from scipy import integrate, stats

from sweet_spot.answers.importance import importance, shapley_effects

CORRELATED = np.array(
    [[1.0, 0.8, 0.0, 0.3], [0.8, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, -0.5], [0.3, 0.0, -0.5, 1.0]]
)
WEIGHTS = np.array([1.0, 0.0, 2.0, 0.7])
FAR = 4.5
"""Standard errors: over a dozen numbers, one beyond them in ten thousand runs."""


def explained(of: list[int], covariance: np.ndarray, weights: np.ndarray) -> float:
    """Var(E[Y | X_S]) of Y = weights @ X with X normal: least squares on X_S."""
    if not of:
        return 0.0
    with_y = covariance[of] @ weights
    return float(with_y @ np.linalg.solve(covariance[np.ix_(of, of)], with_y))


def exact(covariance: np.ndarray, weights: np.ndarray, blocks: list[list[int]]) -> np.ndarray:
    """Shapley effects by their definition: over all subsets of the other blocks."""
    count, out = len(blocks), np.zeros(len(blocks))
    for i in range(count):
        others = [k for k in range(count) if k != i]
        for size in range(count):
            for chosen in combinations(others, size):
                without = [column for k in chosen for column in blocks[k]]
                gain = explained([*without, *blocks[i]], covariance, weights)
                gain -= explained(without, covariance, weights)
                out[i] += gain / (count * comb(count - 1, size))
    return out / float(weights @ covariance @ weights)


@pytest.fixture(scope="module")
def columns() -> np.ndarray:
    root = np.linalg.cholesky(CORRELATED)
    return np.random.default_rng(1).standard_normal((20_000, 4)) @ root.T


def test_additive_model_with_correlated_inputs(columns: np.ndarray) -> None:
    """The second input has no part in the sum, yet carries what it knows of the first."""
    singles = [slice(i, i + 1) for i in range(4)]
    found, errors, _ = shapley_effects(lambda x: x @ WEIGHTS, columns, singles, 1500)
    wanted = exact(np.corrcoef(columns, rowvar=False), WEIGHTS, [[0], [1], [2], [3]])
    assert wanted[1] > 0.05
    assert (errors < 0.03).all()
    np.testing.assert_array_less(abs(found - wanted), FAR * errors)


def test_columns_that_are_learned_together(columns: np.ndarray) -> None:
    found, errors, _ = shapley_effects(
        lambda x: x @ WEIGHTS, columns, [slice(0, 1), slice(1, 3), slice(3, 4)], 1500
    )
    wanted = exact(np.corrcoef(columns, rowvar=False), WEIGHTS, [[0], [1, 2], [3]])
    np.testing.assert_array_less(abs(found - wanted), FAR * errors)


def test_an_event_of_two_correlated_inputs() -> None:
    """Y = 1 where x + 2 z > 1: E[Y | x] in closed form, its variance by quadrature; two inputs."""
    rho, level = 0.6, 1.0
    root = np.linalg.cholesky([[1.0, rho], [rho, 1.0]])
    columns = np.random.default_rng(2).standard_normal((40_000, 2)) @ root.T
    p = stats.norm.sf(level / np.sqrt(1 + 4 + 4 * rho))

    def known(own: float, other: float) -> float:
        """Variance of E[Y | x] where Y weighs x by `own` and the other input by `other`."""
        left = other * np.sqrt(1 - rho**2)
        return float(
            integrate.quad(
                lambda x: (
                    stats.norm.cdf(((own + other * rho) * x - level) / left) ** 2
                    * stats.norm.pdf(x)
                ), -8, 8,
            )[0] - p**2
        )  # fmt: skip

    total, first, second = p * (1 - p), known(1.0, 2.0), known(2.0, 1.0)
    wanted = np.array([first + total - second, second + total - first]) / (2 * total)
    answer = lambda x: x[..., 0] + 2 * x[..., 1] > level  # noqa: E731
    found, errors, mean = shapley_effects(answer, columns, [slice(0, 1), slice(1, 2)], 3000)
    np.testing.assert_array_less(abs(found - wanted), FAR * errors)
    assert mean == pytest.approx(p, abs=FAR * np.sqrt(p * (1 - p) / 3000))


def test_more_orders_have_smaller_errors(columns: np.ndarray) -> None:
    singles = [slice(i, i + 1) for i in range(4)]
    few, many = (
        shapley_effects(lambda x: x @ WEIGHTS, columns, singles, n)[1] for n in (200, 1800)
    )
    np.testing.assert_allclose(many, few / 3, rtol=0.3)


def test_of_a_fit(tree: xr.DataTree) -> None:
    """Shares sum to one; worlds of the copula have the headline of the draws."""
    found = importance(tree, orders=300)
    assert float(found.data["share"].sum()) == pytest.approx(1)
    assert found.data.sizes["latent"] == 20
    headline = found.data.attrs["headline"]
    assert found.data.attrs["rebuilt"] == pytest.approx(headline, abs=0.12)  # 4 errors of 300
    assert f"{headline:.2f}" in found.text
    assert list(found.table.index) == found.data["latent"].values.tolist()
