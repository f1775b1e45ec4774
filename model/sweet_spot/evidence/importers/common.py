"""What every importer shares: bounded reading, rows with their lines, and what it hands over.

An importer is a function `read(path, settings) -> Sequence[Imported]`. It changes no value and
invents none, and raises one InvalidRecord, worded by `refusal`, at the first thing that is wrong.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.findings import near, shown
from sweet_spot.evidence.records import Ending, Kind, Role, first_day

MAX_BYTES = 50_000_000
"""Of one file, or of everything unpacked from an archive: 100,000 tidy rows need about 20 MB."""

MAX_ROWS = 300_000
MAX_COLUMNS = 2000
MAX_LINE = 1_000_000
"""Characters: a line of nothing but separators would cost far more memory than its bytes."""

LARGEST = 1e100
"""A number beyond it is a slip or an attack: no question asks for it, and it overflows in use."""

MISSING = ("", "na", "n/a", "nan", "null", "none", "-")
"""How files say that there is no answer, in small letters."""

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,5})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}

Settings = Mapping[str, float | str]
"""What the map says about reading the file, over the defaults in the table of formats."""


@dataclass(frozen=True)
class Imported:
    """One statement of an outside file, before a map says which of our questions it answers.

    Attributes
    ----------
    question
        The outside id, unique for what was asked: an option of several is a question of its own,
        as in `123[Option A]`, and so is each condition, as in `PUc:Cyberattacks`.
    values
        As in our records, one for each level or event: numbers, bounds such as ">2100", or a
        reserved word. A median, mean or bound has one.
    line
        From 1, where the statement begins in the file; None where the format has no lines.
    events
        Of a probability with known thresholds, as in "< 2031"; () where the question says it.
    unit
        "" where the file does not say it: then the map must.
    date
        Partial date on which it was said; "" where the file does not say it.
    expires, withdrawn
        Partial dates from which it no longer holds; "" where there is none.
    condition
        Condition as published, in words.
    people
        How many answers a pooled number holds, where it is said.
    is_aggregate, is_bot
        A pooled number; a machine's. Both are kept and marked, and excluded unless the map
        says otherwise.
    includes
        Outside questions whose answers by the same person have a product that is a part of this
        one: P(c) and P(this, given c).
    own, ends
        Fields of our records and ends of the statement, in a table of ours only.
    role, reason
        Only where the file itself says them, or an answer cannot be used as it stands.
    """

    question: str
    forecaster: str
    kind: Kind
    values: tuple[float | str, ...]
    line: int | None
    levels: tuple[float, ...] = ()
    events: tuple[str, ...] = ()
    unit: str = ""
    date: str = ""
    expires: str = ""
    withdrawn: str = ""
    text: str = ""
    condition: str = ""
    cluster: str = ""
    people: int | None = None
    is_aggregate: bool = False
    is_bot: bool = False
    includes: tuple[str, ...] = ()
    own: Mapping[str, Any] = field(default_factory=dict)
    ends: tuple[Ending, ...] = ()
    role: Role | None = None
    reason: str = ""


Importer = Callable[[Path, Settings], Sequence[Imported]]


def refusal(path: Path, line: int | None, message: str, remedy: str) -> InvalidRecord:
    """The one error of an import, to be raised: file, line, what is wrong, what to do."""
    place = "" if line is None else f":{line}"
    return InvalidRecord(f"{path}{place}: {message}; {remedy}")


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a file, of which never more than a limit is read."""
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        remedy = "check its name and permissions"
        raise refusal(path, None, f"the file cannot be read: {why}", remedy) from error
    if len(raw) > limit:
        message = f"the file is larger than {limit / 1e6:g} MB"
        raise refusal(path, None, message, "split it and import the parts")
    return raw


