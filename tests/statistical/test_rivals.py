"""Data simulated from one structure: its weight rises as more statements are heard."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.bridge import ratio_of_structures, updated
from sweet_spot.inference.draws import prior_draws, statement_values
from sweet_spot.inference.error_model import expected, simulate
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import GROUP_DIMS, layout, restricted
from sweet_spot.inference.refit import compile_model
from sweet_spot.inference.rivals import rival_arguments

RUNS = 4
"""Simulated panels for each true structure."""
STAGES = (2, 8)
"""How many questions have been answered, each by three experts."""
NAMES = ("main", "no_feedback")
ASKED = (
    ("years_between_speedups(25, 250)", "years", [0.5, 1.0, 2.0]),
    ("diminishing_returns", "per dex", [0.7, 0.8, 0.9]),
    ("years_between_speedups(250, 2000)", "years", [0.5, 1.0, 2.0]),
    ("speedup_automation", "dex", [1.1, 1.2, 1.3]),
    ("years_for_progress(20)", "years", [0.5, 1.0, 2.0]),
    ("progress_between_speedups(25, 250)", "years", [5.0, 10.0, 20.0]),
    ("years_between_speedups(25, 2000)", "years", [1.0, 2.0, 4.0]),
    ("years_for_progress(3)", "years", [0.05, 0.1, 0.2]),
)
"""Questions on takeoff, on which the structures differ, and on what they take as given."""


@pytest.fixture(scope="module")
def evidence(evidence_of: Callable[..., Evidence]) -> Evidence:
    questions = [
        {"id": f"q{k}", "quantity": quantity, "unit": unit, "topic": "takeoff", "direction": 0,
         "fidelity": "exact"}
        for k, (quantity, unit, _) in enumerate(ASKED)
    ]  # fmt: skip
    statements = [
        {"id": f"q{k}-{expert}", "expert": expert, "question": f"q{k}", "kind": "quantile",
         "levels": [0.1, 0.5, 0.9], "values": values, "unit": unit}
        for k, (_, unit, values) in enumerate(ASKED)
        for expert in ("ann", "bob", "cat")
    ]  # fmt: skip
    return evidence_of(questions, statements)


def test_weight_of_the_true_structure_rises(
    evidence: Evidence, draw: Callable[..., xr.Dataset]
) -> None:
    constants, arguments = learned_constants(), rival_arguments(load_argument())
    fitted = layout(arguments["main"], evidence, constants)
    benches = {
        name: SimpleNamespace(
            argument=arguments[name],
            compiled=compile_model(arguments[name], evidence, constants).sampler,
        )
        for name in NAMES
    }
    free = prior_draws(arguments["main"], fitted, constants, 1, RUNS, seed=12)
    own = GROUP_DIMS | {"disposition_field": None, "omega": None}
    variables = {
        name: free[name].transpose("chain", "draw", *([dim] if dim else [])).to_numpy()
        for name, dim in own.items()
    }

    def said_under(name: str) -> np.ndarray:
        values = statement_values(arguments[name], free, fitted)
        location, scale = expected(values, variables, fitted.panel, constants, NUMPY)
        omega, rng = variables["omega"][..., None], np.random.default_rng(8)
        return simulate(location, scale, omega, fitted.panel, constants.nu_error, rng)[0]

    def log_odds_of_truth(truth: str, observed: np.ndarray, stage: int) -> float:
        """Log odds of the true structure after the first questions, from even odds."""
        heard = np.array([int(s[1]) < stage for s in fitted.coords["statement"].tolist()])
        data = {"observed": observed, "live": heard.astype(float)}
        rows = np.flatnonzero(heard)
        said = replace(restricted(fitted, rows), observed=observed[rows])
        at = {name: draw(benches[name], draws=500, seed=stage, **data) for name in NAMES}

        pair = tuple(subset(at[name], said.coords) for name in NAMES)
        both = tuple(arguments[name] for name in NAMES)
        found = ratio_of_structures(both, pair, said, constants).value
        return -found if truth == "main" else found

    odds = np.array(
        [
            [log_odds_of_truth(truth, said_under(truth)[run], stage) for stage in STAGES]
            for truth in NAMES
            for run in range(RUNS)
        ]
    )
    weights = np.array([updated(np.full(2, 0.5), np.array([0.0, each]))[1] for each in odds.flat])
    weight = weights.reshape(odds.shape).mean(axis=0)
    mean = odds.mean(axis=0)
    # in expectation both rise with every statement (Gibbs' inequality)
    assert (np.diff(mean) > 0).all(), mean
    assert (np.diff(weight) > 0).all(), weight
    assert weight[0] > 0.5 - 0.1
    assert weight[-1] > 0.6


def subset(draws: xr.Dataset, coords: dict[str, np.ndarray]) -> xr.Dataset:
    """The effects of those whom some statements touch."""
    labels = {dim: coords[dim] for dim in ("topic", "question", "expert", "cluster")}
    return draws.sel({dim: of for dim, of in labels.items() if dim in draws.dims})
