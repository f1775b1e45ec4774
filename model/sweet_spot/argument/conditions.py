"""What a conditional forecast or an intervention may fix, and at what (MODEL.md section 4)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sweet_spot.argument.quantities import Quantity, parse
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import LATENT_DIMS
from sweet_spot.errors import UnknownQuantity

Conditions = tuple[tuple[Quantity, float], ...]
"""Quantities and values in their own unit: latents first, whole vectors before coordinates."""

SOLVABLE = ("year_automation", "year_at_speedup")
"""Derived quantities that a condition may fix, through `SOLVED_FOR`, in which they are linear."""
SOLVED_FOR = "years_per_dex_before"
_COSTS = (SOLVED_FOR, "years_per_dex_after")


def conditions(given: Mapping[str, float] | None = None, via: str | None = None) -> Conditions:
    """Conditions from names and values, in an order that does not depend on how they were written.

    Parameters
    ----------
    given
        Latents, whole (`investment`) or by coordinate (`investment[safety_progress]`), and at most
        one of `SOLVABLE`, each with a value in its own unit: a share for a logit latent.
    via
        The latent solved for where a derived quantity is given; only `SOLVED_FOR` can be.

    Raises
    ------
    UnknownQuantity
        A name is unknown, a value is outside the quantity's range, or the conditions contradict
        each other; the message says which.
    """
    fixed = {parse(name, whole=True): float(value) for name, value in (given or {}).items()}
    derived = [quantity for quantity in fixed if quantity.name not in LATENT_DIMS]
    if via not in (None, SOLVED_FOR):
        raise UnknownQuantity(f"via {via}: only {SOLVED_FOR} can be solved for")
    if len(derived) > 1 or any(quantity.name not in SOLVABLE for quantity in derived):
        raise UnknownQuantity(
            f"given {', '.join(map(str, derived))}: a condition may fix latents"
            f" and one of {', '.join(SOLVABLE)}"
        )
    if derived and via is None:
        raise UnknownQuantity(f"given {derived[0]}: name the latent solved for, via: {SOLVED_FOR}")
    if derived and any(quantity.name == SOLVED_FOR for quantity in fixed):
        raise UnknownQuantity(f"given {derived[0]}: {SOLVED_FOR} is solved for, so not given too")
    for quantity, value in fixed.items():
        check_value(quantity, value)
    _check_shares(fixed)
    return tuple(sorted(fixed.items(), key=lambda c: (c[0] in derived, *_rank(c[0]))))


def _rank(quantity: Quantity) -> tuple[bool, str]:
    """Whole vectors before their coordinates, then by name."""
    return bool(quantity.coords), str(quantity)


def read_value(quantity: Quantity, value: float | str) -> float:
    """A value as people write it, in the quantity's own unit: 0.2 and "20%" are the same share.

    Raises
    ------
    UnknownQuantity
        It is not a number, or a percentage of something that is no share.
    """
    if not isinstance(value, str):
        return float(value)
    text = value.strip()
    percent = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = math.nan
    if math.isnan(number) or (percent and quantity.unit not in ("share", "probability")):
        raise UnknownQuantity(f"{quantity} = {text[:40]!r}: {how_to_write(quantity)}")
    return number / 100 if percent else number


def how_to_write(quantity: Quantity) -> str:
    """What a value of the quantity looks like, as a remedy."""
    if quantity.unit in ("share", "probability"):
        return f"write a {quantity.unit}, as in 0.2 or 20%"
    if quantity.unit == "year":
        return "write a calendar year, as in 2030.5"
    return f"write a number of {quantity.unit}, without the unit"


def check_value(quantity: Quantity, value: float) -> None:
    """Shares lie between 0 and 1, log latents are not negative, truncated ones not below that.

    Raises
    ------
    UnknownQuantity
        The quantity cannot be set to the value.
    """
    low, high = -math.inf, math.inf
    latent = load_argument().latents.get(quantity.name)
    if quantity.scale == "logit":
        low, high = 0.0, 1.0
    elif latent is not None and latent.scale == "log":
        low = 0.0
    elif latent is not None and latent.prior.above is not None:
        low = latent.prior.above
    if not math.isfinite(value) or not low <= value <= high:
        raise UnknownQuantity(
            f"given {quantity} = {value}: it lies between {low:g} and {high:g};"
            f" {how_to_write(quantity)}"
        )
    if quantity.name in _COSTS and value == 0:
        raise UnknownQuantity(f"given {quantity} = 0: progress costs something")


def _check_shares(fixed: Mapping[Quantity, float]) -> None:
    """The shares of work set for a factor leave just what is left for the kinds not set."""
    kinds = len(load_argument().coords["work"])
    of_factor: dict[str, list[float]] = {}
    for quantity, value in fixed.items():
        if quantity.name == "work_share":
            if not quantity.coords:
                raise UnknownQuantity("given work_share: set its shares one by one")
            of_factor.setdefault(quantity.coords[0], []).append(value)
    for factor, shares in of_factor.items():
        total = math.fsum(shares)
        if total > 1 + 1e-9 or (len(shares) == kinds and total < 1 - 1e-9):
            raise UnknownQuantity(f"given work_share[{factor}, ...]: the shares sum to {total:g}")
