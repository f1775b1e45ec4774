"""A crowd in the evidence: the graph, and what is computed from draws, without sampling."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.crowds import voices
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.hypothetical import statements
from sweet_spot.inference.draws import complete, log_likelihood, predictive, prior_draws
from sweet_spot.inference.error_model import simulate
from sweet_spot.inference.keep import evidence_of, what_was_said
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import layout
from sweet_spot.inference.preposterior import new_statements
from sweet_spot.inference.reweight import Base, log_ratio

C = learned_constants()
FAST = {"mode": "FAST_COMPILE"}
PEOPLE = 40
DANGER = {
    "id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
    "fidelity": "close",
}  # fmt: skip


def said(name: str, value: float | str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name, "expert": name, "question": "danger", "kind": "median", "value": value,
        "unit": "dex", "cluster": "club", **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def crowd(evidence_from: Callable[..., Evidence]) -> Evidence:
    """Forty people of a club, three of whom name a bound; a group of the club; one person alone."""
    values = np.random.default_rng(2).normal(0.5, 0.7, PEOPLE)
    people = [said(f"p{k}", float(value)) for k, value in enumerate(values)]
    bounds = [said(f"b{k}", ">2") for k in range(3)]
    group = said("group", 0.4, people=200)
    return evidence_from([*people, *bounds, group, said("alone", 0.9, cluster=None)], [DANGER])


def test_rows_and_what_they_stand_for(crowd: Evidence) -> None:
    """Two rows of the crowd, and the group and the other person as they are."""
    table = crowd.statements
    assert table["count"].to_numpy().tolist() == [1, PEOPLE, 3, 1]
    assert table["statement"].to_numpy().tolist() == [
        "alone", "crowd of club on danger 0000", "crowd of club on danger 0001", "group",
    ]  # fmt: skip
    assert table["side"].to_numpy().tolist() == [0, 0, 1, 0]
    assert voices(table, np.ones(4, bool)) == (PEOPLE + 5, PEOPLE + 5)
    assert voices(table, table["side"].to_numpy() == 0) == (PEOPLE + 2, PEOPLE + 5)


def test_graph_and_draws_agree(argument: Argument, crowd: Evidence) -> None:
    """The compiled density of every row is the one that is computed from draws."""
    model = build_model(argument, crowd, derived=False)
    held = layout(argument, crowd, C)
    free = prior_draws(argument, held, C, 1, 1, 3)
    ours = log_likelihood(argument, complete(argument, free), held, C)
    point = model.initial_point()
    for rv in model.free_RVs:
        value = free[rv.name].to_numpy()[0, 0]
        transform = model.rvs_to_transforms[rv]
        if transform is not None:
            moved = transform.forward(value, *rv.owner.inputs)
            value = moved.eval(mode="FAST_COMPILE") if hasattr(moved, "eval") else moved
        point[model.rvs_to_values[rv].name] = np.asarray(value)
    each = model.compile_fn(
        model.logp(vars=[model["stated"]], sum=False)[0], inputs=model.value_vars,
        on_unused_input="ignore", **FAST,
    )(point)  # fmt: skip
    np.testing.assert_allclose(each, ours["stated"].to_numpy()[0, 0], rtol=1e-9, atol=1e-9)


def test_what_is_predicted_of_a_crowd_is_its_mean(argument: Argument, crowd: Evidence) -> None:
    """Variance of the mean of forty errors: 5/3 (omega + (1 - omega) / 40), of Student-t(5).

    Of 40,000 draws it is known to 2 % (its kurtosis is 9); the tolerance is four times that.
    """
    panel = layout(argument, crowd, C).panel
    shape = (40_000, 4)
    omega = np.full(shape, 0.3)
    drawn = simulate(
        np.zeros(shape), np.ones(shape), omega, panel, 5.0, np.random.default_rng(4)
    )  # fmt: skip
    wanted = 5 / 3 * (0.3 + 0.7 / np.array([1, PEOPLE, 3, 1]))
    np.testing.assert_allclose(drawn.var(axis=0), wanted, rtol=0.08)
    free = prior_draws(argument, layout(argument, crowd, C), C, 1, 40, 5)
    whole = layout(argument, crowd, C, checks=True)
    found = predictive(argument, complete(argument, free), whole, C, 1)
    assert np.isfinite(found["stated"]).all()


def test_a_mate_of_the_crowd_is_predicted_from_it(argument: Argument, crowd: Evidence) -> None:
    """One more of the club: degrees of freedom count all who were observed, bounds not."""
    free = complete(argument, prior_draws(argument, layout(argument, crowd, C), C, 1, 50, 5))
    asked = statements(crowd.questions, "newcomer", "club")
    laws = new_statements(argument, free, crowd, asked, C, 1)
    np.testing.assert_allclose(laws.degrees, C.nu_error + PEOPLE + 1)
    assert np.isfinite(laws.location).all()


def test_a_crowd_can_be_left_out(argument: Argument, crowd: Evidence) -> None:
    """By weights: the log ratio is the density of what stays less that of all, draw by draw."""
    free = complete(argument, prior_draws(argument, layout(argument, crowd, C), C, 2, 50, 5))
    table = crowd.statements
    rest = Evidence(
        table.assign(live=table["live"] * (table["crowd"] == 0)), crowd.questions, crowd.targets
    )
    base = Base(argument, crowd, C, free)
    one, all_ = (
        log_likelihood(argument, free, layout(argument, each, C), C)["stated"]
        for each in (rest, crowd)
    )
    wanted = one.sum("statement") - all_.sum("statement")
    np.testing.assert_allclose(log_ratio(base, rest), wanted, rtol=1e-9, atol=1e-9)


def test_part_of_a_large_crowd_can_be_left_out(
    argument: Argument, evidence_from: Callable[..., Evidence]
) -> None:
    """By weights: without the bounds 150 are left, each of whom then counts for more."""
    values = np.random.default_rng(2).normal(0.5, 0.7, 150)
    people = [said(f"p{k}", float(value)) for k, value in enumerate(values)]
    whole = evidence_from([*people, *(said(f"b{k}", ">2") for k in range(50))], [DANGER])
    free = complete(argument, prior_draws(argument, layout(argument, whole, C), C, 2, 50, 5))
    table = whole.statements
    rest = Evidence(
        table.assign(live=table["live"] * (table["side"] == 0)), whole.questions, whole.targets
    )
    held = [layout(argument, each, C) for each in (whole, rest)]
    counts = [(of.live * (of.panel.crowd or pytest.fail("no crowd")).count).tolist() for of in held]
    np.testing.assert_allclose(counts, [[75, 25], [100, 0]])
    one, all_ = (
        log_likelihood(argument, free, layout(argument, each, C), C)["stated"].sum("statement")
        for each in (rest, whole)
    )
    ratio = log_ratio(Base(argument, whole, C, free), rest)
    np.testing.assert_allclose(ratio, one - all_, rtol=1e-9, atol=1e-9)


def test_a_crowd_is_kept_with_its_fit(crowd: Evidence) -> None:
    observed, constant = what_was_said(crowd)
    tree = xr.DataTree.from_dict({"observed_data": observed, "constant_data": constant})
    again = evidence_of(tree)
    assert again.statements.equals(crowd.statements)


def test_the_graph_does_not_grow_with_the_people(
    argument: Argument, evidence_from: Callable[..., Evidence]
) -> None:
    """Ten times as many people: as many rows and free variables."""
    sizes = []
    for people in (50, 500):
        values = np.random.default_rng(2).normal(0.5, 0.7, people)
        found = evidence_from([said(f"p{k}", float(v)) for k, v in enumerate(values)], [DANGER])
        model: pm.Model = build_model(argument, found, derived=False)
        sizes.append(
            [
                found.statements.sizes["statement"],
                *(np.size(v) for v in model.initial_point().values()),
            ]
        )
    assert sizes[0] == sizes[1]
    assert sizes[0][0] == 1
