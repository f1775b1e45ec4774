"""Figures of obstacles, and of problem hardness against competence: tables in, figures out."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from sweet_spot.answers.credences import ANY
from sweet_spot.answers.numbers import probability
from sweet_spot.answers.obstacles import OBSTACLES, Obstacles
from sweet_spot.answers.profile import CONTENT, Profile
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet

BANDS = np.linspace(0.0, 1.0, 11)
"""Probabilities at which the map changes its colour; its lines are labelled."""
COLOURS = "cividis"
"""Perceptually uniform, made to look the same to the colour-blind."""
LABELS_AT = 0.75
"""The shift of competence at which the lines of the map are labelled."""


def obstacles_figure(found: Obstacles, stamp: str) -> Figure:
    """Waterfall in the stated order, and Shapley shares, for any factor."""
    world = "posterior" if found.fitted else "prior"
    title = f"{'' if found.fitted else 'Prior: '}What each obstacle costs, for at least one factor"
    note = (
        f"Left: {world} P(usable) as obstacles are switched on from the top; a bar is what one"
        " takes.\nRight: its Shapley share, mean over all orders; black: ± 2 Monte Carlo errors."
    )
    note += " Diamond, and in brackets: prior." * found.fitted
    figure, (left, right) = sheet(
        5.4, title, note, stamp, ncols=2, sharey=True, gridspec_kw={"width_ratios": [1.15, 1]}
    )
    data = found.data.sel(factor=ANY)
    _falls(left, data, world)
    _shares(right, data, world)
    names = [words.replace(" (", "\n(") for words, _ in OBSTACLES.values()]
    left.set_yticks(np.arange(len(names) + 1)[::-1], [*names, "= usable"])
    left.set_title("switched on in this order", loc="left", fontsize=SIZE)
    right.set_title("Shapley share", loc="left", fontsize=SIZE)
    label_x(left, "probability left")
    label_x(right, "probability taken")
    return figure


def _falls(axes: Axes, data: xr.Dataset, world: str) -> None:
    plain(axes)
    after, taken = (data[name].sel(world=world).to_numpy() for name in ("left", "waterfall"))
    at = np.arange(len(after) + 1)[::-1]
    axes.barh(at[:-1], taken, 0.6, left=after, color=PALETTE["outside"], gid="taken")
    axes.barh(at[-1:], after[-1:], 0.6, color=PALETTE[world], gid="usable")
    axes.vlines(after, at[1:] - 0.3, at[:-1] + 0.3, color=PALETTE["quiet"], linewidth=0.8)
    if world == "posterior":
        before = data["left"].sel(world="prior").to_numpy()
        _diamonds(axes, before[-1:], at[-1:])
    for y, text, end in zip(at, _numbers(data["waterfall"], world), after, strict=False):
        _say(axes, text, float(end), float(y), -5)
    axes.annotate(
        probability(float(after[-1])), (0, at[-1]), xytext=(6, 0), textcoords="offset points",
        va="center", color="white", fontsize=SMALL + 1, fontweight="bold",
    )  # fmt: skip
    axes.set_xlim(0, 1.02)


def _shares(axes: Axes, data: xr.Dataset, world: str) -> None:
    plain(axes)
    share, spread = (data[n].sel(world=world).to_numpy() for n in ("shapley", "shapley_mcse"))
    at = np.arange(len(share) + 1)[:0:-1]
    axes.barh(at, share, 0.6, color=PALETTE[world], gid="shapley")
    axes.hlines(
        at, share - 2 * spread, share + 2 * spread, color=PALETTE["ink"], linewidth=2.2, gid="error"
    )
    if world == "posterior":
        before = data["shapley"].sel(world="prior").to_numpy()
        _diamonds(axes, before, at)
        share = np.maximum(share, before)
    for y, text, end in zip(at, _numbers(data["shapley"], world), share, strict=True):
        _say(axes, text, float(end), float(y), 9)
    axes.set_xlim(0, float(share.max()) * 1.5)


def _numbers(values: xr.DataArray, world: str) -> list[str]:
    """Each obstacle's probability, that of the prior in brackets."""
    here, before = (values.sel(world=w).to_numpy().tolist() for w in (world, "prior"))
    pairs = zip(map(probability, here), map(probability, before), strict=True)
    return [f"{one} ({other})" if world == "posterior" else one for one, other in pairs]


def _diamonds(axes: Axes, values: np.ndarray, at: np.ndarray) -> None:
    axes.plot(
        values, at, "D", color="white", markeredgecolor=PALETTE["ink"], markersize=6, gid="prior",
        clip_on=False,
    )  # fmt: skip