def decode(path: Path, raw: bytes, *, fallback: str = "") -> str:
    """Bytes as text: UTF-8, or else another encoding that the format is known to come in."""
    for mark, name in _OTHER_ENCODINGS.items():
        if raw.startswith(mark):
            raise refusal(path, 1, f"the file is {name}, not UTF-8", "save it as UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8"
        if not fallback:
            raise refusal(path, line, message, "save the file as UTF-8") from error
        try:
            text = raw.decode(fallback)
        except UnicodeDecodeError:
            message = f"{message} nor {fallback}"
            raise refusal(path, line, message, "save the file as UTF-8") from error
    if not text.strip():
        raise refusal(path, None, "the file is empty", "export it again")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        message = f"the character {shown(found[0])} stands in the text"
        raise refusal(path, line, message, "this is no text file of this format")
    return text


def read_text(path: Path, *, fallback: str = "") -> str:
    """The text of a file within the bounds of this module."""
    return decode(path, read_bytes(path), fallback=fallback)


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells by column, blanks around them removed."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The cell of a column; "" where there is no such column."""
        return self.cells.get(column, "")

    def needed(self, column: str) -> str:
        """The cell of a column, which may not be empty."""
        text = self.text(column)
        if not text:
            raise self.refusal(f"{column} is empty", "fill it in")
        return text

    def number(self, column: str) -> float:
        """The finite number of a column."""
        return number(self.text(column), self, column)

    def optional(self, column: str) -> float | None:
        """The finite number of a column; None where the cell says that there is none."""
        return None if self.text(column).lower() in MISSING else self.number(column)

    def date(self, column: str) -> str:
        """The partial date of a column, a time of day cut off; "" where there is none."""
        text = self.text(column)
        return "" if text.lower() in MISSING else partial_date(text, self, column)

    def flag(self, column: str) -> bool:
        """Whether the cell says yes; an empty one says no."""
        word = self.text(column).lower()
        if word in ("true", "t", "yes", "1"):
            return True
        if word in ("false", "f", "no", "0") or word in MISSING:
            return False
        raise self.refusal(f"{column} is {shown(self.text(column))}", "write true or false")

    def refusal(self, message: str, remedy: str) -> InvalidRecord:
        """The error for something wrong in this row, to be raised."""
        return refusal(self.path, self.line, message, remedy)


def number(text: str, row: Row, column: str) -> float:
    """A text as finite number; what else it is, the error says."""
    if len(text) > 60 or not _NUMBER.fullmatch(text):
        remedy = "write a finite number, with a point and without separators"
        raise row.refusal(f"{column} is {shown(text)}, not a number", remedy)
    value = float(text)
    if not math.isfinite(value) or abs(value) > LARGEST:
        message = f"{column} is {shown(text)}, beyond {LARGEST:g}"
        raise row.refusal(message, "compare with the source")
    return value


def partial_date(text: str, row: Row, column: str) -> str:
    """A date as in our records; of an ISO date with a time of day, the day."""
    day = re.split(r"[T ]", text, maxsplit=1)[0]
    try:
        _known_day(day)
    except ValueError as error:
        remedy = "write YYYY, YYYY-MM or YYYY-MM-DD"
        raise row.refusal(f"{column} is {shown(text)}, not a date", remedy) from error
    return day


@lru_cache(maxsize=4096)
def _known_day(partial: str) -> None:
    """Raises ValueError where there is no such day; the same few dates stand in all rows."""
    first_day(partial[:20])


def csv_rows(
    path: Path, text: str, columns: Sequence[str], *, delimiter: str = ","
) -> Iterator[Row]:
    """The rows of a table with a header that holds at least some columns; blank lines are left out.

    Every row has as many cells as the header: a truncated or foreign file is refused.
    """
    numbered = _records(path, text, delimiter)
    line, header = next(numbered, (1, []))
    header = [name.strip() for name in header]
    _check_header(path, line, header, columns)
    count = 0
    for line, cells in numbered:
        count += 1
        if count > MAX_ROWS:
            raise refusal(path, line, f"more than {MAX_ROWS} rows", "split the file")
        if len(cells) != len(header):
            message = f"{len(cells)} cells, where the header has {len(header)} columns"
            raise refusal(path, line, message, "the file is truncated or not of this format")
        stripped = (cell.strip() for cell in cells)
        yield Row(path, line, dict(zip(header, stripped, strict=True)))
    if not count:
        raise refusal(path, None, "there is no row below the header", "export it again")


def _records(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record begins, and its cells."""
    lines = _short(path, io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise refusal(path, line, f"this is no CSV: {error}", "check the quotes") from error


def _short(path: Path, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE:
            message = f"the line is longer than {MAX_LINE} characters"
            raise refusal(path, number, message, "this is no file of this format")
        yield line


def _check_header(path: Path, line: int, header: Sequence[str], columns: Sequence[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise refusal(path, line, f"{len(header)} columns", "this is no file of this format")
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise refusal(path, line, f"the column {shown(repeated[0])} stands twice", "keep one")
    for name in columns:
        if name not in header:
            wanted = f"expected the columns {', '.join(columns)}"
            raise refusal(path, line, f"no column {name!r}{near(name, header)}", wanted)
