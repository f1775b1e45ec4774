"""Moves of latents: set, add to, multiply, at least, at most (MODEL.md section 3, interventions).

A conditional forecast only ever sets a latent; a scenario more often moves it from wherever it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sweet_spot.argument.conditions import check_value, conditions, read_value
from sweet_spot.argument.quantities import Quantity, parse, to_working
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import LATENT_DIMS, LOGITS, NUMPY
from sweet_spot.argument.worlds import intervene
from sweet_spot.errors import UnknownQuantity

How = Literal["set", "add", "multiply", "at_least", "at_most"]
HOW: tuple[How, ...] = get_args(How)


@dataclass(frozen=True)
class Move:
    """One latent, moved in every world.

    Attributes
    ----------
    quantity
        A latent, whole or one coordinate of it.
    how, value
        `set`, `at_least`, `at_most`: to a value in the latent's own unit, a share for a logit one.
        `add`: in that unit. `multiply`: by a factor; of a share it multiplies the odds.
    """

    quantity: Quantity
    how: How
    value: float


def read_move(latent: str, how: How, value: float | str) -> Move:
    """A move from a name and a value as people write them.

    Raises
    ------
    UnknownQuantity
        There is no such latent, or it cannot be moved like this; the message says what can be done.
    """
    quantity = parse(latent, whole=True)
    if quantity.name not in LATENT_DIMS:
        raise UnknownQuantity(
            f"{quantity} follows from the latents; move one of {', '.join(LATENT_DIMS)}"
        )
    number = _factor(value) if how == "multiply" else read_value(quantity, value)
    scale = load_argument().latents[quantity.name].scale
    if how != "set" and scale == "simplex":
        raise UnknownQuantity(f"{quantity}: its shares can only be set")
    if how == "add" and scale == "logit":
        raise UnknownQuantity(f"{quantity} is a share; multiply its odds, or set it")
    if how == "add" and scale == "log" and number < 0:
        raise UnknownQuantity(f"{quantity} stays above 0; multiply it by less than 1")
    if how == "multiply" and scale == "identity":
        raise UnknownQuantity(f"{quantity} may be negative; add {quantity.unit} to it")
    if how == "set":
        conditions({str(quantity): number})
    elif how in ("at_least", "at_most"):
        check_value(quantity, number)
    elif not math.isfinite(number) or (how == "multiply" and number <= 0):
        raise UnknownQuantity(f"{how} {value}: write a finite number{', above 0' * (how != 'add')}")
    return Move(quantity, how, number)


def _factor(value: float | str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise UnknownQuantity(f"multiply {str(value)[:40]!r}: write a factor, as in 2") from error


def check_moves(moves: Sequence[Move]) -> None:
    """Raises UnknownQuantity where two moves are of the same latent, or shares do not sum to 1."""
    for i, move in enumerate(moves):
        for other in (earlier.quantity for earlier in moves[:i]):
            whole = not other.coords or not move.quantity.coords
            if other.name == move.quantity.name and (whole or other == move.quantity):
                raise UnknownQuantity(f"{move.quantity} is moved twice; move it once")
    conditions({str(move.quantity): move.value for move in moves if move.how == "set"})


def moved(latents: Mapping[str, np.ndarray], moves: Sequence[Move]) -> dict[str, np.ndarray]:
    """The latents (*leading, *dims, as `equations` takes them) after the moves, in any order.

    A truncated latent stays at or above the point where its prior is cut off.
    """
    fixed = {str(move.quantity): move.value for move in moves if move.how == "set"}
    world = intervene(latents, conditions(fixed), NUMPY)
    for move in moves:
        if move.how != "set":
            name = move.quantity.name
            world[name] = np.where(_where(move.quantity), _moved(world[name], move), world[name])
    return world


def _where(quantity: Quantity) -> np.ndarray:
    """Which coordinates of its latent the quantity stands for (*dims)."""
    coords, dims = load_argument().coords, LATENT_DIMS[quantity.name]
    if not quantity.coords:
        return np.ones([len(coords[dim]) for dim in dims], bool)
    chosen = np.zeros([len(coords[dim]) for dim in dims], bool)
    chosen[tuple(coords[d].index(c) for d, c in zip(dims, quantity.coords, strict=True))] = True
    return chosen


def _moved(old: np.ndarray, move: Move) -> np.ndarray:
    name, value, share = move.quantity.name, move.value, move.quantity.name in LOGITS
    limit = to_working(move.quantity, value) if share and "at" in move.how else value
    match move.how:
        case "multiply":
            moved_to = old + math.log(value) if share else old * value
        case "add":
            above = load_argument().latents[name].prior.above
            moved_to = old + value if above is None else np.maximum(old + value, above)
        case "at_least":
            moved_to = np.maximum(old, limit)
        case _:
            moved_to = np.minimum(old, limit)
    return np.asarray(moved_to)
