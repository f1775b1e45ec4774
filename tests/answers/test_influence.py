"""Leaving out, each alone, camps: against weights by hand, and by what must hold exactly."""

from collections.abc import Sequence
from dataclasses import replace

import arviz as az
import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers import estimates
from sweet_spot.answers.camps import camps
from sweet_spot.answers.estimates import (
    REFIT,
    UNKNOWN,
    WEIGHTS,
    difference,
    drawn,
    estimate,
    prior_base,
    usable,
)
from sweet_spot.answers.figures_influence import camps_figure, influence_figure
from sweet_spot.answers.influence import influence
from sweet_spot.answers.tables_influence import (
    camps_table,
    influence_table,
)
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import MissingData, UntrustworthyFit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.refits import Refit
from sweet_spot.inference.reweight import Base, base_of, log_ratio


def alive(evidence: Evidence, *names: str) -> Evidence:
    """The same evidence with only these statements live."""
    live = np.isin(evidence.statements["statement"], names).astype(np.int64)
    return replace(evidence, statements=evidence.statements.assign(live=("statement", live)))


@pytest.fixture(scope="module")
def base(spoken: xr.DataTree, argument: Argument) -> Base:
    return base_of(spoken, argument)


def by_hand(density: xr.DataArray, of: xr.DataArray) -> float:
    weights = np.exp(density - density.max())
    return float((weights * of).sum() / weights.sum())


def test_what_falls_silent_is_integrated_as_what_comes_anew(base: Base) -> None:
    """To forget a statement is the exact reverse of learning it from draws that know nothing."""
    one, none = alive(base.evidence, "cat-hidden"), alive(base.evidence)
    learned = log_ratio(replace(base, evidence=none), one)
    forgotten = log_ratio(replace(base, evidence=one), none, forget=True)
    kept = log_ratio(replace(base, evidence=one), none)
    np.testing.assert_allclose(forgotten, -learned, rtol=1e-10)
    assert float(forgotten.std()) < float(kept.std()) / 2  # why it is done


def test_a_group_that_shrinks_keeps_what_others_know(base: Base) -> None:
    """Without Ann's gap Bob still informs gap, topic and club, and she still speaks of years."""
    fewer = [n for n in base.evidence.statements["statement"].values.tolist() if n != "ann-gap"]
    after = alive(base.evidence, *fewer)
    np.testing.assert_allclose(
        log_ratio(base, after, forget=True), log_ratio(base, after), rtol=1e-10
    )


def test_unknown_clusters_are_integrated(base: Base) -> None:
    """Ann from draws that know nothing: her club too, all 48 replicates of it."""
    learned = log_ratio(
        replace(base, evidence=alive(base.evidence)), alive(base.evidence, "ann-gap")
    )
    assert np.isfinite(learned).all()
    assert float(learned.std()) > 0.01


def fixed(base: Base, *, passed: bool = True) -> Refit:
    return Refit(replace(base, draws=base.draws.isel(draw=slice(0, 100))), passed)


@pytest.mark.parametrize("passed", [True, False])
def test_a_refit_is_made_only_where_weights_fail(
    base: Base, monkeypatch: pytest.MonkeyPatch, passed: bool
) -> None:
    asked = []

    def refit(after: Evidence, constants: ErrorConstants) -> Refit:
        asked.append((after, constants))
        return fixed(base, passed=passed)

    base = replace(base, evidence=alive(base.evidence))
    after = alive(base.evidence, "dan-years")
    assert estimate([base], after, refit).method == WEIGHTS
    assert not asked
    monkeypatch.setattr(estimates, "reweigh", _hopeless)
    without = estimate([base], after)
    assert without.method == UNKNOWN
    assert np.isnan([without.value, without.error]).all()
    assert without.pareto_k == 0.9
    found = estimate([base], after, refit)
    assert len(asked) == 1
    if passed:
        assert found.method == REFIT
        assert found.value == float(usable(fixed(base).base.draws).mean())
    else:
        assert found.method == "refit failed"
        assert np.isnan(found.value)


def _hopeless(base: Base, after: Evidence, *, forget: bool) -> object:
    del base, after, forget
    return type("W", (), {"trusted": False, "pareto_k": 0.9})()


def test_differences_are_paired_where_the_draws_are_the_same(base: Base) -> None:
    same = drawn(base)
    assert difference(same, same) == (0.0, 0.0)
    other = drawn(fixed(base).base)
    change, error = difference(other, same)
    assert change == pytest.approx(other.value - same.value)
    assert error == pytest.approx(np.hypot(other.error, same.error))
    assert same.error == pytest.approx(float(az.mcse(usable(base.draws), method="mean")))


