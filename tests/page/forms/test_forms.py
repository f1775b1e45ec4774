"""What was typed, as what a statement says: nothing is rounded, filled in or dropped."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from sweet_spot.errors import InvalidAnswer
from sweet_spot.evidence.reading import read_questions
from sweet_spot.page.forecast_file import Said, checked, own_file, save, statement_of
from sweet_spot.page.forecast_forms import (
    CHIPS,
    MOST_FIELDS,
    clean_fields,
    clean_name,
    default_edges,
    edges_of,
    stated,
    unit_of,
    ways_of,
)
from sweet_spot.page.forecast_taking import in_words

DAY = dt.date(2026, 3, 1)


@pytest.fixture
def asked(small_data: Path):
    return {q.id: q for q in read_questions(small_data / "questions.yaml")}


def test_quantiles_stay_as_typed(asked) -> None:
    fields = {"value_0": "2027.5", "value_2": " 2031", "value_4": ">2100"}
    found = stated({k: v.strip() for k, v in fields.items()}, asked["automation"], DAY)
    assert found == {
        "kind": "quantile", "unit": "year", "levels": [0.05, 0.5, 0.95],
        "values": [2027.5, 2031.0, ">2100"],
    }  # fmt: skip
    alone = stated({"value_3": "NEVER"}, asked["automation"], DAY)
    assert alone == {"kind": "quantile", "unit": "year", "level": 0.75, "value": "never"}


def test_chips_are_a_distribution_function(asked) -> None:
    """20 chips: the share below an edge, wherever there are chips on both sides of it."""
    fields = {"how": "chips", "edges": "2028, 2030 2034;2040", "chip_1": "4", "chip_3": "10",
              "chip_4": "6"}  # fmt: skip
    found = stated(fields, asked["automation"], DAY)
    assert found["events"] == ["< 2030", "< 2034", "< 2040"]
    np.testing.assert_allclose(found["values"], np.cumsum([4, 0, 10]) / CHIPS, rtol=1e-15)
    assert found["unit"] == "probability"


def test_probabilities_are_sorted_by_threshold_and_keep_bounds(asked) -> None:
    fields = {"how": "probability", "threshold_0": "2040", "percent_0": "60 %",
              "threshold_2": "2028", "percent_2": "<1"}  # fmt: skip
    found = stated(fields, asked["automation"], DAY)
    assert found == {
        "kind": "probability", "unit": "percent", "events": ["< 2028", "< 2040"],
        "values": ["<1", 60.0],
    }  # fmt: skip
    assert stated({"percent": "30%"}, asked["schemers"], DAY)["value"] == 30.0
    assert ways_of(asked["schemers"]) == ("probability",)


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({}, "value_2"),
        ({"value_2": "soon"}, "value_2: 'soon' is not a value"),
        ({"value_2": "30%"}, "value_2"),
        ({"value_2": "nan"}, "value_2"),
        ({"value_2": "1e999"}, "value_2"),
        ({"how": "chips"}, "chip_0: 20 chips are to be placed, and these are 0"),
        ({"how": "chips", "chip_1": "21"}, "chip_0"),
        ({"how": "chips", "chip_1": "-1", "chip_2": "21"}, "chip_1"),
        ({"how": "chips", "chip_1": "20"}, "chip_0: the chips lie in fewer than three bins"),
        ({"how": "chips", "chip_1": "10", "chip_2": "10"}, "chip_0: the chips lie"),
        ({"how": "chips", "edges": "2030 2029", "chip_0": "20"}, "edges"),
        ({"how": "chips", "edges": " ".join(map(str, range(2030, 2060)))}, "edges"),
        ({"how": "probability"}, "threshold_0"),
        ({"how": "probability", "threshold_0": "2030"}, "percent_0"),
        ({"how": "probability", "threshold_0": "never", "percent_0": "3"}, "threshold_0"),
    ],
)
def test_what_is_missing_or_no_number_is_said_with_its_field(asked, fields, begins: str) -> None:
    with pytest.raises(InvalidAnswer) as refused:
        stated(fields, asked["automation"], DAY)
    assert str(refused.value).startswith(begins)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"value_0": "2040", "value_2": "2030"}, "2030"),
        ({"how": "probability", "threshold_0": "2030", "percent_0": "130"}, "between 0 and 100"),
        ({"how": "probability", "threshold_0": "2030", "percent_0": "50", "threshold_1": "2040",
          "percent_1": "20"}, "2040"),
        ({"value_2": "<<3"}, "not a value"),
    ],
)  # fmt: skip
def test_the_rules_of_files_judge_forms(asked, small_data: Path, fields, says: str) -> None:
    with pytest.raises(InvalidAnswer, match=says):
        checked(fields, asked["automation"], Said("Ada", DAY, "a"), small_data)


def test_fields_are_bounded_and_others_dropped() -> None:
    assert clean_fields([("sheet", "2"), ("value_1", " 3 "), ("_xsrf", "x")]) == {"value_1": "3"}
    with pytest.raises(InvalidAnswer, match="at most 64 fields"):
        clean_fields([("value_1", "3")] * (MOST_FIELDS + 1))
    with pytest.raises(InvalidAnswer, match="half a character"):
        clean_fields([("reason", "\ud800")])
    assert clean_fields([("reason", "a\x00b\u202ec\r\nd")]) == {"reason": "a b c\nd"}
    assert clean_name(" Ada \n Example ") == "Ada Example"
    with pytest.raises(InvalidAnswer):
        clean_name("...")


def test_bins_follow_from_the_unit_alone(asked) -> None:
    """No model and nobody's answer is behind them: they would anchor."""
    assert default_edges("year", DAY) == edges_of({}, asked["coder"], DAY)
    assert edges_of({}, asked["coder"], DAY) == edges_of({}, asked["automation"], DAY)
    assert all(np.diff(default_edges(unit_of(q), DAY)).min() > 0 for q in asked.values())


def test_a_quantity_with_an_atom_is_a_check(asked) -> None:
    said = statement_of({"percent": "40"}, asked["spot"], Said("Ada", DAY, "a"))
    assert said.role == "check"


def test_files_are_never_replaced(asked, tmp_path: Path) -> None:
    file = own_file({"automation": {"value_2": "2030"}}, asked, "Ada", DAY)
    paths = [save(file, tmp_path / "new", "ada") for _ in range(3)]
    assert [path.name for path in paths] == ["ada.yaml", "ada-2.yaml", "ada-3.yaml"]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        ("value_2: 'soon' is not a value", "'soon' is not a value"),
        ("values[2]: 2030 lies below 2040; compare with the source: they rise",
         "2030 lies below 2040"),
        ("chip_0: 20 chips are to be placed", "20 chips are to be placed"),
        ("threshold_1: 'x' is not a number", "Threshold 2: 'x' is not a number"),
        ("percent_0: write how probable it is", "Probability 1: write how probable it is"),
        ("percent: write how probable it is", "Probability: write how probable it is"),
        ("edges: each must be larger", "Where the bins end: each must be larger"),
        ("The answer is: no", "The answer is: no"),
    ],
)  # fmt: skip
def test_whoever_fills_in_a_form_reads_no_names_of_fields(problem: str, told: str) -> None:
    assert in_words(problem) == told
