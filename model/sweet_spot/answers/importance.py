"""How much of the uncertainty about the headline each latent carries, dependence allowed for.

Shapley effects (Owen 2014; Song, Nelson and Staum 2016): a latent's mean share, over all orders of
learning the latents one by one, of the fall in the variance of the answer. They sum to the whole
variance whatever the dependence, which first-order indices do not. Dependence is a Gaussian copula
with the rank correlations of the draws; margins are those of the draws; the answer is computed anew
in every world by the equations themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy import special, stats

from sweet_spot.answers.estimates import usable
from sweet_spot.answers.numbers import SAMPLE, error, probability, words
from sweet_spot.answers.verdict import refuse, verdict
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY, equations
from sweet_spot.errors import UnusableFit

if TYPE_CHECKING:
    import pandas as pd

ORDERS = 3000
"""Random orders in which latents are learned."""
REDRAWN = 4
"""Worlds drawn for each of them, alike in what is learned."""
AT_ONCE = 50
"""Orders whose worlds are answered in one call."""
SEED = 20260301


@dataclass(frozen=True)
class Importance:
    """Shares of the variance of the headline's event.

    Attributes
    ----------
    data
        Dim `latent`, largest first: `share` of the variance (Shapley effect; sums to one) and
        `error`, its standard error. Attributes: `headline`, and `rebuilt`, the same probability
        when the draws are replaced by worlds of the copula: how far the two differ says what the
        copula misses.
    """

    data: xr.Dataset
    text: str

    @property
    def table(self) -> pd.DataFrame:
        """One row a latent."""
        return self.data.to_dataframe()


def importance(tree: xr.DataTree, *, orders: int = ORDERS, force: bool = False) -> Importance:
    """Shapley effects of the latents on whether the spot is usable for at least one factor.

    Raises
    ------
    UntrustworthyFit
        The fit failed its verdict and `force` is not set.
    """
    if "posterior" not in tree:
        raise UnusableFit("the fit has no posterior")
    if not force:
        refuse(verdict(tree))
    draws = tree["posterior"].to_dataset()[[*LATENT_DIMS, "usable"]].load()
    columns, blocks = _columns(draws)
    answer = _answer(draws, blocks)
    shares, errors, rebuilt = shapley_effects(answer, columns, list(blocks.values()), orders)
    headline = float(usable(draws).mean())
    attrs = {"headline": headline, "rebuilt": rebuilt}
    data = xr.Dataset(
        {"share": ("latent", shares), "error": ("latent", errors)},
        coords={"latent": list(blocks)}, attrs=attrs,
    )  # fmt: skip
    data = data.isel(latent=np.argsort(-shares, kind="stable"))
    return Importance(data, _text(data))


def shapley_effects(
    answer: Callable[[np.ndarray], np.ndarray],
    columns: np.ndarray,
    blocks: Sequence[slice],
    orders: int,
    seed: int = SEED,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Shares of the variance of an answer, their standard errors, and the mean of the answer.

    Parameters
    ----------
    answer
        Of worlds (..., column): an array (...).
    columns
        Draws (draw, column) of what the answer depends on.
    blocks
        Columns that are learned together.

    For each order the variance left when its first k blocks are known is estimated from `REDRAWN`
    worlds alike in these. With the columns in that order, worlds are root @ normals, and what
    is known are the first normals.
    """
    rng = np.random.default_rng(seed)
    scores = special.ndtri((stats.rankdata(columns, axis=0) - 0.5) / len(columns))
    correlation = np.corrcoef(scores, rowvar=False).reshape(columns.shape[1], -1)
    margins = np.sort(columns, axis=0)
    gains = np.zeros((orders, len(blocks)))
    means = np.empty(orders)
    for first in range(0, orders, AT_ONCE):
        trials = range(first, min(first + AT_ONCE, orders))
        drawn = [_worlds(correlation, blocks, rng) for _ in trials]
        found = answer(_placed(np.stack([worlds for _, worlds in drawn]), margins)).astype(float)
        left = found.var(axis=-1, ddof=1)
        for k, trial in enumerate(trials):
            gains[trial, drawn[k][0]] = left[k, :-1] - left[k, 1:]
            means[trial] = found[k, 0].mean()
    total = gains.sum(axis=1).mean()
    shares = gains.mean(axis=0) / total
    off = gains - shares * gains.sum(axis=1, keepdims=True)  # of a ratio of means
    return shares, off.std(axis=0, ddof=1) / np.sqrt(orders) / total, float(means.mean())


