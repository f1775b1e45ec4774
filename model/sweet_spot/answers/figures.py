"""Figures of credences, waterfall and latents: tables in, figures out, nothing computed.

Artists carry a gid that says what they show, so that a test can hold them to the tables.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.credences import CredenceTable
from sweet_spot.answers.latents import PRIOR_ONLY, LatentTable
from sweet_spot.answers.numbers import RULE, probability, words
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet
from sweet_spot.answers.waterfall import Waterfall

GATE_WORDS = {
    "exists": "exists", "lasts": "… and lasts long enough", "invested": "… and is invested in",
    "elicitable": "… and work can be evaluated", "usable": "… and is not sabotaged = usable",
}  # fmt: skip
FACTOR_WORDS = {"any": "at least one", "all": "all three"}


def _worlds(fitted: bool) -> list[tuple[str, str]]:
    """What is drawn, below first, with the form of its mark."""
    return [("prior", "D"), ("posterior", "o")] if fitted else [("prior", "D")]


def credences_figure(table: CredenceTable, stamp: str) -> Figure:
    """Each gate for each factor, any and all: posterior beside prior."""
    factors = [str(f) for f in table.data["factor"].values]
    gates = [str(g) for g in table.data["gate"].values]
    title = "How likely is each gate?" if table.fitted else "Prior: how likely is each gate?"
    note = "Dot: posterior mean. Diamond: prior mean." if table.fitted else "Diamond: prior mean."
    figure, grid = sheet(8.6, title, note, stamp, nrows=len(gates), sharex=True)
    for gate, axes in zip(gates, grid, strict=True):
        plain(axes)
        at = np.arange(len(factors))[::-1]
        for world, mark in _worlds(table.fitted):
            shown = table.data[world].sel(gate=gate).to_numpy()
            axes.plot(
                shown, at, mark, color=PALETTE[world], markersize=9 if mark == "o" else 6,
                gid=f"{world} {gate}", clip_on=False, zorder=3 if mark == "o" else 2,
            )  # fmt: skip
        for factor, y in zip(factors, at, strict=True):
            _value(axes, table.credence(gate, factor), y, "posterior" if table.fitted else "prior")
        axes.set_yticks(at, [FACTOR_WORDS.get(f, words(f)) for f in factors])
        axes.set_ylim(-0.7, len(factors) - 0.3)
        axes.set_xlim(0, 1)
        axes.set_title(GATE_WORDS[gate], loc="left", fontsize=SIZE, color=PALETTE["ink"])
    label_x(grid[-1], "probability" if table.fitted else "prior probability")
    return figure


def _value(axes: Axes, value: float, y: float, world: str) -> None:
    axes.annotate(
        probability(value), (value, y), xytext=(9, 0), textcoords="offset points", va="center",
        fontsize=SMALL, color=PALETTE[world],
    )  # fmt: skip


def waterfall_figure(table: Waterfall, stamp: str) -> Figure:
    """What is left after each gate, for any factor and for each."""
    fitted = "posterior" in table.data["world"]
    factors = ["any", *[str(f) for f in table.data["factor"].values if f not in ("any", "all")]]
    title = "What each gate leaves" if fitted else "Prior: what each gate leaves"
    note = "Bar: probability left after the gate. Pale: what the gate takes."
    note += " Diamond: prior." * fitted
    figure, grid = sheet(7.2, title, note, stamp, nrows=2, ncols=2, sharex=True, sharey=True)
    for factor, axes in zip(factors, grid.flat, strict=True):
        plain(axes)
        _falls(axes, table.data.sel(factor=factor), fitted)
        axes.set_title(FACTOR_WORDS.get(factor, words(factor)), loc="left", fontsize=SIZE)
    for axes in grid[-1]:
        label_x(axes, "probability left" if fitted else "prior probability left")
    return figure


def _falls(axes: Axes, data: xr.Dataset, fitted: bool) -> None:
    gates = [str(g) for g in data["gate"].values]
    at = np.arange(len(gates))[::-1]
    world = "posterior" if fitted else "prior"
    left, lost = (data[name].sel(world=world).to_numpy() for name in ("left", "lost"))
    axes.barh(at, left, 0.62, color=PALETTE[world], gid=f"left {world}")
    axes.barh(at, lost, 0.62, left=left, color=PALETTE["rule"], gid=f"lost {world}")
    if fitted:
        prior = data["left"].sel(world="prior").to_numpy()
        axes.plot(
            prior,
            at,
            "D",
            color="white",
            markeredgecolor=PALETTE["ink"],
            markersize=6,
            gid="left prior",
        )
    for y, value in zip(at, left, strict=True):
        axes.annotate(
            probability(float(value)), (0, y), xytext=(6, 0), textcoords="offset points",
            va="center", color="white", fontsize=SMALL + 1, fontweight="bold",
        )  # fmt: skip
    axes.set_yticks(at, gates)
    axes.set_xlim(0, 1)


def latents_figure(table: LatentTable, fitted: bool, stamp: str) -> Figure:
    """Every latent on its prior's own range: prior and posterior; prior-only ones are grey."""
    data = table.data
    count = data.sizes["coordinate"]
    title = "What the forecasts say about each latent" if fitted else "Prior: the latents"
    note = f"Thick pale: prior. Thin, with dot: posterior. Both {RULE}, with the median."
    note += f'\nGrey, "{PRIOR_ONLY}": no statement touches it; it may still move with others.'
    note = note if fitted else f"Prior median and {RULE} interval."
    figure, axes = sheet(0.3 * count + 1.7, title, note, stamp)
    plain(axes)
    at = np.arange(count)[::-1]
    _intervals(axes, data, at, fitted)
    axes.set_yticks(at, [words(str(c)) for c in data["coordinate"].values], fontsize=SMALL)
    axes.set_ylim(-0.8, count - 0.2)
    if fitted:
        _behind(axes, data, at)
    axes.set_xticks([0, 1], ["prior's lower end", "prior's upper end"])
    return figure


def _intervals(axes: Axes, data: xr.Dataset, at: np.ndarray, fitted: bool) -> None:
    """Prior and posterior of each latent, in units of its prior interval."""
    low, high = (data["prior"].sel(point=p).to_numpy()[:, None] for p in ("low", "high"))
    before, after = ((data[n].to_numpy() - low) / (high - low) for n in ("prior", "posterior"))
    grey = PALETTE["prior"]
    axes.hlines(
        at, before[:, 0], before[:, 2], color=grey, linewidth=8, alpha=0.35, gid="prior interval"
    )
    axes.plot(before[:, 1], at, "|", color=grey, markersize=12, gid="prior median")
    if fitted:
        untouched = data["statements"].to_numpy() == 0
        colours = np.where(untouched, grey, PALETTE["posterior"]).tolist()
        axes.hlines(
            at, after[:, 0], after[:, 2], color=colours, linewidth=2.6, gid="posterior interval"
        )
        axes.scatter(after[:, 1], at, s=36, color=colours, zorder=3, gid="posterior median")


def _behind(axes: Axes, data: xr.Dataset, at: np.ndarray) -> None:
    """How many statements touch each latent, beside its row."""
    for y, count in zip(at, data["statements"].to_numpy(), strict=True):
        axes.annotate(
            f"n = {count}" if count else PRIOR_ONLY, (1.0, y), xycoords=("axes fraction", "data"),
            xytext=(8, 0), textcoords="offset points", va="center", fontsize=SMALL,
            color=PALETTE["ink" if count else "quiet"], annotation_clip=False,
        )  # fmt: skip
