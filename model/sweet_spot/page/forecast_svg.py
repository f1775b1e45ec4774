"""Small figures for forms, as SVG text: a person's curve, and a group without names.

Drawn by hand because a page must come at once for fifty people on two cores: half a millisecond
each, where matplotlib takes a hundred times that. No style attributes and no scripts, so that the
strictest policy of a browser lets them through; classes are styled in forms.css.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from scipy import special

from sweet_spot.argument.quantities import Quantity, from_working, to_working
from sweet_spot.argument.units import convert
from sweet_spot.page.forecast_belief import Reading, written

WIDTH, LEFT, RIGHT = 380.0, 34.0, 14.0
APART = 48.0
"""Least distance of two labels on an axis."""
REACH = 2.4
"""Standard deviations of a curve that are drawn on either side."""
PERCENTS = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 50, 70, 80, 90, 95, 98, 99, 99.5, 99.9)
YEARS = (
    2025, 2026, 2027, 2028, 2029, 2030, 2032, 2035, 2040, 2045, 2050, 2060, 2080, 2100, 2150,
    2200, 2300, 2500, 3000, 5000, 10000,
)  # fmt: skip
STEPS = tuple(m * 10.0**k for k in range(-4, 7) for m in (1, 2, 5))


@dataclass(frozen=True)
class Row:
    """One person's answer in a group: centre and spread (or NaN) on the working scale."""

    centre: float
    spread: float
    earlier: bool = False


@dataclass(frozen=True)
class Axis:
    """A working scale across a figure, labelled in the unit of the form."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def x(self, working: float) -> float:
        """Where a place on the working scale is, in pixels; beyond the ends, at the end."""
        inside = min(max(working, self.low), self.high)
        return LEFT + (WIDTH - LEFT - RIGHT) * (inside - self.low) / (self.high - self.low)


def axis_of(quantity: Quantity, unit: str, places: Iterable[float]) -> Axis:
    """An axis on which all these places lie, with as many labels as there is room for."""
    inside = [place for place in places if math.isfinite(place)]
    low, high = (min(inside), max(inside)) if inside else (-1.0, 1.0)
    room = 0.06 * (high - low) or 0.5
    axis = Axis(low - room, high + room, ())
    own = [convert(_shown(quantity, end), quantity.unit, unit) for end in (axis.low, axis.high)]
    found: list[tuple[float, str]] = []
    for value in _candidates(quantity, unit, *own):
        place = float(to_working(quantity, convert(value, unit, quantity.unit)))
        if not axis.low <= place <= axis.high:
            continue
        if not found or axis.x(place) - axis.x(found[-1][0]) >= APART:
            found.append((place, _label(value, unit)))
    return Axis(axis.low, axis.high, tuple(found))


def _shown(quantity: Quantity, working: float) -> float:
    return float(from_working(quantity, working))


def _candidates(quantity: Quantity, unit: str, low: float, high: float) -> Sequence[float]:
    """Round values that could be labelled, in rising order."""
    if unit == "year":
        return YEARS
    if quantity.scale == "logit":
        return PERCENTS
    if quantity.scale == "log_duration" or unit == "multiplier":
        return STEPS
    step = 10.0 ** math.floor(math.log10(max(high - low, 1e-9)))
    step = next(s for s in (step / 5, step / 2, step) if (high - low) / s <= 7 or s == step)
    return [float(v) for v in np.arange(math.ceil(low / step), high / step + 1) * step]


def _label(value: float, unit: str) -> str:
    text = f"{value:.0f}" if unit == "year" else f"{value:.4g}"
    return f"{text} %" if unit == "percent" else text


def curve_svg(read: Reading, others: Sequence[float] = ()) -> str:
    """The fitted distribution function, with what was stated, and others' medians below it."""
    ends = [read.centre + side * REACH * read.spread for side in (-1, 1)]
    stated = [point.value for point in read.points if point.side == 0]
    axis = axis_of(read.quantity, read.unit, [*ends, *stated])
    height, foot = 210.0, 26.0 + (18.0 if others else 0.0)

    def y(level: float) -> float:
        return 12.0 + (height - foot - 12.0) * (1 - level)

    parts = [*_frame(axis, 12.0, y(0)), *_levels(y)]
    at = np.linspace(axis.low, axis.high, 81)
    rises = special.ndtr((at - read.centre) / read.spread)
    line = " ".join(
        f"{axis.x(float(a)):.1f},{y(float(p)):.1f}" for a, p in zip(at, rises, strict=True)
    )
    parts.append(f'<polyline class="curve" points="{line}"/>')
    parts += [
        f'<circle class="said" cx="{axis.x(p.value):.1f}" cy="{y(p.level):.1f}" r="4"/>'
        for p in read.points
        if p.side == 0
    ]
    if others:
        base = y(0) + 28.0
        parts.append(f'<text class="small" x="2" y="{base + 4:.1f}">others</text>')
        parts += [_mark(axis.x(place), base) for place in others]
    words = "; ".join(f"{100 * level:.0f} % below {text}" for level, text in read.quantiles)
    return _svg(parts, height, f"Your fitted curve: {words}.")


