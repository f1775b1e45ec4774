"""Trees to answer from: a frozen small fit, the same without a posterior, and one made by hand."""

import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers import (
    credences,
    drawn,
    latents,
    obstacles,
    outcomes,
    picture,
    profile,
    statements,
    waterfall,
)
from sweet_spot.answers.render import render, reported
from sweet_spot.answers.section import Section
from sweet_spot.answers.sections import sections
from sweet_spot.argument.scenarios import Scenario, scenarios_in
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.evidence.gather import Evidence, assemble, gather
from sweet_spot.evidence.reading import sourced
from sweet_spot.evidence.records import Question, Source, Statement
from sweet_spot.inference.draws import log_likelihood
from sweet_spot.inference.fit import fit
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.store import digests

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FACTORS = ["safety_progress", "risk_evaluation", "capability_restraint"]


@pytest.fixture(scope="session")
def argument() -> Argument:
    return load_argument()


@pytest.fixture(scope="session")
def golden() -> Path:
    return GOLDEN


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    return gather(GOLDEN / "data", checked=True)


@pytest.fixture(scope="session")
def tree() -> Iterator[xr.DataTree]:
    """The frozen fit."""
    with xr.open_datatree(GOLDEN / "fit.nc") as opened:
        yield opened.load()


@pytest.fixture(scope="session")
def scenarios() -> tuple[Scenario, ...]:
    return scenarios_in(GOLDEN / "data")


@pytest.fixture(scope="session")
def prior_tree(tree: xr.DataTree) -> xr.DataTree:
    """The frozen fit as one with --prior-only would be: no posterior, no verdict."""
    left = ("prior", "prior_predictive", "observed_data", "constant_data")
    out = xr.DataTree.from_dict({name: tree[name].to_dataset() for name in left})
    out.attrs = {k: v for k, v in tree.attrs.items() if not k.startswith(("check_", "passed"))}
    return out


class Answers:
    """The answers of one fit, each computed when a test first asks for it."""

    def __init__(
        self, tree: xr.DataTree, argument: Argument, evidence: Evidence,
        scenarios: tuple[Scenario, ...],
    ) -> None:  # fmt: skip
        self.tree, self.argument, self.evidence = tree, argument, evidence
        self.about = reported(tree, argument, evidence, scenarios=scenarios)
        self.fitted = "posterior" in tree
        self.stamp = drawn.stamp(tree)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        return sections(self.about)

    @cached_property
    def credences(self) -> credences.CredenceTable:
        return credences.credence_table(self.tree)

    @cached_property
    def waterfall(self) -> waterfall.Waterfall:
        return waterfall.waterfall(self.credences)

    @cached_property
    def latents(self) -> latents.LatentTable:
        return latents.latent_table(self.tree, self.argument, self.evidence)

    @cached_property
    def statements(self) -> statements.StatementTable:
        return statements.statement_table(self.tree, self.evidence)

    @cached_property
    def picture(self) -> picture.Picture:
        return picture.picture(self.tree)

    @cached_property
    def obstacles(self) -> obstacles.Obstacles:
        return obstacles.obstacles(self.tree)

    @cached_property
    def profile(self) -> profile.Profile:
        return profile.profile(self.tree, self.argument)

    @cached_property
    def outcomes(self) -> outcomes.Outcomes:
        return outcomes.outcomes(self.tree)


@pytest.fixture(scope="session")
def answers(
    tree: xr.DataTree, argument: Argument, evidence: Evidence, scenarios: tuple[Scenario, ...]
) -> Answers:
    return Answers(tree, argument, evidence, scenarios)


@pytest.fixture(scope="session")
def prior_answers(
    prior_tree: xr.DataTree, argument: Argument, evidence: Evidence,
    scenarios: tuple[Scenario, ...],
) -> Answers:  # fmt: skip
    return Answers(prior_tree, argument, evidence, scenarios)


