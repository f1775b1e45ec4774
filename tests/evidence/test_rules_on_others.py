"""Rules about endings, parts of statements, and views counted twice."""

import pytest

MEDIAN = {"kind": "median", "levels": None, "values": None, "value": 2030}
CHANCE = {"question": "schemers", "kind": "probability", "levels": None, "values": None,
          "value": 0.3, "unit": "probability"}  # fmt: skip
BEN = {"id": "second", "expert": "Ben Example", "values": [2026, 2031, 2045]}
POOL = {**MEDIAN, "id": "pool", "expert": "A pool", "people": 3, "members": ["Ada Example"]}
JOINT = {"id": "joint", "expert": "Ada Example and Ben Example", "values": [2026, 2031, 2045]}
ENDING = {"statement": "first", "how": "withdrawn", "date": "2025-06", "why": "w"}


def end(toy, *changes, name="ends"):
    source = {"title": "t", "url": "u", "date": "2025-06-30"}
    endings = [{**ENDING, **change} for change in changes]
    return toy.write(
        f"elicitations/{name}.yaml", {"schema": 1, "source": source, "endings": endings}
    )


def test_a_file_of_endings_alone_is_sound(toy):
    end(toy, {}, {"how": "resolved"}, {"how": "expired", "date": "2030"})
    assert toy.broken() == []


def test_a_file_says_something(toy):
    toy.write("elicitations/two.yaml", "schema: 1\nsource: {title: t, url: u, date: 2025}\n")
    (finding,) = [f for f in toy.examine().findings if f.severity == "error"]
    assert (finding.rule, finding.field) == ("missing-field", "statements")


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("unknown-statement", {"statement": "frist"}), ("ended-before", {"date": "2025-03"}),
        ("future-date", {"date": "2026-03-02"}), ("unknown-choice", {"how": "vanished"}),
        ("missing-field", {"why": None}), ("bad-date", {"date": "soon"}),
        ("unknown-field", {"who": "me"}),
    ],
)  # fmt: skip
def test_rules_of_an_ending(toy, rule, change):
    path = end(toy, change)
    assert toy.broken() == [rule]
    finding = next(f for f in toy.examine().findings if f.rule == rule)
    assert (finding.file, finding.statement) == (path, change.get("statement", "first"))
    assert finding.line is not None


def test_ends_once(toy):
    end(toy, {}, name="a")
    end(toy, {"date": "2025-07"}, name="b")
    assert toy.broken() == ["ends-once"]


def test_an_ending_on_its_own_may_be_about_another_file(toy):
    path = end(toy, {})
    assert toy.examine([path]).count("error") == 0


def test_parts(toy):
    whole = {**CHANCE, "id": "whole", "includes": ["first", "second"]}
    toy.say(
        MEDIAN, {**CHANCE, "id": "second", "condition": "c", "given": {"years_bought": 1}}, whole
    )
    assert toy.broken() == []
    toy.say({**CHANCE, "premises": ["third"]})
    assert toy.broken() == ["unknown-statement"]
    for wrong in (
        {"premises": ["first"]},  # of a quantile
        {**CHANCE, "premises": ["first"]}, {**CHANCE, "includes": ["second", "second"]},
    ):  # fmt: skip
        toy.say(wrong, BEN)
        assert toy.broken() == ["parts"], wrong
    toy.say({**CHANCE, "includes": ["second"]}, BEN)
    assert toy.examine().count("error") == 1


@pytest.mark.parametrize(
    "changes",
    [{"members": ["Ben", "Ben"]}, {"members": ["A pool"]}, {"members": ["Ben", "Cy"], "people": 1}],
)
def test_members(toy, changes):
    toy.say({**POOL, **changes})
    assert toy.broken() == ["members"]


def test_pool_or_members(toy):
    toy.say({}, POOL)
    assert toy.broken() == ["pool-or-members"]
    (finding,) = [f for f in toy.examine().findings if f.rule == "pool-or-members"]
    assert (finding.statement, finding.field) == ("pool", "members")
    assert "'Ada Example'" in finding.message
    for apart in (
        {**POOL, "role": "check"}, {**POOL, "members": ["Ben Example"]},
        {**POOL, "given": {"years_bought": 1}}, {**CHANCE, "id": "pool", "expert": "A pool",
                                                 "members": ["Ada Example"]},
    ):  # fmt: skip
        toy.say({}, apart)
        assert toy.broken() == [], apart


def test_a_pool_and_a_member_who_was_not_live_at_the_same_time(toy):
    toy.say({}, {**POOL, "date": "2025-04-02"}, {"id": "new", "values": [2028, 2032, 2040],
            "date": "2025-03", "expert": "Ada Example", "question": "year"})  # fmt: skip
    assert toy.broken() == ["date-before-source", "pool-or-members"]
    toy.say({"date": "2025-04-01"}, {**POOL, "date": "2025-04-03"}, source={"date": "2025-04"})
    end(toy, {"date": "2025-04-02"})
    assert toy.broken() == []


def test_joint_answer(toy):
    toy.say({}, JOINT)
    assert toy.broken() == ["joint-answer"]
    assert toy.examine().count("error") == 0
    toy.say({}, {**JOINT, "expert": "Cy Example and Ben Example"})
    assert toy.broken() == []


def test_repeated(toy):
    toy.say()
    toy.say({"id": "again", "date": "2025-09-01"}, name="two", source={"date": "2025-09-01"})
    assert toy.broken() == ["repeated"]
    toy.say({"id": "again", "date": "2025-09-01", "values": [2027, 2031, ">2050"]}, name="two",
            source={"date": "2025-09-01"})  # fmt: skip
    assert toy.broken() == []


def test_same_numbers(toy):
    toy.say({}, {"id": "copy", "expert": "Ben Example"})
    assert toy.broken() == ["same-numbers"]
    toy.say({"cluster": "c"}, {"id": "copy", "expert": "Ben Example", "cluster": "c"})
    assert toy.broken() == []
    toy.say(MEDIAN, {**MEDIAN, "id": "copy", "expert": "Ben Example"})  # chance
    assert toy.broken() == []


def test_two_questions(toy):
    toy.ask(speed={"quantity": "year_at_speedup(25)", "unit": "year"})
    toy.say()
    toy.say({**BEN, "expert": "Ada Example", "question": "speed"}, name="two")
    assert toy.broken() == ["two-questions"]
    toy.say({**BEN, "question": "speed"}, name="two")
    assert toy.broken() == []
