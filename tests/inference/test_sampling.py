"""One real compilation: the prior comes back without statements, and the same draws with the same.

The statistical suite does the same, and more, on larger panels and with more draws.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import arviz as az
import numpy as np
import nutpie
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import GATES
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, prior_draws
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import Layout, layout


@pytest.fixture(scope="module")
def compiled(argument: Argument, evidence: Evidence) -> Any:
    return nutpie.compile_pymc_model(build_model(argument, evidence, derived=False))


def draw(compiled: Any, of: Layout, live: np.ndarray | None = None) -> xr.DataTree:
    data = {"observed": of.observed, "live": of.live if live is None else live}
    return nutpie.sample(
        compiled.with_data(**data), draws=1000, tune=500, chains=2, seed=11, target_accept=0.9,
        save_warmup=False, progress_bar=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitted(argument: Argument, evidence: Evidence, compiled: Any) -> xr.DataTree:
    return draw(compiled, layout(argument, evidence, ErrorConstants()))


def same(one: xr.DataTree, two: xr.DataTree) -> bool:
    """Bit for bit, whatever the time they were made at."""
    return bool(one["posterior"].to_dataset().equals(two["posterior"].to_dataset()))


def test_a_real_fit_is_sound(fitted: xr.DataTree) -> None:
    assert int(fitted["sample_stats"]["diverging"].sum()) == 0
    assert float(az.rhat(fitted["posterior"].to_dataset())["latent_score"].max()) < 1.02


def test_statements_move_the_posterior(fitted: xr.DataTree) -> None:
    """Else the rest of this file would pass on a model that ignores what was said."""
    score = fitted["posterior"]["latent_score"]
    moved = abs(score.mean(("chain", "draw"))) / az.mcse(score)
    assert float(moved.max()) > 8


def test_dead_statements_leave_the_prior(
    argument: Argument, evidence: Evidence, compiled: Any
) -> None:
    """Means of all scores and gates within four standard errors, both ends counted."""
    found = layout(argument, evidence, ErrorConstants())
    after = draw(compiled, found, live=np.zeros(found.live.size))["posterior"].to_dataset()
    score = after["latent_score"]
    error = score.mean(("chain", "draw")) / az.mcse(score)
    assert float(abs(error).max()) < 4
    constants = ErrorConstants()
    before = complete(argument, prior_draws(argument, found, constants, 4, 10_000, seed=1))
    gates = complete(argument, after)[list(GATES)].astype(float)
    for gate in GATES:
        p = before[gate].mean(("chain", "draw"))
        exact = np.sqrt(p * (1 - p) / 40_000)
        off = (gates[gate].mean(("chain", "draw")) - p) / np.hypot(az.mcse(gates[gate]), exact)
        assert float(abs(off).max()) < 4, gate


@pytest.mark.parametrize("which", ["again", "backwards", "without checks"])
def test_same_draws(
    argument: Argument,
    compiled: Any,
    fitted: xr.DataTree,
    evidence_from: Callable[..., Evidence],
    all_statements: Sequence[Mapping[str, Any]],
    which: str,
) -> None:
    """The same seed gives the same draws, whatever order statements have and without the checks.

    Their data go through the one compiled function; that the graph is the same too is for
    test_model.py, and that compiling it gives the same draws for the statistical suite.
    """
    said = list(all_statements)
    if which == "backwards":
        said = said[::-1]
    elif which == "without checks":
        said = [s for s in said if s.get("role") != "check"]
    assert same(draw(compiled, layout(argument, evidence_from(said), ErrorConstants())), fitted)


def test_a_dead_statement_might_as_well_be_absent(
    argument: Argument, evidence: Evidence, compiled: Any, fitted: xr.DataTree
) -> None:
    """What a superseded statement says has no part in the fit, only its stated spread has."""
    found = layout(argument, evidence, ErrorConstants())
    other = np.where(found.live > 0, found.observed, 99.0)
    assert same(draw(compiled, replace(found, observed=other)), fitted)


def test_prior_scores_are_standard_normal(
    argument: Argument, evidence: Evidence, compiled: Any
) -> None:
    """Not only their means: thinned to near independence, by Kolmogorov-Smirnov at p > 1e-4."""
    found = layout(argument, evidence, ErrorConstants())
    after = draw(compiled, found, live=np.zeros(found.live.size))["posterior"]["latent_score"]
    for label in after["score"].values:
        column = after.sel(score=label).values[:, ::4].ravel()
        assert stats.kstest(column, "norm").pvalue > 1e-4, label
