"""Rules about what is said of other statements: how they end, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sweet_spot.evidence.findings import Problem, near, shown
from sweet_spot.evidence.material import Ended, Entry, Material
from sweet_spot.evidence.records import first_day, last_day


def check_statements_named(material: Material) -> Iterator[Problem]:
    """What an ending ends, and what a statement is made of, is there, where all files are."""
    known = {entry.statement.id for entry in material.entries}
    remedy = "write the id of a statement in the data folder"
    for ended in material.ended if material.complete else ():
        name = ended.ending.statement
        if name not in known:
            message = f"there is no statement {shown(name)}{near(name, known)}"
            yield ended.problem("statement", message, remedy)
    for entry in material.entries if material.complete else ():
        for field, names in _parts(entry).items():
            for name in set(names) - known:
                message = f"there is no statement {shown(name)}{near(name, known)}"
                yield entry.problem(field, message, remedy)


def _parts(entry: Entry) -> Mapping[str, Sequence[str]]:
    said = entry.statement
    return {"premises": said.premises or (), "includes": said.includes or ()}


def check_parts(entry: Entry) -> Iterator[Problem]:
    """Only one probability is made of others: never of itself, and of each once."""
    said = entry.statement
    for field, names in _parts(entry).items():
        if names and (said.kind != "probability" or said.value is None):
            yield entry.problem(field, "only a single probability has parts", "remove it")
        elif len({*names, said.id}) < len(names) + bool(names):
            message = "a statement stands here twice, or is a part of itself"
            yield entry.problem(field, message, "name each of the others once")


def check_ended_after_said(material: Material) -> Iterator[Problem]:
    """A statement does not end before it is made; partial dates get the benefit."""
    for ended in material.ended:
        sourced = ended.entry.sourced if ended.entry else None
        if sourced and last_day(ended.ending.date) < first_day(sourced.date):
            message = f"the date {ended.ending.date} is earlier than the statement's"
            yield ended.problem("date", f"{message}, {sourced.date}", "write when it ended")


def check_ends_once(material: Material) -> Iterator[Problem]:
    """A statement is withdrawn, expires or is resolved once each."""
    first: dict[tuple[str, str], Ended] = {}
    for ended in material.ended:
        other = first.setdefault((ended.ending.statement, ended.ending.how), ended)
        if other is not ended:
            document = other.read.document
            place = f"{document.path}, line {document.line(('endings', other.index))}"
            message = f"it is already {ended.ending.how} in {place}"
            yield ended.problem("how", message, "remove one of the two")
