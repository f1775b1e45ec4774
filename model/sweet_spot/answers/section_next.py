"""The section of a report on the next question, and its tables."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sweet_spot.answers.figure_next import alternative, next_figure
from sweet_spot.answers.next_question import NextQuestion, next_question, title
from sweet_spot.answers.numbers import DASH, error, number, probability, share
from sweet_spot.answers.section import Drawing, Heading, Point, Reported, Section, section
from sweet_spot.answers.tables import plain, table

SHOWN = 15
NOBODY = "**none**"


def next_section(about: Reported) -> Section:
    """What hearing one more forecast would be expected to tell, question by question."""
    found, stamp = next_question(about.tree, about.argument, about.evidence), about.stamp
    drawn = Drawing("next", alternative(found), lambda: next_figure(found, stamp))
    return section(
        about, "next", "The next question", (drawn,), _worth(found), text=plain(found.text),
        table=questions(found), plan=plan(found),
    )  # fmt: skip


def _worth(found: NextQuestion) -> tuple[Point, ...]:
    """The most telling question that somebody has answered, and those that nobody has."""
    known = found.data["related"].to_numpy() > 0
    return tuple(
        Point(heading, f"{told} {'; '.join(map(_moves, names))}.")
        for heading, which, told in _ASKED
        if (names := _rows(found, known == which))
    )


_ASKED: tuple[tuple[Heading, bool, str], ...] = (
    ("change", True, "One more forecast of what has been forecast already. Most telling:"),
    ("unknown", False, "Questions on which an answer would tell most:"),
)


def _rows(found: NextQuestion, which: np.ndarray) -> list[xr.Dataset]:
    """The three most telling questions among some."""
    return [found.data.isel(question=k) for k in np.flatnonzero(which)[:3]]


def _moves(row: xr.Dataset) -> str:
    swing, floor = probability(float(row["swing"])), error(float(row["floor"]))
    return f"{_name(row)} (expected move ± {swing}; chance alone would show {floor})"


def questions(found: NextQuestion) -> str:
    """The most telling questions."""
    rows = []
    for k in range(min(SHOWN, found.data.sizes["question"])):
        row = found.data.isel(question=k)
        count, related = int(row["statements"]), int(row["related"])
        swing = f"{probability(float(row['swing']))} ({error(float(row['swing_error']))})"
        rows.append([
            _name(row), plain(str(row["topic"].values)), _bits(row, "information"),
            share(float(row["share"])), swing, probability(float(row["floor"])),
            f"{count} ({related})" if related else NOBODY,
        ])  # fmt: skip
    head = [
        "question", "topic", "information, bits (error)", "share of what is unknown",
        "expected move (error)", "by chance alone", "evidence (on its quantity)",
    ]  # fmt: skip
    return table(head, rows)


def plan(found: NextQuestion) -> str:
    """The set, one pick after the other."""
    rows = []
    for k in range(found.data.sizes["pick"]):
        row = found.data.isel(pick=k)
        name = str(row["picked"].values)
        about = str(found.data["quantity"].sel(question=name).values)
        swing, off = float(row["total_swing"]), float(row["total_swing_error"])
        rows.append([
            str(k + 1), plain(title(name, about)), _bits(row, "gain"), _bits(row, "total"),
            f"{probability(swing)} ({error(off)})",
        ])  # fmt: skip
    head = [
        "pick", "question", "adds, bits (error)", "together, bits (error)",
        "expected move together (error)",
    ]  # fmt: skip
    return table(head, rows)


def _name(row: xr.Dataset) -> str:
    """The question; with the event where it asks for a probability."""
    event = str(row["event"].values)
    asked = title(str(row["question"].values), str(row["quantity"].values))
    return plain(asked + (f" (P({row['quantity'].values} {event}))" if event else ""))


def _bits(row: xr.Dataset, name: str) -> str:
    value = float(row[name])
    shown = number(value, "bits") if abs(value) >= 5e-5 else DASH
    return f"{shown} ({error(float(row[f'{name}_error']))})"
