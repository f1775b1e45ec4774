"""The section of a report on the history, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from sweet_spot.answers import tables
from sweet_spot.answers.credences import ANY
from sweet_spot.answers.figure_history import history_figure
from sweet_spot.answers.history import History
from sweet_spot.answers.history_text import boundaries, changed, date_of, moved, summary, troubles
from sweet_spot.answers.numbers import error, probability, words
from sweet_spot.answers.section import Drawing, Point, Reported, Section, section
from sweet_spot.evidence.timeline import ALL as KNOWN

SHOWN = 6
"""So many statements are named in a cell; the others are counted."""
TITLE = "History: the credence as of past dates"


def history_section(about: Reported) -> Section | None:
    """The record of past answers; none where there is none."""
    of = about.history
    if of is None:
        return None
    past = "P(usable sweet spot) as of past dates, a tick for each statement that came or went."
    drawn = Drawing("history", past, partial(history_figure, of))
    shown = {
        "summary": tables.plain(summary(of)), "troubles": [tables.plain(t) for t in troubles(of)],
        "table": markdown_table(of), "count": len(of.largest), "boundaries": boundaries(of),
    }  # fmt: skip
    return section(about, "history", TITLE, (drawn,), _steepest(of), history=shown)


def _steepest(of: History) -> tuple[Point, ...]:
    """The step that moved the number most."""
    if not of.largest:
        return ()
    step = of.largest[0]
    here = of.data.sel(step=step)
    value = probability(float(here["credence"].sel(gate="usable", factor=ANY)))
    when = f"with {date_of(step)}" if step == KNOWN else f"with what was known on {step}"
    top = of.due(step)[:1]
    due = "".join(f" {v:+.2f} of it is due to {tables.plain(words(name))}." for name, v, _ in top)
    text = f"News. So far it moved most, by {moved(float(here['moved']))} to {value}, {when}.{due}"
    return (Point("change", text),)


def markdown_table(of: History) -> str:
    """The largest steps in order of date: the headline, its move, and who came and went."""
    shown = [step for step in changed(of) if step in of.largest]
    rows = []
    for step in shown:
        here = of.data.sel(step=step)
        values = [probability(float(here["credence"].sel(gate="usable", factor=f)))
                  for f in (ANY, "all")]  # fmt: skip
        mcse = error(float(here["mcse"].sel(gate="usable", factor=ANY)))
        told = [_people(of, step, came) for came in (1, 0)]
        rows.append([date_of(step), values[0], mcse, moved(float(here["moved"])), values[1], *told,
                     _due(of, step)])  # fmt: skip
    head = ["as of", "P(usable for at least one)", "Monte Carlo error", "moved by", "for all three",
            "came", "went", "due to (Shapley share, Monte Carlo error)"]  # fmt: skip
    return tables.table(head, rows)


def _due(of: History, step: str) -> str:
    """The largest shares, or that the record has none."""
    found = [f"{words(name)} {value:+.3f} ({error(mcse)})" for name, value, mcse in of.due(step)]
    return tables.plain(_short(found)) if found else "not recorded"


def _people(of: History, step: str, came: int) -> str:
    """Who said something, on what; how many statements in all."""
    here = of.changes.isel(
        change=np.flatnonzero((of.changes["step"] == step) & (of.changes["came"] == came))
    )
    said = zip(here["expert"].values, here["topic"].values, strict=True)
    names = list(dict.fromkeys(f"{expert} ({words(str(topic))})" for expert, topic in said))
    if not names:
        return "none"
    return f"{here.sizes['change']}: {tables.plain(_short(names))}"


def _short(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
