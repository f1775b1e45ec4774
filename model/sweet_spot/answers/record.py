"""The record of past answers: one line of a CSV file each, in an order that git can diff and merge.

Nothing is taken out of it: answers of an older model or of other evidence stay.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from sweet_spot.argument.spec import Argument
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.whole_files import one_writer, place, staged
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.store import source_digest

FILE = "history.csv"
PRIOR = "prior"
"""Stands for the date of the prior, for which no statement counts."""
DIGITS = 12
"""Of a SHA-256, in the file."""
MCSE = "mcse "
"""Before the name of a credence: its Monte Carlo standard error."""

Key = tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """What made an answer, beside evidence and sampler settings.

    `segment` names it: answers of one segment come from the same argument, source and constants.
    """

    segment: str
    version: str
    argument: str
    source: str
    constants: str


@dataclass(frozen=True)
class Row:
    """One answer.

    Attributes
    ----------
    as_of
        The date, `prior`, or `all` where everything counted that was known when it was computed.
    evidence
        Digest of the live evidence; empty for the prior.
    statements, experts
        How many were live.
    failed
        What the fit failed in; empty where it passed. One that failed has no credences.
    credences
        Name (`usable[any]`) to posterior mean (of the prior: prior mean) and Monte Carlo error.
    computed
        When, in UTC.
    since, shares
        Digest of the evidence that the answer was compared with, and what each cause (a statement,
        source or topic that came or went) has in the change of the headline since then: Shapley
        share and Monte Carlo error. Empty where that is not known.
    """

    as_of: str
    evidence: str
    statements: int
    experts: int
    failed: str
    credences: Mapping[str, tuple[float, float]]
    settings: Settings
    made: Made
    computed: str
    since: str = ""
    shares: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What a second computation would find here and not do again."""
        return key(self.made, self.evidence, self.settings)


def key(made: Made, evidence: str, settings: Settings) -> Key:
    """The key of the row with an answer."""
    return (made.segment, evidence, *(str(getattr(settings, name)) for name in SETTINGS))


SETTINGS = ("chains", "draws", "tune", "target_accept", "seed")
_SHARES = ("since", "shares")
"""Columns that a record has once a row has shares."""
_SHARE = re.compile(r"([+-]\d+\.\d+) \((\d+\.\d+)\) (.+)")
"""One share as it is written: `+0.12000 (0.00500) a cause`; between two stands a semicolon."""
_FIRST = ("as_of", "segment", "evidence", "statements", "experts")
_LAST = ("failed", *SETTINGS, "version", "argument", "source", "constants", "computed")


def made_by(argument: Argument, constants: ErrorConstants, version: str) -> Made:
    """What makes answers now."""
    text = json.dumps(asdict(constants), sort_keys=True).encode()
    parts = (argument.digest, source_digest(), hashlib.sha256(text).hexdigest())
    whole = hashlib.sha256("".join(parts).encode()).hexdigest()
    return Made(whole[:DIGITS], version, *(part[:DIGITS] for part in parts))


def read_record(path: Path) -> tuple[Row, ...]:
    """The rows of a record, in its order; none where there is no such file.

    Raises
    ------
    InvalidRecord
        A line is not one of ours; the message says which, and what to do.
    """
    if not path.exists():
        return ()
    lines = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    found = []
    for line in lines:
        try:
            found.append(_row({k: v for k, v in line.items() if v}))
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise InvalidRecord(
                f"{path}, line {lines.line_num}: not a line of a record ({error!r});"
                " restore it from git, or delete the line to have it computed again"
            ) from error
    return tuple(found)


def _row(cell: Mapping[str, str]) -> Row:
    kind: Mapping[str, type] = {name: type(getattr(Settings(), name)) for name in SETTINGS}
    settings = Settings(**{name: kind[name](cell[name]) for name in SETTINGS})
    made = Made(*(cell[f.name] for f in fields(Made)))
    credences = {
        name: (float(value), float(cell[MCSE + name]))
        for name, value in cell.items()
        if name.endswith("]") and not name.startswith(MCSE)
    }
    failed = cell.get("failed", "")
    if not failed and not credences:
        raise ValueError("no credences")
    return Row(
        cell["as_of"], cell.get("evidence", ""), int(cell["statements"]), int(cell["experts"]),
        failed, credences, settings, made, cell["computed"], cell.get("since", ""),
        _shares(cell.get("shares", "")),
    )  # fmt: skip


