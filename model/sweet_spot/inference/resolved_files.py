"""The three files of a resolved panel, checked field by field: one error, which says where."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sweet_spot.errors import InvalidRecord, MissingData

FORECASTS, OUTCOMES, EXPERTS = "forecasts.csv", "outcomes.csv", "experts.csv"
Table = dict[str, Any]
"""Columns by name; each an array of one length."""

_KINDS = ("quantile", "binary_prob", "probability")
_SCALES = ("", "uni", "log", "prob")


def read_tables(folder: Path) -> tuple[Table, Table, Mapping[str, str]]:
    """Rows of forecasts.csv, rows of outcomes.csv, and the group of each person of experts.csv.

    `level` and `value` come as numbers, `outcome` as a number, or NaN where it is unknown.
    """
    forecasts = _columns(
        folder / FORECASTS, ("question_id", "expert_id", "kind", "level", "value"),
        ("date", "round"),
    )  # fmt: skip
    questions = _columns(
        folder / OUTCOMES, ("question_id", "outcome"), ("group", "domain", "scale")
    )
    _check_forecasts(folder / FORECASTS, forecasts, set(questions["question_id"].tolist()))
    _check_outcomes(folder / OUTCOMES, questions, forecasts)
    circles: dict[str, str] = {}
    if (folder / EXPERTS).is_file():
        people = _columns(folder / EXPERTS, ("expert_id",), ("group",))
        circles = dict(zip(people["expert_id"].tolist(), people["group"].tolist(), strict=True))
    return forecasts, questions, circles


def _columns(path: Path, wanted: Sequence[str], optional: Sequence[str]) -> Table:
    """The wanted columns as text, and the line of each row as `line`."""
    if not path.is_file():
        raise MissingData(f"{path} is not there; a dataset has {FORECASTS} and {OUTCOMES}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = _rows(path, file)
        _, head = next(rows, (1, []))
        missing = [name for name in wanted if name not in head]
        if missing:
            raise InvalidRecord(
                f"{path} line 1: no column {missing[0]!r}; the first line names the columns,"
                f" among them {', '.join(wanted)}"
            )
        lines, cells = [], []
        for line, row in rows:
            if len(row) != len(head):
                raise InvalidRecord(
                    f"{path} line {line}: {len(row)} fields where the first line names"
                    f" {len(head)}; give each field, or put text with commas in quotes"
                )
            lines.append(line)
            cells.append(row)
    if not cells:
        raise InvalidRecord(f"{path}: no row below the names; give at least one")
    columns = list(zip(*cells, strict=True))
    table: Table = {
        name: np.char.strip(np.array(columns[head.index(name)], dtype=np.str_))
        if name in head else np.full(len(cells), "", dtype="<U1")
        for name in (*wanted, *optional)
    }  # fmt: skip
    return table | {"line": np.array(lines)}


def _rows(path: Path, file: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line it ends on."""
    reader = csv.reader(file, strict=True)
    try:
        yield from ((reader.line_num, row) for row in reader if row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidRecord(
            f"{path} line {reader.line_num}: {error}; save it as CSV in UTF-8"
        ) from error


def _check_forecasts(path: Path, table: Table, known: set[str]) -> None:
    """Names, kinds, levels and values; turns the last two into numbers."""

    def refuse(field: str, bad: Any, why: str) -> None:
        _refuse(path, table, field, bad, why)

    unknown = [question not in known for question in table["question_id"].tolist()]
    refuse("question_id", unknown, f"is not in {OUTCOMES}; add it there, its outcome may be empty")
    refuse("expert_id", table["expert_id"] == "", "is empty; say who it was")
    refuse("kind", ~np.isin(table["kind"], _KINDS), f"is none of {', '.join(_KINDS)}")
    quantile = table["kind"] == "quantile"
    value = table["value"] = _numbers(path, table, "value", np.ones(quantile.size, dtype=bool))
    level = table["level"] = _numbers(path, table, "level", quantile)
    outside = quantile & ((level <= 0) | (level >= 1))
    refuse("level", outside, "is no probability level; give one between 0 and 1, as 0.05")
    outside = ~quantile & ((value < 0) | (value > 1))
    refuse("value", outside, "is no probability; give one from 0 to 1, not per cent")
    binary = np.unique(table["question_id"][table["kind"] == "binary_prob"])
    both = quantile & np.isin(table["question_id"], binary)
    refuse("kind", both, "is beside binary_prob on one question; make them two questions")


def _check_outcomes(path: Path, table: Table, forecasts: Table) -> None:
    """One row per question; a number, 0 or 1, or nothing, by the kind of its forecasts."""

    def refuse(field: str, bad: Any, why: str) -> None:
        _refuse(path, table, field, bad, why)

    names = table["question_id"]
    first = np.unique(names, return_index=True)[1]
    again = ~np.isin(np.arange(names.size), first)
    refuse("question_id", again, "stands twice; keep one row per question")
    refuse("scale", ~np.isin(table["scale"], _SCALES), "is none of uni, log, prob, or empty")
    asked = {kind: forecasts["question_id"][forecasts["kind"] == kind] for kind in _KINDS}
    numeric, binary = np.isin(names, asked["quantile"]), np.isin(names, asked["binary_prob"])
    number = _numbers(path, table, "outcome", (numeric | binary) & (table["outcome"] != ""))
    neither = binary & np.isfinite(number) & ~np.isin(number, (0, 1))
    refuse("outcome", neither, "is no answer to a yes/no question; give 1 for yes, 0 for no")
    low = numeric & (table["scale"] == "log") & (number <= 0)
    refuse("outcome", low, "is not above 0, but its scale is log; set the scale to uni")
    table["outcome"] = number


def _numbers(path: Path, table: Table, field: str, where: Any) -> Any:
    """A column as numbers where they are needed, NaN elsewhere."""
    out = np.full(table[field].size, np.nan)
    try:
        out[where] = table[field][where].astype(float)
        bad = where & ~np.isfinite(out)
    except ValueError:
        bad = where & np.array([not _is_number(text) for text in table[field].tolist()])
    _refuse(path, table, field, bad, "is no finite number; write it with digits and a point")
    return out


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _refuse(path: Path, table: Table, field: str, bad: Any, why: str) -> None:
    """Ends at the first row that is bad."""
    rows = np.flatnonzero(bad)
    if rows.size:
        more = f" (so in {rows.size} rows)" if rows.size > 1 else ""
        raise InvalidRecord(
            f"{path} line {table['line'][rows[0]]}: {field} {str(table[field][rows[0]])!r}"
            f" {why}{more}"
        )
