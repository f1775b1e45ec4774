"""Adds a file of statements to the ledger: checked with all that is there, whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.evidence import plain_yaml, tables
from sweet_spot.evidence.checks import Report, examine
from sweet_spot.evidence.findings import Finding
from sweet_spot.evidence.reading import (
    ELICITATIONS,
    SUFFIXES,
    TABLES,
    ElicitationRead,
    SourcedStatement,
    data_files,
    examine_elicitations,
    statements_of,
)
from sweet_spot.evidence.whole_files import one_writer, place, staged

SHOWN = 20
"""So many errors are told; `check` tells all."""


@dataclass(frozen=True)
class Added:
    """What was added.

    Attributes
    ----------
    file
        The file that now holds it; None where all of it was there before.
    statements, endings
        Ids of the statements that are new, and of those that now have an ending.
    known
        Ids of the statements and endings of the file that were there before.
    warnings
        What `check` says of the file beside errors, of which there are none.
    """

    file: Path | None
    statements: tuple[str, ...]
    endings: tuple[str, ...]
    known: tuple[str, ...]
    warnings: tuple[Finding, ...] = ()

    def __str__(self) -> str:
        if self.file is None:
            return f"nothing added: all {len(self.known)} entries are in the ledger already"
        counts = f"{len(self.statements)} statements, {len(self.endings)} endings"
        before = f"; {len(self.known)} were there before" if self.known else ""
        return f"added {counts} to {self.file}{before}"


def add(path: Path | str, data: Path | str = "data", *, today: dt.date | None = None) -> Added:
    """Adds an elicitation file to a data folder, under its own name.

    Either everything is in or nothing changed, also when the process is killed or two run at once.
    A file that is there already adds nothing. One that has grown since replaces what it was, if
    all that was there before is in it unchanged.

    Parameters
    ----------
    today
        Dates after it are errors; by default the current day.

    Raises
    ------
    MissingData
        There is no such file, or no data folder.
    InvalidRecord
        The file has errors, alone or together with what is there.
    """
    path = _named(path)
    limit = tables.MAX_BYTES if path.suffix in TABLES else plain_yaml.MAX_BYTES
    with path.open("rb") as file:
        content = file.read(limit + 1)  # one byte more than `check` lets pass
    return put(content, path.name, data, shown=path, today=today)


def preview(
    path: Path | str, data: Path | str = "data", *, today: dt.date | None = None
) -> tuple[tuple[SourcedStatement, ...], tuple[SourcedStatement, ...]]:
    """All statements as they are, and as they would be with a file added; nothing is written.

    Raises as `add` does.
    """
    path = _named(path)
    target = Path(data) / ELICITATIONS / path.name
    found = _compare(path, target, data, path, today)
    before = statements_of(found.there)
    if not found.fresh:
        return before, before
    others = [read for read in found.there if read.document.path != target]
    return before, statements_of([*others, *found.new])


def _named(path: Path | str) -> Path:
    """A file that there is, and that is an elicitation file by its name."""
    path = Path(path)
    if not path.is_file():
        raise MissingData(f"{path}: no such file; name an elicitation file to add")
    if path.suffix not in SUFFIXES or path.name.startswith("."):
        raise InvalidRecord(f"{path}: not an elicitation file by its name; call it NAME.yaml")
    return path


def put(
    content: bytes,
    name: str,
    data: Path | str = "data",
    *,
    shown: Path,
    today: dt.date | None = None,
) -> Added:
    """As `add`, from the content of a file and the name it is to have; `shown` in messages."""
    data_files(data)
    folder = Path(data) / ELICITATIONS
    folder.mkdir(exist_ok=True)
    target = folder / name
    with one_writer(folder), staged(folder, content, target.suffix) as path:
        found = _compare(path, target, data, shown, today)
        if found.known and not found.fresh:
            return Added(None, (), (), _names(found.known))
        place(path, target)
    fresh = found.fresh
    said, ends = (_names(k for k in fresh if k[0] == kind) for kind in ("statement", "ending"))
    return Added(target, said, ends, _names(found.known), found.warnings)


@dataclass(frozen=True)
class _Comparison:
    """What is there, what a file holds, and which of its entries were there before."""

    there: tuple[ElicitationRead, ...]
    new: Sequence[ElicitationRead]
    known: Sequence[Key]
    fresh: Sequence[Key]
    warnings: tuple[Finding, ...] = ()


def _compare(
    path: Path, target: Path, data: Path | str, shown: Path, today: dt.date | None
) -> _Comparison:
    """Compares a file with the ledger; raises InvalidRecord where it may not be put at `target`."""
    files = data_files(data).elicitations
    there = tuple(read for file in files for read in examine_elicitations(file))
    new = examine_elicitations(path)
    known, fresh = _split(new, there)
    if known and not fresh and not any(read.problems for read in new):
        return _Comparison(there, new, known, fresh)
    others = [file for file in files if file != target]
    report = examine(data, [*others, path], today=today, complete=True)
    warnings = _warnings(report, path, shown)  # raises where there are errors
    _refuse_loss(target, [read for read in there if read.document.path == target], new)
    return _Comparison(there, new, known, fresh, warnings)


Key = tuple[str, str, str]
"""Kind, id, and all of an entry that counts, as text."""


def _keys(files: Iterable[ElicitationRead]) -> list[Key]:
    """What files say, entry by entry."""
    return [key for file in files for key in _own_keys(file)]


def _own_keys(file: ElicitationRead) -> list[Key]:
    """What one source says; its date counts where it stands in."""
    date = file.source.date if file.source else ""
    said = [
        ("statement", s.id, json.dumps([date if s.date is None else s.date, s.model_dump()]))
        for _, s in file.statements
    ]
    ends = [("ending", e.statement, json.dumps(e.model_dump())) for _, e in file.endings]
    return said + ends


def _split(
    new: Sequence[ElicitationRead], there: Iterable[ElicitationRead]
) -> tuple[list[Key], list[Key]]:
    """The entries of a file that are in some other, and those that are not."""
    before = set(_keys(there))
    keys = _keys(new)
    return [k for k in keys if k in before], [k for k in keys if k not in before]


def _names(keys: Iterable[Key]) -> tuple[str, ...]:
    return tuple(name for _, name, _ in keys)


def _warnings(report: Report, path: Path, shown: Path) -> tuple[Finding, ...]:
    """The warnings about the staged file, under the name that the user knows; errors are raised."""
    found = [
        replace(
            finding,
            file=shown if finding.file == path else finding.file,
            message=finding.message.replace(str(path), str(shown)),
        )
        for finding in report.findings
        if finding.file == path or finding.severity == "error"
    ]
    errors = [str(finding) for finding in found if finding.severity == "error"]
    if errors:
        more = f"\n... and {len(errors) - SHOWN} more errors" if len(errors) > SHOWN else ""
        told = "\n".join(errors[:SHOWN])
        raise InvalidRecord(f"nothing was added to the ledger\n{told}{more}")
    return tuple(found)


def _refuse_loss(
    target: Path, old: Sequence[ElicitationRead], new: Sequence[ElicitationRead]
) -> None:
    """Refuses to put a file in the place of one that says something else."""
    if not old and not target.exists():
        return
    was, now = _urls(old), _urls(new)
    lost = set(_keys(old)) - set(_keys(new))
    if not was or any(read.problems for read in old) or not was <= now or lost:
        what = ", ".join(sorted({name for _, name, _ in lost})[:3]) or "another source"
        raise InvalidRecord(
            f"nothing was added to the ledger: {target} is there already and holds {what}, "
            "which the new file does not; give the new file another name"
        )


def _urls(files: Iterable[ElicitationRead]) -> set[str | None]:
    return {file.source.url if file.source else None for file in files} - {None}
