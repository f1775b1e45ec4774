"""Rival structures in the graph and in NumPy alike, and fits that need no sampling of their own."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.rivals import STRUCTURES, Structure
from sweet_spot.argument.spec import Argument, with_structure
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS, NUMPY, Ops, equations
from sweet_spot.argument.worlds import evaluate, target
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, log_likelihood, prior_draws
from sweet_spot.inference.fit import assemble_tree
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.model import PYTENSOR, build_model
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.rivals import derived_again, rival_arguments, same_likelihood

RIVALS = STRUCTURES[1:]
VIA = "years_per_dex_before"
TARGETS = [
    target(name, given, VIA if given else None)
    for given in ({}, {"year_at_speedup(250)": 2031.0})
    for name in (
        "evaluation_failure[safety_progress]", "years_between_speedups(5, 250)",
        "year_at_speedup(2000)", "years_for_progress(3)", "labour_years[risk_evaluation]",
        "progress_between_speedups(5, 250)", "year_useful[safety_progress]", "usable[any]",
    )
]  # fmt: skip
MORE_QUESTIONS = (
    {"id": "judged", "quantity": "evaluation_failure[safety_progress]", "unit": "share",
     "topic": "evaluation", "direction": -1, "fidelity": "exact"},
    {"id": "far", "quantity": "years_between_speedups(25, 2000)", "unit": "years",
     "topic": "takeoff", "direction": 1, "fidelity": "exact"},
)  # fmt: skip
MORE_STATEMENTS = (
    {"id": "dan-judged", "expert": "Dan", "question": "judged", "kind": "median", "value": 0.4,
     "unit": "share"},
    {"id": "dan-far", "expert": "Dan", "question": "far", "kind": "median", "value": 2.0,
     "unit": "years"},
)  # fmt: skip
Records = Sequence[Mapping[str, Any]]


def outputs(latents: Mapping[str, Any], ops: Ops, structure: Structure) -> list[Any]:
    found = equations(latents, ops, structure)
    every = [found[name] * 1.0 for name in (*DERIVED_DIMS, *GATES)]
    return [*every, evaluate(TARGETS, latents, ops, structure)]


@pytest.mark.parametrize("structure", RIVALS, ids=lambda s: s.name)
def test_graph_is_numpy(argument: Argument, structure: Structure) -> None:
    """Values of everything derived and asked about, and gradients that are finite."""
    latents = prior_latents(argument, 300, 11)
    symbols = {n: pt.tensor(n, shape=(None,) * (1 + len(d))) for n, d in LATENT_DIMS.items()}
    values = outputs(symbols, PYTENSOR, structure)
    run = pytensor.function(list(symbols.values()), values, mode="FAST_COMPILE")
    # sums of the same terms; the soft integral is a difference of two larger ones
    for graph, plain in zip(
        run(*(latents[n] for n in LATENT_DIMS)), outputs(latents, NUMPY, structure), strict=True
    ):
        np.testing.assert_allclose(graph, plain, rtol=1e-10, atol=1e-12)
    deep = [*values[-3:], values[list(DERIVED_DIMS).index("effective_years")]]
    slopes = pt.grad(
        sum(value.sum() for value in deep), list(symbols.values()), disconnected_inputs="ignore"
    )
    mode = pytensor.compile.mode.Mode(linker="py", optimizer=None)
    steep = pytensor.function(list(symbols.values()), slopes, mode=mode, on_unused_input="ignore")
    for name, slope in zip(LATENT_DIMS, steep(*(latents[n] for n in LATENT_DIMS)), strict=True):
        assert np.isfinite(slope).all(), name


@pytest.fixture(scope="module")
def more(
    evidence_from: Callable[..., Evidence], all_statements: Records, all_questions: Records
) -> Evidence:
    """The panel with statements that tell structures apart."""
    return evidence_from([*all_statements, *MORE_STATEMENTS], [*all_questions, *MORE_QUESTIONS])


@pytest.mark.parametrize("name", ["bottleneck", "no_feedback"])
def test_the_model_is_that_of_the_structure(argument: Argument, more: Evidence, name: str) -> None:
    """Density of what was said, from the graph and from NumPy, and not that of the main one."""
    rival, constants = rival_arguments(argument)[name], learned_constants()
    model = build_model(rival, more, derived=False)
    free = prior_draws(rival, layout(rival, more, constants), constants, 1, 1, seed=5)
    point = model.initial_point()
    for rv in model.free_RVs:
        value, transform = model.rvs_to_values[rv], model.rvs_to_transforms[rv]
        own = np.asarray(free[rv.name].to_numpy()[0, 0])
        free_of = own if transform is None else transform.forward(own, *rv.owner.inputs).eval()
        point[value.name] = free_of
    graph = model.compile_logp(vars=[model["stated"]], sum=False, mode="FAST_COMPILE")(point)[0]
    fitted = layout(rival, more, constants)
    plain = log_likelihood(rival, free, fitted, constants)["stated"][0, 0].to_numpy()
    np.testing.assert_allclose(graph[fitted.live > 0], plain, rtol=1e-9)
    main = log_likelihood(argument, free, fitted, constants)["stated"][0, 0]
    moved = set(main["statement"].to_numpy()[~np.isclose(main, plain)].tolist())
    # in this draw full automation comes before 25x, so that gaps up to there follow too
    late = {"dan-far", "dan-gap", "eve-gap"}
    assert moved == {"bottleneck": {"dan-judged"}, "no_feedback": late}[name]


def test_scales_of_questions_are_the_main_ones(argument: Argument, more: Evidence) -> None:
    scales = [
        layout(with_structure(argument, s), more, learned_constants()).panel.log_scale
        for s in STRUCTURES
    ]
    for each in scales[1:]:
        np.testing.assert_array_equal(each, scales[0])


def test_which_structures_the_statements_cannot_tell_apart(
    argument: Argument, evidence: Evidence, more: Evidence
) -> None:
    rivals = rival_arguments(argument)
    assert list(rivals) == ["main", "bottleneck", "no_feedback", "soft_danger"]
    alike = [n for n, of in rivals.items() if same_likelihood(argument, of, more)]
    assert alike == ["main", "soft_danger"]
    # without a statement on evaluation_failure the bottleneck is one of them
    assert same_likelihood(argument, rivals["bottleneck"], evidence)
    assert not same_likelihood(argument, rivals["no_feedback"], evidence)


def test_derived_again_is_what_a_fit_would_hold(argument: Argument, evidence: Evidence) -> None:
    """The same free variables, the rival's consequences, and a tree that says which it is."""
    constants, settings = learned_constants(), Settings(draws=50, chains=2)
    fitted = layout(argument, evidence, constants)
    drawn_main = prior_draws(argument, fitted, constants, 2, 50, seed=1)
    energy = np.random.default_rng(1).normal(size=(2, 50))
    stats = xr.Dataset(
        {"energy": (("chain", "draw"), energy), "diverging": (("chain", "draw"), energy > 99)}
    )
    tree = xr.DataTree.from_dict(
        {"posterior": complete(argument, drawn_main), "sample_stats": stats}
    )
    soft = rival_arguments(argument)["soft_danger"]
    drawn = derived_again(tree, soft)
    for name in ("latent_score", "work_share", "danger_gap", "evaluation_failure"):
        xr.testing.assert_equal(drawn.posterior[name], tree["posterior"][name])
    assert not drawn.posterior["labour_years"].equals(tree["posterior"]["labour_years"])
    xr.testing.assert_equal(drawn.posterior, complete(soft, drawn_main))
    whole = assemble_tree(soft, evidence, drawn, settings, constants)
    assert whole.attrs["structure"] == "soft_danger"
    assert whole.attrs["digest_argument"] == soft.digest != argument.digest
    assert "check_r_hat" in whole.attrs
    assert not whole["prior/labour_years"].equals(complete(argument, drawn_main)["labour_years"])
