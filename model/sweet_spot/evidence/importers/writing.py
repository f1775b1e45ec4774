"""Writes an elicitation file: fields in the order of the record, a blank line between statements.

Own and small, because PyYAML needs half a minute for the 100,000 statements that this writes in
a few seconds. Text is quoted as JSON is, wherever YAML could read it as anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.plain_yaml import MAX_BYTES, Document
from sweet_spot.evidence.reading import TABLES, ElicitationRead
from sweet_spot.evidence.records import ElicitationFile, Record
from sweet_spot.evidence.whole_files import new_file
from sweet_spot.evidence.write_yaml import scalar


def as_yaml(file: ElicitationFile) -> str:
    """The text of an elicitation file, which reads back as the same records."""
    return "\n".join(_lines(file)) + "\n"


def write_new(file: ElicitationFile, out: Path) -> None:
    """Writes a file that is not there yet, whole or not at all; a table where its name says so.

    Raises
    ------
    InvalidRecord
        There is such a file already, it cannot be written, or would be too large to be read.
    """
    if out.suffix in TABLES:
        from sweet_spot.evidence.exporters.tidy import write_table

        said, ends = tuple(enumerate(file.statements)), tuple(enumerate(file.endings))
        document = Document(out, {}, {}, ())
        write_table([ElicitationRead(document, file.source, said, (), ends)], {}, out)
        return
    content = as_yaml(file).encode("utf-8")
    if len(content) > MAX_BYTES:
        remedy = "name a table with --out FILE.csv, or map fewer questions"
        raise InvalidRecord(f"{out}: would be larger than {MAX_BYTES / 1e6:g} MB; {remedy}")
    new_file(out, content)


def _lines(file: ElicitationFile) -> Iterator[str]:
    yield "schema: 1"
    yield ""
    yield "source:"
    yield from (f"  {name}: {scalar(value)}" for name, value in _fields(file.source))
    yield from _list("statements", file.statements)
    yield from _list("endings", file.endings)


def _list(name: str, records: Sequence[Record]) -> Iterator[str]:
    if records:
        yield f"\n{name}:"
    for number, record in enumerate(records):
        if number:
            yield ""
        start = "  - "
        for field, value in _fields(record):
            yield f"{start}{field}: {_value(value)}"
            start = "    "


def _fields(record: Record) -> Iterator[tuple[str, Any]]:
    values = vars(record)
    return ((name, values[name]) for name in values if values[name] is not None)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(scalar, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{scalar(k)}: {scalar(v)}' for k, v in value.items())}}}"
    return scalar(value)
