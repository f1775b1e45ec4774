"""What hearing a statement would tell about an event, from draws: information and swing.

With weights w_k proportional to the density of an answer y in draw k, P(event | y) is the weighted
share of draws in which the event holds. The expected information is the mean over answers of
KL(P(event | y), P(event)) in nats, which is the mutual information; the expected swing is the mean
of |P(event | y) - P(event)|. One question is integrated over its answer by quadrature; several are
averaged over answers simulated together.

Every number comes with its value without each block of draws in turn (consecutive ones of one
chain, longer than the chain remembers): the jackknife of these takes off the bias of order 1/draws
that a mean of KL has, and gives a standard error that covers simulation and autocorrelation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from sweet_spot.inference.preposterior import NewStatements

BLOCKS = 5
"""Blocks of each chain."""
_LEVELS, _WEIGHTS = special.roots_legendre(448)
"""Gauss-Legendre rule for the answer of one question, in its level. With 400 draws, between whose
narrow laws nodes can fall, it is right to 1e-3 from 384 nodes on (up to 1024 tried); with 192 to
3e-3."""
SHIFTS = 4
"""How often the event is shifted along the chains, to see what an irrelevant question shows."""
SMALLEST = np.finfo(np.float32).tiny
"""Densities stay above it: so far from every draw an answer tells nothing, and never comes."""
AT_ONCE = 16
"""Answers whose densities are computed together, few enough to stay in a core's own memory."""
WORLDS = 20
"""Joint answers simulated for each block."""

Series = np.ndarray
"""Information, swing and average of P(event | y), dim last; first from all draws, then without
each block: (1 + block, ..., 3)."""


@dataclass(frozen=True)
class Draws:
    """Draws in blocks, in single precision: a density needs no more, and it is twice as fast.

    Attributes
    ----------
    location, scale
        (copy, block * draw, statement), blocks one after the other.
    degrees
        Of freedom, (statement,).
    events
        (block, draw, 1 + SHIFTS): the event as 0 or 1, then shifted along the chain.
    """

    location: np.ndarray
    scale: np.ndarray
    degrees: np.ndarray
    events: np.ndarray


def blocked(law: NewStatements, event: np.ndarray) -> Draws:
    """Laws and event (chain, draw) in blocks; what is left of a chain is dropped."""
    length = event.shape[1] // BLOCKS
    kept = length * BLOCKS
    event = event[:, :kept].astype(float)
    shifted = [np.roll(event, length * k, axis=1) for k in range(1 + SHIFTS)]
    shape = (len(law.location), event.shape[0] * kept, -1)
    return Draws(
        law.location[:, :, :kept].reshape(shape).astype(np.float32),
        law.scale[:, :, :kept].reshape(shape).astype(np.float32),
        law.degrees,
        np.stack(shifted, axis=-1).reshape(-1, length, 1 + SHIFTS).astype(np.float32),
    )


def densities(answers: np.ndarray, draws: Draws, which: int) -> np.ndarray:
    """Density of answers to one statement given each draw, (answer, draw): the mean over copies."""
    answers, nu = answers.astype(np.float32)[:, None], float(draws.degrees[which])
    places, scales = draws.location[..., which], draws.scale[..., which]
    if (places == places[0]).all() and (scales == scales[0]).all():  # the fit holds the question
        places, scales = places[:1], scales[:1]
    places, scales = np.ascontiguousarray(places), np.ascontiguousarray(scales)
    peaks = (special.poch(nu / 2, 0.5) / np.sqrt(nu * np.pi) / scales).astype(np.float32)
    total = np.zeros((len(answers), places.shape[1]), np.float32)
    room = np.empty((AT_ONCE, places.shape[1]), np.float32)
    for first in range(0, len(answers), AT_ONCE):
        some, part = answers[first : first + AT_ONCE], total[first : first + AT_ONCE]
        z = room[: len(some)]
        for location, scale, peak in zip(places, scales, peaks, strict=True):
            np.subtract(some, location, out=z)
            z /= scale
            z *= z
            z *= np.float32(1 / nu)
            z += np.float32(1)  # a power is vectorised in single precision, where log1p is not
            np.power(z, np.float32(-(nu + 1) / 2), out=z)
            z *= peak
            part += z
    total /= np.float32(len(places))
    return np.maximum(total, SMALLEST, out=total)