def test_refits_can_be_made_ahead(
    spoken: xr.DataTree, base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that weights cannot tell is named at once, before any of it is asked for."""
    order: list[str] = []

    def ahead(many: Sequence[Evidence]) -> None:
        order.extend(f"ahead {int(e.statements['live'].sum())}" for e in many)

    def refit(after: Evidence, constants: ErrorConstants) -> Refit:
        del constants
        order.append(f"asked {int(after.statements['live'].sum())}")
        return fixed(base)

    monkeypatch.setattr(estimates, "reweigh", _hopeless)
    found = influence(spoken, "expert", refit=refit, ahead=ahead)
    half = len(order) // 2
    assert [each.replace("ahead", "asked") for each in order[:half]] == order[half:]
    assert half == 2 * found.data.sizes["who"]
    assert (found.data["method"] == REFIT).all()
    assert (found.data["alone_method"] == REFIT).all()


def test_what_no_refit_was_kept_for_stays_unknown(
    spoken: xr.DataTree, base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside what was kept, which counts; the change then is from the headline of all draws."""
    given: list[Evidence] = []

    def kept(after: Evidence, constants: ErrorConstants) -> Refit | None:
        del constants
        given.append(after)
        return fixed(base) if len(given) == 1 else None

    monkeypatch.setattr(estimates, "reweigh", _hopeless)
    found = influence(spoken, "expert", refit=kept, most=50).data
    assert len(given) == 2 * found.sizes["who"]
    assert sorted(found["method"].values.tolist()) == sorted([REFIT, *[UNKNOWN] * 3])
    assert (found["alone_method"] == UNKNOWN).all()
    change, error = difference(drawn(fixed(base).base), drawn(base))
    assert float(found["change"][0]) == pytest.approx(change)
    assert float(found["change_error"][0]) == pytest.approx(error)
    assert np.isnan(found["change"][1:]).all()


@pytest.mark.parametrize(("by", "count"), [("expert", 4), ("cluster", 3), ("source", 4)])
def test_everyone_is_there_with_number_or_mark(spoken: xr.DataTree, by: str, count: int) -> None:
    found = influence(spoken, by)
    data = found.data
    assert data.sizes["who"] == count
    assert int(data["statements"].sum()) == 6
    unknown = data["method"].to_numpy() == UNKNOWN
    assert (np.isnan(data["change"].to_numpy()) == unknown).all()
    assert (data["pareto_k"].to_numpy()[unknown] > 0.7).all()
    known = abs(data["change"].to_numpy()[~unknown])
    assert (np.diff(known) <= 0).all()
    assert UNKNOWN in influence_table(found) or not unknown.any()
    assert len(found.to_json()["rows"]) == count
    figure = influence_figure(found, "stamp")
    drawn_at = next(line for line in figure.axes[0].lines if line.get_gid() == "alone")
    assert len(drawn_at.get_xdata()) == (~unknown).sum()


def test_alone_is_the_prior_with_their_statements(spoken: xr.DataTree, base: Base) -> None:
    """Dan alone: prior draws weighed by his one statement, all effects drawn along with it."""
    found = influence(spoken, "expert").data.sel(who="Dan")
    density = spoken["log_likelihood/stated"].sel(statement="dan-years")
    exact = by_hand(density, usable(base.draws))
    assert found["alone_method"] == WEIGHTS
    assert float(found["alone"]) == pytest.approx(exact, abs=4 * float(found["alone_error"]))
    assert float(found["alone"]) > float(usable(base.draws).mean())  # little work is needed


def test_a_failed_fit_is_refused(spoken: xr.DataTree) -> None:
    failed = spoken.copy()
    failed.attrs["passed"] = 0
    with pytest.raises(UntrustworthyFit):
        influence(failed)


def test_all_views_swapped_close_the_gap_exactly(spoken: xr.DataTree) -> None:
    found = camps(spoken, ["club"], ["Cat", "Dan"])
    assert found.credences["statements"].values.tolist() == [3, 3]
    assert np.isfinite(found.gap)
    np.testing.assert_array_equal(found.credences["left"], 0.0)
    np.testing.assert_array_equal(found.credences["swapped"], found.credences["value"][::-1])
    assert "a" in found.text
    assert len(camps_table(found).splitlines()) == 5
    assert len(found.to_json()["questions"]) == 6
    figure = camps_figure(found, "stamp")
    marks = {line.get_gid() for line in figure.axes[0].lines}
    assert {"a adopts", "b adopts"} <= marks


def test_adopting_is_the_evidence_of_the_other_on_that_question(
    spoken: xr.DataTree, argument: Argument
) -> None:
    """The club with Cat's gap for its own: its years and her gap, nothing else."""
    found = camps(spoken, ["club"], ["Cat", "Dan"])
    before = prior_base(spoken, argument)
    own = estimate([before], alive(before.evidence, "ann-gap", "bob-gap", "ann-years"))
    after = estimate([before], alive(before.evidence, "cat-gap", "ann-years"))
    change = float(found.questions["change"].sel(question="gap", camp="a"))
    assert change == pytest.approx(after.value - own.value, abs=1e-12)
    closed = float(found.questions["closed"].sel(question="gap", camp="a"))
    assert closed == pytest.approx(change / found.gap)


def test_one_question_between_two_closes_all(spoken: xr.DataTree) -> None:
    """Bob and a Cat who is heard on the gap alone: the only question is the whole gap."""
    only = spoken.copy()
    silent = only["constant_data"].to_dataset()
    live = silent["live"].where(silent["statement"] != "cat-hidden", 0)
    only["constant_data"] = xr.DataTree(silent.assign(live=live))
    found = camps(only, ["Bob"], ["Cat"])
    np.testing.assert_allclose(found.questions["closed"], 1.0)


@pytest.mark.parametrize(
    ("a", "b", "what"),
    [(["Zoe"], ["Cat"], "Zoe"), (["club"], ["Ann", "Cat"], "both camps"), ([], ["Cat"], "live")],
)
def test_impossible_camps(spoken: xr.DataTree, a: list[str], b: list[str], what: str) -> None:
    with pytest.raises(MissingData, match=what):
        camps(spoken, a, b)
