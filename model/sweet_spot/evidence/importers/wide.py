"""Tables whose columns are named by those who made them: one column an expert, bin or variable."""

from __future__ import annotations

from pathlib import Path

from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import Row, csv_rows, read_text

LONGEST_NAME = 200


def wide_rows(path: Path) -> list[Row]:
    """All rows of such a table, at least one; names of columns are short and of one line."""
    rows = list(csv_rows(path, read_text(path), ()))
    for name in rows[0].cells:
        if len(name) > LONGEST_NAME or (name and not name.isprintable()):
            remedy = "write a short name of one line"
            raise rows[0].refusal(f"{shown(name)} is the name of a column", remedy)
    return rows
