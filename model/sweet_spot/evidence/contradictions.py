"""Contradictions between the points of one person's distributions: levels, nesting, gaps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations
from typing import Any, Literal, NamedTuple

import numpy as np

from sweet_spot.argument.quantities import Quantity
from sweet_spot.argument.structure import GATES
from sweet_spot.evidence.repairs import TOLERANCE, Repair, difference, rising

Kind = Literal["conditional", "premises", "levels", "nested", "gap"]

MOST = 50
"""So many points of a quantity, and quantities of a person, are compared with all others."""
_WIDER = ("years_between_speedups", "progress_between_speedups")
_LATER = ("year_at_speedup", "years_for_progress")
_GAPS = ("year_at_speedup", "years_between_speedups")


class Stated(NamedTuple):
    """P(quantity < value) = level, as one statement says; the value in the quantity's own unit."""

    value: float
    level: float
    statement: str


@dataclass(frozen=True)
class Contradiction:
    """Numbers of one person that cannot all be right.

    Attributes
    ----------
    kind
        "conditional": P(c) P(U given c) > P(U). "premises": against their stated product.
        "levels": quantiles against probabilities of one quantity. "nested": an event more probable
        than one that contains it. "gap": between dates that do not leave it.
    terms
        What each number is the probability of.
    statements
        For each number, the statement that it is from.
    repair
        The numbers, the nearest that agree, and how far these are in log-odds.
    """

    kind: Kind
    expert: str
    terms: tuple[str, ...]
    statements: tuple[str, ...]
    repair: Repair

    def __str__(self) -> str:
        told = [
            f"    {term} = {said:.4g}{_nearest(near)} ({name})"
            for term, name, said, near in zip(
                self.terms, self.statements, self.repair.stated, self.repair.repaired, strict=True
            )
        ]
        product = "" if self.product is None else f"; the product is {self.product:.4g}"
        size = f"{self.repair.change:.3g}" if math.isfinite(self.repair.change) else "no finite"
        return "\n".join(
            [f"{self.expert}: {self.kind}, repaired by {size} in log-odds{product}", *told]
        )

    @property
    def product(self) -> float | None:
        """Of premises and conditionals: the product of all numbers but the last, stated one."""
        whole = self.kind in ("conditional", "premises")
        return math.prod(self.repair.stated[:-1]) if whole else None

    def to_json(self) -> dict[str, Any]:
        """As a plain object; what no finite change repairs is null."""
        repaired = [None if math.isnan(value) else value for value in self.repair.repaired]
        change = self.repair.change if math.isfinite(self.repair.change) else None
        return {
            "kind": self.kind, "expert": self.expert, "terms": list(self.terms),
            "statements": list(self.statements), "stated": list(self.repair.stated),
            "repaired": repaired, "change": change,
            "product": self.product,
        }  # fmt: skip


def _nearest(value: float) -> str:
    return "" if math.isnan(value) else f", nearest {value:.4g}"


def contradictions(
    expert: str, points: Mapping[Quantity, Sequence[Stated]]
) -> Iterator[Contradiction]:
    """All that contradicts itself in what one person said under one condition."""
    known = {
        quantity: sorted(points[quantity])[:MOST] for quantity in sorted(points, key=str)[:MOST]
    }
    for quantity, said in points.items():
        yield from _levels(expert, quantity, sorted(said))
    for inner, outer in permutations(known, 2):
        if _contains(outer, inner):
            yield from _nested(expert, (inner, known[inner]), (outer, known[outer]))
    dates = [quantity for quantity in known if quantity.name == _GAPS[0]]
    for gap in known:
        ends = [q for x in gap.arguments for q in dates if q.arguments == (x,)]
        if gap.name == _GAPS[1] and len(ends) == 2:
            yield from _gap(expert, gap, known[gap], [(q, known[q]) for q in ends])


def _term(quantity: Quantity, value: float, *, below: bool = True) -> str:
    return f"P({quantity} {'<' if below else '>'} {value:.6g})"


