"""Every statement that is known, searchable, with a link to where it was published."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import xarray as xr

from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.numbers import plural, words
from sweet_spot.answers.statements import StatementTable, statement_table
from sweet_spot.answers.tables import own, part, published
from sweet_spot.page.context import Context, fitted_evidence
from sweet_spot.page.controls import Shown, Values, view
from sweet_spot.page.marks import escape, link, table

EVERY = "all"
PARTS = {
    EVERY: "all", "evidence": "what the answer rests on", "check": "what only serves as a check",
    "past": "what was replaced or withdrawn",
}  # fmt: skip
LEAD = (
    "What people and groups have published: their numbers, read as statements about quantities of"
    " the model. Follow a name to their own words. Beside them stands what the model itself"
    " believes: median and 90 % interval."
)
NOTHING = '<p class="hint">Nothing has all these words: try fewer, or another topic or part.</p>'
COLUMNS = (
    "topic", "question", "expert", "date", "text", "unit", "role", "live", "state", "people",
    "source", "url",
)  # fmt: skip


def statements(context: Context) -> pn.viewable.Viewable:
    """The search and what it finds."""
    topics = sorted({question.topic for question in context.evidence.questions})
    asked = context.query
    fields: list[dict[str, Any]] = [
        {"kind": "search", "name": "search", "label": "Search: a person, a word, a year",
         "value": asked.get("search", "")},
        {"kind": "choice", "name": "topic", "label": "Topic",
         "value": _one_of(asked, "topic", topics),
         "options": [[EVERY, "all"], *([topic, topic] for topic in topics)]},
        {"kind": "choice", "name": "part", "label": "Part",
         "value": _one_of(asked, "part", PARTS),
         "options": [[key, label] for key, label in PARTS.items()]},
    ]  # fmt: skip
    return view(context, "statements", fields, lambda values: shown(context, values), lead=LEAD)


def _one_of(asked: Values, name: str, there: Container[str]) -> str:
    """What the address chooses; all, where there is no such thing."""
    return asked.get(name, EVERY) if asked.get(name, EVERY) in there else EVERY


def the_statements(context: Context) -> StatementTable:
    """The statements of the fit, computed once."""
    return context.kept(
        "statements", lambda: statement_table(context.tree, fitted_evidence(context))
    )


def found_in(data: xr.Dataset, context: Context, values: Values) -> np.ndarray:
    """Which statements are asked for: every word of the search in any of the texts."""
    wording = {question.id: question.wording for question in context.evidence.questions}
    wanted = values.get("search", "").casefold().split()
    topic = _one_of(values, "topic", data["topic"].values.tolist())
    kind = _one_of(values, "part", PARTS)
    texts = [
        " ".join([*(str(data[name].values[i]) for name in COLUMNS),
                  wording.get(str(data["question"].values[i]), "")]).casefold()
        for i in range(data.sizes["statement"])
    ]  # fmt: skip
    keep = np.array([all(word in text for word in wanted) for text in texts], dtype=bool)
    if topic != EVERY:
        keep &= data["topic"].values == topic
    if kind == "past":
        keep &= data["live"].values == 0
    elif kind != EVERY:
        keep &= (data["live"].values == 1) & (data["role"].values == kind)
    return keep


def shown(context: Context, values: Values) -> Shown:
    """What a search finds, question by question."""
    from sweet_spot.answers.figures_statements import statements_figure, topics

    found = the_statements(context)
    data = found.data.isel(statement=np.flatnonzero(found_in(found.data, context, values)))
    count = plural(data.sizes["statement"], "statement")
    said = f"{count} of {found.data.sizes['statement']}"
    mark = stamp(context.tree)
    drawn = [t for t in topics(found) if values.get("topic", EVERY) in (EVERY, t)]
    return Shown(
        f"<p><b>{said}</b></p>" + ("".join(_questions(context, data)) or NOTHING),
        f"{said} found",
        f'tree, evidence = sweet_spot.load_fit("{context.fit}"),'
        f' sweet_spot.gather("{context.data}")\n'
        "from sweet_spot.answers.statements import statement_table\n"
        "statement_table(tree, evidence).data",
        {name: text for name, text in values.items() if _worth(name, text)},
        lambda: pd.DataFrame({name: data[name].to_numpy() for name in COLUMNS}),
        {f"statements-{t}": lambda t=t: statements_figure(found, t, mark) for t in drawn},  # type: ignore[misc]
    )


def _worth(name: str, text: str) -> bool:
    """Whether a value belongs into the URL."""
    return name in ("search", "topic", "part") and bool(text) and text != EVERY


def _questions(context: Context, data: xr.Dataset) -> Iterator[str]:
    """A heading, the wording and a table for each question that has a statement."""
    asked = {question.id: question for question in context.evidence.questions}
    named = data["question"].values.astype(str)
    for name in dict.fromkeys(named.tolist()):
        wording = asked[name].wording if name in asked else ""
        topic = str(data["topic"].values[named == name][0])
        rows = [_row(data, int(i)) for i in np.flatnonzero(named == name)]
        head = ["Who", "When", "What they said", "The model", "Part it plays"]
        yield (
            f'<section class="question"><h3>{escape(words(name)).capitalize()} <span class="mark'
            f' quiet">{escape(topic)}</span></h3><p class="fine">{escape(wording)}</p>'
            + table(f"Statements on {words(name)}", head, rows, "stacked")
            + "</section>"
        )


def _row(data: xr.Dataset, i: int) -> list[str]:
    row = {str(name): data[name].values[i] for name in data.data_vars}
    who = link(str(row["url"]), str(row["expert"]))
    source = f'<small class="quiet">{escape(row["source"])}</small>'
    return [
        f"{who}<br>{source}", escape(row["date"]), escape(published(row)), escape(_own(row)),
        escape(part(row)),
    ]  # fmt: skip


def _own(row: Mapping[str, Any]) -> str:
    """What the model has, with its unit; that of a probability or a date goes without saying."""
    unit = "" if row["unit"] in ("probability", "year") else f" {row['unit']}"
    return own(row) + unit
