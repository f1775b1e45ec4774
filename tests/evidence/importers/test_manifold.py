"""Manifold: prices of markets of every kind, and a history made from bets that moved the price."""

import json

import pytest

from sweet_spot.evidence.importers import manifold

MARKET = {
    "id": "m", "question": "Will it?", "outcomeType": "BINARY", "probability": 0.25,
    "lastBetTime": 1_767_225_600_000, "uniqueBettorCount": 3, "isResolved": False,
}  # fmt: skip
BET = {"contractId": "m", "createdTime": 1_767_225_600_000, "probBefore": 0.2, "probAfter": 0.3}


@pytest.fixture
def read(outside):
    return lambda content: outside("manifold", json.dumps(content))


def test_the_bets_of_the_sample(shared):
    expected = json.loads((shared / "formats" / "expected_counts.json").read_text())
    wanted = expected["manifold/bets_example"]["points_of_price_history"]
    path = shared / "formats" / "manifold" / "bets_example.json"
    prices = manifold.price_history(path)
    assert [[round(p.moment.timestamp() * 1000), p.probability] for p in prices] == wanted
    (said,) = manifold.read(path, {})
    assert (said.date, said.is_aggregate) == ("2022-08-02", True)


def test_the_market_of_the_sample(shared):
    (said,) = manifold.read(shared / "formats" / "manifold" / "lite_market_example.json", {})
    assert said.values == (0.8958175225896258,)
    assert said.expires == "2022-05-30"  # it is resolved


def test_a_market_is_one_pooled_opinion(read):
    for content in (MARKET, [MARKET]):
        (said,) = read(content)
        assert (said.question, said.values, said.people) == ("m", (0.25,), 3)
        assert (said.is_aggregate, said.date, said.text) == (True, "2026-01-01", "Will it?")


def test_answers_are_questions_of_their_own(read):
    answers = [{"id": "1", "text": "A", "probability": 0.2}, {"id": "2", "probability": 0.8}]
    said = read({**MARKET, "outcomeType": "MULTIPLE_CHOICE", "answers": answers})
    assert [(item.question, item.values) for item in said] == [("m[A]", (0.2,)), ("m[2]", (0.8,))]


@pytest.mark.parametrize(
    ("changes", "kind", "value"),
    [
        ({"min": 0, "max": 200}, "mean", 50),
        ({"min": 0, "max": 999, "isLogScale": True, "probability": 0.5}, "median", 1000**0.5 - 1),
    ],
)
def test_numeric_prices_become_values(read, changes, kind, value):
    (said,) = read({**MARKET, "outcomeType": "PSEUDO_NUMERIC", **changes})
    assert (said.kind, said.unit) == (kind, "")
    assert said.values == pytest.approx((value,), rel=1e-9)


def test_prices_come_from_bets_that_moved_them(read):
    first, second, last = read(
        [
            {**BET, "createdTime": BET["createdTime"] + 90_000_000, "probAfter": 0.5},
            {**BET, "probBefore": 0.3, "limitProb": 0.5},
            {**BET, "createdTime": BET["createdTime"] + 1, "probAfter": 0.4},
            BET,
        ]
    )
    assert [said.values for said in (first, second, last)] == [(0.3,), (0.4,), (0.5,)]
    assert [said.role for said in (first, second, last)] == ["excluded", None, None]
    (said,) = read([{**BET, "answerId": "x"}])
    assert said.question == "m[x]"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"message": "Not found"}, "an error of the API: 'Not found'"),
        ([], "holds no market and no bet"),
        ([BET, MARKET], "this is no market of Manifold"),
        ([{"id": 1}], "[0]: this is no market"),
        ({**MARKET, "probability": 2}, "probability: 2 is no probability"),
        ({**MARKET, "lastBetTime": 1e60}, "is not a date"),
        ({**MARKET, "outcomeType": "PSEUDO_NUMERIC", "min": 1, "max": 1}, "the range is empty"),
        ([{**BET, "createdTime": None}], "there is no createdTime"),
        ([{**BET, "probAfter": True}], "True where a number is expected"),
    ],
)
def test_what_is_wrong_is_named(refused, content, message):
    assert message in refused("manifold", json.dumps(content))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"id": NaN}', "NaN is no number"),
        ("[" * 100_000, "nested too deeply"),
        ('[\n{"id": "m",\n', ":3: this is not JSON"),
        ('{"id": "m" "x"}', ":1: this is not JSON"),
        (f'{{"id": {"9" * 5000}}}', "not usable JSON"),
        ("[" + "[]," * 3_000_000 + "[]]", "more than 3000000 values"),
        ('"text"', "this is no market of Manifold"),
    ],
    ids=["twice", "nan", "deep", "cut", "comma", "digits", "many", "text"],
)
def test_hostile_json_gets_one_error(refused, text, message):
    assert message in refused("manifold", text)
