"""The joint prior of the latents: one multivariate normal on the working scale, and what is not.

All latents with a normal prior on their working scale (identity, log or logit) form one block,
mean + root @ score with independent standard normal scores. That keeps shared parts and
correlations exact, the geometry easy for a sampler and the compiled graph small. Truncated and
simplex latents stand on their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from sweet_spot.argument.spec import Argument, Latent
from sweet_spot.argument.structure import NUMPY, Array, Ops
from sweet_spot.errors import InvalidArgument

Z95 = float(special.ndtri(0.95))


@dataclass(frozen=True)
class NormalBlock:
    """Latents that are jointly normal on the working scale.

    Attributes
    ----------
    labels
        One per coordinate: `danger_gap`, `investment[safety_progress]`.
    mean, root
        Mean (score,) and lower triangular root (score, score) of the covariance.
    slices
        Latent -> its coordinates in the block.
    logged
        Latents whose working scale is the logarithm.
    dims
        Latent -> its dims.
    """

    labels: tuple[str, ...]
    mean: np.ndarray
    root: np.ndarray
    slices: Mapping[str, slice]
    logged: frozenset[str]
    dims: Mapping[str, tuple[str, ...]]


def in_block(latent: Latent) -> bool:
    """Whether the latent's prior is normal on its working scale."""
    return latent.scale != "simplex" and latent.prior.above is None


def _moments(latent: Latent, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean (size,) and covariance (size, size) of one latent on its working scale."""
    prior = latent.prior
    if prior.quantiles is not None:
        low, middle, high = np.log(prior.quantiles)
        return np.full(size, middle), np.eye(size) * ((high - low) / (2 * Z95)) ** 2
    mean = np.broadcast_to(np.asarray(prior.mean, float), (size,))
    if prior.common_sd is not None and prior.own_sd is not None:
        return mean, np.full((size, size), prior.common_sd**2) + np.eye(size) * prior.own_sd**2
    assert prior.sd is not None  # the forms that spec.py lets through
    return mean, np.eye(size) * prior.sd**2


def normal_block(argument: Argument) -> NormalBlock:
    """The joint normal prior of all latents that have one.

    Raises
    ------
    InvalidArgument
        The correlations contradict each other.
    """
    labels: list[str] = []
    slices: dict[str, slice] = {}
    moments = []
    for name, latent in argument.latents.items():
        if in_block(latent):
            own = [f"{name}[{c}]" for dim in latent.dims for c in argument.coords[dim]] or [name]
            slices[name] = slice(len(labels), len(labels) + len(own))
            labels += own
            moments.append(_moments(latent, len(own)))
    covariance = np.zeros((len(labels), len(labels)))
    for where, (_, own_covariance) in zip(slices.values(), moments, strict=True):
        covariance[where, where] = own_covariance
    _correlate(covariance, slices, argument)
    return NormalBlock(
        labels=tuple(labels),
        mean=np.concatenate([mean for mean, _ in moments]),
        root=_root(covariance),
        slices=slices,
        logged=frozenset(n for n, latent in argument.latents.items() if latent.scale == "log"),
        dims={name: argument.latents[name].dims for name in slices},
    )


def _correlate(covariance: np.ndarray, slices: Mapping[str, slice], argument: Argument) -> None:
    """Adds the competence correlations, then the pairwise ones, to a block-diagonal covariance."""
    sd = np.sqrt(np.diag(covariance))
    competence = [
        (i, argument.latents[name].good)
        for name, where in slices.items()
        if argument.latents[name].profile == "competence"
        for i in range(where.start, where.stop)
    ]
    for i, sign in competence:
        for j, other in competence:
            if i != j:
                shared = argument.competence_correlation * sign * other
                covariance[i, j] += shared * sd[i] * sd[j]
    for name, latent in argument.latents.items():
        partner = latent.prior.correlation
        if partner is not None:
            i, j = slices[name].start, slices[partner.with_].start
            covariance[i, j] = covariance[j, i] = partner.value * sd[i] * sd[j]


def _root(covariance: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise InvalidArgument(
            "the correlations of the latents contradict each other: weaken one"
        ) from error


def place(block: NormalBlock, scores: Array, ops: Ops) -> dict[str, Array]:
    """Latents of the block from their scores (..., score), each (..., *dims) by name."""
    working = block.mean + ops.times(scores, block.root.T)
    placed = {}
    for name, where in block.slices.items():
        value = working[..., where] if block.dims[name] else working[..., where.start]
        placed[name] = ops.exp(value) if name in block.logged else value
    return placed


def working_value(latent: Latent, value: Array) -> Array:
    """A latent's value on its working scale, where its prior is normal; NumPy arrays or floats."""
    return np.log(value) if latent.scale == "log" else value


def prior_latents(argument: Argument, draws: int, seed: int) -> dict[str, np.ndarray]:
    """Draws of every latent from the prior, each (draw, *dims), without PyMC."""
    rng = np.random.default_rng(seed)
    block = normal_block(argument)
    placed = place(block, rng.standard_normal((draws, len(block.labels))), NUMPY)
    for name, latent in argument.latents.items():
        prior = latent.prior
        if prior.above is not None and prior.sd is not None:
            mean = float(np.asarray(prior.mean, float))
            below = special.ndtr((prior.above - mean) / prior.sd)
            level = below + (1 - below) * rng.random(draws)
            placed[name] = mean + prior.sd * special.ndtri(level)
        elif prior.concentration is not None:
            rows = prior.concentration * np.asarray(prior.mean, float)
            placed[name] = np.stack([rng.dirichlet(row, draws) for row in rows], axis=1)
    return {name: placed[name] for name in argument.latents}