def _shares(cell: str) -> dict[str, tuple[float, float]]:
    """Shares, read."""
    found = [_SHARE.fullmatch(part) for part in cell.split("; ")] if cell else []
    if not all(found):
        raise ValueError(f"shares {cell[:60]!r}")
    return {each[3]: (float(each[1]), float(each[2])) for each in found if each}


def add_row(path: Path, row: Row) -> None:
    """Puts an answer into a record, whole or not at all, beside whatever others put in meanwhile.

    An answer that is there already is left as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with one_writer(path.parent):
        rows = read_record(path)
        if row.key in {held.key for held in rows}:
            return
        with staged(path.parent, text_of([*rows, row]).encode()) as written:
            place(written, path)


def text_of(rows: Iterable[Row]) -> str:
    """The content of a record: segments in the order of their first answer, dates in order."""
    rows = in_order(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.credences))
    told = _SHARES if any(row.shares for row in rows) else ()
    columns = [*_FIRST, *(n for name in names for n in (name, MCSE + name)), *told, *_LAST]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_cells(row) for row in rows)
    return out.getvalue()


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows by segment, the older first, and then by date: the prior first, `all` last."""
    rows = tuple(rows)
    start: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.computed):
        start.setdefault(row.made.segment, row.computed)
    place_of = {PRIOR: 0, "all": 2}

    def order(row: Row) -> tuple[Any, ...]:
        dated = (place_of.get(row.as_of, 1), row.as_of, row.computed)
        return start[row.made.segment], row.made.segment, *dated, row.key

    return tuple(sorted(rows, key=order))


def _cells(row: Row) -> dict[str, Any]:
    """Five decimals: a mean of zeros and ones over the draws that are taken is told exactly."""
    own = ("as_of", "evidence", "statements", "experts", "failed", "computed")
    out: dict[str, Any] = {name: getattr(row, name) for name in own}
    out |= {name: getattr(row.settings, name) for name in SETTINGS} | asdict(row.made)
    for name, (value, mcse) in row.credences.items():
        out |= {name: f"{value:.5f}", MCSE + name: f"{mcse:.5f}"}
    if row.shares:
        parts = (
            f"{value:+.5f} ({mcse:.5f}) {name.replace('; ', ', ')}"
            for name, (value, mcse) in row.shares.items()
        )
        out |= {"since": row.since, "shares": "; ".join(parts)}
    return out


@dataclass(frozen=True)
class Segment:
    """Answers of one model in the record.

    Attributes
    ----------
    since
        When the first of them was computed.
    changed
        What differs from the segment before; empty for the first.
    """

    made: Made
    since: str
    changed: tuple[str, ...]
    rows: tuple[Row, ...]


_WORDS = {
    "version": "version {0.version} to {1.version}", "argument": "argument.yaml (priors, gates)",
    "source": "equations, likelihood or sampler", "constants": "constants of the error model",
}  # fmt: skip


def segments(rows: Iterable[Row]) -> tuple[Segment, ...]:
    """The segments of a record, the older first."""
    by_name: dict[str, list[Row]] = {}
    for row in in_order(rows):
        by_name.setdefault(row.made.segment, []).append(row)
    found: list[Segment] = []
    for own in by_name.values():
        first = min(own, key=lambda row: row.computed)
        changed = _changed(found[-1].made, first.made) if found else ()
        found.append(Segment(first.made, first.computed, changed, tuple(own)))
    return tuple(found)


def _changed(before: Made, after: Made) -> tuple[str, ...]:
    """In words, what of two segments differs."""
    return tuple(
        words.format(before, after)
        for name, words in _WORDS.items()
        if getattr(before, name) != getattr(after, name)
    )
