"""SHELF judgements as its apps write them: quantiles, roulette of several or one, sessions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import (
    MISSING,
    Imported,
    Row,
    Settings,
    number,
)
from sweet_spot.evidence.importers.moments import plain
from sweet_spot.evidence.importers.wide import wide_rows

NAMED = {"T1": 1 / 3, "Q1": 0.25, "M": 0.5, "T2": 2 / 3, "Q3": 0.75}
"""Rows of a session: tertiles or quartiles around the median."""

LIMITS = "plausible limits, which SHELF fits no quantile to"
_NUMBER = r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_BIN = re.compile(rf"[\[(]\s*({_NUMBER})\s*[-,]\s*({_NUMBER})\s*[\])]")
_MANGLED = re.compile(r"X\.([0-9]+)\.([0-9]+)\.")

Edges = tuple[float, float]


def read(path: Path, settings: Settings) -> Sequence[Imported]:
    """The judgements in a file about one quantity; its outside id is the file's name.

    Limits are a statement of their own, `name[limits]`. A roulette gives the probability below
    each upper edge, which is what chips say.
    """
    rows = wide_rows(path)
    header = list(rows[0].cells)
    if {"bins", "probs"} <= set(header):
        expert = str(settings.get("expert", "")) or f"the expert of {path.stem}"
        bins = [_edges(row.text("bins"), row) for row in rows]
        return [_roulette(path, rows[0], expert, bins, [row.number("probs") for row in rows])]
    if len(header) < 2:
        raise rows[0].refusal("one column", "expected one column an expert, or one a bin")
    if any(row.text(header[0]).strip() in ("L", "M", "U") for row in rows):
        return [item for name in header[1:] for item in _quantiles(path, rows, header[0], name)]
    bins = [_edges(name, rows[0]) for name in header[1:]]
    return [
        _roulette(path, row, row.needed(header[0]), bins, [row.number(n) for n in header[1:]])
        for row in rows
    ]


def _quantiles(path: Path, rows: Sequence[Row], names: str, expert: str) -> list[Imported]:
    """One expert's column: the quantiles, and the limits where they are given."""
    limits, points = _column(rows, names, expert)
    levels = tuple(sorted(points))
    values = tuple(points[level] for level in levels)
    whole = [*_end(limits, "L"), *values, *_end(limits, "U")]
    if whole != sorted(whole):
        message = f"the values of {shown(expert)} fall"
        raise rows[0].refusal(message, "write L, quantiles, U rising")
    said = []
    if points:
        said.append(Imported(path.stem, expert, "quantile", values, rows[0].line, levels=levels))
    if limits:
        said.append(_limits(path, rows[0], expert, limits))
    return said


def _column(
    rows: Sequence[Row], names: str, expert: str
) -> tuple[dict[str, float], dict[float, float]]:
    """Limits by name and quantiles by level, of one expert; rows without an answer are left out."""
    limits: dict[str, float] = {}
    points: dict[float, float] = {}
    for row in rows:
        name = row.needed(names)
        if row.text(expert).lower() in MISSING:
            continue
        value, before = row.number(expert), len(limits) + len(points)
        if name in ("L", "U"):
            limits[name] = value
        else:
            points[_level(name, row)] = value
        if len(limits) + len(points) == before:
            raise row.refusal(f"the row {shown(name)} stands twice", "keep one of the two")
    return limits, points


def _end(limits: dict[str, float], name: str) -> list[float]:
    return [limits[name]] if name in limits else []


def _level(name: str, row: Row) -> float:
    if name in NAMED:
        return NAMED[name]
    level = number(name, row, "the probability")
    if not 0 < level < 1:
        raise row.refusal(f"the probability {level:g} is not inside 0 to 1", "use L and U for ends")
    return level


def _limits(path: Path, row: Row, expert: str, limits: dict[str, float]) -> Imported:
    """Limits as what they mean: nothing below the one, everything below the other."""
    names = [name for name in ("L", "U") if name in limits]
    return Imported(
        question=f"{path.stem}[limits]",
        forecaster=expert,
        kind="probability",
        values=tuple(0.0 if name == "L" else 1.0 for name in names),
        line=row.line,
        events=tuple(f"< {plain(limits[name])}" for name in names),
        unit="probability",
        role="check",
        reason=LIMITS,
    )


def _edges(text: str, row: Row) -> Edges:
    """The edges of a bin such as (10-20], (10, 20], or as R mangles it, X.10.20."""
    found = _BIN.fullmatch(text) or _MANGLED.fullmatch(text)
    if not found:
        remedy = "write it as (10-20]; in R, with check.names = FALSE"
        raise row.refusal(f"{shown(text)} is neither L, M, U nor a bin", remedy)
    low, high = (number(part, row, "the edge") for part in found.groups())
    if not low < high:
        message = f"the bin {shown(text)} is empty: its edges were cut to three digits"
        raise row.refusal(message, "write the edges out, as in (2027-2029]")
    return low, high


def _roulette(
    path: Path, row: Row, expert: str, bins: Sequence[Edges], chips: Sequence[float]
) -> Imported:
    """Chips as the probability below each upper edge."""
    for (_, end), (start, _) in pairwise(bins):
        if start != end:
            message = f"a bin ends at {end:g} and the next begins at {start:g}"
            raise row.refusal(message, "write the bins in order and the edges out")
    if any(chip < 0 for chip in chips) or not sum(chips) > 0:
        raise row.refusal(f"{shown(expert)} has no chips, or less than none", "write the chips")
    total = sum(chips)
    return Imported(
        question=path.stem,
        forecaster=expert,
        kind="probability",
        values=tuple(min(below / total, 1.0) for below in accumulate(chips)),
        line=row.line,
        events=tuple(f"< {plain(high)}" for _, high in bins),
        unit="probability",
    )
