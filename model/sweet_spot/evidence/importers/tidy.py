"""Tidy tables, one number a row, as CSV or Parquet.

Needed are question_id, forecaster, kind and value; level, unit, bound, forecast_id, made_at,
question_text, condition, cluster and the others of `OPTIONAL` are read where they are there. Rows
with one forecast_id are one statement, and without such a column those that agree in person,
question, kind, date, condition and round. A table of ours, as `export` writes it, reads back as the
statements that it holds, with their ids, conditions, parts and ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, chain, pairwise
from pathlib import Path

from sweet_spot.evidence import table_columns
from sweet_spot.evidence.findings import near, shown
from sweet_spot.evidence.importers.common import (
    LARGEST,
    MISSING,
    Imported,
    Row,
    Settings,
    csv_rows,
    decode,
    read_bytes,
    refusal,
)
from sweet_spot.evidence.reading import ElicitationRead, elicitation_in, endings_of
from sweet_spot.evidence.records import Ending, Kind, Role, parse_value
from sweet_spot.evidence.tables import read_tables

NEEDED = ("question_id", "kind", "value")
ALIASES = {
    "forecaster": ("expert_id", "expert"),
    "made_at": ("date",),
    "n_forecasters": ("n_respondents",),
    "question_text": ("quantity",),
}
"""Other names of columns, for tables that were written before."""

SAME = ("forecaster", "question_id", "kind", "unit", "made_at", "condition", "round", "role")
"""In what the rows of one statement agree."""

OPTIONAL = (
    "forecast_id", "level", "unit", "bound", "made_at", "expires_at", "withdrawn_at", "condition",
    "question_text", "cluster", "camp", "n_forecasters", "is_aggregate", "is_bot", "method", "role",
)  # fmt: skip
OWN = ("id", "given", "members", "premises", "includes", "verified", "location")
"""Fields of a statement that only a table of ours has, and no map changes."""

ROLES: Mapping[str, Role | None] = {
    "": None, "evidence": "evidence", "check": "check", "excluded": "excluded",
}  # fmt: skip
_BIN = re.compile(
    r"[\[(]?\s*(-?[0-9.]+(?:e[-+]?[0-9]+)?)\s*[,;]\s*(-?[0-9.]+(?:e[-+]?[0-9]+)?)\s*[\])]?"
)


def read(path: Path, settings: Settings) -> list[Imported]:  # noqa: ARG001 - there are none
    """The statements of a table, in order of their first row."""
    rows = _rows(path)
    first = next(rows, None)
    if first is None or not first.cells.keys() >= set(table_columns.NEEDED):
        every = chain(() if first is None else (first,), rows)
        return [said for group in _grouped(every) for said in _statement(group)]
    files = [elicitation_in(document) for document in read_tables(path)]
    for _, problem in (found for file in files for found in file.problems):
        place = ", ".join(filter(None, (problem.statement, problem.field, problem.message)))
        raise refusal(path, problem.line, place, problem.remedy)
    ends = endings_of(files)
    return [own for file in files for own in _ours(file, ends)]


def _ours(file: ElicitationRead, ends: Mapping[str, tuple[Ending, ...]]) -> Iterator[Imported]:
    """The statements of a table of ours; the date of its source stands in where one has none."""
    for index, said in file.statements:
        yield Imported(
            question=said.question,
            forecaster=said.expert,
            kind=said.kind,
            values=tuple(said.all_values()),
            line=file.document.line(("statements", index)),
            levels=tuple(said.all_levels() if said.kind == "quantile" else ()),
            events=tuple(said.all_events()),
            unit=said.unit,
            date=said.date or (file.source.date if file.source else ""),
            text=said.wording or "",
            condition=said.condition or "",
            cluster=said.cluster or "",
            people=said.people,
            own={name: value for name in OWN if (value := getattr(said, name)) is not None},
            ends=ends.get(said.id, ()),
            role=said.role,
            reason=said.reason,
        )


def _rows(path: Path) -> Iterator[Row]:
    raw = read_bytes(path)
    if raw.startswith(b"PAR1"):
        from sweet_spot.evidence.importers.parquet import parquet_rows

        rows = parquet_rows(path, raw, NEEDED)
    else:
        rows = csv_rows(path, decode(path, raw), NEEDED)
    for row in rows:
        named = _renamed(row.cells)
        if "forecaster" not in named:
            raise refusal(path, 1, "no column 'forecaster'", "expected it beside question_id")
        yield replace(row, cells=named)


def _renamed(cells: Mapping[str, str]) -> Mapping[str, str]:
    """The cells under our names for the columns."""
    others = {
        name: cells[other]
        for name, aliases in ALIASES.items()
        for other in aliases
        if name not in cells and other in cells
    }
    return {**cells, **others} if others else cells


def _grouped(rows: Iterable[Row]) -> Iterable[Sequence[Row]]:
    """The rows of each statement."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        name = row.text("forecast_id")
        agreed = tuple(map(row.text, SAME))
        group = groups.setdefault((name,) if name else agreed, [])
        if group and tuple(map(group[0].text, SAME)) != agreed:
            column = next(c for c in SAME if row.text(c) != group[0].text(c))
            message = f"{column} differs from line {group[0].line} in forecast {shown(name)}"
            raise row.refusal(message, "give each statement its own forecast_id")
        group.append(row)
    return groups.values()


