"""Parameter files of AI-timelines models (YAML): distributions of each forecaster.

Read are `<x>_ci: [low, high]` and `ci80`, 80 percent intervals; `p_<x>`, a probability;
`algorithmic_slowdowns`, [P(none), low, high]; and `{dist, ci80, ...}` or `{dist: fixed, value}`.
Units stand in the comments of these files, and a comment "SAME" says that numbers were copied.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweet_spot.argument.units import UNITS
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import LARGEST, Imported, Settings, read_text, refusal
from sweet_spot.evidence.plain_yaml import Document, Place, read_document

INTERVAL = (0.1, 0.9)
"""Levels of the ends of an 80 percent interval."""

_WORD = re.compile(r"[A-Za-z]+")
_GROUPS = ("distributions", "algorithmic_slowdowns")


def read(path: Path, settings: Settings) -> list[Imported]:  # noqa: ARG001 - there are none
    """Every interval and probability of every forecaster."""
    comments = _comments(read_text(path))
    document = read_document(path)
    for _, problem in document.problems:
        raise refusal(path, problem.line, problem.message, problem.remedy)
    content = document.content
    people = content.get("forecasters") if isinstance(content, dict) else None
    if not isinstance(people, dict) or not people:
        raise refusal(path, None, "there is no map `forecasters`", "name each forecaster under it")
    found = [
        _commented(said, comments)
        for key, person in people.items()
        for said in _person(document, key, person)
    ]
    if not found:
        message = "no forecaster has an interval or a probability"
        raise refusal(path, None, message, "expected `distributions` under each")
    return found


def _comments(text: str) -> Mapping[int, str]:
    """What stands behind a blank and `#`, by line."""
    parts = ((number, line.rpartition(" #")) for number, line in enumerate(text.splitlines(), 1))
    return {number: comment for number, (_, mark, comment) in parts if mark}


def _commented(said: Imported, comments: Mapping[int, str]) -> Imported:
    """With the unit and the mark of a copy that the comment in its line holds."""
    comment = comments.get(said.line or 0, "")
    words = _WORD.findall(comment)
    known = [word for word in words if word in UNITS]
    return replace(
        said,
        unit=said.unit or (known[0] if known else ""),
        reason="marked SAME: copied from another forecaster" if "SAME" in words else "",
    )


def _person(document: Document, key: str, person: Any) -> Iterator[Imported]:
    here: Place = ("forecasters", key)
    if not isinstance(person, dict):
        raise _wrong(document, here, person, "a map of fields")
    name = person.get("name", key)
    if not isinstance(name, str) or not name:
        raise _wrong(document, (*here, "name"), name, "a name")
    groups = [group for group in _GROUPS if group in person]
    for group in groups:
        if not isinstance(person[group], dict):
            raise _wrong(document, (*here, group), person[group], "a map of parameters")
        for parameter, value in person[group].items():
            yield from _parameter(document, (*here, group, parameter), name, value)
    if not groups:
        for parameter, value in person.items():
            if isinstance(value, dict) and "dist" in value:
                yield from _parameter(document, (*here, parameter), name, value)


def _parameter(document: Document, place: Place, name: str, value: Any) -> Iterator[Imported]:
    parameter = str(place[-1])
    base = Imported(parameter, name, "quantile", (), document.line(place), INTERVAL)
    if "algorithmic_slowdowns" in place:
        chance, *ends = _list(document, place, value, 3)
        none = f"{parameter}:none"
        yield _chance(document, place, replace(base, question=none), chance)
        condition = "given that there is such a slowdown"
        values = _interval(document, place, ends)
        yield replace(base, question=f"{parameter}:length", values=values, condition=condition)
    elif isinstance(value, dict):
        yield from _described(document, place, base, value)
    elif parameter.endswith("_ci"):
        ends = _list(document, place, value, 2)
        unit = "year" if all(isinstance(end, str) for end in ends) else ""
        yield replace(base, values=_interval(document, place, ends), unit=unit)
    elif parameter.startswith("p_"):
        yield _chance(document, place, base, value)
    else:
        raise _wrong(document, place, value, "an interval under a name in _ci, or a chance p_...")


def _described(
    document: Document, place: Place, base: Imported, value: Mapping[str, Any]
) -> Iterator[Imported]:
    """`{dist: lognormal, ci80: [a, b]}`, or one fixed value; other families are left out."""
    if "ci80" in value:
        inside = (*place, "ci80")
        ends = _list(document, inside, value["ci80"], 2)
        line = document.line(inside)
        unit = "year" if all(isinstance(end, str) for end in ends) else ""
        yield replace(base, values=_interval(document, inside, ends), line=line, unit=unit)
    elif value.get("dist") == "fixed" and "value" in value:
        said = _number(document, (*place, "value"), value["value"])
        yield replace(base, kind="median", levels=(), values=(said,), condition="held fixed")
    elif not isinstance(value.get("dist"), str):
        raise _wrong(document, place, value, "a map with dist and ci80")


def _chance(document: Document, place: Place, base: Imported, value: Any) -> Imported:
    chance = _number(document, place, value)
    if not 0 <= chance <= 1:
        raise _wrong(document, place, value, "a probability between 0 and 1")
    return replace(base, kind="probability", levels=(), values=(chance,), unit="probability")


def _list(document: Document, place: Place, value: Any, length: int) -> list[Any]:
    if not isinstance(value, list) or len(value) != length:
        raise _wrong(document, place, value, f"a list of {length} numbers")
    return value


def _interval(document: Document, place: Place, ends: list[Any]) -> tuple[float, ...]:
    low, high = (_number(document, place, end) for end in ends)
    if not low < high:
        raise _wrong(document, place, ends, "an interval that rises")
    return low, high


def _number(document: Document, place: Place, value: Any) -> float:
    """A finite number; of a date, the decimal year at the beginning of the day."""
    if isinstance(value, str):
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            raise _wrong(document, place, value, "a number, or a date YYYY-MM-DD") from None
        start = dt.date(day.year, 1, 1)
        length = 366 if day.year % 4 == 0 and (day.year % 100 or day.year % 400 == 0) else 365
        return round(day.year + (day - start).days / length, 6)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise _wrong(document, place, value, f"a finite number, at most {LARGEST:g}")
    return float(value)


def _wrong(document: Document, place: Place, value: Any, wanted: str) -> InvalidRecord:
    where = ".".join(str(step) for step in place)[:200]
    message = f"{where} is {shown(value)}, where {wanted} is expected"
    return refusal(document.path, document.line(place), message, "compare with the source")
