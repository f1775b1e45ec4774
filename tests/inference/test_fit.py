"""The fit's tree and its verdict, without sampling."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS, NUMPY, derive
from sweet_spot.argument.worlds import evaluate
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, predictive
from sweet_spot.inference.fit import fit
from sweet_spot.inference.judge import Thresholds, judge
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import GROUP_DIMS, layout
from sweet_spot.inference.refit import Settings

CHECKS = ("r_hat", "ess_bulk", "ess_tail", "divergences", "bfmi")
C = learned_constants()
SETTINGS = Settings(draws=60, chains=2, seed=5, prior_only=True)


@pytest.fixture(scope="module")
def tree(argument: Argument, evidence: Evidence) -> xr.DataTree:
    return fit(argument, evidence, SETTINGS)


def test_prior_only_has_no_posterior(tree: xr.DataTree) -> None:
    """And no verdict, as there is nothing to judge."""
    assert set(tree.children) == {"prior", "prior_predictive", "observed_data", "constant_data"}
    assert "passed" not in tree.attrs
    assert tree.attrs["setting_prior_only"] == 1


def test_prior_has_every_name_with_its_dims(tree: xr.DataTree) -> None:
    wanted = {**LATENT_DIMS, **DERIVED_DIMS, **dict.fromkeys(GATES, ("factor",))}
    wanted |= {name: (dim,) for name, dim in GROUP_DIMS.items()}
    wanted |= {"latent_score": ("score",), "disposition_field": (), "omega": ()}
    prior = tree["prior"].to_dataset()
    assert {str(n): v.dims for n, v in prior.data_vars.items()} == {
        name: ("chain", "draw", *dims) for name, dims in wanted.items()
    }
    assert dict(prior.sizes) | {"chain": 2, "draw": 60, "factor": 3, "work": 3} == dict(prior.sizes)
    assert all(bool(np.isfinite(v).all()) for v in prior.data_vars.values())
    assert set(np.unique(prior["usable"])) <= {0, 1}


def test_nothing_that_netcdf_cannot_hold(tree: xr.DataTree) -> None:
    """No booleans and no objects; gates are small integers, predictions single precision."""
    for node in tree.subtree:
        for name, variable in node.variables.items():
            assert variable.dtype.kind in "fiU", name
    assert tree["prior/usable"].dtype == np.int8
    assert tree["prior_predictive/stated"].dtype == np.float32
    plain = (str, int, float, list)
    assert all(
        isinstance(value, plain) and not isinstance(value, bool) for value in tree.attrs.values()
    )


def test_attributes_say_what_made_it(tree: xr.DataTree) -> None:
    attrs = tree.attrs
    assert (attrs["setting_draws"], attrs["setting_chains"], attrs["setting_seed"]) == (60, 2, 5)
    assert (attrs["error_tau_shared"], attrs["error_omega"]) == (C.tau_shared, [2.0, 4.0])
    assert attrs["error_log_sds"] == list(C.log_sds)
    for package in ("pymc", "nutpie", "arviz", "numpy", "xarray", "ai_safety_sweet_spot"):
        assert attrs[f"version_{package}"]
    digests = {n for n in attrs if n.startswith("digest_")}
    assert {"digest_fit", "digest_argument", "digest_questions", "digest_statements"} <= digests
    # live: seven of eight statements, one of them a check; Fay only checks
    assert (attrs["statements_evidence"], attrs["statements_check"], attrs["experts"]) == (6, 1, 6)


def test_what_was_said_is_kept(tree: xr.DataTree, evidence: Evidence) -> None:
    said = tree["constant_data"].to_dataset()
    table = evidence.statements
    np.testing.assert_array_equal(tree["observed_data/stated"], table["observed"])
    for name in ("expert", "cluster", "question", "stated", "url", "live", "evidence"):
        np.testing.assert_array_equal(said[name], table[name])
    assert said["quantity"].sel(statement="fay-usable") == "usable[any]"


def test_every_statement_is_predicted(tree: xr.DataTree, evidence: Evidence) -> None:
    """Checks and superseded ones too."""
    predicted = tree["prior_predictive"].to_dataset()
    assert set(predicted.data_vars) == {"stated", "quantity"}
    np.testing.assert_array_equal(predicted["statement"], evidence.statements["statement"])
    assert predicted["stated"].dims == ("chain", "draw", "statement")
    assert bool(np.isfinite(predicted["stated"]).all())


def test_predicted_quantities_are_the_draws_own(
    tree: xr.DataTree, argument: Argument, evidence: Evidence
) -> None:
    """`quantity` is the target on its working scale; a gate as 0 or 1."""
    prior, predicted = tree["prior"].to_dataset(), tree["prior_predictive/quantity"]
    latents = {name: prior[name].to_numpy() for name in LATENT_DIMS}
    whole = layout(argument, evidence, C, checks=True)
    values = evaluate(whole.targets, latents, NUMPY)[..., whole.target]
    np.testing.assert_allclose(predicted, values, rtol=1e-6)  # kept in single precision
    np.testing.assert_allclose(
        predicted.sel(statement="ann-schemers"), prior["scheming"], rtol=1e-6
    )
    usable = prior["usable"].max("factor")
    np.testing.assert_array_equal(predicted.sel(statement="fay-usable"), usable)


def test_predictions_repeat(tree: xr.DataTree, argument: Argument, evidence: Evidence) -> None:
    whole = layout(argument, evidence, C, checks=True)
    prior = tree["prior"].to_dataset()
    one, two, other = (predictive(argument, prior, whole, C, s) for s in (5, 5, 6))
    xr.testing.assert_identical(one, two)
    np.testing.assert_array_equal(one["stated"], tree["prior_predictive/stated"])
    assert not bool((one["stated"] == other["stated"]).any())


def test_complete_is_derive(tree: xr.DataTree, argument: Argument) -> None:
    """From free variables alone, all that `derive` makes of the latents."""
    prior = tree["prior"].to_dataset()
    free = prior.drop_vars(
        [
            *DERIVED_DIMS,
            *GATES,
            *[n for n in LATENT_DIMS if n not in ("diminishing_returns", "work_share")],
        ]
    )
    made = complete(argument, free)
    assert set(made.data_vars) == set(prior.data_vars)
    derived = derive(made[list(LATENT_DIMS)])
    for name in (*DERIVED_DIMS, *GATES):
        np.testing.assert_allclose(made[name], derived[name], rtol=1e-12, err_msg=name)
        np.testing.assert_array_equal(made[name], prior[name])


def test_same_seed_same_prior(argument: Argument, evidence: Evidence, tree: xr.DataTree) -> None:
    again = fit(argument, evidence, SETTINGS)
    xr.testing.assert_identical(again["prior"].to_dataset(), tree["prior"].to_dataset())


def test_prior_only_without_any_statement(
    argument: Argument, evidence_from: Callable[..., Evidence], tree: xr.DataTree
) -> None:
    """The argument alone: no error model, no predictions; the same latents from the same seed."""
    bare = fit(argument, evidence_from([]), SETTINGS)
    assert set(bare.children) == {"prior", "observed_data", "constant_data"}
    assert bare.attrs["experts"] == 0
    np.testing.assert_array_equal(bare["prior/hardness"], tree["prior/hardness"])


# The verdict, on posteriors made by hand


def posterior(rng: np.random.Generator) -> tuple[xr.Dataset, xr.Dataset]:
    """Four chains of 1500 independent draws: two variables, a gate, a gate that never opens."""
    size, dims = (4, 1500), ("chain", "draw")
    draws = xr.Dataset(
        {
            "one": (dims, rng.normal(size=size)),
            "many": ((*dims, "factor"), rng.normal(size=(*size, 3))),
            "gate": (dims, (rng.random(size) < 0.3).astype(np.int8)),
            "closed": (dims, np.zeros(size, np.int8)),
        }
    )
    stats = xr.Dataset(
        {"diverging": (dims, np.zeros(size, bool)), "energy": (dims, rng.normal(size=size))}
    )
    return draws, stats


@pytest.fixture
def made() -> tuple[xr.Dataset, xr.Dataset]:
    return posterior(np.random.default_rng(1))


def failed(verdict: dict[str, Any]) -> set[str]:
    return {name for name in CHECKS if not verdict[f"check_{name}_passed"]}


def slow(rng: np.random.Generator, phi: float, size: tuple[int, int] = (4, 1500)) -> np.ndarray:
    """An autoregression of unit variance."""
    steps = rng.normal(size=size) * (1 - phi**2) ** 0.5
    steps[:, 0] /= (1 - phi**2) ** 0.5
    for k in range(1, size[1]):
        steps[:, k] += phi * steps[:, k - 1]
    return steps


def test_a_good_posterior_passes(made: tuple[xr.Dataset, xr.Dataset]) -> None:
    verdict = judge(*made)
    assert verdict["passed"] == 1
    assert not failed(verdict)
    for name, limit in vars(Thresholds()).items():
        assert verdict[f"check_{name}_threshold"] == limit
    assert verdict["check_r_hat"] < 1.01
    assert verdict["check_ess_bulk"] > 4000  # of 6000 independent draws, worst of five columns
    assert verdict["check_bfmi"] == pytest.approx(2, abs=0.3)  # independent energies: E d^2 = 2 var
    assert all(isinstance(value, int | float) for value in verdict.values())


def shifted(draws: xr.Dataset, stats: xr.Dataset, rng: np.random.Generator) -> None:
    draws["many"][0, :, 1] += 0.5


def sticky(draws: xr.Dataset, stats: xr.Dataset, rng: np.random.Generator) -> None:
    draws["one"][:] = slow(rng, 0.97)


def bursts(draws: xr.Dataset, stats: xr.Dataset, rng: np.random.Generator) -> None:
    draws["one"][:] = draws["one"] * np.exp(2 * slow(rng, 0.99))


def diverging(draws: xr.Dataset, stats: xr.Dataset, rng: np.random.Generator) -> None:
    stats["diverging"][2, 700] = True


def walking(draws: xr.Dataset, stats: xr.Dataset, rng: np.random.Generator) -> None:
    stats["energy"][3] = slow(rng, 0.97)[0]


def stuck(draws: xr.Dataset, stats: xr.Dataset, rng: np.random.Generator) -> None:
    """Each chain at its own place."""
    draws["one"][:] = np.arange(4.0)[:, None]


@pytest.mark.parametrize(
    ("damage", "wanted", "allowed"),
    [
        (shifted, {"r_hat"}, {"ess_bulk"}),  # a chain elsewhere also costs effective draws
        (sticky, {"ess_bulk"}, {"ess_tail", "r_hat"}),
        (bursts, {"ess_tail"}, {"r_hat"}),  # the centre mixes, the tails do not
        (diverging, {"divergences"}, set()),
        (walking, {"bfmi"}, set()),
        (stuck, {"r_hat", "ess_bulk"}, {"ess_tail"}),
    ],
)
def test_each_fault_fails_by_name(
    made: tuple[xr.Dataset, xr.Dataset],
    damage: Callable[..., None],
    wanted: set[str],
    allowed: set[str],
) -> None:
    damage(*made, np.random.default_rng(2))
    verdict = judge(*made)
    assert verdict["passed"] == 0
    assert wanted <= failed(verdict) <= wanted | allowed, verdict


@pytest.mark.parametrize("name", CHECKS)
def test_thresholds_decide(made: tuple[xr.Dataset, xr.Dataset], name: str) -> None:
    """The same posterior fails exactly the check whose demand is out of reach."""
    unreachable = {"r_hat": 0.9, "ess_bulk": 1e6, "ess_tail": 1e6, "divergences": -1, "bfmi": 9.0}
    verdict = judge(*made, Thresholds(**{name: unreachable[name]}))
    assert failed(verdict) == {name}
    assert verdict["passed"] == 0


def test_a_draw_that_is_no_number_fails(made: tuple[xr.Dataset, xr.Dataset]) -> None:
    """It has no R-hat, and what has none must not pass for what needs none."""
    made[0]["many"][1, 5, 2] = np.nan
    assert judge(*made)["passed"] == 0


def test_a_gate_that_half_of_the_draws_pass_is_judged(
    made: tuple[xr.Dataset, xr.Dataset],
) -> None:
    """Exactly half: about the median all draws are alike. Chains that agree pass, others do not."""
    draws, stats = made
    size = (draws.sizes["chain"], draws.sizes["draw"])
    even = np.tile([0, 1], (size[0], size[1] // 2))
    rng = np.random.default_rng(6)
    mixed = rng.permuted(even, axis=1)
    apart = np.sort(even.ravel()).reshape(size)
    for gate, passed in ((mixed, True), (apart, False)):
        found = judge(draws.assign(gate=(("chain", "draw"), gate)), stats)
        assert bool(found["check_r_hat_passed"]) is passed
