"""The equations in PyTensor: the numbers of NumPy, and gradients that are finite everywhere."""

import functools
from collections.abc import Callable

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import special, stats

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.quantities import catalogue, dims_of
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS, NUMPY, Ops, equations
from sweet_spot.argument.worlds import evaluate, target
from sweet_spot.inference.model import PYTENSOR

FIRST = {"factor": "safety_progress", "work": "conceptual"}
BRACKETS = {name: ", ".join(FIRST[dim] for dim in dims_of(name)) for name in catalogue()}
SPEEDS = {
    "years_between_speedups": "(5, 25)",
    "progress_between_speedups": "(5, 25)",
    "year_at_speedup": "(25)",
    "years_for_progress": "(3)",
    "scheming_at": "(25)",
}
NAMES = [f"{n}[{b}]" if b else n + SPEEDS.get(n, "") for n, b in BRACKETS.items() if n not in GATES]
VIA = "years_per_dex_before"
WORLDS = [
    ({}, None),
    ({"year_at_speedup(5)": 2029.0}, VIA),
    ({"year_automation": 2026.01, "investment": 0.3, "current_speedup": 0.2}, VIA),
    ({"work_share[safety_progress, conceptual]": 0.5, "scheming": 0.0}, None),
]
# a quantity that a condition fixes has an infinite logit of its own where the share given is 0
TARGETS = [
    target(name, *world)
    for world in WORLDS
    for name in NAMES
    if not (name.startswith("scheming") and world[0].get("scheming") == 0.0)
]
AS_WRITTEN = pytensor.compile.mode.Mode(linker="py", optimizer=None)
"""Gradients without any rewriting: rewrites take minutes here, and could only hide a NaN."""
CLOSE = {"rtol": 1e-12, "atol": 1e-13}
"""Both sum the same terms; differences of two dates lose digits against the dates' size."""


def all_equations(latents: dict, ops: Ops) -> list:
    found = equations(latents, ops)
    return [found[name] * 1.0 for name in (*DERIVED_DIMS, *GATES)]


def all_targets(latents: dict, ops: Ops) -> list:
    return [evaluate(TARGETS, latents, ops)]


def any_and_all(latents: dict, ops: Ops) -> list:
    return [evaluate([target(f"{g}[{w}]") for g in GATES for w in ("any", "all")], latents, ops)]


@functools.cache
def compiled(build: Callable, *, gradient: bool = False) -> Callable:
    """The graph of `build` for latents (draw, *dims), or the gradient of the sum of its values."""
    symbols = {n: pt.tensor(n, shape=(None,) * (1 + len(d))) for n, d in LATENT_DIMS.items()}
    outputs = build(symbols, PYTENSOR)
    if gradient:
        total = sum(output.sum() for output in outputs)
        outputs = pt.grad(total, list(symbols.values()), disconnected_inputs="ignore")
    mode = AS_WRITTEN if gradient else "FAST_COMPILE"
    return pytensor.function(list(symbols.values()), outputs, mode=mode, on_unused_input="ignore")


def run(build: Callable, latents: dict, *, gradient: bool = False) -> list[np.ndarray]:
    return compiled(build, gradient=gradient)(*(latents[name] for name in LATENT_DIMS))


@pytest.fixture(scope="module")
def draws() -> dict[str, np.ndarray]:
    return prior_latents(load_argument(), 300, seed=11)


def edges() -> dict[str, np.ndarray]:
    """Worlds on the lines where a branch of the equations changes, and far beyond them."""
    centre = {name: values[:1] for name, values in prior_latents(load_argument(), 1, 3).items()}
    centre |= {"current_speedup": np.array([0.125]), "automation_gap": np.array([1.25])}
    centre |= {"uneven_arrival": np.array([[0.25, 0.0, -1.5]]), "danger_gap": np.array([0.5])}
    changes: list[dict[str, float]] = [
        *({"diminishing_returns": slope} for slope in (0.0, 1e-12, 0.5, 1 - 1e-9, 1.0, 30.0)),
        *({"labour_growth": logit} for logit in (0.0, 40.0, -40.0, 800.0, -800.0)),
        {"labour_growth": 0.0, "diminishing_returns": 0.5},  # growth cancels the returns
        *({"danger_gap": gap} for gap in (0.0, 0.25, -1.25, -3.0, -30.0, 30.0)),
        {"danger_gap": 0.25, "countermeasure_gain": 0.0},  # width exactly zero for the first
        {"danger_gap": 30.0, "diminishing_returns": 12.0},
        *({"uneven_arrival": shift} for shift in (0.0, -1.25, -20.0, 20.0)),
        {"uneven_arrival": 20.0, "diminishing_returns": 12.0},
        *({"current_speedup": speed} for speed in (np.log10(5), np.log10(25), 2.0)),
        *({"years_per_dex_after": years} for years in (1e-6, 1e9)),
        *({"years_per_dex_before": years} for years in (1e-6, 1e9)),
        *({"output_failure": x, "process_failure": x} for x in (40.0, 800.0, -800.0)),
        *({"scheming": x, "sabotage_potency": x} for x in (800.0, -800.0)),
        *({"investment": x, "returns_to_share": x} for x in (0.0, 800.0, -800.0)),
        {"investment": -800.0, "returns_to_share": 800.0},
        {"hardness": 30.0, "years_bought": 0.0},
    ]
    rows = [
        {n: v + 0.0 if n not in change else 0 * v + change[n] for n, v in centre.items()}
        for change in changes
    ]
    return {name: np.concatenate([row[name] for row in rows]) for name in LATENT_DIMS}