@pytest.fixture(scope="session")
def pages(answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered pages of the frozen fit."""
    folder = tmp_path_factory.mktemp("pages") / "pages"
    render(answers.about, folder)
    return folder


@pytest.fixture(scope="session")
def fit_name(argument: Argument, evidence: Evidence) -> str:
    """What the cache calls a fit of the frozen data with default settings, by today's code."""
    return digests(argument, evidence, Settings(), learned_constants())["digest_fit"][:32]


@pytest.fixture
def cache(tmp_path: Path, fit_name: str) -> Path:
    """A cache that holds the frozen fit as that of the frozen data."""
    folder = tmp_path / "cache"
    folder.mkdir()
    shutil.copy(GOLDEN / "fit.nc", folder / f"{fit_name}.nc")
    return folder


def gates(counts: dict[str, list[int]]) -> xr.Dataset:
    """Gates over 2 chains of 5 draws: of each, factor by factor, the first n draws pass."""
    passed = {
        name: np.arange(10)[:, None] < np.array(of_factor) for name, of_factor in counts.items()
    }
    return xr.Dataset(
        {
            name: (("chain", "draw", "factor"), value.reshape(2, 5, 3).astype(np.int8))
            for name, value in passed.items()
        },
        coords={"factor": FACTORS},
    )


@pytest.fixture
def by_hand() -> xr.DataTree:
    """Gates with known counts, three statements by two experts, one of them superseded."""
    after = {"exists": [9, 8, 7], "lasts": [8, 8, 7], "invested": [6, 7, 7]}
    before = {"exists": [8, 8, 6], "lasts": [6, 6, 6], "invested": [5, 5, 5]}
    said = xr.Dataset(
        {
            "live": ("statement", [1, 1, 0, 1]),
            "evidence": ("statement", [1, 1, 1, 0]),
            "expert": ("statement", ["a", "b", "a", "a"]),
            "date": ("statement", ["2025-04", "2026", "2024", "2026-09-22"]),
        }
    )
    tree = xr.DataTree.from_dict(
        {
            "posterior": gates(after | {"elicitable": [5, 6, 4], "usable": [4, 6, 1]}),
            "prior": gates(before | {"elicitable": [3, 4, 3], "usable": [2, 3, 0]}),
            "constant_data": said,
        }
    )
    found = {"r_hat": 1.02, "divergences": 0, "ess_bulk": 500.0}
    for (name, value), limit in zip(found.items(), (1.01, 0, 400.0), strict=True):
        tree.attrs[f"check_{name}"] = value
        tree.attrs[f"check_{name}_threshold"] = limit
        tree.attrs[f"check_{name}_passed"] = int(name != "r_hat")
    tree.attrs |= {"passed": 0, "version_ai_safety_sweet_spot": "0.1.0"}
    return tree


QUESTIONS = (
    ("gap", "danger_gap", "dex", "danger", 1, None),
    ("years", "needed_years[safety_progress]", "years", "hardness", -1, None),
    ("hidden", "process_failure", "share", "evaluation", -1, "> 0.5"),
)
STATEMENTS = (
    ("ann-gap", "Ann", "club", "gap", 0.1), ("ann-years", "Ann", "club", "years", 1.0),
    ("bob-gap", "Bob", "club", "gap", 0.3), ("cat-gap", "Cat", None, "gap", 2.5),
    ("cat-hidden", "Cat", None, "hidden", 0.2), ("dan-years", "Dan", None, "years", 0.02),
)  # fmt: skip


Rows = tuple[tuple[Any, ...], ...]


def said(questions: Rows = QUESTIONS, statements: Rows = STATEMENTS) -> Evidence:
    """By default six statements of four people on three questions."""
    asked = [
        Question.model_validate(
            {"id": q, "wording": "w", "quantity": quantity, "unit": unit, "topic": topic,
             "direction": direction, "fidelity": "close", "fidelity_reason": "r", "event": event}
        )
        for q, quantity, unit, topic, direction, event in questions
    ]  # fmt: skip
    units = {q: "probability" if event else unit for q, _, unit, _, _, event in questions}
    records = []
    for name, expert, cluster, question, value in statements:
        source = Source(title=f"Source of {expert}", url="https://example.org/a", date="2026-01")
        kind = "probability" if question == "hidden" else "median"
        fields = {"id": name, "expert": expert, "cluster": cluster, "question": question}
        statement = Statement.model_validate(
            {**fields, "kind": kind, "value": value, "unit": units[question], "role": "evidence",
             "reason": "r", "verified": "yes", "location": "l"}
        )  # fmt: skip
        records.append(sourced(Path("a.yaml"), source, statement))
    return assemble(asked, records)


def spoken_fit(
    argument: Argument, draws: int = 250, evidence: Evidence | None = None
) -> xr.DataTree:
    """The tree: `posterior` and `prior` are the same draws; the verdict says passed."""
    evidence, constants = evidence or said(), learned_constants()
    tree = fit(argument, evidence, Settings(draws=draws, chains=4, prior_only=True), constants)
    prior = tree["prior"].to_dataset()
    whole = layout(argument, evidence, constants)
    tree["posterior"] = xr.DataTree(prior)
    tree["log_likelihood"] = xr.DataTree(log_likelihood(argument, prior, whole, constants))
    tree.attrs["passed"] = 1
    return tree


@pytest.fixture(scope="session")
def spoken(argument: Argument) -> xr.DataTree:
    """A fit made by hand that holds its statements and all its effects.

    Draws of the prior stand for its posterior: every importance weight has a closed form.
    """
    return spoken_fit(argument)


@pytest.fixture(scope="session")
def takeoff(argument: Argument) -> xr.DataTree:
    """A fit whose statements are about other numbers under two of the rival structures."""
    questions = (
        ("fast", "years_between_speedups(25, 250)", "years", "takeoff", 0, None),
        ("lost", "evaluation_failure[safety_progress]", "share", "evaluation", -1, None),
    )
    statements = (
        ("ann-fast", "Ann", None, "fast", 1.0), ("bob-fast", "Bob", None, "fast", 2.0),
        ("ann-lost", "Ann", None, "lost", 0.3), ("bob-lost", "Bob", None, "lost", 0.4),
    )  # fmt: skip
    return spoken_fit(argument, evidence=said(questions, statements))
