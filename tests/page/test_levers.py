"""Sliders: what a URL may say, what it means, and that it comes back the same."""

from urllib.parse import parse_qsl

import numpy as np
import pytest
from scipy import special

from sweet_spot.answers.numbers import TIMES
from sweet_spot.argument.quantities import parse
from sweet_spot.page.context import Context
from sweet_spot.page.controls import bounded, query_of
from sweet_spot.page.levers import (
    EVENTS,
    LEVERS,
    fields,
    in_words,
    label_of,
    read_given,
    read_set,
    scale,
)


def test_every_slider_has_rising_stops_around_what_the_model_believes(context: Context) -> None:
    for levers in (LEVERS, EVENTS):
        for lever in levers:
            found = scale(context, lever.name)
            assert list(found.points) == sorted(set(found.points)), lever.name
            assert len(found.points) > 10, lever.name
            assert found.points[0] <= found.today[1] <= found.points[-1], lever.name


def test_a_slider_shows_the_interval_of_the_draws(context: Context) -> None:
    draws = special.expit(context.tree["posterior/sabotage_detection"].to_numpy())
    expected = np.quantile(draws, [0.05, 0.5, 0.95])
    assert scale(context, "sabotage_detection").today == pytest.approx(expected)


@pytest.mark.parametrize("levers", [LEVERS, EVENTS])
def test_every_stop_of_every_slider_can_be_asked_for(
    context: Context, levers: tuple[object, ...]
) -> None:
    read, sign = (read_set, "") if levers is LEVERS else (read_given, ">")
    for field in fields(context, levers, {}):
        for point in (field["points"][0], field["points"][-1]):
            found, wrong = read({field["name"]: f"{sign}{point}"})
            assert not wrong
            assert list(found) == [field["name"]]


def test_a_value_comes_back_from_its_url(context: Context) -> None:
    asked = {"years_bought": "2.0", "investment[safety_progress]": "0.2"}
    again = dict(parse_qsl(query_of(asked).removeprefix("?")))
    assert read_set(again) == ({"years_bought": 2.0, "investment[safety_progress]": 0.2}, [])
    shown = {field["name"]: field for field in fields(context, LEVERS, again)}
    assert shown["years_bought"]["on"]
    assert shown["years_bought"]["points"][shown["years_bought"]["at"]] == 2.0
    assert (
        shown["investment[safety_progress]"]["texts"][shown["investment[safety_progress]"]["at"]]
        == "20 %"
    )
    assert not shown["danger_gap"]["on"]


def test_an_event_comes_back_from_its_url(context: Context) -> None:
    found, wrong = read_given({"year_automation": "<2030"})
    assert (found, wrong) == ({"year_automation": "<2030.0"}, [])
    shown = {field["name"]: field for field in fields(context, EVENTS, found)}
    assert shown["year_automation"]["sign"] == "<"
    assert read_given(found)[0] == found


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"nonsense": "1"}, "nonsense"),
        ({"years_bought": "-1"}, "years_bought"),
        ({"years_bought": "nan"}, "years_bought"),
        ({"years_bought": "inf"}, "years_bought"),
        ({"investment": "1.5"}, "investment"),
        ({"usable[any]": "1"}, "usable"),
        ({"__class__": "1"}, "__class__"),
        ({"work_share": "0.5"}, "work_share"),
    ],
)
def test_what_makes_no_sense_is_left_out_and_named(values: dict[str, str], named: str) -> None:
    found, wrong = read_set(values)
    assert found == {}
    assert len(wrong) == 1
    assert named in wrong[0]


@pytest.mark.parametrize("text", ["2", "=2", ">", ">x", "> 1; import os", ">nan", ""])
def test_an_event_needs_a_sign_and_a_number(text: str) -> None:
    found, wrong = read_given({"years_bought": text})
    assert found == {}
    assert len(wrong) == 1


def test_only_a_few_short_texts_are_taken() -> None:
    assert bounded({"a": "b", "c": 3, 4: "d", "e": ["f"]}) == {"a": "b"}
    assert bounded(["a"]) == {}
    assert bounded({"a": "b" * 1000}) == {}
    assert len(bounded({f"n{i}": "1" for i in range(1000)})) <= 100


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("danger_gap", 1.0, f"10{TIMES}"),
        ("hardness[safety_progress]", 0.0, "1 year"),
        ("years_bought", 0.5, "6 months"),
        ("years_bought", 0.02, "7.3 days"),
        ("years_bought", 2.0, "2 years"),
        ("investment[safety_progress]", 0.2, "20 %"),
        ("year_automation", 2031.0, "2031"),
        ("year_automation", 2030.5, "2030.5"),
    ],
)
def test_values_are_told_in_units_that_people_use(name: str, value: float, text: str) -> None:
    assert in_words(parse(name), value) == text


def test_every_latent_has_a_plain_name(context: Context) -> None:
    for name in context.argument.latents:
        assert label_of(parse(name, whole=True)) != name.replace("_", " ")


def test_what_only_an_address_can_choose_has_a_plain_name(context: Context) -> None:
    (first, *_) = fields(context, LEVERS, {"investment[safety_progress]": "0.2"})
    assert first["label"] == "Share of AI labour given to safety (safety progress)"
