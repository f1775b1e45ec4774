"""Supersession and endings against a straightforward recomputation on random histories."""

import dataclasses
import datetime as dt
import random
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from sweet_spot.evidence.ledger import Span, State, answer_key, live_ids, spans, states
from sweet_spot.evidence.reading import SourcedStatement, sourced
from sweet_spot.evidence.records import Ending, Source, Statement, last_day

TODAY = dt.date(2025, 10, 1)
SOURCE = Source(title="t", url="u", date="2025-06")


def said(name: str, date: str | None = "2025-03-01", **changes) -> SourcedStatement:
    record = {
        "id": name, "expert": "Ada", "date": date, "question": "year", "kind": "median",
        "value": 2030.0, "unit": "year", "role": "evidence", "reason": "r", "verified": "yes",
        "location": "l", **changes,
    }  # fmt: skip
    return sourced(Path("a.yaml"), SOURCE, Statement(**record))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_later_statement_supersedes_from_its_date_on() -> None:
    history = [said("b", "2025-09-05"), said("a", "2025-03-01")]
    assert live_ids(history) == {"b"}
    assert live_ids(history, day("2025-09-05")) == {"b"}
    assert live_ids(history, day("2025-09-04")) == {"a"}
    assert live_ids(history, day("2025-02-28")) == set()


def test_states_say_why() -> None:
    history = [
        said("a", "2024"),
        said("b", "2025-02"),
        said("c", "2025-09-05"),
        said("d", "2026-01-01"),
        said("x", "2025-10-01", role="excluded"),
    ]
    found = states(history, day("2025-12-31"))
    assert found == {
        "a": State("superseded", day("2025-02-28"), "b"),
        "b": State("superseded", day("2025-09-05"), "c"),
        "c": State("live", day("2025-09-05")),
        "d": State("not yet", day("2026-01-01")),
        "x": State("excluded"),
    }
    assert [str(found[name]) for name in "acdx"] == [
        "superseded by b since 2025-02-28",
        "live since 2025-09-05",
        "not yet: from 2026-01-01",
        "excluded",
    ]


@pytest.mark.parametrize(
    ("date", "last"),
    [("2024", "2024-12-31"), ("2024-02", "2024-02-29"), ("2024-02-03", "2024-02-03"),
     (None, "2025-06-30")],
)  # fmt: skip
def test_live_from_the_last_day_that_the_date_can_mean(date: str | None, last: str) -> None:
    item = said("a", date)
    assert states([item])["a"] == State("live", day(last))
    assert live_ids([item], day(last)) == {"a"}
    assert live_ids([item], day(last) - dt.timedelta(days=1)) == set()


@pytest.mark.parametrize(
    "other", [{"expert": "Ben"}, {"question": "gap"}, {"given": {"years_bought": 1.0}}]
)
def test_other_people_questions_and_conditions_stay(other: dict) -> None:
    assert live_ids([said("a"), said("b", "2025-05-01", **other)]) == {"a", "b"}


def test_a_condition_is_the_same_in_any_order() -> None:
    one = said("a", given={"years_bought": 1.0, "danger_gap": 0.5})
    other = said("b", "2025-05-01", given={"danger_gap": 0.5, "years_bought": 1.0})
    assert live_ids([one, other]) == {"b"}


def test_a_later_check_replaces_evidence_and_an_exclusion_does_not() -> None:
    assert live_ids([said("a"), said("b", "2025-05-01", role="check")]) == {"b"}
    assert live_ids([said("a"), said("b", "2025-05-01", role="excluded")]) == {"a"}


def test_equal_dates_follow_each_other_by_id() -> None:
    history = [said("a"), said("c"), said("b")]
    for order in (history, history[::-1]):
        assert live_ids(order) == {"c"}
        assert states(order)["a"] == State("superseded", day("2025-03-01"), "b")


def ended(item: SourcedStatement, how: str, date: str, why: str = "why") -> SourcedStatement:
    ending = Ending(statement=item.statement.id, how=how, date=date, why=why)
    return dataclasses.replace(item, endings=(*item.endings, ending))


@pytest.mark.parametrize("how", ["withdrawn", "expired", "resolved"])
def test_an_ending_counts_from_its_date_on(how: str) -> None:
    item = ended(said("a"), how, "2025-09-05", "retracted")
    assert states([item], day("2025-09-04"))["a"] == State("live", day("2025-03-01"))
    found = states([item], day("2025-09-05"))["a"]
    assert found == State(how, day("2025-09-05"), why="retracted")
    assert str(found) == f"{how} since 2025-09-05: retracted"
    assert spans([item]) == {"a": Span(day("2025-03-01"), day("2025-09-05"))}


