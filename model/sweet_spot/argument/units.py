"""Units in which a quantity may be stated, and the conversions between them.

Units of one family convert into each other, those of two families never do. Each family has one
own unit, in which the equations work.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sweet_spot.errors import InvalidRecord

Family = Literal[
    "calendar", "duration", "speed", "share", "slope", "logit slope", "log duration",
]  # fmt: skip

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Unit:
    """One unit: its family, and the size of one of it in the family's own unit.

    `log10` marks a ratio, which is the power of ten of the own unit and has no fixed size.
    """

    family: Family
    size: float = 1.0
    log10: bool = False


UNITS: Mapping[str, Unit] = {
    "year": Unit("calendar"),
    "years": Unit("duration"),
    "months": Unit("duration", 1 / 12),
    "weeks": Unit("duration", 7 / DAYS_PER_YEAR),
    "days": Unit("duration", 1 / DAYS_PER_YEAR),
    "dex": Unit("speed"),
    "multiplier": Unit("speed", log10=True),
    "share": Unit("share"),
    "fraction": Unit("share"),
    "probability": Unit("share"),
    "percent": Unit("share", 0.01),
    "per dex": Unit("slope"),
    "logit per dex": Unit("logit slope"),
    "log10 years": Unit("log duration"),
}
"""`year` is a date in decimal calendar years, `years` a length of time; dex = log10 multiplier."""


def unit_named(name: str) -> Unit:
    """The unit of a name.

    Raises
    ------
    InvalidRecord
        There is no such unit; the message lists near matches, or all units.
    """
    if name not in UNITS:
        near = difflib.get_close_matches(name, UNITS, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else f"write one of {', '.join(UNITS)}"
        raise InvalidRecord(f"{name!r} is not a unit; {hint}")
    return UNITS[name]


@cache
def units_like(name: str) -> tuple[str, ...]:
    """All units of the same family as one; raises InvalidRecord where there is no such unit."""
    family = unit_named(name).family
    return tuple(other for other, unit in UNITS.items() if unit.family == family)


def convert(value: float, unit: str, to: str) -> float:
    """A value in one unit, expressed in another of the same family.

    Raises
    ------
    InvalidRecord
        A unit is unknown, the two are of different families, or a multiplier is not positive.
    """
    source, wanted = unit_named(unit), unit_named(to)
    if source.family != wanted.family:
        raise InvalidRecord(
            f"{unit!r} cannot be converted to {to!r}; write one of {', '.join(units_like(to))}"
        )
    if unit == to:
        return value
    if source.log10 and value <= 0:
        raise InvalidRecord(f"a multiplier of {value:g} has no logarithm; it must be above 0")
    own = math.log10(value) if source.log10 else value * source.size
    # a float overflows above 308 dex, which no speed-up means
    return 10.0 ** min(own, 308.0) if wanted.log10 else own / wanted.size
