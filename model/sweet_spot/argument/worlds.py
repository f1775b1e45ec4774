"""Evaluates quantities in intervened worlds: what a conditional forecast is about.

An intervention sets a latent and recomputes what follows (MODEL.md sections 3 and 4). A condition
on a date is met by solving for the latent it names, in which the date is linear. All quantities
that depend on the capability axis alone are computed together as one vector, which keeps the
compiled graph small; the rest share one pass of the equations per world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sweet_spot.argument.axis import (
    AXIS,
    arrival,
    automation,
    cost_to_arrive,
    progress,
    years_for_progress,
)
from sweet_spot.argument.conditions import SOLVABLE, SOLVED_FOR, Conditions, conditions
from sweet_spot.argument.quantities import (
    DURATION_OFFSET,
    EPOCH,
    REFERENCE_YEAR,
    Quantity,
    dims_of,
    parse,
    to_working,
)
from sweet_spot.argument.rivals import MAIN, Structure
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import (
    GATES,
    LATENT_DIMS,
    LOGITS,
    SCHEMING_ANCHOR,
    Array,
    Ops,
    equations,
)

SMALLEST_SHARE = 1e-12
"""Derived shares are kept this far from 0 and 1, so that their logits are finite."""

Latents = Mapping[str, Array]


@dataclass(frozen=True)
class Target:
    """A quantity in the world that conditions describe.

    Attributes
    ----------
    quantity
        What is asked about.
    given
        Conditions, each a quantity with a value in its own unit.
    via
        The latent solved for, where one of the conditions is on a derived quantity.
    """

    quantity: Quantity
    given: Conditions = ()
    via: str | None = None


def target(
    quantity: str, given: Mapping[str, float] | None = None, via: str | None = None
) -> Target:
    """A target from names, as a question writes them; `via` may stand where it is not needed.

    Raises
    ------
    UnknownQuantity
        The quantity is unknown, or a condition cannot be made so; the message says why.
    """
    fixed = conditions(given, via)
    solved = any(condition.name in SOLVABLE for condition, _ in fixed)
    return Target(parse(quantity), fixed, via if solved else None)


def intervene(
    latents: Latents, given: Conditions, ops: Ops, structure: Structure = MAIN
) -> dict[str, Array]:
    """The latents with some set to a value, in whatever leading dims they have.

    Parameters
    ----------
    latents
        As `equations` takes them.
    given
        From `conditions` (or a target's `given`): vector latents as a whole or by coordinate, in
        the quantity's own unit. The shares of work not set keep their proportions. A date is met
        last, by solving for `years_per_dex_before`, unless that would fall below its floor.
    """
    world = dict(latents)
    for name in dict.fromkeys(q.name for q, _ in given if q.name in LATENT_DIMS):
        values = _values(name, given)
        held = ~np.isnan(values)
        new = np.where(held, values, 0.0)
        rest = _other_shares(world[name], held, new, ops) if name == "work_share" else world[name]
        world[name] = ops.where(held, new, rest)
    if any(quantity.name in SOLVABLE for quantity, _ in given):
        pace = {name: world[name][..., None] for name in AXIS}
        world[SOLVED_FOR] = _solved([given], pace, ops, structure)[..., 0]
    return world


def _values(name: str, given: Conditions) -> np.ndarray:
    """The values given for a latent as the equations take it, NaN for coordinates left free."""
    coords = load_argument().coords
    dims = LATENT_DIMS[name]
    values = np.full([len(coords[dim]) for dim in dims], np.nan)
    for quantity, value in given:
        if quantity.name == name:
            index = tuple(coords[d].index(c) for d, c in zip(dims, quantity.coords, strict=False))
            values[index] = to_working(quantity, value) if name in LOGITS else value
    return values


def _other_shares(old: Array, held: np.ndarray, new: np.ndarray, ops: Ops) -> Array:
    """Shares (..., factor, work) in which those not held fill up what the held ones leave."""
    left = (1 - new.sum(axis=-1))[:, None]
    free = ops.sum_last(ops.where(held, 0.0, old))[..., None]
    evenly = left / np.maximum((~held).sum(axis=-1), 1)[:, None]
    some = free > SMALLEST_SHARE
    filled = ops.where(some, old * left / ops.where(some, free, 1.0), evenly)
    return ops.where(held.any(axis=-1)[:, None], filled, old)


def _dated(given: Conditions) -> tuple[Quantity, float] | None:
    """The condition on a date, if there is one."""
    return next(((q, value) for q, value in given if q.name in SOLVABLE), None)


def _solved(given: Sequence[Conditions], pace: Latents, ops: Ops, structure: Structure) -> Array:
    """`years_per_dex_before` (..., world) that meets the date each world is given, if any."""
    dated = [_dated(conditions) for conditions in given]
    met = np.array([date is not None for date in dated])
    years = np.array([date[1] - REFERENCE_YEAR if date else 0.0 for date in dated])
    speed = _speeds([date[0] if date else None for date in dated], pace, ops)
    solved = cost_to_arrive(years, speed, pace, ops, structure)
    return ops.where(met, solved, pace[SOLVED_FOR])


def _speeds(
    quantities: Sequence[Quantity | None], pace: Latents, ops: Ops, which: int = 0
) -> Array:
    """The speed in dex that each quantity names as an argument, or else that at automation."""
    named = np.array([q.arguments[which] if q and q.arguments else np.nan for q in quantities])
    if np.isfinite(named).all():
        return np.log10(named)
    dex = np.log10(np.where(np.isfinite(named), named, 1.0))
    return ops.where(np.isfinite(named), dex, automation(pace))


def evaluate(
    targets: Sequence[Target], latents: Latents, ops: Ops, structure: Structure = MAIN
) -> Array:
    """The targets' values on their working scales, (..., target), in the order given.

    Parameters
    ----------
    targets
        Quantities, each in its own world.
    latents
        As `equations` takes them, all with the same leading dims.
    structure
        A rival structure, where it is not the main one.
    """
    if not targets:
        return latents["danger_gap"][..., None][..., :0]
    families: dict[Callable[..., Array] | None, list[int]] = {}
    for i, item in enumerate(targets):
        families.setdefault(_ON_AXIS.get(item.quantity.name), []).append(i)
    pieces = []
    for family, members in families.items():
        chosen = [targets[i] for i in members]
        if family is None:
            pieces += _each(chosen, latents, ops, structure)
        else:
            asked = [item.quantity for item in chosen]
            pace = _axis_worlds(chosen, latents, ops, structure)
            pieces.append(family(asked, pace, ops, structure))
    order = np.argsort([i for members in families.values() for i in members])
    return ops.join_last(pieces)[..., order]


def _axis_worlds(
    targets: Sequence[Target], latents: Latents, ops: Ops, structure: Structure
) -> dict[str, Array]:
    """The latents of the capability axis, one world per target: (..., target)."""
    pace = {name: latents[name][..., None] for name in AXIS}
    given = [item.given for item in targets]
    for name in AXIS:
        values = np.array([_values(name, conditions) for conditions in given])
        held = np.isfinite(values)
        if held.any():
            pace[name] = ops.where(held, np.where(held, values, 0.0), pace[name])
    if any(_dated(conditions) for conditions in given):
        pace[SOLVED_FOR] = _solved(given, pace, ops, structure)
    return pace


def _years(asked: Sequence[Quantity], pace: Latents, ops: Ops, structure: Structure) -> Array:
    years = arrival(_speeds(asked, pace, ops), pace, ops, structure)
    return ops.log(REFERENCE_YEAR - EPOCH + years)


def _spans(
    count: Callable[[Array, Latents, Ops, Structure], Array],
    asked: Sequence[Quantity],
    pace: Latents,
    ops: Ops,
    structure: Structure,
) -> Array:
    lower, upper = (
        count(_speeds(asked, pace, ops, which), pace, ops, structure) for which in (0, 1)
    )
    return ops.log(upper - lower + DURATION_OFFSET)


def _progress(speed: Array, pace: Latents, ops: Ops, structure: Structure) -> Array:
    del structure  # what progress costs is the same in all of them
    return progress(speed, pace, ops)


def _bursts(asked: Sequence[Quantity], pace: Latents, ops: Ops, structure: Structure) -> Array:
    amount = np.array([q.arguments[0] for q in asked])
    return ops.log(years_for_progress(amount, pace, ops, structure) + DURATION_OFFSET)


_ON_AXIS: Mapping[str, Callable[[Sequence[Quantity], Latents, Ops, Structure], Array]] = {
    "year_automation": _years,
    "year_at_speedup": _years,
    "years_between_speedups": partial(_spans, arrival),
    "progress_between_speedups": partial(_spans, _progress),
    "years_for_progress": _bursts,
}
"""Quantities of the capability axis alone, each kind computed as one vector (..., target)."""


def _each(
    targets: Sequence[Target], latents: Latents, ops: Ops, structure: Structure
) -> list[Array]:
    """The other quantities one by one (..., 1), with one pass of the equations per world."""
    worlds: dict[Conditions, tuple[dict[str, Array], dict[str, Array]]] = {}
    pieces = []
    for item in targets:
        if item.given not in worlds:
            world = intervene(latents, item.given, ops, structure)
            worlds[item.given] = world, equations(world, ops, structure)
        pieces.append(_one(item.quantity, *worlds[item.given], ops)[..., None])
    return pieces


def _one(quantity: Quantity, world: Latents, derived: Latents, ops: Ops) -> Array:
    """One quantity that is not on the capability axis alone, on its working scale, (...)."""
    name = quantity.name
    if name == "scheming_at":
        beyond = float(np.log10(quantity.arguments[0])) - SCHEMING_ANCHOR
        return world["scheming"] + world["scheming_slope"] * beyond
    if name in ("year_useful", "year_dangerous"):
        years = derived[f"years_to_{name.removeprefix('year_')}"]
        return ops.log(REFERENCE_YEAR - EPOCH + _pick(years, quantity))
    if name in GATES:
        return _gate(derived[name], quantity)
    value = _pick(world[name] if name in LATENT_DIMS else derived[name], quantity)
    if quantity.scale == "log_duration":
        return ops.log(value + DURATION_OFFSET)
    if quantity.scale == "logit" and name not in LOGITS:
        inside = ops.minimum(ops.maximum(value, SMALLEST_SHARE), 1 - SMALLEST_SHARE)
        return ops.log(inside) - ops.log1p(-inside)
    return value


def _pick(array: Array, quantity: Quantity) -> Array:
    """The coordinate of a vector quantity that is asked for."""
    coords, dims = load_argument().coords, dims_of(quantity.name)
    index = (coords[dim].index(c) for dim, c in zip(dims, quantity.coords, strict=True))
    return array[(..., *index)]


def _gate(passed: Array, quantity: Quantity) -> Array:
    """A gate for one factor, for any or for all, as 0 or 1."""
    if quantity.coords == ("any",):
        return passed.any(axis=-1) * 1.0
    if quantity.coords == ("all",):
        return passed.all(axis=-1) * 1.0
    return _pick(passed, quantity) * 1.0
