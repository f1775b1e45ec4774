"""Rules against counting one view twice: a pool and its members, one person under two heads."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from sweet_spot.evidence.findings import Problem, shown
from sweet_spot.evidence.material import Entry, Material
from sweet_spot.evidence.rules_across import bare_name


def check_members(entry: Entry) -> Iterator[Problem]:
    """A pool names each of its members once, itself not among them, and no more than it pools."""
    said = entry.statement
    names = said.members or []
    if len({*names, said.expert}) < len(names) + bool(names):
        message = "a member stands here twice, or the pool is its own member"
        yield entry.problem("members", message, "name each of the others once")
    elif said.people is not None and len(names) > said.people:
        message = f"{len(names)} members stand against {said.people} people"
        yield entry.problem("members", message, "compare with the source")


def check_pool_or_members(material: Material) -> Iterator[Problem]:
    """A pooled number and the answer of one of its members are not evidence at the same time."""
    for pool, member in _meeting(material, _members):
        message = (
            f"this pools {shown(member.statement.expert)}, whose own answer "
            f"{member.statement.id} in {member.path} is evidence at the same time"
        )
        remedy = "write role: check in one of the two; where all members answer, in the pool"
        yield pool.problem("members", message, remedy)


def check_joint_answers(material: Material) -> Iterator[Problem]:
    """What several people said together does not stand beside what one of them says alone."""
    for joint, own in _meeting(material, _named_together):
        message = (
            f"{shown(own.statement.expert)} also answers alone, in {own.statement.id} in {own.path}"
        )
        remedy = "if it is one view, write role: check in one of the two; else name no members"
        yield joint.problem("expert", message, remedy)


def _members(entry: Entry) -> Sequence[str]:
    return entry.statement.members or ()


def _named_together(entry: Entry) -> Sequence[str]:
    """The people in "Ada Example, Ben Example and Cy Example" who are not listed as members."""
    joined = entry.statement.expert.replace(" and ", ",").replace(" & ", ",")
    if "," not in joined:
        return ()
    parts = [part.strip() for part in joined.split(",")]
    return [part for part in parts if part not in _members(entry)]


def _meeting(
    material: Material, names: Callable[[Entry], Sequence[str]]
) -> Iterator[tuple[Entry, Entry]]:
    """Evidence, and evidence of those named in it on the same question, live on a common day."""
    naming = [(entry, named) for entry in _evidence(material) if (named := names(entry))]
    answers: defaultdict[object, list[Entry]] = defaultdict(list)
    for entry in _evidence(material) if naming else ():
        answers[_key(entry)].append(entry)
    for entry, named in naming:
        _, question, given = _key(entry)
        for name in named:
            yield from (
                (entry, own)
                for own in answers.get((name, question, given), ())
                if own is not entry and _overlap(material, entry, own)
            )


def _evidence(material: Material) -> Iterator[Entry]:
    return (entry for entry in material.entries if entry.statement.role == "evidence")


def _key(entry: Entry) -> tuple[str, str, object]:
    said = entry.statement
    return said.expert, said.question, tuple(sorted((said.given or {}).items()))


def _overlap(material: Material, one: Entry, other: Entry) -> bool:
    """Whether both are live on some day."""
    mine, theirs = (material.spans.get(entry.statement.id) for entry in (one, other))
    if mine is None or theirs is None:
        return False
    return max(mine.start, theirs.start) < min(mine.end, theirs.end)


def check_repeated(material: Material) -> Iterator[Problem]:
    """A view that a second source only repeats is not dated anew."""
    histories: defaultdict[object, list[Entry]] = defaultdict(list)
    for entry in material.entries:
        if entry.source is not None and entry.statement.role != "excluded":
            histories[_key(entry)].append(entry)
    for history in (several for several in histories.values() if len(several) > 1):
        history.sort(key=lambda entry: (_day(entry), entry.statement.id))
        for earlier, later in pairwise(history):
            anew = earlier.path != later.path and _day(earlier) < _day(later)
            if anew and _numbers(earlier) == _numbers(later):
                message = (
                    f"{shown(later.statement.expert)} said the same before, in "
                    f"{earlier.statement.id} in {earlier.path}"
                )
                remedy = "if this source only repeats it, write role: excluded here"
                yield later.problem("", message, remedy)


def _day(entry: Entry) -> dt.date:
    return entry.sourced.last_day if entry.sourced else dt.date.max


def _numbers(entry: Entry) -> tuple[object, ...]:
    said = entry.statement
    values, levels, events = said.all_values(), said.all_levels(), said.all_events()
    return said.kind, said.unit, tuple(values), tuple(levels), tuple(events)


def check_same_numbers(material: Material) -> Iterator[Problem]:
    """Several people with all numbers alike, who share no cluster, may be one view."""
    first: dict[object, Entry] = {}
    for entry in _evidence(material):
        said = entry.statement
        if len(said.all_values()) < 2:
            continue  # one round number is often the same by chance
        other = first.setdefault((_key(entry)[1:], _numbers(entry)), entry)
        alone = said.cluster is None or said.cluster != other.statement.cluster
        strangers = bare_name(other.statement.expert) != bare_name(said.expert)
        twins = said.id != other.statement.id and strangers and alone
        if twins and _overlap(material, entry, other):
            message = (
                f"all numbers are those of {shown(other.statement.expert)} in "
                f"{other.statement.id} in {other.path}"
            )
            remedy = "put both people in one cluster, or exclude one if it is one view"
            yield entry.problem("cluster", message, remedy)


def check_two_questions(material: Material) -> Iterator[Problem]:
    """A person's view of one quantity enters once, though two sources ask for it in two ways."""
    first: dict[object, Entry] = {}
    for entry in _evidence(material):
        said, question = entry.statement, entry.question
        if question is None or said.given or question.given or said.kind == "probability":
            continue
        other = first.setdefault((said.expert, question.quantity), entry)
        if (
            other.path != entry.path
            and other.statement.question != said.question
            and _overlap(material, entry, other)
        ):
            message = (
                f"{shown(said.expert)} also answers {other.statement.question} in {other.path}, "
                f"which is about the same quantity, {question.quantity}"
            )
            remedy = "if both sources report one view, write role: check in one of the two"
            yield entry.problem("question", message, remedy)
