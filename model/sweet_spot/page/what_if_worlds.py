"""Worlds for a picture under a what-if: draws moved, or those in which what was learned holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from sweet_spot.answers.compare import latents_of
from sweet_spot.answers.numbers import SAMPLE, Floats
from sweet_spot.answers.paths import worlds_of
from sweet_spot.answers.premises import read_event
from sweet_spot.argument.conditions import SOLVED_FOR, conditions
from sweet_spot.argument.moves import Move, moved
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY
from sweet_spot.argument.worlds import Target, evaluate, intervene

FEW = 1000
"""Draws of a picture that must follow a slider; its numbers are never taken from these."""


def moved_worlds(
    draws: xr.Dataset, fixed: Mapping[str, float], moves: Sequence[Move] = ()
) -> dict[str, Floats]:
    """A thinned set of worlds in which latents were moved."""
    few = draws.isel(draw=slice(None, None, max(1, _size(draws) // FEW)))
    world = intervene(latents_of(few), conditions(fixed, SOLVED_FOR), NUMPY)
    return worlds_of(_named(moved(world, moves), few["factor"]))


def kept_worlds(draws: xr.Dataset, events: Sequence[str]) -> dict[str, Floats]:
    """Worlds in which every event holds, thinned."""
    read = [read_event(text) for text in events]
    latents = latents_of(draws)
    values = evaluate([Target(event.quantity) for event in read], latents, NUMPY)
    holds = np.all([e.compare(values[..., i], e.working) for i, e in enumerate(read)], axis=0)
    chain, draw = np.nonzero(holds)
    step = max(1, len(chain) // FEW)
    kept = {name: value[chain[::step], draw[::step]][None] for name, value in latents.items()}
    return worlds_of(_named(kept, draws["factor"]))


def _size(draws: xr.Dataset) -> int:
    return draws.sizes["chain"] * draws.sizes["draw"]


def _named(latents: Mapping[str, np.ndarray], factor: xr.DataArray) -> xr.Dataset:
    named = {name: ((*SAMPLE, *dims), latents[name]) for name, dims in LATENT_DIMS.items()}
    return xr.Dataset(named, coords={"factor": factor})
