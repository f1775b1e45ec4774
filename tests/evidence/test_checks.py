"""Each rule is broken by a record that breaks no other, and a sound folder breaks none."""

import datetime as dt

import pytest

from sweet_spot.errors import MissingData
from sweet_spot.evidence.checks import RULES, check, examine, rules_table

RULES_ON_OTHERS = {  # in test_rules_on_others.py
    "unknown-statement", "parts", "ended-before", "ends-once", "members", "pool-or-members",
    "joint-answer", "repeated", "same-numbers", "two-questions",
    "scenario",  # in test_rules_scenarios.py
}  # fmt: skip

PROBABILITY = {"kind": "probability", "unit": "probability", "levels": None}
ONE = {**PROBABILITY, "values": None, "value": 0.3, "event": "< 2030"}
SEVERAL = {**PROBABILITY, "values": [0.2, 0.6], "events": ["< 2030", "< 2040"]}
MEDIAN = {"kind": "median", "levels": None, "values": None, "value": 2030}
SHARE = {**MEDIAN, "question": "invested", "unit": "share", "value": 0.1}
LENGTH = {**MEDIAN, "question": "gap", "unit": "months", "value": 8}
SPEED = {**MEDIAN, "question": "speed", "unit": "multiplier", "value": 20}
EVENT = {**ONE, "event": None, "question": "schemers"}
TOTAL = {**EVENT, "question": "total", "role": "check"}
SECOND = {"id": "second", "expert": "Ben Example"}

SOUND = {
    "quantiles": {},
    "falling-bounds": {"values": ["<2030", 2027, "never"]},
    "lone-quantile": {"levels": None, "level": 0.1, "values": None, "value": 2030},
    "median": MEDIAN,
    "censored-median": {**MEDIAN, "value": "later"},
    "year-below-the-scale": {**MEDIAN, "value": "<2023"},
    "excluded-year": {**MEDIAN, "value": 2019, "role": "excluded"},
    "bound": {**MEDIAN, "kind": "bound", "value": ">2100"},
    "mean": {**SHARE, "kind": "mean"},
    "percent": {**SHARE, "unit": "percent", "value": 40},
    "length": LENGTH,
    "speed": SPEED,
    "one-probability": ONE,
    "zero": {**ONE, "value": 0},
    "percent-probability": {**ONE, "unit": "percent", "value": "<1"},
    "several": SEVERAL,
    "above-and-below": {**SEVERAL, "values": [0.2, 0.3], "events": ["< 2030", "> 2040"]},
    "event-of-the-question": EVENT,
    "check": TOTAL,
    "condition": {**LENGTH, "given": {"year_at_speedup(5)": 2030.5}},
    "month-of-the-source": {"date": "2025"},
}

