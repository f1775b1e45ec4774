"""Figure of the learned error constants beside those set by hand; no computation."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from sweet_spot.answers.learning import MEANINGS, by_hand
from sweet_spot.answers.numbers import number, plural, span, words
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet
from sweet_spot.inference.learned import LEARNED, Learned

LEAST, MOST = 0.03, 20.0
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


def learned_figure(learned: Learned) -> Figure:
    """A row for each constant: median and 90 % interval on a new panel, and the hand value."""
    sources = learned.sources
    stamp = (
        f"{plural(sum(s.statements for s in sources), 'statement')} on"
        f" {plural(sum(s.questions for s in sources), 'question')} with known answers ·"
        f" {plural(len(sources), 'dataset')} · {learned.date}"
        f"{'' if learned.passed else ' · FAILED its checks'}"
    )
    note = (
        "Dot and bar: median and 90 % interval of the constant on a new panel in a new domain.\n"
        "Diamond: the value set by hand. Without one: was not in the model."
    )
    figure, axes = sheet(5.6, "How people err, learned where answers are known", note, stamp)
    at = np.arange(len(LEARNED))[::-1]
    for y, name in zip(at, LEARNED, strict=True):
        _row(axes, y, name, learned)
    axes.set_xscale("log")
    axes.set_xlim(LEAST, MOST)
    axes.set_xticks(TICKS)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_yticks(at, [words(name) for name in LEARNED])
    axes.set_ylim(-0.6, len(LEARNED) - 0.35)
    plain(axes)
    label_x(axes, "value of the constant (log axis; pure numbers)")
    return figure


def _row(axes: Axes, y: float, name: str, learned: Learned) -> None:
    own, hand = learned.constants[name], by_hand(name)
    axes.hlines(y, own.low, own.high, color=PALETTE["posterior"], linewidth=2.4, gid=f"{name} 90 %")
    axes.plot(own.median, y, "o", color=PALETTE["posterior"], markersize=7, gid=f"{name} median")
    if hand > 0:
        axes.plot(hand, y, "D", color=PALETTE["outside"], markersize=6, gid=f"{name} by hand")
    axes.annotate(
        f"{number(own.median, '')} ({span(own.low, own.high, '')})", (1.0, y), va="center",
        xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
        fontsize=SIZE - 2, color=PALETTE["posterior"], annotation_clip=False,
    )  # fmt: skip
    axes.annotate(
        MEANINGS[name], (0.0, y), xycoords=("axes fraction", "data"), xytext=(2, 9), va="center",
        textcoords="offset points", fontsize=SMALL - 1, color=PALETTE["quiet"],
    )  # fmt: skip
