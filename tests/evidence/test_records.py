"""Records: partial dates, events, values, strictness, and that nothing is changed."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sweet_spot.evidence.records import (
    ElicitationFile,
    Question,
    Source,
    Statement,
    first_day,
    last_day,
    parse_event,
    parse_value,
)

STATEMENT = {
    "id": "a-1", "expert": "Ada", "question": "q", "kind": "median", "value": 2030, "unit": "year",
    "role": "check", "reason": "why", "verified": "yes", "location": "p. 1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("partial", "first", "last"),
    [
        ("2025", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
        ("2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2025-12", dt.date(2025, 12, 1), dt.date(2025, 12, 31)),
        ("2025-04-03", dt.date(2025, 4, 3), dt.date(2025, 4, 3)),
        ("9999", dt.date(9999, 1, 1), dt.date(9999, 12, 31)),
    ],
)
def test_days_of_a_partial_date(partial, first, last):
    assert (first_day(partial), last_day(partial)) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["", "25", "2025-4", "2025-13", "2025-02-30", "0000", "2025-04-03T10:00", "2025\n", "٢٠٢٥"],
)
def test_not_a_date(text):
    with pytest.raises(ValueError, match="is not a date: "):
        first_day(text)
    with pytest.raises(ValueError, match="is not a date: "):
        last_day(text)


@given(st.dates())
def test_a_full_date_is_its_own_first_and_last_day(day):
    assert first_day(day.isoformat()) == last_day(day.isoformat()) == day
    assert first_day(day.isoformat()[:7]) <= day <= last_day(day.isoformat()[:7])


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("< 2029", ("<", 2029.0)), ("<=2029", ("<", 2029.0)), (">0.5", (">", 0.5)),
        (" >= .5 ", (">", 0.5)), ("> -1e-3", (">", -0.001)),
    ],
)  # fmt: skip
def test_event(text, event):
    assert parse_event(text) == event


@pytest.mark.parametrize(
    "text", ["2029", "= 2029", "< ", "< 2029 or so", "< 1e999", "<< 3", "< inf"]
)
def test_not_an_event(text):
    with pytest.raises(ValueError, match="is not an event"):
        parse_event(text)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (3, ("", 3.0)), (0.25, ("", 0.25)), (">2100", (">", 2100.0)), ("< 0.01", ("<", 0.01)),
        ("never", (">", None)), (" later ", (">", None)),
    ],
)  # fmt: skip
def test_value(value, read):
    assert parse_value(value) == read


@pytest.mark.parametrize("text", ["3", "Never", "nvr", "inf", ">", ">1e999", "> 1 > 2", "~5", ""])
def test_not_a_value(text):
    with pytest.raises(ValueError, match="is not a value"):
        parse_value(text)


def test_messages_stay_short():
    with pytest.raises(ValueError, match="is not a value") as error:
        parse_value("x" * 10**6)
    assert len(str(error.value)) < 300


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_values_are_kept_as_published(number):
    for value in (number, int(number), f">{number}"):
        kept = Statement.model_validate({**STATEMENT, "value": value}).value
        assert kept == value
        assert isinstance(kept, str) == isinstance(value, str)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("extra", 1), ("value", True), ("value", [1]), ("people", 0), ("people", 2.5),
        ("id", "A b"), ("id", "x" * 81), ("expert", ""), ("kind", "mode"), ("role", "Evidence"),
        ("verified", True),
        ("date", 2025.5), ("levels", [float("nan")]), ("value", float("inf")),
        ("reason", "x" * 4001),
    ],
)  # fmt: skip
def test_statements_are_strict(field, value):
    with pytest.raises(ValidationError):
        Statement.model_validate({**STATEMENT, field: value})


@pytest.mark.parametrize("date", [2025, "2025", dt.date(2025, 4, 3), "2025-04"])
def test_dates_may_be_what_other_yaml_readers_make_of_them(date):
    said = Statement.model_validate({**STATEMENT, "date": date})
    assert said.date == str(date)


def test_levels_values_and_events():
    said = Statement.model_validate(STATEMENT)
    assert (said.all_levels(), said.all_values(), said.all_events()) == ([0.5], [2030], [])
    several = {"kind": "probability", "value": None, "values": [0.1, 0.2], "events": ["< 1", "< 2"]}
    said = Statement.model_validate({**STATEMENT, **several})
    assert (said.all_levels(), said.all_events()) == ([], ["< 1", "< 2"])
    said = Statement.model_validate({**STATEMENT, "kind": "quantile", "level": 0.1, "event": "< 1"})
    assert (said.all_levels(), said.all_events()) == ([0.1], ["< 1"])


def test_records_cannot_be_changed():
    said = Statement.model_validate(STATEMENT)
    with pytest.raises(ValidationError):
        said.value = 2031


def test_schema_of_a_file_is_stated_and_its_lists_are_not_empty():
    source = {"title": "t", "url": "u", "date": "2025"}
    sound = {"schema": 1, "source": source, "statements": [STATEMENT]}
    assert ElicitationFile.model_validate(sound).source == Source(**source)
    for changes in ({"schema": 2}, {"statements": []}):
        with pytest.raises(ValidationError):
            ElicitationFile.model_validate({**sound, **changes})
    without = {name: value for name, value in sound.items() if name != "schema"}
    with pytest.raises(ValidationError):
        ElicitationFile.model_validate(without)


def test_every_field_that_is_not_plain_is_described():
    for model in (Question, Statement):
        described = [f for f in model.model_fields.values() if f.description]
        assert len(described) >= 7