BROKEN = {
    "value-or-values": [{"value": 2030}, {"levels": [0.5], "values": None},
                        {**MEDIAN, "value": None}, {**MEDIAN, "values": [2030], "value": None}],
    "levels": [{"levels": None}, {"level": 0.5}, {**MEDIAN, "level": 0.5},
               {**SEVERAL, "levels": [0.1, 0.9]}],
    "count": [{"levels": [0.1, 0.9]}, {**SEVERAL, "values": [0.2]}, {**EVENT, "value": None,
              "values": [0.2, 0.3]}],
    "levels-inside": [{"levels": [0, 0.5, 0.9]}, {"levels": [0.1, 0.5, 1]},
                      {"levels": [0.1, 50, 90]}, {"levels": None, "level": 50,
                      "values": None, "value": 2030}],
    "levels-rise": [{"levels": [0.1, 0.1, 0.9]}, {"levels": [0.9, 0.5, 0.1]}],
    "quantiles-rise": [{"values": [2030, 2029, 2040]}, {"values": [2030, "<2028", 2040]},
                       {"values": [2027, ">2050", 2040]}, {"values": ["never", 2030, 2040]}],
    "probabilities-agree": [{**SEVERAL, "values": [0.6, 0.2]},
                            {**SEVERAL, "values": [0.6, 0.6], "events": ["< 2030", "> 2040"]}],
    "probability-range": [{**ONE, "value": -0.1}, {**ONE, "value": 101},
                          {**ONE, "unit": "percent", "value": 101}, {**EVENT, "value": ">1000"}],
    "percent": [{**ONE, "value": 30}, {**ONE, "value": ">99"}, {**EVENT, "value": 1.5},
                {**SHARE, "value": 40}],
    "bound-side": [{**MEDIAN, "kind": "bound"}],
    "reserved-word": [{**ONE, "value": "never"}, {**SHARE, "kind": "mean", "value": "later"}],
    "unknown-question": [{"question": "years"}, {"question": "nothing-like-it"}],
    "missing-event": [{**ONE, "event": None}, {**SEVERAL, "events": None}],
    "event-twice": [{**EVENT, "event": "> 0.5"}, {**SEVERAL, "event": "< 2030"}],
    "event-kind": [{**MEDIAN, "event": "< 2030"}, {**SHARE, "question": "schemers"}],
    "unit": [{"unit": "years"}, {"unit": "yaer"}, {**ONE, "unit": "year"},
             {**SHARE, "unit": "dex"}],
    "impossible-value": [{**MEDIAN, "value": 2019}, {**MEDIAN, "value": 50},
                         {**MEDIAN, "value": ">2019"}, {**LENGTH, "value": -1},
                         {**SPEED, "value": 0}, {**SHARE, "value": -0.1},
                         {**SHARE, "value": 101}, {**SHARE, "unit": "percent", "value": 101},
                         {**ONE, "event": "< 2020"},
                         {**LENGTH, "given": {"year_at_speedup(5)": 2020}},
                         {**LENGTH, "given": {"investment[safety_progress]": 30}}],
    "unknown-given": [{"given": {"years_brought": 1}}, {"given": {"investment": 0.1}}],
    "given-via": [{"given": {"year_at_speedup(5)": 2030}},
                  {**LENGTH, "given": {"labour_years[safety_progress]": 1}}],
    "atom": [{**TOTAL, "role": "evidence"}],
    "future-date": [{"date": "2026-03-02"}, {"date": "2026-04"}],
    "date-after-source": [{"date": "2025-04-04"}, {"date": "2025-05"}, {"date": "2026"}],
    "inherited-date": [{"date": None}],
    "date-before-source": [{"date": "2025-04-01"}, {"date": "2025-03"}, {"date": "2024"}],
    "secondary": [{"verified": "secondary"}],
}  # fmt: skip

QUESTIONS_BROKEN = {
    "unknown-quantity": {"quantity": "year_at_speed(25)"},
    "unit": {"unit": "share"},
    "impossible-value": {"event": "< 2020"},
    "unknown-given": {"via": "years_per_dex"},
    "given-via": {"given": {"year_automation": 2030}},
}


@pytest.mark.parametrize("changes", SOUND.values(), ids=SOUND)
def test_sound_statement_breaks_no_rule(toy, changes):
    toy.say(changes)
    assert toy.broken() == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        pytest.param(rule, changes, id=f"{rule}-{i}")
        for rule, several in BROKEN.items()
        for i, changes in enumerate(several)
    ],
)
def test_rule_of_one_statement(toy, rule, changes):
    toy.say(changes, source={"date": "2026"} if rule == "future-date" else None)
    assert toy.broken() == [rule]
    finding = next(f for f in toy.examine().findings if f.rule == rule)
    assert (finding.statement, finding.file.name) == ("first", "one.yaml")
    assert finding.line is not None
    assert finding.message
    assert finding.remedy


@pytest.mark.parametrize(("rule", "changes"), QUESTIONS_BROKEN.items(), ids=QUESTIONS_BROKEN)
def test_rule_of_one_question(toy, rule, changes):
    toy.ask(speed={"quantity": "year_automation", "unit": "year", **changes})
    assert toy.broken() == [rule]
    (finding,) = [f for f in toy.examine().findings if f.rule == rule]
    assert (finding.statement, finding.file.name) == ("speed", "questions.yaml")
    assert finding.field in changes


def test_condition_of_a_question_must_be_possible_and_known(toy):
    toy.ask(gap={"given": {"year_automation": 2020}})
    assert toy.broken() == ["impossible-value"]
    toy.ask(gap={"given": {"yaer_automation": 2030}})
    assert toy.broken() == ["unknown-given"]


def test_duplicate_question(toy):
    toy.ask(gap={"id": "year"})
    assert toy.broken() == ["duplicate-question"]


def test_duplicate_id_names_both_files(toy):
    toy.say(name="one")
    toy.say({"expert": "Ben Example"}, name="two")
    assert toy.broken() == ["duplicate-id"]
    (finding,) = [f for f in toy.examine().findings if f.rule == "duplicate-id"]
    assert finding.file.name == "two.yaml"
    assert "one.yaml" in finding.message


