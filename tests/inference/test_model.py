"""The PyMC model: names and dims, log density, what `live` and checks do, interventions."""

import dataclasses
import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS, derive
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, log_likelihood, prior_draws
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import GROUP_DIMS, layout

FAST = {"mode": "FAST_COMPILE"}


@pytest.fixture(scope="module")
def model(argument: Argument, evidence: Evidence) -> pm.Model:
    return build_model(argument, evidence)


def test_dims_are_a_contract(model: pm.Model) -> None:
    found = model.named_vars_to_dims
    wanted = {
        **LATENT_DIMS,
        **DERIVED_DIMS,
        **dict.fromkeys(GATES, ("factor",)),
        **{n: (d,) for n, d in GROUP_DIMS.items()},
    }
    assert {name: tuple(found.get(name) or ()) for name in wanted} == wanted
    assert tuple(found["stated"]) == ("statement",)
    assert [v.name for v in model.observed_RVs] == ["stated"]


def test_checks_are_not_in_the_graph(
    argument: Argument,
    model: pm.Model,
    evidence_from: Callable[[Sequence[Mapping[str, object]]], Evidence],
    all_statements: Sequence[Mapping[str, object]],
) -> None:
    """Neither free variables nor the likelihood see a check, so that draws are the same."""
    without = build_model(
        argument, evidence_from([s for s in all_statements if s.get("role") != "check"])
    )
    assert without.initial_point().keys() == model.initial_point().keys()
    point = {name: value + 0.1 for name, value in model.initial_point().items()}
    assert without.compile_logp(**FAST)(point) == model.compile_logp(**FAST)(point)
    only = build_model(
        argument, evidence_from([s for s in all_statements if s.get("role") == "check"])
    )
    bare = build_model(argument)
    assert [v.name for v in only.free_RVs] == [v.name for v in bare.free_RVs]


def test_live_selects(argument: Argument, evidence: Evidence, model: pm.Model) -> None:
    """The graph holds every known statement; a dead one adds exactly zero."""
    logp = model.compile_fn(
        model.logp(vars=[model["stated"]], sum=False)[0],
        inputs=model.value_vars,
        on_unused_input="ignore",
        **FAST,
    )
    each = np.ravel(logp(model.initial_point()))
    ids = list(model.coords["statement"])
    assert each[ids.index("bob-date-earlier")] == 0.0  # superseded
    assert np.count_nonzero(each) == len(ids) - 1
    with model:
        pm.set_data({"live": np.zeros(len(ids))})
    assert not np.any(logp(model.initial_point()))
    with model:
        pm.set_data({"live": layout(argument, evidence, learned_constants()).live})


def test_graph_and_numpy_agree_on_the_log_likelihood(
    argument: Argument, evidence: Evidence, model: pm.Model
) -> None:
    """At prior draws, statement by statement; both use double precision, so 1e-9 is generous."""
    constants = learned_constants()
    fitted = layout(argument, evidence, constants)
    free = prior_draws(argument, fitted, constants, chains=1, draws=5, seed=3)
    ours = log_likelihood(argument, free, fitted, constants)["stated"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pm.compute_log_likelihood(
            xr.DataTree.from_dict({"posterior": free, "observed_data": xr.Dataset()}),
            model=model, extend_inferencedata=False, progressbar=False, compile_kwargs=FAST,
        )  # fmt: skip
    table = theirs.get("log_likelihood", theirs)["stated"]
    np.testing.assert_allclose(ours, table.sel(statement=ours["statement"]), rtol=1e-9)


def before(argument: Argument, evidence: Evidence, draws: int, seed: int) -> xr.Dataset:
    constants = learned_constants()
    fitted = layout(argument, evidence, constants)
    return prior_draws(argument, fitted, constants, chains=1, draws=draws, seed=seed)


def test_prior_draws_are_the_models_own(
    argument: Argument, evidence: Evidence, model: pm.Model
) -> None:
    """Against PyMC's own forward sampling by two-sample Kolmogorov-Smirnov, each at p > 1e-4."""
    ours = before(argument, evidence, 800, seed=1)
    names = [v.name for v in model.free_RVs]
    assert set(ours) == set(names)
    theirs = pm.sample_prior_predictive(
        800, model=model, var_names=names, random_seed=2, compile_kwargs=FAST
    ).prior
    for name in names:
        assert ours[name].dims == theirs[name].dims
        first = (slice(None), slice(None), *(0,) * (ours[name].ndim - 2))
        p = stats.ks_2samp(
            ours[name].to_numpy()[first].ravel(), theirs[name].to_numpy()[first].ravel()
        ).pvalue
        assert p > 1e-4, name


def test_do_agrees_with_intervening_on_draws(argument: Argument, evidence: Evidence) -> None:
    """`pm.do` with posterior predictive sampling against replacing a latent and deriving again."""
    model = build_model(argument, evidence)
    free = before(argument, evidence, 40, seed=9)
    tree = xr.DataTree.from_dict({"posterior": free})
    done = pm.do(model, {"years_bought": 3.0, "investment": np.array([-1.0, -2.0, 0.5])})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pm.sample_posterior_predictive(
            tree, model=done, var_names=["usable", "effective_years"], predictions=True,
            random_seed=1, progressbar=False, compile_kwargs=FAST,
        ).predictions  # fmt: skip
    latents = complete(argument, free)[list(LATENT_DIMS)]
    latents["years_bought"] = xr.full_like(latents["years_bought"], 3.0)
    latents["investment"] = latents["investment"] * 0 + xr.DataArray(
        [-1.0, -2.0, 0.5], dims="factor"
    )
    ours = derive(latents)
    np.testing.assert_allclose(theirs["effective_years"], ours["effective_years"], rtol=1e-10)
    np.testing.assert_array_equal(theirs["usable"], ours["usable"])


def test_order_does_not_matter(
    argument: Argument,
    model: pm.Model,
    evidence_from: Callable[[Sequence[Mapping[str, object]]], Evidence],
    all_statements: Sequence[Mapping[str, object]],
) -> None:
    """The same density and the same dims from statements in the reverse order."""
    backwards = build_model(argument, evidence_from(all_statements[::-1]))
    assert dict(backwards.coords) == dict(model.coords)
    point = {name: value - 0.2 for name, value in model.initial_point().items()}
    assert backwards.compile_logp(**FAST)(point) == model.compile_logp(**FAST)(point)


def test_gradients_are_finite_in_the_tails(argument: Argument, evidence: Evidence) -> None:
    """Also where `switch` hides a branch: three and six standard deviations out, both ways."""
    model = build_model(argument, evidence, derived=False)
    dlogp = model.compile_dlogp(**FAST)
    for shift in (-6.0, -3.0, 3.0, 6.0):
        point = {name: value + shift for name, value in model.initial_point().items()}
        assert np.isfinite(dlogp(point)).all(), shift


def test_constants_reach_the_graph(argument: Argument, evidence: Evidence) -> None:
    """A wider shared error changes the density."""
    wide = dataclasses.replace(ErrorConstants(), tau_shared=2.4)
    one, two = (build_model(argument, evidence, c, derived=False) for c in (ErrorConstants(), wide))
    point = {name: value + 0.5 for name, value in one.initial_point().items()}
    assert one.compile_logp(**FAST)(point) != two.compile_logp(**FAST)(point)
