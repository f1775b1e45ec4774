"""Machine code of panels of other kinds: with a crowd, some of it one-sided, and without anyone."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.compiled import compiled_sampler
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import layout

from .test_compiled import check

C = ErrorConstants(probability_unit=1.7)
ASKED = {
    "id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
    "fidelity": "close",
}  # fmt: skip


def crowd() -> list[dict[str, object]]:
    """130 people of a club, more than count in full; ten bounds among them; one person alone."""
    values = np.random.default_rng(2).normal(0.5, 0.7, 120).round(3).tolist()
    said = [{"kind": "median", "value": value, "unit": "dex"} for value in values]
    said += [{"kind": "median", "value": ">2", "unit": "dex"}] * 10
    people = [
        {"id": f"p{k}", "expert": f"P{k}", "cluster": "club", "question": "danger", **one}
        for k, one in enumerate(said)
    ]
    chance = {"kind": "probability", "value": 0.3, "event": "> 1", "unit": "probability"}
    return [*people, {"id": "alone", "expert": "Alone", "question": "danger", **chance}]


@pytest.mark.parametrize("said", [crowd(), []], ids=["a crowd", "nobody"])
def test_density_and_gradient_are_those_of_the_model(
    argument: Argument,
    evidence_from: Callable[..., Evidence],
    tmp_path: Path,
    said: list[dict[str, object]],
) -> None:
    """By PyMC's own functions; the code is the kind that is kept."""
    evidence = evidence_from(said, [ASKED])
    fitted, model = layout(argument, evidence, C), build_model(argument, evidence, C, derived=False)
    assert (fitted.panel.crowd is not None) == bool(said)
    sampler = compiled_sampler(argument, fitted, C, lambda: model, tmp_path)
    assert len(list(tmp_path.rglob("*.bin"))) == 1  # it was kept, and not compiled by nutpie
    check(sampler, model)
