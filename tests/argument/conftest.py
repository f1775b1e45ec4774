"""Latents to work with: the argument's own prior means, and draws from the prior."""

import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.argument.structure import LATENT_DIMS


@pytest.fixture(scope="session")
def argument() -> Argument:
    return load_argument()


@pytest.fixture
def typical() -> dict[str, np.ndarray]:
    """One world at the centre of the prior, each latent (*dims); a new copy for each test."""
    values = {
        "current_speedup": 0.1,
        "automation_gap": 1.2,
        "years_per_dex_before": 15.0,
        "years_per_dex_after": 10.0,
        "diminishing_returns": 0.8,
        "uneven_arrival": [0.2, 0.0, 0.1],
        "danger_gap": 0.6,
        "countermeasure_gain": 0.12,
        "years_bought": 0.25,
        "labour_growth": 0.0,
        "output_failure": [-1.0, 0.3, 1.3],
        "process_failure": 0.8,
        "work_share": [[0.3, 0.4, 0.3], [0.5, 0.35, 0.15], [0.2, 0.3, 0.5]],
        "scheming": -1.2,
        "scheming_slope": 1.5,
        "sabotage_potency": 0.8,
        "sabotage_detection": 0.0,
        "investment": [-2.9, -2.9, -2.9],
        "returns_to_share": 0.0,
        "hardness": [-0.6, -0.6, -0.6],
    }
    return {name: np.array(value, float) for name, value in values.items()}


@pytest.fixture(scope="session")
def draws(argument: Argument) -> dict[str, np.ndarray]:
    """400 draws from the prior, each latent (draw, *dims); not to be changed."""
    latents = prior_latents(argument, 400, seed=20260101)
    for array in latents.values():
        array.flags.writeable = False
    return latents


@pytest.fixture(scope="session")
def drawn(argument: Argument, draws: dict[str, np.ndarray]) -> xr.Dataset:
    """The same draws as a labelled dataset."""
    coords = {dim: list(values) for dim, values in argument.coords.items()}
    variables = {name: (("draw", *dims), draws[name]) for name, dims in LATENT_DIMS.items()}
    return xr.Dataset(variables, coords=coords)
