"""Premises of a what-if, read and in words: an event to learn, a value to set, a move to make."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweet_spot.answers.numbers import MINUS, TIMES, number, share
from sweet_spot.argument.conditions import how_to_write, read_value
from sweet_spot.argument.moves import Move
from sweet_spot.argument.quantities import Quantity, parse, to_working
from sweet_spot.argument.structure import LOGITS
from sweet_spot.errors import UnknownQuantity

COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_EVENT = re.compile(r"^(.+?)(>=|<=|>|<)(.+)$")


@dataclass(frozen=True)
class Event:
    """A quantity above or below a value in its own unit; `working` is that on its working scale."""

    quantity: Quantity
    sign: str
    value: float
    working: float

    @property
    def compare(self) -> Callable[[Any, Any], Any]:
        """The comparison, for arrays."""
        return COMPARE[self.sign]

    def __str__(self) -> str:
        return f"{self.quantity} {self.sign} {amount(self.quantity, self.value)}"


def read_event(text: str) -> Event:
    """An event such as `years_bought > 1` or `investment[safety_progress] > 20%`.

    Raises
    ------
    UnknownQuantity
        It is not a comparison, the quantity is unknown, or the value cannot be one of it.
    """
    found = _EVENT.match(text.strip())
    if found is None:
        raise UnknownQuantity(
            f"{text[:60]!r} is not an event; write a quantity, one of {' '.join(COMPARE)}, and a"
            " value, as in 'years_bought > 1'"
        )
    quantity = parse(found[1])
    value = read_value(quantity, found[3])
    working = float(to_working(quantity, value))
    if not np.isfinite(value) or np.isnan(working):
        raise UnknownQuantity(f"{text}: {quantity} has no such value; {how_to_write(quantity)}")
    return Event(quantity, found[2], value, working)


def amount(quantity: Quantity, value: float) -> str:
    """A value of a quantity with its unit."""
    if quantity.unit in ("share", "probability"):
        return share(value)
    if quantity.unit == "year":
        return number(value, "year")
    return f"{number(value, quantity.unit)} {quantity.unit}"


def value_in_words(quantity: Quantity, value: float) -> str:
    """`years_bought = 2 years`."""
    return f"{quantity} = {amount(quantity, value)}"


def in_words(move: Move) -> str:
    """A move: `years_bought + 2 years`, `odds of investment x 2`, `scheming at most 10 %`."""
    quantity, value = move.quantity, move.value
    match move.how:
        case "set":
            return value_in_words(quantity, value)
        case "multiply":
            odds = "odds of " if quantity.name in LOGITS else ""
            return f"{odds}{quantity} {TIMES} {value:g}"
        case "add":
            sign = "+" if value >= 0 else MINUS
            return f"{quantity} {sign} {amount(quantity, abs(value))}"
        case "at_least":
            return f"{quantity} at least {amount(quantity, value)}"
        case _:
            return f"{quantity} at most {amount(quantity, value)}"
