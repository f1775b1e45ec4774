"""What resolved panels teach from: units, panels, lots, slips."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sweet_spot.errors import MissingData
from sweet_spot.inference.lessons import Thinning, fitted, lessons
from sweet_spot.inference.resolved import Stated, read_resolved


def test_centre_and_spread_are_least_squares():
    levels = np.array([0.05, 0.25, 0.5, 0.95])
    values = np.array([[1.0, 2, 4, 9], [0, np.nan, 1, 2], [np.nan, np.nan, 3, np.nan]])
    centre, spread = fitted(Stated(np.arange(3), levels, values))
    for row in range(2):
        there = np.isfinite(values[row])
        slope, middle = np.polyfit(stats.norm.ppf(levels[there]), values[row][there], 1)
        assert (centre[row], spread[row]) == pytest.approx((middle, slope), rel=1e-9)
    assert np.isnan([centre[2], spread[2]]).all()


@pytest.fixture
def two_panels(write_panel):
    """One dataset: panel A of three separate questions, B with two questions on one outcome."""
    said, answers = [], []
    for q, group, who_spoke in (
        ("a1", "", "KLMN"),
        ("a2", "", "KLMN"),
        ("a3", "", "KLMN"),
        ("b1", "same", "XYZ"),
        ("b2", "same", "XYZ"),
        ("b3", "", "XYZ"),
    ):
        for k, who in enumerate(who_spoke):
            said += [f"{q},{who},quantile,{p},{10 * k + z},,"
                     for p, z in ((0.05, -3), (0.5, 0), (0.95, 3))]  # fmt: skip
        answers.append(f"{q},12,{group},,uni")
    return write_panel("both", "\n".join(said), "\n".join(answers))


def test_panels_units_and_one_question_per_outcome(two_panels):
    found = lessons(read_resolved(two_panels))
    assert found.panel_domain.tolist() == [0, 0]
    assert np.bincount(found.quantile.panel).tolist() == [3, 2]  # b1 and b2 share an outcome
    assert found.left_out == {"both": {"of questions on an outcome already asked about": 3}}
    first = found.quantile.question == 0
    unit = 3 / stats.norm.ppf(0.95)  # everyone's spread
    assert found.quantile.centre[first] * unit == pytest.approx([-15, -5, 5, 15])
    assert found.quantile.outcome[0] * unit == pytest.approx(12 - 15)
    assert found.quantile.spread == pytest.approx(1)
    assert set(found.person[found.person_panel == 1]) == {"both:X", "both:Y", "both:Z"}


def test_thinning_is_by_lot_and_repeatable(two_panels):
    data = read_resolved(two_panels)
    few = Thinning(most_people=2, most_questions=1, seed=3)
    found, again = lessons(data, few), lessons(data, few)
    assert np.bincount(found.quantile.panel).tolist() == [1, 1]
    assert np.bincount(found.person_panel).tolist() == [2, 2]
    assert found.person.tolist() == again.person.tolist()
    others = {tuple(lessons(data, replace(few, seed=s)).person) for s in range(9)}
    assert len(others) > 1


def test_slips_are_left_out_and_zero_widths_widened(write_panel):
    rows = [f"q,{who},quantile,{p},{m + w * z},," for who, m, w in
            (("A", 0, 1), ("B", 1, 0), ("C", 2, 1), ("D", 9e6, 1))
            for p, z in ((0.1, -1), (0.5, 0), (0.9, 1))]  # fmt: skip
    folder = write_panel("slips", "\n".join(rows), "q,1,,,uni")
    found = lessons(read_resolved(folder))
    assert found.person.tolist() == ["slips:A", "slips:B", "slips:C"]
    assert found.quantile.spread == pytest.approx([1, 0.1, 1])
    assert found.left_out["slips"] == {"centres too far off to be meant": 1}


def test_probabilities_are_probits(write_panel):
    rows = "q,A,binary_prob,,0.9,,\nq,B,binary_prob,,0,,\nr,A,binary_prob,,0.5,,"
    found = lessons(read_resolved(write_panel("events", rows, "q,1,,,prob\nr,0,,,prob")))
    assert found.binary.centre == pytest.approx(stats.norm.ppf([0.9, 0.005, 0.5]))
    assert found.binary.outcome.tolist() == [1, 0]
    assert found.quantile.name.size == 0


def test_nothing_known_is_an_error(write_panel):
    folder = write_panel("open", "q,A,binary_prob,,0.9,,", "q,,,,prob")
    with pytest.raises(MissingData, match="no question has a known answer"):
        lessons(read_resolved(folder))
