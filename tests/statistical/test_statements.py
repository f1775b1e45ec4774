"""How statements move the posterior: copies, strangers, false precision, direction."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import arviz as az
import numpy as np
import pytest
import xarray as xr

SAMPLE = ("chain", "draw")
Z90 = 1.2815515655446004

QUESTIONS = (
    {"id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
     "fidelity": "exact"},
    {"id": "likely", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
     "fidelity": "close", "event": "> 0.8"},
    {"id": "schemers", "quantity": "scheming", "unit": "share", "topic": "scheming",
     "direction": -1, "fidelity": "exact", "event": "> 0.5"},
    {"id": "bought", "quantity": "years_bought", "unit": "years", "topic": "restraint",
     "direction": 1, "fidelity": "exact"},
)  # fmt: skip


def said(
    name: str, question: str, value: Any, kind: str = "median", **changes: Any
) -> dict[str, Any]:
    unit = {"danger": "dex", "bought": "years"}.get(question, "probability")
    return {"id": name, "question": question, "kind": kind, "value": value, "unit": unit, **changes}


MANY = 8
CROWD = [
    *(said(f"rest-{k}", "danger", v) for k, v in enumerate((0.4, 0.6, 0.8))),
    *(said(f"copy-{k}", "danger", 1.6, cluster="party") for k in range(MANY)),
    *(said(f"stranger-{k}", "danger", 1.6) for k in range(MANY)),
    said("danger-low", "danger", -0.5),
    said("danger-high", "danger", 1.7),
    said("likely-low", "likely", 0.05, "probability"),
    said("likely-high", "likely", 0.95, "probability"),
    said("bound-low", "danger", "<0", "bound"),
    said("bound-high", "danger", ">1.2", "bound"),
    said("schemers-low", "schemers", 0.02, "probability"),
    said("schemers-high", "schemers", 0.95, "probability"),
    said("bought-low", "bought", 0.03, "mean"),
    said("bought-high", "bought", 3.0, "mean"),
]


class Answers:
    """Posteriors of one compiled model by who is live, each drawn once."""

    def __init__(self, bench: Any, draw: Any) -> None:
        self.bench, self.draw, self.kept = bench, draw, {}

    def __call__(self, *names: str) -> xr.Dataset:
        """With those live whose id starts with one of the names."""
        if names not in self.kept:
            ids = self.bench.fitted.coords["statement"]
            live = np.array([name.startswith(names) if names else False for name in ids], float)
            sampler = {"draws": 2000, "tune": 500, "chains": 4, "seed": 21}
            self.kept[names] = self.draw(self.bench, live=live, **sampler)
        return self.kept[names]


@pytest.fixture(scope="module")
def answers(compile_evidence: Any, evidence_of: Any, draw: Any) -> Answers:
    return Answers(compile_evidence(evidence_of(QUESTIONS, CROWD)), draw)


def mean(draws: xr.DataArray) -> tuple[float, float]:
    """Posterior mean and its Monte Carlo standard error."""
    draws = draws.astype(float)
    return float(draws.mean()), float(az.mcse(draws))


def above(high: xr.DataArray, low: xr.DataArray) -> float:
    """How many standard errors the first mean lies above the second."""
    (one, error), (two, other) = mean(high), mean(low)
    return (one - two) / float(np.hypot(error, other))


def usable(draws: xr.Dataset) -> xr.DataArray:
    return draws["usable"].max("factor")


def test_one_copy_is_one_stranger(answers: Answers) -> None:
    """Alone, a member of a cluster weighs as much as anyone."""
    pair = [answers("rest", name)["danger_gap"] for name in ("copy-0", "stranger-0")]
    assert abs(above(*pair)) < 4


def test_a_crowd_keeps_the_error_it_shares(answers: Answers) -> None:
    """Eight strangers who all say 1.6 leave doubt: an error common to all does not average out.

    Their own errors alone would leave a standard error of tau s_q / sqrt(8), some 0.2 of the prior
    standard deviation at the scale learned from such agreement; the shared error keeps twice that.
    """
    crowd, nobody = answers("stranger")["danger_gap"], answers()["danger_gap"]
    assert float(crowd.std() / nobody.std()) > 0.3


def kept_by_schemers(draws: xr.Dataset) -> xr.DataArray:
    """Share of work that sabotage leaves; it moves the headline by less than chance does here."""
    return 1 - draws["differential_sabotage"].mean("factor")


@pytest.mark.parametrize(
    ("name", "of", "favourable", "good"),
    [
        ("danger", "danger_gap", 1, usable),
        ("likely", "danger_gap", 1, usable),
        ("bound", "danger_gap", 1, usable),
        ("schemers", "scheming", -1, kept_by_schemers),
        ("bought", "years_bought", 1, usable),
    ],
)
def test_a_statement_moves_its_quantity_towards_it(
    answers: Answers, name: str, of: str, favourable: int, good: Callable[..., xr.DataArray]
) -> None:
    """Every kind: a median, a probability, a bound, the probability of an event, a mean."""
    low, nobody, high = (answers(*who) for who in ((f"{name}-low",), (), (f"{name}-high",)))
    scale = np.log if of == "years_bought" else lambda x: x
    assert above(scale(nobody[of]), scale(low[of])) > 3
    assert above(scale(high[of]), scale(nobody[of])) > 3
    assert favourable * above(good(high), good(low)) > 2


def test_the_answer_rises_with_an_added_statement(answers: Answers, draw: Any) -> None:
    """Beside three others: the more optimistic the fourth, the higher danger lies."""
    bench = answers.bench
    ids = list(bench.fitted.coords["statement"])
    live = np.array([name.startswith(("rest", "stranger-0")) for name in ids], float)
    steps = []
    for value in (-0.4, 0.2, 0.8, 1.4):
        observed = np.where(np.array(ids) == "stranger-0", value, bench.fitted.observed)
        sampler = {"draws": 2000, "chains": 4, "seed": 5}
        steps.append(draw(bench, observed=observed, live=live, **sampler))
    for low, high in pairwise(steps):
        assert above(high["danger_gap"], low["danger_gap"]) > 2
    assert above(usable(steps[-1]), usable(steps[0])) > 2


def test_a_tiny_stated_spread_does_not_overrule_the_rest(
    compile_evidence: Any, evidence_of: Any, draw: Any
) -> None:
    """Five say about 0.6 and one says 2.0, as a bare median or as 2.0 give or take 0.01.

    The sure one may not pull further than the unsure one does, beyond chance, nor half-way.
    """
    rest = [said(f"rest-{k}", "danger", v) for k, v in enumerate((0.3, 0.5, 0.6, 0.7, 0.9))]
    values = [2.0 - 0.01 * Z90, 2.0, 2.0 + 0.01 * Z90]
    quantiles = {"levels": [0.1, 0.5, 0.9], "values": values}
    last = {
        "unsure": said("last", "danger", 2.0),
        "sure": said("last", "danger", None, "quantile", **quantiles),
    }
    found = {}
    for name, statement in last.items():
        bench = compile_evidence(evidence_of(QUESTIONS[:1], [*rest, statement]))
        found[name] = draw(bench, draws=2000, chains=4, seed=6)["danger_gap"]
    assert above(found["sure"], found["unsure"]) < 3
    assert mean(found["sure"])[0] < (0.6 + 2.0) / 2


@pytest.mark.parametrize("who", [("rest",), ("rest", "copy"), ("rest", "stranger"), ("danger",)])
def test_the_sampler_is_sound_there(answers: Answers, who: Sequence[str]) -> None:
    assert float(az.rhat(answers(*who)["danger_gap"])) < 1.01
