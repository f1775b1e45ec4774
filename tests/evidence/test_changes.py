"""What is new in the ledger, and the ledger with only some of it."""

import datetime as dt
from pathlib import Path

import pytest

from sweet_spot.evidence.changes import Entry, entries, only
from sweet_spot.evidence.ledger import live_ids
from sweet_spot.evidence.reading import SourcedStatement
from sweet_spot.evidence.records import Ending, Source, Statement

SOURCE = Source(title="A source", url="https://example.org/a", date="2025-06")


def said(name: str, expert: str, date: str, *ends: Ending) -> SourcedStatement:
    statement = Statement(
        id=name, expert=expert, date=date, question="q", kind="median", value=1.0, unit="year",
        role="evidence", reason="why", verified="yes", location="p. 1",
    )  # fmt: skip
    return SourcedStatement(Path("a.yaml"), SOURCE, statement, date, False, ends)


GONE = Ending(statement="bob", how="withdrawn", date="2025-09", why="a slip")
BEFORE = [said("ann", "Ann", "2025-01"), said("bob", "Bob", "2025-02")]
AFTER = [
    said("ann", "Ann", "2025-01"),
    said("bob", "Bob", "2025-02", GONE),
    said("ann-2", "Ann", "2025-08"),
    said("cat", "Cat", "2025-08"),
]
NEW = (Entry("ann-2", "Ann"), Entry("bob", "Bob", "withdrawn"), Entry("cat", "Cat"))


def test_new_statements_and_endings_are_entries() -> None:
    assert entries(BEFORE, AFTER) == NEW
    assert entries(AFTER, AFTER) == ()
    assert [str(entry) for entry in NEW] == ["ann-2", "bob (withdrawn)", "cat"]


def test_an_ending_of_a_new_statement_is_an_entry_of_its_own() -> None:
    assert entries(BEFORE[:1], AFTER[:2]) == (Entry("bob", "Bob"), Entry("bob", "Bob", "withdrawn"))
    left = only(AFTER[:2], entries(BEFORE[:1], AFTER[:2]), [Entry("bob", "Bob", "withdrawn")])
    assert [item.statement.id for item in left] == ["ann"]  # the ending goes with its statement


@pytest.mark.parametrize(
    ("kept", "live"),
    [
        ((), {"ann", "bob"}),
        (NEW[:1], {"ann-2", "bob"}),
        (NEW[1:2], {"ann"}),
        (NEW[2:], {"ann", "bob", "cat"}),
        (NEW, {"ann-2", "cat"}),
    ],
)
def test_only_some_entries(kept: tuple[Entry, ...], live: set[str]) -> None:
    """A statement left out supersedes nothing; an ending left out ends nothing."""
    left = only(AFTER, NEW, kept)
    assert live_ids(left, dt.date(2026, 1, 1)) == live
