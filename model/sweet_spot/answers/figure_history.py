"""The figure of a history: the credence as a line of steps, a tick for each that came or went."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any, get_args

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from sweet_spot.answers.credences import ALL, ANY
from sweet_spot.answers.history import History
from sweet_spot.answers.numbers import plural, probability, words
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet
from sweet_spot.evidence.records import Topic

ROW = 3.2
"""Least distance of two topics, in ticks: room for their names."""
_SHOWN = ((ANY, "at least one", 2.6), (ALL, "all three", 1.4))
_CAME, _WENT = PALETTE["evidence"], PALETTE["outside"]


def history_figure(of: History) -> Figure:
    """P(usable) as of each date, and below it each statement that came or went."""
    note = (
        "Line: posterior mean by the model of today, given what was known on the date."
        " Band: ± one Monte Carlo error.\n"
        "Dotted: prior. A tick for each evidence statement: up, dark: came; down, orange: went"
        " (superseded, ended)."
    )
    if len(of.segments) > 1:
        note += "\nGrey line: an older model. Dashed: a new segment of the record begins."
    figure, (above, below) = sheet(
        8.6, "The credence as of past dates", note, _stamp(of), nrows=2, sharex=True,
        height_ratios=(3, 2.6),
    )  # fmt: skip
    plain(above, grid="y")
    _past(above, of)
    for factor, name, width in _SHOWN:
        _line(above, of, factor, name, width)
    _boundaries(above, of)
    above.set_ylim(0, 1)
    above.set_ylabel("P(usable sweet spot)", fontsize=SIZE)
    plain(below, grid="x")
    _ticks(below, of.changes)
    _dates(below, of.data["day"].values)
    label_x(below, "date as of which; years begin at their mark")
    return figure


def _dates(axes: Axes, days: np.ndarray) -> None:
    """The axis of dates, with room for labels at its end."""
    start, end = (day.astype("datetime64[s]").item() for day in (days[0], days[-1]))
    room = max(end - start, dt.timedelta(days=60))
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    ticks = locator.tick_values(start, max(end, start + room))  # type: ignore[no-untyped-call]
    low, last, high = (
        float(date2num(day))  # type: ignore[no-untyped-call]
        for day in (start - room * 0.02, end, end + room * 0.17)
    )
    axes.set_xticks([tick for tick in ticks if tick <= last])
    written = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(written)
    axes.set_xlim(low, high)


def _stamp(of: History) -> str:
    """Which model, how many dates and statements."""
    last = of.data.isel(step=-1)
    behind = plural(int(last["statements"]), "evidence statement")
    made = of.segments[-1].made
    count = plural(of.data.sizes["step"], "date")
    return f"segment {made.segment} · model {made.version} · {count} · {behind} at the last"


def _line(axes: Axes, of: History, factor: str, name: str, width: float) -> None:
    usable = of.data.sel(gate="usable", factor=factor)
    days, value = usable["day"].values, usable["credence"].to_numpy()
    mcse, colour = usable["mcse"].to_numpy(), PALETTE["posterior"]
    axes.fill_between(
        days, value - mcse, value + mcse, step="post", color=colour, alpha=0.25, linewidth=0,
        gid=f"Monte Carlo {factor}",
    )  # fmt: skip
    axes.step(days, value, where="post", color=colour, linewidth=width, gid=f"usable {factor}")
    last = days[-1], value[-1]
    axes.plot(*last, "o", color=colour, markersize=4 + width, gid=f"last {factor}")
    axes.annotate(
        f"{name} {probability(float(value[-1]))}", last, xytext=(9, 0), va="center", color=colour,
        textcoords="offset points", fontsize=SMALL + 1, annotation_clip=False,
    )  # fmt: skip
    before = float(usable["prior"])
    axes.axhline(
        before, color=PALETTE["prior"], linestyle=":", linewidth=1.4, gid=f"prior {factor}"
    )
    axes.annotate(
        f"prior {probability(before)}", (1.0, before), xycoords=("axes fraction", "data"),
        xytext=(-2, -3 if value[-1] >= before else 3), textcoords="offset points", ha="right",
        va="top" if value[-1] >= before else "bottom", fontsize=SMALL,
        color=PALETTE["quiet"],
    )  # fmt: skip


def _past(axes: Axes, of: History) -> None:
    """What older models answered, in grey."""
    for segment in np.unique(of.past["segment"].values):
        here = of.past.isel(answer=np.flatnonzero(of.past["segment"].values == segment))
        axes.step(
            here["day"].values, here["credence"].values, where="post", color=PALETTE["prior"],
            linewidth=1.2, gid=f"segment {segment}",
        )  # fmt: skip


def _boundaries(axes: Axes, of: History) -> None:
    """Where a new segment of the record begins, with what changed."""
    for place, segment in enumerate(of.segments[1:]):
        day: Any = np.datetime64(segment.since[:10])
        axes.axvline(day, color=PALETTE["quiet"], linestyle="--", linewidth=1.2, gid="new segment")
        axes.annotate(
            f"new segment {segment.since[:10]}: {', '.join(segment.changed)}",
            (day, 0.98 - 0.06 * place), xycoords=("data", "axes fraction"), xytext=(-4, 0),
            textcoords="offset points", ha="right", va="top", fontsize=SMALL - 1,
            color=PALETTE["quiet"],
        )  # fmt: skip


def _ticks(axes: Axes, changes: xr.Dataset) -> None:
    """Topic by topic, a tick per statement on the date on which it came, or went."""
    topics = [topic for topic in get_args(Topic) if topic in changes["topic"].values][::-1]
    floor, middles = 0.0, [-ROW]
    for topic in topics:
        here = changes.isel(change=np.flatnonzero(changes["topic"].values == topic))
        came, went = (_piles(here, which) for which in (1, 0))
        floor = max(floor + max([*went[1], 0]) + 1.5, middles[-1] + ROW)
        middles.append(floor)
        for (days, heights), way, colour, name in (
            (came, 1, _CAME, "came"), (went, -1, _WENT, "went"),
        ):  # fmt: skip
            axes.plot(
                days, floor + way * (np.array(heights) - 0.5), "_", color=colour, markersize=3.6,
                markeredgewidth=1.4, gid=f"{name} {topic}",
            )  # fmt: skip
        axes.axhline(floor, color=PALETTE["rule"], linewidth=0.8)
        floor += max([*came[1], 0])
    axes.set_yticks(middles[1:], [words(topic) for topic in topics], fontsize=SMALL)
    axes.set_ylim(-0.5, floor + 1)


def _piles(changes: xr.Dataset, came: int) -> tuple[np.ndarray, list[int]]:
    """Days of the ticks, and each one's place in its day's pile."""
    days = changes["day"].values[changes["came"].values == came]
    seen: Counter[np.datetime64] = Counter()
    heights = []
    for day in days:
        seen[day] += 1
        heights.append(seen[day])
    return days, heights
