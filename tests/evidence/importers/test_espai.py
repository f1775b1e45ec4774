"""ESPAI rows: both ways of asking, the unequal last horizons, and awkward answers kept apart."""

import json

import pytest

from sweet_spot.evidence.importers.espai import oddities

COLUMNS = [f"{stem}_{n}" for stem in ("hb_a", "hb_b", "hj_a_full", "hj_b_full") for n in (1, 2, 3)]


def table(group, **cells):
    head = ",".join(["ResponseId", *COLUMNS, "treat_assign"])
    row = ",".join(["r1", *(str(cells.get(column, "")) for column in COLUMNS), group])
    return f"{head}\n{row}\n"


def years(stem, *values):
    return table("Fixed years", **{f"{stem}_{n}": v for n, v in enumerate(values, 1)})


def chances(stem, *values):
    return table("Fixed probabilities", **{f"{stem}_{n}": v for n, v in enumerate(values, 1)})


@pytest.mark.parametrize(
    ("stem", "question", "last"), [("hb_b", "hlmi", 40), ("hj_b_full", "full_automation", 50)]
)
def test_chances_within_given_years(outside, stem, question, last):
    (said,) = outside("espai", years(stem, 1, 20, 80))
    assert (said.question, said.kind, said.unit) == (question, "probability", "percent")
    assert (said.values, said.events) == ((1, 20, 80), ("< 10", "< 20", f"< {last}"))


def test_years_to_given_chances(outside):
    (said,) = outside("espai", chances("hb_a", 5, 10, 17))
    assert (said.kind, said.unit, said.levels) == ("quantile", "years", (0.1, 0.5, 0.9))
    assert said.values == (5, 10, 17)


def test_calendar_years_count_from_the_day_of_answering(outside):
    (said,) = outside("espai", chances("hb_a", 5, 10, 17), origin=2023.8)
    assert (said.values, said.unit) == ((2028.8, 2033.8, 2040.8), "year")
    (said,) = outside("espai", years("hb_b", 1, 20, 80), origin=2023.8)
    assert said.events == ("< 2033.8", "< 2043.8", "< 2063.8")


def test_a_missing_answer_leaves_the_others(outside):
    (said,) = outside("espai", years("hb_b", 1, "", 80))
    assert (said.values, said.events) == ((1, 80), ("< 10", "< 40"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (years("hb_b", 1, 20, 180), ":2: a chance is 180 percent"),
        (chances("hb_a", -1, 20, 180), ":2: -1 years"),
        (chances("hb_a", 1, 20, "1e308"), ":2: hb_a_3 is '1e308', beyond"),
        (years("hb_b", 1, 2, 3).replace("Fixed", "Fluid"), ":2: treat_assign is 'Fluid years'"),
    ],
)
def test_errors(refused, text, message):
    assert refused("espai", text).startswith(message)


def test_the_sample_against_its_counts(outside, shared):
    expected = json.loads((shared / "formats/expected_counts.json").read_text())["espai/sample"]
    found = outside("espai", shared / "formats" / "espai" / "espai2023_hlmi_faol_sample.csv")
    assert len(found) == expected["rows"]
    by_chance = [said for said in found if said.kind == "probability"]
    assert len(by_chance) == expected["fixed_years_rows"]
    assert len(found) - len(by_chance) == expected["fixed_probabilities_rows"]
    for question, name in (("hlmi", "hlmi"), ("full_automation", "faol")):
        horizons = {said.events for said in by_chance if said.question == question}
        wanted = tuple(f"< {years}" for years in expected[f"horizons_{name}_fixed_years"])
        assert horizons == {wanted}

    def odd(word):
        return [said.forecaster for said in found if word in said.reason.split("; ")]

    assert odd("0 or 100 percent") == expected["rows_with_a_0_or_100_percent"]
    assert odd("all equal") == expected["rows_all_three_equal"]
    assert odd("0 years") == expected["rows_with_0_years"]
    assert odd("above 10000 years") == expected["rows_above_10000_years"]
    assert odd("perhaps a calendar year") == expected["rows_with_a_value_from_1900_to_2200"]
    assert [s.forecaster for s in found if s.role == "excluded"] == ["r15", "r17"]


def test_nothing_is_odd_about_a_plain_answer():
    assert oddities((5, 10, 20), is_chance=False) == []
    assert oddities((5, 10, 20), is_chance=True) == []
