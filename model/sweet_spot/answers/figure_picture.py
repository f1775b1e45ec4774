"""The figure of the essay's picture: frontier, usefulness, danger, and the sweet spot between."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.numbers import TIMES, probability, share, words
from sweet_spot.answers.picture import FACTOR, LEVELS, Picture
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet

LOW, LOWER, MIDDLE, UPPER, HIGH = LEVELS
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


def picture_figure(shown: Picture, stamp: str) -> Figure:
    """Capability over calendar years, with the sweet spot shaded."""
    world = "posterior" if shown.fitted else "prior"
    title = f"{'' if shown.fitted else 'Prior: '}The capability frontier and the sweet spot"
    count = shown.data.sizes["world"]
    note = (
        f"Blue: frontier, {world} median with 50 % and 90 % bands, equal-tailed at each date.\n"
        f"Green and orange: thresholds, {world} median and 50 % band; dashed: for other factors.\n"
        f"Thin: {count} sample worlds, thick where in their own sweet spot."
        " Years bought are left out."
    )
    figure, axes = sheet(6.6, title, note, stamp)
    plain(axes, grid="y")
    _zones(axes, shown)
    _frontier(axes, shown)
    _sample_worlds(axes, shown)
    axes.set_xlim(float(shown.data["year"][0]), shown.end)
    axes.set_ylim(0, shown.top)
    ticks = [tick for tick in _TICKS if np.log10(tick) <= shown.top]
    axes.set_yticks(np.log10(ticks), [f"{tick:,}{TIMES}" for tick in ticks])
    axes.set_ylabel("AI R&D speed-up (log scale)", fontsize=SIZE)
    label_x(axes, "year")
    _edges(axes, shown)
    return figure


def _zones(axes: Axes, shown: Picture) -> None:
    """The sweet spot between median useful and median dangerous, the spicy zone beyond."""
    dangerous = shown.data["dangerous"].to_numpy()
    useful = shown.data["useful"].sel(factor=FACTOR).to_numpy()
    green, orange = PALETTE["useful"], PALETTE["dangerous"]
    flat = {"linewidth": 0.0}
    if useful[2] < dangerous[2]:
        axes.axhspan(useful[2], dangerous[2], color=green, alpha=0.13, gid="sweet spot", **flat)
    axes.axhspan(dangerous[2], shown.top, color=orange, alpha=0.07, gid="spicy zone", **flat)
    for name, (_, low, middle, high, _), colour, hatch in (
        ("useful", useful, green, "////"), ("dangerous", dangerous, orange, "\\\\\\\\"),
    ):  # fmt: skip
        axes.axhspan(
            low, high, facecolor="none", edgecolor=colour, hatch=hatch, alpha=0.22,
            gid=f"{name} 50 %", **flat,
        )  # fmt: skip
        axes.axhline(middle, color=colour, linewidth=2.4, gid=name)
    _other_factors(axes, shown)


def _other_factors(axes: Axes, shown: Picture) -> None:
    """Where AIs become useful for the other factors, named at the left."""
    others = [str(f) for f in shown.data["factor"].values if f != FACTOR]
    green = PALETTE["useful"]
    for place, factor in enumerate(others):
        level = float(shown.data["useful"].sel(factor=factor, level=MIDDLE))
        dashes = (0, (5, 3))
        axes.axhline(level, color=green, linewidth=0.9, linestyle=dashes, gid=f"useful {factor}")
        axes.annotate(
            words(factor), (0.01 + 0.19 * place, level), xytext=(0, 2), fontsize=SMALL - 2,
            xycoords=("axes fraction", "data"), textcoords="offset points", color=green,
        )  # fmt: skip


def _frontier(axes: Axes, shown: Picture) -> None:
    year = shown.data["year"].to_numpy()
    low, lower, middle, upper, high = shown.data["frontier"].to_numpy()
    axes.fill_between(
        year, low, high, color=PALETTE["frontier"], alpha=0.13, linewidth=0, gid="frontier 90 %"
    )
    axes.fill_between(
        year, lower, upper, color=PALETTE["frontier"], alpha=0.25, linewidth=0, gid="frontier 50 %"
    )
    axes.plot(year, middle, color=PALETTE["frontier"], linewidth=2.8, gid="frontier")


def _sample_worlds(axes: Axes, shown: Picture) -> None:
    """Single worlds, with the part of each inside its own sweet spot drawn over."""
    data = shown.data
    year = data["year"].to_numpy()
    for line, useful, dangerous in zip(
        data["world_frontier"].to_numpy(), data["world_useful"].to_numpy(),
        data["world_dangerous"].to_numpy(), strict=True,
    ):  # fmt: skip
        axes.plot(year, line, color=PALETTE["quiet"], linewidth=0.7, alpha=0.7, gid="world")
        inside = np.where((line >= useful) & (line <= dangerous) & (line < shown.top), line, np.nan)
        axes.plot(
            year, inside, color=PALETTE["useful"], linewidth=2.2, alpha=0.75, gid="world inside"
        )


def _edges(axes: Axes, shown: Picture) -> None:
    """Names of lines and zones, and what lies beyond the ends of the axes, at the right edge."""
    rows = _labels(shown)
    places = _apart([y for y, _, _ in rows], shown.top)
    for (_, text, colour), place in zip(rows, places, strict=True):
        axes.annotate(
            text, (1.0, place), xycoords=("axes fraction", "data"), xytext=(8, 0), va="center",
            textcoords="offset points", color=PALETTE[colour], fontsize=SMALL,
            annotation_clip=False, linespacing=1.15,
            fontweight="bold" if "median" in text else "normal",
        )  # fmt: skip


def _labels(shown: Picture) -> list[tuple[float, str, str]]:
    """Height, text and colour of each label."""
    data = shown.data.sel(factor=FACTOR)
    useful, dangerous = (float(data[n].sel(level=MIDDLE)) for n in ("useful", "dangerous"))
    later = f"later than {shown.end:.0f}"
    exists, above = probability(float(data["exists"])), share(float(data["dangerous_above"]))
    meets = {n: f"{later}: {share(float(data[f'{n}_later']))}" for n in ("useful", "dangerous")}
    name = words(FACTOR)
    return [
        (dangerous, f"dangerous\n{_times(dangerous)}\n{meets['dangerous']}", "dangerous"),
        (useful, f"useful for {name}\n{_times(useful)}\n{meets['useful']}", "useful"),
        ((useful + dangerous) / 2, f"sweet spot\nP(exists) = {exists}", "sweet spot"),
        ((dangerous + shown.top) / 2, f"spicy zone\ndanger above\nthe axis: {above}", "dangerous"),
    ]


def _times(dex: float) -> str:
    return f"median {10**dex:.0f}{TIMES}"


def _apart(places: list[float], top: float) -> list[float]:
    """Places moved up so far that labels of three lines do not touch, in their order."""
    room = top * 0.145
    moved = dict.fromkeys(range(len(places)), 0.0)
    last = -np.inf
    for i in sorted(moved, key=lambda k: places[k]):
        last = moved[i] = max(places[i], last + room)
    over = max(0.0, max(moved.values()) - top * 0.97)
    return [moved[i] - over for i in range(len(places))]
