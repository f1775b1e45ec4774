"""Tables of timing on the web: a row a person, `p_by_2030` beside `year_at_50pct`, with N/A.

The probabilities answer the question `p_by`, the quantiles `year_at`. "By" a year means by its
end; where the source says otherwise, the map sets `by: start`. N/A as a quantile means that the
probability is never reached; as a probability, that there is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sweet_spot.evidence.importers.common import (
    MISSING,
    Imported,
    Row,
    Settings,
    csv_rows,
    read_text,
    refusal,
)

_CHANCE = re.compile(r"p_by_([0-9]{4})")
_QUANTILE = re.compile(r"year_at_([0-9]{1,2}(?:\.[0-9]{1,3})?)pct")
_BEYOND = re.compile(r">\s*[0-9]+(?:\.[0-9]*)?")
EDGES = {"end": 1, "start": 0}
"""What is added to a year that a probability is "by"."""


def read(path: Path, settings: Settings) -> list[Imported]:
    """One statement of probabilities and one of quantiles for each person."""
    if settings["by"] not in EDGES:
        raise refusal(path, None, f"by is {settings['by']!r}", f"write one of {', '.join(EDGES)}")
    rows = list(csv_rows(path, read_text(path), ("forecaster",)))
    years = _columns(rows[0], _CHANCE)
    levels = _columns(rows[0], _QUANTILE)
    if not years and not levels:
        message = "no column is named like p_by_2030 or year_at_50pct"
        raise refusal(path, 1, message, "name the columns so")
    if any(not 0 < level < 100 for level in levels.values()):
        raise refusal(path, 1, "a quantile at 0 %", "levels lie between 0 and 100 percent")
    return [
        answer
        for row in rows
        for answer in (*_chances(row, years, str(settings["by"])), *_quantiles(row, levels))
    ]


def _columns(row: Row, named: re.Pattern[str]) -> Mapping[str, float]:
    """Columns with the number in their name, rising."""
    matches = ((name, named.fullmatch(name)) for name in row.cells)
    found = {name: float(match[1]) for name, match in matches if match}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _chances(row: Row, years: Mapping[str, float], by: str) -> Iterator[Imported]:
    said = {year: row.optional(column) for column, year in years.items()}
    given = {year: value for year, value in said.items() if value is not None}
    for value in given.values():
        if not 0 <= value <= 1:
            raise row.refusal(f"a probability is {value:g}", "write it between 0 and 1")
    if given:
        yield Imported(
            question="p_by",
            forecaster=row.needed("forecaster"),
            kind="probability",
            values=tuple(given.values()),
            line=row.line,
            events=tuple(f"< {year + EDGES[by]:g}" for year in given),
            unit="probability",
            date=row.date("made_at"),
        )


def _quantiles(row: Row, levels: Mapping[str, float]) -> Iterator[Imported]:
    said = {level: _year(row, column) for column, level in levels.items()}
    given = {level: value for level, value in said.items() if value is not None}
    if given:
        yield Imported(
            question="year_at",
            forecaster=row.needed("forecaster"),
            kind="quantile",
            values=tuple(given.values()),
            line=row.line,
            levels=tuple(level / 100 for level in given),
            unit="year",
            date=row.date("made_at"),
        )


def _year(row: Row, column: str) -> float | str | None:
    """A year, a bound such as ">2100", "never", or None where the cell is empty."""
    text = row.text(column)
    if not text:
        return None
    if text.lower() in (*MISSING, *NEVER):
        return "never"
    return text if _BEYOND.fullmatch(text) else row.number(column)


NEVER: Sequence[str] = ("never", "inf", "infinity")
