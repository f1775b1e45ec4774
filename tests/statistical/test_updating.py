"""Quick updates against refits, on the bundled data and on many simulated additions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.credences import gates_of
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.evidence.gather import Evidence, assemble
from sweet_spot.evidence.reading import (
    SourcedStatement,
    data_files,
    read_elicitations,
    read_questions,
    sourced,
)
from sweet_spot.evidence.records import Question, Source, Statement
from sweet_spot.inference.draws import reporting_draws, statement_values
from sweet_spot.inference.error_model import expected, simulate
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Compiled, Settings, compile_model, draw, swaps
from sweet_spot.inference.reweight import Base, reweigh
from sweet_spot.inference.views import View, change_error, headline, own_view, shares

C = learned_constants()
SETTINGS = Settings(draws=1500, tune=1000, chains=4, seed=3)
RUNS = 14
SOURCE = Source(title="New", url="https://example.org/new", date="2026-11")
NEW = (
    {"expert": "Nora New", "question": "year_full_rnd_automation", "kind": "quantile",
     "levels": [0.1, 0.5, 0.9], "values": [2028, 2032, 2045], "unit": "year"},
    {"expert": "Nora New", "question": "schemers_by_default", "kind": "probability", "value": 0.3,
     "unit": "probability"},
    {"expert": "Otto Other", "question": "year_full_rnd_automation", "kind": "median",
     "value": 2031, "unit": "year"},
    {"expert": "Pia Panel", "cluster": "newcomers", "question": "years_ac_to_siar",
     "kind": "median", "value": 2, "unit": "years"},
    {"expert": "Quin Panel", "cluster": "newcomers", "question": "years_ac_to_siar",
     "kind": "quantile", "levels": [0.1, 0.5, 0.9], "values": [0.5, 2, 8], "unit": "years"},
    {"expert": "Rosa Rare", "question": "nobody_has_asked", "kind": "median", "value": 0.3,
     "unit": "years"},
)  # fmt: skip
"""New people on questions that many answered, on one that nobody did, and two who share a view."""


def questions_of(data: Path) -> list[Question]:
    asked = list(read_questions(data_files(data).questions))
    extra = {
        "id": "nobody_has_asked", "wording": "how long a pause", "quantity": "years_bought",
        "unit": "years", "topic": "restraint", "direction": 1, "fidelity": "close",
        "fidelity_reason": "because",
    }  # fmt: skip
    return [*asked, Question.model_validate(extra)]


def statement(index: int, known: Sequence[str]) -> SourcedStatement:
    fixed = {"role": "evidence", "reason": "why", "verified": "yes", "location": "p. 1"}
    record = {**fixed, "id": f"zz-new-{index}", "date": "2026-11-01", **NEW[index]}
    assert record["question"] in known, record["question"]
    return sourced(Path("new.yaml"), SOURCE, Statement.model_validate(record))


@pytest.fixture(scope="module")
def room(checkout: Path) -> tuple[Callable[..., Evidence], Compiled, Base]:
    """The model of all statements, old and new, and a fit to the old ones."""
    asked = questions_of(checkout / "data")
    old = read_elicitations(data_files(checkout / "data").elicitations)
    added = [statement(i, [q.id for q in asked]) for i in range(len(NEW))]

    def evidence(chosen: Sequence[int]) -> Evidence:
        return assemble(asked, [*old, *(added[i] for i in chosen)])

    compiled = compile_model(load_argument(), evidence(range(len(NEW))))
    before = evidence(())
    base = refit(compiled, before)
    return evidence, compiled, base


def refit(compiled: Compiled, evidence: Evidence) -> Base:
    drawn = draw(compiled, SETTINGS, swaps(compiled, evidence))
    return Base(compiled.argument, evidence, C, drawn.posterior)


def spoken(evidence: Evidence, base: Base, seed: int) -> Evidence:
    """The new statements as they would be said in a world that the posterior holds likely."""
    rng = np.random.default_rng(seed)
    whole = layout(base.argument, evidence, C)
    one = base.draws.isel(chain=[0], draw=[int(rng.integers(base.draws.sizes["draw"]))])
    variables = reporting_draws(one, whole, C, rng)
    values = statement_values(base.argument, one, whole)
    location, scale = expected(values, variables, whole.panel, C, NUMPY)
    omega = variables["omega"][..., None]
    said = simulate(location, scale, omega, whole.panel, C.nu_error, rng)[0, 0]
    table = evidence.statements
    heard = xr.DataArray(
        table["observed"].to_numpy().copy(), dims="statement", coords=table["observed"].coords
    )
    new = [str(name).startswith("zz-new") for name in whole.coords["statement"]]
    heard.loc[{"statement": whole.coords["statement"][new]}] = said[new]
    return replace(evidence, statements=table.assign(observed=heard))


def test_quick_is_a_refit(room: tuple[Callable[..., Evidence], Compiled, Base]) -> None:
    """Each addition, every gate: within 3 standard errors, as far as chance allows (one comparison
    in 370 lies beyond; the gates of one run go together)."""
    evidence, compiled, base = room
    rng = np.random.default_rng(1)
    off, refused = [], 0
    for run in range(RUNS):
        chosen = sorted(rng.choice(len(NEW), size=int(rng.integers(1, 5)), replace=False).tolist())
        after = spoken(evidence(chosen), base, run)
        quick = View(base, reweigh(base, after))
        if not quick.weights.trusted:
            refused += 1
            continue
        exact = own_view(refit(compiled, after))
        gates = [gates_of(view.base.draws).astype(float) for view in (quick, exact)]
        error = change_error((quick, gates[0]), (exact, gates[1]))
        off.append(((quick.mean(gates[0]) - exact.mean(gates[1])) / error).to_numpy())
    z = abs(np.array(off))
    assert refused <= RUNS // 3
    assert (z > 3).mean() < 0.02
    assert z.max() < 4.5


def test_shares_by_refit_sum_to_the_whole_and_find_the_outlier(
    room: tuple[Callable[..., Evidence], Compiled, Base],
) -> None:
    """Three new statements, of which one says what moves the headline most."""
    evidence, compiled, base = room
    chosen = [0, 1, 3]

    def said(made: frozenset[int]) -> Evidence:
        found = evidence([chosen[i] for i in sorted(made)])
        table = found.statements.copy(deep=True)
        names = table["statement"].to_numpy().tolist()
        if "zz-new-3" in names:  # automation to superhuman research in a day: takeoff is abrupt
            table["observed"][names.index("zz-new-3")] = np.log(0.003 + 0.02)
        return replace(found, statements=table)

    after = own_view(refit(compiled, said(frozenset(range(3)))))
    before = own_view(base)
    found = shares(
        ["automation", "schemers", "takeoff"], said, before, after,
        lambda each: refit(compiled, each),
    )  # fmt: skip
    change = float(after.mean(headline(after.base)) - before.mean(headline(base)))
    assert found.trusted
    assert float(found.data["share"].sum()) == pytest.approx(change, abs=1e-12)
    assert np.argmax(abs(found.data["share"].data)) == 2
