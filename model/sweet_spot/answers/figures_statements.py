"""Figures of statements and checks: what was said against what the model predicts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

from sweet_spot.answers.numbers import RULE, number, words
from sweet_spot.answers.statements import StatementTable
from sweet_spot.answers.style import PALETTE, SMALL, label_x, plain, sheet
from sweet_spot.argument.quantities import EPOCH

ROW = 0.235
"""Height of a row, in inches."""
_LIMITS = {
    "year": (2024.6, 2200.0), "years": (0.01, 1000.0), "months": (0.1, 1e4), "days": (1.0, 1e5),
    "weeks": (0.3, 1e4), "multiplier": (1.0, 1e4), "share": (0.0, 1.0), "fraction": (0.0, 1.0),
    "probability": (0.0, 1.0), "percent": (0.0, 100.0),
}  # fmt: skip
"""How far an axis may reach, by unit; what lies beyond is marked at its edge with its value."""
_LOG = ("years", "months", "weeks", "days", "multiplier")
_YEAR_TICKS = (2025, 2026, 2028, 2032, 2040, 2060, 2100, 2200)
_ODDS_TICKS = (1e-6, 1e-4, 0.01, 0.1, 0.5, 0.9, 0.99)

Row = tuple[str, int | None]
"""A heading (no index), or an expert with the index of the statement."""


def topics(table: StatementTable) -> list[str]:
    """Topics that have a figure: those with live statements on something else than a gate."""
    data = table.data
    shown = (data["live"].values == 1) & (data["gate"].values == 0)
    return list(dict.fromkeys(data["topic"].values[shown].tolist()))


def statements_figure(table: StatementTable, topic: str, stamp: str) -> Figure:
    """The live statements of a topic, a panel for each unit, a row for each statement."""
    data = table.data
    chosen = (data["live"] == 1) & (data["gate"] == 0) & (data["topic"] == topic)
    data = data.isel(statement=np.flatnonzero(chosen.to_numpy()))
    units = list(dict.fromkeys(data["unit"].values.tolist()))
    parts = [data.isel(statement=np.flatnonzero(data["unit"].values == unit)) for unit in units]
    rows = [list(_rows(part)) for part in parts]
    world = "posterior" if table.fitted else "prior"
    title = f"{'' if table.fitted else 'Prior: '}{topic.capitalize()}: said and predicted"
    note = (
        f"Black: evidence, pink: check (median, {RULE} where stated; triangle: a bound)."
        f" Orange: outside.\nPale: {world} predictive for what this reporter would say."
        f" {_mark(table)}: {world} of the quantity itself."
    )
    height = ROW * sum(map(len, rows)) + 0.75 * len(units) + 1.25
    figure, axes = sheet(
        height, title, note, stamp, nrows=len(units), squeeze=False,
        height_ratios=[len(named) + 1.2 for named in rows],
    )  # fmt: skip
    for axis, unit, part, named in zip(axes[:, 0], units, parts, rows, strict=True):
        _panel(axis, unit, part, named, PALETTE[world])
    return figure


def _mark(table: StatementTable) -> str:
    """Colour of what the model has."""
    return "Blue" if table.fitted else "Grey"


def _rows(data: xr.Dataset) -> Iterator[Row]:
    """Headings and statements, from top to bottom."""
    question = condition = None
    for i in range(data.sizes["statement"]):
        name, event, given = (str(data[n].values[i]) for n in ("question", "event", "given"))
        if (name, event) != question:
            yield _heading(name, event), None
            question, condition = (name, event), ""
        if given != condition:
            yield f"if {given}:" if given else "unconditionally:", None
            condition = given
        yield _short(str(data["expert"].values[i])), i


def _heading(question: str, event: str) -> str:
    return words(question) + (f": {event}" if event else "")


def _short(name: str, most: int = 34) -> str:
    name = name.split(" (")[0]
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _panel(axes: Axes, unit: str, data: xr.Dataset, rows: list[Row], colour: str) -> None:
    plain(axes)
    low, high = _scale(axes, unit, data)
    at = {index: len(rows) - 1 - k for k, (_, index) in enumerate(rows) if index is not None}
    axes.set_yticks(range(len(rows) - 1, -1, -1), [label for label, _ in rows], fontsize=SMALL)
    for tick, (_, index) in zip(axes.get_yticklabels(), rows, strict=True):
        if index is None:
            tick.set_fontweight("normal" if tick.get_text().endswith(":") else "bold")
    y = np.array([at[i] for i in range(data.sizes["statement"])])
    predicted, own, said = (
        np.clip(data[name].to_numpy(), low, high) for name in ("predicted", "quantity", "said")
    )
    axes.hlines(
        y, predicted[:, 0], predicted[:, 2], color=PALETTE["rule"], linewidth=10, gid="predicted"
    )
    axes.hlines(y, own[:, 0], own[:, 2], color=colour, linewidth=2, gid="quantity interval")
    axes.plot(
        own[:, 1],
        y,
        "|",
        color=colour,
        markersize=11,
        markeredgewidth=2.4,
        gid="quantity",
    )
    _said(axes, data, said, y)
    _beyond(axes, unit, data, y, (low, high))
    axes.set_ylim(-0.7, len(rows) - 0.4)
    label_x(axes, unit)


def _said(axes: Axes, data: xr.Dataset, said: np.ndarray, y: np.ndarray) -> None:
    """What was said: a dot with its interval, a triangle for a bound."""
    outside, check = data["outside"].to_numpy() == 1, data["role"].to_numpy() == "check"
    colours = np.where(
        outside, PALETTE["outside"], np.where(check, PALETTE["check"], PALETTE["evidence"])
    )
    axes.hlines(
        y, said[:, 0], said[:, 2], color=colours.tolist(), linewidth=1.2, gid="said interval"
    )
    for bound, mark in ((0, "o"), (1, ">"), (-1, "<")):
        which = data["bound"].to_numpy() == bound
        axes.scatter(
            said[which, 1], y[which], s=34, marker=mark, color=colours[which].tolist(), zorder=4,
            gid=f"said {bound}",
        )  # fmt: skip


def _beyond(
    axes: Axes, unit: str, data: xr.Dataset, y: np.ndarray, ends: tuple[float, float]
) -> None:
    """Says what lies beyond the end of the axis, at its edge."""
    for (_, median, high), row in zip(data["said"].to_numpy(), y, strict=True):
        far = median if median > ends[1] else high
        if np.isfinite(far) and far > ends[1] * (1 + 1e-9):
            what = "median" if far == median else "to"
            axes.annotate(
                f"{what} {number(far, unit)}", (ends[1], row), xytext=(0, 5), ha="right",
                textcoords="offset points", fontsize=SMALL - 2.5, color=PALETTE["quiet"],
            )  # fmt: skip


def _scale(axes: Axes, unit: str, data: xr.Dataset) -> tuple[float, float]:
    """Sets the scale of the axis, and its ends from what it has to show."""
    values = np.concatenate(
        [data[name].to_numpy().ravel() for name in ("said", "predicted", "quantity")]
    )
    values = values[np.isfinite(values)]
    least, most = _LIMITS.get(unit, (-np.inf, np.inf))
    low, high = max(values.min(), least), min(values.max(), most)
    if unit in ("share", "fraction", "probability"):
        low, high = 0.0, 1.0
    if unit == "year":
        axes.set_xscale("function", functions=(_from_epoch, _to_year))
        axes.set_xticks([year for year in _YEAR_TICKS if low <= year <= high])
        axes.xaxis.set_major_formatter("{x:.0f}")
    elif unit in _LOG and high > 5 * low:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(
            LogLocator(subs=(1.0, 2.0, 5.0) if high < 500 * low else (1.0,))
        )
        axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(low, high)
    return low, high


def _from_epoch(year: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(np.asarray(year, float) - EPOCH, 1e-3))


def _to_year(value: np.ndarray) -> np.ndarray:
    return EPOCH + np.exp(value)


def checks_figure(table: StatementTable, stamp: str) -> Figure:
    """Stated probabilities of checks against the model's own, on a log-odds axis."""
    data = table.live("check")
    data = data.isel(statement=np.flatnonzero(data["unit"].values == "probability"))
    rows = _questions(data)
    world = "posterior" if table.fitted else "prior"
    note = (
        "Pink: what was said, a mark for each statement (triangle: a bound)."
        f" {_mark(table)}: the model's {world} probability."
        f"\nPale: {world} predictive for what such a reporter would say, {RULE}."
        "\nBelow the line the model's is P(no usable sweet spot), or P(usable) where so marked:"
        "\nneither is P(takeover) or P(failure) or its opposite, so that the two need not agree."
    )
    title = f"{'' if table.fitted else 'Prior: '}Checks, never fitted: said and predicted"
    figure, axes = sheet(0.42 * len(rows) + 2.4, title, note, stamp)
    plain(axes)
    y = np.zeros(data.sizes["statement"])
    for place, members in enumerate(reversed(rows.values())):
        y[members] = place
    _check_marks(axes, data, y, PALETTE[world])
    labels = [f"{label}, n = {len(members)}" for label, members in rows.items()]
    axes.set_yticks(range(len(rows) - 1, -1, -1), labels, fontsize=SMALL)
    gates = [bool(data["gate"].values[members[0]]) for members in rows.values()]
    axes.axhline(sum(gates) - 0.5, color=PALETTE["quiet"], linewidth=0.8)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    label_x(axes, "probability of the event as stated, log-odds axis")
    return figure


