"""Is a sample uniform? The ECDF against a simultaneous band, with its exact p-value.

The band holds the ECDF at 1/n, 2/n, ... with equal pointwise probability (Säilynoja, Bürkner and
Vehtari 2022, whose bands ArviZ simulates). How probable it is that all of a uniform ECDF stays
inside is computed exactly here, so that the band can be as wide as a thousand comparisons demand.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy import stats

Floats = np.ndarray[Any, np.dtype[np.float64]]
SMALLEST = 1e-12
"""No p-value is smaller: sums of so many terms are not known better than this."""
_STEPS = 64
"""Counts beyond which a Poisson of mean one has no mass that a float could hold beside one."""
_SAME = 1 + 1e-9
"""Tails this close are the same tail, computed twice."""


def folded(places: Floats) -> Floats:
    """Distance from the middle, 0 to 1: small where intervals are too wide, large where narrow."""
    return np.asarray(np.abs(2 * np.asarray(places, float) - 1))


def p_value(places: Floats) -> float:
    """Probability that the ECDF of as many uniform numbers strays as far from the diagonal."""
    n = len(places)
    if n < 2:
        return 1.0
    points = np.arange(1, n) / n
    counts = np.searchsorted(np.sort(places), points, side="right")
    below, above = _tails(n)
    row = np.arange(n - 1)
    return _p_value(n, float(min(below[row, counts].min(), above[row, counts].min())))


def band(n: int, level: float) -> tuple[Floats, Floats, Floats]:
    """Points, and the lowest and highest ECDF of n numbers there that are not rejected at a level.

    An ECDF leaves the band, somewhere, exactly where its p-value is at most the level.
    """
    low, high = np.log(SMALLEST) - 10, np.log(0.5)
    for _ in range(50):  # the largest tail probability that the level still rejects
        middle = (low + high) / 2
        low, high = (middle, high) if _p_value(n, np.exp(middle)) <= level else (low, middle)
    least, most = _bounds(n, float(np.exp(low)))
    return np.arange(1, n) / n, least / n, most / n


@lru_cache(maxsize=4)
def _tails(n: int) -> tuple[Floats, Floats]:
    """P(count <= k) and P(count >= k) at each point, dims (point, k from 0 to n)."""
    law = stats.binom(n, np.arange(1, n)[:, None] / n)
    k = np.arange(n + 1)[None, :]
    return np.asarray(law.cdf(k)), np.asarray(law.sf(k - 1))


def _bounds(n: int, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest count at each point whose tails are both larger."""
    below, above = _tails(n)
    limit = tail * _SAME
    return (below <= limit).sum(axis=1), n - (above <= limit).sum(axis=1)


@lru_cache(maxsize=10_000)
def _p_value(n: int, tail: float) -> float:
    """Probability that some tail is at most this: one less that of all counts within bounds.

    Counts of n uniform numbers in intervals of length 1/n are Poisson with mean one given that they
    sum to n; the paths that stay inside are summed interval by interval.
    """
    least, most = _bounds(n, tail)
    if (least > most).any():
        return 1.0
    step = stats.poisson(1).pmf(np.arange(min(n, _STEPS) + 1))
    start, inside = 0, np.ones(1)
    for low, high in zip(least, most, strict=True):
        ahead = np.convolve(inside, step)
        wide = np.zeros(high + 1)
        stop = min(start + len(ahead), high + 1)
        wide[start:stop] = ahead[: max(stop - start, 0)]
        start, inside = low, wide[low:]
    ahead = np.convolve(inside, step)
    at = n - start
    stays = ahead[at] / stats.poisson(n).pmf(n) if 0 <= at < len(ahead) else 0.0
    return float(min(max(1 - stays, SMALLEST), 1.0))
