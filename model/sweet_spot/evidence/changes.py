"""What is new between two states of the ledger, entry by entry; the ledger with only some of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sweet_spot.evidence.reading import SourcedStatement


@dataclass(frozen=True)
class Entry:
    """A statement that is new, or a new end of one.

    Attributes
    ----------
    statement
        The id of the statement that it is, or ends.
    ends
        How it ends the statement; empty for a new statement.
    expert
        Whose statement it is.
    """

    statement: str
    expert: str
    ends: str = ""

    def __str__(self) -> str:
        return f"{self.statement} ({self.ends})" if self.ends else self.statement


def entries(
    before: Sequence[SourcedStatement], after: Sequence[SourcedStatement]
) -> tuple[Entry, ...]:
    """The statements and endings that are new, in order of id."""
    old = {item.statement.id: item for item in before}
    found = []
    for item in sorted(after, key=lambda each: each.statement.id):
        name, expert = item.statement.id, item.statement.expert
        if name not in old:
            found.append(Entry(name, expert))
        known = old[name].endings if name in old else ()
        found += [Entry(name, expert, end.how) for end in item.endings if end not in known]
    return tuple(found)


def only(
    after: Sequence[SourcedStatement], new: Collection[Entry], kept: Collection[Entry]
) -> tuple[SourcedStatement, ...]:
    """The ledger after a change of which only some entries were made.

    An end of a statement that is itself left out goes with it.
    """
    left_out = set(new) - set(kept)
    stays = []
    for item in after:
        name, expert = item.statement.id, item.statement.expert
        if Entry(name, expert) not in left_out:
            ends = (e for e in item.endings if Entry(name, expert, e.how) not in left_out)
            stays.append(replace(item, endings=tuple(ends)))
    return tuple(stays)
