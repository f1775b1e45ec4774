"""Obstacles against brute force over all orders, worlds solved by hand, and the gates."""

import math
from collections.abc import Collection
from itertools import pairwise, permutations

import arviz as az
import numpy as np
import pytest
import xarray as xr
from scipy import integrate

from sweet_spot.answers.credences import credence_table
from sweet_spot.answers.obstacles import (
    LIMITS,
    OBSTACLES,
    OFF,
    Obstacles,
    contrasts,
    every_subset,
    obstacles,
    switch_off,
)
from sweet_spot.answers.waterfall import waterfall
from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS, derive

NAMES = tuple(OBSTACLES)
World = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def found(tree: xr.DataTree) -> Obstacles:
    return obstacles(tree)


def from_prior(argument: Argument, draws: int, seed: int) -> xr.Dataset:
    """Draws from the prior with the dims of a fit."""
    latents = prior_latents(argument, draws, seed)
    columns = {n: (("chain", "draw", *dims), latents[n][None]) for n, dims in LATENT_DIMS.items()}
    return xr.Dataset(columns, coords={"factor": list(argument.coords["factor"])})


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def labour(world: World, useful: float, dangerous: float) -> float:
    """Labour years by quadrature, nought where there is no spot (MODEL.md section 3)."""
    now, full = float(world["current_speedup"]), float(world["automation_gap"])
    full += now
    if not (dangerous > useful and dangerous > now):
        return 0.0
    growth, slope = sigmoid(float(world["labour_growth"])), float(world["diminishing_returns"])

    def pace(x: float) -> float:
        after = world["years_per_dex_after"] * 10 ** (slope * (x - full))
        cost = world["years_per_dex_before"] if x < full else after
        return float(cost) * 10 ** (-x + growth * (x - useful))

    start = max(useful, now)
    bends = [start, *([full] if start < full < dangerous else []), dangerous]
    parts = pairwise(bends)
    years = sum(integrate.quad(pace, a, b, epsrel=1e-10)[0] for a, b in parts)
    halfway = 10 ** (growth * ((start + dangerous) / 2 - useful))
    return years + float(world["years_bought"]) * halfway


def plainly_usable(world: World, f: int, off: Collection[str]) -> bool:
    """One world and factor without some obstacles, number by number."""
    full = float(world["current_speedup"] + world["automation_gap"])
    late = float(world["uneven_arrival"][f])
    useful = full + (min(late, 0.0) if "uneven_arrival" in off else late)
    dangerous = full + float(world["danger_gap"] + world["countermeasure_gain"])
    exists = dangerous > useful and dangerous > float(world["current_speedup"])
    if not exists and "rogue_options" not in off:
        return False
    if "time" in off:
        return True
    judged = 1.0
    for w, share in enumerate(world["work_share"][f]):
        missed = sigmoid(float(world["output_failure"][w])) * sigmoid(
            float(world["process_failure"])
        )
        judged *= (1 - missed) ** share
    judged = 1.0 if "evaluation" in off else judged
    scheming = sigmoid(float(world["scheming"] + world["scheming_slope"] * (useful - 1.3)))
    caught = sigmoid(float(world["sabotage_detection"])) * judged
    sabotaged = scheming * sigmoid(float(world["sabotage_potency"])) * (1 - caught)
    sabotaged = 0.0 if "sabotage" in off else sabotaged
    crowding = sigmoid(float(world["returns_to_share"]))
    share = sigmoid(float(world["investment"][f])) ** crowding
    share = 1.0 if "investment" in off else share
    kept = labour(world, useful, dangerous) * share * judged * (1 - sabotaged)
    return kept >= 10 ** float(world["hardness"][f])


def shapley_by_orders(value: dict[frozenset[str], np.ndarray]) -> dict[str, np.ndarray]:
    """Mean gain of each obstacle over all orders of switching off."""
    total = {name: np.zeros_like(next(iter(value.values())), float) for name in NAMES}
    orders = list(permutations(NAMES))
    for order in orders:
        for k, name in enumerate(order):
            total[name] += value[frozenset(order[: k + 1])] - value[frozenset(order[:k])]
    return {name: sums / len(orders) for name, sums in total.items()}


def subsets() -> list[frozenset[str]]:
    return [frozenset(np.array(NAMES)[row].tolist()) for row in OFF]


