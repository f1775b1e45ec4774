"""Evaluates quantities in intervened worlds: what a conditional forecast is about.

An intervention sets a latent and recomputes what follows (MODEL.md sections 3 and 4). A condition on
a date is met by solving for the latent it names, in which the date is linear. All quantities that
depend on the capability axis alone are computed together as one vector, which keeps the compiled
graph small; the rest share one pass of the equations per world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweet_spot.argument.quantities import (
    DURATION_OFFSET,
    EPOCH,
    REFERENCE_YEAR,
    Quantity,
    parse,
    to_working,
)
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import (
    GATES,
    LATENT_DIMS,
    SCHEMING_ANCHOR,
    Array,
    Ops,
    arrival,
    arrival_parts,
    equations,
    progress,
    years_for_progress,
)
from sweet_spot.errors import UnknownQuantity

SOLVABLE = ("year_automation", "year_at_speedup")
"""Derived quantities that a condition may fix, through `years_per_dex_before`."""
SOLVED_FOR = "years_per_dex_before"
SHORTEST = 1e-3
"""Floor of the solved cost of a dex: the date asked for may lie before what the rest allows."""

_AXIS = (
    "current_speedup", "automation_gap", "years_per_dex_before", "years_per_dex_after",
    "diminishing_returns",
)  # fmt: skip
_ALREADY_LOGIT = frozenset(n for n, lat in load_argument().latents.items() if lat.scale == "logit")
_ON_AXIS = {
    "year_automation", "year_at_speedup", "years_between_speedups", "progress_between_speedups",
    "years_for_progress",
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A quantity in the world that a condition describes.

    `given` holds (quantity, value in its own unit); `via` the latent solved for, where one of them
    is derived.
    """

    quantity: Quantity
    given: tuple[tuple[Quantity, float], ...] = ()
    via: str | None = None


def target(quantity: str, given: Mapping[str, float] | None = None, via: str | None = None) -> Target:
    """A target from names; raises UnknownQuantity where a condition cannot be made so."""
    conditions = tuple((parse(name), float(value)) for name, value in (given or {}).items())
    derived = [q.name for q, _ in conditions if q.name not in LATENT_DIMS]
    if any(name not in SOLVABLE for name in derived) or len(derived) > 1:
        raise UnknownQuantity(
            f"given {', '.join(derived)}: a condition may fix latents and one of {', '.join(SOLVABLE)}"
        )
    if derived and via != SOLVED_FOR:
        raise UnknownQuantity(f"given {derived[0]}: name the latent solved for, `via: {SOLVED_FOR}`")
    return Target(parse(quantity), conditions, via if derived else None)


def _latent_value(quantity: Quantity, value: float) -> float:
    """A value in the latent's own unit as the latent is written in the equations (logits for shares)."""
    return float(to_working(quantity, value)) if quantity.scale == "logit" else value


def intervene(
    latents: Mapping[str, Array], given: Sequence[tuple[Quantity, float]], ops: Ops
) -> dict[str, Array]:
    """The latents with some set to a value (a vector latent as a whole or by coordinate).

    Conditions on latents come first, then the one on a date, solved for `SOLVED_FOR`.
    """
    world = dict(latents)
    for quantity, value in (c for c in given if c[0].name in LATENT_DIMS):
        old, new = world[quantity.name], _latent_value(quantity, value)
        if quantity.coords:
            world[quantity.name] = ops.where(_mask(quantity), new, old)
        else:
            world[quantity.name] = old * 0 + new
    for quantity, value in (c for c in given if c[0].name not in LATENT_DIMS):
        speed = _speed(quantity, world)
        before, after = arrival_parts(speed, world, ops)
        rest = value - REFERENCE_YEAR - world["years_per_dex_after"] * after
        world[SOLVED_FOR] = ops.maximum(rest / ops.maximum(before, 1e-12), SHORTEST)
    return world


def _mask(quantity: Quantity) -> np.ndarray:
    coords = load_argument().coords
    dims = LATENT_DIMS[quantity.name]
    mask = np.zeros(tuple(len(coords[dim]) for dim in dims), bool)
    mask[tuple(coords[d].index(c) for d, c in zip(dims, quantity.coords, strict=True))] = True
    return mask


def _speed(quantity: Quantity, world: Mapping[str, Array]) -> Array:
    if quantity.name == "year_automation":
        return world["current_speedup"] + world["automation_gap"]
    return float(np.log10(quantity.arguments[0]))


def evaluate(targets: Sequence[Target], latents: Mapping[str, Array], ops: Ops) -> Array:
    """The targets' values on their working scales, (..., target), in the order given."""
    on_axis = [i for i, t in enumerate(targets) if t.quantity.name in _ON_AXIS]
    others = [i for i in range(len(targets)) if i not in set(on_axis)]
    pieces = [_on_axis([targets[i] for i in on_axis], latents, ops)] if on_axis else []
    worlds: dict[tuple[tuple[Quantity, float], ...], tuple[dict[str, Array], dict[str, Array]]] = {}
    for i in others:
        given = targets[i].given
        if given not in worlds:
            world = intervene(latents, given, ops)
            worlds[given] = world, equations(world, ops)
        pieces.append(_one(targets[i].quantity, *worlds[given], ops)[..., None])
    order = np.argsort(np.array(on_axis + others, int))
    return ops.join_last(pieces)[..., order]


