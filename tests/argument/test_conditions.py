"""Conditions and interventions: what may be set, and that setting it is replacing it by hand."""

import numpy as np
import pytest
import xarray as xr
from scipy import special

from sweet_spot.argument.conditions import conditions
from sweet_spot.argument.quantities import parse, to_working
from sweet_spot.argument.structure import LATENT_DIMS, LOGITS, NUMPY, derive
from sweet_spot.argument.worlds import Target, intervene, target
from sweet_spot.errors import UnknownQuantity

VIA = "years_per_dex_before"
FACTOR = "risk_evaluation"
COORDS = {"factor": FACTOR, "work": "conceptual"}


def dataset(latents) -> xr.Dataset:
    return xr.Dataset({n: (("draw", *dims), latents[n]) for n, dims in LATENT_DIMS.items()})


@pytest.mark.parametrize("name", [n for n in LATENT_DIMS if n != "work_share"])
def test_intervening_is_replacing_by_hand(name, draws, drawn):
    """As a whole and by coordinate, in the quantity's own unit."""
    value = 0.3
    own = special.logit(value) if name in LOGITS else value
    world = intervene(draws, conditions({name: value}), NUMPY)
    assert world.keys() == draws.keys()
    np.testing.assert_allclose(world[name], np.full_like(draws[name], own), rtol=1e-14)
    assert all(world[other] is draws[other] for other in draws if other != name)
    by_hand = derive(drawn.assign({name: drawn[name] * 0 + own}))
    np.testing.assert_allclose(
        derive(dataset(world))["effective_years"], by_hand["effective_years"]
    )
    if LATENT_DIMS[name]:
        (dim,) = LATENT_DIMS[name]
        world = intervene(draws, conditions({f"{name}[{COORDS[dim]}]": value}), NUMPY)
        by_hand = drawn[name].where(drawn[dim] != COORDS[dim], own)
        np.testing.assert_allclose(world[name], by_hand, rtol=1e-14)


def test_coordinates_refine_the_whole(draws):
    """Written in any order, the coordinate holds over the whole vector."""
    one = {"investment": 0.1, f"investment[{FACTOR}]": 0.5}
    other = dict(reversed(one.items()))
    assert conditions(one) == conditions(other)
    world = intervene(draws, conditions(one), NUMPY)
    wanted = special.logit([0.1, 0.5, 0.1])
    np.testing.assert_allclose(world["investment"], np.broadcast_to(wanted, (400, 3)))
    assert target("danger_gap", one) == target("danger_gap", other)


def test_shares_of_work_stay_shares(draws):
    fixed = {
        f"work_share[{FACTOR}, conceptual]": 0.6,
        f"work_share[{FACTOR}, normal_science]": 0.1,
        "work_share[safety_progress, conceptual]": 1.0,
    }
    world = intervene(draws, conditions(fixed), NUMPY)["work_share"]
    old = draws["work_share"]
    np.testing.assert_allclose(world.sum(axis=-1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(world[:, 1], np.broadcast_to([0.3, 0.1, 0.6], (400, 3)))
    np.testing.assert_allclose(world[:, 0], np.broadcast_to([0.0, 0.0, 1.0], (400, 3)))
    np.testing.assert_array_equal(world[:, 2], old[:, 2])
    half = intervene(draws, conditions({f"work_share[{FACTOR}, conceptual]": 0.5}), NUMPY)
    kept = half["work_share"][:, 1]
    np.testing.assert_allclose(kept[:, 0] / kept[:, 1], old[:, 1, 0] / old[:, 1, 1])
    again = {**draws, "work_share": world}
    even = intervene(again, conditions({"work_share[safety_progress, conceptual]": 0.4}), NUMPY)
    np.testing.assert_allclose(even["work_share"][:, 0], np.broadcast_to([0.3, 0.3, 0.4], (400, 3)))


def test_extreme_shares_can_be_set(draws):
    """Removing an obstacle altogether: a share of exactly 0 or 1."""
    for name in sorted(LOGITS):
        for value in (0, 1):
            world = intervene(draws, conditions({name: value}), NUMPY)
            found = derive(dataset(world))
            assert all(np.isfinite(found[derived]).all() for derived in found)


def test_via_stands_only_where_it_serves():
    assert target("danger_gap", {}, VIA) == target("danger_gap") == Target(parse("danger_gap"))
    assert target("danger_gap", {"scheming": 0.1}, VIA).via is None
    assert target("danger_gap", {"year_automation": 2030}, VIA).via == VIA
    assert target("danger_gap", {"work_share[risk_evaluation,conceptual]": 0.5}) == target(
        "danger_gap", {"work_share[risk_evaluation, conceptual]": 0.5}
    )


@pytest.mark.parametrize(
    ("given", "via", "message"),
    [
        ({"danger_gpa": 1.0}, None, "did you mean danger_gap"),
        ({"investment[conceptual]": 0.1}, None, "'conceptual' is not a factor"),
        ({"year_automation": 2030}, None, f"name the latent solved for, via: {VIA}"),
        ({"year_automation": 2030}, "danger_gap", "via danger_gap: only"),
        ({}, "danger_gap", "via danger_gap: only"),
        ({"year_automation": 2030, "year_at_speedup(5)": 2029}, VIA, "one of year_automation"),
        ({"year_dangerous": 2030}, VIA, "given year_dangerous: a condition may fix latents"),
        ({"usable[any]": 1}, VIA, r"given usable\[any\]: a condition may fix latents"),
        ({"year_automation": 2030, VIA: 10.0}, VIA, "is solved for, so not given too"),
        ({"scheming": 1.2}, None, "between 0 and 1"),
        ({"investment": -0.1}, None, "between 0 and 1"),
        ({"scheming": float("nan")}, None, "given scheming = nan"),
        ({"year_automation": float("inf")}, VIA, "given year_automation = inf"),
        ({"years_bought": -1.0}, None, "between 0 and inf"),
        ({"diminishing_returns": -0.1}, None, "between 0 and inf"),
        ({"years_per_dex_after": 0.0}, None, "progress costs something"),
        ({"work_share": 0.3}, None, "set its shares one by one"),
        (
            {"work_share[risk_evaluation, conceptual]": 0.7,
             "work_share[risk_evaluation, normal_science]": 0.7},
            None,
            r"work_share\[risk_evaluation, ...\]: the shares sum to 1.4",
        ),
        (
            {f"work_share[risk_evaluation, {w}]": 0.3
             for w in ("conceptual", "normal_science", "number_go_up")},
            None,
            "the shares sum to 0.9",
        ),
    ],
)  # fmt: skip
def test_impossible_conditions_are_named(given, via, message):
    with pytest.raises(UnknownQuantity, match=message):
        target("danger_gap", given, via)


def test_condition_is_on_the_working_scale_of_the_equations():
    """A share is set as its logit, everything else as it stands."""
    assert to_working(parse("scheming"), 0.5) == 0.0
    (condition,) = conditions({"hardness[risk_evaluation]": -0.3})
    assert (str(condition[0]), condition[1]) == ("hardness[risk_evaluation]", -0.3)
