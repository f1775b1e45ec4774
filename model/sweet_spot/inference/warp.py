"""Posteriors moved onto each other, so that a bridge between them finds common ground.

Two structures can explain the same forecasts by other latents, which leaves their posteriors far
apart. Moving the draws of one by the difference of the means changes no marginal likelihood where
density and draws are moved alike (warp bridge sampling: Meng and Schilling 2002).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from sweet_spot.argument.prior import in_block
from sweet_spot.argument.spec import Argument
from sweet_spot.inference.bounds import CROWD_DIMS
from sweet_spot.inference.draws import SAMPLE
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.panel import GROUP_DIMS

SMALLEST = 0.25
"""In sds: a smaller difference of two means is left, since it may be noise of the draws."""
HEAVY = ("shared_topic", "shared_question")
NORMAL = (
    "latent_score", "disposition_field",
    *(name for name in (*GROUP_DIMS, *CROWD_DIMS) if name not in (*HEAVY, "loading")),
)  # fmt: skip

Shift = Mapping[str, xr.DataArray]


def shift_between(argument: Argument, first: xr.Dataset, second: xr.Dataset) -> Shift:
    """By how much the second posterior lies beyond the first, on scales without bounds.

    Free variables by name; those whose prior is neither normal nor Student-t are left where they
    are, but for truncated latents, which move on the softplus scale.
    """
    out = {}
    for name in [*NORMAL, *HEAVY, *_truncated(argument)]:
        if name in first:
            one, other = (_unbounded(argument, name, of[name]) for of in (first, second))
            by = other.mean(SAMPLE) - one.mean(SAMPLE)
            sd = np.sqrt((one.var(SAMPLE) + other.var(SAMPLE)) / 2)
            out[name] = by.where(abs(by) > SMALLEST * sd, 0.0)
    return out


def moved(argument: Argument, draws: xr.Dataset, shift: Shift, sign: int) -> xr.Dataset:
    """The draws with their free variables moved by the shift or, with sign -1, back by it."""
    return draws.assign(
        {
            name: _bounded(argument, name, _unbounded(argument, name, draws[name]) + sign * by)
            if bool((by != 0).any())
            else draws[name]
            for name, by in shift.items()
        }
    )


def log_prior(
    argument: Argument, draws: xr.Dataset, shift: Shift, constants: ErrorConstants
) -> xr.DataArray:
    """Log prior density, but for a constant, of what the shift moves, on the scales it uses."""
    total = xr.zeros_like(draws["omega"])
    for name in shift:
        density = _log_density(argument, name, draws[name], constants)
        total = total + density.sum([dim for dim in density.dims if dim not in SAMPLE])
    return total


def _log_density(
    argument: Argument, name: str, value: xr.DataArray, constants: ErrorConstants
) -> xr.DataArray:
    if name in NORMAL:
        return -(value**2) / 2
    if name in HEAVY:
        nu = constants.nu_shared
        return value.copy(data=-(nu + 1) / 2 * np.log1p(value.to_numpy() ** 2 / nu))
    prior = argument.latents[name].prior
    standard = (value - float(np.asarray(prior.mean))) / (prior.sd or 1.0)
    beyond = value.to_numpy() - (prior.above or 0.0)
    return value.copy(data=np.log(-np.expm1(-beyond))) - standard**2 / 2  # with its Jacobian


def _truncated(argument: Argument) -> list[str]:
    """Scalar latents with a truncated prior."""
    latents = argument.latents.items()
    return [name for name, latent in latents if not in_block(latent) and not latent.dims]


def _unbounded(argument: Argument, name: str, value: xr.DataArray) -> xr.DataArray:
    if name not in argument.latents:
        return value
    beyond = value - (argument.latents[name].prior.above or 0.0)
    return beyond + np.log(-np.expm1(-beyond))  # log(e^x - 1)


def _bounded(argument: Argument, name: str, value: xr.DataArray) -> xr.DataArray:
    if name not in argument.latents:
        return value
    least = argument.latents[name].prior.above or 0.0
    return least + value.copy(data=np.logaddexp(0.0, value.to_numpy()))
