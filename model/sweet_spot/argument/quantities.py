"""The catalogue of what a question may ask about (MODEL.md section 4), with units and scales.

`parse` reads a quantity's name; `to_working` and `from_working` go between its own unit and the
scale on which beliefs about it are normal. `worlds.py` computes quantities from latents.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS, Array
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
        As in `years_between_speedups(5, 25)` or `work_share[safety_progress, conceptual]`. A
        condition on a whole vector latent has no coords.
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
        numbers = (f"{a:g}" if float(f"{a:g}") == a else repr(a) for a in self.arguments)
        return self.name + coords + (f"({', '.join(numbers)})" if self.arguments else "")


_ARGUMENTS: Mapping[str, tuple[int, str]] = {
    "year_at_speedup": (1, "year"),
    "years_between_speedups": (2, "years"),
    "progress_between_speedups": (2, "years"),  # human-pace years: the integral of cost alone
    "years_for_progress": (1, "years"),
    "scheming_at": (1, "share"),
}
"""Quantities with arguments: how many, and the quantity's unit."""
_YEARS: Mapping[str, tuple[str, ...]] = {
    "year_automation": (),
    "year_useful": ("factor",),
    "year_dangerous": (),
}
_BY_UNIT: Mapping[str, tuple[str, ...]] = {
    "dex": ("speedup_automation", "speedup_useful", "speedup_dangerous", "sweet_spot_width"),
    "years": (
        *("years_to_automation", "years_to_useful", "years_to_dangerous"),
        *("years_in_sweet_spot", "labour_years", "effective_years", "needed_years"),
    ),
    "share": ("evaluation_failure", "scheming_at_useful", "differential_sabotage", "labour_factor"),
    "year": tuple(_YEARS),
    "probability": GATES,
}
_UNITS = {
    **{name: unit for unit, names in _BY_UNIT.items() for name in names},
    **{name: unit for name, (_, unit) in _ARGUMENTS.items()},
}
"""Units of all but the latents, whose units stand in argument.yaml."""
_ATOMS = {"years_in_sweet_spot", "labour_years", "effective_years", *GATES}
_SCALES: Mapping[str, WorkingScale] = {
    "year": "log_year",
    "years": "log_duration",
    "share": "logit",
}
_NAME = re.compile(r"^([A-Za-z_0-9]+)\s*(?:\[([^\]]*)\])?(?:\(([^)]*)\))?$")
LARGEST_ARGUMENT = 1e12


def dims_of(name: str) -> tuple[str, ...]:
    """The dims of a quantity of the catalogue, by name."""
    if name in GATES:
        return ("factor",)
    return {**LATENT_DIMS, **DERIVED_DIMS, **_YEARS}.get(name, ())


def catalogue() -> tuple[str, ...]:
    """Names of all quantities, without arguments or coordinates."""
    return (*LATENT_DIMS, *DERIVED_DIMS, *_YEARS, *_ARGUMENTS, *GATES)


def parse(text: str, *, whole: bool = False) -> Quantity:
    """The quantity that a name means: `year_at_speedup(25)`, `investment[safety_progress]`.

    Parameters
    ----------
    whole
        Let a vector latent stand without coordinates, as a condition on all of it does.

    Raises
    ------
    UnknownQuantity
        The name, a coordinate or an argument does not fit; the message lists near matches.
    """
    found = _NAME.match(text.strip())
    name = found[1] if found else re.split(r"[\[(]", text)[0].strip()
    if name not in catalogue():
        near = difflib.get_close_matches(name, catalogue(), n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise UnknownQuantity(f"{text!r} is not a quantity of the catalogue{hint}")
    if found is None:
        raise UnknownQuantity(f"{text!r}: write {_example(name)}")
    coords = tuple(c.strip() for c in found[2].split(",")) if found[2] else ()
    if coords or not (whole and name in LATENT_DIMS):
        _check_coords(text, name, coords)
    arguments = _read_arguments(text, name, found[3])
    unit = _UNITS[name] if name in _UNITS else load_argument().latents[name].unit
    return Quantity(name, arguments, coords, unit, _SCALES.get(unit, "identity"), name in _ATOMS)


def _read_arguments(text: str, name: str, inside: str | None) -> tuple[float, ...]:
    """The numbers in parentheses: as many as the quantity takes; speed-ups of 1 or more, rising."""
    try:
        arguments = tuple(float(a) for a in inside.split(",")) if inside else ()
    except ValueError as error:
        raise UnknownQuantity(f"{text!r}: the arguments in parentheses must be numbers") from error
    wanted = _ARGUMENTS[name][0] if name in _ARGUMENTS else 0
    if len(arguments) != wanted or any(not 0 < a < LARGEST_ARGUMENT for a in arguments):
        raise UnknownQuantity(f"{text!r}: {name} takes {wanted} positive arguments in parentheses")
    if name != "years_for_progress" and any(a < 1 for a in arguments):
        raise UnknownQuantity(f"{text!r}: a speed-up is a factor of 1 or more: {_example(name)}")
    if wanted == 2 and not arguments[0] < arguments[1]:
        raise UnknownQuantity(f"{text!r}: the second speed-up must be larger than the first")
    return arguments


def _example(name: str) -> str:
    """How the quantity is written."""
    coords = ", ".join(load_argument().coords[dim][0] for dim in dims_of(name))
    arguments = ", ".join(("5", "25")[: _ARGUMENTS[name][0]]) if name in _ARGUMENTS else ""
    return name + (f"[{coords}]" if coords else "") + (f"({arguments})" if arguments else "")


def _check_coords(text: str, name: str, coords: tuple[str, ...]) -> None:
    dims, known = dims_of(name), load_argument().coords
    if name in GATES and coords in (("any",), ("all",)):
        return
    if len(coords) != len(dims):
        wanted = f"write {_example(name)}" if dims else f"{name} has no coordinates"
        raise UnknownQuantity(f"{text!r}: {wanted}{', [any] or [all]' * (name in GATES)}")
    for dim, coord in zip(dims, coords, strict=True):
        if coord not in known[dim]:
            raise UnknownQuantity(
                f"{text!r}: {coord!r} is not a {dim}; write {', '.join(known[dim])}"
            )


def to_working(quantity: Quantity, value: Array) -> Array:
    """Values in the quantity's own unit, on its working scale; NumPy arrays or floats.

    Shares of 0 and 1 and calendar years at or before EPOCH give infinities; shares outside them
    and durations below -DURATION_OFFSET give NaN.
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
            return special.expit(working)
        case "identity":
            return working
