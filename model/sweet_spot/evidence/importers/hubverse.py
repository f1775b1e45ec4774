"""hubverse model output: task columns chosen by the hub, output_type, output_type_id, value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import (
    Imported,
    Row,
    Settings,
    csv_rows,
    read_text,
)
from sweet_spot.evidence.importers.moments import plain

OUTPUT = ("output_type", "output_type_id", "value")
DATES = ("origin_date", "reference_date", "forecast_date")
"""Task columns that say when it was said; the first that is there."""

TYPES = ("quantile", "cdf", "sample", "median", "mean", "pmf")
"""Of one task the first that is there counts; the others say the same and are excluded."""

OURS = ("unit", "condition")
SAME = "the same forecast as the {} of this task"
SUMMARY = (0.05, 0.25, 0.5, 0.75, 0.95)
FEWEST = 20
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-(.+)")

Group = tuple[str, str]


def read(path: Path, settings: Settings) -> Sequence[Imported]:
    """The forecasts of one model and round, whose name stands in the file's name only.

    The outside id is the target with the other task columns, as in `target[horizon=1]`, and of a
    category that too, as in `target[horizon=1][large increase]`. Columns `unit` and
    `condition`, as our export has both, are just these. Samples, at least twenty, are summarised
    by five quantiles.
    """
    named = _NAME.fullmatch(path.stem)
    model = str(settings.get("model", "")) or (named[1] if named else path.stem)
    groups: dict[Group, list[Row]] = {}
    dates: dict[str, str] = {}
    tasks: dict[tuple[tuple[str, str], ...], str] = {}
    for row in csv_rows(path, read_text(path), OUTPUT):
        cells = tuple((name, cell) for name, cell in row.cells.items() if name not in OUTPUT)
        if cells not in tasks:
            tasks[cells] = _task(row)
            dates[tasks[cells]] = next((row.date(name) for name in DATES if row.text(name)), "")
        groups.setdefault((tasks[cells], row.needed("output_type")), []).append(row)
    out = []
    for (task, kind), rows in groups.items():
        date = dates[task]
        name = task.split("\n", 1)[0]
        unit, condition = (rows[0].text(column) for column in _own(rows[0]) or ("", ""))
        said = Imported(name, model, "quantile", (), rows[0].line, unit=unit, date=date, text=name)
        said = replace(said, condition=condition)
        first = next((other for other in TYPES if (task, other) in groups), kind)
        if kind not in (first, "pmf"):
            said = replace(said, role="excluded", reason=SAME.format(first))
        out += _said(kind, rows, said)
    return out


def _task(row: Row) -> str:
    """The outside id of a task, and below it what is no part of the question, as the date."""
    date = next((name for name in DATES if row.text(name)), "")
    own = _own(row)
    others = [
        f"{name}={cell}"
        for name, cell in row.cells.items()
        if name not in (*OUTPUT, date, "target", *own) and cell
    ]
    target = row.text("target") or "target"
    which = f"[{','.join(others)}]" if others else ""
    return "\n".join((f"{target}{which}", row.text(date), *map(row.text, own)))


def _own(row: Row) -> tuple[str, ...]:
    """The columns of our export that are no part of the task, where the table has them all."""
    return OURS if all(name in row.cells for name in OURS) else ()


def _said(kind: str, rows: Sequence[Row], said: Imported) -> list[Imported]:
    match kind:
        case "quantile":
            return [_quantiles(rows, said)]
        case "cdf":
            return _cdf(rows, said)
        case "pmf":
            return _pmf(rows, said)
        case "sample":
            return [_samples(rows, said)]
        case "mean" | "median":
            if len(rows) > 1:
                raise rows[1].refusal(f"a second {kind} of one task", "keep one")
            return [replace(said, kind=kind, values=(rows[0].number("value"),))]
    known = ", ".join(TYPES)
    raise rows[0].refusal(f"the output_type {shown(kind)} is not known", f"write one of {known}")


def _sorted(rows: Sequence[Row], said: Imported) -> dict[float, float]:
    """Value at each number in output_type_id, both rising."""
    points: dict[float, float] = {}
    for row in sorted(rows, key=lambda row: row.number("output_type_id")):
        at = row.number("output_type_id")
        if at in points:
            raise row.refusal(f"{plain(at)} stands twice in {shown(said.question)}", "keep one")
        if points and row.number("value") < next(reversed(points.values())):
            message = f"the values of {shown(said.question)} fall at {plain(at)}"
            raise row.refusal(message, "compare with the source")
        points[at] = row.number("value")
    return points


def _quantiles(rows: Sequence[Row], said: Imported) -> Imported:
    points = _sorted(rows, said)
    if not all(0 < level < 1 for level in points):
        raise rows[0].refusal("a level is not inside 0 to 1", "write levels such as 0.05")
    return replace(said, levels=tuple(points), values=tuple(points.values()))


def _cdf(rows: Sequence[Row], said: Imported) -> list[Imported]:
    """Probabilities of values up to a number; of ordered names, each a question of its own."""
    for row in rows:
        _probability(row)
    if any(not _is_number(row.text("output_type_id")) for row in rows):
        return _pmf(rows, said, "up to ")
    said = replace(said, kind="probability", unit="probability")
    points = _sorted(rows, said)
    events = tuple(f"< {plain(threshold)}" for threshold in points)
    return [replace(said, values=tuple(points.values()), events=events)]


def _is_number(text: str) -> bool:
    return text[:1] in "+-.0123456789" and text.lower().strip("+-.0123456789e") == ""


def _pmf(rows: Sequence[Row], said: Imported, start: str = "") -> list[Imported]:
    """One statement a category."""
    out: dict[str, Imported] = {}
    for row in rows:
        name = f"{said.question}[{start}{row.needed('output_type_id')}]"
        if name in out:
            raise row.refusal(f"{shown(name)} stands twice", "keep one")
        value = _probability(row)
        out[name] = replace(
            said,
            question=name,
            kind="probability",
            values=(value,),
            line=row.line,
            unit="probability",
        )
    return list(out.values())


def _probability(row: Row) -> float:
    value = row.number("value")
    if not 0 <= value <= 1:
        raise row.refusal(f"{value:g} is no probability", "compare with the source")
    return value


def _samples(rows: Sequence[Row], said: Imported) -> Imported:
    """Quantiles of the draws, straight between their order statistics."""
    if len(rows) < FEWEST:
        message = f"{len(rows)} samples of {shown(said.question)}"
        raise rows[0].refusal(message, f"give at least {FEWEST}, or quantiles")
    draws = sorted(row.number("value") for row in rows)
    values = []
    for level in SUMMARY:
        place = level * (len(draws) - 1)
        low = int(place)
        high = min(low + 1, len(draws) - 1)
        values.append(draws[low] + (place - low) * (draws[high] - draws[low]))
    return replace(said, levels=SUMMARY, values=tuple(values))