def _worlds(
    correlation: np.ndarray, blocks: Sequence[slice], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A random order of the blocks, and normal scores (step, world, column) learned in it."""
    order = rng.permutation(len(blocks))
    place = np.concatenate([np.arange(blocks[b].start, blocks[b].stop) for b in order])
    root = np.linalg.cholesky(correlation[np.ix_(place, place)])
    known = np.cumsum([0, *(blocks[b].stop - blocks[b].start for b in order)])
    normals = _redrawn(known, place.size, rng) @ root.T
    worlds = np.empty_like(normals)
    worlds[..., place] = normals
    return order, worlds


def _redrawn(known: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Normals (step, world, column): at each step the first `known` columns are the same."""
    fixed, free = rng.standard_normal((1, size)), rng.standard_normal((REDRAWN, size))
    learned = np.arange(size)[None, :] < known[:, None]
    return np.where(learned[:, None, :], fixed, free)


def _placed(scores: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Normal scores (..., column) as quantiles of the draws."""
    level = special.ndtr(scores) * len(margins) - 0.5
    low = np.clip(np.floor(level), 0, len(margins) - 2).astype(int)
    part = np.clip(level - low, 0.0, 1.0)
    column = np.arange(margins.shape[1])
    below, above = margins[low, column], margins[low + 1, column]
    return np.asarray(below + part * (above - below))


def _columns(draws: xr.Dataset) -> tuple[np.ndarray, dict[str, slice]]:
    """Every latent as columns (draw, column), shares of a whole as log ratios to the last one."""
    parts, blocks, start = [], {}, 0
    for name, dims in LATENT_DIMS.items():
        values = draws[name].transpose(*SAMPLE, *dims).to_numpy().astype(float)
        if name == "work_share":
            values = np.log(values[..., :-1]) - np.log(values[..., -1:])
        parts.append(values.reshape(values.shape[0] * values.shape[1], -1))
        blocks[name] = slice(start, start + parts[-1].shape[1])
        start = blocks[name].stop
    return np.concatenate(parts, axis=1), blocks


def _answer(draws: xr.Dataset, blocks: dict[str, slice]) -> Callable[[np.ndarray], np.ndarray]:
    """Whether the spot is usable for at least one factor, from columns (..., column)."""

    def answer(columns: np.ndarray) -> np.ndarray:
        latents = {}
        for name, dims in LATENT_DIMS.items():
            shape = [draws.sizes[dim] for dim in dims]
            own = columns[..., blocks[name]]
            if name == "work_share":
                ratios = own.reshape(*own.shape[:-1], shape[0], shape[1] - 1)
                last = np.zeros((*ratios.shape[:-1], 1))
                latents[name] = special.softmax(np.concatenate([ratios, last], -1), axis=-1)
            else:
                latents[name] = own.reshape(*own.shape[:-1], *shape)
        return np.asarray(equations(latents, NUMPY)["usable"].any(axis=-1))

    return answer


def _text(data: xr.Dataset) -> str:
    top = [
        f"{words(str(name))} {100 * float(share):.0f} % (standard error {error(100 * float(e))})"
        for name, share, e in zip(
            data["latent"].values[:3], data["share"][:3], data["error"][:3], strict=True
        )
    ]
    return (
        "Of the variance of whether the spot is usable for at least one factor (posterior),"
        f" {', '.join(top)} are carried by the first three latents, dependence allowed for. The"
        f" posterior says {probability(data.attrs['headline'])}, worlds rebuilt from margins and"
        f" rank correlations {probability(data.attrs['rebuilt'])}."
    )