def test_the_first_of_several_ends_decides() -> None:
    first = ended(ended(said("a"), "resolved", "2025-12"), "withdrawn", "2025-11")
    assert states([first])["a"] == State("withdrawn", day("2025-11-30"), why="why")
    later = said("b", "2025-06-01")
    assert states([first, later])["a"] == State("superseded", day("2025-06-01"), "b")
    assert states([ended(said("a"), "withdrawn", "2025-05-01"), later])["a"].status == "withdrawn"
    same = ended(said("a"), "withdrawn", "2025-06-01")
    assert states([same, later])["a"].status == "superseded"


def test_what_was_replaced_does_not_come_back() -> None:
    assert live_ids([said("a"), ended(said("b", "2025-05-01"), "withdrawn", "2025-06-01")]) == set()


def test_an_expiry_may_be_announced() -> None:
    item = ended(said("a"), "expired", "2027-01-01")
    assert states([item], today=day("2026-12-31"))["a"].status == "live"
    assert states([item], today=day("2027-01-01"))["a"].status == "expired"
    assert states([item], day("2027-01-01"))["a"].status == "expired"


dates = st.sampled_from(["2024", "2025", "2025-01", "2025-12", "2025-06-15", "2025-12-31", None])
hows = st.sampled_from(["withdrawn", "expired", "resolved"])
ends = st.sampled_from(["2024", "2025-01", "2025-06-15", "2025-08-01", "2026"])
rows = st.lists(
    st.tuples(
        dates, st.sampled_from(["Ada", "Ben"]), st.sampled_from(["year", "gap"]),
        st.sampled_from([None, {"years_bought": 1.0}, {"years_bought": 2.0}]),
        st.sampled_from(["evidence", "evidence", "check", "excluded"]),
        st.lists(st.tuples(hows, ends), max_size=2),
    ),
    max_size=12,
)  # fmt: skip
as_of = st.none() | st.dates(dt.date(2023, 12, 1), dt.date(2026, 2, 1))


def plainly_live(history: list[SourcedStatement], date: dt.date | None) -> set[str]:
    """A statement is live if it counts, nothing that counts comes after it, and it has no end."""
    known = [
        item
        for item in history
        if item.statement.role != "excluded" and (date is None or item.last_day <= date)
    ]
    return {
        item.statement.id
        for item in known
        if not any(
            answer_key(other) == answer_key(item)
            and (other.last_day, other.statement.id) > (item.last_day, item.statement.id)
            for other in known
        )
        and not any(
            last_day(end.date) <= (date or (TODAY if end.how == "expired" else dt.date.max))
            for end in item.endings
        )
    }


def history_of(rows: list) -> list[SourcedStatement]:
    history = []
    for k, (when, who, what, condition, role, endings) in enumerate(rows):
        item = said(f"s{k:02d}", when, expert=who, question=what, given=condition, role=role)
        for how, date in endings:
            item = ended(item, how, date)
        history.append(item)
    return history


@pytest.mark.parametrize("part", range(4))  # 4 x 250 histories, so that workers can share them
def test_live_set_is_that_of_a_plain_recomputation(part: int) -> None:
    @seed(part)
    @settings(max_examples=250, database=None, derandomize=False)
    @given(rows, as_of)
    def live_sets_agree(rows: list, date: dt.date | None) -> None:
        history = history_of(rows)
        found = states(history, date, today=TODAY)
        live = {name for name, state in found.items() if state.status == "live"}
        assert live == plainly_live(history, date)
        if date is not None:
            known = spans(history)
            assert live == {n for n, (start, end) in known.items() if start <= date < end}

    live_sets_agree()


@settings(max_examples=100)
@given(rows, as_of, st.randoms(use_true_random=False))
def test_supersession(rows: list, date: dt.date | None, shuffled: random.Random) -> None:
    history = history_of(rows)
    found = states(history, date)
    assert found.keys() == {item.statement.id for item in history}  # nothing is ever deleted
    by_id = {item.statement.id: item for item in history}
    for name, state in found.items():
        if state.status == "superseded":
            by = by_id[state.by]
            assert answer_key(by) == answer_key(by_id[name])
            assert by_id[name].last_day <= by.last_day == state.since
            assert name in live_ids(history, state.since - dt.timedelta(days=1)) or (
                by_id[name].last_day == state.since
            )
        elif state.why is not None:
            ends = {last_day(end.date) for end in by_id[name].endings}
            assert state.since == min(ends)
    shuffled.shuffle(history)
    assert states(history, date) == found
