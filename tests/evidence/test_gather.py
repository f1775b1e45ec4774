"""Statements as one dataset: its contract, its order, its digest."""

import datetime as dt
import random
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sweet_spot.errors import InvalidRecord, MissingData, UnknownQuestion
from sweet_spot.evidence.gather import (
    COLUMNS,
    FORMS,
    Evidence,
    assemble,
    describe,
    digest,
    gather,
)
from sweet_spot.evidence.reading import (
    SourcedStatement,
    data_files,
    read_elicitations,
    read_questions,
    sourced,
)
from sweet_spot.evidence.records import Question, Source, Statement

SOURCE = Source(title="A forecast", url="https://example.org", date="2025-06")


def ask(name: str, quantity: str, unit: str, **changes) -> Question:
    record = {
        "id": name, "wording": "w", "quantity": quantity, "unit": unit, "topic": "timelines",
        "direction": 1, "fidelity": "loose", "fidelity_reason": "r", **changes,
    }  # fmt: skip
    return Question(**record)


QUESTIONS = (
    ask("year", "year_automation", "year"),
    ask("gap", "years_between_speedups(5, 25)", "years", via="years_per_dex_before"),
    ask("schemers", "scheming", "share", event="> 0.5"),
    ask("unused", "danger_gap", "dex"),
)


def said(name: str, **changes) -> SourcedStatement:
    record = {
        "id": name, "expert": "Ada", "date": "2025-03-01", "question": "year",
        "kind": "quantile", "levels": [0.1, 0.5, 0.9], "values": [2027, 2030.5, ">2050"],
        "unit": "year", "role": "evidence", "reason": "r", "verified": "yes", "location": "l",
        **changes,
    }  # fmt: skip
    return sourced(Path("a.yaml"), SOURCE, Statement(**record))


CHANCE = {
    "question": "schemers", "kind": "probability", "levels": None, "values": None, "value": "<0.2",
    "unit": "probability",
}  # fmt: skip
LENGTH = {
    "question": "gap", "kind": "median", "levels": None, "values": None, "value": 8,
    "unit": "months",
}  # fmt: skip
GIVEN = {"year_at_speedup(5)": 2030.5, "years_bought": 1.0}


def history() -> dict[str, SourcedStatement]:
    items = [
        said("old", date="2024"),
        said("new", people=3, cluster="friends"),
        said("ben", expert="Ben", date=None),
        said("chance", role="check", **CHANCE),
        said("length", given=GIVEN, **LENGTH),
        said("left-out", expert="Cleo", role="excluded", question="unused"),
    ]
    return {item.statement.id: item for item in items}


def assembled(items: dict[str, SourcedStatement]) -> Evidence:
    return assemble(QUESTIONS, list(items.values()))


def test_contract() -> None:
    evidence = assembled(history())
    table = evidence.statements
    assert table.sizes == {"statement": 5}
    assert table["statement"].to_numpy().tolist() == ["ben", "chance", "length", "new", "old"]
    assert set(table.data_vars) == set(COLUMNS)
    for name, kind in COLUMNS.items():
        assert table[name].dims == ("statement",)
        assert table[name].dtype.kind == np.dtype(kind).kind, name
    assert [q.id for q in evidence.questions] == ["gap", "schemers", "year"]
    assert {str(t.quantity) for t in evidence.targets} == {
        "year_automation", "scheming", "years_between_speedups(5, 25)",
    }  # fmt: skip


def test_rows() -> None:
    evidence = assembled(history())
    row = {name: column.item() for name, column in
           evidence.statements.sel(statement="new").data_vars.items()}  # fmt: skip
    assert FORMS[row["form"]] == "centre"
    assert row["observed"] == pytest.approx(np.log(6.5))
    labels = ("expert", "cluster", "people", "live", "evidence", "dated", "date", "state")
    assert [row[name] for name in labels] == [
        "Ada", "friends", 3, 1, 1, 1, "2025-03-01", "live since 2025-03-01",
    ]  # fmt: skip
    assert str(evidence.targets[row["target"]].quantity) == "year_automation"
    old = evidence.statements.sel(statement="old")
    assert old["live"] == 0
    assert old["state"] == "superseded by new since 2025-03-01"
    ben = evidence.statements.sel(statement="ben")
    assert (ben["cluster"], ben["people"], ben["dated"], ben["date"]) == ("Ben", 1, 0, "2025-06")


def test_as_of() -> None:
    table = assemble(QUESTIONS, list(history().values()), dt.date(2025, 2, 28)).statements
    assert table["statement"][table["live"] == 1].to_numpy().tolist() == ["old"]
    assert table["state"].sel(statement="ben") == "not yet: from 2025-06-30"


@pytest.mark.parametrize("kept", [5, 0])
def test_netcdf_holds_it(tmp_path: Path, kept: int) -> None:
    table = assemble(QUESTIONS, list(history().values())[:kept]).statements
    table.to_netcdf(tmp_path / "said.nc")
    with xr.open_dataset(tmp_path / "said.nc") as back:
        xr.testing.assert_equal(back.load(), table)
    for name, kind in COLUMNS.items():
        assert table[name].dtype.kind == np.dtype(kind).kind


