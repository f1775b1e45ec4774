"""Metaculus downloads: the zip, or its question_data.csv and forecast_data.csv side by side."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.archive import read_members
from sweet_spot.evidence.importers.common import (
    MISSING,
    Imported,
    Row,
    Settings,
    csv_rows,
    decode,
    number,
    read_bytes,
    refusal,
)
from sweet_spot.evidence.importers.metaculus_scale import Scale, mass_beyond
from sweet_spot.evidence.importers.moments import (
    day,
    decimal_year,
    last_of_each_day,
    moment_of_text,
)

QUESTIONS, FORECASTS = "question_data.csv", "forecast_data.csv"
PERCENTILES = {
    0.05: "5th Percentile",
    0.25: "25th Percentile",
    0.5: "Median",
    0.75: "75th Percentile",
    0.95: "95th Percentile",
}
CATEGORIES = "Probability Yes Per Category"
BELOW, ABOVE = "Probability Below Lower Bound", "Probability Above Upper Bound"
_ASKED = ("Question ID", "Question Title", "Question Type")
_SAID = ("Question ID", "Forecaster ID", "Start Time", "Probability Yes")
_KINDS = ("binary", "multiple_choice", "numeric", "discrete", "date")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True)
class Asked:
    """One question of the download."""

    row: Row
    id: str
    kind: str
    text: str
    resolved: str
    scale: Scale | None


def read(path: Path, settings: Settings) -> Sequence[Imported]:  # noqa: ARG001 - no settings
    """Every forecast of a download; pooled rows, which have no forecaster, and bots are marked.

    A percentile in the mass beyond an open bound is kept as one-sided. Options are questions of
    their own, as in `123[Option A]`, and so is the mass beyond, as in `123[above range]`.
    """
    questions, forecasts = _tables(path)
    asked = {item.id: item for item in map(_asked, questions)}
    ends: dict[int, dt.datetime | None] = {}
    found = []
    for row in forecasts:
        question = asked.get(row.needed("Question ID"))
        if question is None:
            message = f"question {shown(row.text('Question ID'))} is not in {QUESTIONS}"
            raise row.refusal(message, "take both files from one download")
        start = _moment(row, "Start Time")
        if start is None:
            raise row.refusal("Start Time is empty", "fill it in")
        ends[row.line] = _moment(row, "End Time")
        found += [(start, item) for item in _forecast(question, row, start)]
    return last_of_each_day(_with_ends(found, ends))


def _tables(path: Path) -> tuple[Iterable[Row], Iterable[Row]]:
    """Rows of the questions and of the forecasts, from wherever they are."""
    if not path.is_dir() and path.suffix.lower() != ".csv":
        texts: Mapping[str, bytes] = read_members(path, (QUESTIONS, FORECASTS))
        places: Mapping[str, Path] = {name: path / name for name in texts}
    else:
        places = _files(path)
        texts = {name: read_bytes(place) for name, place in places.items()}
    for name in (QUESTIONS, FORECASTS):
        if name not in texts:
            raise refusal(path, None, f"{name} is not in it", "name a Metaculus download")
    first, second = (
        csv_rows(places[name], decode(places[name], texts[name]), columns)
        for name, columns in ((QUESTIONS, _ASKED), (FORECASTS, _SAID))
    )
    return first, second


def _files(path: Path) -> Mapping[str, Path]:
    """Both tables, found from either, or from the folder that they are in."""
    if path.is_dir():
        return {name: path / name for name in (QUESTIONS, FORECASTS)}
    for name in (QUESTIONS, FORECASTS):
        if path.name.endswith(name):
            start = path.name.removesuffix(name)
            return {other: path.with_name(start + other) for other in (QUESTIONS, FORECASTS)}
    message = "a file whose name does not end in question_data.csv or forecast_data.csv"
    raise refusal(path, None, message, "name the zip or one of these two files")


def _asked(row: Row) -> Asked:
    kind = row.needed("Question Type")
    if kind not in _KINDS:
        raise row.refusal(f"the question type {shown(kind)} is not known", f"one of {_KINDS}")
    scale = None
    if kind not in ("binary", "multiple_choice"):
        is_date = kind == "date"
        lower, upper = (_value(row, f"{side} Bound", is_date) for side in ("Lower", "Upper"))
        opens = (row.flag(f"Open {side} Bound") for side in ("Lower", "Upper"))
        if not lower < upper:
            raise row.refusal("the range is empty", "compare with the question's page")
        scale = Scale(lower, upper, None, *opens)  # in our units: a date is a decimal year
    resolved = row.date("Resolution Known Time") if row.text("Resolution") else ""
    return Asked(row, row.needed("Question ID"), kind, row.text(_ASKED[1]), resolved, scale)


def _forecast(asked: Asked, row: Row, start: dt.datetime) -> list[Imported]:
    """What one row says, over the whole range of a question."""
    pooled = not row.text("Forecaster ID")
    count = row.optional("Forecaster Count")
    said = Imported(
        question=asked.id,
        forecaster=f"Metaculus {_forecaster(row)}" if pooled else _forecaster(row),
        kind="probability",
        values=(),
        line=row.line,
        unit="probability",
        date=day(start),
        expires=asked.resolved,
        text=asked.text,
        people=int(count) if pooled and count and count >= 1 else None,
        is_aggregate=pooled,
        is_bot=row.flag("Is Bot"),
    )
    if asked.kind == "binary":
        return [replace(said, values=(value,)) for value in _binary(row)]
    if asked.kind == "multiple_choice":
        return [
            replace(said, question=f"{asked.id}[{option}]", values=(value,))
            for option, value in _options(asked, row)
        ]
    return _continuous(asked, row, said)


def _forecaster(row: Row) -> str:
    for column in ("Forecaster Username", "Forecaster (Anonymized)", "Forecaster ID"):
        if row.text(column):
            return row.text(column)
    raise row.refusal("there is no forecaster and no method", "download it again")


def _binary(row: Row) -> list[float]:
    """P(yes): none where the row withdraws, and of some methods in the list of no and yes."""
    if row.text("Probability Yes"):
        return [_probability(row, row.text("Probability Yes"), "Probability Yes")]
    both = _numbers(row, CATEGORIES)
    if len(both) not in (0, 2):
        raise row.refusal(f"{CATEGORIES} has {len(both)} values of a yes/no question", "write two")
    return [value for value in both[1:] if value is not None]


def _options(asked: Asked, row: Row) -> list[tuple[str, float]]:
    values = _numbers(row, CATEGORIES)
    lists = [_quoted(asked.row.text(f"MC Options ({which})")) for which in ("All", "Current")]
    options = next((names for names in lists if len(names) == len(values)), None)
    if options is None and values:
        message = f"{len(values)} values, where there are {len(lists[0])} options"
        raise row.refusal(message, f"compare with MC Options in {QUESTIONS}")
    pairs = zip(options or (), values, strict=True)
    return [(option, value) for option, value in pairs if value is not None]


def _continuous(asked: Asked, row: Row, said: Imported) -> list[Imported]:
    """Percentiles in units; where one lies in the mass beyond an open bound, only its side."""
    scale = asked.scale
    assert scale is not None
    below, above = (_mass(row, column) for column in (BELOW, ABOVE))
    values: dict[float, float | str] = {}
    for level, column in PERCENTILES.items():
        if row.text(column).lower() in MISSING:
            continue
        value = _value(row, column, asked.kind == "date")
        under = value < scale.lower if below is None else level <= below
        over = value >= scale.upper if above is None else level > 1 - above
        low, high = scale.open_lower and under, scale.open_upper and over
        values[level] = scale.reported(0.0) if low else scale.reported(1.0) if high else value
    if not values:
        if row.text("Continuous CDF"):
            raise row.refusal("there is a CDF and no percentile", "download it again")
        return []
    unit = "year" if asked.kind == "date" else ""
    levels, quantiles = tuple(values), tuple(values.values())
    exact = [value for value in quantiles if not isinstance(value, str)]
    if exact != sorted(exact):
        raise row.refusal("the percentiles fall", "compare with the source")
    whole = replace(said, kind="quantile", levels=levels, values=quantiles, unit=unit)
    return [whole, *mass_beyond(whole, scale, below, above)]


def _mass(row: Row, column: str) -> float | None:
    text = row.text(column)
    return None if text.lower() in MISSING else _probability(row, text, column)


def _probability(row: Row, text: str, column: str) -> float:
    value = number(text, row, column)
    if not 0 <= value <= 1:
        raise row.refusal(f"{column} is {shown(text)}, no probability", "compare with the source")
    return value


def _value(row: Row, column: str, is_date: bool) -> float:
    if not is_date:
        return row.number(column)
    moment = _moment(row, column)
    if moment is None:
        raise row.refusal(f"{column} is empty", "fill it in")
    return decimal_year(moment)


def _moment(row: Row, column: str) -> dt.datetime | None:
    text = row.text(column)
    if text.lower() in MISSING:
        return None
    try:
        return moment_of_text(text)
    except ValueError as error:
        remedy = "write YYYY-MM-DD, with or without a time"
        raise row.refusal(f"{column} is {shown(text)}, not a date", remedy) from error


def _numbers(row: Row, column: str) -> list[float | None]:
    """A list as Python writes it: numbers and None."""
    text = row.text(column)
    if not text:
        return []
    if not (text.startswith("[") and text.endswith("]")):
        raise row.refusal(f"{column} is {shown(text)}, not a list", "download it again")
    cells = [cell.strip() for cell in text[1:-1].split(",") if cell.strip()]
    return [None if cell.lower() in MISSING else _probability(row, cell, column) for cell in cells]


def _quoted(text: str) -> list[str]:
    """The texts in a list as Python writes it."""
    found = ((one or two) for one, two in _QUOTED.findall(text))
    return [re.sub(r"\\(.)", r"\1", name) for name in found]


def _with_ends(
    found: Sequence[tuple[dt.datetime, Imported]], ends: Mapping[int, dt.datetime | None]
) -> list[tuple[dt.datetime, Imported]]:
    """The end of each forecast, unless the same forecaster's next one is what ends it.

    A forecast that is withdrawn and one that runs out look the same in the file.
    """
    histories: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for index in sorted(range(len(found)), key=lambda i: found[i][0]):
        item = found[index][1]
        histories[item.question, item.forecaster].append(index)
    out = list(found)
    for history in histories.values():
        for index, after in zip(history, [*history[1:], None], strict=True):
            start, item = found[index]
            end = None if item.line is None else ends[item.line]
            if end is None or (after is not None and found[after][0] <= end):
                continue
            last = min(filter(None, (day(end), item.expires)))
            out[index] = start, replace(item, expires=last)
    return out
