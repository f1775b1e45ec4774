"""derive(): labelled latents with any leading dims in, labelled quantities and gates out."""

import numpy as np
import pytest
import xarray as xr

from sweet_spot import derive
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS, NUMPY, equations
from sweet_spot.errors import InvalidArgument

OWN = {**DERIVED_DIMS, **dict.fromkeys(GATES, ("factor",))}


def labelled(latents: dict, *leading: str) -> xr.Dataset:
    return xr.Dataset({n: ((*leading, *dims), latents[n]) for n, dims in LATENT_DIMS.items()})


def test_single_world(typical):
    found = derive(labelled(typical))
    wanted = equations(typical, NUMPY)
    assert found.keys() == OWN.keys()
    for name, dims in OWN.items():
        assert found[name].dims == dims
        np.testing.assert_array_equal(found[name], wanted[name])
        assert found[name].dtype == (bool if name in GATES else float)
    assert not found.coords


def test_draws_keep_dims_and_coords(drawn, draws, argument):
    labels = [f"d{k}" for k in range(drawn.sizes["draw"])]
    found = derive(drawn.assign_coords(draw=labels))
    wanted = equations(draws, NUMPY)
    for name, dims in OWN.items():
        assert found[name].dims == ("draw", *dims)
        np.testing.assert_array_equal(found[name], wanted[name])
    assert list(found["draw"].to_numpy()) == labels
    assert tuple(found["factor"].to_numpy()) == argument.coords["factor"]
    assert "work" not in found.dims


@pytest.mark.parametrize("order", [("chain", "draw"), ("draw", "chain")])
def test_any_order_of_dims(drawn, order):
    """Dims are matched by name: transposed variables give the same numbers."""
    stacked = drawn.isel(draw=slice(0, 60))
    folded = stacked.assign_coords(chain=("draw", np.repeat(np.arange(3), 20)))
    folded = folded.assign_coords(step=("draw", np.tile(np.arange(20), 3)))
    folded = folded.set_index(draw=["chain", "step"]).unstack("draw").rename(step="draw")
    rng = np.random.default_rng(0)
    mixed = folded.transpose(*order, ...)
    for name in LATENT_DIMS:
        dims = list(mixed[name].dims)
        mixed[name] = mixed[name].transpose(*rng.permutation(dims))
    found = derive(mixed)
    plain = derive(stacked)
    for name, dims in OWN.items():
        assert set(found[name].dims) == {"chain", "draw", *dims}
        assert found[name].dims[2:] == dims
        values = found[name].transpose("chain", "draw", *dims).to_numpy()
        np.testing.assert_array_equal(values.reshape(60, *values.shape[2:]), plain[name])


def test_grid_over_some_latents(typical):
    """Latents with leading dims of their own broadcast against each other."""
    grid = labelled(typical)
    gaps, growth = np.linspace(-0.5, 1.5, 4), np.linspace(-2, 2, 5)
    grid["danger_gap"] = ("gap", gaps)
    grid["labour_growth"] = ("growth", growth)
    grid = grid.assign_coords(gap=gaps, growth=growth)
    found = derive(grid)
    for name, dims in OWN.items():
        assert set(found[name].dims) == {"gap", "growth", *dims}
    for i, gap in enumerate(gaps):
        for j, value in enumerate(growth):
            one = {**typical, "danger_gap": np.array(gap), "labour_growth": np.array(value)}
            wanted, here = equations(one, NUMPY), found.isel(gap=i, growth=j)
            for name in OWN:
                np.testing.assert_array_equal(here[name], wanted[name])
    found["needed_years"][:] = 1.0  # what is constant along a dim is a copy, not a view


def test_other_variables_and_labels_are_left_out(drawn):
    more = drawn.assign(note=("remark", ["x"]), disposition=("draw", drawn["scheming"].to_numpy()))
    xr.testing.assert_identical(derive(more), derive(drawn))


def test_integers_and_order_of_factors(drawn, argument):
    whole = drawn.assign(danger_gap=("draw", np.ones(drawn.sizes["draw"], int)))
    flipped = whole.isel(factor=slice(None, None, -1))
    xr.testing.assert_equal(
        derive(flipped).sel(factor=list(argument.coords["factor"])), derive(whole)
    )


def test_latents_are_not_changed(drawn):
    before = drawn.copy(deep=True)
    derive(drawn)
    xr.testing.assert_identical(drawn, before)


def test_missing_latents_are_all_named(drawn):
    with pytest.raises(InvalidArgument, match="lacks the latents scheming, hardness"):
        derive(drawn.drop_vars(["hardness", "scheming"]))


@pytest.mark.parametrize("name", [n for n, dims in LATENT_DIMS.items() if dims])
def test_missing_dim_is_named(drawn, name):
    dim = LATENT_DIMS[name][-1]
    with pytest.raises(InvalidArgument, match=f"{name} has the dims .* but needs .*{dim}"):
        derive(drawn.assign({name: drawn[name].isel({dim: 0}, drop=True)}))


def test_dim_too_many_is_named(drawn):
    with pytest.raises(InvalidArgument, match="danger_gap has the dims"):
        derive(drawn.assign(danger_gap=drawn["hardness"]))
