"""Reads questions and statements from a data folder, and says what of it is not in the format.

Nothing is changed on the way: values stay as published. Reading judges the format of each file on
its own; whether the statements make sense is for checks.py.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.evidence.findings import Problem, named, shown
from sweet_spot.evidence.plain_yaml import Document, read_document
from sweet_spot.evidence.records import (
    SCHEMA_VERSION,
    ElicitationFile,
    Ending,
    Question,
    QuestionFile,
    Source,
    Statement,
    last_day,
)
from sweet_spot.evidence.tables import CSV, PARQUET, read_tables
from sweet_spot.evidence.translate import problems_in

QUESTIONS = "questions.yaml"
ELICITATIONS = "elicitations"
TABLES = (CSV, PARQUET)
SUFFIXES = (".yaml", ".yml", *TABLES)

RuledProblem = tuple[str, Problem]
"""A problem with the name of the rule that it breaks."""


@dataclass(frozen=True)
class DataFiles:
    """The files of a data folder: what is asked, and what was said, by name."""

    questions: Path
    elicitations: tuple[Path, ...]


@dataclass(frozen=True)
class SourcedStatement:
    """A statement with where it was published.

    Attributes
    ----------
    date
        The statement's own partial date, or else that of the source.
    inherited
        Whether the date is the source's.
    endings
        Its withdrawal, expiry or resolution, from whatever file.
    """

    path: Path
    source: Source
    statement: Statement
    date: str
    inherited: bool
    endings: tuple[Ending, ...] = ()

    @property
    def last_day(self) -> dt.date:
        """Last calendar day that the date can mean."""
        return last_day(self.date)


@dataclass(frozen=True)
class QuestionsRead:
    """A questions file as far as it could be read: (index in the file, question)."""

    document: Document
    questions: tuple[tuple[int, Question], ...]
    problems: tuple[RuledProblem, ...]


@dataclass(frozen=True)
class ElicitationRead:
    """What one source says, as far as it could be read: (index in the file, statement or ending).

    `source` is None where it is missing or malformed. A YAML file is one source, a table has one
    or more.
    """

    document: Document
    source: Source | None
    statements: tuple[tuple[int, Statement], ...]
    problems: tuple[RuledProblem, ...]
    endings: tuple[tuple[int, Ending], ...] = ()


def data_files(folder: Path | str) -> DataFiles:
    """The questions file and the elicitation files of a data folder, in order of name.

    Raises
    ------
    MissingData
        There is no such folder, or no questions file in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingData(f"{folder}: no such data folder; name the right one with --data")
    questions = folder / QUESTIONS
    if not questions.is_file():
        raise MissingData(
            f"{questions}: no such file; name a folder that holds {QUESTIONS} with --data"
        )
    return DataFiles(questions, files_in(folder / ELICITATIONS))


def files_in(folder: Path) -> tuple[Path, ...]:
    """The files of a folder that may hold statements, in order of name; none without a folder.

    Hidden ones are not in place yet, or an editor's.
    """
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(
            path
            for path in folder.iterdir()
            if path.suffix in SUFFIXES and not path.name.startswith(".")
        )
    )


def read_questions(path: Path | str) -> tuple[Question, ...]:
    """The questions of a file, in its order; raises InvalidRecord, naming all that is wrong."""
    read = examine_questions(Path(path))
    _refuse(read.problems)
    return tuple(question for _, question in read.questions)


def read_elicitations(paths: Iterable[Path | str]) -> tuple[SourcedStatement, ...]:
    """The statements of some files, in order; raises InvalidRecord, naming all that is wrong."""
    return statements_of([found for path in paths for found in examine_elicitations(Path(path))])


def statements_of(read: Sequence[ElicitationRead]) -> tuple[SourcedStatement, ...]:
    """The statements of files that were read; raises InvalidRecord, naming all that is wrong."""
    _refuse([problem for file in read for problem in file.problems])
    return all_sourced(read)


def all_sourced(files: Sequence[ElicitationRead]) -> tuple[SourcedStatement, ...]:
    """The statements of files that were read, in order, each with its source and its ends."""
    ends = endings_of(files)
    return tuple(
        sourced(file.document.path, file.source, statement, ends.get(statement.id, ()))
        for file in files
        if file.source is not None
        for _, statement in file.statements
    )