def _questions(data: xr.Dataset) -> dict[str, list[int]]:
    """What is asked, with its statements: gates last."""
    rows: dict[str, list[int]] = {}
    for i in np.argsort(data["gate"].to_numpy(), kind="stable"):
        question, event, given, gate = (
            data[n].values[i] for n in ("question", "event", "given", "gate")
        )
        turned = " (usable)" if gate and str(event).startswith(">") else ""
        label = words(str(question)) + turned if gate else _heading(str(question), str(event))
        rows.setdefault(label + (f"\nif {given}" if given else ""), []).append(int(i))
    return rows


def _check_marks(axes: Axes, data: xr.Dataset, y: np.ndarray, colour: str) -> None:
    axes.set_xscale("logit")
    said, own, predicted = (
        np.clip(data[name].to_numpy(), 1e-7, 0.9995) for name in ("said", "quantity", "predicted")
    )
    axes.hlines(
        y, predicted[:, 0], predicted[:, 2], color=PALETTE["rule"], linewidth=12, gid="predicted"
    )
    for bound, mark in ((0, "o"), (1, ">"), (-1, "<")):
        which = data["bound"].to_numpy() == bound
        axes.plot(
            said[which, 1], y[which], mark, color=PALETTE["check"], alpha=0.75, markersize=8,
            gid=f"said {bound}",
        )  # fmt: skip
    axes.plot(own[:, 1], y, "|", color=colour, markersize=20, markeredgewidth=3, gid="model")
    axes.set_xticks(_ODDS_TICKS, [f"{tick:g}" for tick in _ODDS_TICKS])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlim(5e-8, 0.9999)
