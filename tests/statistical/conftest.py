"""Compiled models, one compilation each for the whole session, and evidence made by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.evidence.gather import Evidence, assemble, gather
from sweet_spot.evidence.reading import sourced
from sweet_spot.evidence.records import Question, Source, Statement
from sweet_spot.inference.draws import complete
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import Layout, layout


@dataclass(frozen=True)
class Bench:
    """A compiled model with the evidence that it was built from."""

    argument: Argument
    evidence: Evidence
    fitted: Layout
    model: pm.Model
    compiled: Any


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


def compile_evidence(evidence: Evidence) -> Bench:
    argument = load_argument()
    model = build_model(argument, evidence, derived=False)
    compiled = nutpie.compile_pymc_model(model)
    return Bench(
        argument, evidence, layout(argument, evidence, learned_constants()), model, compiled
    )


def draw(
    bench: Bench,
    *,
    draws: int = 1000,
    tune: int = 500,
    chains: int = 2,
    seed: int = 1,
    **data: np.ndarray,
) -> xr.Dataset:
    """Draws of all variables, gates included; `observed` and `live` may be swapped."""
    tree = nutpie.sample(
        bench.compiled.with_data(**data) if data else bench.compiled, draws=draws, tune=tune,
        chains=chains, seed=seed, target_accept=0.9, save_warmup=False, progress_bar=False,
    )  # fmt: skip
    return complete(bench.argument, tree["posterior"].to_dataset())


Question_ = Mapping[str, Any]


def evidence_of(
    questions: Sequence[Question_], statements: Sequence[Mapping[str, Any]]
) -> Evidence:
    """Evidence from plain mappings; fields that do not matter here are filled in."""
    asked = [
        Question.model_validate({"wording": "what is asked", "fidelity_reason": "because", **q})
        for q in questions
    ]
    source = Source(title="A source", url="https://example.org/a", date="2025-06")
    fixed = {"role": "evidence", "reason": "why", "verified": "yes", "location": "p. 1"}
    said = [
        sourced(Path("a.yaml"), source, Statement.model_validate({**fixed, "expert": s["id"], **s}))
        for s in statements
    ]
    return assemble(asked, said)


@pytest.fixture(scope="session")
def bundled(checkout: Path) -> Bench:
    """The model of the data that come with the package."""
    return compile_evidence(gather(checkout / "data"))


SMALL_QUESTIONS = (
    {"id": "date", "quantity": "year_automation", "unit": "year", "topic": "timelines",
     "direction": 1, "fidelity": "close"},
    {"id": "gap", "quantity": "years_between_speedups(5, 25)", "unit": "years", "topic": "takeoff",
     "direction": 1, "fidelity": "exact", "given": {"year_at_speedup(5)": 2030.0},
     "via": "years_per_dex_before"},
    {"id": "schemers", "quantity": "scheming", "unit": "share", "topic": "scheming",
     "direction": -1, "fidelity": "loose", "event": "> 0.5"},
    {"id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
     "fidelity": "exact"},
    {"id": "total", "quantity": "usable[any]", "unit": "probability", "topic": "hardness",
     "direction": 1, "fidelity": "loose", "event": "> 0.5"},
)  # fmt: skip
SMALL_STATEMENTS: tuple[dict[str, Any], ...] = (
    {"id": "ann-date", "expert": "Ann", "cluster": "club", "question": "date", "kind": "quantile",
     "levels": [0.1, 0.5, 0.9], "values": [2028, 2032, 2045], "unit": "year"},
    {"id": "bob-date", "expert": "Bob", "cluster": "club", "question": "date", "value": 0.3,
     "kind": "probability", "event": "< 2029", "unit": "probability"},
    {"id": "bob-earlier", "expert": "Bob", "cluster": "club", "question": "date", "value": 0.1,
     "kind": "probability", "event": "< 2029", "unit": "probability", "date": "2024-05"},
    {"id": "cat-date", "expert": "Cat", "cluster": "club", "question": "date", "kind": "bound",
     "value": ">2036", "unit": "year"},
    {"id": "dan-gap", "expert": "Dan", "question": "gap", "kind": "median", "value": 14,
     "unit": "months"},
    {"id": "eve-gap", "expert": "Eve", "question": "gap", "kind": "mean", "value": 2.0,
     "unit": "years", "people": 30},
    {"id": "ann-schemers", "expert": "Ann", "cluster": "club", "question": "schemers",
     "kind": "probability", "value": 0.2, "unit": "probability"},
    {"id": "dan-schemers", "expert": "Dan", "question": "schemers", "kind": "probability",
     "value": "<0.4", "unit": "probability"},
    {"id": "ann-danger", "expert": "Ann", "cluster": "club", "question": "danger",
     "kind": "quantile", "levels": [0.25, 0.75], "values": [0.2, 0.9], "unit": "dex"},
    {"id": "gus-danger", "expert": "Gus", "question": "danger", "kind": "median", "value": 0.6,
     "unit": "dex"},
    {"id": "fay-total", "expert": "Fay", "question": "total", "kind": "probability", "value": 0.4,
     "unit": "probability", "role": "check"},
)  # fmt: skip
"""Every kind of statement: quantiles, two probabilities of which one is superseded, a median, a
group's mean, a bound within a cluster, a probability below a bound, a check."""


@pytest.fixture(scope="session")
def small_records() -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
    return SMALL_QUESTIONS, SMALL_STATEMENTS


@pytest.fixture(scope="session")
def small() -> Evidence:
    """A panel with every kind of statement, among them two censored ones."""
    return evidence_of(SMALL_QUESTIONS, SMALL_STATEMENTS)


# pytest imports each test file on its own, so that they get the functions above as fixtures


@pytest.fixture(scope="session", name="draw")
def draw_() -> Callable[..., xr.Dataset]:
    return draw


@pytest.fixture(scope="session", name="compile_evidence")
def compile_evidence_() -> Callable[[Evidence], Bench]:
    return compile_evidence


@pytest.fixture(scope="session", name="evidence_of")
def evidence_of_() -> Callable[..., Evidence]:
    return evidence_of