def test_shares_are_the_mean_over_all_orders_of_plain_worlds(argument: Argument) -> None:
    latents = from_prior(argument, 24, seed=7)
    worlds = [
        {n: latents[n].isel(chain=0, draw=k).to_numpy() for n in LATENT_DIMS} for k in range(24)
    ]
    value = {}
    for off in subsets():
        each = np.array([[plainly_usable(world, f, off) for f in range(3)] for world in worlds])
        value[off] = np.column_stack([each, each.any(axis=1), each.all(axis=1)]).astype(int)
    every = every_subset(latents).transpose("subset", "chain", "draw", "factor")
    np.testing.assert_array_equal(every.isel(chain=0), [value[off] for off in subsets()])
    by_orders = shapley_by_orders(value)
    assert len({share.tobytes() for share in by_orders.values()}) == len(NAMES)  # all in play
    shown = np.tensordot(contrasts()["shapley"], every.isel(chain=0).to_numpy(), axes=1) / 720
    np.testing.assert_allclose(shown, [by_orders[name] for name in NAMES], rtol=0, atol=1e-12)


def one_world(typical: World, **changes: object) -> xr.DataTree:
    """A fit-like tree of twenty equal draws of one world, prior only."""
    latents = {n: np.array(changes.get(n, v), float) for n, v in typical.items()}
    columns = {
        n: (
            ("chain", "draw", *dims),
            np.broadcast_to(latents[n], (2, 10, *latents[n].shape)).copy(),
        )
        for n, dims in LATENT_DIMS.items()
    }
    said = {n: ("statement", []) for n in ("live", "evidence", "expert", "date")}
    tree = xr.DataTree.from_dict({"prior": xr.Dataset(columns), "constant_data": xr.Dataset(said)})
    tree["prior"] = tree["prior"].to_dataset().assign_coords(factor=["a", "b", "c"])
    return tree


@pytest.fixture
def typical(argument: Argument) -> World:
    """A world with a wide zone in which everything goes well."""
    centre = {name: draws[0] for name, draws in prior_latents(argument, 1, seed=1).items()}
    good = {"danger_gap": 2.0, "hardness": -2.0, "investment": 5.0, "process_failure": -9.0}
    calm = {
        "uneven_arrival": 0.0,
        "scheming": -9.0,
        "sabotage_potency": -9.0,
        "automation_gap": 1.0,
    }
    fixed = {"years_per_dex_before": 15.0, "years_per_dex_after": 10.0, "years_bought": 0.1}
    wanted = good | calm | fixed
    return {n: np.full(v.shape, wanted[n]) if n in wanted else v for n, v in centre.items()}


NOTHING = [-40.0, -40.0, -40.0]


@pytest.mark.parametrize(
    ("changes", "shares", "takes"),
    [
        ({}, {}, {}),
        # no zone, however even: only gate and time together mend it
        ({"danger_gap": -2.0}, {"rogue_options": 1 / 2, "time": 1 / 2}, {"rogue_options": 1}),
        # no investment: either it or unlimited time mends it
        ({"investment": NOTHING}, {"time": 1 / 2, "investment": 1 / 2}, {"investment": 1}),
        # a zone but for uneven arrival: that, or gate and time together (majority of 1 or 2)
        (
            {"uneven_arrival": [3.0, 3.0, 3.0]},
            {"uneven_arrival": 2 / 3, "rogue_options": 1 / 6, "time": 1 / 6},
            {"rogue_options": 1},
        ),
        # investment and zone: time with the gate, or none of the others
        (
            {"danger_gap": -2.0, "investment": NOTHING},
            {"rogue_options": 1 / 2, "time": 1 / 2},
            {"rogue_options": 1},
        ),
    ],
)  # fmt: skip
def test_worlds_solved_by_hand(
    typical: World, changes: dict[str, object], shares: dict[str, float], takes: dict[str, float]
) -> None:
    data = obstacles(one_world(typical, **changes)).data.isel(world=0).sel(factor="any")
    for name in NAMES:
        assert float(data["shapley"].sel(obstacle=name)) == pytest.approx(shares.get(name, 0.0))
        assert float(data["waterfall"].sel(obstacle=name)) == takes.get(name, 0.0)
        assert float(data["shapley_mcse"].sel(obstacle=name)) == pytest.approx(0.0, abs=1e-15)
    assert float(data["left"][-1]) == (0.0 if shares else 1.0)
    if not shares:
        assert bool(np.isnan(data["fails_first"]).all())  # no world is unusable


@pytest.mark.parametrize("seed", range(4))
def test_switching_off_never_harms_and_all_off_is_certain(argument: Argument, seed: int) -> None:
    latents = from_prior(argument, 1500, seed)
    every = every_subset(latents).transpose("subset", "chain", "draw", "factor").to_numpy()
    place = 2 ** np.arange(len(NAMES))[::-1]
    for k, row in enumerate(OFF):
        for i in np.flatnonzero(~row):
            assert (every[k + place[i]] >= every[k]).all(), (NAMES[i], subsets()[k])
    assert (every[-1] == 1).all()
    np.testing.assert_array_equal(every[0, ..., :3], derive(latents)["usable"])