def _say(axes: Axes, text: str, x: float, y: float, away: float) -> None:
    axes.annotate(
        text, (x, y), xytext=(away, 0), textcoords="offset points", va="center",
        ha="left" if away > 0 else "right", fontsize=SMALL + 1, color=PALETTE["ink"],
    )  # fmt: skip


def profile_figure(found: Profile, stamp: str) -> Figure:
    """P(usable) with all draws moved along both axes, the mass of the draws on it and beside it."""
    world = "posterior" if found.fitted else "prior"
    told = "P(usable) were the problem harder, or we better"
    title = f"Intervening: {told}" if found.fitted else f"Prior: intervening: {told}"
    note = (
        f"Colour and black lines: P(usable) for at least one factor, all {world} draws moved;"
        " 0, 0: as they are.\nWhite: where the draws themselves lie,"
        f" {' and '.join(f'{100 * c:.0f} %' for c in CONTENT)} inside"
    )
    note += "; dashed: prior, 90 % inside." if found.fitted else "."
    figure, grid = sheet(
        7.6, title, note, stamp, nrows=2, ncols=2, sharex="col", sharey="row",
        gridspec_kw={"width_ratios": [5, 1], "height_ratios": [1, 5]},
    )  # fmt: skip
    (top, corner), (map_, side) = grid
    corner.set_axis_off()
    _map(map_, found.data.sel(factor=ANY))
    _mass(map_, found.data)
    _margins(top, side, found.data)
    map_.set_ylabel("competence latents: shift in prior sds, better upwards", fontsize=SIZE)
    label_x(map_, "problem latents: shift in prior sds, harder to the right")
    return figure


def _map(axes: Axes, data: xr.Dataset) -> None:
    x, y, p = (data[name].to_numpy() for name in ("problem", "competence", "shifted"))
    axes.contourf(x, y, p, levels=BANDS, cmap=COLOURS).set_gid("map")
    lines = axes.contour(x, y, p, levels=BANDS[1:-1], colors=PALETTE["ink"], linewidths=0.8)
    row = np.argmin(abs(y - LABELS_AT))
    spots = np.interp(BANDS[1:-1], p[row][::-1], x[::-1])
    labels = axes.clabel(
        lines, fmt="%.1f", fontsize=SMALL, manual=[(spot, y[row]) for spot in spots]
    )
    for label in labels:
        label.set_zorder(6)  # above the contours of mass
        label.set_path_effects([withStroke(linewidth=2.2, foreground="white")])
    axes.tick_params(labelsize=SIZE - 1)


def _mass(axes: Axes, data: xr.Dataset) -> None:
    """Contours of the draws, solid for those that are moved, dashed for the prior beside them."""
    x, y = (data[name].to_numpy() for name in ("problem_at", "competence_at"))
    for k, world in enumerate(data["world"].to_numpy()):
        here = data.sel(world=world)
        levels = np.sort(here["level"].to_numpy())[: 1 if k else None]
        lines = axes.contour(
            x, y, here["density"].to_numpy(), levels=levels, colors="white",
            linewidths=1.6 if k else 2.4, linestyles="dashed" if k else "solid",
        )  # fmt: skip
        lines.set_gid(f"mass {world}")
        lines.set_path_effects([withStroke(linewidth=4.0, foreground=PALETTE["ink"])])
        centre = here["centre"].to_numpy()
        axes.plot(
            *centre, "D" if k else "o", color="white", markeredgecolor=PALETTE["ink"],
            markersize=6 if k else 9, gid=f"centre {world}",
        )  # fmt: skip


def _margins(top: Axes, side: Axes, data: xr.Dataset) -> None:
    """How the draws are spread along each axis."""
    for axes, name in ((top, "problem"), (side, "competence")):
        plain(axes, grid="both")
        for world in data["world"].to_numpy()[::-1]:
            at, height = data[f"{name}_at"].to_numpy(), data[f"{name}_density"].sel(world=world)
            across = (at, height.to_numpy())
            axes.plot(
                *(across if name == "problem" else across[::-1]), color=PALETTE[world],
                linewidth=2.2, gid=f"{name} {world}",
            )  # fmt: skip
    top.set_yticks([])
    side.set_xticks([])
    for k, world in enumerate(data["world"].to_numpy()):
        top.annotate(
            f"{world} draws", (1, 0.95 - 0.3 * k), xycoords="axes fraction", ha="right", va="top",
            fontsize=SMALL, color=PALETTE[world],
        )  # fmt: skip
