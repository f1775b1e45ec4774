"""Figures of a backtest: each method's score on each dataset, with its error; no computation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from sweet_spot.answers.backtest import HEADLINES, PEEKS, Backtest
from sweet_spot.answers.numbers import words
from sweet_spot.answers.style import PALETTE, SMALL, plain, sheet
from sweet_spot.inference.resolved import BINARY, QUANTILE
from sweet_spot.inference.scores import SCORES
from sweet_spot.inference.standings import ALL, RUNS

OURS = "sweet_spot"
ACROSS, MOST = 3, 4
"""Panels side by side; the most, where that makes one row."""
_TITLES = {
    QUANTILE: "Quantities: error relative to the linear pool, and coverage",
    BINARY: "Yes/no questions: log score",
}
_AXES = {
    "wis_ratio": "weighted interval score over the linear pool's (log axis; less is better)",
    "coverage_90": "share of outcomes inside the 90 % interval (0.90 is right)",
    "log": "log score less that of the linear pool, nats (less is better)",
}
_READ = {
    QUANTILE: f"Line: equal weights; 0.90. Number: the value. Hollow: {words(PEEKS)}, which has"
    " seen the answers.",
    BINARY: "Line: equal weights, the linear pool; errors are paired. Number: the log score.",
}
_LINES = {"wis_ratio": 1.0, "coverage_90": 0.9, "log": 0.0}
"""Where the linear pool stands, or what coverage should be."""
_NAMES = {QUANTILE: "quantities", BINARY: "probabilities"}


def shown(found: Backtest) -> Mapping[str, str]:
    """The kinds of questions whose headline score there is, by name of their figure."""
    there = found.data["score"].to_numpy()
    return {f"backtest-{_NAMES[k]}": k for k, headline in HEADLINES.items() if headline in there}


def backtest_figures(found: Backtest) -> Mapping[str, Figure]:
    """One figure for each of these kinds, by name."""
    return {name: backtest_figure(found, kind) for name, kind in shown(found).items()}


def backtest_figure(found: Backtest, kind: str) -> Figure:
    """A panel for each dataset (and score, for quantities), a row for each method."""
    scores = ["wis_ratio", "coverage_90"] if kind == QUANTILE else ["log"]
    data = found.data["value"].sel(score=scores[0])
    data = data.dropna("dataset", how="all").dropna("method", how="all")
    names, methods = ([str(each) for each in data[key].values] for key in ("dataset", "method"))
    across = len(names) if len(names) <= MOST else ACROSS
    panels = [
        (score, names[at : at + across]) for score in scores for at in range(0, len(names), across)
    ]
    note = (
        "Dot: mean over questions. Bar: twice its bootstrap standard error over groups, either way."
        f"\n{_READ[kind]}"
    )
    own = [score for score in SCORES[kind] if score in found.data["score"].values]
    counts = found.data["n"].sel(score=own).max(("method", "score"))
    count = int(counts.drop_sel(dataset=ALL, errors="ignore").sum())
    stamp = f"{count} questions · {RUNS} bootstrap runs, seed {found.seed}"
    height = len(panels) * (0.23 * len(methods) + 1.05) + 1.6
    figure, grid = sheet(
        height, _TITLES[kind], note, stamp, nrows=len(panels), squeeze=False,
        ncols=across, sharey=True,
    )  # fmt: skip
    figure.get_layout_engine().set(h_pad=0.1)  # type: ignore[union-attr, call-arg]
    for row, (score, where) in zip(grid, panels, strict=True):
        _row(row, found, score, where, methods)
    return figure


def _row(
    row: Sequence[Axes], found: Backtest, score: str, names: Sequence[str], methods: Sequence[str]
) -> None:
    for axes, name in zip(row, names, strict=False):
        _panel(axes, found, name, score, methods)
    for axes in row[len(names) :]:
        axes.set_visible(False)
    row[0].set_xlabel(" ", fontsize=SMALL)  # keeps the room; the words run on below the others
    row[0].annotate(
        _AXES[score], (0, 0), xycoords="axes fraction", xytext=(0, -19), va="top", fontsize=SMALL,
        textcoords="offset points", annotation_clip=False,
    ).set_in_layout(False)  # fmt: skip


def _panel(axes: Axes, found: Backtest, dataset: str, score: str, methods: Sequence[str]) -> None:
    """One dataset's methods by one score, the values written at the right."""
    data = found.data.sel({"dataset": dataset, "score": score, "method": list(methods)})
    shown, error = ("difference", "difference_se") if score == "log" else ("value", "se")
    at = np.arange(len(methods))[::-1]
    plain(axes)
    axes.axvline(_LINES[score], color=PALETTE["prior"], linewidth=1.2, gid=f"line {dataset}")
    for y, method in zip(at, methods, strict=True):
        own = data.sel({"method": method})
        value, bar = float(own[shown]), 2 * float(own[error])
        # a ratio keeps its sign: its bar is as long on the log axis
        up = np.exp(bar / value) if score == "wis_ratio" else 1.0
        ends = (value / up, value * up) if score == "wis_ratio" else (value - bar, value + bar)
        colour = PALETTE["sweet spot" if method == OURS else "posterior"]
        look: dict[str, Any] = {"markerfacecolor": "white"} if method == PEEKS else {}
        axes.hlines(y, *ends, color=colour, linewidth=1.8)
        axes.plot(value, y, "o", color=colour, gid=f"{dataset} {method} {score}", **look)
        axes.annotate(
            f"{float(own['value']):.{3 if score == 'log' else 2}f}", (1.0, y), ha="right",
            xycoords=("axes fraction", "data"), xytext=(27, 0), textcoords="offset points",
            va="center", fontsize=SMALL - 1, color=colour, annotation_clip=False,
        )  # fmt: skip
    axes.set_yticks(at, [words(method) for method in methods], fontsize=SMALL)
    axes.set_ylim(-0.7, len(methods) - 0.3)
    _across(axes, score)
    count = int(np.nanmax(data["n"].to_numpy()))
    axes.set_title(f"{words(dataset)} ({count})", fontsize=SMALL, loc="left", color=PALETTE["ink"])


def _across(axes: Axes, score: str) -> None:
    """Ticks of the axis of scores: few, and plain numbers."""
    axes.tick_params(axis="x", labelsize=SMALL - 1)
    if score != "wis_ratio":
        axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
        return
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    ticks = (0.01, 0.1, 1, 10) if high > 10 * low else (0.3, 0.5, 0.7, 1, 1.5, 2)
    axes.set_xticks([tick for tick in ticks if low <= tick <= high])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
