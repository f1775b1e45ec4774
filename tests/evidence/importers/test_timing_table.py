"""Timing tables: chances by a year, years at a chance, and what N/A means in each."""

import json
import statistics

import pytest

TABLE = """\
forecaster,made_at,p_by_2050,p_by_2030,year_at_50pct,year_at_90pct
Ada,2023-01-21,0.5,0.25,2050,N/A
Ben,2023-01-21,0.5,N/A,,>2300
"""


def test_both_halves_of_a_row(outside):
    chances, years, ben, later = outside("timing-table", TABLE)
    assert (chances.events, chances.values) == (("< 2031", "< 2051"), (0.25, 0.5))
    assert (years.levels, years.values) == ((0.5, 0.9), (2050, "never"))
    assert (chances.date, chances.unit, years.unit) == ("2023-01-21", "probability", "year")
    assert (ben.events, ben.values) == (("< 2051",), (0.5,))
    assert (later.levels, later.values) == ((0.9,), (">2300",))


def test_by_a_year_may_mean_by_its_beginning(outside):
    chances = outside("timing-table", TABLE, by="start")[0]
    assert chances.events == ("< 2030", "< 2050")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE.replace("0.25", "25"), ":2: a probability is 25"),
        (TABLE.replace("0.25", "1e999"), ":2: p_by_2030 is '1e999', beyond"),
        (TABLE.replace("2050,N/A", "soon,N/A"), ":2: year_at_50pct is 'soon'"),
        (TABLE.replace("p_by_", "p_before_").replace("year_at", "y"), ":1: no column is named"),
        (TABLE.replace("forecaster", "who"), ":1: no column 'forecaster'"),
    ],
)
def test_errors(refused, text, message):
    assert refused("timing-table", text).startswith(message)


def test_an_unknown_edge(refused):
    assert "by is 'middle'" in refused("timing-table", TABLE, by="middle")


@pytest.fixture
def samotsvety(outside, shared):
    expected = json.loads((shared / "formats" / "expected_counts.json").read_text())
    found = outside("timing-table", shared / "formats/timing_tables/samotsvety_2023_agi.csv")
    return found, expected["timing_tables/samotsvety_2023_agi"]


def test_the_published_table_against_its_counts(samotsvety):
    found, expected = samotsvety
    chances = [said for said in found if said.kind == "probability"]
    years = [said for said in found if said.kind == "quantile"]
    assert len({said.forecaster for said in found}) == expected["people"]
    assert sum(len(said.values) for said in chances) == expected["records_of_kind_cdf"]
    assert sum(len(said.values) for said in years) == expected["records_of_kind_quantile"]
    nineties = [said.values[2] for said in years]
    stated = [value for value in nineties if value != "never"]
    assert nineties.count("never") == expected["open_quantiles"]
    assert len(stated) == expected["mean_of_year_at_90pct_is_over"]
    assert statistics.median(stated) == expected["median_year_at_90pct_open_dropped"]
    kept = [float("inf") if value == "never" else value for value in nineties]
    assert statistics.median(kept) == expected["median_year_at_90pct_open_kept_as_later"]


def test_the_published_means_and_what_is_left_after_2025(samotsvety):
    found, expected = samotsvety
    chances = {said.forecaster: said.values for said in found if said.kind == "probability"}
    years = {said.forecaster: said.values for said in found if said.kind == "quantile"}
    published = list(expected["mean_published"].values())
    for index in range(3):
        mean = statistics.mean(values[index] for values in chances.values())
        assert mean == pytest.approx(published[index], abs=0.00501)  # two digits are published
        stated = [v[index] for v in years.values() if v[index] != "never"]
        assert int(statistics.mean(stated)) == pytest.approx(published[3 + index], abs=1)
    assert sorted(expected["given_not_by_end_2025"]) == [
        name for name, values in years.items() if values[0] == 2025
    ]
    for name, left in expected["given_not_by_end_2025"].items():
        given = [(chance - 0.1) / 0.9 for chance in chances[name]]
        assert given == pytest.approx(list(left.values()), abs=1e-6)
