"""Log density of each latent's prior at the draws of a fit, for power-scaling it."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sweet_spot.argument.prior import normal_block
from sweet_spot.argument.spec import Argument
from sweet_spot.inference.draws import SAMPLE


def log_prior(argument: Argument, draws: xr.Dataset) -> xr.Dataset:
    """Log prior density of every latent, up to a constant, dims (chain, draw).

    Of latents that are correlated a priori (competence; the two costs of progress) it is the
    density given those before it in the argument file, so that the sum over all latents is the
    joint log prior. Vector latents count as one. Densities are on the working scale, of shares of
    a whole on the shares themselves.
    """
    block = normal_block(argument)
    scores = draws["latent_score"].transpose(*SAMPLE, "score").to_numpy()
    out = {}
    for name, latent in argument.latents.items():
        prior = latent.prior
        if name in block.slices:
            density = -0.5 * np.square(scores[..., block.slices[name]]).sum(axis=-1)
        elif prior.concentration is not None:
            shares = draws[name].transpose(*SAMPLE, *latent.dims).to_numpy()
            powers = prior.concentration * np.asarray(prior.mean, float) - 1
            density = (powers * np.log(shares)).sum(axis=(-2, -1))
        else:
            assert prior.sd is not None  # truncated normal: the form that is left
            off = draws[name].transpose(*SAMPLE).to_numpy() - np.asarray(prior.mean, float)
            density = -0.5 * np.square(off / prior.sd)
        out[name] = (SAMPLE, density)
    return xr.Dataset(out, coords={dim: draws[dim] for dim in SAMPLE if dim in draws.coords})