def one_answer(draws: Draws, which: int) -> Series:
    """What one question tells: (1 + block, 1 + SHIFTS, 3), the shifted events after the event."""
    answers, widths = _nodes(draws, which)
    held, all_of = _by_block(densities(answers, draws, which), draws.events)
    shares = draws.events.mean(axis=1)
    rows = []
    for without in (None, *range(len(held))):
        after = _left(held, without) / _left(all_of, without)
        chance = widths * _left(all_of, without)[:, 0]
        before = shares.mean(axis=0) if without is None else np.delete(shares, without, 0).mean(0)
        rows.append(_told(after, before, chance / chance.sum()))
    return np.array(rows)


def _nodes(draws: Draws, which: int) -> tuple[np.ndarray, np.ndarray]:
    """Answers and their widths: even in the levels of a Student-t(2), whose tails are heavier."""
    location, scale = draws.location[..., which], draws.scale[..., which]
    low, middle, high = np.quantile(location, [0.25, 0.5, 0.75])
    spread = float(np.hypot((high - low) / 1.35, np.median(scale)))
    t = np.sqrt(2) * _LEVELS / np.sqrt(1 - _LEVELS**2)
    return middle + spread * t, spread * _WEIGHTS / 2 * (2 + t**2) ** 1.5


def _by_block(weights: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums of weights by block, (block, answer, ...): where each event holds, and of all."""
    blocks, length, _ = events.shape
    inside = weights.reshape(-1, blocks, length).transpose(1, 0, 2)
    return (inside @ events).astype(float), inside.sum(axis=-1, dtype=float)[..., None]


def _left(sums: np.ndarray, without: int | None) -> np.ndarray:
    """The sum over all blocks, or all but one."""
    total: np.ndarray = sums.sum(axis=0)
    return total if without is None else total - sums[without]


def _told(after: np.ndarray, before: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Information, swing and average (event, 3) of probabilities after (answer, event)."""
    after = np.clip(after, 0.0, 1.0)
    told = special.rel_entr(after, before) + special.rel_entr(1 - after, 1 - before)
    return np.stack([chance @ told, chance @ np.abs(after - before), chance @ after], axis=-1)


def corrected(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """The estimate from all draws less its bias, and its standard error, by the jackknife."""
    blocks = len(series) - 1
    away = series[1:] - series[1:].mean(axis=0)
    error = np.sqrt((blocks - 1) / blocks * np.square(away).sum(axis=0))
    return blocks * series[0] - (blocks - 1) * series[1:].mean(axis=0), error


@dataclass(frozen=True)
class Worlds:
    """Worlds drawn from the draws, evenly from every block, and what is said in each.

    Attributes
    ----------
    block
        Block of each world.
    answers
        (world, statement), simulated together.
    """

    block: np.ndarray
    answers: np.ndarray


def worlds(draws: Draws, seed: int) -> Worlds:
    """Worlds with a statement to each question, errors of their own drawn afresh."""
    blocks, length, _ = draws.events.shape
    first = np.linspace(0, length, min(WORLDS, length), endpoint=False).astype(int)
    index = (np.arange(blocks)[:, None] * length + first).ravel()
    rng = np.random.default_rng(seed)
    error = rng.standard_t(draws.degrees, (index.size, draws.degrees.size))
    answers = draws.location[0, index] + draws.scale[0, index] * error
    return Worlds(index // length, answers)


LEAST = 1e-9
"""Weight of all other draws, over that of the heaviest, below which it is but rounding."""


def several_answers(log_weights: np.ndarray, draws: Draws, told: Worlds) -> Series:
    """What several answers together tell, (1 + block, 3), given their log density (world, draw).

    Without a block, its worlds are left out as well as its draws, and worlds whose answers leave
    none of the other draws in play.
    """
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    held, all_of = _by_block(weights, draws.events[..., :1])
    shares = draws.events[..., :1].mean(axis=1)
    rows = []
    for without in (None, *range(len(held))):
        on = np.ones(len(told.block), bool) if without is None else told.block != without
        whole = _left(all_of, without)
        on &= whole[:, 0] > LEAST
        after = _left(held, without)[on] / whole[on]
        before = shares.mean(axis=0) if without is None else np.delete(shares, without, 0).mean(0)
        rows.append(_told(after, before, np.full(len(after), 1 / len(after)))[0])
    return np.array(rows)


def effective_draws(log_weights: np.ndarray) -> float:
    """The median over worlds of how many draws the answers leave in play (Kish)."""
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True)).astype(float)
    return float(np.median(weights.sum(axis=1) ** 2 / np.square(weights).sum(axis=1)))
