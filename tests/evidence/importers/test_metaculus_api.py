"""Posts saved from Metaculus's API: units, open bounds, every type, what a hostile JSON gets."""

import csv
import datetime as dt
import json

import pytest

from sweet_spot.evidence.importers import metaculus_api
from sweet_spot.evidence.importers.metaculus_scale import Scale, check_cdf, location_of

START = 1_767_225_600  # 2026-01-01
LINEAR = {"range_min": 0, "range_max": 10, "open_upper_bound": True, "open_lower_bound": False}


def post(kind, latest, *, history=(), method="recency_weighted", **question):
    entries = [{"start_time": START + 86_400 * i, **entry} for i, entry in enumerate(history)]
    last = latest and {"start_time": START + 86_400 * 9, **latest}
    aggregations = {method: {"history": entries, "latest": last}}
    asked = {"id": 5, "type": kind, "title": "?", "aggregations": aggregations, **question}
    return {"id": 4, "title": "the post", "question": asked}


@pytest.fixture
def read(outside):
    def found(content, **settings):
        return outside("metaculus-api", json.dumps(content), **settings)

    return found


def test_the_samples_meet_the_expected_values(shared):
    formats = shared / "formats"
    settings = {"history": "latest", "me": ""}
    with (formats / "metaculus" / "expected_nominal_values.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7
    levels = {name: level for level, name in metaculus_api.QUARTILES.items()}
    for row in rows:
        found = metaculus_api.read(formats / row["file"], settings)
        said = [item for item in found if item.forecaster == "Metaculus recency_weighted"]
        last = row["field"].rpartition(".")[2]
        if last not in levels:
            (above,) = (item for item in said if item.question.endswith("[above range]"))
            assert above.values[0] == pytest.approx(float(row["expected_nominal"]), abs=1e-6)
            continue
        whole = said[0]
        value = whole.values[whole.levels.index(levels[last])]
        if whole.unit == "year":
            assert day_of(value) == row["expected_nominal"]
        else:  # the file has one decimal
            assert value == pytest.approx(float(row["expected_nominal"]), rel=1e-6)


def day_of(year):
    start = dt.datetime(int(year), 1, 1)
    return (start + (year % 1) * (dt.datetime(int(year) + 1, 1, 1) - start)).date().isoformat()


def test_samples_without_forecasts_say_nothing(shared):
    for name in ("group", "conditional"):
        path = shared / "formats" / "metaculus" / f"api_posts_{name}_example.json"
        assert metaculus_api.read(path, {}) == []


def test_a_binary_is_no_and_yes(read):
    (said,) = read(post("binary", {"forecast_values": [0.8, 0.2], "forecaster_count": 12}))
    assert (said.question, said.values, said.unit) == ("5", (0.2,), "probability")
    assert (said.is_aggregate, said.people, said.date) == (True, 12, "2026-01-10")


def test_options(read):
    values = {"forecast_values": [0.5, None, 0.5]}
    said = read(post("multiple_choice", values, options=["A", "B", "C"]))
    assert [item.question for item in said] == ["5[A]", "5[C]"]


def test_history_on_request(read):
    content = post("binary", {"centers": [0.3]}, history=[{"centers": [0.1]}, {"centers": [0.2]}])
    assert [said.values for said in read(content)] == [(0.3,)]
    assert [said.values for said in read(content, history="all")] == [(0.1,), (0.2,), (0.3,)]


def test_own_forecasts_have_a_name_or_do_not_count(read):
    own = {"history": [], "latest": {"start_time": START, "forecast_values": [0.4, 0.6]}}
    content = post("binary", None, my_forecasts=own)
    (unnamed,), (named,) = read(content), read(content, me="Ada")
    assert unnamed.role == "excluded"
    assert (named.forecaster, named.role, named.is_aggregate) == ("Ada", None, False)


def test_conditions_and_groups(read):
    asked = post("binary", {"centers": [0.3]})["question"]
    both = {"condition": {"title": "X?"}, "question_yes": asked, "question_no": {**asked, "id": 6}}
    yes, no = read({"results": [{"id": 1, "title": "t", "conditional": both}]})
    assert (yes.question, yes.condition, no.question) == ("5", "if yes: X?", "6")
    assert no.condition == "if no: X?"
    group = {"questions": [asked, {**asked, "id": 6}]}
    assert len(read([{"id": 1, "title": "t", "group_of_questions": group}])) == 2


def test_a_whole_cdf_gives_tails_and_the_mass_beyond(read):
    cdf = [0.8 * i / 200 for i in range(201)]
    whole, above = read(post("numeric", {"forecast_values": cdf}, scaling=LINEAR, unit="cats"))
    assert whole.values[:4] == pytest.approx((0.625, 3.125, 6.25, 9.375))
    assert whole.values[4] == ">10"
    assert whole.unit == "cats"
    assert above.values[0] == pytest.approx(0.2)
    assert above.events == ("> 10",)


def test_a_discrete_quantile_is_an_outcome(read):
    scaling = {**LINEAR, "range_min": -0.5, "range_max": 3.5, "open_upper_bound": False}
    scaling["inbound_outcome_count"] = 4
    values = {"forecast_values": [0, 0.1, 0.6, 0.9, 1]}
    (said,) = read(post("discrete", values, scaling=scaling))
    assert said.values == (0, 1, 1, 2, 3)


def test_quartiles_at_the_end_of_an_open_range_lie_beyond(read):
    entry = {"interval_lower_bounds": [0.0], "centers": [0.5], "interval_upper_bounds": [1.0]}
    (said,) = read(post("numeric", entry, scaling=LINEAR))
    assert said.values == (0, 5, ">10")


def test_logarithmic_scale_meets_its_ends():
    scale = Scale(1, 1000, zero_point=0)
    assert [scale.nominal(u) for u in (0, 1 / 3, 2 / 3, 1)] == pytest.approx([1, 10, 100, 1000])
    falling = Scale(1, 1000, zero_point=1001)
    assert falling.nominal(1) == pytest.approx(1000)


def test_quantiles_of_a_cdf():
    cdf = [0.1, 0.1, 0.5, 0.5, 0.9]
    check_cdf(cdf)
    levels = (0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95)
    assert [location_of(cdf, p) for p in levels] == pytest.approx([0, 0, 0.375, 0.5, 0.875, 1, 1])


NUMERIC = {"centers": [0.5]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"detail": "Authentication failed"}, "an error of the API: 'Authentication failed'"),
        ({"id": 1}, "this is no Metaculus post"),
        ([], "the file holds no post"),
        ([3], "this is no Metaculus post"),
        (post("poll", {}), "question: the question type 'poll' is not known"),
        (post("binary", {"centers": [1.2]}), "centers[0]: 1.2 is no probability"),
        (post("binary", {"centers": [1e308]}), "is beyond 1e+100"),
        (post("binary", {"centers": ["0.2"]}), "'0.2' where a number is expected"),
        (post("binary", {"centers": [0.2], "start_time": 1e20}), "is not a date"),
        (post("numeric", NUMERIC, scaling={**LINEAR, "range_max": 0}), "the range is empty"),
        (post("numeric", NUMERIC, scaling={**LINEAR, "zero_point": 3}), "inside the range"),
        (post("date", NUMERIC, scaling={**LINEAR, "range_max": 1e60}), "is no date"),
        (post("numeric", NUMERIC), "question.scaling: None where a map is expected"),
        (
            post("numeric", {"forecast_values": [0.5] * 200 + [0.1]}, scaling=LINEAR),
            "the cumulative probabilities fall",
        ),
        (
            post("numeric", {**NUMERIC, "interval_lower_bounds": [0.6]}, scaling=LINEAR),
            "the percentiles fall",
        ),
        (post("multiple_choice", {"centers": [1]}, options=["A", "B"]), "there are 2 options"),
        ({**post("binary", {"centers": [0.2]}), "title": "a\x00b"}, "control characters"),
    ],
)
def test_what_is_wrong_is_named(refused, content, message):
    if isinstance(content, dict) and content.get("title") == "a\x00b":
        del content["question"]["title"]
    assert message in refused("metaculus-api", json.dumps(content))


def test_an_unknown_history_is_refused(refused):
    assert "latest or all" in refused("metaculus-api", "{}", history="some")
