"""The essay's picture: paths against the equations, quadrature and the answers they must end at."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import integrate

from sweet_spot.answers.paths import (
    LEVELS,
    bands,
    model_pause,
    pace_of,
    speed_at,
    timeline,
    work_done,
    worlds_of,
)
from sweet_spot.answers.picture import picture
from sweet_spot.answers.restraint import RESTRAINT, at_danger, restraint
from sweet_spot.argument.axis import AXIS, NUMPY, arrival
from sweet_spot.argument.structure import LATENT_DIMS, derive

Worlds = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def worlds(tree: xr.DataTree) -> Worlds:
    return worlds_of(tree["posterior"].to_dataset())


def test_speed_is_arrival_turned_round(worlds: Worlds) -> None:
    pace = pace_of(worlds)
    speeds = worlds["current_speedup"][:, None] + np.linspace(0.05, 4.0, 40)
    again = speed_at(arrival(speeds, pace, NUMPY), pace)
    # near the end of an explosion the speed is ill conditioned in time: compare times instead
    np.testing.assert_allclose(
        arrival(again, pace, NUMPY), arrival(speeds, pace, NUMPY), rtol=1e-12, atol=1e-12
    )
    early = speeds < 1.5
    np.testing.assert_allclose(again[early], speeds[early], rtol=1e-9)


def test_speed_in_the_limits() -> None:
    pace = {n: np.array([[v]]) for n, v in zip(AXIS, (0.1, 1.0, 10.0, 8.0, 1.0), strict=True)}
    steady = speed_at(arrival(np.array([[2.5]]), pace, NUMPY), pace)
    assert steady.item() == pytest.approx(2.5, rel=1e-12)  # diminishing_returns = 1: the series
    pace["diminishing_returns"] = np.array([[0.5]])
    assert speed_at(np.array([[1e3]]), pace).item() == np.inf  # it explodes before


def test_the_end_of_the_path_is_what_derive_says(worlds: Worlds) -> None:
    for which in range(3):
        done = at_danger(worlds, which, "as it is")
        effective = worlds["effective_years"][:, which]
        np.testing.assert_allclose(
            done * worlds["needed_years"][:, which], effective, rtol=1e-9, atol=1e-12
        )
        np.testing.assert_array_equal(done >= 1, worlds["usable"][:, which] == 1)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_work_on_the_way_against_quadrature(worlds: Worlds, which: int) -> None:
    """Integrate quality over calendar time along the path, by steps of the frontier itself."""
    chosen = np.flatnonzero(worlds["exists"][:, which])[::40]
    some = {name: values[chosen] for name, values in worlds.items()}
    pace = pace_of(some)
    level, length = model_pause(some, which)
    far = arrival(some["speedup_dangerous"][:, None], pace, NUMPY)[:, 0] + length
    growth = 1 / (1 + np.exp(-some["labour_growth"]))
    for part in (0.3, 0.8, 0.97, 1.1):
        years = (part * far)[:, None]
        moving, (held,) = timeline(years, pace, [(level, length)])
        found = work_done(speed_at(moving, pace), held, some, which)[:, 0]
        for i in range(len(chosen)):
            start, useful = (some[n][i, which] for n in ("entry", "speedup_useful"))
            upto = min(speed_at(moving, pace)[i, 0], some["speedup_dangerous"][i])
            one = {n: float(some[n][i]) for n in AXIS}
            full = one["current_speedup"] + one["automation_gap"]

            def rate(x: float, one=one, full=full, g=growth[i], u=useful) -> float:
                cost = (
                    one["years_per_dex_before"]
                    if x < full
                    else one["years_per_dex_after"]
                    * 10 ** (one["diminishing_returns"] * (x - full))
                )
                return cost * 10 ** (-x + g * (x - u))

            labour = 0.0
            if upto > start:
                bend = [full] if start < full < upto else None
                labour = integrate.quad(rate, start, upto, points=bend, epsabs=1e-12)[0]
            if years[i, 0] > 0 and moving[i, 0] > 0:
                pause = np.clip(
                    years[i, 0] - arrival(level[i], one, NUMPY), 0.0, length[i]
                )  # the pause begins when the frontier arrives
                labour += pause * 10 ** (growth[i] * (level[i] - useful))
            # rtol: quad's own tolerance, 1.5e-8, over at most two pieces
            assert found[i] == pytest.approx(labour * some["kept"][i, which], rel=1e-7, abs=1e-10)


def test_a_pause_holds_the_frontier(worlds: Worlds) -> None:
    pace = pace_of(worlds)
    level, length = np.full(400, 0.7), np.full(400, 2.0)
    begin = arrival(level[:, None], pace, NUMPY)
    years = begin + np.array([-0.01, 0.5, 1.9, 2.01])
    moving, (spent,) = timeline(years, pace, [(level, length)])
    speeds = speed_at(moving, pace)
    np.testing.assert_allclose(speeds[:, 1:3], 0.7, rtol=1e-9)
    assert (speeds[:, 0] < 0.7).all()
    assert (speeds[:, 3] > 0.7).all()
    np.testing.assert_allclose(spent[:, 1:], [[0.5, 1.9, 2.0]] * 400, rtol=1e-9)


def test_restraint_counts_inside_and_nowhere_else(
    worlds: Worlds, tree: xr.DataTree, answers: Any
) -> None:
    latents = tree["posterior"].to_dataset()[list(LATENT_DIMS)]
    longer = derive(latents.assign(years_bought=latents["years_bought"] + RESTRAINT))["usable"]
    usable = answers.picture.restraint["usable"]
    inside = usable.sel(when="inside", factor=latents["factor"])
    np.testing.assert_allclose(inside, longer.mean(("chain", "draw")), rtol=0, atol=1e-12)
    either = longer.any("factor").mean()
    assert float(usable.sel(when="inside", factor="any")) == pytest.approx(float(either))
    for when in ("before", "after"):
        np.testing.assert_array_equal(usable.sel(when=when), usable.sel(when="as it is"))
    assert float(usable.sel(when="inside", factor="any")) > float(
        usable.sel(when="as it is", factor="any")
    )


def test_restraint_moves_the_dates(worlds: Worlds) -> None:
    """Held before, everything from usefulness on comes later; held after, danger does not."""
    years = np.linspace(0.0, 40.0, 401)
    found = restraint(
        worlds, np.array(["safety_progress", "risk_evaluation", "capability_restraint"]), years
    )
    base, before, after = (found.sel(when=when) for when in ("as it is", "before", "after"))
    assert (before["improved"] <= base["improved"]).all()
    assert (before["improved"] < base["improved"]).any()
    np.testing.assert_array_equal(after["improved"], base["improved"])
    assert (before["world_frontier"] <= base["world_frontier"] + 1e-9).all()
    late = (after["world_frontier"] < base["world_frontier"] - 1e-9).any("year")
    assert late.all()


def test_the_answer_agrees_with_the_credences(answers: Any, tree: xr.DataTree) -> None:
    shown, table = answers.picture, answers.credences
    for factor, row in shown.table.iterrows():
        assert row["usable"] == table.credence("usable", str(factor))
        assert row["exists"] == table.credence("exists", str(factor))
        assert row["improved_at_end"] <= row["usable"]
    assert float(shown.restraint["usable"].sel(when="as it is", factor="any")) == table.credence(
        "usable", "any"
    )
    assert (
        f"Monte Carlo error {float(table.data['mcse'].sel(gate='usable', factor='any')):.1g}"
        in (shown.text)
    )
    assert "by construction" in shown.text
    assert table.evidence.text in shown.text


def test_improved_ends_at_usable(tree: xr.DataTree, worlds: Worlds) -> None:
    """Given time enough, the share of improved draws is P(usable); the range is d or lifted."""
    pace = pace_of(worlds)
    years = np.array([1e7])
    moving, (held,) = timeline(years, pace, [model_pause(worlds, 0)])
    work = work_done(speed_at(moving, pace), held, worlds, 0)
    assert (work >= 1).mean() == worlds["usable"][:, 0].mean()


def test_it_starts_at_the_present_and_never_falls(answers: Any, worlds: Worlds) -> None:
    data = answers.picture.data
    now = bands(worlds["current_speedup"])
    for factor in data["factor"]:
        here = data.sel(factor=factor)
        np.testing.assert_allclose(here["frontier"].isel(year=0), now, rtol=1e-9)
        for name in ("frontier", "work", "improved"):
            values = here[name].transpose("year", ...).to_numpy()
            assert (values[1:] >= values[:-1]).all(), name  # infinity is not below infinity
        levels = here["range"].transpose("level", "year").to_numpy()
        assert (levels[1:] >= levels[:-1]).all()
    danger = bands(worlds["speedup_dangerous"])
    np.testing.assert_allclose(data["range"].isel(year=0, factor=0), danger, rtol=1e-9)
    assert list(data["level"].values) == list(LEVELS)
    assert float(data["year"][0]) == 2026


def test_mass_beyond_the_axes_is_counted(answers: Any, tree: xr.DataTree) -> None:
    draws, shown = tree["posterior"].to_dataset(), answers.picture
    late = (draws["years_to_dangerous"] > shown.end - 2026).mean()
    assert float(shown.data["dangerous_later"]) == pytest.approx(float(late))
    above = (draws["speedup_dangerous"] > shown.top).mean()
    assert float(shown.data["dangerous_above"]) == pytest.approx(float(above))


def test_of_the_prior_it_says_so(prior_tree: xr.DataTree) -> None:
    shown = picture(prior_tree)
    assert not shown.fitted
    assert "prior mean" in shown.text
    assert "No statement was used." in shown.text
    assert "posterior" not in shown.text
