"""Figures of influence, camps, tornado and the inverse question: tables in, figures out."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.camps import Camps
from sweet_spot.answers.influence import Influence
from sweet_spot.answers.inverse import Inverse
from sweet_spot.answers.numbers import number, probability, words
from sweet_spot.answers.sensitivity import Sensitivity
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet

MOST = 20
"""How many rows a figure shows; the table has them all."""
LONGEST = 48
DURATIONS = ("years", "months", "weeks", "days")
EVENT = "P(usable for at least one factor)"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def rows_of(axes: Axes, labels: list[str]) -> np.ndarray:
    """A row for each label, the first on top."""
    at = np.arange(len(labels))[::-1]
    axes.set_yticks(at, [_short(label) for label in labels], fontsize=SMALL)
    axes.set_ylim(-0.7, len(labels) - 0.3)
    return at


def influence_figure(found: Influence, stamp: str) -> Figure:
    """The headline without each, and what each implies alone; those with a number."""
    known = np.isfinite(found.data["change"].to_numpy())
    data = found.data.isel(who=np.flatnonzero(known)[:MOST])
    by, unknown = str(data.attrs["by"]), int((~known).sum())
    note = "Dot: headline without them. Bar: twice the Monte Carlo error. Line: with all."
    note += "\nDiamond: what their statements alone imply; dotted line: prior."
    if unknown:
        note += f" {unknown} more: k > 0.7, not reported."
    title = f"Who moves the answer? Without each {by}, and alone"
    figure, axes = sheet(0.32 * data.sizes["who"] + 2.2, title, note, stamp)
    plain(axes)
    at = rows_of(axes, [str(who) for who in data["who"].values])
    now = float(data.attrs["headline"])
    axes.axvline(now, color=PALETTE["posterior"], linewidth=1.2)
    axes.axvline(float(data.attrs["prior"]), color=PALETTE["prior"], linewidth=1.2, linestyle=":")
    without, spread = now + data["change"].to_numpy(), 2 * data["change_error"].to_numpy()
    axes.hlines(at, without - spread, without + spread, color=PALETTE["posterior"], linewidth=2)
    axes.plot(without, at, "o", color=PALETTE["posterior"], markersize=7, gid="without")
    axes.plot(data["alone"], at, "D", color=PALETTE["prior"], markersize=6, gid="alone")
    label_x(axes, f"{EVENT}, posterior mean")
    return figure


def camps_figure(found: Camps, stamp: str) -> Figure:
    """How far each question, swapped, carries either camp towards the other."""
    data = found.questions.isel(question=slice(MOST))
    note = "Dot: camp a adopts b's view on the question. Square: b adopts a's."
    note += "\nLines: each camp on its own statements. Bars: twice the Monte Carlo error."
    figure, axes = sheet(
        0.42 * data.sizes["question"] + 2.2, "Cruxes: which question closes the gap?", note, stamp
    )
    plain(axes)
    at = rows_of(axes, [words(str(q)) for q in data["question"].values])
    looks = {"a": ("o", "posterior", 0.13), "b": ("s", "outside", -0.13)}
    left = "a" if found.gap > 0 else "b"
    for side, (mark, colour, off) in looks.items():
        own = float(found.credences["value"].sel(camp=side))
        axes.axvline(own, color=PALETTE[colour], linewidth=1.2)
        axes.annotate(
            f"{side} {probability(own)}", (own, 1.0), xycoords=("data", "axes fraction"),
            xytext=(-3 if side == left else 3, 2), textcoords="offset points",
            ha="right" if side == left else "left", color=PALETTE[colour], fontsize=SMALL,
        )  # fmt: skip
        moved = own + data["change"].sel(camp=side).to_numpy()
        spread = 2 * data["change_error"].sel(camp=side).to_numpy()
        axes.hlines(at + off, moved - spread, moved + spread, color=PALETTE[colour], linewidth=2)
        axes.plot(moved, at + off, mark, color=PALETTE[colour], markersize=7, gid=f"{side} adopts")
    label_x(axes, f"{EVENT}, from the camp's statements alone")
    return figure


def tornado_figure(found: Sensitivity, stamp: str) -> Figure:
    """The headline with each latent at its 10 % and its 90 % posterior point."""
    data = found.tornado.isel(coordinate=slice(MOST))
    note = "Each latent is set to its 10 % (diamond) and 90 % (dot) posterior point, all else as"
    note += "\ndrawn; beside the marks, these points. Line: the headline. Set, not learned."
    figure, axes = sheet(
        0.32 * data.sizes["coordinate"] + 2.2,
        "What moves the answer? Latent by latent",
        note,
        stamp,
    )
    plain(axes)
    names = [f"{words(str(c))}, {u}" for c, u in _pairs(data, "coordinate", "unit")]
    at = rows_of(axes, names)
    axes.axvline(found.headline, color=PALETTE["ink"], linewidth=1)
    low, high = data["low"].to_numpy(), data["high"].to_numpy()
    axes.hlines(at, low, high, color=PALETTE["posterior"], linewidth=5, alpha=0.35, gid="swing")
    axes.plot(low, at, "D", color=PALETTE["outside"], markersize=6, gid="low")
    axes.plot(high, at, "o", color=PALETTE["posterior"], markersize=7, gid="high")
    for i, y in enumerate(at):
        for end, value in (("low", low[i]), ("high", high[i])):
            right = value > (low[i] + high[i]) / 2
            point = number(float(data[f"{end}_point"][i]), str(data["unit"].values[i]))
            axes.annotate(
                point, (value, y), xytext=(7 if right else -7, 0), textcoords="offset points",
                ha="left" if right else "right", va="center", fontsize=SMALL - 1,
                color=PALETTE["quiet"],
            )  # fmt: skip
    axes.margins(x=0.12)
    label_x(axes, f"{EVENT}, posterior mean")
    return figure


def _pairs(data: xr.Dataset, *names: str) -> list[tuple[str, ...]]:
    return list(zip(*(data[name].values.tolist() for name in names), strict=True))


def inverse_figure(found: Inverse, stamp: str) -> Figure:
    """The headline as a function of what one more forecast says."""
    data, at = found.data, found.data.attrs
    note = "Line: posterior mean were that said; band: twice the Monte Carlo error, either side."
    note += "\nDashed: the level to cross. Thin: without the forecast."
    if np.isfinite(found.refitted):
        note += " Square: a refit."
    title = f"What would one more forecast have to be? {words(str(at['question']))}"
    figure, axes = sheet(5.0, title, note, stamp)
    plain(axes, grid="both")
    said, credence, spread = data["value"], data["credence"], 2 * data["error"]
    colour, band = PALETTE["posterior"], (credence - spread, credence + spread)
    axes.fill_between(said, *band, color=colour, alpha=0.2, linewidth=0)
    axes.plot(said, credence, color=colour, linewidth=2, gid="credence")
    axes.axhline(at["target"], color=PALETTE["outside"], linestyle="--", linewidth=1.2)
    axes.axhline(at["headline"], color=PALETTE["quiet"], linewidth=1)
    crossed = np.isfinite(found.found)
    x, y = (found.found, at["target"]) if crossed else (found.best, found.reached)
    axes.plot([x], [y], "o", color=PALETTE["ink"], markersize=8, gid="found")
    axes.annotate(
        f"{number(x, at['unit'])}: {probability(y)}" + ("" if crossed else ", the closest"),
        (x, y), xytext=(0, 10), textcoords="offset points", fontsize=SIZE - 1, ha="center",
    )  # fmt: skip
    if np.isfinite(found.refitted):
        axes.plot([x], [found.refitted], "s", color=PALETTE["check"], markersize=8, gid="refit")
    if at["unit"] in DURATIONS:  # from nothing to decades
        axes.set_xscale("symlog", linthresh=0.1)
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.set_ylabel(EVENT, fontsize=SIZE)
    label_x(axes, f"{at['statement']}, {at['unit']}")
    return figure
