"""SHELF: quantiles, roulette of several and of one, sessions; and edges that R has ruined."""

import json

import pytest

from sweet_spot.evidence.importers import shelf

QUANTILES = '"","A","B"\n"L",0,1\n"0.25",2,3\n"0.5",4,5\n"U",8,9\n'
ROULETTE = '"","(0-10]","(10-20]","(20-30]"\n"A",1,2,1\n"B",0,4,0\n'


def test_the_roulette_sample_meets_its_cumulative_values(shared):
    folder = shared / "formats"
    expected = json.loads((folder / "expected_counts.json").read_text())
    wanted = expected["shelf/judgements_roulette_elicitMultiple"]
    found = shelf.read(folder / "shelf" / "judgements_roulette_elicitMultiple.csv", {})
    assert {said.forecaster: said.values for said in found} == {
        name: pytest.approx(values, abs=1e-12) for name, values in wanted["cumulative"].items()
    }
    for said in found:
        assert list(said.events) == [f"< {edge}" for edge in wanted["upper_edges"]]
    (alone,) = shelf.read(folder / "shelf" / "roulette_single_elicit.csv", {"expert": "Ada"})
    assert (alone.forecaster, alone.values) == ("Ada", found[0].values)


def test_the_samples_of_quantiles_and_sessions(shared):
    folder = shared / "formats" / "shelf"
    found = shelf.read(folder / "judgements_quantiles_elicitMultiple.csv", {})
    whole = {said.forecaster: said.values for said in found if said.kind == "quantile"}
    wanted = {"A": (2028.5, 2030, 2033), "B": (2030, 2033, 2040), "C": (2031, 2036, 2048)}
    assert whole == wanted
    ada = shelf.read(folder / "session_tertiles_elicitSHELF.csv", {})[0]
    assert ada.levels == pytest.approx((1 / 3, 1 / 2, 2 / 3))
    assert ada.values == (20, 30, 42)


def test_limits_are_a_check_of_their_own(outside):
    whole, limits, *_ = outside("shelf", QUANTILES)
    assert (whole.question, whole.levels, whole.values) == ("outside", (0.25, 0.5), (2, 4))
    assert (limits.question, limits.role) == ("outside[limits]", "check")
    assert (limits.events, limits.values) == (("< 0", "< 8"), (0, 1))


def test_quartiles_missing_answers_and_mangled_headers(outside):
    said = outside("shelf", '"","A","B"\n"Q1",1,NA\n"M",2,5\n"Q3",3,NA\n')
    assert [(s.levels, s.values) for s in said] == [((0.25, 0.5, 0.75), (1, 2, 3)), ((0.5,), (5,))]
    mangled = ROULETTE.replace("(", "X.").replace("-", ".").replace("]", ".")
    assert outside("shelf", mangled) == outside("shelf", ROULETTE)
    (negative,) = outside("shelf", '"","(-10--5]","(-5-1e+02]"\n"A",1,1\n')
    assert negative.events == ("< -5", "< 100")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROULETTE.replace("(10-20]", "(2030-2030]"), "its edges were cut to three digits"),
        (ROULETTE.replace("(10-20]", "(30-20]"), "is empty"),
        (ROULETTE.replace("(10-20]", "(10-15]"), "a bin ends at 15 and the next begins at 20"),
        (ROULETTE.replace("(10-20]", "X..5.1.0."), "check.names = FALSE"),
        (ROULETTE.replace("4", "0"), ":3: 'B' has no chips"),
        (ROULETTE.replace("4", "-4"), "has no chips, or less than none"),
        (ROULETTE.replace("4", "1e308"), "beyond 1e+100"),
        (QUANTILES.replace('"0.25",2', '"0.25",7'), "the values of 'A' fall"),
        (QUANTILES.replace("0.25", "0.5"), ":4: the row '0.5' stands twice"),
        (QUANTILES.replace("0.25", "25"), "25 is not inside 0 to 1"),
        (QUANTILES.replace("0.25", "T3"), "the probability is 'T3', not a number"),
        (QUANTILES.replace("8", "nan8"), "not a number"),
        ('"A"\n1\n', "one column"),
        ('"","A\nB"\n"M",1\n', "is the name of a column"),
    ],
)
def test_what_is_wrong_is_named(refused, text, message):
    assert message in refused("shelf", text)
