"""Refits through one compiled model: what is swapped, and that a fit is made once. No sampling."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference import refits
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.fit import fit
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout, swapped
from sweet_spot.inference.refit import Compiled, Drawn, Settings
from sweet_spot.inference.refits import data_for, refits_ahead, refitter, settings_of
from sweet_spot.inference.reweight import Base

C = learned_constants()
FEW = Settings(draws=8, chains=2, prior_only=True)


@pytest.fixture(scope="module")
def tree(argument: Argument, evidence: Evidence) -> xr.DataTree:
    return fit(argument, evidence, FEW)


@pytest.fixture
def compiled(argument: Argument, evidence: Evidence) -> Compiled:
    return Compiled(argument, layout(argument, evidence, C), C, None)


def clustered(evidence: Evidence, cluster: np.ndarray) -> Evidence:
    table = evidence.statements.assign(cluster=("statement", cluster.astype(np.str_)))
    return replace(evidence, statements=table)


def test_clusters_are_swapped(argument: Argument, compiled: Compiled, evidence: Evidence) -> None:
    """Everyone alone, everyone together: as a layout of that evidence has them."""
    table = evidence.statements
    alone = clustered(evidence, table["expert"].to_numpy())
    data = data_for(compiled, alone, C)
    assert not data["expert_cluster"].any()
    _, start, back = data["before"]
    assert (start[back] == back).all() or len(set(compiled.fitted.panel.group)) < len(data["live"])
    np.testing.assert_allclose(
        data["expert_sd"], np.hypot(C.disposition_cluster, C.disposition_expert)
    )
    one = clustered(evidence, np.full(table.sizes["statement"], "everyone"))
    data = data_for(compiled, one, C)
    assert (data["expert_cluster"] == 1).all()
    own = swapped(layout(argument, one, C), C)
    for name in data:
        np.testing.assert_array_equal(data[name], own[name], err_msg=name)


def test_fewer_live_statements_swap_nothing_else(compiled: Compiled, evidence: Evidence) -> None:
    live = evidence.statements["live"] * (evidence.statements["expert"] != "Ann")
    fewer = replace(evidence, statements=evidence.statements.assign(live=live.astype(np.int64)))
    own, data = swapped(compiled.fitted, C), data_for(compiled, fewer, C)
    changed = [n for n in data if not np.array_equal(data[n], own[n])]
    assert changed == ["live"]


def test_a_refit_is_made_once_and_compiled_once(
    argument: Argument, evidence: Evidence, tree: xr.DataTree, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Draws come back from the cache as they were; a failed verdict stays failed."""
    made: list[str] = []
    prior = tree["prior"].to_dataset()

    def compiling(argument: Argument, evidence: Evidence, constants: ErrorConstants) -> Compiled:
        made.append("compiled")
        return Compiled(argument, layout(argument, evidence, constants), constants, None)

    def drawing(compiled: Compiled, settings: Settings, data: Mapping[str, np.ndarray]) -> Drawn:
        del compiled, settings
        made.append(f"drawn {data['tau_shared']}")
        verdict: dict[str, Any] = {"passed": int(float(data["tau_shared"]) < 1.5 * C.tau_shared)}
        return Drawn(prior, xr.Dataset(), verdict)

    monkeypatch.setattr(refits, "compile_model", compiling)
    monkeypatch.setattr(refits, "draw", drawing)
    base = Base(argument, evidence, C, prior)
    refit = refitter(base, FEW, tmp_path)
    double = replace(C, tau_shared=2 * C.tau_shared)
    first = refit(evidence, C)
    assert first.passed
    assert not refit(evidence, double).passed
    assert made == ["compiled", f"drawn {C.tau_shared}", f"drawn {2 * C.tau_shared}"]
    again = refitter(base, FEW, tmp_path)
    assert not again(evidence, double).passed
    found = again(evidence, C)
    assert len(made) == 3
    assert set(found.base.draws) == set(prior)
    for name in prior:
        np.testing.assert_array_equal(found.base.draws[name], prior[name], err_msg=str(name))


def test_refits_made_ahead_are_found(
    argument: Argument, evidence: Evidence, tree: xr.DataTree, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """As tasks, each under its own evidence; those that are there are not made again."""
    made: list[int] = []
    prior = tree["prior"].to_dataset()

    def drawing(compiled: Compiled, settings: Settings, data: Mapping[str, np.ndarray]) -> Drawn:
        del compiled, settings
        made.append(int(data["live"].sum()))
        return Drawn(prior, xr.Dataset(), {"passed": int(len(made) != 2)})

    def compiling(*_: object) -> Compiled:
        return Compiled(argument, layout(argument, evidence, C), C, None)

    monkeypatch.setattr(refits, "compiled_for", compiling)
    monkeypatch.setattr(refits, "draw", drawing)
    table = evidence.statements
    fewer = [
        replace(evidence, statements=table.assign(live=table["live"] * (table["expert"] != who)))
        for who in ("Ann", "Bob")
    ]
    base, told = Base(argument, evidence, C, prior), list[str]()
    ahead = refits_ahead(base, FEW, tmp_path, told.append, workers=1)
    ahead(fewer)
    assert len(set(made)) == 2
    assert told[-1] == "2 of 2 refits done"
    ahead([*fewer, evidence])
    assert len(made) == 3
    monkeypatch.setattr(refits, "compile_model", None)  # the refitter has nothing to do
    refit = refitter(base, FEW, tmp_path)
    assert [refit(each, C).passed for each in fewer] == [True, False]
    for name in prior:
        np.testing.assert_array_equal(refit(evidence, C).base.draws[name], prior[name])


def test_settings_come_back(tree: xr.DataTree) -> None:
    assert settings_of(tree) == replace(FEW)