def endings_of(files: Iterable[ElicitationRead]) -> Mapping[str, tuple[Ending, ...]]:
    """The ends of statements by their id, whichever of the files they stand in."""
    found: defaultdict[str, list[Ending]] = defaultdict(list)
    for file in files:
        for _, ending in file.endings:
            found[ending.statement].append(ending)
    return {name: tuple(ends) for name, ends in found.items()}


def sourced(
    path: Path, source: Source, statement: Statement, endings: tuple[Ending, ...] = ()
) -> SourcedStatement:
    """A statement with its source; the source's date stands in where it has none of its own."""
    date = source.date if statement.date is None else statement.date
    return SourcedStatement(path, source, statement, date, statement.date is None, endings)


def _refuse(problems: Sequence[RuledProblem]) -> None:
    if problems:
        raise InvalidRecord("\n".join(str(named(p, rule, "error")) for rule, p in problems))


def examine_questions(path: Path) -> QuestionsRead:
    """A questions file as far as it can be read; what is wrong is in `problems`."""
    document, _, problems = _examined(read_document(path), QuestionFile)
    return QuestionsRead(document, _sound(document, "questions", Question), problems)


def examine_elicitations(path: Path) -> tuple[ElicitationRead, ...]:
    """What each source in a file says, as far as it can be read; what is wrong is in `problems`."""
    documents = read_tables(path) if path.suffix in TABLES else (read_document(path),)
    return tuple(elicitation_in(document) for document in documents)


def elicitation_in(document: Document) -> ElicitationRead:
    """What the one source of a document says; what is wrong is in `problems`."""
    document, sound, problems = _examined(document, ElicitationFile)
    if sound is not None:  # each record has been validated already
        said, ends = tuple(enumerate(sound.statements)), tuple(enumerate(sound.endings))
        return ElicitationRead(document, sound.source, said, problems, ends)
    source = _valid(Source, document.content.get("source"))
    said = _sound(document, "statements", Statement)
    return ElicitationRead(document, source, said, problems, _sound(document, "endings", Ending))


def _examined[F: BaseModel](
    document: Document, model: type[F]
) -> tuple[Document, F | None, tuple[RuledProblem, ...]]:
    """A document, its records where all are sound, and all that is wrong with it.

    Its content is {} where going on is meaningless.
    """
    problems = document.problems
    if document.content is None:
        return replace(document, content={}), None, problems
    if wrong := _wrong_file(document, model):
        return replace(document, content={}), None, problems + wrong
    try:
        return document, model.model_validate(document.content), problems
    except ValidationError as error:
        return document, None, problems + tuple(problems_in(error, document, model))


def _wrong_file(document: Document, model: type[BaseModel]) -> tuple[RuledProblem, ...]:
    """The problem of a file that is not of this kind at all, or of another schema version."""
    content = document.content
    wanted = [field.alias or name for name, field in model.model_fields.items()]
    remedy = f"write a map with {', '.join(wanted)}"
    if not isinstance(content, dict):
        message = f"{shown(content)} is not a map of fields"
        return (("wrong-file", Problem(document.path, message, remedy)),)
    if "questions" in content and "questions" not in wanted:
        message = "this is a questions file, where an elicitation file is expected"
        remedy = "name the folder of a questions file with --data"
        return (("wrong-file", Problem(document.path, message, remedy)),)
    version = content.get("schema", SCHEMA_VERSION)
    if type(version) is not int or version != SCHEMA_VERSION:
        message = f"{shown(version)} is not a schema version that is known here"
        remedy = f"write 'schema: {SCHEMA_VERSION}'"
        problem = Problem(document.path, message, remedy, "", "schema", document.line(("schema",)))
        return (("schema-version", problem),)
    return ()


def _valid[R: BaseModel](model: type[R], raw: Any) -> R | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None  # reported for the file as a whole


def _sound[R: BaseModel](document: Document, key: str, model: type[R]) -> tuple[tuple[int, R], ...]:
    """The well-formed entries of a list of a file, with their index in it."""
    entries = document.content.get(key)
    if not isinstance(entries, list):
        return ()
    read = ((index, _valid(model, entry)) for index, entry in enumerate(entries))
    return tuple((index, entry) for index, entry in read if entry is not None)
