"""Writes a form in which a person answers questions: an elicitation file with blanks."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sweet_spot.argument.quantities import parse
from sweet_spot.errors import InvalidRecord, UnknownQuestion
from sweet_spot.evidence.findings import near, shown
from sweet_spot.evidence.reading import data_files, read_questions
from sweet_spot.evidence.records import SCHEMA_VERSION, Question
from sweet_spot.evidence.write_yaml import comment, quoted

LEVELS = (0.1, 0.5, 0.9)
_WIDTH = 96
_LONGEST_ID = 80


def template(
    questions: Iterable[str],
    expert: str,
    data: Path | str = "data",
    *,
    today: dt.date | None = None,
) -> str:
    """The text of a form; `check` says what of it is still to be filled in.

    Parameters
    ----------
    questions
        Ids of the questions, in the order in which they are to be asked.
    expert
        The name of the person who answers.
    today
        Becomes part of the statements' ids, so that the next form has others.

    Raises
    ------
    MissingData
        There is no data folder.
    InvalidRecord
        The questions file has errors, no question is named, or the name is empty.
    UnknownQuestion
        There is no such question.
    """
    known = {question.id: question for question in read_questions(data_files(data).questions)}
    names = list(dict.fromkeys(questions))
    for name in names:
        if name not in known:
            raise UnknownQuestion(f"{data}: there is no question {shown(name)}{near(name, known)}")
    if not names or not comment(expert):
        raise InvalidRecord("a form needs a question and a name: --questions ID --expert NAME")
    who, day = comment(expert), today or dt.date.today()
    ids = statement_ids(who, names, day)
    parts = [_head(who), *(_asked(known[n], i, who) for n, i in zip(names, ids, strict=True))]
    return "\n".join(line for part in parts for line in part) + "\n"


def statement_ids(who: str, names: Sequence[str], day: dt.date) -> list[str]:
    """An id for each statement: person, question, date, cut where that is too long."""
    plain = unicodedata.normalize("NFKD", who).encode("ascii", "ignore").decode().lower()
    person = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:30] or "expert"
    room = _LONGEST_ID - len(person) - len(f"--{day}-999")
    cut = [name[:room] for name in names]
    return [
        f"{person}-{name}-{day}" + (f"-{k}" if cut.count(name) > 1 else "")
        for k, name in enumerate(cut, 1)
    ]


def _head(who: str) -> Iterator[str]:
    yield f"# Questions to {who}. Write your answers after the colons; # begins a comment."
    yield "# To leave a question out, delete its statement, from the dash to the next one."
    yield "# sweet-spot check FILE says what is still missing, sweet-spot add FILE takes it in."
    yield f"schema: {SCHEMA_VERSION}"
    yield ""
    yield "source:"
    yield f"  title: {quoted(f'Answers of {who}')}"
    yield "  url:   # where this is published, or how to ask for it"
    yield "  date:  # the day on which you send it, as in 2026-03-31"
    yield ""
    yield "statements:"


def _asked(question: Question, name: str, who: str) -> Iterator[str]:
    """One question: its wording, what to write, and the statement to be completed."""
    yield from _comment(f"{question.id}: {comment(question.wording)}")
    if question.given:
        given = ", ".join(f"{key} = {value:.10g}" for key, value in question.given.items())
        yield from _comment(f"Suppose that {given}.")
    yield from _comment(_what(question))
    yield f"  - id: {name}"
    yield f"    expert: {quoted(who)}"
    yield "    date:  # the day of your answer, if it is not that of the source"
    yield f"    question: {question.id}"
    if question.event is None:
        yield "    kind: quantile"
        yield f"    levels: [{', '.join(map(str, LEVELS))}]"
        yield "    values:"
        yield f"    unit: {quoted(question.unit)}"
    else:
        yield "    kind: probability"
        yield "    value:"
        yield "    unit: percent"
    yield f"    role: {'check' if parse(question.quantity).has_atom else 'evidence'}"
    yield '    verified: "yes"'
    yield '    location: "this form"'
    yield '    reason: "answers the question as it is put"'
    yield ""


def _what(question: Question) -> str:
    if question.event is not None:
        return (
            f"value: how probable is it, in percent, that {question.quantity} {question.event}"
            f" ({question.unit})? As in value: 30"
        )
    return (
        f"values, in the unit {question.unit}: [a, b, c] such that you think it 10 % likely that"
        " it is less than a, 50 % less than b, 90 % less than c. One that you cannot number may be"
        ' a bound in quotes, as in ">2100", or never.'
    )


def _comment(text: str) -> Iterator[str]:
    """A text as comment lines that stand before a statement."""
    lines = textwrap.wrap(text, _WIDTH, break_long_words=True)
    return (f"  # {line}" for line in lines)