def test_order_does_not_matter(checkout: Path) -> None:
    files = data_files(checkout / "data")
    questions, items = read_questions(files.questions), read_elicitations(files.elicitations)
    straight = assemble(questions, items)
    for seed in range(3):
        mixed, asked = list(items), list(questions)
        random.Random(seed).shuffle(mixed)
        random.Random(seed).shuffle(asked)
        other = assemble(asked, mixed)
        xr.testing.assert_identical(other.statements, straight.statements)
        assert (other.questions, other.targets) == (straight.questions, straight.targets)
        assert digest(other) == digest(straight)


def test_order_of_a_condition_does_not_matter() -> None:
    turned = dict(reversed(GIVEN.items()))
    items = [said("a", given=GIVEN, **LENGTH), said("b", expert="Ben", given=turned, **LENGTH)]
    assert len(assemble(QUESTIONS, items).targets) == 1


def test_the_condition_of_the_question_is_added() -> None:
    asked = [ask("gap", "danger_gap", "dex", given={"scheming": 0.5, "years_bought": 2.0})]
    item = said("a", given={"years_bought": 1.0}, **{**LENGTH, "unit": "dex"})
    (only,) = assemble(asked, [item]).targets
    assert {q.name: value for q, value in only.given} == {"scheming": 0.5, "years_bought": 1.0}


CHANGES = {
    "value": {"values": [2027, 2031, ">2050"]},
    "bound": {"values": [2027, 2030.5, ">2051"]},
    "unit-free text": {"verified": "secondary"},
    "people": {"people": 4},
    "cluster": {"cluster": "strangers"},
    "expert": {"expert": "Dora"},
    "date": {"date": "2025-03-02"},
    "role": {"role": "check"},
    "condition": {"given": {"years_bought": 1.0}},
}


def changed(name: str, changes: dict) -> str:
    """The digest with one statement changed."""
    items = history()
    record = items[name].statement.model_dump() | changes
    return digest(assembled({**items, name: sourced(Path("a"), SOURCE, Statement(**record))}))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_digest_sees_a_change_of_a_live_statement(change: dict) -> None:
    assert changed("new", change) != digest(assembled(history()))


def test_digest_sees_a_change_of_a_live_question() -> None:
    items = list(history().values())
    plain = digest(assemble(QUESTIONS, items))
    asked = {q.id: q for q in QUESTIONS}
    for field, value in {"direction": 0, "fidelity": "close", "quantity": "year_dangerous"}.items():
        year = asked["year"].model_copy(update={field: value})
        assert digest(assemble([*asked.values(), year], items)) != plain
    unused = asked["unused"].model_copy(update={"direction": 0})
    assert digest(assemble([*asked.values(), unused], items)) == plain


def test_digest_sees_of_a_dead_statement_only_what_its_question_s_scale_is_made_from() -> None:
    plain = digest(assembled(history()))
    shifted = {"values": [2028, 2033, ">2050"]}  # another centre, and so another spread
    assert changed("old", shifted) != plain
    assert changed("old", {"role": "check"}) != plain
    assert changed("old", {"values": [2027, 2030.5, ">2040"]}) == plain  # same fit
    assert changed("old", {"verified": "secondary", "people": 9, "date": "2023"}) == plain


def test_digest_forgets_a_question_that_nothing_live_answers() -> None:
    early = dt.date(2025, 2, 28)
    items = history()
    plain = digest(assemble(QUESTIONS, list(items.values()), early))
    del items["chance"]
    assert digest(assemble(QUESTIONS, list(items.values()), early)) == plain
    assert digest(assemble(QUESTIONS, list(items.values()))) != plain


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "10 %: 2027, 50 %: 2030.5, 90 %: >2050 (year)"),
        ({"levels": [0.025, 0.5, 0.975]}, "2.5 %: 2027, 50 %: 2030.5, 97.5 %: >2050 (year)"),
        (CHANCE, "P(scheming > 0.5) <0.2"),
        ({**CHANCE, "value": 20.0, "unit": "percent"}, "P(scheming > 0.5) = 20 (percent)"),
        (LENGTH, "median 8 (months)"),
        (
            {**LENGTH, "given": {"years_bought": 0.25}},
            "median 8 (months) given years_bought = 0.25",
        ),
        ({**LENGTH, "kind": "bound", "value": ">0"}, "bound >0 (months)"),
    ],
)
def test_describe(changes: dict, text: str) -> None:
    item = said("a", **changes)
    asked = {q.id: q for q in QUESTIONS}
    assert describe(item, asked[item.statement.question]) == text


def test_unknown_question() -> None:
    with pytest.raises(UnknownQuestion, match=r"a: there is no question 'yaer'.*mean year"):
        assemble(QUESTIONS, [said("a", question="yaer")])


def test_gather_checks_first(toy, tmp_path: Path) -> None:
    assert gather(toy.folder).statements.sizes == {"statement": 1}
    toy.say({"levels": [0.9, 0.5, 0.1]}, {"id": "second", "expert": "B", "unit": "years"})
    with pytest.raises(InvalidRecord, match=r"one\.yaml(?s:.*)error\(s\) in all: run `sweet-spot"):
        gather(toy.folder)
    with pytest.raises(MissingData):
        gather(tmp_path / "nowhere")


def test_the_collection(checkout: Path) -> None:
    evidence = gather(checkout / "data")
    table = evidence.statements
    assert np.isfinite(table["observed"]).all()
    assert np.isfinite(table["threshold"]).all()
    assert not (table["spread"] < 0).any()
    flagged = table["statement"][table["consistent"] == 0].to_numpy().tolist()
    # published as later than 2100 at 90 %, where the line through the rest says 2029
    assert flagged == ["ai2027-takeoff-asi-date"]