def test_one_answer_for_a_person_question_condition_and_date(toy):
    toy.say()
    toy.say({"id": "second"}, name="two")
    assert toy.broken() == ["one-answer"]
    for difference in (
        {"expert": "Ben Example"}, {"date": "2025-03"}, {"role": "excluded"},
        LENGTH, {"given": {"years_bought": 1}},
    ):  # fmt: skip
        toy.say({"id": "second", **difference}, name="two")
        assert "one-answer" not in toy.broken(), difference


def test_dates_that_end_on_one_day_are_one_date(toy):
    source = {"date": "2025-03-31"}
    toy.say({"date": "2025-03"}, {"id": "second", "date": "2025-03-31"}, source=source)
    assert toy.broken() == ["one-answer"]


def test_one_cluster(toy):
    toy.say({"cluster": "metr"}, {"id": "second", "question": "gap", **LENGTH, "cluster": "leap"})
    assert toy.broken() == ["one-cluster"]


def test_cluster_missing_is_a_warning(toy):
    toy.say({"cluster": "metr"}, {"id": "second", "question": "gap", **LENGTH})
    assert toy.broken() == ["cluster-missing"]
    assert toy.examine().count("error") == 0


@pytest.mark.parametrize("name", ["ada example", "Ada  Example", "Example, Ada", "Áda Example"])
def test_expert_spelling(toy, name):
    toy.say({}, {"id": "second", "expert": name})
    assert toy.broken() == ["expert-spelling"]


def test_source_in_the_future(toy):
    toy.say({"date": "2026-03"}, source={"date": "2026-03-02"})
    assert toy.broken() == ["future-date"]
    assert examine(toy.folder, today=dt.date(2026, 3, 2)).count("error") == 0


def test_unused_question_only_where_all_statements_are_checked(toy):
    assert {f.statement for f in toy.examine().findings} == {
        "gap", "speed", "invested", "schemers", "total",
    }  # fmt: skip
    assert toy.examine([toy.folder / "elicitations" / "one.yaml"]).findings == ()


def test_every_rule_about_meaning_is_broken_here():
    by_hand = {"duplicate-question", "duplicate-id", "one-answer", "one-cluster", "cluster-missing",
               "expert-spelling", "unused-question", *RULES_ON_OTHERS}  # fmt: skip
    assert {r.name for r in RULES if r.checks} == {*BROKEN, *QUESTIONS_BROKEN, *by_hand}


def test_near_matches_and_percent_are_suggested(toy):
    toy.say({"question": "invsted"}, {**ONE, **SECOND, "value": 30})
    first, second = (f for f in toy.examine().findings if f.severity == "error")
    assert "did you mean invested?" in first.message
    assert second.remedy == "write 0.3, or unit: percent"


def test_all_is_collected_and_sound_statements_of_a_broken_file_are_checked(toy):
    toy.say({"role": "evidnce"}, {**SECOND, "values": [2030, 2029, 2028]}, source={"url": None})
    toy.write("elicitations/two.yaml", "a: [1")
    assert toy.broken() == ["missing-field", "not-yaml", "quantiles-rise", "unknown-choice"]


def test_broken_questions_do_not_make_their_statements_unknown(toy):
    toy.ask(year={"topic": "time"})
    assert toy.broken() == ["unknown-choice"]
    toy.write("questions.yaml", "a: [1")
    assert toy.broken() == ["not-yaml"]


def test_rules_are_a_table_with_unique_names():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert rules_table().splitlines()[2:] == [
        f"| `{rule.name}` | {rule.severity} | {rule.sentence} |" for rule in RULES
    ]


def test_missing_folders_and_files_are_told_in_one_line(toy, tmp_path):
    with pytest.raises(MissingData, match="--data"):
        check(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingData, match=r"questions\.yaml"):
        check(tmp_path / "empty")
    for path in (tmp_path / "nowhere.yaml", tmp_path / "empty"):
        with pytest.raises(MissingData, match=path.name):
            check(toy.folder, [path])


def test_a_data_folder_among_the_paths_means_its_elicitations(toy):
    assert toy.examine([toy.folder]).files == 2
    assert toy.examine([toy.folder / "questions.yaml"]).statements == 0
    file = toy.folder / "elicitations" / "one.yaml"
    assert toy.examine([file, toy.folder / "elicitations"]).statements == 1
