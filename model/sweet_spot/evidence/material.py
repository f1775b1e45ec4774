"""What the rules look at: questions and statements as read, each with what belongs to it."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from sweet_spot.argument.quantities import Quantity, parse
from sweet_spot.errors import UnknownQuantity
from sweet_spot.evidence.findings import Problem
from sweet_spot.evidence.ledger import Span, spans
from sweet_spot.evidence.reading import (
    ElicitationRead,
    QuestionsRead,
    RuledProblem,
    SourcedStatement,
    endings_of,
    examine_elicitations,
    examine_questions,
    sourced,
)
from sweet_spot.evidence.records import Ending, Question, Source, Statement


@dataclass(frozen=True)
class Asked:
    """A question in its file, with its quantity where there is such a one."""

    read: QuestionsRead
    index: int
    question: Question
    quantity: Quantity | None

    def problem(self, field: str, message: str, remedy: str) -> Problem:
        """A problem with a field of the question."""
        document = self.read.document
        line = document.line(("questions", self.index, field))
        return Problem(document.path, message, remedy, self.question.id, field, line)


@dataclass(frozen=True)
class Entry:
    """A statement in its file, with its question and that one's quantity where they are known."""

    read: ElicitationRead
    index: int
    statement: Statement
    question: Question | None
    quantity: Quantity | None

    @property
    def path(self) -> Path:
        """The file."""
        return self.read.document.path

    @property
    def source(self) -> Source | None:
        """The source; None where the file has no well-formed one."""
        return self.read.source

    @cached_property
    def sourced(self) -> SourcedStatement | None:
        """The statement with its source and date; None without a well-formed source."""
        return sourced(self.path, self.source, self.statement) if self.source else None

    def problem(self, field: str, message: str, remedy: str) -> Problem:
        """A problem with a field of the statement, named as in `values[2]`."""
        name, _, item = field.partition("[")
        place: tuple[str | int, ...] = ("statements", self.index, name)
        if item.rstrip("]").isdigit():
            place = (*place, int(item.rstrip("]")) - 1)
        document = self.read.document
        shown = document.named(field)
        return Problem(self.path, message, remedy, self.statement.id, shown, document.line(place))


@dataclass(frozen=True)
class Ended:
    """The end of a statement in its file, with the statement where it is among the files."""

    read: ElicitationRead
    index: int
    ending: Ending
    entry: Entry | None

    def problem(self, field: str, message: str, remedy: str) -> Problem:
        """A problem with a field of the ending."""
        document = self.read.document
        line = document.line(("endings", self.index, field))
        shown = document.named(field, self.ending.how)
        return Problem(document.path, message, remedy, self.ending.statement, shown, line)


@dataclass(frozen=True)
class Material:
    """All that is checked together.

    Attributes
    ----------
    today
        Dates after it lie in the future.
    complete
        Whether these are all statements of the data folder.
    """

    questions: QuestionsRead
    files: tuple[ElicitationRead, ...]
    today: dt.date
    complete: bool

    @property
    def problems(self) -> tuple[RuledProblem, ...]:
        """What reading found."""
        found = [p for file in self.files for p in file.problems]
        return (*self.questions.problems, *found)

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """The well-formed questions."""
        return tuple(
            Asked(self.questions, index, question, _quantity(question.quantity))
            for index, question in self.questions.questions
        )

    @cached_property
    def question_ids(self) -> frozenset[str]:
        """Ids of all questions, also of those that are otherwise malformed."""
        entries = self.questions.document.content.get("questions")
        entries = entries if isinstance(entries, list) else []
        named = (entry.get("id") for entry in entries if isinstance(entry, dict))
        return frozenset(name for name in named if isinstance(name, str))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The well-formed statements of all files."""
        by_id: Mapping[str, Asked] = {a.question.id: a for a in reversed(self.asked)}
        found = []
        for file in self.files:
            for index, said in file.statements:
                asked = by_id.get(said.question)
                question, quantity = (asked.question, asked.quantity) if asked else (None, None)
                found.append(Entry(file, index, said, question, quantity))
        return tuple(found)

    @cached_property
    def ended(self) -> tuple[Ended, ...]:
        """The well-formed endings of all files."""
        by_id = {entry.statement.id: entry for entry in self.entries}
        return tuple(
            Ended(file, index, ending, by_id.get(ending.statement))
            for file in self.files
            for index, ending in file.endings
        )

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """When each statement is live, by id; those that never are have no span."""
        ends = endings_of(self.files)
        found = [entry.sourced for entry in self.entries]
        return spans(
            [replace(s, endings=ends.get(s.statement.id, ())) for s in found if s is not None]
        )


def read_material(
    questions: Path, elicitations: Iterable[Path], today: dt.date, *, complete: bool
) -> Material:
    """Reads a questions file and some elicitation files; what is wrong with them is kept."""
    files = tuple(read for path in elicitations for read in examine_elicitations(path))
    return Material(examine_questions(questions), files, today, complete)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keeps the garbage collector from walking the records again and again while they are made.

    None of them is garbage before all are there; it costs a sixth of the time for 100,000.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@cache
def _quantity(name: str) -> Quantity | None:
    """The quantity of a name, or None; cached because parsing may read the argument file."""
    try:
        return parse(name)
    except UnknownQuantity:
        return None