def _levels(expert: str, quantity: Quantity, said: Sequence[Stated]) -> Iterator[Contradiction]:
    """A distribution that falls: the stretches of it that a repair would level, each told once."""
    repair = rising([point.level for point in said], [point.value for point in said])
    if repair is None or len({point.statement for point in said}) < 2:
        return  # within one statement, `check` says more
    alike = groupby(range(len(said)), key=lambda k: str(repair.repaired[k]))
    for block in ([said[k] for k in several] for _, several in alike):
        own = rising([p.level for p in block], [p.value for p in block])
        if own is not None:
            terms = tuple(_term(quantity, point.value) for point in block)
            names = tuple(point.statement for point in block)
            yield Contradiction("levels", expert, terms, names, own)


def _contains(outer: Quantity, inner: Quantity) -> bool:
    """Whether outer < t always lies in inner < t: the outer quantity is never the smaller one."""
    if outer.name in GATES and inner.name in GATES:
        order = [list(GATES).index(quantity.name) for quantity in (outer, inner)]
        return order[0] <= order[1] and _rank(outer) >= _rank(inner) and _alike(outer, inner)
    if outer.name != inner.name:
        return False
    if outer.name in _LATER:
        return outer.arguments[0] >= inner.arguments[0]
    if outer.name in _WIDER:
        (start, end), (first, last) = outer.arguments, inner.arguments
        return start <= first and end >= last
    return False


def _rank(gate: Quantity) -> int:
    return {"all": 0, "any": 2}.get(gate.coords[0], 1)


def _alike(one: Quantity, other: Quantity) -> bool:
    """Whether two gates are of the same factor, or of one that comprises the other."""
    return one.coords == other.coords or _rank(one) != _rank(other)


def _nested(
    expert: str,
    smaller: tuple[Quantity, Sequence[Stated]],
    larger: tuple[Quantity, Sequence[Stated]],
) -> Iterator[Contradiction]:
    """The worst case of P(larger < t) > P(smaller < u) with t <= u."""
    worst = None
    for low in larger[1]:
        for high in smaller[1]:
            falls = low.value <= high.value and high.level < low.level * (1 - TOLERANCE)
            if falls and (worst is None or low.level - high.level > worst[0]):
                worst = (low.level - high.level, low, high)
    if worst is not None:
        _, low, high = worst
        terms = (_term(larger[0], low.value), _term(smaller[0], high.value))
        repair = rising((low.level, high.level))
        if repair is not None:
            names = (low.statement, high.statement)
            yield Contradiction("nested", expert, terms, names, repair)


def _gap(
    expert: str,
    gap: Quantity,
    said: Sequence[Stated],
    ends: Sequence[tuple[Quantity, Sequence[Stated]]],
) -> Iterator[Contradiction]:
    """The worst case of a gap that the dates at its ends exclude.

    With dates X and Y: P(Y - X < g) >= P(Y < y) - P(X < x) where y - x <= g, and
    P(Y - X > g) >= P(X < x) - P(Y < y) where y - x >= g.
    """
    (first, starts), (last, finishes) = ends
    at = np.array([p.value for p in finishes]) - np.array([p.value for p in starts])[:, None]
    lead = np.array([p.level for p in finishes]) - np.array([p.level for p in starts])[:, None]
    worst: tuple[float, Stated, int, int, bool] | None = None
    for point in said:
        for below in (True, False):
            room = point.level if below else 1 - point.level
            within = at <= point.value if below else at >= point.value
            excess = np.where(within, lead if below else -lead, -np.inf) - room
            k, m = divmod(int(np.argmax(excess)), len(finishes))
            if excess[k, m] > TOLERANCE and (worst is None or excess[k, m] > worst[0]):
                worst = (float(excess[k, m]), point, k, m, below)
    if worst is None:
        return
    _, point, k, m, below = worst
    start, finish = (first, starts[k]), (last, finishes[m])
    more, less = (finish, start) if below else (start, finish)
    room = point.level if below else 1 - point.level
    repair = difference(more[1].level, less[1].level, room)
    if repair is not None:
        terms = (
            *(_term(q, p.value) for q, p in (more, less)),
            _term(gap, point.value, below=below),
        )
        names = (more[1].statement, less[1].statement, point.statement)
        yield Contradiction("gap", expert, terms, names, repair)
