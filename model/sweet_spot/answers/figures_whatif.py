"""Figures of what-ifs: every scenario from today's dot to its own, and one what-if gate by gate."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sweet_spot.answers.credences import ANY
from sweet_spot.answers.figures import FACTOR_WORDS, GATE_WORDS
from sweet_spot.answers.numbers import probability, signed, words
from sweet_spot.answers.scenarios import OUTSIDE, ScenarioTable
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet
from sweet_spot.answers.whatif import WhatIf
from sweet_spot.argument.scenarios import GROUPS

NOISE = 2.0
"""A change of at most so many Monte Carlo errors is drawn as none."""
LONGEST = 105
"""Characters of a title that fit below a figure."""
_BETTER, _WORSE = PALETTE["useful"], PALETTE["dangerous"]


def scenarios_figure(table: ScenarioTable, stamp: str) -> Figure:
    """Each scenario as a dumbbell, sorted within its group: P(usable) for at least one factor."""
    groups = [g for g in GROUPS if any(s.group == g for s in table.scenarios)]
    counts = [sum(s.group == g for s in table.scenarios) for g in groups]
    prior = "Prior: " if table.world == "prior" else ""
    note = (
        "Grey: today. Coloured: if the scenario were made so; beside it probability and change."
        "\nWhat a scenario moves, and by how much, is judgement. Hollow: the model has no place for"
        " it."
    )
    figure, grid = sheet(
        0.3 * sum(counts) + 0.75 * len(groups) + 1.6, f"{prior}What would move the answer?", note,
        stamp, nrows=len(groups), sharex=True, squeeze=False,
        gridspec_kw={"height_ratios": [count + 0.8 for count in counts]},
    )  # fmt: skip
    for group, axes in zip(groups, grid[:, 0], strict=True):
        plain(axes)
        _dumbbells(axes, table, group)
        axes.set_title(GROUPS[group], loc="left", fontsize=SIZE, fontweight="bold")
    today = float(table.data["today"].sel(world=table.world, factor=ANY))
    grid[0, 0].annotate(
        f"today {probability(today)}", (today, 1), xycoords=("data", "axes fraction"),
        xytext=(0, 3), textcoords="offset points", ha="center", fontsize=SMALL,
        color=PALETTE["quiet"],
    )  # fmt: skip
    grid[-1, 0].xaxis.set_major_locator(MaxNLocator(6))
    label_x(grid[-1, 0], f"{table.world} P(usable sweet spot for at least one factor)")
    return figure


def _dumbbells(axes: Axes, table: ScenarioTable, group: str) -> None:
    shown = [s for s in table.scenarios if s.group == group]
    data = table.data.sel(world=table.world, factor=ANY, scenario=[s.id for s in shown])
    today, after = float(data["today"]), data["whatif"].to_numpy()
    at = np.arange(len(shown))[::-1]
    moves = np.array([bool(s.moves) for s in shown])
    colours = np.where(after >= today, _BETTER, _WORSE)
    axes.axvline(today, color=PALETTE["quiet"], linewidth=1)
    axes.plot(
        np.full(len(at), today), at, "o", color=PALETTE["quiet"], markersize=5, gid=f"today {group}"
    )
    axes.hlines(at, today, after, color=colours.tolist(), linewidth=3, gid=f"change {group}")
    faces = np.where(moves, colours, "white").tolist()
    edges = np.where(moves, colours, PALETTE["quiet"]).tolist()
    axes.scatter(after, at, s=64, c=faces, edgecolors=edges, zorder=3, gid=f"whatif {group}")
    for y, value, scenario in zip(at, after, shown, strict=True):
        text = f"{probability(value)} ({signed(value - today)})" if scenario.moves else OUTSIDE
        right = value >= today
        axes.annotate(
            text, (value, y), xytext=(9 if right else -9, 0), textcoords="offset points",
            va="center", ha="left" if right else "right", fontsize=SMALL, color=PALETTE["ink"],
        )  # fmt: skip
    axes.set_yticks(at, [s.name for s in shown], fontsize=SMALL)
    axes.set_ylim(-0.6, len(shown) - 0.4)
    values = table.data["whatif"].sel(world=table.world, factor=ANY).to_numpy()
    low, high = min(values.min(), today), max(values.max(), today)
    room = max(0.5 * (high - low), 0.02)  # for the longest label on either side
    axes.set_xlim(low - room, high + room)


def whatif_figure(found: WhatIf, stamp: str) -> Figure:
    """One what-if, gate by gate: today's probability and that if it were made so, or learned."""
    gates = [str(g) for g in found.data["gate"].values]
    prior = "Prior: what" if found.world == "prior" else "What"
    done = "learned (conditioning)" if found.kind == "given" else "made so (intervention)"
    note = "Bar: today. Dot: what-if, probability and change; grey within two Monte Carlo errors.\n"
    note += found.title if len(found.title) <= LONGEST else f"{found.title[: LONGEST - 1]}…"
    figure, grid = sheet(
        8.8, f"{prior} if this were {done}?", note, stamp, nrows=len(gates), sharex=True
    )
    for gate, axes in zip(gates, grid, strict=True):
        plain(axes)
        _gate(axes, found, gate)
        axes.set_title(GATE_WORDS[gate], loc="left", fontsize=SIZE, color=PALETTE["ink"])
    label_x(grid[-1], f"{found.world} probability")
    return figure


def _gate(axes: Axes, found: WhatIf, gate: str) -> None:
    cells = found.data.sel(world=found.world, gate=gate)
    factors = [str(f) for f in cells["factor"].values]
    today, after = (cells[name].to_numpy() for name in ("today", "whatif"))
    at = np.arange(len(factors))[::-1]
    better = np.where(after > today, _BETTER, _WORSE)
    unsure = abs(cells["change"]) <= NOISE * cells["mcse_change"]
    colours = np.where(unsure, PALETTE["quiet"], better).tolist()
    axes.hlines(at, today, after, color=colours, linewidth=3)
    axes.plot(
        today, at, "|", color=PALETTE["ink"], markersize=13, markeredgewidth=2.2,
        gid=f"today {gate}",
    )  # fmt: skip
    axes.scatter(after, at, s=64, c=colours, zorder=3, gid=f"whatif {gate}")
    for y, value, old in zip(at, after, today, strict=True):
        axes.annotate(
            f"{probability(value)} ({signed(value - old)})", (max(value, old), y), xytext=(9, 0),
            textcoords="offset points", va="center", fontsize=SMALL, color=PALETTE["ink"],
        )  # fmt: skip
    axes.set_yticks(at, [FACTOR_WORDS.get(f, words(f)) for f in factors])
    axes.set_ylim(-0.7, len(factors) - 0.3)
    axes.set_xlim(-0.01, 1.2)  # room for the labels of the largest
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
