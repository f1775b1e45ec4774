"""The scenarios of the data folder: each in the direction it claims; errors that help."""

import numpy as np
import pytest

from sweet_spot.argument.moves import moved
from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.scenarios import (
    GROUPS,
    SCENARIOS,
    Scenario,
    read_scenarios,
    scenario_named,
    scenarios_in,
)
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import GATES, NUMPY, equations
from sweet_spot.errors import InvalidRecord, MissingData

WANTED = {
    "waystation": {
        "pause_before", "pause_in", "pause_after", "pause_by_ai_help", "automated_researcher",
        "formal_verification", "interpretability", "coalition", "mutual_malfunction",
        "agents_moratorium", "forecasting_evals", "enhanced_humans",
    },
    "lever": {"lever_countermeasures", "lever_investment", "lever_restraint", "lever_detection"},
    "worry": {
        "cover", "complacency", "externalities", "distraction", "premature", "harmful_delegation",
    },
}  # fmt: skip
GOOD = """\
schema: 1
scenarios:
  - id: one
    name: One
    group: lever
    section: A 4
    direction: 1
    meaning: more time is bought
    moves:
      - {latent: years_bought, add: 2, why: a round number}
"""


@pytest.fixture(scope="module")
def scenarios(checkout) -> dict[str, Scenario]:
    return read_scenarios(checkout / "data" / SCENARIOS)


@pytest.fixture(scope="module")
def many() -> dict[str, np.ndarray]:
    return prior_latents(load_argument(), 4000, seed=17)


def test_every_waystation_lever_and_worry_is_there(scenarios):
    found = {g: {s.id for s in scenarios.values() if s.group == g} for g in GROUPS}
    assert found == WANTED


def ids(group: str) -> list[str]:
    return sorted(WANTED[group])


@pytest.mark.parametrize("name", [n for group in WANTED for n in ids(group)])
def test_it_moves_the_answer_as_it_claims(name, scenarios, many):
    """Draw by draw, every gate: what should help never costs anybody, and does help somebody."""
    scenario = scenarios[name]
    before = equations(many, NUMPY)
    after = equations(moved(many, [entry.move for entry in scenario.moves]), NUMPY)
    step = {gate: after[gate].astype(int) - before[gate].astype(int) for gate in GATES}
    if scenario.direction:
        assert all((scenario.direction * step[gate] >= 0).all() for gate in GATES)
        assert (scenario.direction * step["usable"]).sum() > 0
    elif scenario.moves:  # either way: it would be misleading to claim one
        assert {-1, 1} <= set(step["usable"].ravel())
    else:
        assert scenario.outside
        assert not any(step[gate].any() for gate in GATES)


def test_pauses_differ_by_when_they_come(scenarios, many):
    """The point of the sweet spot: the same two years count inside it, and hardly elsewhere."""
    gain = {}
    for name in ("pause_before", "pause_in", "pause_after"):
        world = moved(many, [entry.move for entry in scenarios[name].moves])
        gain[name] = equations(world, NUMPY)["usable"].any(axis=-1).mean()
    assert gain["pause_in"] > gain["pause_before"] > gain["pause_after"]
    moves = {entry.move.quantity.name for entry in scenarios["pause_before"].moves}
    assert "years_bought" not in moves


def test_a_folder_may_have_none(tmp_path, checkout):
    assert scenarios_in(tmp_path) == ()
    assert len(scenarios_in(checkout / "data")) == sum(map(len, WANTED.values()))
    with pytest.raises(MissingData, match="--scenarios"):
        read_scenarios(tmp_path / SCENARIOS)


def test_names_are_found_or_near_ones_listed(scenarios):
    assert scenario_named(scenarios, "cover").name == "Cover for dangerous development"
    with pytest.raises(InvalidRecord, match="name one of coalition"):
        scenario_named(scenarios, "colition")


def swap(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (swap("years_bought", "years_bougth"), r"one, moves\[0\]: .*did you mean years_bought"),
        (swap("add: 2", "add: 2, set: 1"), r"one, moves\[0\]: write one of set, add.*only one"),
        (swap("add: 2, ", ""), r"one, moves\[0\]: write one of set"),
        (swap("add: 2", "set: 20%"), r"moves\[0\]: years_bought = '20%': write a number of years"),
        (swap("add: 2", "add: -2"), r"multiply it by less than 1"),
        (swap(", why: a round number", ""), r"one, moves\[0\].why: Field required; write it"),
        (swap("group: lever", "group: button"), "one, group: Input should be 'waystation'"),
        (swap("section: A 4", "section: chapter 3"), "one, section: "),
        (swap("    direction: 1\n", ""), "one, direction: Field required; write it"),
        (swap("    meaning", "    color: red\n    meaning"), "one, color: .*remove it or mend"),
        (swap("  - id: one", "  - id: One!"), "One!, id: "),
        (swap("  - id: one\n    name", "  - name"), "scenario 1, id: Field required; write it"),
        (GOOD.split("    moves")[0], "one: it moves nothing; say in `outside`"),
        (GOOD + "      - {latent: years_bought, add: 1, why: another one}\n", "one: .*moved twice"),
        (GOOD + GOOD.split("scenarios:\n")[1], "one, id: it stands twice; rename one"),
        (swap("schema: 1", "schema: 2"), "schema: "),
        ("- a\n- b\n", "the file: "),
        ("a: [", "cannot be read as YAML"),
        ("schema: 1\nscenarios: [3]\n", "scenario 1: "),
    ],
)
def test_errors_name_file_scenario_field_and_remedy(tmp_path, text, message):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(InvalidRecord, match=message) as caught:
        read_scenarios(path)
    assert str(path) in str(caught.value)


def test_the_smallest_scenario_is_read(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    (scenario,) = read_scenarios(path).values()
    (entry,) = scenario.moves
    assert (str(entry.move.quantity), entry.move.how, entry.move.value) == (
        "years_bought",
        "add",
        2,
    )
