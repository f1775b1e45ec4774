"""How figures look: one palette, one type size, one footer. No pyplot, so that starting is fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PALETTE: Mapping[str, str] = {
    "posterior": "#0072B2",
    "prior": "#8C8C8C",
    "evidence": "#1A1A1A",
    "check": "#CC79A7",
    "outside": "#D55E00",
    "useful": "#009E73",
    "dangerous": "#D55E00",
    "frontier": "#0072B2",
    "sweet spot": "#009E73",
    "ink": "#1A1A1A",
    "quiet": "#6B6B6B",
    "rule": "#DDDDDD",
}
"""Okabe and Ito's colours, told apart by the colour-blind; a thing has one colour everywhere."""
WIDTH = 8.0
DPI = 120
SIZE = 12.0
SMALL = 10.0


def sheet(height: float, title: str, note: str, stamp: str, **layout: Any) -> tuple[Figure, Any]:
    """A figure with its title, its axes, and below them how to read it and which fit it shows.

    Parameters
    ----------
    height
        In inches; the width is always the same, so that type keeps its size.
    note
        What each mark means.
    stamp
        Which fit, prior or posterior, how many statements.
    layout
        As `Figure.subplots` takes it.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    lines = note.count("\n") + 1
    foot = 0.32 + 0.19 * lines
    inside = (0.012, foot / height, 0.976, 1 - foot / height - 0.06 / height)
    figure.get_layout_engine().set(rect=inside)  # type: ignore[union-attr, call-arg]
    axes = figure.subplots(**layout)
    figure.suptitle(title, x=0.012, ha="left", fontsize=SIZE + 2, fontweight="bold")
    figure.text(0.012, 0.3 / height, note, fontsize=SMALL, color=PALETTE["ink"], linespacing=1.2)
    figure.text(0.012, 0.09 / height, stamp, fontsize=SMALL - 1, color=PALETTE["quiet"])
    return figure, axes


def plain(axes: Axes, *, grid: str = "x") -> None:
    """No box; thin lines to read values from along one axis."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(PALETTE["quiet"])
    axes.tick_params(labelsize=SIZE - 1, length=0, colors=PALETTE["ink"])
    axes.grid(axis=grid, color=PALETTE["rule"], linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


def label_x(axes: Axes, text: str) -> None:
    """The axis below, with its unit."""
    axes.set_xlabel(text, fontsize=SIZE, loc="left")
