"""Which statements are live on a date: roles and supersession. Nothing is ever deleted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from sweet_spot.evidence.reading import SourcedStatement

Status = Literal["live", "superseded", "not yet", "excluded"]


@dataclass(frozen=True)
class State:
    """What a statement is on a date.

    Attributes
    ----------
    status
        "not yet" where it was made, or may have been made, after the date.
    since
        The day from which it is so; of "not yet", the day from which it will be live; None for
        "excluded".
    by
        Of a superseded statement: the id of the next one of the same person.
    """

    status: Status
    since: dt.date | None = None
    by: str | None = None

    def __str__(self) -> str:
        if self.status == "superseded":
            return f"superseded by {self.by} since {self.since}"
        if self.status == "not yet":
            return f"not yet: from {self.since}"
        return f"live since {self.since}" if self.status == "live" else self.status


def answer_key(statement: SourcedStatement) -> tuple[str, str, tuple[tuple[str, float], ...]]:
    """What a later statement of the same person must share to replace this one.

    Person, question and condition (MODEL.md section 5). Not the role: who has changed their mind is
    not fitted to what they thought before, even where the later answer serves as a check.
    """
    said = statement.statement
    return said.expert, said.question, tuple(sorted((said.given or {}).items()))


def states(
    statements: Sequence[SourcedStatement], as_of: dt.date | None = None
) -> Mapping[str, State]:
    """The state of each statement on a date (by default: of all that is known), by id.

    A statement is live from the last day that its date can mean, until a later one of the same
    person on the same question replaces it. Equal dates, which `check` reports as an error, follow
    each other by id, whatever the order of the files. Excluded statements replace nothing.
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
            out[earlier.statement.id] = replaced
        out[history[-1].statement.id] = State("live", history[-1].last_day)
    return out


def live_ids(
    statements: Sequence[SourcedStatement], as_of: dt.date | None = None
) -> frozenset[str]:
    """Ids of the statements that are live on a date (by default: of all that is known)."""
    return frozenset(
        name for name, state in states(statements, as_of).items() if state.status == "live"
    )
