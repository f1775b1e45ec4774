"""A small panel with every kind of statement, and the same reporting variables for all tests."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.evidence.gather import Evidence, assemble, gather
from sweet_spot.evidence.reading import SourcedStatement, sourced
from sweet_spot.evidence.records import Question, Source, Statement
from sweet_spot.inference.error_model import ErrorConstants, Panel

Free = dict[str, np.ndarray]


@pytest.fixture
def constants() -> ErrorConstants:
    return ErrorConstants(probability_unit=1.7)


@pytest.fixture
def panel() -> Panel:
    """Seven statements: a lone quantile, mean and probability; a group of three, one of them
    censored; a group's median. Two questions, of which the second is loose and points down.
    """
    return Panel(
        question=np.array([0, 0, 1, 1, 1, 1, 0]),
        expert=np.array([0, 1, 0, 1, 2, 3, 3]),
        group=np.array([0, 1, 2, 3, 3, 3, 4]),
        probability=np.array([False, False, True, False, True, True, False]),
        curvature=np.array([0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        score=np.array([-1.28, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        threshold=np.array([0.0, 0.0, 0.4, 0.0, -0.3, 0.2, 0.0]),
        side=np.array([0, 0, 0, 0, 0, 1, 0]),
        spread=np.array([0.5, np.nan, np.nan, 2.0, np.nan, np.nan, 1.1]),
        people=np.array([1, 1, 1, 3, 1, 1, 400]),
        imprecision=np.array([1.0, 1.0, 1.0, 1.3, 1.0, 0.7, 1.0]),
        lean=np.array([0.0, 0.0, 0.4, 0.0, -0.2, 0.0, 0.0]),
        before=np.array([np.arange(7), [0, 1, 2, 3, 3, 3, 6], np.arange(7)]),
        topic=np.array([0, 1]),
        direction=np.array([1.0, -1.0]),
        mapping_sd=np.array([0.5, 1.0]),
        log_scale=np.log([0.7, 1.3]),
        cluster=np.array([1, 0, 1, 1]),
        expert_sd=np.array([0.7, np.hypot(0.7, 0.7), 0.7, 0.7]),
    )


@pytest.fixture
def observed() -> np.ndarray:
    return np.array([0.3, -0.2, 0.5, 1.4, -1.0, 0.25, 0.9])


@pytest.fixture
def values() -> np.ndarray:
    """The quantity of each statement on its working scale."""
    return np.array([0.1, 0.1, -0.4, -0.4, -0.4, -0.4, 0.1])


@pytest.fixture
def free() -> Free:
    """One point in the space of the error model's free variables."""
    rng = np.random.default_rng(4)
    return {
        "shared_topic": rng.normal(size=2),
        "shared_question": rng.normal(size=2),
        "mapping": rng.normal(size=2),
        "loading": np.abs(rng.normal(size=2)),
        "question_scale_score": rng.normal(size=2),
        "disposition_field": np.array(0.3),
        "disposition_cluster": rng.normal(size=1),
        "disposition_expert": rng.normal(size=4),
        "omega": np.array(0.35),
    }


QUESTIONS = (
    {"id": "date", "quantity": "year_automation", "unit": "year", "topic": "timelines",
     "direction": 1, "fidelity": "close"},
    {"id": "gap", "quantity": "years_between_speedups(5, 25)", "unit": "years",
     "topic": "takeoff", "direction": 1, "fidelity": "exact",
     "given": {"year_at_speedup(5)": 2030.0}, "via": "years_per_dex_before"},
    {"id": "schemers", "quantity": "scheming", "unit": "share", "topic": "scheming",
     "direction": -1, "fidelity": "loose", "event": "> 0.5"},
    {"id": "usable", "quantity": "usable[any]", "unit": "probability", "topic": "hardness",
     "direction": 1, "fidelity": "loose", "event": "> 0.5"},
)  # fmt: skip
STATEMENTS: tuple[dict[str, object], ...] = (
    {"id": "ann-date", "expert": "Ann", "cluster": "club", "question": "date",
     "kind": "quantile", "levels": [0.1, 0.5, 0.9], "values": [2028, 2032, 2045], "unit": "year"},
    {"id": "bob-date", "expert": "Bob", "cluster": "club", "question": "date",
     "kind": "probability", "value": 0.3, "event": "< 2029", "unit": "probability"},
    {"id": "bob-date-earlier", "expert": "Bob", "cluster": "club", "question": "date",
     "date": "2024-05", "kind": "probability", "value": 0.1, "event": "< 2029",
     "unit": "probability"},
    {"id": "cat-date", "expert": "Cat", "question": "date", "kind": "bound", "value": ">2040",
     "unit": "year"},
    {"id": "dan-gap", "expert": "Dan", "question": "gap", "kind": "median", "value": 14,
     "unit": "months"},
    {"id": "eve-gap", "expert": "Eve", "question": "gap", "kind": "mean", "value": 2.0,
     "unit": "years", "people": 30},
    {"id": "ann-schemers", "expert": "Ann", "cluster": "club", "question": "schemers",
     "kind": "probability", "value": 0.2, "unit": "probability"},
    {"id": "fay-usable", "expert": "Fay", "question": "usable", "kind": "probability",
     "value": 0.4, "unit": "probability", "role": "check"},
)  # fmt: skip


def records(
    statements: Sequence[Mapping[str, object]] = STATEMENTS,
    questions: Sequence[Mapping[str, object]] = QUESTIONS,
) -> tuple[list[Question], list[SourcedStatement]]:
    """Questions and statements as if read from files."""
    asked = [
        Question.model_validate(
            {"wording": "what is asked", "fidelity_reason": "because", "given": None, **question}
        )
        for question in questions
    ]
    source = Source(title="A source", url="https://example.org/a", date="2025-06")
    fixed = {"role": "evidence", "reason": "why", "verified": "yes", "location": "p. 1"}
    said = [
        sourced(Path("a.yaml"), source, Statement.model_validate({**fixed, **statement}))
        for statement in statements
    ]
    return asked, said


@pytest.fixture(scope="session")
def argument() -> Argument:
    return load_argument()


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """Every kind of statement, one of them superseded and one a check."""
    return assemble(*records())


@pytest.fixture(scope="session")
def bundled(checkout: Path) -> Evidence:
    """That of the data that come with the package."""
    return gather(checkout / "data", checked=True)


@pytest.fixture(scope="session")
def evidence_from() -> Callable[..., Evidence]:
    """Evidence from statements as mappings, on the four questions of this file or on others."""
    return lambda statements, questions=QUESTIONS: assemble(*records(statements, questions))


@pytest.fixture(scope="session")
def all_statements() -> tuple[dict[str, object], ...]:
    return STATEMENTS


@pytest.fixture(scope="session")
def all_questions() -> tuple[dict[str, object], ...]:
    return QUESTIONS
