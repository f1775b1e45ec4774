"""Compares credences on the same draws: after a move, or where something holds, against today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import gates_of
from sweet_spot.answers.numbers import SAMPLE, deviation_error
from sweet_spot.argument.moves import Move, moved
from sweet_spot.argument.structure import LATENT_DIMS, derive

FEWEST = 100.0
"""Effective draws that must remain for a conditional credence: its error is then at most 0.05."""


def latents_of(draws: xr.Dataset) -> dict[str, np.ndarray]:
    """Every latent (chain, draw, *dims), as the equations take them."""
    return {
        name: draws[name].transpose(*SAMPLE, *dims).to_numpy().astype(float)
        for name, dims in LATENT_DIMS.items()
    }


def gates_in(latents: Mapping[str, np.ndarray], draws: xr.Dataset) -> xr.DataArray:
    """Gates (gate, chain, draw, factor), with any and all, from latents alone."""
    named = {name: ((*SAMPLE, *dims), latents[name]) for name, dims in LATENT_DIMS.items()}
    return gates_of(derive(xr.Dataset(named, coords={"factor": draws["factor"]}))).drop_vars(
        SAMPLE, errors="ignore"
    )


def gates_after(draws: xr.Dataset, moves: Sequence[Move]) -> xr.DataArray:
    """Gates (gate, chain, draw, factor), with any and all, after moves; today's where none."""
    return gates_in(moved(latents_of(draws), moves), draws)


def compare(
    today: xr.DataArray, after: xr.DataArray, holds: xr.DataArray | None = None
) -> xr.Dataset:
    """Probabilities today and after, their difference, and Monte Carlo errors.

    Parameters
    ----------
    today, after
        0 or 1, dims (gate, chain, draw, factor); the same draws.
    holds
        Draws (chain, draw) that count for `after`; by default all.

    Notes
    -----
    With w = 1 where a draw counts, the mean after is a ratio of two means; its error is that of
    the mean of w (after - mean) / P(w), autocorrelation included (delta method). That of the change
    is the same with today's own deviation taken off, draw by draw.
    """
    weight = xr.ones_like(today.isel(gate=0, factor=0, drop=True)) if holds is None else holds * 1
    chance, total = weight.mean(SAMPLE), weight.size
    worth = float(chance) * _effective(weight)
    if holds is not None and worth < FEWEST:
        after = after.where(np.bool_(False))  # NaN throughout: too few to say anything
    mean, before = (after * weight).mean(SAMPLE) / chance, today.mean(SAMPLE)
    own = weight * (after - mean) / chance
    return xr.Dataset(
        {
            "today": before,
            "whatif": mean,
            "change": mean - before,
            "mcse": deviation_error(own),
            "mcse_change": deviation_error(own - (today - before)),
            "draws": total,
            "kept": int(weight.sum()),
            "effective": worth if holds is not None else float(total),
            "chance": float(chance),
        }
    )


def _effective(weight: xr.DataArray) -> float:
    """Independent draws that all draws are worth for telling how often the event holds."""
    import arviz as az

    if not 0 < float(weight.mean()) < 1:
        return float(weight.size)
    return min(float(az.ess(weight.astype(float), method="mean")), float(weight.size))
