"""Least repairs: against closed forms, against grids, on published premises and conditionals."""

import csv
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from sweet_spot.evidence.repairs import conditional, difference, half_digit, premises, rising

inside = st.floats(-7, 7).map(lambda x: float(expit(x)))
GRID = np.linspace(-1, 1, 161)


def distance(repair):
    return float(np.linalg.norm(logit(repair.repaired) - logit(repair.stated)))


def least_on_grid(first, second, third, wanted):
    """The least change among points of a fine grid of the first two that agree with the third.

    The third is put where it has to be at least, so that the grid is fine in it without end.
    """
    start = logit([first, second, third])
    alone = float(wanted(first, second))
    reach = logit(alone) - start[2] if alone < 1 else 20.0
    a, b = (expit(start[k] + reach * GRID) for k in (0, 1))
    whole = wanted(a[:, None], b[None, :])
    with np.errstate(divide="ignore", invalid="ignore"):
        need = np.fmax(logit(whole) - start[2], 0.0)
    need[whole <= 0] = 0
    steps = (reach * GRID) ** 2
    return math.sqrt(float((steps[:, None] + steps[None, :] + need**2).min()))


@settings(max_examples=100)
@given(inside, inside, inside)
def test_no_grid_point_repairs_a_conditional_with_less(condition, under, whole):
    repair = conditional(condition, under, whole)
    assert (repair is None) == (condition * under <= whole * (1 + 1e-9))
    if repair is not None:
        c, u_c, u = repair.repaired
        assert c * u_c == pytest.approx(u, rel=1e-9)
        assert repair.change == pytest.approx(distance(repair), rel=1e-6, abs=1e-9)
        least = least_on_grid(condition, under, whole, lambda a, b: a * b)
        assert repair.change <= least * (1 + 1e-6) + 1e-9


@settings(max_examples=100)
@given(inside, inside, inside)
def test_no_grid_point_repairs_a_difference_with_less(more, less, between):
    repair = difference(more, less, between)
    assert (repair is None) == (more - less <= between + 1e-9)
    if repair is not None:
        a, b, c = repair.repaired
        assert a - b == pytest.approx(c, rel=1e-6, abs=1e-12)
        assert repair.change == pytest.approx(distance(repair), rel=1e-5, abs=1e-7)
        least = least_on_grid(more, less, between, lambda a, b: a - b)
        assert repair.change <= least * (1 + 1e-6) + 1e-9


@settings(max_examples=60)
@given(st.lists(inside, min_size=2, max_size=4))
def test_no_grid_point_repairs_levels_with_less(levels):
    repair = rising(levels)
    assert (repair is None) == all(high >= low * (1 - 1e-9) for low, high in pairwise(levels))
    if repair is None:
        return
    assert list(repair.repaired) == pytest.approx(sorted(repair.repaired), rel=1e-9)
    start = logit(levels)
    points = np.linspace(start.min(), start.max(), 21)
    grid = np.stack(np.meshgrid(*[points] * len(levels), indexing="ij"), -1).reshape(
        -1, len(levels)
    )
    rises = (np.diff(grid, axis=1) >= 0).all(axis=1)
    assert repair.change <= np.linalg.norm(grid[rises] - start, axis=1).min() + 1e-9


def test_two_that_fall_meet_in_the_middle():
    repair = rising([0.6, 0.4])
    assert repair.repaired == pytest.approx((0.5, 0.5))
    assert repair.change == pytest.approx(math.sqrt(2) * logit(0.6))


def test_equal_places_are_one_event():
    assert rising([0.50, 0.505], [2030, 2030]) is None
    assert rising([0.3, 0.5], [2030, 2030]).repaired == pytest.approx((0.3956439,) * 2)
    repair = rising([0.1, 0.3, 0.5, 0.6], [2028, 2030, 2030, 2040])
    assert repair.repaired == pytest.approx((0.1, 0.3956439, 0.3956439, 0.6))


@pytest.mark.parametrize(
    "repair",
    [conditional(0.5, 0.5, 0.0), conditional(1.0, 1.0, 0.5), rising([1.0, 0.5]), rising([0.5, 0.0]),
     premises([0.0, 0.5], 0.2), premises([0.5, 0.5], 1.0), difference(1.0, 0.0, 0.5),
     difference(0.5, 0.1, 0.0)],
)  # fmt: skip
def test_zero_and_one_do_not_move(repair):
    assert repair.change == math.inf
    assert all(math.isnan(value) for value in repair.repaired)


def test_one_beside_what_can_move():
    repair = conditional(1.0, 0.6, 0.4)
    assert repair.repaired == pytest.approx((1.0, 0.5, 0.5))
    assert rising([0.0, 0.6, 0.4, 1.0]).repaired == pytest.approx((0.0, 0.5, 0.5, 1.0))


@pytest.mark.parametrize(
    ("stated", "half"),
    [(0.05, 0.005), (0.051, 0.0005), (0.3, 0.005), (1e-7, 5e-8), (1.5e-7, 5e-9), (0, 0.005)],
)
def test_half_a_unit_of_the_last_digit(stated, half):
    assert half_digit(stated) == pytest.approx(half)


def published(shared):
    with (shared / "evidence" / "public-forecasts.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.reader(file))
    values = {row[0]: row for row in records}
    column = records[0].index("value") if "value" in records[0] else 9
    return lambda number: float(values[f"F{number:04d}"][column])


def test_carlsmith_agrees_with_himself(shared):
    value = published(shared)
    parts = [value(number) for number in range(342, 353, 2)]
    assert math.prod(parts) == pytest.approx(0.0514, abs=5e-5)
    assert premises(parts, value(354)) is None


def test_the_superforecasters_do_not(shared):
    value = published(shared)
    parts = [value(number) for number in range(343, 354, 2)]
    assert math.prod(parts) == pytest.approx(0.0021, abs=5e-5)
    assert value(355) == 0.01
    repair = premises(parts, value(355))
    assert math.prod(repair.repaired[:-1]) == pytest.approx(repair.repaired[-1], rel=1e-9)
    assert repair.change == pytest.approx(distance(repair), rel=1e-6)
    assert repair.change < logit(0.01) - logit(math.prod(parts))  # all give way, not one alone


def test_exactly_six_rows_of_the_adversarial_collaboration(shared):
    with (shared / "formats" / "fri" / "FORECASTS.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    triples = [
        tuple(float(row[name]) for name in ("Pc", "PUc", "PU"))
        for row in rows
        if "NA" not in row.values()
    ]
    assert len(triples) == 647
    found = [repair for triple in triples if (repair := conditional(*triple)) is not None]
    assert len(found) == 6
    for repair in found:
        c, u_c, u = repair.repaired
        assert c * u_c == pytest.approx(u, rel=1e-9)
        assert (
            0
            < repair.change
            <= logit(repair.stated[0] * repair.stated[1]) - logit(repair.stated[2])
        )
