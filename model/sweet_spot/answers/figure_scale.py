"""Figure of what a fit costs as the panel grows; no computation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet

STAGES = {"read": "outside", "compile": "sweet spot", "draw": "posterior", "complete": "check"}
"""Stages of a fit, and the colour of each."""
APART = 1.6
"""Labels of lines keep this ratio between them, so that they can be read."""


def scale_figure(panels: Mapping[str, Mapping[str, Any]], stamp: str) -> Figure:
    """Processor time of a gradient, and of each stage, over the number of statements.

    Parameters
    ----------
    panels
        What `tests/benchmarks/bench_scale_fit.py` measured, by size; real panels, whose name is no
        number, are left out of the lines.
    """
    rows = sorted(
        (row for name, row in panels.items() if name.isdigit()), key=lambda row: row["statements"]
    )
    at = [row["statements"] for row in rows]
    note = (
        "Dot: one fit of a simulated panel. Processor time of all cores.\nDashed: what it would be"
        " in proportion to the statements."
    )
    figure, (left, right) = sheet(4.6, "What a fit costs as the panel grows", note, stamp, ncols=2)
    spent = [row["per_gradient_ms"] for row in rows]
    left.plot(at, spent, "o-", color=PALETTE["posterior"], gid="gradient")
    grown = spent[0] * np.array(at) / at[0]
    left.plot(at, grown, "--", color=PALETTE["check"], linewidth=1, gid="in proportion")
    left.set_title("one gradient, milliseconds", fontsize=SIZE, loc="left")
    height = 0.0
    for stage in sorted(STAGES, key=lambda name: float(rows[-1][name]["cpu"])):
        seconds, colour = [row[stage]["cpu"] for row in rows], PALETTE[STAGES[stage]]
        right.plot(at, seconds, "o-", color=colour, gid=stage)
        height = max(seconds[-1], APART * height)
        right.annotate(
            stage, (at[-1], height), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=SMALL, color=colour, annotation_clip=False,
        )  # fmt: skip
    right.set_title("a whole fit by stage, seconds", fontsize=SIZE, loc="left")
    _decades((left, right), at)
    return figure


def _decades(both: Sequence[Axes], at: Sequence[int]) -> None:
    """Logarithmic axes, whole decades upwards."""
    for axes in both:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(at[0] / 2, at[-1] * 2)
        low, high = np.log10(axes.get_ylim())
        axes.set_ylim(10 ** np.floor(low), 10 ** np.ceil(high))  # whole decades
        plain(axes, grid="both")
        label_x(axes, "statements in the panel")
