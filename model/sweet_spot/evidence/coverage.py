"""Where every record of the collection went: to which statement, in what role, and why.

`python -m sweet_spot.evidence.coverage data` writes `data/COVERAGE.md` from `data/coverage.yaml`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.plain_yaml import read_document
from sweet_spot.evidence.records import Identifier, Record, Role, Text

SOURCE, TABLE = "coverage.yaml", "COVERAGE.md"
ROLES: tuple[Role, ...] = ("evidence", "check", "excluded")


class CoverageRecord(Record):
    """One record of the collection. Without a statement it was left out, for the reason given."""

    record: Annotated[str, Field(pattern=r"^F[0-9]{4}$")]
    file: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.yaml$")] | None
    statement: Identifier | None
    role: Role
    reason: Text

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.file is None) != (self.statement is None):
            raise ValueError(f"{self.record}: give both file and statement, or neither")
        if self.statement is None and self.role != "excluded":
            raise ValueError(f"{self.record}: a record that serves as {self.role} has a statement")
        return self


class CoverageFile(Record):
    """`coverage.yaml`."""

    schema_: Literal[1] = Field(alias="schema")
    records: list[CoverageRecord] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [record.record for record in self.records]
        if wrong := sorted(name for name, n in Counter(names).items() if n > 1):
            raise ValueError(f"each record stands once; repeated: {', '.join(wrong)}")
        if names != sorted(names):
            raise ValueError("the records stand in order of their ids")
        return self


def read_coverage(path: Path | str) -> tuple[CoverageRecord, ...]:
    """The records of a coverage file, in order.

    Raises
    ------
    InvalidRecord
        The file is not YAML, or not in this format; the message names all that is wrong.
    """
    document = read_document(Path(path))
    if document.problems:
        raise InvalidRecord(
            "; ".join(f"{path}: {p.message}; {p.remedy}" for _, p in document.problems)
        )
    try:
        return tuple(CoverageFile.model_validate(document.content).records)
    except ValidationError as error:
        raise InvalidRecord(f"{path}: {error}") from error


def coverage_table(records: Sequence[CoverageRecord]) -> str:
    """The records as Markdown: totals by role, by file, then every record with its reason."""
    files = sorted({record.file for record in records if record.file})
    parts = [
        "# What became of every record",
        "Made from `coverage.yaml` by `python -m sweet_spot.evidence.coverage data`; do not edit.\n"
        "A record is one published number of the collection; several can make one statement, as\n"
        "the quantiles of one answer do. Evidence is fitted, a check is predicted and shown\n"
        "beside what was said, and what is excluded is neither.",
        "## By role",
        _table(("role", "records", "statements"), [_counts(r, _in(records, r)) for r in ROLES]
               + [_counts("all", records)]),
        "## By file",
        _table(("file", *ROLES), [_by_role(name, [r for r in records if r.file == name])
                                  for name in files]
               + [_by_role("in no file", [r for r in records if r.file is None])]),
        "## Records",
        _table(("record", "role", "file", "statement", "reason"), map(_row, records)),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _in(records: Iterable[CoverageRecord], role: Role) -> list[CoverageRecord]:
    return [record for record in records if record.role == role]


def _counts(name: str, records: Sequence[CoverageRecord]) -> tuple[str, ...]:
    statements = {record.statement for record in records} - {None}
    return name, str(len(records)), str(len(statements))


def _by_role(name: str, records: Sequence[CoverageRecord]) -> tuple[str, ...]:
    return name, *(str(len(_in(records, role)) or "") for role in ROLES)


def _row(record: CoverageRecord) -> tuple[str, ...]:
    return record.record, record.role, record.file or "", record.statement or "", record.reason


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    """Text in one line, without column ends, markup or HTML of its own."""
    for mark in "\\|*<`[":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def main(data: str = "data") -> None:
    """Writes the table beside the file that it is made from."""
    folder = Path(data)
    table = coverage_table(read_coverage(folder / SOURCE))
    (folder / TABLE).write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