def _statement(rows: Sequence[Row]) -> Iterator[Imported]:
    """What the rows of one statement say; of several categories, each is a question."""
    first = rows[0]
    kind = first.needed("kind")
    if kind not in READERS:
        message = f"the kind {shown(kind)} cannot be imported{near(kind, READERS)}"
        raise first.refusal(message, f"write one of {', '.join(READERS)}")
    yield from READERS[kind](rows)


def _base(row: Row, kind: Kind, values: Iterable[float | str]) -> Imported:
    """A statement with all that its first row says about it."""
    pooled = row.flag("is_aggregate")
    if row.text("role") not in ROLES:
        message = f"role is {shown(row.text('role'))}"
        raise row.refusal(message, "write evidence, check or excluded")
    people = row.optional("n_forecasters")
    if people is not None and not (people >= 1 and people.is_integer()):
        raise row.refusal(f"n_forecasters is {people:g}", "write how many there are")
    return Imported(
        question=row.needed("question_id"),
        forecaster=row.text("method") if pooled and not row.text("forecaster")
        else row.needed("forecaster"),
        kind=kind,
        values=tuple(values),
        line=row.line,
        unit=row.text("unit") or ("probability" if kind == "probability" else ""),
        date=row.date("made_at"),
        expires=row.date("expires_at"),
        withdrawn=row.date("withdrawn_at"),
        text=row.text("question_text"),
        condition=row.text("condition"),
        cluster=row.text("cluster") or row.text("camp"),
        people=None if people is None else int(people),
        is_aggregate=pooled,
        is_bot=row.flag("is_bot"),
        role=ROLES[row.text("role")],
    )  # fmt: skip


def _value(row: Row) -> float | str:
    """A number, or a bound: by the column `bound`, or written as in ">2100" or "never"."""
    text, bound = row.text("value"), row.text("bound")
    if bound not in ("", "lower", "upper"):
        raise row.refusal(f"bound is {shown(bound)}", "write lower, upper or nothing")
    if bound == "lower" and text.lower() in MISSING:
        return "never"
    if bound:
        return f"{'>' if bound == 'lower' else '<'}{row.number('value')!r}"
    if text[:1] not in ("<", ">") and text not in ("never", "later"):
        return row.number("value")
    try:
        _, limit = parse_value(text)
    except ValueError as error:
        raise row.refusal(f"value is {shown(text)}", "write it as in '>2100'") from error
    if limit is not None and abs(limit) > LARGEST:
        raise row.refusal(f"value is {shown(text)}, beyond {LARGEST:g}", "compare with the source")
    return text


