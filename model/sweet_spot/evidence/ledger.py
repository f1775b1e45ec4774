"""Which statements are live on a date: roles, supersession, endings. Nothing is ever deleted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from sweet_spot.evidence.reading import SourcedStatement
from sweet_spot.evidence.records import last_day

Status = Literal["live", "superseded", "withdrawn", "expired", "resolved", "not yet", "excluded"]


@dataclass(frozen=True)
class State:
    """What a statement is on a date.

    Attributes
    ----------
    status
        "not yet" where it was made, or may have been made, after the date. "withdrawn", "expired"
        and "resolved" as its ending says.
    since
        The day from which it is so; of "not yet", the day from which it will be live; None for
        "excluded".
    by
        Of a superseded statement: the id of the next one of the same person.
    why
        Of one that was withdrawn, expired or resolved: the reason given.
    """

    status: Status
    since: dt.date | None = None
    by: str | None = None
    why: str | None = None

    def __str__(self) -> str:
        match self.status:
            case "superseded":
                return f"superseded by {self.by} since {self.since}"
            case "not yet":
                return f"not yet: from {self.since}"
            case "excluded":
                return "excluded"
        return f"{self.status} since {self.since}" + (f": {self.why}" if self.why else "")


class Span(NamedTuple):
    """The days on which a statement is live: from the first one on, and before `end`."""

    start: dt.date
    end: dt.date


def answer_key(statement: SourcedStatement) -> tuple[str, str, tuple[tuple[str, float], ...]]:
    """What a later statement of the same person must share to replace this one.

    Person, question and condition (MODEL.md section 5). Not the role: who has changed their mind is
    not fitted to what they thought before, even where the later answer serves as a check.
    """
    said = statement.statement
    return said.expert, said.question, tuple(sorted((said.given or {}).items()))


def states(
    statements: Sequence[SourcedStatement],
    as_of: dt.date | None = None,
    *,
    today: dt.date | None = None,
) -> Mapping[str, State]:
    """The state of each statement on a date (by default: of all that is known), by id.

    A statement is live from the last day that its date can mean, until a later one of the same
    person on the same question replaces it, or until it is withdrawn, expires or is resolved,
    likewise from the last day that the date of that can mean. What comes first decides, and what
    was replaced does not come back when its successor ends. Equal dates, which `check` reports as
    an error, follow each other by id, whatever the order of the files. Excluded statements replace
    nothing.

    Parameters
    ----------
    today
        With no `as_of`, an expiry after this day has not happened; by default the current day.
    """
    out: dict[str, State] = {}
    histories: defaultdict[object, list[SourcedStatement]] = defaultdict(list)
    for item in sorted(statements, key=lambda s: (s.last_day, s.statement.id)):
        if item.statement.role == "excluded":
            out[item.statement.id] = State("excluded")
        elif as_of is not None and item.last_day > as_of:
            out[item.statement.id] = State("not yet", item.last_day)
        else:
            histories[answer_key(item)].append(item)
    for history in histories.values():
        for earlier, later in pairwise(history):
            replaced = State("superseded", later.last_day, later.statement.id)
            out[earlier.statement.id] = _first(replaced, _ended(earlier, as_of, today))
        live = State("live", history[-1].last_day)
        out[history[-1].statement.id] = _ended(history[-1], as_of, today) or live
    return out


def _first(replaced: State, ended: State | None) -> State:
    """Which of the two came first; on the same day, the replacement."""
    if ended is None or replaced.since is None or ended.since is None:
        return replaced
    return ended if ended.since < replaced.since else replaced


def _ended(item: SourcedStatement, as_of: dt.date | None, today: dt.date | None) -> State | None:
    """The first ending of a statement that has come by a date; None where none has."""
    found = []
    for ending in item.endings:
        day = last_day(ending.date)
        if as_of is not None:
            known = day <= as_of
        else:  # all that is known: of endings, only an expiry is announced beforehand
            known = ending.how != "expired" or day <= (today or dt.date.today())
        if known:
            found.append((day, ending.how, ending.why))
    if not found:
        return None
    day, how, why = min(found)
    return State(how, day, why=why)


def live_ids(
    statements: Sequence[SourcedStatement], as_of: dt.date | None = None
) -> frozenset[str]:
    """Ids of the statements that are live on a date (by default: of all that is known)."""
    return frozenset(
        name for name, state in states(statements, as_of).items() if state.status == "live"
    )


def spans(statements: Sequence[SourcedStatement]) -> Mapping[str, Span]:
    """When each statement is live, by id; those that never are have no span."""
    final = states(statements, dt.date.max)
    found = {}
    for item in statements:
        state = final[item.statement.id]
        end = dt.date.max if state.status == "live" else state.since
        if end is not None and item.last_day < end:
            found[item.statement.id] = Span(item.last_day, end)
    return found
