"""Figures of the essay's picture: two loops factor by factor; restraint before, inside, after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.numbers import TIMES, plural, probability, share, words
from sweet_spot.answers.picture import Picture
from sweet_spot.answers.restraint import FACTOR, RESTRAINT
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, plain, sheet

_TICKS = (1, 10, 100, 1000, 10_000, 100_000)
_PAPER = {"boxstyle": "square,pad=0.12", "facecolor": "white", "alpha": 0.85, "linewidth": 0}
_LABEL: dict[str, Any] = {
    "fontsize": SMALL - 0.5, "linespacing": 1.15, "bbox": _PAPER, "zorder": 5,
}  # fmt: skip
"""Names stand on paper, above the lines, so that none runs through them."""
BEYOND = 0.1
"""Lines are drawn this far, in dex, above the axis, so that they leave it."""


def picture_words(world: str) -> str:
    """Alternative text of `picture_figure`."""
    return (
        f"A panel for each security factor, AI R&D speed-up over the years: {world} bands of the"
        " frontier and of the safety range, the sweet spot shaded, sample worlds thin; below, the"
        " share of draws in which the factor is radically improved."
    )


def restraint_words(world: str) -> str:
    """Alternative text of `restraint_figure`."""
    return (
        f"The {world} frontier over the years with the same extra restraint before, inside and"
        " after the sweet spot, side by side, and P(usable) under each; numbers as in the table."
    )


def picture_figure(shown: Picture, stamp: str) -> Figure:
    """Frontier and safety range for each factor, and below them the work done and its effect."""
    data, world = shown.data, "posterior" if shown.fitted else "prior"
    title = (
        f"{'' if shown.fitted else 'Prior: '}Does the safety loop outpace the capabilities loop?"
    )
    note = (
        f"Blue: frontier. Orange: safety range (ours): the danger threshold until the factor is"
        " radically improved,\nthen lifted, by how much the model does not say."
        f" {world.capitalize()} medians, 50 % and 90 % bands (90 % of the\nrange: dotted)."
        f" Grey: {plural(data.sizes['world'], 'sample world')}, green inside their own sweet spot."
        " Below: share of draws (green) in\nwhich the factor is improved; grey: effective labour"
        " done in each sample world, dot: all that is needed."
    )
    figure, grid = sheet(
        7.7, title, note, stamp, nrows=2, ncols=data.sizes["factor"], sharex=True, sharey="row",
        height_ratios=[3.0, 1.0],
    )  # fmt: skip
    for factor, (above, below) in zip(data["factor"].values, grid.T, strict=True):
        here = data.sel(factor=factor)
        above.set_title(words(str(factor)), loc="left", fontsize=SIZE, fontweight="bold")
        _zones(above, here, shown)
        _worlds(above, here, shown.top)
        _range(above, here["range"], shown.top)
        _frontier(above, here["frontier"], shown.top)
        _names(above, here, shown)
        _work(below, here)
        _under(below, f"P(usable) = {probability(float(here['usable']))}")
    _speed_axis(grid[0], shown)
    _time_axis(grid[1], shown)
    return figure


def _zones(axes: Axes, here: xr.Dataset, shown: Picture) -> None:
    """The sweet spot between median useful and median dangerous, the spicy zone beyond."""
    useful, dangerous = (float(here[name].sel(level=0.5)) for name in ("useful", "dangerous"))
    green, orange = PALETTE["sweet spot"], PALETTE["dangerous"]
    if useful < dangerous:
        axes.axhspan(useful, dangerous, color=green, alpha=0.15, linewidth=0, gid="sweet spot")
    axes.axhspan(dangerous, shown.top, color=orange, alpha=0.06, linewidth=0, gid="spicy zone")
    axes.axhline(useful, color=green, linewidth=1.6, gid="useful")
    axes.axhline(dangerous, color=orange, linewidth=0.9, linestyle=(0, (4, 3)), gid="dangerous")


def _range(axes: Axes, bands: xr.DataArray, top: float) -> None:
    """The safety range: median, 50 % band filled, the 90 % band as its two ends."""
    year, orange = bands["year"].to_numpy(), PALETTE["dangerous"]
    low, lower, middle, upper, high = np.minimum(bands.to_numpy(), top + BEYOND)
    axes.fill_between(year, lower, upper, color=orange, alpha=0.16, linewidth=0, gid="range 50 %")
    for line in (low, high):
        axes.plot(year, line, ":", color=orange, linewidth=1.3, gid="range 90 %")
    axes.plot(year, middle, color=orange, linewidth=2.6, gid="range")


def _frontier(axes: Axes, bands: xr.DataArray, top: float) -> None:
    """The frontier: median with its bands; what is above the axis leaves it."""
    year, blue = bands["year"].to_numpy(), PALETTE["frontier"]
    low, lower, middle, upper, high = np.minimum(bands.to_numpy(), top + BEYOND)
    axes.fill_between(year, low, high, color=blue, alpha=0.13, linewidth=0, gid="frontier 90 %")
    axes.fill_between(year, lower, upper, color=blue, alpha=0.25, linewidth=0, gid="frontier 50 %")
    axes.plot(year, middle, color=blue, linewidth=2.6, gid="frontier")


def _worlds(axes: Axes, here: xr.Dataset, top: float) -> None:
    """Single worlds, with the part of each inside its own sweet spot drawn over."""
    year = here["year"].to_numpy()
    for line, useful, dangerous in zip(
        here["world_frontier"].to_numpy(), here["world_useful"].to_numpy(),
        here["world_dangerous"].to_numpy(), strict=True,
    ):  # fmt: skip
        drawn = np.minimum(line, top + BEYOND)
        axes.plot(year, drawn, color=PALETTE["quiet"], linewidth=0.6, alpha=0.7, gid="world")
        inside = np.where((line >= useful) & (line <= dangerous) & (line < top), line, np.nan)
        axes.plot(
            year, inside, color=PALETTE["useful"], linewidth=1.8, alpha=0.8, gid="world inside"
        )


def _names(axes: Axes, here: xr.Dataset, shown: Picture) -> None:
    """Names and medians of the zones where the frontier is not; what lies beyond the axes."""
    useful, dangerous = (float(here[name].sel(level=0.5)) for name in ("useful", "dangerous"))
    exists = probability(float(here["exists"]))
    late = (share(float(here[f"{name}_later"])) for name in ("useful", "dangerous"))
    above = share(float(here["dangerous_above"]))
    _say(axes, useful, "bottom", f"sweet spot\nP(exists) {exists}", "useful")
    _say(axes, useful, "bottom", f"useful {_times(useful)}", "useful", right=True)
    _say(axes, dangerous, "top", f"dangerous {_times(dangerous)}", "dangerous")
    _say(axes, shown.top, "top", f"spicy zone\ndanger above\nthe axis {above}", "dangerous")
    axes.annotate(
        "after {:.0f}:\nuseful {}\ndangerous {}".format(shown.end, *late), (0.98, 0.02),
        xycoords="axes fraction", ha="right", color=PALETTE["quiet"], **_LABEL,
    )  # fmt: skip


def _say(
    axes: Axes, height: float, side: str, text: str, colour: str, *, right: bool = False
) -> None:
    """A name at the left or right, just above or below a height."""
    axes.annotate(
        text, (0.98 if right else 0.02, height), ha="right" if right else "left", va=side,
        xycoords=("axes fraction", "data"),
        xytext=(0, 5 if side == "bottom" else -5), textcoords="offset points",
        color=PALETTE[colour], **_LABEL,
    )  # fmt: skip


def _times(dex: float) -> str:
    return f"{10**dex:.0f}{TIMES}"


def _work(axes: Axes, here: xr.Dataset) -> None:
    """Share of draws in which the factor is radically improved, and the work of single worlds."""
    plain(axes, grid="y")
    year, improved = here["year"].to_numpy(), here["improved"].to_numpy()
    green = PALETTE["useful"]
    axes.fill_between(year, 0, improved, color=green, alpha=0.25, linewidth=0, gid="improved area")
    axes.plot(year, improved, color=green, linewidth=2.4, gid="improved")
    for line in here["world_work"].to_numpy():
        ends = line >= 1
        shown = np.where(np.cumsum(ends) <= 1, np.minimum(line, 1), np.nan)
        axes.plot(year, shown, color=PALETTE["quiet"], linewidth=0.7, alpha=0.8, gid="world work")
        if ends.any():
            axes.plot(
                year[ends.argmax()], 1.0, "o", color=PALETTE["quiet"], markersize=3.5,
                clip_on=False, gid="world done",
            )  # fmt: skip
    axes.set_ylim(0, 1.04)
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])


def _under(axes: Axes, text: str) -> None:
    """What a panel comes to, below it."""
    axes.annotate(
        text, (0.0, 0.0), xytext=(0, -38), xycoords="axes fraction", va="top",
        textcoords="offset points", color=PALETTE["useful"], fontweight="bold",
        fontsize=SMALL, annotation_clip=False,
    )  # fmt: skip


def _speed_axis(row: Iterable[Axes], shown: Picture) -> None:
    for first, axes in enumerate(row):
        plain(axes, grid="y")
        axes.set_ylim(0, shown.top)
        ticks = [tick for tick in _TICKS if np.log10(tick) <= shown.top]
        axes.set_yticks(np.log10(ticks), [f"{tick:,}{TIMES}" for tick in ticks])
        if not first:
            axes.set_ylabel("AI R&D speed-up, log scale", fontsize=SIZE - 1)


def _time_axis(row: Iterable[Axes], shown: Picture) -> None:
    year = shown.data["year"].to_numpy()
    step = 4 if year[-1] - year[0] <= 20 else 10
    for first, axes in enumerate(row):
        axes.set_xlim(year[0], year[-1])
        axes.set_xticks(np.arange(np.ceil((year[0] + 1) / step) * step, year[-1] + 0.1, step))
        axes.set_xlabel("year", fontsize=SIZE - 1, loc="left")
        if not first:
            axes.set_ylabel("P(improved);\nwork, share of need", fontsize=SMALL - 1)


def restraint_figure(shown: Picture, stamp: str) -> Figure:
    """The same years of restraint before, inside and after the sweet spot, side by side."""
    held, world = shown.restraint, "posterior" if shown.fitted else "prior"
    title = f"{'' if shown.fitted else 'Prior: '}{RESTRAINT:g} more year of restraint"
    title += " before, inside or after the sweet spot"
    note = (
        f"Paths for {words(FACTOR)}. Blue: frontier, {world} median with 50 % and 90 % bands."
        f" Grey: {plural(held.sizes['world'], 'sample world')}.\nDashes: without the extra one."
        " Below: share of draws (green) in which the factor is improved; grey:\neffective labour"
        " done in each sample world. P(usable) without → with. Before and after change nothing"
        "\nby construction: only AI labour inside the spot counts in the model."
    )
    figure, grid = sheet(
        7.4, title, note, stamp, nrows=2, ncols=3, sharex=True, sharey="row",
        height_ratios=[2.4, 1.0],
    )  # fmt: skip
    base = held.sel(when="as it is")
    for when, (above, below) in zip(("before", "inside", "after"), grid.T, strict=True):
        here = held.sel(when=when)
        above.set_title(when, loc="left", fontsize=SIZE, fontweight="bold")
        _held(above, here, shown)
        _without(above, base["frontier"].sel(level=0.5), shown.top, "frontier")
        _work(below, here)
        _under(below, _credence(here, base))
        _without(below, base["improved"], 1.0, "quiet")
    _speed_axis(grid[0], shown)
    _time_axis(grid[1], shown)
    return figure


def _held(axes: Axes, here: xr.Dataset, shown: Picture) -> None:
    """Zones of FACTOR, the frontier with the extra restraint, and single worlds."""
    zones = shown.data.sel(factor=FACTOR)
    _zones(axes, zones, shown)
    _frontier(axes, here["frontier"], shown.top)
    for name, side in (("useful", "top"), ("dangerous", "bottom")):
        _say(axes, float(zones[name].sel(level=0.5)), side, name, name)
    for line in here["world_frontier"].to_numpy():
        drawn = np.minimum(line, shown.top + BEYOND)
        axes.plot(
            here["year"], drawn, color=PALETTE["quiet"], linewidth=0.7, alpha=0.8, gid="world"
        )


def _without(axes: Axes, line: xr.DataArray, top: float, colour: str) -> None:
    """The same without the extra restraint, dashed."""
    axes.plot(
        line["year"], np.minimum(line, top + BEYOND), color=PALETTE[colour], linewidth=1.4,
        linestyle=(0, (3, 2)), gid="without",
    )  # fmt: skip


def _credence(here: xr.Dataset, base: xr.Dataset) -> str:
    """P(usable) for the factor drawn and for any, beside what they are without."""
    rows = []
    for factor, name in ((FACTOR, words(FACTOR)), ("any", "at least one")):
        now, was = (float(held["usable"].sel(factor=factor)) for held in (here, base))
        rows.append(f"{name} {probability(was)} → {probability(now)}")
    return "P(usable)\n" + "\n".join(rows)
