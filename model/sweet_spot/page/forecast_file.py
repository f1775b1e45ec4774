"""From forms to a statement file: made of the same records, judged by the same rules as files."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sweet_spot.errors import InvalidAnswer, InvalidRecord
from sweet_spot.evidence.checks import findings_in
from sweet_spot.evidence.coherence import coherence
from sweet_spot.evidence.findings import Finding
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.importers.writing import as_yaml
from sweet_spot.evidence.material import Material
from sweet_spot.evidence.reading import (
    QUESTIONS,
    QuestionsRead,
    examine_elicitations,
    examine_questions,
)
from sweet_spot.evidence.records import ElicitationFile, Question, Source, Statement
from sweet_spot.evidence.template import statement_ids
from sweet_spot.evidence.whole_files import new_file, place, staged
from sweet_spot.page.forecast_forms import place_of, role_of, stated
from sweet_spot.page.store import Fields

UNPUBLISHED = "unpublished"
"""Stands in a file where its address would, until whoever publishes it writes one."""
ANSWERS = "answers the question as it is put"
MOST_FILES = 1000
"""Files of one name before a folder counts as full."""


@dataclass(frozen=True)
class Said:
    """Whose answer a form holds, when it was given, and how its statement is called."""

    expert: str
    date: dt.date
    id: str
    cluster: str | None = None
    excluded: str = ""


def statement_of(fields: Fields, question: Question, said: Said) -> Statement:
    """The statement that a form makes.

    Raises
    ------
    InvalidAnswer
        The form is not filled in, or its fields make no statement.
    """
    own_words = fields.get("reason", "")
    reason = said.excluded or ANSWERS
    content: dict[str, Any] = {
        "id": said.id, "expert": said.expert, "date": said.date.isoformat(),
        "question": question.id, "role": "excluded" if said.excluded else role_of(question),
        "reason": f"{reason}; in the person's words: {own_words}" if own_words else reason,
        "verified": "yes", "location": place_of(fields, question),
        **stated(fields, question, said.date),
    }  # fmt: skip
    if said.cluster:
        content["cluster"] = said.cluster
    try:
        return Statement.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "answer"
        raise InvalidAnswer(f"{place}: {first['msg']}") from error


def cluster_in(evidence: Evidence, expert: str) -> str | None:
    """The named cluster that somebody is in already: nobody is in two."""
    table = evidence.statements
    own = table["cluster"].to_numpy()[table["expert"].to_numpy() == expert]
    return next((str(name) for name in own if name != expert), None)


def own_file(
    forms: Mapping[str, Fields],
    questions: Mapping[str, Question],
    expert: str,
    day: dt.date,
    cluster: str | None = None,
) -> ElicitationFile:
    """One person's answers, by id of the question, as a file; raises InvalidAnswer."""
    ids = statement_ids(expert, list(forms), day)
    statements = [
        statement_of(fields, questions[name], Said(expert, day, ident, cluster))
        for (name, fields), ident in zip(forms.items(), ids, strict=True)
    ]
    return file_of(f"Answers of {expert}", statements, day)


def file_of(
    title: str, statements: Sequence[Statement], day: dt.date, note: str | None = None
) -> ElicitationFile:
    """A file of some statements that nobody has published yet."""
    source = Source(title=title, url=UNPUBLISHED, date=day.isoformat(), note=note)
    return ElicitationFile.model_validate(
        {"schema": 1, "source": source, "statements": list(statements)}
    )


def contradictions_in(file: ElicitationFile, data: Path) -> tuple[str, ...]:
    """What of the answers in a file cannot all be right, by probability alone."""
    with _written(file) as path:
        return tuple(map(str, coherence(data, [path])))


@contextmanager
def _written(file: ElicitationFile) -> Iterator[Path]:
    """A file on the disk for a moment: checked is what is read back."""
    with tempfile.TemporaryDirectory(prefix="sweet-spot-") as folder:
        path = Path(folder) / "answers.yaml"
        path.write_bytes(as_yaml(file).encode("utf-8"))
        yield path


def findings(file: ElicitationFile, data: Path, today: dt.date) -> tuple[Finding, ...]:
    """What `sweet-spot check` says of a file, once it is written and read back.

    The questions, which take most of the time to read, are read again only when they have changed.
    """
    path = data / QUESTIONS
    questions = _questions(path, path.stat().st_mtime_ns, path.stat().st_size)
    with _written(file) as written:
        material = Material(questions, examine_elicitations(written), today, complete=False)
    return tuple(findings_in(material))


@lru_cache(maxsize=4)
def _questions(path: Path, changed: int, size: int) -> QuestionsRead:
    del changed, size  # only tell one state of the file from the next
    return examine_questions(path)


def errors_in(file: ElicitationFile, data: Path, today: dt.date) -> tuple[str, ...]:
    """What of it a person has to mend, in words; empty where `check` accepts the file."""
    return tuple(
        f"{found.field}: {found.message}; {found.remedy}" if found.field else found.message
        for found in findings(file, data, today)
        if found.severity == "error"
    )


def checked(fields: Fields, question: Question, said: Said, data: Path) -> Statement:
    """The statement that a form makes, if `check` accepts it.

    Raises
    ------
    InvalidAnswer
        It does not; the message has all that is wrong.
    """
    statement = statement_of(fields, question, said)
    found = errors_in(file_of("answers", [statement], said.date), data, said.date)
    if found:
        raise InvalidAnswer("\n".join(found))
    return statement


def file_name(title: str) -> str:
    """A name for a file or folder, of letters, digits and dashes alone, whatever the title says."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-") or "answers"


def save(file: ElicitationFile, folder: Path, name: str) -> Path:
    """Writes a file into a folder under a name that is free there, whole or not at all.

    The second file of a name has the ids of its statements numbered likewise: both can be taken in.

    Raises
    ------
    InvalidRecord
        It cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, MOST_FILES):
        end = f"-{number}" if number > 1 else ""
        path = folder / f"{name}{end}.yaml"
        if not path.exists():
            own = [s.model_copy(update={"id": f"{s.id}{end}"}) for s in file.statements]
            named = file.model_copy(update={"statements": own})
            new_file(path, as_yaml(named).encode("utf-8"))
            return path
    raise InvalidRecord(f"{folder}: holds {MOST_FILES} files called {name}; move some away")


def write_all(folder: Path, contents: Mapping[str, str]) -> list[Path]:
    """Writes files into a folder, each whole or not at all, in place of what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in contents.items():
        with staged(folder, text.encode("utf-8")) as whole:
            place(whole, folder / name)
    return [folder / name for name in contents]