def test_time_meets_any_need_even_where_no_work_survives(argument: Argument) -> None:
    """Shares of 1 lost, in floating point, do not turn unlimited time into 0 times infinity."""
    latents = from_prior(argument, 50, seed=3)
    lost = ("output_failure", "process_failure", "scheming", "sabotage_potency")
    latents = latents.assign({name: xr.full_like(latents[name], 900.0) for name in lost})
    every = every_subset(latents.assign(investment=xr.full_like(latents["investment"], -900.0)))
    off = frozenset({"rogue_options", "time"})
    assert bool((every.isel(subset=subsets().index(off)) == 1).all())
    assert not bool(every.isel(subset=subsets().index(frozenset())).any())


def test_switches_do_what_they_say_and_reach_what_follows(argument: Argument) -> None:
    latents = from_prior(argument, 300, seed=5)
    before = derive(latents)
    judged = derive(switch_off(latents, {"evaluation"}))
    assert bool((judged["evaluation_failure"] == 0).all())
    assert bool((judged["differential_sabotage"] < before["differential_sabotage"]).all())
    assert bool((derive(switch_off(latents, {"sabotage"}))["differential_sabotage"] == 0).all())
    assert bool((derive(switch_off(latents, {"investment"}))["labour_factor"] == 1).all())
    even = derive(switch_off(latents, {"uneven_arrival"}))
    late = (latents["uneven_arrival"] > 0).transpose(*even["scheming_at_useful"].dims)
    fell = even["scheming_at_useful"] < before["scheming_at_useful"]
    np.testing.assert_array_equal(fell, late)
    np.testing.assert_array_equal(even["speedup_dangerous"], before["speedup_dangerous"])
    assert set(LIMITS) < set(OBSTACLES)


def test_shares_add_up_and_the_waterfall_is_that_of_the_gates(
    found: Obstacles, tree: xr.DataTree
) -> None:
    data = found.data
    table = credence_table(tree)
    missing = data["value"].isel(subset=-1) - data["value"].isel(subset=0)
    # exact in whole numbers; six divisions by 720 and one sum round
    np.testing.assert_allclose(data["shapley"].sum("obstacle"), missing, rtol=0, atol=1e-15)
    for world in ("posterior", "prior"):
        credence = table.data[world].sel(gate="usable")
        np.testing.assert_array_equal(data["value"].sel(world=world).isel(subset=0), credence)
    gates = waterfall(table).data.transpose("world", "gate", "factor")
    left = data["left"].transpose("world", "obstacle", "factor")
    np.testing.assert_allclose(left[:, 1:], gates["left"], rtol=0, atol=1e-15)
    assert bool((data["waterfall"].sel(obstacle="uneven_arrival") == 0).all())
    first = data["fails_first"].transpose("world", "gate", "factor")
    np.testing.assert_allclose(first, gates["lost"] / (1 - gates["left"].isel(gate=-1)))
    np.testing.assert_allclose(first.sum("gate"), 1.0)
    last = data.sel(obstacle="sabotage")  # the last one switched on is the only one switched off
    np.testing.assert_array_equal(last["alone"], last["waterfall"])


def test_errors_are_those_of_the_draws(found: Obstacles, tree: xr.DataTree) -> None:
    latents = tree["posterior"].to_dataset()[list(LATENT_DIMS)]
    every = every_subset(latents).sel(factor="any").transpose("subset", "chain", "draw").to_numpy()
    each = shapley_by_orders(dict(zip(subsets(), every.astype(int), strict=True)))
    here = found.data.sel(world="posterior", factor="any")
    for name, draws in each.items():
        error = float(az.mcse(xr.DataArray(draws, dims=("chain", "draw"))))
        assert float(here["shapley_mcse"].sel(obstacle=name)) == pytest.approx(error, rel=1e-9)
        assert float(here["shapley"].sel(obstacle=name)) == pytest.approx(draws.mean(), abs=1e-12)


def test_table_and_text(found: Obstacles, prior_tree: xr.DataTree) -> None:
    table = found.table.set_index(["world", "factor", "obstacle"])
    assert len(table) == 2 * 5 * 6
    kept = float(found.data["shapley"].sel(world="prior", factor="all", obstacle="time"))
    assert table.loc[("prior", "all", "time"), "shapley"] == kept
    assert len(found.first) == 2 * 5 * 5
    assert "missing to 1" in found.text
    assert "all 720 orders" in found.text
    assert found.text.index("inadequate time") < found.text.index("differential sabotage")
    alone = obstacles(prior_tree)
    assert not alone.fitted
    assert alone.text.startswith("Prior P(usable")
    assert "posterior" not in alone.text
