"""Statements in their question's unit, each beside its prediction."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import special

from sweet_spot.answers.statements import display, statement_table
from sweet_spot.argument.quantities import parse
from sweet_spot.evidence.gather import Evidence


def of(answers: Any, name: str) -> xr.Dataset:
    return answers.statements.data.sel(statement=name)


def draws(tree: xr.DataTree, name: str, which: str) -> np.ndarray:
    group = tree["posterior_predictive"][which].sel(statement=name)
    return group.to_numpy().ravel().astype(float)


def test_a_date(answers: Any, tree: xr.DataTree) -> None:
    name = "aifm-q2-2026-lifland-ac"  # median 2030.04
    row = of(answers, name)
    assert float(row["said"].sel(point="median")) == pytest.approx(2030.04)
    ends = 2024 + np.exp(np.quantile(draws(tree, name, "stated"), [0.05, 0.5, 0.95]))
    np.testing.assert_allclose(row["predicted"], ends, rtol=1e-6)
    assert str(row["unit"].values) == "year"


def test_a_probability_above_a_threshold_is_turned(answers: Any, tree: xr.DataTree) -> None:
    data = answers.statements.data
    exact = (data["event"] == "> 0.5") & (data["bound"] == 0) & (data["topic"] == "scheming")
    name = str(data["statement"].values[exact.to_numpy()][0])
    row = of(answers, name)
    stated = float(str(row["text"].values).rpartition("= ")[2])
    assert float(row["said"].sel(point="median")) == pytest.approx(stated)
    above = float((draws(tree, name, "quantity") >= 0).mean())  # logit(0.5) = 0
    assert float(row["quantity"].sel(point="median")) == pytest.approx(above)
    ends = special.ndtr(-np.quantile(draws(tree, name, "stated"), [0.95, 0.5, 0.05]))
    np.testing.assert_allclose(row["predicted"], ends, rtol=1e-6)


def test_a_probability_below_a_threshold(answers: Any, tree: xr.DataTree) -> None:
    chosen = answers.statements.data
    at = (chosen["question"] == "year_autonomous_replication").to_numpy()
    row = chosen.isel(statement=int(np.flatnonzero(at)[0]))
    assert str(row["event"].values) == "< 2031"
    below = (draws(tree, str(row["statement"].values), "quantity") < np.log(2031 - 2024)).mean()
    assert float(row["quantity"].sel(point="median")) == pytest.approx(below)


def test_a_bound_is_outside_only_on_its_own_side(tree: xr.DataTree, evidence: Evidence) -> None:
    moved = tree.copy()
    name = "aifm-q2-2026-lifland-ac"
    where = tree["constant_data"]["statement"].values.tolist().index(name)
    low, high = np.quantile(draws(tree, name, "stated"), [0.05, 0.95])
    for side, value, expected in (
        (0, high + 1, 1), (1, high + 1, 1), (-1, high + 1, 0), (0, low - 1, 1), (1, low - 1, 0),
        (-1, low - 1, 1), (0, (low + high) / 2, 0),
    ):  # fmt: skip
        said, observed = (
            tree[g].to_dataset().copy(deep=True) for g in ("constant_data", "observed_data")
        )
        said["side"][where], observed["stated"][where] = side, value
        moved["constant_data"], moved["observed_data"] = xr.DataTree(said), xr.DataTree(observed)
        row = statement_table(moved, evidence).data.sel(statement=name)
        assert int(row["outside"]) == expected, (side, value)
        assert int(row["bound"]) == side


def test_gates_are_shown_but_not_predicted(answers: Any) -> None:
    data = answers.statements.data
    gates = data.isel(statement=np.flatnonzero(data["gate"].to_numpy()))
    assert gates.sizes["statement"] > 0
    assert np.isnan(gates["predicted"]).all()
    assert not gates["outside"].any()
    totals = gates.isel(statement=np.flatnonzero((gates["given"] == "").to_numpy()))
    own = totals["quantity"].sel(point="median")
    usable = answers.credences.credence("usable", "any")
    np.testing.assert_allclose(own, 1 - usable)


def test_superseded_statements_stay_but_do_not_count(answers: Any) -> None:
    data = answers.statements.data
    old = data.isel(statement=np.flatnonzero(data["live"].to_numpy() == 0))
    assert all(str(s).startswith("superseded by") for s in old["state"].values)
    assert old.sizes["statement"] > 0
    counted = sum(
        answers.statements.live(role).sizes["statement"] for role in ("evidence", "check")
    )
    assert counted == data.sizes["statement"] - old.sizes["statement"]
    lost, total = answers.statements.outside("evidence")
    assert 0 <= lost <= total == answers.credences.evidence.statements


@pytest.mark.parametrize(
    ("quantity", "unit", "working", "shown"),
    [
        ("speedup_automation", "multiplier", 1.0, 10.0),
        ("years_bought", "months", np.log(0.5 + 0.02), 6.0),
        ("years_bought", "years", np.log(0.01), 0.0),  # below nothing is nothing
        ("scheming", "percent", 0.0, 50.0),
        ("year_automation", "year", np.log(6.0), 2030.0),
        ("uneven_arrival[safety_progress]", "dex", -0.3, -0.3),
    ],
)
def test_display(quantity: str, unit: str, working: float, shown: float) -> None:
    assert display(np.array([working]), parse(quantity), unit)[0] == pytest.approx(shown)
