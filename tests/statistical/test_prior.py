"""No statements live: the posterior is the prior, through the real sampler (MODEL.md section 7)."""

from typing import Any

import arviz as az
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.structure import GATES, LATENT_DIMS, derive

SAMPLE = ("chain", "draw")
ERRORS = 4
"""Monte Carlo standard errors allowed: of some 80 comparisons one in 200 such suites would fail."""


@pytest.fixture(scope="module")
def prior(bundled: Any, draw: Any) -> xr.Dataset:
    """Draws with every statement of the bundled data dead."""
    dead = np.zeros(bundled.fitted.live.size)
    return draw(bundled, live=dead, draws=2500, tune=500, chains=4, seed=3)


def worst(found: xr.DataArray, exact: Any, error: Any) -> float:
    return float(np.max(np.abs((found - exact) / error)))


def test_scores_have_mean_zero_and_variance_one(prior: xr.Dataset) -> None:
    """The standard error of the standard deviation is ArviZ's, from the effective sample size."""
    score = prior["latent_score"]
    assert worst(score.mean(SAMPLE), 0, az.mcse(score)) < ERRORS
    assert worst(score.std(SAMPLE), 1, az.mcse(score, method="sd")) < ERRORS


def test_scores_are_normal(prior: xr.Dataset) -> None:
    """Thinned to near independence, Kolmogorov-Smirnov at p > 1e-4 for each of 26."""
    for label in prior["score"].values:
        column = prior["latent_score"].sel(score=label).values[:, ::5].ravel()
        assert stats.kstest(column, "norm").pvalue > 1e-4, label


def test_scores_do_not_depend_on_each_other(prior: xr.Dataset) -> None:
    """Products of all 325 pairs have mean zero, within 4.5 of their own standard errors.

    Squares and products mix several times more slowly than scores, of which NUTS makes draws better
    than independent ones; so each product gets its own effective sample size.
    """
    score = prior["latent_score"].transpose(..., "score").to_numpy()
    first, second = np.triu_indices(score.shape[-1], 1)
    products = xr.DataArray(score[..., first] * score[..., second], dims=(*SAMPLE, "pair"))
    assert worst(products.mean(SAMPLE), 0, az.mcse(products)) < 4.5


def test_latents_outside_the_normal_block(bundled: Any, prior: xr.Dataset) -> None:
    latents = bundled.argument.latents
    one = latents["diminishing_returns"].prior
    law = stats.truncnorm((one.above - one.mean) / one.sd, np.inf, one.mean, one.sd)
    found = prior["diminishing_returns"]
    assert worst(found.mean(SAMPLE), law.mean(), az.mcse(found)) < ERRORS
    assert worst(found.std(SAMPLE), law.std(), az.mcse(found, method="sd")) < ERRORS
    share, shares = prior["work_share"], latents["work_share"].prior
    mean = np.array(shares.mean)
    sd = np.sqrt(mean * (1 - mean) / (shares.concentration + 1))
    assert worst(share.mean(SAMPLE), mean, az.mcse(share)) < ERRORS
    assert worst(share.std(SAMPLE), sd, az.mcse(share, method="sd")) < ERRORS


@pytest.mark.parametrize("gate", GATES)
def test_gates(bundled: Any, prior: xr.Dataset, gate: str) -> None:
    """Each factor, any and all, against 200,000 draws that no sampler made."""
    exact = prior_latents(bundled.argument, 200_000, 17)
    columns = {name: (("draw", *dims), exact[name]) for name, dims in LATENT_DIMS.items()}
    wanted = derive(xr.Dataset(columns))[gate]
    for among in ("each", "any", "all"):
        found, p = prior[gate].astype(bool), wanted.astype(bool)
        if among != "each":
            found, p = (getattr(x, among)("factor") for x in (found, p))
        found, p = found.astype(float), p.mean("draw").to_numpy()
        error = np.hypot(az.mcse(found), np.sqrt(p * (1 - p) / 200_000))
        assert worst(found.mean(SAMPLE), p, error) < ERRORS, among


def test_reporters_errors_too(bundled: Any, prior: xr.Dataset) -> None:
    """Means and spreads of all that is normal in the error model; of omega and of loadings."""
    normal = ("mapping", "question_scale_score", "disposition_cluster", "disposition_expert")
    for name in (*normal, "disposition_field"):
        assert worst(prior[name].mean(SAMPLE), 0, az.mcse(prior[name])) < ERRORS + 0.5, name
    laws = {"omega": stats.beta(2, 4), "loading": stats.halfnorm()}
    for name, law in laws.items():
        assert worst(prior[name].mean(SAMPLE), law.mean(), az.mcse(prior[name])) < ERRORS, name
