"""The columns of a tidy table of statements, one published number a row, and how cells are written.

The rows of one statement share its `forecast_id` and agree in all columns but `VARYING`. An empty
cell says nothing. Text stands as published; `members`, `given`, `premises` and `includes` are JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sweet_spot.evidence.records import CENSORING_WORDS, parse_value

FIELDS: Mapping[str, str] = {
    "forecast_id": "id", "question_id": "question", "question_text": "wording",
    "forecaster": "expert", "cluster": "cluster", "members": "members", "n_forecasters": "people",
    "made_at": "date", "kind": "kind", "condition": "condition", "given": "given", "unit": "unit",
    "role": "role", "reason": "reason", "verified": "verified", "location": "location",
    "premises": "premises", "includes": "includes",
}  # fmt: skip
"""Column -> field of a statement."""

ENDS: Mapping[str, tuple[str, str]] = {
    "expired": ("expires_at", "expires_why"),
    "withdrawn": ("withdrawn_at", "withdrawn_why"),
    "resolved": ("resolved_at", "resolved_why"),
}
"""How a statement ends -> the columns of the date and the reason."""

SOURCE: Mapping[str, str] = {
    "source_title": "title", "source_url": "url", "source_date": "date",
    "source_authors": "authors", "source_note": "note",
}  # fmt: skip
"""Column -> field of a source."""

VARYING = ("level", "event", "value", "bound", "stated")
"""What differs between the rows of a statement. `value` is the number; `bound` says that it is a
lower or an upper one; `stated` is the text as published where that is no bare number."""

TOLD = (
    "definition", "is_aggregate", "supersedes",
    "source_file", "source_row", "source_sha256", "importer_version",
)  # fmt: skip
"""Follows from the rest, or says where a row came from: written, and not read back."""

COLUMNS = (
    "forecast_id", "question_id", "question_text", "definition", "forecaster", "cluster",
    "members", "n_forecasters", "is_aggregate", "made_at", "supersedes", "expires_at",
    "expires_why", "withdrawn_at", "withdrawn_why", "resolved_at", "resolved_why", "kind",
    "condition", "given", "level", "event", "value", "bound", "stated", "unit", "role", "reason",
    "verified", "location", "premises", "includes", "source_title", "source_url", "source_date",
    "source_authors", "source_note", "source_file", "source_row", "source_sha256",
    "importer_version",
)  # fmt: skip
"""All columns, in the order in which they are written."""

NEEDED = (
    "forecast_id", "question_id", "forecaster", "kind", "value", "unit", "role", "reason",
    "verified", "location", "source_title", "source_url", "source_date",
)  # fmt: skip
"""The columns without which a table is not one of statements of ours."""

BOUNDS: Mapping[str, str] = {"lower": ">", "upper": "<"}
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LONGEST = 60
"""Characters of a number; published ones have a dozen."""


def value_cells(value: float | str) -> tuple[str, str, str]:
    """A published value as the cells `value`, `bound` and `stated`."""
    if not isinstance(value, str):
        return number_text(value), "", ""
    side, _ = parse_value(value)
    number = "" if value.strip() in CENSORING_WORDS else value.strip()[1:].strip()
    return number, "upper" if side == "<" else "lower", value


def number_text(number: float) -> str:
    """A number that reads back as the same; whole ones without a point."""
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def as_number(text: str) -> Any:
    """The number that a cell holds; other text as it is, for the records to refuse; None if empty.

    Too large a number is an infinity, which the records refuse as well.
    """
    plain = text.strip()
    fits = len(plain) <= _LONGEST and _NUMBER.fullmatch(plain)
    return float(plain) if fits else text or None


def as_count(text: str) -> Any:
    """The whole number that a cell holds; other text as it is."""
    number = as_number(text)
    return int(number) if isinstance(number, float) and number.is_integer() else text


def as_json(text: str) -> Any:
    """The list or map that a cell holds; other text as it is."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def published(value: str, bound: str, stated: str) -> Any:
    """The value that three cells mean, for the records to check.

    Raises
    ------
    ValueError
        The cells contradict each other.
    """
    if bound and bound not in BOUNDS:
        raise ValueError(f"the bound {bound[:20]!r} is not lower, upper or nothing")
    if stated:
        if not _agrees(value, bound, stated):
            raise ValueError("the cells value and bound do not say what stated says")
        return stated
    if not bound:
        return as_number(value)
    return f"{BOUNDS[bound]}{value}" if value or bound == "upper" else "never"


def _agrees(value: str, bound: str, stated: str) -> bool:
    """Whether value and bound, as far as they are there, say what the published text says."""
    try:
        number, side, _ = value_cells(as_number(stated) or stated)
    except ValueError:
        return True  # no value at all: the records say more
    same = not value or as_number(value) == as_number(number)
    return same and (not bound or bound == side)
