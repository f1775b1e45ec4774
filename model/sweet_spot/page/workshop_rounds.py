"""A workshop in two rounds, as in the IDEA protocol: estimate alone, see the group, estimate again.

Phases go one way: setup, round1 (private estimates), discussion (the group without names, notes),
round2 (revised estimates), closed. Only the chair moves on; an answer that comes after its round is
refused and never dropped in silence.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweet_spot.errors import InvalidAnswer
from sweet_spot.page.forecast_forms import clean_name, clean_text
from sweet_spot.page.store import (
    Answer,
    Closed,
    Fields,
    answers,
    change_meta,
    hashed,
    meta,
    new_sheet,
    open_store,
    set_meta,
    sheets,
    transaction,
)

PHASES = ("setup", "round1", "discussion", "round2", "closed")
PHASE_NAMES: Mapping[str, str] = {
    "setup": "not open yet",
    "round1": "round 1: private estimates",
    "discussion": "discussion of the anonymous answers",
    "round2": "round 2: revised estimates",
    "closed": "closed",
}
ROUND_OF: Mapping[str, int] = {"round1": 1, "round2": 2}
"""The phases in which answers are taken, and of which round."""
OPEN_GROUP = ("discussion", "round2", "closed")
"""The phases in which everybody sees the group."""
NOTES_IN = ("discussion", "round2")
MOST_PEOPLE, MOST_QUESTIONS = 200, 40
LONGEST_TITLE = 120
FILE = "workshop.sqlite"


@dataclass(frozen=True)
class Progress:
    """How far a person is: answers to how many of the questions, in each round."""

    sheet: int
    name: str
    answered: Mapping[int, int]
    questions: int


def open_workshop(folder: Path) -> sqlite3.Connection:
    """The workshop in a folder, or a new one; raises UnusableStore."""
    held = open_store(folder / FILE)
    if not meta(held, "phase"):
        set_meta(held, phase="setup", title="", questions="[]")
    return held


def new_chair(held: sqlite3.Connection, token: str) -> None:
    """Makes a token the chair's; an earlier one opens nothing any more."""
    set_meta(held, chair=hashed(token).hex())


def asked(held: sqlite3.Connection) -> tuple[str, ...]:
    """Ids of the questions of the workshop, seeds too, in their order."""
    return tuple(json.loads(meta(held, "questions") or "[]"))


def arrange(held: sqlite3.Connection, title: str, questions: Sequence[str]) -> None:
    """Sets the title and the questions, before the workshop opens; raises Closed, InvalidAnswer."""
    name = " ".join(clean_text(title, LONGEST_TITLE, "title").split())
    if not name:
        raise InvalidAnswer("title: write what the workshop is called")
    chosen = list(dict.fromkeys(questions))
    if not 1 <= len(chosen) <= MOST_QUESTIONS:
        raise InvalidAnswer(f"questions: choose 1 to {MOST_QUESTIONS}")
    with transaction(held):
        _need(held, ("setup",), "the questions can no longer be changed")
        set_meta(held, title=name, questions=json.dumps(chosen))


def invite(held: sqlite3.Connection, names: Sequence[str]) -> dict[str, str]:
    """Makes a sheet for each name that has none, and gives their tokens, which are kept nowhere.

    Raises
    ------
    Closed
        The first round is over: who comes later has no private estimate.
    InvalidAnswer
        A name is empty or too long, or there are too many.
    """
    wanted = list(dict.fromkeys(clean_name(name) for name in names if name.strip()))
    with transaction(held):
        _need(held, ("setup", "round1"), "nobody can join after the first round")
        there = {sheet.name.casefold() for sheet in sheets(held)}
        fresh = [name for name in wanted if name.casefold() not in there]
        if len({name.casefold() for name in fresh}) < len(fresh):
            raise InvalidAnswer("names: two are the same but for capitals; tell them apart")
        if len(there) + len(fresh) > MOST_PEOPLE:
            raise InvalidAnswer(f"names: at most {MOST_PEOPLE} people take part")
        return {name: new_sheet(held, name) for name in fresh}


def advance(held: sqlite3.Connection, seen: str) -> str:
    """Moves on from the phase that the chair saw, and says to which.

    Raises
    ------
    Closed
        The workshop is in another phase by now, or closed.
    InvalidAnswer
        Something is missing for the next phase.
    """
    if seen not in PHASES[:-1]:
        raise Closed("the workshop is closed")
    with transaction(held):
        missing = _missing(held, seen)
        if missing:
            raise InvalidAnswer(missing)
        following = PHASES[PHASES.index(seen) + 1]
        if not change_meta(held, "phase", seen, following):
            raise Closed("the workshop has moved on already: look at the page again")
    return following


def _missing(held: sqlite3.Connection, phase: str) -> str:
    """What the next phase needs."""
    if phase == "setup" and not asked(held):
        return "questions: choose them first"
    if phase == "setup" and len(sheets(held)) < 2:
        return "names: a workshop needs two people or more"
    if phase == "round1" and not answers(held):
        return "nobody has answered yet"
    return ""


def _need(held: sqlite3.Connection, phases: Sequence[str], otherwise: str) -> None:
    if meta(held, "phase") not in phases:
        raise Closed(otherwise)


def progress(held: sqlite3.Connection) -> tuple[Progress, ...]:
    """How far everybody is; what they answered is not told."""
    count, found = len(asked(held)), []
    said = answers(held)
    for sheet in sheets(held):
        own = [answer for answer in said if answer.sheet == sheet.id]
        by_round = {r: sum(answer.round == r for answer in own) for r in ROUND_OF.values()}
        found.append(Progress(sheet.id, sheet.name, by_round, count))
    return tuple(found)


def forms_of(held: sqlite3.Connection, sheet: int) -> dict[tuple[str, int], Fields]:
    """What one person has answered, by question and round."""
    return {(a.question, a.round): a.fields for a in answers(held, sheet)}


def latest(said: Sequence[Answer]) -> dict[tuple[int, str], Answer]:
    """The last answer of each person to each question: of round 2 where there is one."""
    return {(a.sheet, a.question): a for a in sorted(said, key=lambda answer: answer.round)}
