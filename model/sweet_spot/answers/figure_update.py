"""The figure of an update: what the credences were and are, and which statements moved them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.credences import HEADLINE
from sweet_spot.answers.figures import FACTOR_WORDS
from sweet_spot.answers.numbers import probability, words
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet
from sweet_spot.answers.update import Update

MOST = 12
"""So many shares are drawn, the largest; the table has all."""


def update_figure(update: Update) -> Figure:
    """P(usable) before and after for each factor, and the shares of the largest causes."""
    shown = min(update.shares.data.sizes["cause"], MOST) if update.shares.trusted else 0
    note = "Diamond: posterior mean before. Dot: after. Bars: Shapley shares in the change of"
    note += "\nP(usable for at least one factor), with one Monte Carlo standard error."
    how = f"quick, Pareto k {update.pareto_k:.2f}" if update.quick else "fitted again"
    stamp = (
        f"{how} · posterior · {update.statements} evidence statements by {update.experts} experts"
    )
    rows = max(shown, 1)
    figure, (left, right) = sheet(
        2.9 + 0.3 * (5 + rows), "What the new statements changed", note, stamp, nrows=2,
        height_ratios=[5, rows],
    )  # fmt: skip
    _credences(left, update)
    _shares(right, update, shown)
    return figure


def _credences(axes: Axes, update: Update) -> None:
    plain(axes)
    data = update.data.sel(gate=HEADLINE[0])
    factors = [str(factor) for factor in data["factor"].values]
    at = np.arange(len(factors))[::-1]
    before, after = (data[name].to_numpy() for name in ("before", "after"))
    axes.hlines(at, before, after, color=PALETTE["posterior"], linewidth=2, gid="change")
    axes.plot(after, at, "o", color=PALETTE["posterior"], markersize=9, gid="after")
    axes.plot(
        before, at, "D", color="white", markeredgecolor=PALETTE["ink"], markersize=5, gid="before"
    )
    for y, old, new in zip(at, before, after, strict=True):
        side = 1 if new >= old else -1
        axes.annotate(
            probability(float(new)), (new, y), xytext=(9 * side, 0), textcoords="offset points",
            va="center", ha="left" if side > 0 else "right", fontsize=SMALL,
            color=PALETTE["posterior"],
        )  # fmt: skip
    axes.set_yticks(at, [FACTOR_WORDS.get(f, words(f)) for f in factors])
    axes.set_ylim(-0.7, len(factors) - 0.3)
    axes.set_xlim(0, 1)
    label_x(axes, "P(usable), posterior")


def _shares(axes: Axes, update: Update, shown: int) -> None:
    plain(axes)
    data = update.shares.data
    order = np.argsort(-abs(data["share"].to_numpy()), kind="stable")[:shown]
    share, error = (data[name].to_numpy()[order] for name in ("share", "mcse"))
    at = np.arange(shown)[::-1]
    colours = [PALETTE["useful" if value > 0 else "dangerous"] for value in share]
    axes.barh(at, share, 0.6, color=colours, gid="share")
    axes.hlines(at, share - error, share + error, color=PALETTE["ink"], gid="share error")
    axes.axvline(0, color=PALETTE["quiet"], linewidth=0.8)
    names = [str(data["cause"].values[i]) for i in order]
    axes.set_yticks(at, names, fontsize=SIZE - 2)
    axes.set_ylim(-0.7, max(shown, 1) - 0.3)
    label_x(axes, "share in the change, in probability" if shown else "no share to report")
