"""The figure of the judgement calls of the error model: the table in, nothing computed."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from sweet_spot.answers.figures_influence import EVENT, rows_of
from sweet_spot.answers.judgement import JudgementCalls
from sweet_spot.answers.numbers import probability
from sweet_spot.answers.style import PALETTE, SMALL, label_x, plain, sheet


def calls_figure(found: JudgementCalls, stamp: str) -> Figure:
    """The headline under each judgement call that has a number."""
    known = np.isfinite(found.data["value"].to_numpy())
    data, now = found.data.isel(call=np.flatnonzero(known)), float(found.data.attrs["headline"])
    note = "Dot: headline of a fit under this call. Bar: twice its Monte Carlo error."
    note += f"\nLine: the headline of this report, {probability(now)}."
    if not known.all():
        note += f" {int((~known).sum())} more: no number."
    figure, axes = sheet(
        0.42 * data.sizes["call"] + 2.2, "Under other judgement calls of the error model", note,
        stamp,
    )  # fmt: skip
    plain(axes)
    at = rows_of(axes, [str(call) for call in data["call"].values])
    axes.axvline(now, color=PALETTE["ink"], linewidth=1)
    value, spread = data["value"].to_numpy(), 2 * data["error"].to_numpy()
    axes.hlines(at, value - spread, value + spread, color=PALETTE["posterior"], linewidth=2)
    axes.plot(value, at, "o", color=PALETTE["posterior"], markersize=8, gid="calls")
    for x, end, y in zip(value, np.maximum(value + spread, now), at, strict=True):
        axes.annotate(
            probability(float(x)), (end, y), xytext=(7, 0), textcoords="offset points",
            va="center", fontsize=SMALL, color=PALETTE["posterior"],
        )  # fmt: skip
    axes.set_xlim(0, 1)
    label_x(axes, f"{EVENT}, posterior mean")
    return figure
