"""Shares of a step: they add up, stay with their step, and are of few causes."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
import xarray as xr

from sweet_spot.answers.estimates import usable
from sweet_spot.answers.history import History, from_rows
from sweet_spot.answers.history_shares import COARSE, End, Shares, attributed, causes, coarse
from sweet_spot.answers.history_steps import Plan, fill, plan
from sweet_spot.answers.record import read_record
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.records import Topic
from sweet_spot.inference.credit import EXACT
from sweet_spot.inference.keep import evidence_of
from sweet_spot.inference.learned import learned_constants


def test_shares_of_a_step_add_up_to_its_move(steps: Plan, found: History) -> None:
    moved = found.data["moved"].to_series()
    told = [step.label for step in steps.steps if not step.carried]
    assert set(found.shares["step"].values.tolist()) == set(told)
    for step in told:
        total = sum(value for _, value, _ in found.due(step))
        # five decimals of each share and of both credences
        assert total == pytest.approx(moved[step], abs=1e-5 * (len(found.due(step)) + 1))
    assert "Shapley shares" in found.text


def test_shares_belong_to_the_step_they_were_computed_for(folder: Path, found: History) -> None:
    """By year other answers come before; shares stay with the pair of answers they divide."""
    yearly = recorded_by(plan(folder, "year"))
    by_month = [found.due(step.label) for step in plan(folder).steps]
    for step in yearly.data["step"].values.tolist():
        assert not yearly.due(step) or yearly.due(step) in by_month
    assert yearly.shares.sizes["share"] < found.shares.sizes["share"]


def recorded_by(of: Plan) -> History:
    return from_rows(of, read_record(of.record))


@pytest.mark.parametrize("passes", [True, False])
def test_a_large_step_may_fit_again_between_dates(
    steps: Plan, sampler: Any, monkeypatch: pytest.MonkeyPatch, passes: bool
) -> None:
    """With draws of what passes and none of what fails; the ends are drawn once, for both steps."""
    divided: list[tuple[int, ...]] = []
    first = steps.known.statements["evidence"].cumsum() == 1
    one = replace(steps.known, statements=steps.known.statements.assign(live=first.astype(int)))
    sampler.fails = set() if passes else {1}

    def dividing(*given: Any) -> Shares:
        *_, ends, refit = given
        divided.append(tuple(len(end.live) for end in ends))
        if refit is not None:
            assert (refit(one) is not None) == passes
        return {}

    monkeypatch.setattr("sweet_spot.answers.history_steps.attributed", dividing)
    fill(steps)
    sizes = [0, *(len(live) for live in dict.fromkeys(step.live for step in steps.steps))]
    assert divided == [*pairwise(sizes)]
    assert 1 not in sizes
    assert sampler.asked.count(1) > 0
    assert [n for n in sampler.asked if n != 1] == sizes
    assert len(read_record(steps.record)) == len(sizes)


def test_causes_are_single_statements_where_they_are_few(steps: Plan) -> None:
    step = steps.steps[0]
    found = causes(steps.known, frozenset(), step.live)
    assert frozenset().union(*found.values()) == step.live
    assert len(found) <= EXACT or set(found) <= set(get_args(Topic))
    two = sorted(step.live)[:2]
    assert causes(steps.known, frozenset(two[:1]), frozenset(two[1:])).keys() <= set(two)


def test_two_causes_in_place_of_many_hold_the_same_statements(steps: Plan) -> None:
    step = steps.steps[-1]
    many = causes(steps.known, frozenset(), step.live)
    two = coarse(steps.known, many)
    assert set(two) <= set(COARSE)
    assert frozenset().union(*two.values()) == step.live
    assert sum(map(len, two.values())) == len(step.live)


def test_shares_of_one_statement_are_its_whole_change(
    spoken: xr.DataTree, argument: Argument
) -> None:
    """One cause takes the whole; several add up to it."""
    known, constants = evidence_of(spoken), learned_constants()
    draws = spoken["posterior"].to_dataset()
    half = draws.isel(draw=slice(None, None, 2))
    live = frozenset(["ann-gap", "dan-years"])
    one = frozenset(["ann-gap"])
    whole = float(usable(draws).mean()) - float(usable(half).mean())
    ends = End(one, half), End(live, draws)
    (share,) = attributed(argument, constants, known, ends).items()
    assert share[0] == "dan-years"
    assert share[1][0] == pytest.approx(whole)
    found = attributed(argument, constants, known, (End(frozenset(), half), End(live, draws)))
    assert not found or sum(v for v, _ in found.values()) == pytest.approx(whole)
