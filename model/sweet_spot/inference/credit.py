"""Shapley values: the share that each of several changes has in what they do together.

The share of a change is its effect, averaged over all orders in which the changes can be made
(Shapley 1953). Shares sum to the whole exactly, also where only some orders are averaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

EXACT = 5
"""Up to so many changes all orders are averaged: 120 of them, over 32 sets."""
SETS = 64
"""About so many sets of changes are valued where there are more."""
SEED = 20260203

Set = frozenset[int]


def orders(count: int) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Orders to average over, in pairs of an order and its reverse; all of them up to EXACT."""
    if count <= EXACT:
        yield from ((order,) for order in permutations(range(count)))
        return
    rng = np.random.default_rng(SEED)
    for _ in range(max(SETS // (2 * count), 2)):
        order = tuple(rng.permutation(count).tolist())
        yield order, order[::-1]


def effects(order: tuple[int, ...]) -> Iterator[tuple[int, Set, Set]]:
    """Each change of an order, with the changes made before it and with it."""
    made: Set = frozenset()
    for change in order:
        yield change, made, made | {change}
        made = made | {change}


def coefficients(count: int) -> dict[Set, np.ndarray]:
    """For each set of changes, what its value counts for in the share of each change (change,).

    The share of change i is the sum over sets S of coefficients[S][i] times the value of S.
    """
    found: dict[Set, np.ndarray] = {}
    averaged = [order for pair in orders(count) for order in pair]
    for order in averaged:
        for change, before, after in effects(order):
            for made, sign in ((before, -1), (after, 1)):
                found.setdefault(made, np.zeros(count))[change] += sign / len(averaged)
    return found


def spread(count: int, value: dict[Set, float]) -> np.ndarray:
    """Standard error of each share from averaging over some orders only; zero where over all."""
    if count <= EXACT:
        return np.zeros(count)
    shares = []
    for pair in orders(count):
        share = np.zeros(count)
        for order in pair:
            for change, before, after in effects(order):
                share[change] += (value[after] - value[before]) / len(pair)
        shares.append(share)
    error: np.ndarray = np.std(shares, axis=0, ddof=1) / np.sqrt(len(shares))
    return error
