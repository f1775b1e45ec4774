"""The equations: worked cases, limits, far tails, and what must hold of every draw."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special

from sweet_spot.argument.prior import normal_block, place
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import (
    DERIVED_DIMS,
    GATES,
    LATENT_DIMS,
    LOGITS,
    NUMPY,
    equations,
    evaluation_failure,
)

BLOCK = normal_block(load_argument())
LABELS = len(BLOCK.labels)

HARMFUL = (
    "output_failure",
    "process_failure",
    "scheming",
    "sabotage_potency",
    "hardness",
    "uneven_arrival",
    "returns_to_share",
)
HELPFUL = (
    "labour_growth",
    "sabotage_detection",
    "danger_gap",
    "countermeasure_gain",
    "years_bought",
    "investment",
)


def worlds_from(scores, slope, shares) -> dict[str, np.ndarray]:
    """One world per row of normal scores (world, score), with its slope and shares of work."""
    latents = place(BLOCK, scores, NUMPY)
    latents["diminishing_returns"] = slope
    latents["work_share"] = shares / shares.sum(axis=-1, keepdims=True)
    return latents


@st.composite
def worlds(draw, count: int = 4):
    """Worlds up to four prior sds out in each direction."""

    def numbers(low: float, high: float, *shape: int) -> np.ndarray:
        return draw(arrays(float, shape, elements=st.floats(low, high), fill=st.nothing()))

    scores, slope = numbers(-4, 4, count, LABELS), numbers(1e-9, 2.5, count)
    return worlds_from(scores, slope, numbers(0.01, 1, count, 3, 3))


def moved(latents: dict, name: str, by: float) -> dict[str, np.ndarray]:
    """The same worlds with one latent raised on its working scale."""
    old = latents[name]
    return {**latents, name: old * np.exp(by) if name in BLOCK.logged else old + by}


def test_worked_cases(shared):
    """Expected values computed independently; the file is shared with other implementations."""
    text = (shared / "design" / "structure_vectors.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert tuple(content["gate_order"]) == GATES
    for case in content["cases"]:
        found = equations({n: np.array(v, float) for n, v in case["latents"].items()}, NUMPY)
        expected = dict(case["expected"])
        gates = np.stack([found[name] for name in GATES], axis=-1)
        np.testing.assert_array_equal(gates, expected.pop("gates"), err_msg=case["case"])
        assert expected.keys() == DERIVED_DIMS.keys()
        for name, wanted in expected.items():
            np.testing.assert_allclose(
                found[name], wanted, rtol=1e-9, err_msg=f"{case['case']}: {name}"
            )


def test_a_world_by_hand(typical):
    """The first factor at the centre of the prior, step by step from MODEL.md section 3."""
    found = {name: value[..., 0] if np.ndim(value) else value for name, value in
             equations(typical, NUMPY).items()}  # fmt: skip
    ln10, rate = np.log(10), 0.8 - 1
    assert found["speedup_useful"] == pytest.approx(1.5)
    assert found["sweet_spot_width"] == pytest.approx(0.52)
    before = 15 * (10**-0.1 - 10**-1.3) / ln10
    assert found["years_to_automation"] == pytest.approx(before, rel=1e-12)
    after = 10 * 10**-1.3 * (10 ** (rate * 0.2) - 1) / (rate * ln10)
    assert found["years_to_useful"] == pytest.approx(before + after, rel=1e-12)
    late = 10 * 10**-1.3 * (10 ** (rate * 0.72) - 1) / (rate * ln10)
    assert found["years_in_sweet_spot"] == pytest.approx(late - after + 0.25, rel=1e-12)
    # 10^(-x + x/2) with cost 10^(.8 (x - 1.3)): an exponent of .3 from u = 1.5 to d = 2.02
    start = 10 * 10 ** (0.8 * 0.2 - 1.5)
    labour = start * (10 ** (0.3 * 0.52) - 1) / (0.3 * ln10) + 0.25 * 10 ** (0.5 * 0.26)
    assert found["labour_years"] == pytest.approx(labour, rel=1e-12)
    missed = special.expit([-1.0, 0.3, 1.3]) * special.expit(0.8)
    failure = 1 - np.prod((1 - missed) ** np.array([0.3, 0.4, 0.3]))
    assert found["evaluation_failure"] == pytest.approx(failure, rel=1e-12)
    sabotage = special.expit(-1.2 + 1.5 * 0.2) * special.expit(0.8) * (1 - 0.5 * (1 - failure))
    assert found["differential_sabotage"] == pytest.approx(sabotage, rel=1e-12)
    effective = labour * np.sqrt(special.expit(-2.9)) * (1 - failure) * (1 - sabotage)
    assert found["effective_years"] == pytest.approx(effective, rel=1e-12)
    assert found["needed_years"] == pytest.approx(10**-0.6, rel=1e-12)
    assert [bool(found[name]) for name in GATES] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("change", "exists"),
    [
        ({"danger_gap": 0.0, "uneven_arrival": 0.2}, False),  # danger 0.08 dex before usefulness
        ({"danger_gap": 0.1, "uneven_arrival": 0.2}, True),
        ({"danger_gap": -1.4, "uneven_arrival": -2.0}, False),  # danger is behind us already
        ({"danger_gap": -1.0, "uneven_arrival": -2.0}, True),  # useful already, danger to come
        ({"danger_gap": -0.5, "uneven_arrival": -0.7}, True),  # both before full automation
    ],
)
def test_when_a_sweet_spot_exists(typical, change, exists):
    typical |= {name: np.asarray(v) + np.zeros_like(typical[name]) for name, v in change.items()}
    found = equations(typical, NUMPY)
    assert (found["exists"] == exists).all()
    for name in ("years_in_sweet_spot", "labour_years", "effective_years"):
        assert ((found[name] > 0) == exists).all()
    assert not exists or (found["years_in_sweet_spot"] >= typical["years_bought"]).all()


def test_time_already_passed_does_not_count(typical):
    """AIs useful since before the reference date: the zone starts today, at higher quality."""
    typical["uneven_arrival"] = np.full(3, -1.5)
    found = equations(typical, NUMPY)
    np.testing.assert_array_equal(found["years_to_useful"], 0.0)
    years = found["years_to_dangerous"] + typical["years_bought"]
    np.testing.assert_allclose(found["years_in_sweet_spot"], years, rtol=1e-14)
    assert (found["labour_years"] > years).all()


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_one_kind_of_work_decides_alone(kind):
    output, process = np.array([-1.0, 0.3, 5.0]), np.array([1.7])
    found = evaluation_failure(output, process, np.eye(3)[[kind]], NUMPY)
    missed = special.expit(output[kind]) * special.expit(1.7)
    assert found[0] == pytest.approx(missed, rel=1e-14)


@pytest.mark.parametrize("extreme", [40.0, 800.0, np.inf])
def test_saturated_shares(typical, extreme):
    """Shares at 0 and 1, also as the infinite logits that an intervention sets."""
    one, zero = np.asarray(extreme), np.asarray(-extreme)
    tiny = 2 * special.expit(-40.0)
    every = equations({**typical, "output_failure": np.full(3, one), "process_failure": one}, NUMPY)
    np.testing.assert_allclose(every["evaluation_failure"], 1.0, rtol=0, atol=1e-12)
    none = equations({**typical, "process_failure": zero}, NUMPY)
    np.testing.assert_allclose(none["evaluation_failure"], 0.0, rtol=0, atol=tiny)
    schemers = {"scheming": one, "sabotage_potency": one, "sabotage_detection": zero}
    lost = equations({**typical, **schemers}, NUMPY)
    np.testing.assert_allclose(lost["differential_sabotage"], 1.0, rtol=0, atol=1e-12)
    honest = equations({**typical, "scheming": zero}, NUMPY)
    np.testing.assert_allclose(honest["differential_sabotage"], 0.0, rtol=0, atol=1e-12)
    whole = equations({**typical, "investment": np.full(3, one)}, NUMPY)
    np.testing.assert_allclose(whole["labour_factor"], 1.0, rtol=0, atol=tiny)
    nothing = equations({**typical, "investment": np.full(3, zero)}, NUMPY)
    np.testing.assert_allclose(nothing["labour_factor"], 0.0, rtol=0, atol=1e-8)
    unpaid = {"investment": np.full(3, zero), "returns_to_share": np.asarray(-np.inf)}
    assert np.isfinite(equations({**typical, **unpaid}, NUMPY)["labour_factor"]).all()


@pytest.mark.parametrize("name", [n for n in LATENT_DIMS if n != "work_share"])
@pytest.mark.parametrize("sds", [-40, -12, 12, 40])
def test_far_tails_stay_finite(typical, name, sds):
    """Forty prior sds out nothing overflows (a warning fails the test) and gates keep order."""
    spread = {"diminishing_returns": 0.3}
    if name in BLOCK.slices:
        where = BLOCK.slices[name].start
        spread[name] = float(np.linalg.norm(BLOCK.root[where]))
    world = moved(typical, name, sds * spread[name])
    world["diminishing_returns"] = np.maximum(world["diminishing_returns"], 0.0)
    for both in (world, moved(world, "danger_gap", sds * 0.7)):
        found = equations(both, NUMPY)
        assert all(np.isfinite(found[derived]).all() for derived in DERIVED_DIMS)
        assert not (found["usable"] & ~found["exists"]).any()


def test_random_far_tails_stay_finite():
    rng = np.random.default_rng(5)
    scores = 12 * rng.standard_normal((2000, LABELS))
    slope = 12 * abs(rng.standard_normal(2000))
    found = equations(worlds_from(scores, slope, rng.dirichlet(np.ones(3), (2000, 3))), NUMPY)
    assert all(np.isfinite(found[name]).all() for name in DERIVED_DIMS)


def test_logits_are_those_of_the_argument(argument):
    assert {n for n, lat in argument.latents.items() if lat.scale == "logit"} == LOGITS


@settings(max_examples=60)
@given(worlds(count=8))
def test_gates_imply_the_one_before(latents):
    found = equations(latents, NUMPY)
    for earlier, later in itertools.pairwise(GATES):
        assert not (found[later] & ~found[earlier]).any()
    usable = found["effective_years"] >= found["needed_years"]
    np.testing.assert_array_equal(found["usable"], found["exists"] & usable)


@pytest.mark.parametrize("name", [*HARMFUL, *HELPFUL])
@settings(max_examples=100)
@given(latents=worlds(), by=st.floats(1e-3, 6))
def test_moving_one_latent_never_helps_the_wrong_way(name, latents, by):
    """MODEL.md section 7, draw by draw: of the gate, and of the years behind it."""
    low, high = equations(latents, NUMPY), equations(moved(latents, name, by), NUMPY)
    worse, better = (high, low) if name in HARMFUL else (low, high)
    assert not (worse["usable"] & ~better["usable"]).any()
    # both sides are sums of positive terms, exact to a few roundings
    slack = 1 + 1e-12
    assert (worse["effective_years"] <= better["effective_years"] * slack).all()
    assert (worse["needed_years"] * slack >= better["needed_years"]).all()


@settings(max_examples=30)
@given(latents=worlds(), by=st.floats(0, 3))
def test_danger_does_not_move_with_uneven_arrival(latents, by):
    even, uneven = (equations(x, NUMPY) for x in (latents, moved(latents, "uneven_arrival", by)))
    np.testing.assert_array_equal(even["speedup_dangerous"], uneven["speedup_dangerous"])
    width = even["sweet_spot_width"] - by
    np.testing.assert_allclose(uneven["sweet_spot_width"], width, atol=1e-13, rtol=0)


def test_scheming_slope_has_no_fixed_sign(typical):
    """Steeper scheming harms where usefulness comes after 20x and helps where it comes before."""
    early, late = ({**typical, "uneven_arrival": np.full(3, shift)} for shift in (-0.3, 0.3))
    change = {}
    for name, world in {"early": early, "late": late}.items():
        steep = equations(moved(world, "scheming_slope", 0.5), NUMPY)["effective_years"]
        change[name] = steep - equations(world, NUMPY)["effective_years"]
    assert (change["early"] > 0).all()
    assert (change["late"] < 0).all()
