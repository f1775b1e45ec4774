"""What comes out of a workshop: one source file with both rounds, a summary, calibration tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sweet_spot.errors import InvalidAnswer
from sweet_spot.evidence.importers.writing import as_yaml
from sweet_spot.evidence.records import ElicitationFile, Statement, first_day
from sweet_spot.page.forecast_file import (
    Said,
    cluster_in,
    errors_in,
    file_name,
    file_of,
    statement_of,
    write_all,
)
from sweet_spot.page.forecast_seeds import tables
from sweet_spot.page.store import Answer, Sheet, answers, meta, notes, sheets
from sweet_spot.page.web import rendered, svg, today
from sweet_spot.page.workshop_group import group_of
from sweet_spot.page.workshop_room import Room
from sweet_spot.page.workshop_rounds import latest

REVISED = "first estimate, replaced by the same person's second one on the same day"
_LONGEST_ID = 80


def source_file(room: Room) -> ElicitationFile:
    """All answers to questions about the model as one source.

    A person's first estimate stands as evidence where there is no second, or where this came on a
    later day, from which on it supersedes the first. On one day only one answer can stand: the
    first is then excluded, with the reason. People of a workshop share information, so that they
    are one cluster, but for those who are in one already.

    Raises
    ------
    InvalidAnswer
        Nobody has answered such a question.
    """
    said = [a for a in answers(room.held) if a.question in room.catalogue.questions]
    if not said:
        raise InvalidAnswer("nobody has answered a question about the model: there is no file")
    people = {sheet.id: sheet for sheet in sheets(room.held)}
    title = meta(room.held, "title")
    statements = [_statement(room, a, people[a.sheet], said, title) for a in said]
    last = max(first_day(str(s.date)) for s in statements)
    count = len({s.expert for s in statements})
    note = (
        f"Workshop in two rounds of {count} people: private estimate, display without"
        " names and discussion, revised estimate."
    )
    return file_of(title, statements, last, note)


def _statement(
    room: Room, answer: Answer, person: Sheet, said: Sequence[Answer], title: str
) -> Statement:
    day = local_day(answer)
    second = latest(said)[answer.sheet, answer.question]
    replaced = answer.round == 1 and second.round == 2 and local_day(second) == day
    cluster = cluster_in(room.evidence, person.name) or f"workshop-{file_name(title)}"[:_LONGEST_ID]
    tail = f"-r{answer.round}"
    ident = f"{file_name(title)[:24]}-{person.id}-{answer.question}"
    ident = f"{ident[: _LONGEST_ID - len(tail)]}{tail}"
    made = Said(person.name, day, ident, cluster, REVISED if replaced else "")
    statement = statement_of(answer.fields, room.catalogue.questions[answer.question], made)
    where = f"round {answer.round}, {statement.location}"
    return statement.model_copy(update={"location": where})


def local_day(answer: Answer) -> dt.date:
    """The day of an answer where the server stands, as `check` counts days."""
    return dt.datetime.fromisoformat(answer.at).astimezone().date()


def write_results(room: Room) -> tuple[list[Path], list[str]]:
    """Writes all that there is into the workshop's folder; says where, and what `check` minds.

    Written again they are the same, and replace what was there.
    """
    title = file_name(meta(room.held, "title"))
    people = {sheet.id: sheet.name for sheet in sheets(room.held)}
    contents = {"summary.html": summary(room)}
    problems: list[str] = []
    try:
        file = source_file(room)
    except InvalidAnswer as error:
        problems = [str(error)]
    else:
        problems = list(errors_in(file, room.catalogue.data, today()))
        contents[f"{title}.yaml"] = as_yaml(file)
    pairs = [(people[a.sheet], a) for a in answers(room.held)]
    contents |= tables(pairs, room.catalogue.seeds)
    return write_all(room.folder / "results", contents), problems


def summary(room: Room) -> str:
    """The report of a workshop: per question what the group said in both rounds; no names."""
    said, people = answers(room.held), sheets(room.held)
    days = sorted({local_day(a).isoformat() for a in said})
    return rendered(
        "summary.html", title=meta(room.held, "title"), people=len(people), days=days,
        answered=len({a.sheet for a in said}), css=_css(),
        questions=[_section(room, name, said) for name in room.asked()],
    )  # fmt: skip


def _css() -> str:
    return (Path(__file__).resolve().parent / "static" / "forms.css").read_text(encoding="utf-8")


def _section(room: Room, name: str, said: Sequence[Answer]) -> dict[str, Any]:
    question = room.catalogue.questions[name]
    own = [a for a in said if a.question == name]
    both = {a.sheet for a in own if a.round == 1} & {a.sheet for a in own if a.round == 2}
    fields = {(a.sheet, a.round): a.fields for a in own}
    kept = sum(_numbers(fields[s, 1]) == _numbers(fields[s, 2]) for s in both)
    revised = f"{len(both)} answered again; {len(both) - kept} of them otherwise than before."
    rounds = sorted({a.round for a in own}) or [1]
    group = group_of(room.held, question, rounds)
    return {
        "name": name, "wording": question.wording, "figure": svg(group.figure), "text": group.text,
        "revised": revised if both else "",
        "reasons": sorted({a.fields["reason"] for a in own if a.fields.get("reason")}),
        "notes": [note.text for note in notes(room.held, name)],
    }  # fmt: skip


def _numbers(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value and name != "reason"}
