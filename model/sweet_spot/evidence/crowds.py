"""Crowds: many anonymous people of one cluster or source, their statements gathered in rows.

Where more than `MOST_ALONE` people of a cluster have spoken they are exchangeable (MODEL.md section
5); people in no cluster who answered one source share that, and it is their cluster. A row holds
all statements that have one location and one scale in the likelihood, by their number, mean and
squared distances from it. How many rows there are does not depend on how many people speak.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import special

from sweet_spot.argument.quantities import Quantity, from_working
from sweet_spot.evidence.reading import SourcedStatement

MOST_ALONE = 30
"""So many people of a cluster or source keep a disposition each; more of them are a crowd."""

BOUNDS = 64
"""Classes of bounds: of "never", "> 2100" and the like."""
DIGITS = 10
"""Decimals, working scale: smaller differences are rounding."""

KEYS = (
    "crowd", "question", "target", "form", "side", "curvature", "score", "threshold", "people",
    "evidence", "source", "date", "dated", "verified", "start", "end",
)  # fmt: skip
"""In what the statements of a row agree, beside the class of what was said where it is a bound."""


@dataclass(frozen=True)
class Named:
    """A crowd: its labels, and how many people it has."""

    expert: str
    cluster: str
    people: int


def crowds_among(statements: Sequence[SourcedStatement]) -> list[Named | None]:
    """The crowd that each statement belongs to, if any."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    keys = [_kept_with(item) for item in statements]
    for item, key in zip(statements, keys, strict=True):
        if key is not None:
            people[key].add(item.statement.expert)
    names = {
        key: Named(f"crowd of {key}", key, len(who))
        for key, who in people.items()
        if len(who) > MOST_ALONE
    }
    return [names.get(key) if key else None for key in keys]


def _kept_with(item: SourcedStatement) -> str | None:
    """Cluster, or else source, of an individual; a group that speaks as one is in no crowd."""
    said = item.statement
    if (said.people or 1) > 1:
        return None
    return said.cluster or item.source.title


@dataclass(frozen=True)
class Row:
    """A row of a crowd: the first of its statements stands for what they agree in.

    Attributes
    ----------
    first
        Index of that statement.
    count, observed, squares, spread
        How many statements; mean and sum of squared distances from it; the median of their stated
        spreads, NaN where none is.
    number
        Of the row among those of its crowd and question.
    quantiles
        5, 50 and 95 % of what was said.
    """

    first: int
    count: int
    observed: float
    squares: float
    spread: float
    number: int
    quantiles: tuple[float, float, float]


def rows_of(said: Mapping[str, np.ndarray]) -> list[Row]:
    """The rows of statements of crowds, given as columns: `KEYS`, `observed`, `spread`.

    The order of statements changes neither the rows nor what they hold.
    """
    topic = _code([said["crowd"], said["question"], said["form"], said["side"]])
    value = np.zeros(topic.size, np.int64)
    bound = np.flatnonzero(said["side"])
    value[bound] = _classes(topic[bound], said["observed"][bound])
    code = _code([*(said[name] for name in KEYS), value])
    order = np.lexsort((said["spread"], said["observed"], code))
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    place = _code([said["crowd"], said["question"]])[order[starts]]  # in rising order
    numbers = (np.arange(place.size) - np.searchsorted(place, place)).tolist()
    cells = np.split(order, starts[1:])
    return [_row(said, cell, number) for cell, number in zip(cells, numbers, strict=True)]


def _row(said: Mapping[str, np.ndarray], cell: np.ndarray, number: int) -> Row:
    values, spreads = said["observed"][cell], said["spread"][cell]
    spreads = spreads[spreads > 0]
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
    mean = float(values.mean())
    return Row(
        int(cell.min()), cell.size, mean,
        0.0 if said["side"][cell[0]] else float(((values - mean) ** 2).sum()),
        float(np.median(spreads)) if spreads.size else np.nan, number, (low, middle, high),
    )  # fmt: skip


def _code(columns: Sequence[np.ndarray]) -> np.ndarray:
    """One whole number for every combination of the columns' values, in their order."""
    code = np.zeros(columns[0].size, np.int64)
    for column in columns:
        values, index = np.unique(column, return_inverse=True)
        code = np.unique(code * values.size + index, return_inverse=True)[1]
    return code


def _classes(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The class of each bound among those of its group, of which there are at most `BOUNDS`."""
    found = np.zeros(values.size, np.int64)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    for rows in np.split(order, starts[1:]) if values.size else ():
        rounded = np.round(values[rows], DIGITS)
        edges = np.unique(rounded)
        if edges.size > BOUNDS:
            edges = np.unique(np.quantile(rounded, np.arange(1, BOUNDS) / BOUNDS))
        found[rows] = np.searchsorted(edges, rounded)
    return found


def summary(row: Row, form: str, side: int, quantity: Quantity, threshold: float) -> str:
    """What the statements of a row said, in one short line."""
    if form == "probability":
        own, unit = [100 * float(special.ndtr(q)) for q in row.quantiles], "%"
        at = float(from_working(quantity, threshold))
        about = f"P({quantity} < {at:.4g})"
    else:
        own, unit = [float(from_working(quantity, q)) for q in row.quantiles], quantity.unit
        about = "centres"
    low, middle, high = (f"{value:.6g}" for value in own)
    if side:
        return f"{row.count:,} statements: {about} {'>' if side > 0 else '<'} {middle} ({unit})"
    return f"{row.count:,} statements: {about} 5 %: {low}, 50 %: {middle}, 95 %: {high} ({unit})"


def day_number(day: dt.date | None) -> int:
    """A day as a whole number; 0 for none."""
    return 0 if day is None else day.toordinal()


def voices(table: xr.Dataset, rows: np.ndarray) -> tuple[int, int]:
    """How many statements, and of how many people, some rows stand for; `rows` is a mask.

    A table from before there were crowds has a statement in each row.
    """
    where = np.flatnonzero(rows)
    expert = table["expert"].to_numpy()[where]
    if "crowd" not in table:
        return where.size, np.unique(expert).size
    first = np.unique(expert, return_index=True)[1]
    people = np.maximum(table["crowd"].to_numpy()[where][first], 1)
    return int(table["count"].to_numpy()[where].sum()), int(people.sum())
