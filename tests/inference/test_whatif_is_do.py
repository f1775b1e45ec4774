"""A what-if that makes something so is `pm.do` on the model, draw by draw."""

import numpy as np
import pymc as pm
import pytest
import xarray as xr

from sweet_spot.answers.compare import latents_of
from sweet_spot.answers.whatif import whatif
from sweet_spot.argument.conditions import conditions, read_value
from sweet_spot.argument.moves import moved, read_move
from sweet_spot.argument.quantities import parse
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, NUMPY, equations
from sweet_spot.argument.worlds import intervene
from sweet_spot.inference.draws import complete, prior_draws
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.model import build_model

DRAWS = 60
SETS = {"years_bought": 2, "investment": "20%", "danger_gap": -0.1, "scheming": 0.01}


@pytest.fixture(scope="module")
def model() -> pm.Model:
    return build_model(load_argument())


@pytest.fixture(scope="module")
def free() -> xr.Dataset:
    return prior_draws(load_argument(), None, learned_constants(), 2, DRAWS, seed=5)


@pytest.fixture(scope="module")
def done(model: pm.Model, free: xr.Dataset) -> xr.Dataset:
    """What PyMC makes of the free draws with the latents of SETS set."""
    own = {"investment": np.full(3, np.log(0.2 / 0.8)), "scheming": np.log(0.01 / 0.99)}
    world = pm.do(model, {name: own.get(name, value) for name, value in SETS.items()})
    tree = pm.sample_posterior_predictive(
        free, model=world, var_names=[*DERIVED_DIMS, *GATES, "sabotage_detection"],
        progressbar=False, random_seed=1, compile_kwargs={"mode": "FAST_COMPILE"},
    )  # fmt: skip
    return tree["posterior_predictive"].to_dataset()


def test_every_derived_quantity_is_that_of_do(free: xr.Dataset, done: xr.Dataset) -> None:
    draws = complete(load_argument(), free)
    fixed = conditions({n: read_value(parse(n, whole=True), v) for n, v in SETS.items()})
    found = equations(intervene(latents_of(draws), fixed, NUMPY), NUMPY)
    as_moves = moved(latents_of(draws), [read_move(n, "set", v) for n, v in SETS.items()])
    for name in (*DERIVED_DIMS, *GATES):
        # the same equations in another order of sums; dates cancel to a few digits less
        wanted = np.broadcast_to(done[name], (2, DRAWS, *done[name].shape[2:]))
        np.testing.assert_allclose(found[name], wanted, rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_array_equal(equations(as_moves, NUMPY)[name], found[name])


def test_credences_are_those_of_do(free: xr.Dataset, done: xr.Dataset) -> None:
    argument = load_argument()
    tree = xr.DataTree.from_dict(
        {
            "prior": complete(argument, free),
            "constant_data": xr.Dataset(
                {n: ("statement", np.array([], t)) for n, t in
                 (("live", int), ("evidence", int), ("expert", str), ("date", str))}
            ),
        }
    )  # fmt: skip
    tree.attrs["version_ai_safety_sweet_spot"] = "0.1.0"
    found = whatif(tree, set=SETS).data["whatif"].sel(world="prior")
    for gate in GATES:
        wanted = done[gate].mean(("chain", "draw"))
        np.testing.assert_allclose(found.sel(gate=gate, factor=wanted["factor"]), wanted)
    either = done["usable"].max("factor").mean()
    assert float(found.sel(gate="usable", factor="any")) == pytest.approx(float(either))
    assert abs(either - tree["prior"]["usable"].max("factor").mean()) > 0.1  # it does something


def test_what_is_not_set_stays(free: xr.Dataset, done: xr.Dataset) -> None:
    """Detection is correlated with the years bought; setting these leaves it alone."""
    draws = complete(load_argument(), free)
    np.testing.assert_allclose(done["sabotage_detection"], draws["sabotage_detection"])
