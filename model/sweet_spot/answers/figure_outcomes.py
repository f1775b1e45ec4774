"""The figure of the outcomes: shares by judgement, P(outcome), and stated totals on log odds."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from sweet_spot.answers.numbers import RULE, Floats, probability, words
from sweet_spot.answers.outcome_layer import OUTCOME_WORDS
from sweet_spot.answers.outcomes import Outcomes
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet

ROW = 0.225
"""Height of a row, in inches."""
_TICKS = (1e-6, 1e-4, 0.01, 0.1, 0.5, 0.9, 0.99)
_LEAST, _MOST = 1e-7, 0.995
_MARKS = {"same": ("o", True), "narrower": ("o", False), "wider": ("s", False)}


def outcomes_words(world: str) -> str:
    """Alternative text of `outcomes_figure`."""
    return (
        f"Probabilities of victory, costly non-failure and failure, {world}, and for each expert"
        " the stated totals beside the predicted P(failure) on a log-odds axis; numbers as in the"
        " tables."
    )


def outcomes_figure(shown: Outcomes, stamp: str) -> Figure:
    """P(outcome) with the layer's shares above; each expert's totals beside P(failure) below."""
    rows = _people(shown.checks)
    world = "posterior" if shown.fitted else "prior"
    title = f"{'' if shown.fitted else 'Prior: '}How it may end, and what experts said of failure"
    note = (
        f"Above: P(outcome), {world}, and our shares given usable or not: means, {RULE}"
        " intervals.\nBelow, pink: totals as stated, never fitted; disc: takeover, ring:"
        " extinction (narrower than failure), square:\nsevere harm (wider), triangle: a bound."
        f" {'Blue' if shown.fitted else 'Grey'}: predicted P(failure) in the world asked about,"
        " with its interval."
    )
    height = ROW * len(rows) + 5.1
    figure, (above, below) = sheet(
        height, title, note, stamp, nrows=2, height_ratios=[3.0, ROW * len(rows) + 0.5]
    )
    _outcomes(above, shown, PALETTE[world])
    _totals(below, shown.checks, rows, PALETTE[world])
    return figure


def _outcomes(axes: Axes, shown: Outcomes, colour: str) -> None:
    """For each outcome: overall, given usable, given not."""
    plain(axes)
    data, world = shown.data, "posterior" if shown.fitted else "prior"
    labels, y = [], 0.0
    for outcome in data["outcome"].values[::-1]:
        here = data.sel(outcome=outcome)
        rows = [(OUTCOME_WORDS[str(outcome)], float(here[world]), here["interval"], colour)]
        for given in data["given"].values:
            known = here.sel(given=given)
            name = f"given {words(str(given))}"
            rows.append((name, float(known["share"]), known["share_interval"], PALETTE["quiet"]))
        for name, mean, interval, tint in rows:
            low, _, high = interval.to_numpy()
            thick = 3.2 if tint == colour else 1.6
            axes.hlines(y, low, high, color=tint, linewidth=thick, alpha=0.6, gid=f"{outcome}")
            axes.plot(mean, y, "o", color=tint, markersize=2 * thick + 2, gid=f"{outcome} {name}")
            axes.annotate(
                probability(mean), (mean, y), xytext=(0, 5), textcoords="offset points",
                ha="center", fontsize=SMALL - 1, color=tint,
            )  # fmt: skip
            labels.append((y, name))
            y -= 1.0
        y -= 0.5
    axes.set_yticks([at for at, _ in labels], [name for _, name in labels], fontsize=SMALL)
    for tick in axes.get_yticklabels():
        tick.set_fontweight("normal" if tick.get_text().startswith("given ") else "bold")
    axes.set_ylim(y + 0.7, 1.0)
    axes.set_xlim(0, 1)
    label_x(axes, "probability")


def _people(checks: xr.Dataset) -> dict[str, list[int]]:
    """A row for each expert and condition, the highest number first."""
    rows: dict[str, list[int]] = {}
    for i in np.argsort(-checks["said"].to_numpy(), kind="stable"):
        name, condition = (str(checks[n].values[i]) for n in ("expert", "condition"))
        name = name.split(" (")[0].replace("Authors of a worldviews-contest entry", "Contest entry")
        name = name if len(name) <= 34 else name[:33].rstrip() + "…"
        given = condition.replace("years_bought =", "years bought").replace("_", " ")
        given = given.replace("investment[safety progress] =", "investment")
        rows.setdefault(name + (f" | {given}" if given else ""), []).append(int(i))
    return rows


def _totals(axes: Axes, checks: xr.Dataset, rows: dict[str, list[int]], colour: str) -> None:
    plain(axes)
    axes.set_xscale("logit")
    y = np.zeros(checks.sizes["statement"])
    for place, members in enumerate(reversed(rows.values())):
        y[members] = place
    low, _, high = checks["predicted_interval"].transpose("point", ...).to_numpy()
    said = np.clip(checks["said"].to_numpy(), _LEAST, _MOST)
    first = [members[0] for members in rows.values()]  # the same world for a whole row
    axes.hlines(
        y[first], low[first], high[first], color=colour, linewidth=8, alpha=0.2,
        gid="predicted interval",
    )  # fmt: skip
    axes.plot(
        checks["predicted"], y, "|", color=colour, markersize=11, markeredgewidth=2.2,
        gid="predicted",
    )  # fmt: skip
    _said(axes, checks, said, y)
    axes.set_yticks(range(len(rows) - 1, -1, -1), list(rows), fontsize=SMALL - 1)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_xlim(_LEAST / 2, 0.998)
    axes.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", labelsize=SIZE - 1)
    label_x(axes, "probability, log-odds axis")


def _said(axes: Axes, checks: xr.Dataset, said: Floats, y: Floats) -> None:
    """What was said: the form says of what, or that it is a bound."""
    pink = PALETTE["check"]
    bound, relation = checks["bound"].to_numpy(), checks["relation"].to_numpy()
    for kind, (mark, filled) in _MARKS.items():
        for side, form in ((0, mark), (1, ">"), (-1, "<")):
            which = (relation == kind) & (bound == side)
            axes.plot(
                said[which], y[which], form, color=pink, markersize=6.5, markeredgewidth=1.5,
                markerfacecolor=pink if filled else "white", gid=f"said {kind} {side}",
            )  # fmt: skip
