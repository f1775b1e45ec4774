"""Quantities in intervened worlds, against what derive() gives for the same world set by hand."""

import numpy as np
import pytest
import xarray as xr
from scipy import special

from sweet_spot.argument.axis import SHORTEST_COST
from sweet_spot.argument.conditions import conditions
from sweet_spot.argument.quantities import catalogue, dims_of, from_working
from sweet_spot.argument.structure import GATES, LATENT_DIMS, LOGITS, NUMPY, derive
from sweet_spot.argument.worlds import evaluate, intervene, target

VIA = "years_per_dex_before"
FACTOR = "risk_evaluation"
ARGUMENTS = {"years_between_speedups": "(5, 25)", "progress_between_speedups": "(5, 25)"}
TAKES_ONE = ("year_at_speedup", "years_for_progress", "scheming_at")
COORDS = {"factor": FACTOR, "work": "conceptual"}


def written(name: str) -> str:
    coords = ", ".join(COORDS[dim] for dim in dims_of(name))
    arguments = ARGUMENTS.get(name, "(20)" if name in TAKES_ONE else "")
    return f"{name}[{coords}]" if coords else name + arguments


EVERY = [written(name) for name in catalogue()] + [f"{gate}[any]" for gate in GATES]


def value_of(text: str, latents, given=None, via=None) -> np.ndarray:
    """One quantity in its own unit, (...)."""
    asked = target(text, given, via)
    return from_working(asked.quantity, evaluate([asked], latents, NUMPY)[..., 0])


def dataset(latents) -> xr.Dataset:
    return xr.Dataset({n: (("draw", *dims), latents[n]) for n, dims in LATENT_DIMS.items()})


def years_to(speed: float, drawn: xr.Dataset) -> np.ndarray:
    """Years until a speed-up, from derive(): the date of danger where danger is put there."""
    gap = np.log10(speed) - drawn["current_speedup"] - drawn["automation_gap"]
    there = drawn.assign(danger_gap=gap - drawn["countermeasure_gain"])
    return derive(there)["years_to_dangerous"].to_numpy()


@pytest.mark.parametrize("text", EVERY)
def test_every_quantity_evaluates(text, draws):
    found = evaluate([target(text)], draws, NUMPY)
    assert found.shape == (400, 1)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", [n for n in catalogue() if n in LATENT_DIMS])
def test_latents_as_they_are(name, drawn):
    labels = {dim: COORDS[dim] for dim in LATENT_DIMS[name]}
    own = drawn[name].sel(labels).to_numpy()
    own = special.expit(own) if name in LOGITS else own
    found = value_of(written(name), {n: drawn[n].to_numpy() for n in LATENT_DIMS})
    np.testing.assert_allclose(found, own, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [n for n in catalogue() if n not in LATENT_DIMS])
def test_derived_quantities_by_hand(name, drawn, draws):
    derived = derive(drawn)
    if name in derived:
        picked = derived[name].sel({dim: COORDS[dim] for dim in dims_of(name)})
        wanted = picked.to_numpy().astype(float)
    else:
        wanted = by_hand(name, drawn, derived)
    if name in ("evaluation_failure", "differential_sabotage", "scheming_at_useful"):
        wanted = np.clip(wanted, 1e-12, 1 - 1e-12)
    # 1e-9: a duration of days comes back through log(years + .02)
    np.testing.assert_allclose(value_of(written(name), draws), wanted, rtol=1e-9, atol=1e-12)


def by_hand(name: str, drawn: xr.Dataset, derived: xr.Dataset) -> np.ndarray:
    before, after, slope = (
        drawn[n].to_numpy() for n in (VIA, "years_per_dex_after", "diminishing_returns")
    )
    start = drawn["current_speedup"].to_numpy()
    full = derived["speedup_automation"].to_numpy()

    def amount(speed: float) -> np.ndarray:
        dex = np.log10(speed)
        beyond = np.maximum(dex - full, 0)
        late = after * (10 ** (slope * beyond) - 1) / (slope * np.log(10))
        return before * (np.clip(dex, start, full) - start) + late

    match name:
        case "year_automation":
            return 2026 + derived["years_to_automation"].to_numpy()
        case "year_useful":
            return 2026 + derived["years_to_useful"].sel(factor=FACTOR).to_numpy()
        case "year_dangerous":
            return 2026 + derived["years_to_dangerous"].to_numpy()
        case "year_at_speedup":
            return 2026 + years_to(20, drawn)
        case "years_between_speedups":
            return years_to(25, drawn) - years_to(5, drawn)
        case "progress_between_speedups":
            return amount(25) - amount(5)
        case "years_for_progress":
            reached = full + np.log10(1 + 20 * slope * np.log(10) / after) / slope
            there = drawn.assign(danger_gap=("draw", reached - full), countermeasure_gain=0.0)
            there = derive(there)
            return (there["years_to_dangerous"] - there["years_to_automation"]).to_numpy()
        case "scheming_at":
            logit = drawn["scheming"] + drawn["scheming_slope"] * (np.log10(20) - 1.3)
            return special.expit(logit.to_numpy())
    raise AssertionError(f"no hand calculation of {name}")


@pytest.mark.parametrize("gate", GATES)
def test_gates_for_any_and_all(gate, drawn, draws):
    passed = derive(drawn)[gate]
    np.testing.assert_array_equal(value_of(f"{gate}[any]", draws), passed.any("factor"))
    np.testing.assert_array_equal(value_of(f"{gate}[all]", draws), passed.all("factor"))


