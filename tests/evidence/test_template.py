"""Forms: what is missing is explained, and what is filled in is sound."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweet_spot.errors import InvalidRecord, UnknownQuestion
from sweet_spot.evidence.add import add
from sweet_spot.evidence.template import template

TODAY = dt.date(2026, 3, 1)
ASKED = ["year", "schemers", "total", "gap"]


def form(toy, *questions, expert="Cy Example"):
    path = toy.folder / "form.yaml"
    path.write_text(template(questions, expert, toy.folder, today=TODAY), encoding="utf-8")
    return path


def test_check_explains_what_is_missing(toy):
    path = form(toy, *ASKED)
    found = [f for f in toy.examine([path]).findings if f.severity == "error"]
    assert {(f.statement, f.field) for f in found} == {
        ("", "source.url"), ("", "source.date"),
        ("cy-example-year-2026-03-01", "values"), ("cy-example-schemers-2026-03-01", "value"),
        ("cy-example-total-2026-03-01", "value"), ("cy-example-gap-2026-03-01", "values"),
    }  # fmt: skip
    told = {f.statement: f.remedy for f in found if f.statement}
    assert told["cy-example-year-2026-03-01"].startswith(
        "write numbers in year, one for each of 0.1, 0.5, 0.9; to leave the question out"
    )


def test_wording_and_unit_stand_above_each_question(toy):
    toy.ask(gap={"given": {"year_at_speedup(5)": 2030.5}, "wording": "how\nlong # then"})
    text = template(ASKED, "Cy", toy.folder, today=TODAY)
    assert "  # gap: how long # then\n  # Suppose that year_at_speedup(5) = 2030.5.\n" in text
    assert "# values, in the unit years: [a, b, c]" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_filled_in_it_is_sound_and_can_be_added(toy):
    path = form(toy, *ASKED)
    text = path.read_text()
    for blank, filled in (
        ("url:  ", "url: https://example.org "), ("date:  # the day on", "date: 2026-02-28 # on"),
        ("values:\n    unit: \"years\"", "values: [0.5, 1, 3]\n    unit: \"years\""),
        ("values:\n", "values: [2027, 2031, \">2100\"]\n"), ("value:\n", "value: 30\n"),
        ("date:  # the day of your", "date: 2026-02-28 # the day of your"),
    ):  # fmt: skip
        assert blank in text
        text = text.replace(blank, filled)
    path.write_text(text)
    done = add(path, toy.folder, today=TODAY)
    assert len(done.statements) == 4
    assert done.warnings == ()


def test_unknown_questions_and_nobody(toy):
    with pytest.raises(UnknownQuestion, match="did you mean schemers"):
        template(["schemer"], "Cy", toy.folder)
    for questions, expert in (([], "Cy"), (["year"], " \n")):
        with pytest.raises(InvalidRecord, match="--expert NAME"):
            template(questions, expert, toy.folder)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60).filter(lambda name: any(c.isalnum() for c in name)))
def test_any_name_can_stand_in_a_form(toy, name):
    path = form(toy, "year", "schemers", expert=name)
    errors = [f for f in toy.examine([path]).findings if f.severity == "error"]
    assert {f.rule for f in errors} == {"missing-field", "value-or-values"}


def test_long_ids_are_cut_and_stay_apart(toy):
    long = ["q" * 78 + end for end in "ab"]
    toy.ask(year={"id": long[0]}, gap={"id": long[1]})
    path = form(toy, *long, expert="A Very Long Name That Does Not End For A While")
    report = toy.examine([path])
    assert {f.rule for f in report.findings if f.severity == "error"} == {
        "missing-field", "value-or-values",
    }  # fmt: skip
