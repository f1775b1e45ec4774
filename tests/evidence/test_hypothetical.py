"""Questions that nobody asked and statements that nobody made are questions and statements."""

import numpy as np
import pytest

from sweet_spot.argument.quantities import parse
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import DERIVED_DIMS, LATENT_DIMS
from sweet_spot.argument.units import UNITS
from sweet_spot.evidence.gather import FORMS
from sweet_spot.evidence.hypothetical import OPEN, TOPICS, statements, unasked
from sweet_spot.evidence.records import Question


def question(**changes: object) -> Question:
    content = {
        "id": "asked", "wording": "w", "quantity": "danger_gap", "unit": "dex", "topic": "danger",
        "direction": 1, "fidelity": "exact", "fidelity_reason": "r",
    }  # fmt: skip
    return Question.model_validate(content | changes)


def test_every_latent_can_be_asked_about() -> None:
    """Hardness as needed_years; directions of latents are those of the argument."""
    argument = load_argument()
    assert set(TOPICS) == set(LATENT_DIMS) - {"hardness"}
    assert set(OPEN) <= {*DERIVED_DIMS, "year_useful", "year_dangerous"}
    new = unasked([], argument)
    assert len({q.id for q in new}) == len(new)
    for each in new:
        name = parse(each.quantity).name
        assert each.direction == (argument.latents[name].good if name in TOPICS else OPEN[name][1])
        assert (each.fidelity, each.event, each.given) == ("exact", None, None)


@pytest.mark.parametrize(
    ("changes", "left"),
    [({}, False), ({"fidelity": "close"}, True), ({"event": "> 0.5"}, True),
     ({"given": {"scheming": 0.5}}, True), ({"unit": "multiplier"}, False)],
)  # fmt: skip
def test_what_is_asked_as_it_is_stays_away(changes: dict[str, object], left: bool) -> None:
    found = {q.quantity for q in unasked([question(**changes)], load_argument())}
    assert ("danger_gap" in found) is left


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_any_unit_can_be_answered_in(unit: str) -> None:
    of_family = {
        "calendar": "year_automation", "duration": "years_bought", "speed": "danger_gap",
        "share": "process_failure", "slope": "diminishing_returns",
        "logit slope": "scheming_slope", "log duration": "hardness[safety_progress]",
    }  # fmt: skip
    asked = question(quantity=of_family[UNITS[unit].family], unit=unit)
    said = statements([asked], "Ada", "club", people=7).statements
    assert FORMS[int(said["form"][0])] == "centre"
    assert (int(said["side"][0]), int(said["people"][0]), int(said["live"][0])) == (0, 7, 1)
    assert np.isnan(said["spread"]).all()
    assert str(said["cluster"].values[0]) == "club"


def test_an_event_is_answered_by_a_probability() -> None:
    asked = [question(event="> 0.5"), question(id="other")]
    said = statements(asked, "Ada").statements
    assert [FORMS[k] for k in said["form"].values] == ["probability", "centre"]
    assert float(said["threshold"][0]) == 0.5
    assert list(said["question"].values) == ["asked", "other"]
    assert set(said["cluster"].values) == {"Ada"}
