"""Tidy tables: what rows of each kind become, what holds them together, and Parquet alike."""

import time

import pytest

from sweet_spot.errors import MissingData

HEAD = "forecast_id,question_id,forecaster,kind,level,value,unit,made_at,bound\n"


def table(*rows):
    return HEAD + "\n".join(rows) + "\n"


def test_rows_of_one_forecast_are_one_statement_in_order_of_level(outside):
    (said,) = outside(
        "tidy",
        table(
            "a,year,Ada,quantile,0.9,>2100,year,2025-04-01T10:00,",
            "a,year,Ada,quantile,0.1,2027,year,2025-04-01T10:00,",
            "a,year,Ada,quantile,0.5,2031.25,year,2025-04-01T10:00,",
        ),
    )
    assert said.levels == (0.1, 0.5, 0.9)
    assert said.values == (2027, 2031.25, ">2100")
    assert (said.kind, said.unit, said.date, said.line) == ("quantile", "year", "2025-04-01", 2)


def test_without_forecast_ids_rows_are_held_together_by_what_they_agree_in(outside):
    text = (
        "dataset,question_id,expert_id,kind,level,value,date,round\n"
        "d,q,E1,quantile,0.05,10,,1\nd,q,E1,quantile,0.5,20,,1\nd,q,E1,quantile,0.5,25,,2\n"
        "d,r,E1,binary_prob,,0.25,2022-02,\n"
    )
    first, second, third = outside("tidy", text)
    assert (first.levels, first.values) == ((0.05, 0.5), (10, 20))
    assert (second.levels, second.values) == ((0.5,), (25,))
    assert (third.kind, third.values, third.date) == ("probability", (0.25,), "2022-02")


@pytest.mark.parametrize(
    ("row", "kind", "values", "events"),
    [
        ("a,q,Ada,binary,,0.2,,,", "probability", (0.2,), ()),
        ("a,q,Ada,conditional,,0.2,,,", "probability", (0.2,), ()),
        ("a,q,Ada,cdf,2030,0.2,,,", "probability", (0.2,), ("< 2030",)),
        ("a,q,Ada,cdf,2030.5,2,percent,,", "probability", (2,), ("< 2030.5",)),
        ("a,q,Ada,median,,12,years,,", "median", (12,), ()),
        ("a,q,Ada,mean,,12,years,,", "mean", (12,), ()),
        ("a,q,Ada,bound,,2100,year,,lower", "bound", (">2100.0",), ()),
        ("a,q,Ada,bound,,2100,year,,upper", "bound", ("<2100.0",), ()),
        ("a,q,Ada,bound,,<2100,year,,", "bound", ("<2100",), ()),
        ("a,q,Ada,median,,N/A,year,,lower", "median", ("never",), ()),
        ("a,q,Ada,median,,never,year,,", "median", ("never",), ()),
    ],
)
def test_kinds_and_bounds(outside, row, kind, values, events):
    (said,) = outside("tidy", table(row))
    assert (said.kind, said.values, said.events) == (kind, values, events)


def test_each_option_is_a_question_of_its_own(outside):
    rows = ("a,q,Ada,category,yes,0.7,,,", "a,q,Ada,category,no,0.3,,,")
    yes, no = outside("tidy", table(*rows))
    assert (yes.question, yes.values, no.question, no.values) == ("q[yes]", (0.7,), "q[no]", (0.3,))


def test_chips_become_the_chance_of_lying_below_each_upper_edge(outside):
    rows = ('a,q,Ada,chips,"(10, 20]",1,,,', 'a,q,Ada,chips,"(0, 10]",3,,,')
    (said,) = outside("tidy", table(*rows))
    assert (said.events, said.values) == (("< 10", "< 20"), (0.75, 1.0))