def _levels(y: Callable[[float], float]) -> list[str]:
    """Lines at 0, 25, 50, 75 and 100 per cent."""
    return [
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(p):.1f}" y2="{y(p):.1f}"/>'
        f'<text class="small" x="{LEFT - 4}" y="{y(p) + 4:.1f}" text-anchor="end">'
        f"{100 * p:.0f}</text>"
        for p in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]


def _mark(x: float, y: float) -> str:
    return f'<line class="other" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 6:.1f}" y2="{y + 6:.1f}"/>'


def group_svg(quantity: Quantity, unit: str, rows: Sequence[Row], pooled: Row | None = None) -> str:
    """A line for each answer (5 to 95 %, thick 25 to 75 %, dot at the median), the lowest first.

    Those of an earlier round are grey. `pooled` is drawn at the foot.
    """
    ordered = sorted(rows, key=lambda row: (not row.earlier, row.centre))
    every = [*ordered, *([pooled] if pooled else [])]
    wide = [row.spread * 1.645 if math.isfinite(row.spread) else 0.0 for row in every]
    pairs = list(zip(every, wide, strict=True))
    axis = axis_of(quantity, unit, [r.centre + side * w for r, w in pairs for side in (-1, 1)])
    step = 11.0
    bottom = 12.0 + step * len(every)
    parts = _frame(axis, 8.0, bottom)
    for k, (row, reach) in enumerate(pairs):
        kind = "earlier" if row.earlier else "pool" if row is pooled else "now"
        parts += _interval(axis, row, reach, 14.0 + step * k, kind)
    told = ", ".join(written_at(quantity, unit, row.centre) for row in ordered if not row.earlier)
    return _svg(parts, bottom + 22.0, f"Answers without names. Medians, the lowest first: {told}.")


def written_at(quantity: Quantity, unit: str, working: float) -> str:
    """A place on the working scale, in words."""
    return written(convert(_shown(quantity, working), quantity.unit, unit), unit)


def _interval(axis: Axis, row: Row, reach: float, y: float, kind: str) -> list[str]:
    half = reach * 0.6745 / 1.645
    spans = ((reach, "thin"), (half, "thick")) if reach else ()
    lines = [
        f'<line class="{kind} {width}" x1="{axis.x(row.centre - by):.1f}" y1="{y}"'
        f' x2="{axis.x(row.centre + by):.1f}" y2="{y}"/>'
        for by, width in spans
    ]
    dot = f'<circle class="{kind}" cx="{axis.x(row.centre):.1f}" cy="{y}" r="3.4"/>'
    return [*lines, dot]


def _frame(axis: Axis, top: float, bottom: float) -> list[str]:
    """Thin lines at the labels of the axis, and these below."""
    parts = []
    for place, label in axis.ticks:
        x = axis.x(place)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom:.1f}"/>')
        parts.append(
            f'<text class="small" x="{x:.1f}" y="{bottom + 14:.1f}" text-anchor="middle">'
            f"{escape(label)}</text>"
        )
    return parts


def _svg(parts: Sequence[str], height: float, words: str) -> str:
    told = escape(words)
    return (
        f'<svg class="figure" role="img" viewBox="0 0 {WIDTH:.0f} {height:.0f}"'
        f' aria-label="{told}"><title>{told}</title>{"".join(parts)}</svg>'
    )
