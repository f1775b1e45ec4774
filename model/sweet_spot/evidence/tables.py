"""Reads a table of statements, CSV or Parquet, as the content of elicitation files.

One published number a row, in the columns of table_columns.py; what is read is then checked by the
same records and rules as YAML is. A table may hold statements of several sources: each source is
a document of its own. Nothing is changed on the way, and blanks around a text are part of it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

from sweet_spot.evidence.findings import Problem, near, shown
from sweet_spot.evidence.plain_text import Refused, read_text
from sweet_spot.evidence.plain_yaml import Document, Place
from sweet_spot.evidence.table_columns import (
    COLUMNS,
    ENDS,
    FIELDS,
    NEEDED,
    SOURCE,
    VARYING,
    as_count,
    as_json,
    as_number,
    published,
)

MAX_BYTES = 1_000_000_000
MAX_ROWS = 5_000_000
MAX_COLUMNS = 200
CSV, PARQUET = ".csv", ".parquet"

Cells = Sequence[str]
RuledProblem = tuple[str, Problem]

SHARED = (*FIELDS, *chain.from_iterable(ENDS.values()), *SOURCE)
"""In what the rows of a statement agree."""

_READ: Mapping[str, Callable[[str], Any]] = {
    "n_forecasters": as_count, "members": as_json, "given": as_json, "premises": as_json,
    "includes": as_json,
}  # fmt: skip
_NAMES = {
    **{name: column for column, name in FIELDS.items()},
    **{f"source.{name}": column for column, name in SOURCE.items()},
    **{f"{how}.date": at for how, (at, _) in ENDS.items()},
    **{f"{how}.why": why for how, (_, why) in ENDS.items()},
    "levels": "level",
    "events": "event",
    "values": "value",
}
"""Field -> column."""


@dataclass
class _Said:
    """A statement as far as its rows were read."""

    shared: Cells
    lines: list[int] = field(default_factory=list)
    levels: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


def read_tables(path: Path) -> tuple[Document, ...]:
    """The content of a table, source by source; what is wrong is in `problems` of the first."""
    problems: list[RuledProblem] = []
    try:
        said = _statements(path, problems)
    except Refused as error:
        problem = Problem(path, error.message, error.remedy, line=error.line)
        return (Document(path, None, {}, ((error.rule, problem),)),)
    sources: dict[Cells, list[_Said]] = {}
    for item in said:
        sources.setdefault(item.shared[-len(SOURCE) :], []).append(item)
    found = [_document(path, source, items) for source, items in sources.items()]
    found[0] = Document(path, found[0].content, found[0].lines, tuple(problems), _NAMES)
    return tuple(found)


def _statements(path: Path, problems: list[RuledProblem]) -> list[_Said]:
    """What the rows say, statement by statement in the order of their first rows."""
    rows = _records(path)
    _, header = next(rows, (1, ()))
    problems += _check_header(path, header)
    shared, varying = _picker(header, SHARED), _picker(header, VARYING)
    said: dict[str | int, _Said] = {}
    for count, (line, cells) in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise Refused("too-large", f"there are more than {MAX_ROWS} rows", "split it", line)
        if len(cells) != len(header):
            message = f"{len(cells)} cells, where the header has {len(header)} columns"
            raise Refused("not-table", message, "mend the quotes and commas of this row", line)
        mine = tuple(map(sys.intern, shared((*cells, ""))))
        item = said.setdefault(mine[0] or line, _Said(mine))
        if item.shared != mine:
            problems.append(("rows-agree", _disagreement(path, line, item, mine)))
        else:
            problems += _add(path, line, item, varying((*cells, "")))
    if not said:
        raise Refused("empty-file", "there is no row below the header", "fill it or delete it")
    return list(said.values())


def _picker(header: Cells, columns: Sequence[str]) -> Callable[[Cells], Cells]:
    """Takes some columns out of a row with an empty cell after its last; absent ones are empty."""
    places = {name: number for number, name in enumerate(header)}
    return itemgetter(*(places.get(name, len(header)) for name in columns))


def _records(path: Path) -> Iterator[tuple[int, Cells]]:
    """The header and the rows, each with its line."""
    if path.suffix == PARQUET or _is_parquet(path):
        from sweet_spot.evidence.importers.parquet import table_records

        yield from table_records(path)
        return
    reader = csv.reader(_lines(read_text(path, MAX_BYTES)), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = "save it as CSV with commas and double quotes"
        raise Refused("not-table", f"this is no CSV: {error}", remedy, line) from error


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PAR1"
    except OSError:
        return False  # whoever reads it says more


def _lines(text: str) -> Iterator[str]:
    """The lines of a text one by one, each with its end: a copy would need as much memory again."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _check_header(path: Path, header: Cells) -> Iterator[RuledProblem]:
    """What is wrong with the columns; raises Refused where the table is not one of statements."""
    if len(header) > MAX_COLUMNS:
        raise Refused("not-table", f"{len(header)} columns", "this is no table of statements", 1)
    for name in NEEDED:
        if name not in header:
            message = f"no column {name!r}{near(name, header)}"
            remedy = "a table of another tool becomes one of ours by `sweet-spot import`"
            raise Refused("not-table", message, remedy, 1)
    for number, name in enumerate(header):
        if name not in COLUMNS:
            message = f"there is no column {shown(name)} in a table of statements"
            remedy = f"remove it{near(name, COLUMNS)}"
            yield "unknown-field", Problem(path, message, remedy, line=1)
        elif name in header[:number]:
            message = f"the column {name!r} stands twice"
            yield "duplicate-key", Problem(path, message, "keep one of the two", line=1)


