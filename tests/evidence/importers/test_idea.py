"""IDEA: elicitr in all its widths, aggreCAT in both rounds, and intervals brought to one level."""

import csv

import pytest

from sweet_spot.evidence.importers import idea

FOUR = "name,v_min,v_max,v_best,v_conf\nAda,0.4,0.8,0.5,50\n"
SHARES = "name,option,category,confidence,estimate\nAda,o,x,80,0.25\nAda,o,y,80,0.75\n"
RATING = (
    "round,paper_id,user_name,question,element,value,group\n"
    "round_1,100,ada,rep,three_point_lower,30,G\n"
    "round_1,100,ada,rep,three_point_best,40,G\n"
    "round_2,100,ada,rep,three_point_best,45,G\n"
)


def test_the_sample_meets_the_rescaled_values(shared):
    formats = shared / "formats"
    with (formats / "idea" / "expected_rescaled_80.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for row in rows:
        found = idea.read(formats / row["file"], {"level": 80.0})
        mine = [(s.question, s.forecaster) == (row["var"], row["name"]) for s in found]
        (said,) = (item for item, wanted in zip(found, mine, strict=True) if wanted)
        wanted = [float(row[name]) for name in ("lower_80", "best", "upper_80")]
        assert said.values == pytest.approx(wanted, abs=1e-6)
        assert said.levels == (0.1, 0.5, 0.9)


def test_the_other_samples(shared):
    folder = shared / "formats" / "idea"
    first, second = (idea.read(folder / f"elicitr_round_{i}.csv", {}) for i in (1, 2))
    assert {said.forecaster for said in first} == {said.forecaster for said in second}
    assert {said.question for said in first} == {"var1", "var2", "var2[min]", "var2[max]", "var3"}
    shares = idea.read(folder / "elicitr_topic_3_head.csv", {})
    assert {said.unit for said in shares} == {"probability"}
    assert len(shares) == 25
    rated = idea.read(folder / "aggrecat_data_ratings_sample.csv", {})
    used = {said.forecaster: said.values for said in rated if said.role is None}
    assert used == {"7l8m7dmjdb": (39,), "bvpgcjm09w": (70,), "mnlww4qlq3": (65,)}
    assert len(rated) == 33


def test_four_points_are_stretched_to_the_level_that_is_asked_for(outside):
    (said,) = outside("idea", FOUR)
    assert said.values == pytest.approx((0.34, 0.5, 0.98))
    (said,) = outside("idea", FOUR, level=90)
    assert said.levels == (0.05, 0.5, 0.95)
    assert said.values == pytest.approx((0.32, 0.5, 1.04))


def test_an_impossible_end_lies_beyond_the_stated_one(outside):
    (said,) = outside("idea", FOUR, level=90, highest=1.0, lowest=0.35)
    assert said.values == ("<0.4", 0.5, ">0.8")


def test_three_points_have_a_level_only_where_it_was_agreed(outside):
    three = "name,v_min,v_max,v_best\nAda,1,3,2\n"
    best, low, high = outside("idea", three)
    assert (best.kind, best.values, best.role) == ("median", (2,), None)
    assert [(s.values, s.role) for s in (low, high)] == [((1,), "excluded"), ((3,), "excluded")]
    (said,) = outside("idea", three, confidence=80)
    assert said.values == (1, 2, 3)


def test_missing_answers_and_single_points(outside):
    said = outside("idea", "name,a_best,b_min,b_max,b_best\nAda,1,NA,NA,5\nBo,NA,1,2,NA\n")
    assert [(s.question, s.values) for s in said] == [("a", (1,)), ("b", (5,))]


def test_shares_are_fractions_or_per_cents_by_their_sum(outside):
    first, _ = outside("idea", SHARES)
    assert (first.question, first.values, first.unit) == ("o[x]", (0.25,), "probability")
    first, _ = outside("idea", SHARES.replace("0.25", "25").replace("0.75", "75"))
    assert (first.values, first.unit) == ((25,), "percent")


def test_the_last_round_counts_and_only_probabilities(outside):
    low, first, second = outside("idea", RATING)
    assert (low.question, low.role) == ("100:rep[three_point_lower]", "excluded")
    assert (first.role, first.reason) == ("excluded", idea.EARLIER_ROUND)
    assert (second.values, second.unit, second.role) == ((45,), "percent", None)
    yes_no = RATING.replace("three_point_lower,30", "binary_question,-1")
    assert outside("idea", yes_no)[0].reason == idea.NO_PROBABILITY


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FOUR.replace("50\n", "0\n"), ":2: v_conf is 0"),
        (FOUR.replace("50\n", "0.5\n"), "write the confidence in per cent"),
        (FOUR.replace("50\n", "101\n"), "v_conf is 101"),
        (FOUR.replace("0.5,", "0.9,"), "the best guess 0.9 is outside 0.4 to 0.8"),
        (FOUR.replace("0.8", "1e308"), "beyond 1e+100"),
        (FOUR + "Ada,1,2,1,50\n", ":3: 'Ada' stands twice"),
        (FOUR + "Bo,1,2\n", ":3: 3 cells, where the header has 5 columns"),
        (SHARES.replace("0.75", "0.5"), "'Ada' for 'o' add up to 0.75"),
        (SHARES.replace("o,y", "o,x"), "stands twice"),
        (SHARES.replace("0.25", "-0.25").replace("0.75", "1.25"), "no share"),
        (SHARES.replace("option", "choice"), "no column 'option'"),
        (RATING.replace("30", "130"), "write per cents, 0 to 100"),
        (RATING.replace("three_point_lower", "four"), "the element 'four' is not known"),
        (RATING.replace("round_2", "round_1"), "stands twice in one round"),
        (RATING.replace("user_name", "who"), "no column 'user_name'"),
        ("a,b\n1,2\n", "no file of elicitr or aggreCAT"),
    ],
)
def test_what_is_wrong_is_named(refused, text, message):
    assert message in refused("idea", text)


def test_settings_are_per_cents(refused):
    assert "level 100" in refused("idea", FOUR, level=100)
    assert "confidence -1" in refused("idea", FOUR, confidence=-1)
