"""What a check reports: where something is wrong, what, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]

_LONGEST = 60
MOST = 2000
"""Names among which near matches are looked for."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, before the rule that it breaks gives it name and severity.

    Attributes
    ----------
    file
        The file as it was named.
    message, remedy
        What is wrong; what to do about it.
    statement
        Id of the statement or question, "#3" for the third where it has none, "" for the file.
    field
        As in `values[2]`; "" for the whole entry.
    line
        From 1; None where unknown.
    """

    file: Path
    message: str
    remedy: str
    statement: str = ""
    field: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Finding:
    """A problem under the name and severity of the rule that it breaks; attributes as there."""

    rule: str
    severity: Severity
    file: Path
    message: str
    remedy: str
    statement: str = ""
    field: str = ""
    line: int | None = None

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        place = ", ".join(part for part in (self.statement, self.field) if part)
        return f"{self.file}{line}: {place + ': ' if place else ''}{self.message}; {self.remedy}"


def named(problem: Problem, rule: str, severity: Severity) -> Finding:
    """The finding that a problem is."""
    return Finding(
        rule=rule,
        severity=severity,
        file=problem.file,
        message=problem.message,
        remedy=problem.remedy,
        statement=problem.statement,
        field=problem.field,
        line=problem.line,
    )


def shown(value: object) -> str:
    """A value from a file, safe and short enough to print: quoted, escaped, cut."""
    text = repr(value[: 2 * _LONGEST] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def near(name: str, known: Collection[str]) -> str:
    """Near matches of a name as an ending of a sentence: " (did you mean a or b?)", or "".

    Of thousands of names none is looked for: it would take seconds for each.
    """
    some = list(known) if len(known) <= MOST else []
    matches = difflib.get_close_matches(name[:100], some, n=3)
    return f" (did you mean {' or '.join(matches)}?)" if matches else ""