def test_pooled_rows_and_machines_are_marked(outside):
    text = (
        "question_id,forecaster,kind,value,is_aggregate,method,n_forecasters,is_bot,role\n"
        "q,,binary,0.3,true,recency_weighted,12,false,\nq,gpt,binary,0.4,,,,yes,excluded\n"
    )
    pooled, machine = outside("tidy", text)
    assert (pooled.forecaster, pooled.people, pooled.is_aggregate) == ("recency_weighted", 12, True)
    assert (machine.is_bot, machine.role, machine.is_aggregate) == (True, "excluded", False)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,q,Ada,quantile,0.5,nan,year,,", ":2: value is 'nan', not a number"),
        ("a,q,Ada,quantile,0.5,1e308,year,,", ":2: value is '1e308', beyond 1e+100"),
        ("a,q,Ada,quantile,0.5,>1e308,year,,", ":2: value is '>1e308', beyond 1e+100"),
        ("a,q,Ada,quantile,0.5,'1,year,,", ":2: value is "),
        ("a,q,Ada,quantile,50,2030,year,,", ":2: the level 50 is not between 0 and 1"),
        ("a,q,Ada,quantile,0.5,2030,year", ":2: 7 cells, where the header has 9 columns"),
        ("a,q,Ada,quantile,0.5,2030,year,May,", ":2: made_at is 'May', not a date"),
        ("a,q,Ada,sample,1,2030,year,,", ":2: the kind 'sample' cannot be imported"),
        ("a,q,Ada,median,,2030,year,,left", ":2: bound is 'left'"),
        ("a,q,,median,,2030,year,,", ":2: forecaster is empty"),
        ("a,q,Ada,chips,10,1,,,", ":2: level is '10'; write a bin"),
        ('a,q,Ada,median,,"2030,year,,', ":2: this is no CSV"),
    ],
)
def test_one_error_names_line_and_column(refused, row, message):
    assert refused("tidy", table(row)).startswith(message)


def test_rows_that_contradict_each_other(refused):
    first = "a,q,Ada,median,,2030,year,,"
    assert "forecaster differs from line 2" in refused(
        "tidy", table(first, first.replace("Ada", "Ben"))
    )
    assert ":3: a second row" in refused("tidy", table(first, first))
    twice = "a,q,Ada,quantile,0.5,2030,year,,"
    assert "the level 0.5 stands twice" in refused("tidy", table(twice, twice))


def test_missing_columns_are_named(refused):
    assert refused("tidy", "forecaster,kind,value\na,b,c\n").startswith(
        ":1: no column 'question_id'"
    )
    assert "no column 'forecaster'" in refused("tidy", "question_id,kind,value\na,b,c\n")


def test_a_hundred_thousand_rows(outside):
    rows = (
        f"f{i // 5},q{i // 5 % 7},E{i // 5},quantile,{(i % 5 + 1) / 10},{i},year,2025,"
        for i in range(100_000)
    )
    text = table(*rows)
    started = time.process_time()
    assert len(outside("tidy", text)) == 20_000
    assert (
        time.process_time() - started < 20
    )  # of the processor: it takes 1, a quadratic reader 100


def test_tables_of_the_project_in_the_same_columns(outside, shared):
    found = outside("tidy", shared / "benchmarks" / "cooke_sej" / "forecasts.csv")
    rows = (shared / "benchmarks" / "cooke_sej" / "forecasts.csv").read_text().count("\n") - 1
    assert sum(len(said.values) for said in found) == rows


def test_parquet_reads_as_the_same_table_in_csv(outside, tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    content = {
        "question_id": ["q", "q"],
        "forecaster": ["Ada", "Ada"],
        "kind": ["quantile", "quantile"],
        "level": [0.1, 0.5],
        "value": [2027.5, 2031.0],
        "unit": ["year", "year"],
    }
    parquet.write_table(arrow.table(content), tmp_path / "table.parquet")
    (said,) = outside("tidy", tmp_path / "table.parquet")
    (same,) = outside(
        "tidy",
        "question_id,forecaster,kind,level,value,unit\n"
        "q,Ada,quantile,0.1,2027.5,year\nq,Ada,quantile,0.5,2031.0,year\n",
    )
    assert said == same


def test_a_broken_parquet_table_is_refused(refused, outside):
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        with pytest.raises(MissingData, match="needs the package pyarrow"):
            outside("tidy", b"PAR1 and no more")
    else:
        assert "this is no Parquet table" in refused("tidy", b"PAR1 and no more")
