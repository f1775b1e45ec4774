"""Leaving an expert out by importance weights says the same as fitting without them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sweet_spot.answers.estimates import WEIGHTS, drawn, estimate, live_only
from sweet_spot.argument.spec import load_argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.fit import fit
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.refits import refitter
from sweet_spot.inference.reweight import base_of

ASKED = (
    ("danger_gap", "dex", "danger", 1),
    ("needed_years[safety_progress]", "years", "hardness", -1),
)
SAID = {
    "ann": ([0.4, 0.8, 1.2], [0.1, 0.2, 0.4]), "bob": ([-0.6, -0.2, 0.2], [1.0, 3.0, 9.0]),
    "cat": ([0.2, 0.6, 1.4], [0.05, 0.2, 0.8]), "dan": ([0.5, 1.5, 2.5], [0.3, 0.5, 0.9]),
}  # fmt: skip


@pytest.fixture(scope="module")
def panel(evidence_of: Callable[..., Evidence]) -> Evidence:
    questions = [
        {"id": f"q{k}", "quantity": quantity, "unit": unit, "topic": topic, "direction": direction,
         "fidelity": "close"}
        for k, (quantity, unit, topic, direction) in enumerate(ASKED)
    ]  # fmt: skip
    statements = [
        {"id": f"{expert}-q{k}", "expert": expert, "question": f"q{k}", "kind": "quantile",
         "levels": [0.1, 0.5, 0.9], "values": values, "unit": ASKED[k][1]}
        for expert, both in SAID.items()
        for k, values in enumerate(both)
    ]  # fmt: skip
    return evidence_of(questions, statements)


def test_weights_and_refits_leave_the_same_out(panel: Evidence, tmp_path: Path) -> None:
    argument, settings = load_argument(), Settings(seed=5)
    base = base_of(fit(argument, panel, settings, learned_constants()), argument)
    refit, today = refitter(base, settings, tmp_path), drawn(base)
    who, moved = base.evidence.statements["expert"].to_numpy(), []
    for expert in SAID:
        left = live_only(base.evidence, who != expert)
        by_weights = estimate([base], left)
        again = refit(left, base.constants)
        assert again is not None
        assert again.passed
        by_refit = drawn(again.base)
        assert by_weights.method == WEIGHTS
        # independent draws: four standard errors of the difference, over four experts
        slack = 4 * np.hypot(by_weights.error, by_refit.error)
        assert abs(by_weights.value - by_refit.value) < slack
        moved.append(abs(by_refit.value - today.value) / np.hypot(by_refit.error, today.error))
    assert max(moved) > 4  # else weights that are all one would pass
