"""Takes an answer from a form: checked, and on the disk before the page says so."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweet_spot.errors import InvalidAnswer
from sweet_spot.evidence.reading import data_files, read_questions
from sweet_spot.evidence.records import Question
from sweet_spot.page.forecast_file import Said, checked
from sweet_spot.page.forecast_forms import edges_of
from sweet_spot.page.forecast_seeds import Seed, read_seeds, stated
from sweet_spot.page.store import Answer, Fields, now, put_answer, put_working
from sweet_spot.page.web import Plain, today

_PLACE = re.compile(r"(threshold|percent|edges)(?:_([0-9]+))?: |[a-z]+(?:_[0-9]+|\[[0-9]+\])?: ")
_PLACES = {"threshold": "Threshold", "percent": "Probability", "edges": "Where the bins end"}
_REMEDY = "; compare with the source"


@dataclass(frozen=True)
class Catalogue:
    """What can be asked: questions about the model by id, seeds by name, and their data folder."""

    questions: Mapping[str, Question]
    seeds: Mapping[str, Seed]
    data: Path

    def check(self, fields: Fields, name: str) -> None:
        """Raises InvalidAnswer where a form cannot be taken."""
        if name in self.seeds:
            stated(fields, self.seeds[name])
        else:
            checked(fields, self.questions[name], Said("x", today(), "x"), self.data)


def catalogue_in(data: Path) -> Catalogue:
    """What can be asked from a data folder; raises MissingData, InvalidRecord."""
    questions = read_questions(data_files(data).questions)
    return Catalogue({q.id: q for q in questions}, read_seeds(data), data)


@dataclass(frozen=True)
class Place:
    """Where an answer belongs: sheet, question, round, and the phase in which it may come."""

    sheet: int
    question: str
    round: int = 1
    phase: str | None = None


@dataclass(frozen=True)
class Taken:
    """What was sent: its fields, and why it was not taken, where it was not."""

    fields: Fields
    problems: tuple[str, ...] = ()


def take(page: Plain, held: sqlite3.Connection, place: Place, catalogue: Catalogue) -> Taken:
    """Takes what a form sent; what cannot be taken is kept as typed.

    Raises
    ------
    Closed, TooMany
        As `put_answer`.
    """
    fields = page.fields()
    key = (place.sheet, place.question, place.round)
    sent = page.get_body_argument("step", "send") == "send"
    try:
        if sent:
            catalogue.check(fields, place.question)
        elif place.question in catalogue.questions:  # other bins, and no answer yet
            edges_of(fields, catalogue.questions[place.question], today())
    except InvalidAnswer as error:
        put_working(held, *key, fields)
        return Taken(fields, tuple(map(in_words, str(error).splitlines())))
    if not sent:
        put_working(held, *key, fields)
        return Taken(fields)
    put_answer(held, Answer(*key, fields, now()), page.nonce(), place.phase)
    return Taken(fields)


def in_words(problem: str) -> str:
    """A problem for whoever fills in a form: no names of fields, no source to compare with."""
    found, told = _PLACE.match(problem), problem.partition(_REMEDY)[0]
    if not found:
        return told
    name, number = found[1], found[2]
    place = _PLACES[name] + (f" {int(number) + 1}" if number else "") + ": " if name else ""
    return place + told[found.end() :]


def onward(base: str, asked: Sequence[str], answered: Collection[str]) -> str:
    """The address of the next question that is not answered yet; empty where all are."""
    return next((base + name for name in asked if name not in answered), "")
