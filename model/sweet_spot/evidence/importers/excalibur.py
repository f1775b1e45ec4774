"""EXCALIBUR's .dtt and .rls: fixed columns, because ids hold blanks and words like "log"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import (
    Imported,
    Row,
    Settings,
    decode,
    number,
    read_bytes,
    refusal,
)

_HEADER = re.compile(r"\*.*?\bNQ\s*=\s*([0-9]{1,3})\s+QU\s*=([0-9.\s]{1,1000})")
_MISSING = (-1000.0, -990.0)
"""Any value between these stands for none; a true one there cannot be told apart."""

_FORMAT = "expected EXCALIBUR's fixed columns"


@dataclass(frozen=True)
class Assessment:
    """What one expert said of one item; a value is None where there is no answer."""

    expert: str
    item: str
    scale: str
    values: tuple[float | None, ...]
    text: str
    line: int


@dataclass(frozen=True)
class Item:
    """One item of the .rls; a seed has a realisation, a target has none."""

    id: str
    realisation: float | None
    scale: str
    text: str
    line: int


@dataclass(frozen=True)
class Study:
    """Both files: levels of the quantiles, assessments in order, items by id in small letters."""

    levels: tuple[float, ...]
    assessments: tuple[Assessment, ...]
    items: Mapping[str, Item]


def read(path: Path, settings: Settings) -> Sequence[Imported]:  # noqa: ARG001 - no settings
    """The answers of a study; those to seed items, whose outcome is known, are checks."""
    study = read_study(path)
    out = []
    for said in study.assessments:
        item = study.items.get(said.item.lower())
        given = [(p, v) for p, v in zip(study.levels, said.values, strict=True) if v is not None]
        if not given:
            continue  # no answer
        outcome = None if item is None else item.realisation
        out.append(
            Imported(
                question=said.item,
                forecaster=said.expert,
                kind="quantile",
                values=tuple(value for _, value in given),
                line=said.line,
                levels=tuple(level for level, _ in given),
                text=said.text or ("" if item is None else item.text),
                role=None if outcome is None else "check",
                reason="" if outcome is None else f"a seed item, whose outcome was {outcome:.10g}",
            )
        )
    return out


def read_study(path: Path) -> Study:
    """A .dtt and, where there is one of the same name beside it, its .rls."""
    if path.suffix.lower() == ".rls":
        raise refusal(path, None, "the answers are in the .dtt", "name that file")
    header, *lines = _lines(path)
    found = _HEADER.match(header)
    if not found:
        remedy = "expected '* CLASS ASCII OUTPUT FILE. NQ=  3   QU=   5  50  95'"
        raise refusal(path, 1, f"{shown(header)} is no header of EXCALIBUR", remedy)
    row = Row(path, 1, {})
    levels = tuple(number(text, row, "QU") / 100 for text in found[2].split())
    if len(levels) != int(found[1]):
        message = f"NQ is {found[1]}, but there are {len(levels)} percents"
        raise row.refusal(message, "correct the header")
    if not all(0 < level < 1 for level in levels) or list(levels) != sorted(set(levels)):
        raise row.refusal("the percents do not rise inside 0 to 100", "correct the header")
    assessments: dict[tuple[str, str], Assessment] = {}
    for place, line in enumerate(lines, 2):
        if line.strip():
            said = _assessment(Row(path, place, {}), line, len(levels))
            if (said.expert, said.item) in assessments:
                message = f"{shown(said.expert)} answers {shown(said.item)} twice"
                raise refusal(path, place, message, "keep one of the two lines")
            assessments[said.expert, said.item] = said
    if not assessments:
        raise refusal(path, None, "there is no line below the header", "export it again")
    return Study(levels, tuple(assessments.values()), _items(path))


def _lines(path: Path) -> list[str]:
    raw = read_bytes(path).rstrip(b"\x1a\0")  # DOS marks the end of a text so
    return decode(path, raw, fallback="cp1252").splitlines()


def _assessment(row: Row, line: str, count: int) -> Assessment:
    fixed, rest = line[:38], line[38:]
    expert, item, scale = fixed[6:14].strip(), fixed[20:34].strip(), fixed[35:38].strip()
    _check_place(row, fixed, (fixed[0:5], fixed[14:19]), scale)
    if not expert or not item:
        raise row.refusal("the id of the expert or the item is empty", _FORMAT)
    parts = rest.split(maxsplit=count)
    if len(parts) < count:
        message = f"{len(parts)} values, where the header has {count}"
        raise row.refusal(message, "the line is cut, or not in fixed columns")
    values = tuple(_value(text, row) for text in parts[:count])
    said = [value for value in values if value is not None]
    if said != sorted(said):
        raise row.refusal(f"the quantiles of {shown(item)} fall", "compare with the source")
    text = parts[count].strip() if len(parts) > count else ""
    return Assessment(expert, item, scale.upper(), values, text, row.line)


def _check_place(row: Row, fixed: str, numbers: Sequence[str], scale: str) -> None:
    """The columns are where they should be: whole numbers, and a scale in its place."""
    if "\t" in fixed:
        raise row.refusal("a tab stands before the values", "put the ids into fixed columns")
    for text in numbers:
        if not text.strip().isdecimal():
            raise row.refusal(f"{shown(text)} where a number of expert or item is due", _FORMAT)
    if scale.upper() not in ("UNI", "LOG"):
        raise row.refusal(f"{shown(scale)} where UNI or LOG is due", _FORMAT)


def _value(text: str, row: Row) -> float | None:
    value = number(text, row, "the value")
    return None if _MISSING[0] <= value <= _MISSING[1] else value


def _items(path: Path) -> Mapping[str, Item]:
    """The items of the .rls beside a .dtt, by id; none where there is no such file."""
    items: dict[str, Item] = {}
    place = next((p for end in (".rls", ".RLS") if (p := path.with_suffix(end)).exists()), None)
    for number_of_line, line in enumerate(_lines(place) if place else (), 1):
        if place and line.strip():
            item = _item(Row(place, number_of_line, {}), line)
            if item.id.lower() in items:
                message = f"the item {shown(item.id)} stands twice"
                raise refusal(place, number_of_line, message, "keep one of the two lines")
            items[item.id.lower()] = item
    return items


def _item(row: Row, line: str) -> Item:
    value, scale, *text = [*line[20:].split(maxsplit=2), "", ""][:3]
    _check_place(row, line[:20], (line[0:5],), scale)
    name = line[6:20].strip()
    if not name:
        raise row.refusal("the id of the item is empty", _FORMAT)
    return Item(name, _value(value, row), scale.upper(), text[0].strip(), row.line)
