"""Rows of a Parquet table as text cells, so that it reads exactly as the same table in CSV.

Needs pyarrow, which nothing else needs: it comes with the extra `parquet`.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.evidence.findings import near
from sweet_spot.evidence.importers.common import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Row, refusal
from sweet_spot.evidence.plain_text import Refused, read_raw

BATCH = 10_000
UNPACKED = 8 * MAX_BYTES
"""In memory: a Parquet file of a few kilobytes can unpack to gigabytes."""
TABLE_BYTES = 1_000_000_000
MOST_OF_TABLE = (5_000_000, 4 * TABLE_BYTES)
"""Of a table of statements, which may be larger than what is imported."""


def table_records(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Header and rows of a table of statements, each with its line, cells as they stand.

    Raises
    ------
    Refused
        The file is no such table, or pyarrow is not there to read it.
    """
    raw = read_raw(path, TABLE_BYTES)
    header: Sequence[str] = ()
    try:
        for row in parquet_rows(path, raw, (), text=_as_it_stands, most=MOST_OF_TABLE):
            if not header:
                header = tuple(row.cells)
                yield 1, header
            yield row.line, tuple(row.cells.values())
    except (InvalidRecord, MissingData) as error:
        if isinstance(error, Refused):
            raise
        what, _, remedy = str(error).removeprefix(f"{path}").lstrip(": ").rpartition("; ")
        raise Refused("not-table", what, remedy) from error


def parquet_rows(
    path: Path,
    raw: bytes,
    columns: Sequence[str],
    *,
    text: Callable[[Any], str] | None = None,
    most: tuple[int, int] = (MAX_ROWS, UNPACKED),
) -> Iterator[Row]:
    """The rows of a table with at least some columns; `line` counts rows, the header as one.

    `text` writes a cell; by default without the blanks around it. `most`: rows, and bytes in
    memory.
    """
    text = text or _text
    parquet = _library()
    line = 1
    unpacked = 0
    try:
        file = parquet.ParquetFile(io.BytesIO(raw))
        _check(path, file, columns, most)
        for batch in file.iter_batches(batch_size=BATCH, use_threads=False):
            unpacked += batch.nbytes
            if unpacked > most[1]:
                raise refusal(path, line, "the table unpacks to too much", "split the table")
            for record in batch.to_pylist():
                line += 1
                yield Row(path, line, {name: text(cell) for name, cell in record.items()})
    except (import_module("pyarrow").ArrowException, OSError, ValueError) as error:
        why = str(error).splitlines()[0][:120] if str(error) else "it cannot be parsed"
        raise refusal(path, None, f"this is no Parquet table: {why}", "export it again") from error
    if line == 1:
        raise refusal(path, None, "there is no row in the table", "export it again")


def _library() -> Any:
    try:
        return import_module("pyarrow.parquet")
    except ImportError as error:
        remedy = "install ai-safety-sweet-spot[parquet], or save the table as CSV"
        raise MissingData(f"Parquet needs the package pyarrow; {remedy}") from error


def _check(path: Path, file: Any, columns: Sequence[str], most: tuple[int, int]) -> None:
    """Refuses, by its own account of itself, a table that is too large or has other columns."""
    about = file.metadata
    size = sum(
        about.row_group(i).total_byte_size for i in range(min(about.num_row_groups, most[0]))
    )
    if about.num_rows > most[0] or about.num_columns > MAX_COLUMNS or size > most[1]:
        message = f"{about.num_rows} rows, {about.num_columns} columns, {size / 1e6:.0f} MB"
        raise refusal(path, None, message, "split the table")
    names = file.schema_arrow.names
    for name in columns:
        if name not in names:
            wanted = f"expected the columns {', '.join(columns)}"
            raise refusal(path, None, f"no column {name!r}{near(name, names)}", wanted)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.isoformat()
    return repr(cell) if isinstance(cell, float) else str(cell).strip()


def _as_it_stands(cell: Any) -> str:
    return cell if isinstance(cell, str) else _text(cell)
