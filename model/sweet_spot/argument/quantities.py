"""The catalogue of what a question may ask about (MODEL.md section 4).

`parse` reads a quantity's name, `evaluate` computes quantities on their working scale from latents,
each in its own intervened world, with NumPy or PyTensor.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import (
    DERIVED_DIMS,
    GATES,
    LATENT_DIMS,
    LN10,
    SCHEMING_ANCHOR,
    Array,
    Ops,
    arrival,
    equations,
    growth_integral,
    power10,
)
from sweet_spot.errors import UnknownQuantity

REFERENCE_YEAR = 2026.0
"""Decimal year of the reference date, 2026-01-01."""
EPOCH = 2024.0
"""Calendar years work as log(year - EPOCH)."""
DURATION_OFFSET = 0.02
"""Durations work as log(years + DURATION_OFFSET), so that zero has a finite place."""

WorkingScale = Literal["log_year", "log_duration", "logit", "identity"]


@dataclass(frozen=True)
class Quantity:
    """One quantity of the catalogue, with its arguments.

    Attributes
    ----------
    name, arguments, coords
        As in `years_between_speedups(5, 25)` or `work_share[safety_progress, conceptual]`.
    unit
        Own unit: year, years, dex, share, "per dex", "logit per dex", "log10 years", "probability".
    scale
        Working scale, on which beliefs are normal.
    has_atom
        Part of its mass sits on one value, so that it serves checks only.
    """

    name: str
    arguments: tuple[float, ...]
    coords: tuple[str, ...]
    unit: str
    scale: WorkingScale
    has_atom: bool

    def __str__(self) -> str:
        coords = f"[{', '.join(self.coords)}]" if self.coords else ""
        arguments = f"({', '.join(f'{a:g}' for a in self.arguments)})" if self.arguments else ""
        return self.name + coords + arguments


_SPEEDS = {
    "year_at_speedup": (1, "year"),
    "years_between_speedups": (2, "years"),
    "progress_between_speedups": (2, "years"),
    "years_for_progress": (1, "years"),
    "scheming_at": (1, "share"),
}
_YEARS = {"year_automation": (), "year_useful": ("factor",), "year_dangerous": ()}
_UNITS = {
    "speedup_automation": "dex", "speedup_useful": "dex", "speedup_dangerous": "dex",
    "sweet_spot_width": "dex", "years_to_automation": "years", "years_to_useful": "years",
    "years_to_dangerous": "years", "years_in_sweet_spot": "years", "labour_years": "years",
    "evaluation_failure": "share", "scheming_at_useful": "share", "differential_sabotage": "share",
    "labour_factor": "share", "effective_years": "years", "needed_years": "years",
}  # fmt: skip
_ATOMS = {"years_in_sweet_spot", "labour_years", "effective_years", *GATES}
_SCALES: dict[str, WorkingScale] = {"year": "log_year", "years": "log_duration", "share": "logit"}
_NAME = re.compile(r"^([a-z_]+)(?:\[([a-z_, ]+)\])?(?:\(([0-9eE.,+\- ]+)\))?$")


def _dims(name: str) -> tuple[str, ...]:
    if name in GATES:
        return ("factor",)
    return {**LATENT_DIMS, **DERIVED_DIMS, **_YEARS}.get(name, ())


def catalogue() -> tuple[str, ...]:
    """Names of all quantities, without arguments or coordinates."""
    return (*LATENT_DIMS, *DERIVED_DIMS, *_YEARS, *_SPEEDS, *GATES)


def _unit(name: str) -> str:
    if name in LATENT_DIMS:
        return load_argument().latents[name].unit
    if name in _SPEEDS:
        return _SPEEDS[name][1]
    if name in _YEARS:
        return "year"
    return _UNITS.get(name, "probability")


def parse(text: str) -> Quantity:
    """The quantity that a name such as `year_at_speedup(25)` or `investment[safety_progress]` means.

    Raises
    ------
    UnknownQuantity
        The name, a coordinate or an argument does not fit; the message lists near matches.
    """
    found = _NAME.match(text.strip())
    name = found[1] if found else text.strip()
    if found is None or name not in catalogue():
        near = difflib.get_close_matches(name, catalogue(), n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise UnknownQuantity(f"{text!r} is not a quantity of the catalogue{hint}")
    coords = tuple(c.strip() for c in found[2].split(",")) if found[2] else ()
    try:
        arguments = tuple(float(a) for a in found[3].split(",")) if found[3] else ()
    except ValueError as error:
        raise UnknownQuantity(f"{text!r}: the arguments in parentheses must be numbers") from error
    wanted = _SPEEDS[name][0] if name in _SPEEDS else 0
    if len(arguments) != wanted or any(not 0 < a < 1e12 for a in arguments):
        raise UnknownQuantity(f"{text!r}: {name} takes {wanted} positive arguments in parentheses")
    _check_coords(text, name, coords)
    unit = _unit(name)
    return Quantity(name, arguments, coords, unit, _SCALES.get(unit, "identity"), name in _ATOMS)


def _check_coords(text: str, name: str, coords: tuple[str, ...]) -> None:
    dims = _dims(name)
    known = load_argument().coords
    if name in GATES and coords in (("any",), ("all",)):
        return
    if len(coords) != len(dims):
        example = ", ".join(known[dim][0] for dim in dims)
        raise UnknownQuantity(
            f"{text!r}: write {name}[{example}]" if dims else f"{text!r}: {name} has no coordinates"
        )
    for dim, coord in zip(dims, coords, strict=True):
        if coord not in known[dim]:
            raise UnknownQuantity(f"{text!r}: {coord!r} is not a {dim}; write {', '.join(known[dim])}")


def to_working(quantity: Quantity, value: Array) -> Array:
    """Values in the quantity's own unit, on its working scale; NumPy arrays or floats.

    Shares of 0 and 1 and calendar years at or before EPOCH give infinities.
    """
    value = np.asarray(value, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        match quantity.scale:
            case "log_year":
                return np.log(np.maximum(value - EPOCH, 0.0))
            case "log_duration":
                return np.log(value + DURATION_OFFSET)
            case "logit":
                return np.log(value) - np.log1p(-value)
            case "identity":
                return value


def from_working(quantity: Quantity, working: Array) -> Array:
    """The inverse of `to_working`."""
    working = np.asarray(working, float)
    match quantity.scale:
        case "log_year":
            return EPOCH + np.exp(working)
        case "log_duration":
            return np.exp(working) - DURATION_OFFSET
        case "logit":
            return 1 / (1 + np.exp(-working))
        case "identity":
            return working
