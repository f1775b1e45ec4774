"""The figure of the next question: what each would be expected to tell, the best at the top."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import special

from sweet_spot.answers.next_question import NextQuestion, title
from sweet_spot.answers.numbers import RULE, TAILS, plural, probability
from sweet_spot.answers.style import PALETTE, SMALL, label_x, plain, sheet

SHOWN = 20
Z = float(special.ndtri(TAILS[2]))


def next_figure(found: NextQuestion, stamp: str) -> Figure:
    """Expected information of the most telling questions, with its Monte Carlo interval."""
    data = found.data.isel(question=slice(SHOWN))
    count = data.sizes["question"]
    note = (
        f"Dot: expected information about P(usable for at least one factor), with the {RULE}\n"
        "Monte Carlo interval. Orange, open: no forecast of this quantity serves as evidence.\n"
        f"±: by how much P(usable) would be expected to move. Asked: {found.expert}."
    )
    question = "Which question to ask next?" if found.fitted else "Prior: which question next?"
    figure, axes = sheet(0.3 * count + 2.3, question, note, stamp)
    plain(axes)
    at = np.arange(count)[::-1]
    _dots(axes, data, at)
    _beside(axes, data, at)
    names = zip(data["question"].values, data["quantity"].values, strict=True)
    axes.set_yticks(at, [title(str(q), str(about)) for q, about in names], fontsize=SMALL)
    axes.set_ylim(-0.8, count - 0.2)
    axes.set_xlim(left=0)
    axes.locator_params(axis="x", nbins=5)
    label_x(axes, "expected information, bits")
    return figure


def _dots(axes: Axes, data: xr.Dataset, at: np.ndarray) -> None:
    value, off = data["information"].to_numpy(), Z * data["information_error"].to_numpy()
    new = data["related"].to_numpy() == 0
    for which, colour, face, name in (
        (new, PALETTE["outside"], "white", "none"), (~new, PALETTE["posterior"], None, "asked"),
    ):  # fmt: skip
        axes.hlines(
            at[which], np.maximum(value - off, 0)[which], (value + off)[which], color=colour,
            linewidth=2.2, gid=f"interval {name}",
        )  # fmt: skip
        axes.plot(
            value[which], at[which], "o", color=colour, markerfacecolor=face or colour,
            markersize=8, markeredgewidth=1.8, gid=f"information {name}",
        )  # fmt: skip


def _beside(axes: Axes, data: xr.Dataset, at: np.ndarray) -> None:
    """The expected move, who has said something, and the place in the set picked."""
    picked = data["picked"].values.tolist()
    for k, y in enumerate(at):
        row = data.isel(question=k)
        count, name = int(row["related"]), str(row["question"].values)
        heard = f"n = {count}" if count else "none"
        place = f", pick {picked.index(name) + 1}" if name in picked else ""
        axes.annotate(
            f"± {probability(float(row['swing']))}, {heard}{place}", (1.0, y),
            xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=SMALL, color=PALETTE["ink" if count else "outside"],
            annotation_clip=False,
        )  # fmt: skip


def alternative(found: NextQuestion) -> str:
    """The figure in words."""
    shown = min(SHOWN, found.data.sizes["question"])
    prior = "" if found.fitted else "Prior only. "
    return prior + (
        f"Expected information about P(usable) from each of the {plural(shown, 'question')} that"
        f" would tell most, put to {found.expert}; numbers as in the table."
    )
