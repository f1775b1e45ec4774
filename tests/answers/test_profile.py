"""Problem and competence: shifts, positions, the sum over cells, and the map."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.answers.profile import CELLS, CONTENT, SHIFTS, Profile, profile
from sweet_spot.answers.profile_axes import (
    AXES,
    moments,
    move,
    on_axis,
    position_sd,
    positions_of,
)
from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS, derive

STILL = {"current_speedup", "automation_gap", "work_share", "scheming_slope"}
COMPETENCE = {
    "countermeasure_gain", "years_bought", "process_failure", "sabotage_detection", "investment",
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tree: xr.DataTree, argument: Argument) -> Profile:
    return profile(tree, argument)


@pytest.fixture(scope="module")
def drawn(argument: Argument) -> xr.Dataset:
    """4000 draws from the prior."""
    latents = prior_latents(argument, 4000, seed=11)
    columns = {n: (("draw", *dims), latents[n]) for n, dims in LATENT_DIMS.items()}
    return xr.Dataset(columns, coords={"factor": list(argument.coords["factor"])})


def posterior(tree: xr.DataTree) -> xr.Dataset:
    return tree["posterior"].to_dataset()[list(LATENT_DIMS)]


def test_every_latent_with_a_sign_is_on_one_axis(argument: Argument) -> None:
    assert set(on_axis(argument, "competence")) == COMPETENCE
    assert set(on_axis(argument, "problem")) == set(LATENT_DIMS) - COMPETENCE - STILL


def test_moments_are_those_of_the_written_priors(argument: Argument) -> None:
    z95 = stats.norm.ppf(0.95)
    mean, sd = moments(argument, "years_bought")
    assert mean == pytest.approx(np.log(0.25))
    assert sd == pytest.approx(np.log(1.8 / 0.035) / (2 * z95))
    mean, sd = moments(argument, "output_failure")
    np.testing.assert_allclose(mean, [-1.0, 0.3, 1.3])
    np.testing.assert_allclose(sd, np.hypot(1.8, 0.8))
    law = stats.truncnorm(-0.8 / 0.3, np.inf, loc=0.8, scale=0.3)
    np.testing.assert_allclose(moments(argument, "diminishing_returns"), [law.mean(), law.std()])


def test_a_shift_is_against_or_along_the_sign(argument: Argument, drawn: xr.Dataset) -> None:
    harder = move(drawn, argument, "problem", 0.5)
    better = move(drawn, argument, "competence", 0.5)
    for name in LATENT_DIMS:
        change = harder[name] - drawn[name], better[name] - drawn[name]
        latent = argument.latents[name]
        for moved, axis, sign in zip(change, AXES, (-1, 1), strict=True):
            if name in STILL or latent.profile != axis:
                assert bool((moved == 0).all()), name
            elif name == "diminishing_returns":  # stops at nought, where its prior ends
                assert float(harder[name].min()) == 0.0
                assert bool((moved <= 0).all())
            else:
                assert bool((np.sign(moved) == sign * latent.good).all()), name
    ratio = better["years_bought"] / drawn["years_bought"]
    np.testing.assert_allclose(ratio, (1.8 / 0.035) ** (0.25 / stats.norm.ppf(0.95)))
    np.testing.assert_allclose(drawn["scheming"] + 0.5 * 1.2, harder["scheming"])


@pytest.mark.parametrize("axis", list(AXES))
def test_moving_all_by_x_moves_the_position_by_x(
    argument: Argument, drawn: xr.Dataset, axis: str
) -> None:
    before, after = (positions_of(d, argument) for d in (drawn, move(drawn, argument, axis, 0.25)))
    moved = move(drawn, argument, axis, 0.25)
    free = (moved["diminishing_returns"] > 0).to_numpy()  # the truncated one was not stopped
    assert free.mean() > 0.97
    np.testing.assert_allclose((after - before)[axis][free], 0.25)
    other = next(name for name in AXES if name != axis)
    np.testing.assert_array_equal(after[other], before[other])


@pytest.mark.parametrize("axis", list(AXES))
def test_positions_have_the_stated_prior_spread(
    argument: Argument, drawn: xr.Dataset, axis: str
) -> None:
    position = positions_of(drawn, argument)[axis].to_numpy()
    spread = position_sd(argument, axis)
    assert abs(position.mean()) < 4 * spread / np.sqrt(len(position))
    # the standard error of a standard deviation of n near-normal draws is sd / sqrt(2 n)
    assert abs(position.std() - spread) < 4 * spread / np.sqrt(2 * len(position))


def test_competence_spread_by_hand(argument: Argument) -> None:
    """Seven coordinates that correlate by 0.3: the variance of their mean is (1 + 6 * 0.3) / 7."""
    assert position_sd(argument, "competence") == pytest.approx(np.sqrt((1 + 6 * 0.3) / 7))


def test_cells_are_a_sorting_and_add_up(
    found: Profile, tree: xr.DataTree, argument: Argument
) -> None:
    data = found.data
    np.testing.assert_allclose(data["mass"].sum("cell"), 1.0, rtol=0, atol=1e-15)
    np.testing.assert_allclose(data["part"].sum("cell"), data["headline"], rtol=0, atol=1e-15)
    for world in ("posterior", "prior"):
        draws = tree[world].to_dataset()
        usable = draws["usable"].to_numpy().reshape(-1, 3).any(axis=1)
        np.testing.assert_allclose(data["headline"].sel(world=world, factor="any"), usable.mean())
        score = positions_of(draws, argument)["problem"].to_numpy().ravel()
        score = score / position_sd(argument, "problem")
        for k, low in enumerate((-9.0, -1.5, -0.5, 0.5, 1.5)):
            here = (score > low) & (score <= (-1.5, -0.5, 0.5, 1.5, 9.0)[k])
            of = data.sel(world=world, factor="any", cell=CELLS[k])
            assert float(of["mass"]) == pytest.approx(here.mean())
            chance = float(of["usable"])
            assert chance == pytest.approx(usable[here].mean())
            # draws of the frozen fit are thinned, near independent: the error is nearly binomial
            binomial = np.sqrt(chance * (1 - chance) / here.sum())
            found_error = float(of["usable_mcse"])
            assert np.isnan(found_error) if binomial == 0 else 0.5 < found_error / binomial < 2


def test_harder_is_worse_in_each_cell_and_on_the_map(found: Profile) -> None:
    """Equations are monotone in every latent that is moved, so that the map is so exactly."""
    shifted = found.data["shifted"]
    assert bool((shifted.diff("problem") <= 0).all())
    assert bool((shifted.diff("competence") >= 0).all())
    assert float(shifted.sel(factor="any").min()) < 0.02
    assert float(shifted.sel(factor="any").max()) > 0.98
    cells = found.data["usable"].sel(world="posterior", factor="any")
    assert bool((cells.diff("cell") < 0).all())


def test_the_map_at_nought_is_the_headline(found: Profile) -> None:
    now = found.data["headline"].sel(world="posterior")
    here = found.data["shifted"].sel(problem=0.0, competence=0.0)
    np.testing.assert_array_equal(here.transpose("factor"), now.transpose("factor"))
    assert SHIFTS[0] == -SHIFTS[-1]


def test_one_place_of_the_map_step_by_step(
    found: Profile, tree: xr.DataTree, argument: Argument
) -> None:
    harder, better = 0.5, 0.75
    latents = posterior(tree).astype(float)
    for name, latent in argument.latents.items():
        by = {"problem": -harder, "competence": better}[latent.profile] * latent.good
        sd = np.asarray(moments(argument, name)[1]) if latent.good else 0.0
        if latent.good:
            step = xr.DataArray(by * sd, dims=latent.dims)
            value = np.log(latents[name]) if latent.scale == "log" else latents[name]
            value = value + step
            latents[name] = np.exp(value) if latent.scale == "log" else value
    latents["diminishing_returns"] = latents["diminishing_returns"].clip(0.0)
    usable = derive(latents)["usable"]
    here = found.data["shifted"].sel(problem=harder, competence=better)
    # one draw in 400 may sit on the edge: exp(log x + s) against x exp(s)
    assert float(here.sel(factor="any")) == pytest.approx(
        float(usable.any("factor").mean()), abs=0.003
    )
    assert float(here.sel(factor="all")) == pytest.approx(
        float(usable.all("factor").mean()), abs=0.003
    )


def test_contours_hold_the_mass_they_name(
    found: Profile, tree: xr.DataTree, argument: Argument
) -> None:
    origin = positions_of(posterior(tree), argument).mean()
    for world in ("posterior", "prior"):
        data = found.data.sel(world=world)
        at = data["problem_at"].to_numpy()
        position = positions_of(tree[world].to_dataset(), argument) - origin
        cloud = np.stack([position[axis].to_numpy().ravel() for axis in AXES])
        np.testing.assert_allclose(data["centre"], cloud.mean(axis=1), atol=1e-12)
        near = [np.abs(at[:, None] - row).argmin(axis=0) for row in cloud]
        height = data["density"].to_numpy()[near[1], near[0]]
        for content in CONTENT:
            inside = (height >= float(data["level"].sel(content=content))).mean()
            assert inside == pytest.approx(content, abs=0.03)  # to the nearest grid point
        margin = np.trapezoid(data["density"], at, axis=0)
        height = data["problem_density"].to_numpy()
        # the margin of a kernel density has the bandwidth of two dimensions, n^(-1/6), not n^(-1/5)
        np.testing.assert_allclose(margin, height, atol=0.15 * height.max())


def test_tables_and_text(found: Profile, prior_tree: xr.DataTree, argument: Argument) -> None:
    table = found.table
    assert len(table) == 2 * 5 * len(CELLS)
    sums = table.groupby(["world", "factor"])["part"].sum()
    assert sums["posterior", "any"] == pytest.approx(
        float(found.data["headline"].sel(world="posterior", factor="any"))
    )
    assert len(found.map) == 5 * len(SHIFTS) ** 2
    content = found.to_json()
    assert content["conditioning"][0]["low"] is None
    assert set(content) == {"schema", "text", "verdict", "conditioning", "intervening"}
    assert "Moving all draws instead" in found.text
    alone = profile(prior_tree, argument)
    assert alone.text.startswith("Prior P(usable")
    assert "posterior" not in alone.text