def test_order_of_targets_is_kept(draws):
    """Together in any order, and each alone, they give the same."""
    given = {"scheming": 0.2, "current_speedup": 0.15}
    targets = [target(text) for text in EVERY] + [target(text, given) for text in EVERY]
    alone = np.concatenate([evaluate([one], draws, NUMPY) for one in targets], axis=-1)
    np.testing.assert_array_equal(evaluate(targets, draws, NUMPY), alone)
    mixed = np.random.default_rng(2).permutation(len(targets))
    shuffled = evaluate([targets[i] for i in mixed], draws, NUMPY)
    np.testing.assert_array_equal(shuffled, alone[:, mixed])


def test_any_leading_dims(typical, draws):
    targets = [target(text) for text in EVERY]
    one = evaluate(targets, typical, NUMPY)
    assert one.shape == (len(EVERY),)
    folded = {name: array.reshape(4, 100, *array.shape[1:]) for name, array in draws.items()}
    found = evaluate(targets, folded, NUMPY)
    flat = evaluate(targets, draws, NUMPY)
    np.testing.assert_array_equal(found.reshape(400, -1), flat)
    assert evaluate([], draws, NUMPY).shape == (400, 0)


def test_speeds_already_passed_take_no_time(typical):
    typical["current_speedup"] = np.array(0.5)
    assert value_of("year_at_speedup(2)", typical) == pytest.approx(2026.0, rel=1e-14)
    assert value_of("years_between_speedups(2, 3)", typical) == pytest.approx(0.0, abs=1e-15)
    assert value_of("progress_between_speedups(2, 3)", typical) == pytest.approx(0.0, abs=1e-15)
    assert value_of("years_between_speedups(2, 5)", typical) > 0


@pytest.mark.parametrize("condition", ["year_at_speedup(5)", "year_automation"])
@pytest.mark.parametrize("year", [2027.21, 2030.5, 2045.0])
def test_a_date_given_is_met(condition, year, draws):
    """Exactly, except where even the floor of the cost takes longer."""
    given = {condition: year}
    world = intervene(draws, conditions(given, VIA), NUMPY)
    solved = world[VIA]
    floored = solved <= SHORTEST_COST
    found = value_of(condition, draws, given, VIA)
    np.testing.assert_allclose(found[~floored] - 2024, year - 2024, rtol=1e-12)
    assert (found[floored] >= year).all()
    assert floored.mean() < 0.05
    # the vectorised path of the capability axis and the equations meet in one world
    inside = 2026 + derive(dataset(world))["years_to_automation"].to_numpy()
    np.testing.assert_allclose(value_of("year_automation", draws, given, VIA), inside, rtol=1e-12)
    dangerous = 2026 + derive(dataset(world))["years_to_dangerous"].to_numpy()
    np.testing.assert_allclose(value_of("year_dangerous", draws, given, VIA), dangerous, rtol=1e-12)


def test_a_date_before_today_is_floored(draws):
    world = intervene(draws, conditions({"year_automation": 2025.0}, VIA), NUMPY)
    np.testing.assert_array_equal(world[VIA], SHORTEST_COST)


def test_a_date_already_passed_changes_nothing(draws):
    """Where today's speed-up is there already, no cost moves the date."""
    given = {"current_speedup": 0.4, "year_at_speedup(2)": 2030.0}
    world = intervene(draws, conditions(given, VIA), NUMPY)
    np.testing.assert_array_equal(world[VIA], draws[VIA])
    np.testing.assert_allclose(value_of("year_at_speedup(2)", draws, given, VIA), 2026.0)


@pytest.mark.parametrize("text", EVERY)
def test_several_conditions_at_once(text, draws):
    """Latents first, then the date: the same as replacing all by hand and asking without."""
    given = {
        "year_automation": 2034.0,
        "automation_gap": 0.9,
        "current_speedup": 0.15,
        "diminishing_returns": 1.0,
        "scheming": 0.2,
        "output_failure[conceptual]": 0.7,
    }
    start, gap = np.full(400, 0.15), np.full(400, 0.9)
    cost = 8 * np.log(10) / (10**-0.15 - 10**-1.05)
    output = draws["output_failure"].copy()
    output[:, 2] = special.logit(0.7)
    by_hand = {
        **draws,
        "current_speedup": start,
        "automation_gap": gap,
        "diminishing_returns": np.ones(400),
        "scheming": np.full(400, special.logit(0.2)),
        "output_failure": output,
        VIA: np.full(400, cost),
    }
    found = evaluate([target(text, given, VIA)], draws, NUMPY)
    np.testing.assert_allclose(found, evaluate([target(text)], by_hand, NUMPY), rtol=1e-10)


def test_conditions_differ_by_target(draws):
    """Each target of the vectorised axis in a world of its own."""
    year = "year_at_speedup(5)"
    asked = "years_between_speedups(5, 25)"
    worlds = [({}, None), ({year: 2027.5}, VIA), ({year: 2035.5}, VIA), ({VIA: 20.0}, None)]
    targets = [target(asked, given, via) for given, via in worlds]
    found = evaluate(targets, draws, NUMPY)
    for k, (given, via) in enumerate(worlds):
        world = intervene(draws, conditions(given, via), NUMPY)
        np.testing.assert_allclose(found[:, k], evaluate([target(asked)], world, NUMPY)[:, 0])
    assert (found[:, 2] >= found[:, 1]).all()  # a later coder, a costlier dex, a longer way to 25x