def _disagreement(path: Path, line: int, item: _Said, mine: Cells) -> Problem:
    pairs = zip(SHARED, item.shared, mine, strict=True)
    column, first, other = next(pair for pair in pairs if pair[1] != pair[2])
    message = f"{shown(other)} differs from {shown(first)} on line {item.lines[0]}"
    remedy = "the rows of one statement agree; give another statement its own forecast_id"
    return Problem(path, message, remedy, shown(mine[0])[1:-1], column, line)


def _add(path: Path, line: int, item: _Said, cells: Cells) -> Iterator[RuledProblem]:
    """Takes in a row; yields what is wrong with its value."""
    level, event, value, bound, stated = cells
    item.lines.append(line)
    item.levels.append(as_number(level))
    item.events.append(event or None)
    try:
        item.values.append(published(value, bound, stated))
    except ValueError as error:
        item.values.append(stated or as_number(value))
        name = shown(item.shared[0])[1:-1]
        problem = Problem(path, str(error), "compare with the source", name, "value", line)
        yield "bad-value", problem


def _document(path: Path, source: Cells, said: Sequence[_Said]) -> Document:
    """An elicitation file's content: one source with its statements and their ends."""
    lines: dict[Place, int] = {(): said[0].lines[0]}
    content: dict[str, Any] = {
        "schema": 1,
        "source": {name: cell for name, cell in zip(SOURCE.values(), source, strict=True) if cell},
        "statements": [_statement(item) for item in said],
    }
    endings = [(item.lines[0], ending) for item in said for ending in _endings(item)]
    if endings:
        content["endings"] = [ending for _, ending in endings]
    lines.update((("endings", number), line) for number, (line, _) in enumerate(endings))
    for number, item in enumerate(said):
        lines["statements", number] = item.lines[0]
        for row, line in enumerate(item.lines if len(item.lines) > 1 else ()):
            for name in ("levels", "events", "values"):
                lines["statements", number, name, row] = line
    return Document(path, content, lines, (), _NAMES)


def _statement(item: _Said) -> dict[str, Any]:
    """The fields of a statement; of one row, in the singular."""
    found: dict[str, Any] = {}
    for column, cell in zip(FIELDS, item.shared, strict=False):
        if cell:
            found[FIELDS[column]] = _READ[column](cell) if column in _READ else cell
    several = len(item.values) > 1
    for name, cells in (("level", item.levels), ("event", item.events), ("value", item.values)):
        if name == "value" or any(cell is not None for cell in cells):
            found[f"{name}s" if several else name] = cells if several else cells[0]
    return found


def _endings(item: _Said) -> Iterator[dict[str, str]]:
    start = len(FIELDS)
    for number, how in enumerate(ENDS):
        date, why = item.shared[start + 2 * number : start + 2 * number + 2]
        if date or why:
            ending = {"statement": item.shared[0], "how": how, "date": date, "why": why}
            yield {name: cell for name, cell in ending.items() if cell}
