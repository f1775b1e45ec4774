"""Interval notation: each dialect's meaning of one text, and what must not be misread."""

import csv
import math
import re

import pytest
from scipy import stats

from sweet_spot.evidence.importers.intervals import parse

HEAD = "forecaster,question_id,dialect,expression,unit\n"


@pytest.mark.parametrize(
    ("dialect", "text", "family", "levels"),
    [
        ("squiggle", "2 to 8", "lognormal", (0.05, 0.95)),
        ("squiggle", "normal({p10: -2, p90: 8})", "normal", (0.1, 0.9)),
        ("squigglepy", "sq.to(2, 8, credibility=50)", "lognormal", (0.25, 0.75)),
        ("squigglepy", "sq.norm(-2, 8)", "normal", (0.05, 0.95)),
        ("squigglepy", "sq.lognorm(2, 8)", "lognormal", (0.05, 0.95)),
        ("squigglepy", "0 to 8", "normal", (0.05, 0.95)),
        ("guesstimate", "2 to 8", "lognormal", (0.05, 0.95)),
        ("guesstimate", "-2 to 8", "normal", (0.05, 0.95)),
        ("ai2027-params", "[2, 8]", "lognormal", (0.1, 0.9)),
    ],
)
def test_dialects(dialect, text, family, levels):
    found = parse(text, dialect)
    assert (found.family, found.levels) == (family, pytest.approx(levels))
    exact = stats.norm if family == "normal" else stats.lognorm
    if family == "normal":
        distribution = exact(found.mu, found.sigma)
    else:
        distribution = exact(found.sigma, scale=math.exp(found.mu))
    assert distribution.ppf(found.levels) == pytest.approx((found.low, found.high))
    assert found.median == pytest.approx(distribution.median(), abs=1e-12)


@pytest.mark.parametrize(
    "text", ["[5,10]", "[5, 10]", "5 -> 10", "5->10", "5..10", "5:10", "5 to 10", "5.0 .. 10"]
)
def test_guesstimate_has_many_ways_to_say_one_thing(text):
    found = parse(text, "guesstimate")
    assert (found.low, found.high) == (5, 10)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("1,000,000 to 2,500,000", 1e6, 2.5e6),
        ("[1,000, 2,000]", 1000, 2000),
        ("[1,000,2,000]", 1000, 2000),
        ("1K to 2.5M", 1e3, 2.5e6),
        ("3B to 1T", 3e9, 1e12),
        ("7% to 29%", 0.07, 0.29),
        ("$5 to $10", 5, 10),
        ("1e3 to 1e4", 1e3, 1e4),
    ],
)
def test_numbers_keep_all_their_digits(text, low, high):
    found = parse(text, "guesstimate")
    assert (found.low, found.high) == (low, high)


def test_counts_are_a_beta_distribution():
    found = parse("3 of 10", "guesstimate")
    assert found.family == "beta"
    assert stats.beta(9, 21).cdf([found.low, found.high]) == pytest.approx((0.05, 0.95))


@pytest.mark.parametrize(
    ("dialect", "text", "message"),
    [
        ("squiggle", "-10 to 10", "reaches 0 or below, but is lognormal"),
        ("squiggle", "0 to 10", "reaches 0 or below"),
        ("squiggle", "10 to 5", "does not rise"),
        ("squiggle", "5m to 10", "is no interval"),  # there, m is a thousandth
        ("squiggle", "5 -> 10", "is no interval"),
        ("squiggle", "normal({p90: 5, p10: 10})", "levels of .* do not rise"),
        ("squigglepy", "sq.to(5, 10, credibility=0.8)", "not between 1 and 100"),
        ("squigglepy", "sq.to(5, 10, credibility=8.0.0)", "is no interval"),
        ("guesstimate", "[1,000,200,000]", "is no interval"),
        ("guesstimate", "10 of 3", "0 < a < b"),
        ("guesstimate", "1e999 to 1e1000", "is no interval|beyond"),
        ("guesstimate", "1 to " + "9" * 300, "longer than 200"),
        ("ai2027-params", "5 to 10", "is no interval"),
        ("squigle", "5 to 10", "did you mean squiggle"),
    ],
)
def test_what_is_refused(dialect, text, message):
    with pytest.raises(ValueError, match=message):
        parse(text, dialect)


def test_a_table_of_intervals(outside):
    (said,) = outside("notation", HEAD + 'Ada,gap,guesstimate,"[1,000, 2,000]",days\n')
    assert (said.kind, said.values, said.unit) == ("quantile", (1000, 2000), "days")
    assert said.levels == pytest.approx((0.05, 0.95))
    (said,) = outside("notation", HEAD + "Ada,gap,guesstimate,3 of 10,share\n")
    assert said.condition == "the distribution '3 of 10'"


def test_errors_name_the_line(refused):
    text = HEAD + "Ada,gap,guesstimate,1 to 2,days\nAda,gap,squiggle,-1 to 2,days\n"
    assert refused("notation", text).startswith(":3: the interval '-1 to 2' reaches 0 or below")


def test_vectors(shared):
    with (shared / "formats/notation/interval_notation_vectors.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        text = re.sub(r" under a .* key$", "", row["expression"])
        if row["family"] == "error":
            with pytest.raises(ValueError, match="reaches 0 or below"):
                parse(text, row["dialect"])
            continue
        found = parse(text, row["dialect"])
        wanted = [float(row[name]) for name in ("mu", "sigma", "median")]
        assert found.family == row["family"]
        assert (found.mu, found.sigma, found.median) == pytest.approx(wanted, abs=1e-6), row
    assert len(rows) == 14
