"""Reads YAML that holds nothing but plain text, numbers, lists and maps.

Whatever could run code, grow without bound or be read in two ways is refused: tags, anchors and
aliases, several documents, deep nesting, repeated keys. Only `true` and `false` are booleans and
dates stay text, so that `verified: yes` means what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sweet_spot.evidence.findings import Problem, shown
from sweet_spot.evidence.plain_text import Refused, read_text

MAX_BYTES = 20_000_000
MAX_DEPTH = 12
"""A record needs five levels. libyaml is quadratic in depth, so this also bounds the time."""

Place = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast
_NUMBER = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_WORDS: Mapping[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


@dataclass(frozen=True)
class Document:
    """One file as read.

    Attributes
    ----------
    content
        Plain scalars, lists and dicts; None where the file could not be read.
    lines
        Where each value stands: place -> line, from 1.
    problems
        (rule, problem) for all that is wrong with the file as such.
    columns
        Of a table: field -> column, where their names differ; an ending's as in "expired.date".
    """

    path: Path
    content: Any
    lines: Mapping[Place, int]
    problems: tuple[tuple[str, Problem], ...]
    columns: Mapping[str, str] = field(default_factory=dict)

    def named(self, name: str, how: str = "") -> str:
        """What the file calls a field such as "values[2]"; of an ending, also how it ends."""
        if not self.columns:
            return name
        bare = name.partition("[")[0]
        return self.columns.get(f"{how}.{bare}" if how else bare, bare)

    def line(self, place: Place) -> int | None:
        """Line of a place, or of the nearest one around it that is known."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)


@dataclass
class _Notes:
    lines: dict[Place, int] = field(default_factory=dict)
    repeated: list[tuple[Place, int]] = field(default_factory=list)


def read_document(path: Path) -> Document:
    """The content of a YAML file; what is wrong with it is in `problems`, nothing is raised."""
    notes = _Notes()
    try:
        content = _content(read_text(path, MAX_BYTES), notes)
    except Refused as error:
        problem = Problem(path, error.message, error.remedy, line=error.line)
        return Document(path, None, {}, ((error.rule, problem),))
    repeated = tuple(
        ("duplicate-key", _repeated(path, place, line, notes.lines[place]))
        for place, line in notes.repeated
    )
    return Document(path, content, notes.lines, repeated)


def _repeated(path: Path, place: Place, line: int, first: int) -> Problem:
    message = f"the key {shown(place[-1])} stands here and on line {first}"
    return Problem(path, message, "keep one of the two", line=line)


def _content(text: str, notes: _Notes) -> Any:
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    try:
        content = None
        for number, event in enumerate(_nodes(events)):
            if number:
                line = event.start_mark.line + 1
                remedy = "put each source into its own file, without '---'"
                raise Refused("not-yaml", "a second document begins here", remedy, line)
            content = _node(event, events, (), notes)
    except yaml.YAMLError as error:
        raise _not_yaml(error, text) from error
    if content is None:
        raise Refused("empty-file", "the file holds nothing but comments", "fill it or delete it")
    return content


def _nodes(events: Iterator[Any]) -> Iterator[Any]:
    """The first event of each document."""
    return (event for event in events if isinstance(event, yaml.NodeEvent))


def _not_yaml(error: yaml.YAMLError, text: str) -> Refused:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed"
    position = getattr(error, "position", None)
    line = mark.line + 1 if mark else None
    if line is None and isinstance(position, int):
        line = text.count("\n", 0, position) + 1
    remedy = "mend this line or the one above; a value with ': ' in it or '>' first needs quotes"
    return Refused("not-yaml", f"this is not YAML: {what}", remedy, line)


def _node(event: Any, events: Iterator[Any], place: Place, notes: _Notes) -> Any:
    """The value that begins with an event, read to its end."""
    line = event.start_mark.line + 1
    if event.anchor is not None:
        message = f"{shown(event.anchor)} is a YAML anchor or alias"
        raise Refused("unsafe-yaml", message, "write the content out where it is meant", line)
    if getattr(event, "tag", None) is not None:
        message = f"{shown(event.tag)} is a YAML tag"
        raise Refused("unsafe-yaml", message, "write plain text, numbers, lists and maps", line)
    if len(place) > MAX_DEPTH:
        message = f"more than {MAX_DEPTH} levels lie inside each other"
        raise Refused("unsafe-yaml", message, "write the record as the README shows it", line)
    notes.lines.setdefault(place, line)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(events, place, notes)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(events, place, notes)
    return _scalar(event)


def _sequence(events: Iterator[Any], place: Place, notes: _Notes) -> list[Any]:
    items: list[Any] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        items.append(_node(event, events, (*place, len(items)), notes))
    return items


def _mapping(events: Iterator[Any], place: Place, notes: _Notes) -> dict[str, Any]:
    """A map with text keys; of a repeated key the first value is kept."""
    items: dict[str, Any] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        line = event.start_mark.line + 1
        if not isinstance(_node(event, events, (*place, ""), _Notes()), str | int | float | None):
            raise Refused("not-yaml", "a key is a list or a map", "write a word and a colon", line)
        here = (*place, event.value)
        value = _node(next(events), events, here, _Notes() if event.value in items else notes)
        if event.value in items:
            notes.repeated.append((here, line))
        else:
            items[event.value] = value
            notes.lines[here] = line
    return items


def _scalar(event: Any) -> str | int | float | bool | None:
    text: str = event.value
    if not event.implicit[0]:  # quoted: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    if text.lstrip("+-").isdigit() and len(text) < 19:
        return int(text)
    # ".inf" is YAML's spelling; an integer of thousands of digits would cost quadratic time
    return float(text.replace(".", "", 1) if text[-1] in "fFnN" else text)
