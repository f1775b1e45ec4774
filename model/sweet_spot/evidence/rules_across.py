"""Rules that look beyond one statement: dates, ids, people, clusters, unused questions."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from sweet_spot.evidence.findings import Problem, shown
from sweet_spot.evidence.ledger import answer_key
from sweet_spot.evidence.material import Entry, Material
from sweet_spot.evidence.records import first_day, last_day


def check_dates_past(material: Material) -> Iterator[Problem]:
    """No date lies in the future."""
    for file in material.files:
        if file.source and first_day(file.source.date) > material.today:
            line = file.document.line(("source", "date"))
            message = f"the source's date {file.source.date} lies in the future"
            remedy = "write the date of publication"
            field = file.document.named("source.date")
            yield Problem(file.document.path, message, remedy, field=field, line=line)
    for entry in material.entries:
        date = entry.statement.date
        if date is not None and first_day(date) > material.today:
            message = f"the date {date} lies in the future"
            yield entry.problem("date", message, "write the day on which it was said")
    for ended in material.ended:
        date = ended.ending.date
        if ended.ending.how != "expired" and first_day(date) > material.today:
            message = f"the date {date} lies in the future"
            yield ended.problem("date", message, "write the day on which it happened")


def check_said_before_published(entry: Entry) -> Iterator[Problem]:
    """A statement is not younger than the source that reports it; partial dates get the benefit."""
    date, source = entry.statement.date, entry.source
    if date is not None and source is not None and first_day(date) > last_day(source.date):
        message = f"the date {date} is later than the source's, {source.date}"
        remedy = "compare both with the source; of a page that is updated, give the last update"
        yield entry.problem("date", message, remedy)


def check_question_ids(material: Material) -> Iterator[Problem]:
    """Each question has an id of its own."""
    seen: set[str] = set()
    for asked in material.asked:
        if asked.question.id in seen:
            yield asked.problem("id", "this id is already that of another question", "rename one")
        seen.add(asked.question.id)


def check_statement_ids(material: Material) -> Iterator[Problem]:
    """Each statement has an id of its own, over all files."""
    first: dict[str, Entry] = {}
    for entry in material.entries:
        other = first.setdefault(entry.statement.id, entry)
        if other is not entry:
            where = _place(other, entry)
            yield entry.problem(
                "id", f"this id is already that of a statement {where}", "rename one"
            )


def _place(other: Entry, entry: Entry) -> str:
    line = other.read.document.line(("statements", other.index))
    return f"on line {line}" if other.path == entry.path else f"in {other.path}, line {line}"


def check_one_answer(material: Material) -> Iterator[Problem]:
    """One person answers one question under one condition once at one date."""
    first: dict[object, Entry] = {}
    for entry in material.entries:
        sourced = entry.sourced
        if sourced is None or entry.statement.role == "excluded":
            continue
        other = first.setdefault((answer_key(sourced), sourced.last_day), entry)
        if other is not entry:
            who = shown(entry.statement.expert)
            message = f"{who} already answers this at this date in {other.statement.id}"
            remedy = (
                "exclude one; several thresholds belong into one statement, as values and events"
            )
            yield entry.problem("", f"{message}, {_place(other, entry)}", remedy)


def check_one_cluster(material: Material) -> Iterator[Problem]:
    """A person belongs to one cluster, everywhere."""
    first: dict[str, Entry] = {}
    for entry in _clustered(material):
        said = entry.statement
        other = first.setdefault(said.expert, entry)
        if other.statement.cluster != said.cluster:
            message = (
                f"{shown(said.expert)} is in the cluster {said.cluster} here and in "
                f"{other.statement.cluster} {_place(other, entry)}"
            )
            yield entry.problem("cluster", message, "write the same cluster everywhere")


def check_cluster_everywhere(material: Material) -> Iterator[Problem]:
    """A person who is in a cluster is in it in every statement."""
    clusters = {e.statement.expert: e.statement.cluster for e in _clustered(material)}
    for entry in material.entries:
        said = entry.statement
        if said.cluster is None and said.expert in clusters and said.role != "excluded":
            message = f"{shown(said.expert)} is in the cluster {clusters[said.expert]} elsewhere"
            yield entry.problem("cluster", message, f"write cluster: {clusters[said.expert]}")


def _clustered(material: Material) -> list[Entry]:
    return [
        entry
        for entry in material.entries
        if entry.statement.cluster is not None and entry.statement.role != "excluded"
    ]


def check_said_with_source(entry: Entry) -> Iterator[Problem]:
    """A statement is as old as its source, unless the source repeats an earlier one on purpose."""
    date, source = entry.statement.date, entry.source
    if date is not None and source is not None and last_day(date) < first_day(source.date):
        message = f"the date {date} is earlier than the source's, {source.date}"
        remedy = "right where the source repeats what was said before; else correct one of them"
        yield entry.problem("date", message, remedy)


def check_own_date(entry: Entry) -> Iterator[Problem]:
    """A statement has a date of its own."""
    if entry.statement.date is None and entry.statement.role != "excluded" and entry.source:
        message = f"there is no date; the source's, {entry.source.date}, is taken"
        yield entry.problem("date", message, "write when it was said, where that is known")


def check_verified(entry: Entry) -> Iterator[Problem]:
    """Evidence was verified at the source."""
    if entry.statement.role == "evidence" and entry.statement.verified == "secondary":
        message = "this was read in a secondary source only"
        yield entry.problem("verified", message, "compare with the source and write verified: yes")


def check_questions_used(material: Material) -> Iterator[Problem]:
    """Each question is answered by some statement, where all of them are checked."""
    used = {entry.statement.question for entry in material.entries}
    for asked in material.asked if material.complete else ():
        if asked.question.id not in used:
            remedy = "remove it, or leave it for statements to come"
            yield asked.problem("id", "no statement answers this question", remedy)


def check_expert_spelling(material: Material) -> Iterator[Problem]:
    """One person has one spelling."""
    spellings: defaultdict[tuple[str, ...], dict[str, Entry]] = defaultdict(dict)
    for entry in material.entries:
        name = entry.statement.expert
        spellings[bare_name(name)].setdefault(name, entry)
    for group in spellings.values():
        first, *others = group
        for name in others:
            message = (
                f"{shown(name)} is also written {shown(first)}, {_place(group[first], group[name])}"
            )
            remedy = "write one name for one person, so that later views replace earlier ones"
            yield group[name].problem("expert", message, remedy)


@lru_cache(maxsize=4096)  # a person's statements stand together
def bare_name(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents, punctuation and order."""
    text = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c))
    return tuple(sorted(kept.split())) or (name,)
