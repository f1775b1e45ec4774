"""Interval notation, a row a statement: `forecaster, question_id, dialect, expression`.

Further columns are read where they are there: made_at, unit, question_text, condition. What each
dialect means is for intervals.py; imported are the two quantiles, as written.
"""

from __future__ import annotations

from pathlib import Path

from sweet_spot.evidence.importers.common import Imported, Row, Settings, csv_rows, read_text
from sweet_spot.evidence.importers.intervals import parse

COLUMNS = ("forecaster", "question_id", "dialect", "expression")


def read(path: Path, settings: Settings) -> list[Imported]:  # noqa: ARG001 - there are none
    """Two quantiles for each row."""
    return [_imported(row) for row in csv_rows(path, read_text(path), COLUMNS)]


def _imported(row: Row) -> Imported:
    expression = row.needed("expression")
    try:
        interval = parse(expression, row.needed("dialect"))
    except ValueError as error:
        message, _, remedy = str(error).rpartition(": ")
        if not message:
            message, remedy = remedy, "compare with the source"
        raise row.refusal(message, remedy) from error
    counts = f"the distribution {expression!r}" if interval.family == "beta" else ""
    return Imported(
        question=row.needed("question_id"),
        forecaster=row.needed("forecaster"),
        kind="quantile",
        values=(interval.low, interval.high),
        line=row.line,
        levels=interval.levels,
        unit=row.text("unit"),
        date=row.date("made_at"),
        text=row.text("question_text"),
        condition="; ".join(filter(None, (row.text("condition"), counts))),
    )
