"""Who is in a crowd, and what its rows hold."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweet_spot.evidence.crowds import BOUNDS, MOST_ALONE, voices
from sweet_spot.evidence.gather import Evidence, assemble
from sweet_spot.evidence.reading import SourcedStatement, sourced
from sweet_spot.evidence.records import Question, Source, Statement

DATE = Question.model_validate({
    "id": "date", "wording": "when", "quantity": "year_automation", "unit": "year",
    "topic": "timelines", "direction": 1, "fidelity": "loose", "fidelity_reason": "a test",
})  # fmt: skip


def said(number: int, value: float | str, source: str = "survey", **own: Any) -> SourcedStatement:
    content = {
        "id": f"s{number:04d}", "expert": f"P{number:04d}", "question": "date", "kind": "median",
        "value": value, "unit": "year", "role": "evidence", "reason": "asks", "verified": "yes",
        "location": "table", "date": "2025-03", **own,
    }  # fmt: skip
    about = Source(title=source, url="none", date="2025-03")
    return sourced(Path("x.yaml"), about, Statement.model_validate(content))


def evidence(*statements: SourcedStatement, as_of: dt.date | None = None) -> Evidence:
    return assemble([DATE], statements, as_of)


def club(people: int, **own: Any) -> list[SourcedStatement]:
    values = 2030 + 30 * np.random.default_rng(1).random(people)
    return [said(k, float(value), cluster="club", **own) for k, value in enumerate(values)]


def test_the_border() -> None:
    few = evidence(*club(MOST_ALONE)).statements
    assert few.sizes["statement"] == MOST_ALONE
    assert not few["crowd"].any()
    many = evidence(*club(MOST_ALONE + 1)).statements
    assert many["count"].to_numpy().tolist() == [MOST_ALONE + 1]
    assert many["crowd"].to_numpy().tolist() == [MOST_ALONE + 1]


def test_mean_squares_and_spread_are_those_of_the_statements() -> None:
    people = [
        said(k, value, cluster="club", kind="quantile", levels=[0.1, 0.5, 0.9], values=spread)
        for k, value, spread in (
            (k, None, [2030.0 + k, 2036.0 + 2 * k, 2048.0 + 4 * k]) for k in range(50)
        )
    ]  # fmt: skip
    row = evidence(*people).statements.isel(statement=0)
    years = np.array([item.statement.values for item in people]) - 2024
    centres = np.log(years).mean(1)  # levels lie evenly around the median
    assert float(row["observed"]) == pytest.approx(centres.mean(), rel=1e-12)
    assert float(row["squares"]) == pytest.approx(((centres - centres.mean()) ** 2).sum())
    z = 1.2815515655446004
    spreads = (np.log(years[:, 2]) - np.log(years[:, 0])) / (2 * z)
    assert float(row["spread"]) == pytest.approx(np.median(spreads), rel=1e-9)


def test_groups_and_others_stay_as_they_are() -> None:
    """A number that pools people, and who is in no cluster in a source of few."""
    table = evidence(
        *club(40), said(900, 2040, cluster="club", people=12), said(901, 2050, source="other")
    ).statements
    assert table["count"].to_numpy().tolist() == [40, 1, 1]
    assert table["expert"].to_numpy().tolist() == ["crowd of club", "P0900", "P0901"]
    assert voices(table, np.ones(3, bool)) == (42, 42)


def test_the_source_is_the_cluster_of_its_people() -> None:
    """Of many who are in none: they answered one survey. Few of another stay clusters of one."""
    values = 2030 + 300 * np.random.default_rng(1).random(500) ** 3
    others = [said(900 + k, 2040, source="other") for k in range(MOST_ALONE)]
    table = evidence(*others, *(said(k, float(v)) for k, v in enumerate(values))).statements
    assert sorted(table["count"].to_numpy().tolist()) == [*[1] * MOST_ALONE, 500]
    assert "survey" in table["cluster"].to_numpy()
    assert (table["cluster"] == table["expert"]).to_numpy().sum() == MOST_ALONE


def test_bounds_are_rows_of_their_own() -> None:
    """Alike ones together; of very many different ones classes."""
    people = club(40)
    never = [said(100 + k, "never", cluster="club") for k in range(20)]
    later = [said(200 + k, f">{2100 + k}", cluster="club") for k in range(300)]
    table = evidence(*people, *never).statements
    assert table["count"].to_numpy().tolist() == [40, 20]
    assert table["side"].to_numpy().tolist() == [0, 1]
    many = evidence(*people, *later).statements
    assert many.sizes["statement"] <= BOUNDS + 1
    assert int(many["count"].sum()) == 340


def test_rows_are_the_same_on_every_date() -> None:
    """What is live is a matter of rows, so that a compiled model serves all dates."""
    early = club(40)
    late = [said(k + 500, 2050.0, cluster="club", date="2025-09", expert=f"P{k:04d}")
            for k in range(10)]  # fmt: skip
    tables = [
        evidence(*early, *late, as_of=day).statements
        for day in (dt.date(2025, 4, 1), dt.date(2025, 10, 1), None)
    ]
    for table in tables[:2]:
        same = ["count", "observed", "squares"]
        assert table[same].equals(tables[2][same])
    lives = [table["live"].to_numpy() @ table["count"].to_numpy() for table in tables]
    assert lives == [40, 40, 40]
    assert [int(table["live"].sum()) for table in tables] == [2, 2, 2]
    assert "superseded by later answers" in " ".join(tables[2]["state"].to_numpy())


def test_files_in_any_order() -> None:
    people = [*club(60), *(said(100 + k, "never", cluster="club") for k in range(5))]
    assert evidence(*people).statements.identical(evidence(*people[::-1]).statements)
