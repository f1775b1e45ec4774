"""The steps of a history against a recomputation from the live sets of the ledger."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.ledger import live_ids, states
from sweet_spot.evidence.reading import SourcedStatement, sourced
from sweet_spot.evidence.records import Ending, Source, Statement
from sweet_spot.evidence.timeline import timeline

TODAY = dt.date(2026, 3, 10)
SOURCE = Source(title="t", url="u", date="2025-06")


def said(name: str, date: str, **changes) -> SourcedStatement:
    record = {
        "id": name, "expert": "Ada", "date": date, "question": "year", "kind": "median",
        "value": 2030.0, "unit": "year", "role": "evidence", "reason": "r", "verified": "yes",
        "location": "l", **changes,
    }  # fmt: skip
    return sourced(Path("a.yaml"), SOURCE, Statement(**record))


def ended(item: SourcedStatement, how: str, date: str) -> SourcedStatement:
    ending = Ending(statement=item.statement.id, how=how, date=date, why="because")
    return dataclasses.replace(item, endings=(*item.endings, ending))


def test_each_step_says_what_came_and_what_went() -> None:
    history = [
        said("a", "2025-01-10"),
        said("b", "2025-04-02"),
        ended(said("c", "2025-04-30", expert="Ben"), "withdrawn", "2025-05-03"),
        said("later", "2026", expert="Cem"),
        said("check", "2025-02-01", expert="Dee", role="check"),
        said("out", "2025-02-01", expert="Eve", role="excluded"),
    ]
    steps = timeline(history, today=TODAY)
    told = {s.label: (s.came, {k: str(v) for k, v in s.went.items()}) for s in steps}
    assert told == {
        "2025-01-31": (("a",), {}),
        "2025-02-28": ((), {}),
        "2025-03-31": ((), {}),
        "2025-04-30": (("b", "c"), {"a": "superseded by b since 2025-04-02"}),
        "2025-05-31": ((), {"c": "withdrawn since 2025-05-03: because"}),
        "all": (("later",), {}),
    }
    assert [s.label for s in steps if s.carried] == ["2025-02-28", "2025-03-31"]


def test_a_check_that_replaces_evidence_makes_it_go() -> None:
    steps = timeline([said("a", "2025-01-10"), said("b", "2025-02-02", role="check")], today=TODAY)
    assert [(s.label, *s.came, *s.went) for s in steps if not s.carried] == [
        ("2025-01-31", "a"), ("2025-02-28", "a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("every", "labels"),
    [("quarter", ["2025-03-31", "2025-06-30", "all"]), ("year", ["all"])],
)
def test_longer_periods(every: str, labels: list[str]) -> None:
    """The year is not over: its end is no step."""
    history = [said("a", "2025-01-10"), said("b", "2025-04-02")]
    assert [s.label for s in timeline(history, every, today=dt.date(2025, 11, 25))] == labels


def test_since_and_until() -> None:
    history = [said("a", "2025-01-10"), said("b", "2025-04-02", expert="Ben")]
    steps = timeline(history, since=dt.date(2025, 3, 1), until=dt.date(2025, 5, 12), today=TODAY)
    assert [(s.label, s.came) for s in steps] == [
        ("2025-03-31", ()), ("2025-04-30", ("b",)), ("2025-05-12", ()),
    ]  # fmt: skip
    assert steps[0].live == {"a"}


@pytest.mark.parametrize("until", [dt.date(2024, 12, 31), dt.date(2024, 12, 30)])
def test_until_is_a_step_where_nothing_is_said_yet(until: dt.date) -> None:
    for history in ([said("a", "2025-01-10")], []):
        (step,) = timeline(history, until=until, today=TODAY)
        assert (step.day, step.live, step.carried) == (until, frozenset(), True)


def test_no_evidence_has_one_step() -> None:
    assert [(s.label, s.live) for s in timeline([], today=TODAY)] == [("all", frozenset())]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"every": "week"}, "--every week: choose one of month, quarter, year"),
     ({"since": dt.date(2026, 1, 1), "until": dt.date(2025, 1, 1)}, "--since 2026-01-01 is after")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(wrong: dict, message: str) -> None:
    with pytest.raises(SweetSpotError, match=message):
        timeline([said("a", "2025-01-10")], **wrong)


dates = st.sampled_from(["2024", "2025", "2025-01", "2025-12", "2025-06-15", "2026-02-28", "2026"])
ends = st.sampled_from(["2024", "2025-01", "2025-06-15", "2025-08-01", "2026-05"])
hows = st.sampled_from(["withdrawn", "expired", "resolved"])
rows = st.lists(
    st.tuples(
        dates, st.sampled_from(["Ada", "Ben"]), st.sampled_from(["year", "gap"]),
        st.sampled_from(["evidence", "evidence", "check", "excluded"]),
        st.lists(st.tuples(hows, ends), max_size=1),
    ),
    max_size=12,
)  # fmt: skip


@hypothesis_settings(max_examples=150)
@given(rows, st.sampled_from(["month", "quarter", "year"]))
def test_steps_are_those_of_the_live_sets(rows: list, every: str) -> None:
    history = []
    for k, (when, who, what, role, endings) in enumerate(rows):
        item = said(f"s{k:02d}", when, expert=who, question=what, role=role)
        for how, date in endings:
            item = ended(item, how, date)
        history.append(item)
    serving = {s.statement.id for s in history if s.statement.role == "evidence"}
    months = {"month": 1, "quarter": 3, "year": 12}[every]
    day, days = dt.date(2023, 12, 31), []
    while day <= TODAY:
        after = day + dt.timedelta(days=1)
        if after.day == 1 and (after.month - 1) % months == 0:
            days.append(day)
        day = after
    steps = timeline(history, every, today=TODAY)
    shown = [s.day for s in steps[:-1]]
    assert shown == [d for d in days if shown and shown[0] <= d <= shown[-1]]
    assert steps[-1].day is None
    before: frozenset[str] = frozenset()
    for step in steps:
        final = states(history, today=TODAY)
        live = live_ids(history, step.day) & serving
        if step.day is None:
            live = {n for n, state in final.items() if state.status == "live"} & serving
        assert step.live == live
        assert step.came == tuple(sorted(live - before))
        assert set(step.went) == before - live
        assert all(state.status != "live" for state in step.went.values())
        before = step.live
    # whatever was live at the end of some period is live at some step
    assert {live_ids(history, d) & serving for d in days} - {frozenset()} <= {s.live for s in steps}
