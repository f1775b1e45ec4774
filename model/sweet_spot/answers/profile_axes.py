"""Two axes on which draws lie and are moved: problem hardness, and our competence at it (P 3).

A latent moves by prior standard deviations on its working scale, along or against its sign `good`;
latents without a sign, and shares of a whole, stay where they are. The position of a draw is the
mean over coordinates of those signed, standardised latents, so that moving all of them by x moves
the position by x.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy import stats

from sweet_spot.answers.numbers import Floats
from sweet_spot.argument.prior import normal_block, working_value
from sweet_spot.argument.spec import Argument, Latent

AXES = {"problem": -1, "competence": 1}
"""The two axes, and whether they point to help or to harm: a problem gets harder, we get better."""


def on_axis(argument: Argument, axis: str) -> dict[str, Latent]:
    """The latents that an axis moves: those of the profile that have a sign and a working scale."""
    return {
        name: latent
        for name, latent in argument.latents.items()
        if latent.profile == axis and latent.good != 0 and latent.scale != "simplex"
    }


def moments(argument: Argument, name: str) -> tuple[Floats, Floats]:
    """Prior mean and standard deviation of a latent on its working scale, each (*dims)."""
    latent, block = argument.latents[name], normal_block(argument)
    shape = tuple(len(argument.coords[dim]) for dim in latent.dims)
    if name in block.slices:
        where = block.slices[name]
        sd = np.sqrt((block.root[where] ** 2).sum(axis=1))
        return block.mean[where].reshape(shape), sd.reshape(shape)
    prior = latent.prior
    assert prior.above is not None  # the one form besides that has a sign
    assert prior.sd is not None
    mean = float(np.asarray(prior.mean, float))
    law = stats.truncnorm((prior.above - mean) / prior.sd, np.inf, loc=mean, scale=prior.sd)
    return np.asarray(law.mean()), np.asarray(law.std())


def move(
    latents: xr.Dataset, argument: Argument, axis: str, by: float | xr.DataArray
) -> xr.Dataset:
    """The latents with all those of an axis moved by prior standard deviations, by one or several.

    Upwards is harder on the axis `problem` and better on `competence`. A truncated latent stops
    where its prior ends.
    """
    moved = {}
    for name, latent in on_axis(argument, axis).items():
        sd = xr.DataArray(moments(argument, name)[1], dims=latent.dims)
        step = AXES[axis] * latent.good * by * sd
        if latent.scale == "log":
            moved[name] = latents[name] * np.exp(step)
        else:
            floor = -np.inf if latent.prior.above is None else latent.prior.above
            moved[name] = (latents[name] + step).clip(floor)
    return latents.assign(moved)


def positions_of(latents: xr.Dataset, argument: Argument) -> xr.Dataset:
    """Where each draw lies on both axes: mean over the coordinates of its standardised latents."""
    out = {}
    for axis, towards in AXES.items():
        total, count = xr.DataArray(0.0), 0
        for name, latent in on_axis(argument, axis).items():
            mean, sd = (xr.DataArray(m, dims=latent.dims) for m in moments(argument, name))
            score = towards * latent.good * (working_value(latent, latents[name]) - mean) / sd
            total = total + score.sum(latent.dims)
            count += mean.size
        out[axis] = total / count
    return xr.Dataset(out)


def position_sd(argument: Argument, axis: str) -> float:
    """Standard deviation of a draw's position under the prior; its mean is 0."""
    block = normal_block(argument)
    signs = np.zeros(len(block.labels))
    alone = 0  # truncated latents are independent of the rest
    for name, latent in on_axis(argument, axis).items():
        if name in block.slices:
            signs[block.slices[name]] = AXES[axis] * latent.good
        else:
            alone += 1
    scaled = block.root / np.linalg.norm(block.root, axis=1, keepdims=True)
    variance = float(((signs @ scaled) ** 2).sum()) + alone
    return float(np.sqrt(variance) / (np.abs(signs).sum() + alone))
