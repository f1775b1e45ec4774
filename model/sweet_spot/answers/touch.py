"""Which latents a forecast touches: each latent is moved to see whether the forecast moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY
from sweet_spot.argument.worlds import Target, evaluate

DRAWS = 64
"""Prior draws in which a latent is moved: enough to meet every branch of the equations."""


@dataclass(frozen=True)
class Coordinate:
    """One coordinate of a latent: `danger_gap`, `investment[safety_progress]`."""

    latent: str
    index: tuple[int, ...]
    coords: tuple[str, ...]

    @property
    def label(self) -> str:
        """As a question would name it."""
        return self.latent + (f"[{', '.join(self.coords)}]" if self.coords else "")


def coordinates(argument: Argument) -> Iterator[Coordinate]:
    """Every coordinate of every latent, in the order of the equations."""
    for name, dims in LATENT_DIMS.items():
        sizes = [len(argument.coords[dim]) for dim in dims]
        for index in np.ndindex(*sizes):
            where = tuple(int(i) for i in index)
            labels = tuple(argument.coords[d][i] for d, i in zip(dims, where, strict=True))
            yield Coordinate(name, where, labels)


def touches(targets: Sequence[Target], prior: xr.Dataset, argument: Argument) -> np.ndarray:
    """Whether each target depends on each coordinate: booleans (target, coordinate).

    Each coordinate's draws are exchanged among worlds drawn from the prior, all else equal; the
    target is evaluated in its own world, so that a latent fixed by its condition does not count.
    Shares of one factor's work sum to one and move together.
    """
    latents = _sample(prior)
    still = evaluate(targets, latents, NUMPY, argument.structure)
    columns = []
    for coordinate in coordinates(argument):
        moved = evaluate(targets, _moved(latents, coordinate), NUMPY, argument.structure)
        columns.append(
            ~np.isclose(moved, still, rtol=1e-12, atol=1e-12, equal_nan=True).all(axis=0)
        )
    return np.stack(columns, axis=1)


def _sample(prior: xr.Dataset) -> dict[str, np.ndarray]:
    """The first prior draws of every latent, (draw, *dims)."""
    first = prior[list(LATENT_DIMS)].isel(chain=0, draw=slice(DRAWS))
    return {
        name: first[name].transpose("draw", *dims).to_numpy().astype(float)
        for name, dims in LATENT_DIMS.items()
    }


def _moved(latents: Mapping[str, np.ndarray], coordinate: Coordinate) -> dict[str, np.ndarray]:
    """The latents with one coordinate taken from the next draw."""
    values = latents[coordinate.latent].copy()
    index: tuple[Any, ...] = (slice(None), *coordinate.index[:1])  # all shares of a factor's work
    values[index] = np.roll(values[index], 1, axis=0)
    return {**latents, coordinate.latent: values}
