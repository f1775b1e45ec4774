"""FRI conditionals: three questions a row, against independent counts of the whole file."""

import json

import pytest

from sweet_spot.evidence.importers.fri import conditionals

HEAD = "person,Camp,ID,PU,Pc,PUc\n"


def test_a_row_is_up_to_three_probabilities(outside):
    risk, crux, given = outside("fri", HEAD + "Ada,Concerned,Power cut,1e-04,0.5,0.25\n")
    assert [said.question for said in (risk, crux, given)] == [
        "PU:Power cut",
        "Pc:Power cut",
        "PUc:Power cut",
    ]
    assert (risk.values, crux.values, given.values) == ((1e-4,), (0.5,), (0.25,))
    assert "given that the crux 'Power cut'" in given.condition
    assert not risk.condition
    assert {said.cluster for said in (risk, crux, given)} == {"Concerned"}


def test_an_answer_that_is_not_there_is_left_out(outside):
    found = outside("fri", HEAD + "Ada,Concerned,Power cut,0.1,NA,0.25\n")
    assert [said.question[:3] for said in found] == ["PU:", "PUc"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Ada,Concerned,Power cut,1.5,0.5,0.2\n", ":2: PU is 1.5"),
        ("Ada,Concerned,Power cut,inf,0.5,0.2\n", ":2: PU is 'inf', not a number"),
        ("Ada,Concerned,,0.5,0.5,0.2\n", ":2: ID is empty"),
        ("Ada,C,x,0.5,0.5,0.2\n" * 2, ":3: 'Ada' answers 'x' here and on line 2"),
        ("Ada,Concerned,Power cut,0.1\n", ":2: 4 cells"),
    ],
)
def test_errors(refused, rows, message):
    assert refused("fri", HEAD + rows).startswith(message)


def test_the_whole_file_against_its_counts(outside, shared):
    expected = json.loads((shared / "formats" / "expected_counts.json").read_text())
    expected = expected["fri/FORECASTS"]
    path = shared / "formats" / "fri" / "FORECASTS.csv"
    rows = list(conditionals(path))
    complete = [row for row in rows if row.complete]
    assert len(rows) == expected["rows"]
    assert len({row.person for row in rows}) == expected["people"]
    assert len({row.crux for row in rows}) == expected["cruxes"]
    assert len(complete) == expected["complete_rows"]
    above = [r for r in complete if r.crux_probability * r.risk_given_crux > r.risk]
    assert len(above) == expected["rows_with_PUc_times_Pc_above_PU"]
    risks = [row.risk for row in rows if row.risk is not None]
    assert (min(risks), max(risks)) == (expected["min_PU"], expected["max_PU"])
    values = [v for r in rows for v in (r.risk, r.crux_probability, r.risk_given_crux)]
    assert len(outside("fri", path)) == len([v for v in values if v is not None])
