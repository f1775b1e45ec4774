"""From evidence to arrays: a question's constant scale, who is with whom, what comes before."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.crowd import Sums, places
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.scales import per_question, question_scales

EvidenceFrom = Callable[..., Evidence]
DANGER_SD = 0.7
"""Prior sd of `danger_gap` (MODEL.md section 2). From 20,000 draws it is known to 0.5 %: at four
standard errors, 2 %; half of that in a geometric mean with an exact number."""
Z = float(stats.norm.ppf(0.9))

DANGER = {
    "id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
    "fidelity": "exact",
}  # fmt: skip


def median(name: str, expert: str, **changes: Any) -> dict[str, Any]:
    said = {"id": name, "expert": expert, "question": "danger", "kind": "median", "value": 0.5}
    return {**said, "unit": "dex", **changes}


def spread(name: str, expert: str, sd: float, **changes: Any) -> dict[str, Any]:
    """Three quantiles of a normal belief with this standard deviation."""
    said = {"levels": [0.1, 0.5, 0.9], "values": [0.5 - Z * sd, 0.5, 0.5 + Z * sd], "value": None}
    return median(name, expert, kind="quantile", **said, **changes)


def scale(argument: Argument, evidence: Evidence, question: str = "danger") -> float:
    return float(question_scales(argument, evidence, np.array([question]))[0][0])


@pytest.mark.parametrize(
    ("said", "wanted", "rel"),
    [
        ([median("a", "A"), median("b", "B")], DANGER_SD, 0.02),
        ([spread("a", "A", 0.2)], np.sqrt(0.2 * DANGER_SD), 0.01),
        ([spread("a", "A", 0.2), median("b", "B")], np.sqrt(0.2 * DANGER_SD), 0.01),
        ([spread("a", "A", 0.2), spread("b", "B", 0.4)], np.sqrt(0.3 * DANGER_SD), 0.01),
        ([spread("a", "A", 0.2), spread("b", "B", 0.4), spread("c", "C", 1.5)], 0.4, 1e-9),
        ([spread(f"{sd}", f"by {sd}", sd) for sd in (0.2, 0.4, 0.6, 9.0)], 0.5, 1e-9),
    ],
    ids=["none", "one", "one of two", "two", "three", "four"],
)  # fmt: skip
def test_scale_rules(
    argument: Argument, evidence_from: EvidenceFrom, said: list[Any], wanted: float, rel: float
) -> None:
    """MODEL.md section 5: median of three or more, pooled with the prior sd of fewer, or that."""
    assert scale(argument, evidence_from(said, [DANGER])) == pytest.approx(wanted, rel=rel)


def test_a_person_counts_once_however_often_they_spoke(
    argument: Argument, evidence_from: EvidenceFrom
) -> None:
    """Three statements of one person are one stated spread, their median; the superseded count."""
    thrice = [
        spread(f"a-{y}", "A", sd, date=y) for y, sd in (("2021", 0.1), ("2022", 0.3), ("2023", 0.8))
    ]
    evidence = evidence_from(thrice, [DANGER])
    assert evidence.statements["live"].sum() == 1
    assert scale(argument, evidence) == pytest.approx(np.sqrt(0.3 * DANGER_SD), rel=0.01)
    three = [*thrice, spread("b", "B", 0.2), spread("c", "C", 5.0)]
    assert scale(argument, evidence_from(three, [DANGER])) == pytest.approx(0.3, rel=1e-9)


def test_scale_is_the_same_whatever_is_live(
    argument: Argument, evidence: Evidence, evidence_from: EvidenceFrom
) -> None:
    questions = np.unique(evidence.statements["question"].to_numpy())
    whole, chances = question_scales(argument, evidence, questions)
    table = evidence.statements
    dead = Evidence(table.assign(live=table["live"] * 0), evidence.questions, evidence.targets)
    for found, wanted in zip(
        question_scales(argument, dead, questions), (whole, chances), strict=True
    ):
        np.testing.assert_array_equal(found, wanted)
    one = layout(argument, evidence, ErrorConstants()).panel.log_scale
    np.testing.assert_array_equal(layout(argument, dead, ErrorConstants()).panel.log_scale, one)


def test_where_all_state_probabilities_the_prior_sd_is_the_spread_they_mean(
    argument: Argument, evidence_from: EvidenceFrom
) -> None:
    """Their unit times s_q, that is; beside a median, or a spread, it is s_q itself."""
    chance = {
        "id": "a", "expert": "A", "question": "danger", "kind": "probability", "value": 0.3,
        "event": "< 0.5", "unit": "probability",
    }  # fmt: skip
    loose = {**DANGER, "fidelity": "loose"}
    for said, scale, mapping in (
        ([chance], DANGER_SD / 2, 2.0),
        ([chance, median("b", "B")], DANGER_SD, 1.0),
        ([chance, spread("b", "B", 0.2)], np.sqrt(0.2 * DANGER_SD), 1.0),
    ):
        found = per_question(
            argument, evidence_from(said, [loose]), ErrorConstants(probability_unit=2.0),
            np.array(["danger"]),
        )  # fmt: skip
        assert np.exp(found["log_scale"])[0] == pytest.approx(scale, rel=0.02)
        assert found["mapping_sd"].tolist() == [mapping]


def test_a_check_does_not_touch_the_scale_of_evidence(
    argument: Argument, evidence_from: EvidenceFrom
) -> None:
    """Else a check would move the posterior. Where only checks speak, they set it."""
    said = [spread("a", "A", 0.2)]
    check = spread("z", "Z", 50.0, role="check")
    assert scale(argument, evidence_from([*said, check], [DANGER])) == scale(
        argument, evidence_from(said, [DANGER])
    )
    only = evidence_from([check], [DANGER])
    assert scale(argument, only) == pytest.approx(np.sqrt(50.0 * DANGER_SD), rel=0.01)


def test_a_quantity_without_spread_has_a_floor(
    argument: Argument, evidence_from: EvidenceFrom
) -> None:
    """A quantity that its own condition fixes has a prior sd of zero, which no scale can be."""
    fixed = {**DANGER, "given": {"danger_gap": 0.5}}
    assert scale(argument, evidence_from([median("a", "A")], [fixed])) == pytest.approx(1e-3)


def test_who_is_with_whom(argument: Argument, evidence: Evidence) -> None:
    """Ann and Bob are the club; the others are in no named cluster and carry both variances."""
    found = layout(argument, evidence, ErrorConstants())
    panel, experts = found.panel, list(found.coords["expert"])
    assert list(found.coords["cluster"]) == ["club"]
    assert experts == ["Ann", "Bob", "Cat", "Dan", "Eve"]
    assert panel.cluster.tolist() == [1, 1, 0, 0, 0]
    np.testing.assert_allclose(panel.expert_sd, [0.7, 0.7, *[0.98**0.5] * 3])
    said = list(found.coords["statement"])
    assert said == sorted(said)
    assert "fay-usable" not in said
    groups = {}
    for name, group in zip(said, panel.group, strict=True):
        groups.setdefault(group, set()).add(name)
    assert sorted(map(sorted, groups.values())) == [
        ["ann-date", "bob-date", "bob-date-earlier"], ["ann-schemers"], ["cat-date"], ["dan-gap"],
        ["eve-gap"],
    ]  # fmt: skip
    assert [experts[j] for j in panel.expert] == ["Ann", "Ann", "Bob", "Bob", "Cat", "Dan", "Eve"]
    assert [list(found.coords["question"])[q] for q in panel.question] == [
        "date", "schemers", "date", "date", "date", "gap", "gap",
    ]  # fmt: skip
    assert [list(found.coords["topic"])[t] for t in panel.topic] == [
        "timelines",
        "takeoff",
        "scheming",
    ]
    assert panel.direction.tolist() == [1.0, 1.0, -1.0]
    assert panel.mapping_sd.tolist() == [0.5, 0.0, 1.0]


def seen(where: np.ndarray, side: np.ndarray) -> np.ndarray:
    """1 where the column's statement is among those that the row's is taken given, by `places`."""
    each = np.eye(side.size) * (side == 0)
    return Sums(each, each, each).before(where).size.T


def test_before(argument: Argument, evidence: Evidence) -> None:
    """In the club's group on the date each statement sees those listed before it; no one else's."""
    found = layout(argument, evidence, ErrorConstants())
    before = seen(found.panel.before, found.panel.side)
    said = list(found.coords["statement"])
    first, second, third = (said.index(n) for n in ("ann-date", "bob-date", "bob-date-earlier"))
    wanted = np.zeros_like(before)
    wanted[second, first] = wanted[third, first] = wanted[third, second] = 1
    np.testing.assert_array_equal(before, wanted)


def test_the_censored_come_last() -> None:
    """They see all who are observed, wherever these stand, and none of the censored."""
    side = np.array([1, 0, -1, 0, 0, 1])
    before = seen(places(np.array([0, 0, 0, 0, 1, 1]), side), side)
    np.testing.assert_array_equal(
        before,
        [
            [0, 1, 0, 1, 0, 0],
            [0, 0, 0, 0, 0, 0],
            [0, 1, 0, 1, 0, 0],
            [0, 1, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 1, 0],
        ],
    )  # fmt: skip


def test_checks_are_added_and_nothing_else_moves(argument: Argument, evidence: Evidence) -> None:
    constants = ErrorConstants()
    fitted, whole = (
        layout(argument, evidence, constants),
        layout(argument, evidence, constants, checks=True),
    )
    assert set(whole.coords["statement"]) - set(fitted.coords["statement"]) == {"fay-usable"}
    held = np.isin(whole.coords["statement"], fitted.coords["statement"])
    for name in ("observed", "live"):
        np.testing.assert_array_equal(getattr(whole, name)[held], getattr(fitted, name))
    kept = np.isin(whole.coords["question"], fitted.coords["question"])
    np.testing.assert_array_equal(whole.panel.log_scale[kept], fitted.panel.log_scale)


def test_a_target_is_evaluated_once(argument: Argument, evidence: Evidence) -> None:
    """Seven statements on three questions ask about three targets; each points to its own."""
    found = layout(argument, evidence, ErrorConstants())
    assert len(found.targets) == len(set(found.targets)) == 3
    names = [str(found.targets[i].quantity) for i in found.target]
    asked = {
        "date": "year_automation",
        "gap": "years_between_speedups(5, 25)",
        "schemers": "scheming",
    }
    assert names == [asked[found.coords["question"][q]] for q in found.panel.question]


def test_a_condition_makes_another_target(argument: Argument, evidence_from: EvidenceFrom) -> None:
    """Same question, other world: two targets, one question, one scale."""
    said = [median("a", "A"), median("b", "B", given={"current_speedup": 0.3}), median("c", "C")]
    found = layout(argument, evidence_from(said, [DANGER]), ErrorConstants())
    assert len(found.targets) == 2
    assert found.target[0] == found.target[2] != found.target[1]
    assert len(found.coords["question"]) == 1


def test_empty_evidence(argument: Argument, evidence_from: EvidenceFrom) -> None:
    found = layout(argument, evidence_from([], [DANGER]), ErrorConstants())
    assert found.observed.size == 0
    assert found.targets == ()