def _by_level(rows: Sequence[Row]) -> list[tuple[float, Row]]:
    """The rows with their levels, which rise and do not repeat."""
    found = sorted(((row.number("level"), row) for row in rows), key=lambda pair: pair[0])
    for (low, _), (high, row) in pairwise(found):
        if low == high:
            raise row.refusal(f"the level {high:g} stands twice in one statement", "keep one")
    return found


def _quantiles(rows: Sequence[Row]) -> Iterator[Imported]:
    found = _by_level(rows)
    for level, row in found:
        if not 0 < level < 1:
            raise row.refusal(f"the level {level:g} is not between 0 and 1", "write 0.1 for 10 %")
    said = _base(rows[0], "quantile", (_value(row) for _, row in found))
    yield replace(said, levels=tuple(level for level, _ in found))


def _single(kind: Kind) -> Callable[[Sequence[Row]], Iterator[Imported]]:
    def one(rows: Sequence[Row]) -> Iterator[Imported]:
        if len(rows) > 1:
            message = f"a second row, after line {rows[0].line}, for one {kind}"
            raise rows[1].refusal(message, "give each statement its own forecast_id")
        yield _base(rows[0], kind, [_value(rows[0])])

    return one


def _probabilities(rows: Sequence[Row]) -> Iterator[Imported]:
    """Chances below thresholds, of options, or of the event that the question names."""
    if not rows[0].text("level"):
        yield from _single("probability")(rows)
        return
    try:
        thresholds = all(float(row.text("level")) is not None for row in rows)
    except ValueError:
        thresholds = False
    if not thresholds:
        yield from _categories(rows)
        return
    found = _by_level(rows)
    said = _base(rows[0], "probability", (_value(row) for _, row in found))
    yield replace(said, events=tuple(f"< {_written(level)}" for level, _ in found))


def _categories(rows: Sequence[Row]) -> Iterator[Imported]:
    for row in rows:
        said = _base(row, "probability", [_value(row)])
        yield replace(said, question=f"{said.question}[{row.needed('level')}]")


def _chips(rows: Sequence[Row]) -> Iterator[Imported]:
    """Chips in bins, as the cumulative probabilities at the bins' upper edges."""
    bins = sorted(((*_edges(row), row) for row in rows), key=lambda found: found[:2])
    for (_, upper, _), (lower, _, row) in pairwise(bins):
        if lower != upper:
            raise row.refusal(f"the bin begins at {lower:g}, not at {upper:g}", "close the gap")
    chips = [row.number("value") for *_, row in bins]
    total = sum(chips)
    if min(chips) < 0 or not 0 < total < LARGEST:
        raise rows[0].refusal("the chips are negative or none", "compare with the source")
    shares = [min(below / total, 1.0) for below in accumulate(chips)]
    said = replace(_base(rows[0], "probability", shares), unit="probability")
    yield replace(said, events=tuple(f"< {_written(upper)}" for _, upper, _ in bins))


def _edges(row: Row) -> tuple[float, float]:
    found = _BIN.fullmatch(row.text("level").lower())
    try:
        lower, upper = (float(found[1]), float(found[2])) if found else (1.0, 0.0)
    except ValueError:
        lower, upper = 1.0, 0.0
    if not lower < upper:
        raise row.refusal(f"level is {shown(row.text('level'))}", "write a bin as in '(0, 10]'")
    return lower, upper


def _written(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


READERS: Mapping[str, Callable[[Sequence[Row]], Iterator[Imported]]] = {
    "quantile": _quantiles, "three_point": _quantiles,
    "median": _single("median"), "mean": _single("mean"), "bound": _single("bound"),
    "binary": _single("probability"), "binary_prob": _single("probability"),
    "conditional": _single("probability"), "conditional_probability": _single("probability"),
    "probability": _probabilities, "cdf": _probabilities,
    "category": _categories, "chips": _chips,
}  # fmt: skip
"""Kind in the table -> what its rows say."""
