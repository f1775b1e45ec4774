"""Writes all statements as one tidy table, CSV or Parquet, which reads back as the same statements.

Values stand as published, bounds as bounds. A spreadsheet may run what begins with "=": nothing
is changed for it, since a changed text would not read back.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.evidence.ledger import states
from sweet_spot.evidence.material import Material
from sweet_spot.evidence.reading import (
    ElicitationRead,
    SourcedStatement,
    all_sourced,
    endings_of,
)
from sweet_spot.evidence.records import Ending, Statement
from sweet_spot.evidence.table_columns import COLUMNS, ENDS, FIELDS, SOURCE, value_cells
from sweet_spot.evidence.tables import MAX_BYTES, MAX_ROWS, PARQUET
from sweet_spot.evidence.whole_files import new_file

NUMBERS = ("level", "value")
COUNTS = ("n_forecasters", "source_row")
"""Columns that a Parquet table holds as numbers; of the others, `is_aggregate` is a boolean."""

Cells = Mapping[str, str]


def write(material: Material, out: Path) -> tuple[int, Mapping[str, int]]:
    """Writes the table; returns the number of its rows, and what is left out: nothing."""
    wordings = {asked.question.id: asked.question.wording for asked in material.asked}
    return write_table(material.files, wordings, out), {}


def write_table(files: Sequence[ElicitationRead], wordings: Mapping[str, str], out: Path) -> int:
    """Writes what some files say; returns the number of rows.

    Parameters
    ----------
    wordings
        Of our questions, by id.

    Raises
    ------
    InvalidRecord
        There is such a file already, it cannot be written, or would be too large to be read.
    MissingData
        Parquet is asked for, and pyarrow is not there.
    """
    rows = list(table_rows(files, wordings))
    if not rows:
        raise InvalidRecord(f"{out}: there is no statement to write; name the data with --data")
    content = _parquet(rows) if out.suffix == PARQUET else _csv(rows)
    if len(rows) > MAX_ROWS or len(content) > MAX_BYTES:
        limit = f"{MAX_ROWS} rows or {MAX_BYTES / 1e6:g} MB"
        raise InvalidRecord(f"{out}: would be larger than {limit}; export parts of the data")
    new_file(out, content)
    return len(rows)


def table_rows(files: Sequence[ElicitationRead], wordings: Mapping[str, str]) -> Iterator[Cells]:
    """One published number a row, statement by statement, in the order of the files."""
    replaced = _replaced(all_sourced(files))
    ends = endings_of(files)
    digest = cache(_digest)
    ours = version("ai-safety-sweet-spot")
    for file in files:
        path = file.document.path
        told = {"source_file": path.name, "source_sha256": digest(path), "importer_version": ours}
        source = _source(file)
        for index, statement in file.statements:
            shared = {
                **_shared(statement),
                **_ends(ends.get(statement.id, ())),
                **source,
                **told,
                "definition": wordings.get(statement.question, ""),
                "supersedes": " ".join(replaced.get(statement.id, ())),
                "source_row": str(file.document.line(("statements", index)) or ""),
            }
            yield from ({**shared, **own} for own in _numbers(statement))


def _digest(path: Path) -> str:
    """SHA-256 of a file; of one that is only now to be written, none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _replaced(said: Iterable[SourcedStatement]) -> Mapping[str, list[str]]:
    """The statements that each one replaces."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, state in states(list(said)).items():
        if state.by is not None:
            found[state.by].append(name)
    return found


def _source(file: ElicitationRead) -> Cells:
    values = {} if file.source is None else vars(file.source)
    return {column: values.get(name) or "" for column, name in SOURCE.items()}


def _shared(said: Statement) -> Cells:
    """What all rows of a statement hold."""
    pooled = (said.people or 1) > 1 or said.members is not None
    cells = {column: _cell(getattr(said, name)) for column, name in FIELDS.items()}
    return {**cells, "is_aggregate": "true" if pooled else "false"}


def _cell(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _ends(endings: Iterable[Ending]) -> Cells:
    found: dict[str, str] = {}
    for ending in endings:
        at, why = ENDS[ending.how]
        found |= {at: ending.date, why: ending.why}
    return found


def _numbers(said: Statement) -> Iterator[Cells]:
    """What each row of a statement holds alone."""
    levels = said.all_levels() if said.kind == "quantile" else []
    events = said.all_events()
    for number, value in enumerate(said.all_values()):
        plain, bound, stated = value_cells(value)
        level = repr(levels[number]) if levels else ""
        event = events[number] if events else ""
        yield {"level": level, "event": event, "value": plain, "bound": bound, "stated": stated}


def _csv(rows: Iterable[Cells]) -> bytes:
    """The table as CSV; lines end as RFC 4180 has it, so that any end within a text is quoted."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.get(name, "") for name in COLUMNS] for row in rows)
    return text.getvalue().encode("utf-8")


def _parquet(rows: Iterable[Cells]) -> bytes:
    """The table as Parquet: numbers as numbers, empty cells as nulls, all else as text."""
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        remedy = "install ai-safety-sweet-spot[parquet], or name a file that ends in .csv"
        raise MissingData(f"Parquet needs the package pyarrow; {remedy}") from error
    kinds: dict[str, tuple[Any, Callable[[str], Any]]]
    kinds = {name: (arrow.float64(), float) for name in NUMBERS}
    kinds |= {name: (arrow.int64(), int) for name in COUNTS}
    kinds["is_aggregate"] = (arrow.bool_(), lambda cell: cell == "true")
    columns = {}
    for name in COLUMNS:
        kind, read = kinds.get(name, (arrow.string(), str))
        cells = (row.get(name, "") for row in rows)
        columns[name] = arrow.array([read(cell) if cell else None for cell in cells], kind)
    target = io.BytesIO()
    parquet.write_table(arrow.table(columns), target)
    return target.getvalue()
