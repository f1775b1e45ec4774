"""Compiled models, one compilation each for the whole session, and simulated panels to fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import nutpie
import pymc as pm
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY
from sweet_spot.evidence.gather import Evidence, assemble, gather
from sweet_spot.evidence.reading import sourced
from sweet_spot.evidence.records import Question, Source, Statement
from sweet_spot.inference.draws import complete, log_likelihood, prior_draws, statement_values
from sweet_spot.inference.error_model import ErrorConstants, expected, simulate
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import GROUP_DIMS, Layout, layout

SAMPLE = ("chain", "draw")


@dataclass(frozen=True)
class Bench:
    """A compiled model with the evidence that it was built from."""

    argument: Argument
    evidence: Evidence
    fitted: Layout
    model: pm.Model
    compiled: Any


@dataclass(frozen=True)
class Panels:
    """Simulated panels: `truth` (chain=1, draw=run), `observed` (run, statement), who is `live`."""

    truth: xr.Dataset
    observed: np.ndarray
    live: np.ndarray


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


def compile_evidence(evidence: Evidence) -> Bench:
    argument = load_argument()
    model = build_model(argument, evidence, derived=False)
    compiled = nutpie.compile_pymc_model(model)
    return Bench(argument, evidence, layout(argument, evidence, ErrorConstants()), model, compiled)


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


def simulate_panels(
    bench: Bench,
    runs: int,
    seed: int,
    *,
    constants: ErrorConstants | None = None,
    sides: bool = True,
) -> Panels:
    """Truths from the prior, and what people would then say.

    A censored statement has its side and bound in the layout. With `sides`, truths are kept only
    where it would indeed lie on its side: that is the joint law given the layout, exactly, so
    that truths and data are a draw of what the posterior conditions on. Without, it is dead.
    """
    panel, constants = bench.fitted.panel, constants or ErrorConstants()
    censored = panel.side != 0
    live = bench.fitted.live * (sides | ~censored)
    kept: list[tuple[xr.Dataset, np.ndarray]] = []
    while sum(len(said) for _, said in kept) < runs:
        free = prior_draws(bench.model, 1, 2000, seed + 10_000 * len(kept))
        variables = {n: free[n].transpose(*SAMPLE, *d).to_numpy() for n, d in _reporting().items()}
        values = statement_values(bench.argument, free, bench.fitted)
        location, scale = expected(values, variables, panel, constants, NUMPY)
        rng = np.random.default_rng(seed + 10_000 * len(kept) + 1)
        omega = variables["omega"][..., None]
        said = simulate(location, scale, omega, panel, constants.nu_error, rng)[0]
        beyond = (said - bench.fitted.observed) * panel.side > 0
        on_side = (beyond | ~censored | (live == 0)).all(axis=-1)
        kept.append((free.isel(draw=np.flatnonzero(on_side)), said[on_side]))
    truth = xr.concat([free for free, _ in kept], "draw").isel(draw=slice(runs))
    observed = np.concatenate([said for _, said in kept])[:runs]
    observed = np.where(censored, bench.fitted.observed, observed)
    return Panels(
        complete(bench.argument, truth.assign_coords(draw=np.arange(runs))), observed, live
    )


def _reporting() -> Mapping[str, tuple[str, ...]]:
    return {**{n: (d,) for n, d in GROUP_DIMS.items()}, "disposition_field": (), "omega": ()}


def summaries(
    bench: Bench, draws: xr.Dataset, observed: np.ndarray, live: np.ndarray
) -> dict[str, np.ndarray]:
    """What is ranked, each (draw, ...): variables, targets, the headline's margin, log likelihood.

    The margin is that of the best factor: log10 of effective over needed years, -inf without a
    sweet spot; it is at least zero where the headline is true.
    """
    flat = draws.stack(sample=SAMPLE, create_index=False).transpose("sample", ...)
    with np.errstate(divide="ignore"):
        margin = np.log10(flat["effective_years"]) - np.log10(flat["needed_years"])
    names = (*LATENT_DIMS, *(v.name for v in bench.model.free_RVs))
    out = {name: flat[name].to_numpy() for name in dict.fromkeys(names)}
    targets = replace(bench.fitted, target=np.arange(len(bench.fitted.targets)))
    out["targets"] = statement_values(bench.argument, draws, targets).reshape(
        flat.sizes["sample"], -1
    )
    said = replace(bench.fitted, observed=observed, live=live)
    likelihood = log_likelihood(bench.argument, draws, said, ErrorConstants())["stated"]
    out["log_likelihood"] = likelihood.sum("statement").to_numpy().ravel()
    out["margin"] = margin.max("factor").to_numpy()
    out["width"] = flat["sweet_spot_width"].max("factor").to_numpy()
    return out


def ranks(bench: Bench, panels: Panels, seed: int, **sampler: int) -> dict[str, np.ndarray]:
    """Each truth's place among posterior draws given its own data, 0 to 1: (run, ...) by name.

    Ties, as at a margin of -inf, are broken by chance, which keeps the place uniform.
    """
    rng = np.random.default_rng(seed)
    places: dict[str, list[np.ndarray]] = {}
    for run, observed in enumerate(panels.observed):
        after = draw(bench, seed=seed + run, observed=observed, live=panels.live, **sampler)
        truth = summaries(bench, panels.truth.isel(draw=[run]), observed, panels.live)
        for name, values in summaries(bench, after, observed, panels.live).items():
            below, equal = (values < truth[name]).mean(0), (values == truth[name]).mean(0)
            places.setdefault(name, []).append(below + rng.random(below.shape) * equal)
    return {name: np.array(column) for name, column in places.items()}


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
def small() -> Bench:
    """A panel with every kind of statement, among them two censored ones."""
    return compile_evidence(evidence_of(SMALL_QUESTIONS, SMALL_STATEMENTS))


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


@pytest.fixture(scope="session", name="simulate_panels")
def simulate_panels_() -> Callable[..., Panels]:
    return simulate_panels


@pytest.fixture(scope="session", name="ranks")
def ranks_() -> Callable[..., dict[str, np.ndarray]]:
    return ranks
