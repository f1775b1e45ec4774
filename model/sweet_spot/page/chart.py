"""The essay's picture as SVG with labels in HTML: lines stretch with the screen, type does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import TIMES, Floats, probability, share
from sweet_spot.page.marks import escape

TICKS = (1, 10, 100, 1000, 10_000, 100_000)


def picture_html(here: xr.Dataset, top: float, name: str, today: xr.Dataset | None = None) -> str:
    """One factor over time: frontier, danger, sweet spot; below it, how often it is improved.

    Parameters
    ----------
    here
        One factor of `sweet_spot.answers.picture.pictured`.
    top
        Upper end of the axis, in dex.
    name
        The factor in words.
    today
        The same as it is without the what-if, drawn dashed.
    """
    year = here["year"].to_numpy()
    improved = float(here["improved"][-1])
    useful, dangerous = (10 ** float(here[n].sel(level=0.5)) for n in ("useful", "dangerous"))
    heard = (
        f"{name}: AI research speed-up over the years {year[0]:.0f} to {year[-1]:.0f}. AIs are"
        f" useful from {useful:.0f}-fold and dangerous from {dangerous:.0f}-fold on (medians). By"
        f" {year[-1]:.0f} the factor is radically improved with probability"
        f" {probability(improved)}."
    )
    return (
        f'<figure class="chart"><figcaption>{escape(name)}</figcaption>'
        f'<p class="axis-name">Speed-up of AI research by AI (each step: ten times)</p>'
        f'<div class="plot"><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(heard)}">{_above(here, top, today)}</svg>'
        f"{_heights(top)}{_zones(here, top)}</div>"
        f'<p class="axis-name">Probability that it is radically improved by then</p>'
        f'<div class="plot low"><svg viewBox="0 0 100 100" preserveAspectRatio="none"'
        f' aria-hidden="true">{_below(here, today)}</svg>'
        f"{_label('1', 0, 'y')}{_label('0', 100, 'y')}</div>"
        f"{_years(year)}{_beyond(here, top)}</figure>"
    )


def _above(here: xr.Dataset, top: float, today: xr.Dataset | None) -> str:
    useful, dangerous = (
        _y(float(here[name].sel(level=0.5)), top) for name in ("useful", "dangerous")
    )
    parts = [f'<rect class="spicy" x="0" width="100" y="0" height="{max(dangerous, 0):.2f}"/>']
    if useful > dangerous:
        height = f'y="{dangerous:.2f}" height="{useful - dangerous:.2f}"'
        parts.append(f'<rect class="sweet" x="0" width="100" {height}/>')
    parts += [_line(line, top, "world") for line in here["world_frontier"].to_numpy()]
    low, lower, middle, upper, high = here["frontier"].to_numpy()
    parts += [_area(low, high, top, "band wide-band"), _area(lower, upper, top, "band")]
    if today is not None:
        parts.append(_line(today["frontier"].sel(level=0.5).to_numpy(), top, "frontier before"))
    parts += [_rule(useful, "useful"), _rule(dangerous, "danger"), _line(middle, top, "frontier")]
    return "".join(parts)


def _below(here: xr.Dataset, today: xr.Dataset | None) -> str:
    improved = here["improved"].to_numpy()
    parts = [_area(np.zeros_like(improved), improved, 1.0, "improved-area")]
    if today is not None:
        parts.append(_line(today["improved"].to_numpy(), 1.0, "improved before"))
    return "".join([*parts, _line(improved, 1.0, "improved")])


def _y(value: float, top: float) -> float:
    """Height on the drawing, from above; a little beyond it where the value is."""
    return round(100 * (1 - min(max(value, -0.05 * top), 1.05 * top) / top), 2)


def _points(values: Floats, top: float) -> list[str]:
    x = np.linspace(0, 100, len(values))
    return [f"{a:.2f},{_y(float(v), top)}" for a, v in zip(x, values, strict=True)]


def _line(values: Floats, top: float, kind: str) -> str:
    return f'<polyline class="{kind}" points="{" ".join(_points(values, top))}"/>'


def _area(low: Floats, high: Floats, top: float, kind: str) -> str:
    around = [*_points(high, top), *reversed(_points(low, top))]
    return f'<polygon class="{kind}" points="{" ".join(around)}"/>'


def _rule(height: float, kind: str) -> str:
    return f'<line class="{kind}" x1="0" x2="100" y1="{height}" y2="{height}"/>'


def _label(text: str, place: float, axis: str) -> str:
    side = "top" if axis == "y" else "left"
    return f'<span class="tick-{axis}" style="{side}:{place:.2f}%" aria-hidden="true">{text}</span>'


def _heights(top: float) -> str:
    ticks = [tick for tick in TICKS if np.log10(tick) <= top]
    return "".join(_label(f"{t:,}{TIMES}", _y(float(np.log10(t)), top), "y") for t in ticks)


def _years(year: Floats) -> str:
    span = float(year[-1] - year[0])
    step = 4 if span <= 20 else 10
    ticks = np.arange(np.ceil(year[0] / step) * step, year[-1] + 0.1, step)
    labels = (_label(f"{t:.0f}", 100 * float(t - year[0]) / span, "x") for t in ticks)
    return f'<div class="years">{"".join(labels)}</div>'


def _zones(here: xr.Dataset, top: float) -> str:
    """Names of the zones, where they are tall enough to hold one."""
    useful, dangerous = (
        _y(float(here[name].sel(level=0.5)), top) for name in ("useful", "dangerous")
    )
    names = [
        ("zone spicy", 1.0, "AIs could disempower us"),
        ("zone danger", dangerous, "dangerous from here (median)"),
        ("zone useful", useful, "useful from here (median)"),
    ]
    if useful - dangerous < 9:
        names[1:] = [("zone useful", useful, "useful, then dangerous, from here (medians)")]
    return "".join(
        f'<span class="{kind}" style="top:{min(max(y, 1), 93):.1f}%" aria-hidden="true">{words}'
        "</span>"
        for kind, y, words in names
    )


def _beyond(here: xr.Dataset, top: float) -> str:
    """What of the worlds lies off the picture: later, or higher."""
    above, useful, dangerous = (
        share(float(here[name])) for name in ("dangerous_above", "useful_later", "dangerous_later")
    )
    return (
        f'<p class="axis-name">Off the picture: danger above {10**top:,.0f}{TIMES} in {above}'
        f" of the worlds; after {float(here['year'][-1]):.0f} useful in {useful}, dangerous in"
        f" {dangerous}.</p>"
    )


def legend(marks: Iterable[Sequence[str]]) -> str:
    """What each mark means: pairs of a mark's class and its meaning."""
    items = "".join(f'<li><i class="key {kind}"></i>{words}</li>' for kind, words in marks)
    return f'<ul class="legend">{items}</ul>'