def _axis_worlds(
    targets: Sequence[Target], latents: Mapping[str, Array], ops: Ops
) -> dict[str, Array]:
    """The latents of the capability axis, one world per target: (..., target)."""
    pace = {name: latents[name][..., None] for name in _AXIS}
    for name in _AXIS:
        set_to = np.array([dict((q.name, v) for q, v in t.given).get(name, np.nan) for t in targets])
        if np.isfinite(set_to).any():
            pace[name] = ops.where(np.isfinite(set_to), np.nan_to_num(set_to), pace[name])
    dated = [next(((q, v) for q, v in t.given if q.name in SOLVABLE), None) for t in targets]
    if not any(dated):
        return pace
    years = np.array([d[1] if d else REFERENCE_YEAR for d in dated])
    speed = _speeds([d[0] if d else t.quantity for d, t in zip(dated, targets, strict=True)], pace, ops)
    before, after = arrival_parts(speed, pace, ops)
    rest = years - REFERENCE_YEAR - pace["years_per_dex_after"] * after
    solved = ops.maximum(rest / ops.maximum(before, 1e-12), SHORTEST)
    met = np.array([d is not None for d in dated])
    return {**pace, SOLVED_FOR: ops.where(met, solved, pace[SOLVED_FOR])}


def _speeds(
    quantities: Sequence[Quantity], pace: Mapping[str, Array], ops: Ops, which: int = -1
) -> Array:
    """The speed that each quantity names (its last argument, or automation), in dex."""
    named = np.array([np.log10(q.arguments[which]) if q.arguments else np.nan for q in quantities])
    automation = pace["current_speedup"] + pace["automation_gap"]
    if np.isfinite(named).all():
        return named
    return ops.where(np.isfinite(named), np.nan_to_num(named), automation)


def _on_axis(targets: Sequence[Target], latents: Mapping[str, Array], ops: Ops) -> Array:
    """Quantities of the capability axis together, (..., target), on their working scales."""
    families = {
        name: [i for i, t in enumerate(targets) if t.quantity.name in names]
        for name, names in {
            "year": ("year_automation", "year_at_speedup"),
            "gap": ("years_between_speedups",),
            "cost": ("progress_between_speedups",),
            "burst": ("years_for_progress",),
        }.items()
    }
    pieces, order = [], []
    for family, members in families.items():
        if not members:
            continue
        chosen = [targets[i] for i in members]
        asked = [t.quantity for t in chosen]
        pace = _axis_worlds(chosen, latents, ops)
        if family == "year":
            years = arrival(_speeds(asked, pace, ops), pace, ops)
            pieces.append(ops.log(REFERENCE_YEAR - EPOCH + years))
        elif family == "burst":
            amount = np.array([q.arguments[0] for q in asked])
            pieces.append(ops.log(years_for_progress(amount, pace, ops) + DURATION_OFFSET))
        else:
            count = arrival if family == "gap" else progress
            upper, lower = (_speeds(asked, pace, ops, which) for which in (1, 0))
            pieces.append(ops.log(count(upper, pace, ops) - count(lower, pace, ops) + DURATION_OFFSET))
        order += members
    return ops.join_last(pieces)[..., np.argsort(order)]


def _one(
    quantity: Quantity, world: Mapping[str, Array], derived: Mapping[str, Array], ops: Ops
) -> Array:
    """One quantity that is not on the capability axis alone, on its working scale, (...)."""
    name = quantity.name
    if name == "scheming_at":
        dex = float(np.log10(quantity.arguments[0])) - SCHEMING_ANCHOR
        return world["scheming"] + world["scheming_slope"] * dex
    if name in ("year_useful", "year_dangerous"):
        years = derived[f"years_to_{name.removeprefix('year_')}"]
        return ops.log(REFERENCE_YEAR - EPOCH + _pick(years, quantity))
    if name in GATES:
        return _gate(derived[name], quantity)
    value = _pick(world[name] if name in LATENT_DIMS else derived[name], quantity)
    if quantity.scale == "log_duration":
        return ops.log(value + DURATION_OFFSET)
    if quantity.scale == "logit" and name not in _ALREADY_LOGIT:
        inside = ops.minimum(ops.maximum(value, 1e-12), 1 - 1e-12)
        return ops.log(inside) - ops.log1p(-inside)
    return value


def _pick(array: Array, quantity: Quantity) -> Array:
    """The coordinate of a vector quantity that is asked for."""
    coords = load_argument().coords
    dims = [dim for c in quantity.coords for dim in coords if c in coords[dim]]
    index = tuple(coords[d].index(c) for d, c in zip(dims, quantity.coords, strict=True))
    return array[(..., *index)]


def _gate(passed: Array, quantity: Quantity) -> Array:
    """A gate for one factor, for any or for all, as 0 or 1."""
    if quantity.coords == ("any",):
        return passed.any(axis=-1) * 1.0
    if quantity.coords == ("all",):
        return passed.all(axis=-1) * 1.0
    return _pick(passed, quantity) * 1.0