@pytest.mark.parametrize("build", [all_equations, all_targets, any_and_all])
def test_same_numbers_at_prior_draws(build, draws):
    for graph, plain in zip(run(build, draws), build(draws, NUMPY), strict=True):
        np.testing.assert_allclose(graph, plain, **CLOSE)


@pytest.mark.parametrize("build", [all_equations, all_targets, any_and_all])
def test_same_numbers_at_the_edges(build):
    latents = edges()
    for graph, plain in zip(run(build, latents), build(latents, NUMPY), strict=True):
        assert np.isfinite(plain).all()
        np.testing.assert_allclose(graph, plain, **CLOSE)


@pytest.mark.parametrize("build", [all_equations, all_targets])
def test_gradients_are_finite(build, draws):
    for latents in (draws, edges()):
        for name, slope in zip(LATENT_DIMS, run(build, latents, gradient=True), strict=True):
            assert np.isfinite(slope).all(), name


@pytest.mark.parametrize("name", [n for n in LATENT_DIMS if n != "work_share"])
def test_gradients_are_right(name, draws):
    """Against central differences, in nine of ten draws: in others a step crosses a bend."""
    few = {latent: values[:40] for latent, values in draws.items()}
    step = 1e-6
    up, down = ({**few, name: few[name] + sign * step} for sign in (1, -1))
    (high,), (low,) = all_targets(up, NUMPY), all_targets(down, NUMPY)
    numeric = ((high - low) / (2 * step)).sum(axis=1)
    slope = run(all_targets, few, gradient=True)[list(LATENT_DIMS).index(name)]
    total = slope.reshape(40, -1).sum(axis=1)
    assert abs(total).max() > 0
    assert np.isclose(total, numeric, rtol=1e-5, atol=1e-4).mean() >= 0.9


def test_scalars_without_leading_dims(draws):
    """A single world, as the model builds it: latents of shape (*dims)."""
    world = {name: values[0] for name, values in draws.items()}
    symbols = {n: pt.tensor(n, shape=(3,) * len(d)) for n, d in LATENT_DIMS.items()}
    graph = pytensor.function(
        list(symbols.values()),
        [*all_equations(symbols, PYTENSOR), *all_targets(symbols, PYTENSOR)],
        mode="FAST_COMPILE",
    )
    plain = [*all_equations(world, NUMPY), *all_targets(world, NUMPY)]
    for found, wanted in zip(graph(*world.values()), plain, strict=True):
        np.testing.assert_allclose(found, wanted, **CLOSE)


def test_the_normal_tail_is_scipys():
    """Values to rounding and slopes to 1e-10, on both sides of every branch and far beyond."""
    x = pt.dvector()
    value = PYTENSOR.log_ndtr(x)
    graph = pytensor.function([x], [value, pytensor.grad(value.sum(), x)], mode="FAST_COMPILE")
    at = np.array([-1e8, -500, -40, -30.0001, -29.9999, -10, -1.0001, -1, -0.9999, 0, 5, 40, 1e8])
    found, slope = graph(at)
    wanted = special.log_ndtr(at)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    with np.errstate(over="ignore", under="ignore"):
        hazard = np.exp(stats.norm.logpdf(at) - wanted)
    hazard[0] = 1e8  # there both logs are too large to tell their difference
    np.testing.assert_allclose(slope, hazard, rtol=1e-10, atol=1e-300)
