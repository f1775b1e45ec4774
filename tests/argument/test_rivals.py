"""Each rival structure against quadrature and by hand."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, special

from sweet_spot.argument.axis import (
    AXIS,
    arrival,
    automation,
    cost_to_arrive,
    labour_integral,
    twice_integrated,
    years_for_progress,
)
from sweet_spot.argument.conditions import conditions
from sweet_spot.argument.rivals import (
    BOTTLENECK,
    MAIN,
    NO_FEEDBACK,
    SOFT_DANGER,
    STRUCTURES,
)
from sweet_spot.argument.spec import load_argument, with_structure
from sweet_spot.argument.structure import (
    DERIVED_DIMS,
    GATES,
    NUMPY,
    derive,
    equations,
    evaluation_failure,
)
from sweet_spot.argument.worlds import evaluate, intervene, target
from sweet_spot.errors import InvalidArgument

RIVALS = STRUCTURES[1:]
CLOSE = 1e-9
"""Relative: quadrature asks for 1e-12 on pieces; the soft integral is a difference of two."""


def random_paces(count: int, seed: int) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    low, high = [0.0, 0.3, -1.0, -1.0, 0.0], [0.3, 2.5, 2.5, 2.5, 2.5]
    rows = rng.uniform(low, high, (count, 5))
    rows[:, 2:4] = 10 ** rows[:, 2:4]
    return [dict(zip(AXIS, map(np.asarray, row), strict=True)) for row in rows]


def by_quadrature(weight, low, high, pace, structure=MAIN, *bends) -> float:
    """Calendar years from one speed to another, each weighted: cost over pace, piece by piece."""
    r = float(automation(pace))

    def years(x: float) -> float:
        late = pace["years_per_dex_after"] * 10 ** (pace["diminishing_returns"] * (x - r))
        cost = pace["years_per_dex_before"] if x < r else late
        return float(cost * 10 ** -(x if structure.feedback else min(x, r))) * weight(x)

    ends = sorted({low, high, *(b for b in (r, *bends) if low < b < high)})
    pieces = itertools.pairwise(ends) if high > low else ()
    return sum(integrate.quad(years, a, b, epsabs=0, epsrel=1e-12)[0] for a, b in pieces)


def test_each_rival_changes_one_thing() -> None:
    assert STRUCTURES[0] == MAIN
    assert MAIN.change == (0.0, True, 0.0)
    assert len({s.name for s in STRUCTURES}) == len(STRUCTURES) == 4
    assert sum(s.weight for s in STRUCTURES) == pytest.approx(1, abs=1e-12)
    for rival in RIVALS:
        assert sum(a != b for a, b in zip(rival.change, MAIN.change, strict=True)) == 1
        assert min(len(rival.meaning), len(rival.reason), len(rival.source)) >= 10


def test_digest_follows_the_equations() -> None:
    argument = load_argument()
    digests = {with_structure(argument, s).digest for s in STRUCTURES}
    assert len(digests) == 4
    assert with_structure(argument, MAIN) == argument
    # words do not make other equations, numbers do
    words, wider = replace(SOFT_DANGER, reason="other"), replace(SOFT_DANGER, danger_width=0.4)
    assert with_structure(argument, words).digest in digests
    assert with_structure(argument, wider).digest not in digests
    with pytest.raises(InvalidArgument, match="has the structure bottleneck already"):
        with_structure(with_structure(argument, BOTTLENECK), SOFT_DANGER)


# bottleneck


def test_bottleneck_is_a_power_mean(draws) -> None:
    judged = 1 - special.expit(draws["output_failure"]) * special.expit(
        draws["process_failure"][:, None]
    )
    wanted = 1 - (draws["work_share"] * judged[:, None, :] ** -4.0).sum(-1) ** -0.25
    found = equations(draws, NUMPY, BOTTLENECK)
    np.testing.assert_allclose(found["evaluation_failure"], wanted, rtol=1e-9)
    # a power mean rises with its exponent: never better than the product, never than the worst
    main = equations(draws, NUMPY)["evaluation_failure"]
    worst = (1 - judged.min(-1))[:, None]
    assert (found["evaluation_failure"] >= main - 1e-12).all()
    assert (found["evaluation_failure"] <= worst + 1e-12).all()
    assert (found["evaluation_failure"] - main).max() > 0.1


@pytest.mark.parametrize(("power", "slack"), [(-1e-7, 1e-6), (-200.0, 0.03)])
def test_limits_of_the_bottleneck(draws, power, slack) -> None:
    """Exponent to zero: the product. To minus infinity: the worst kind (share^(1/200) near 1)."""
    draws = {**draws, "output_failure": np.clip(draws["output_failure"], -3, 2)}  # no overflow
    found = equations(draws, NUMPY, replace(BOTTLENECK, work_exponent=power))["evaluation_failure"]
    missed = special.expit(draws["output_failure"].max(-1)) * special.expit(
        draws["process_failure"]
    )
    needed = draws["work_share"].min(-1) > 0.02
    main = equations(draws, NUMPY)["evaluation_failure"]
    wanted = main if power > -1 else np.broadcast_to(missed[:, None], main.shape)
    np.testing.assert_allclose(found[needed], wanted[needed], rtol=0, atol=slack)


def test_a_kind_that_is_not_needed_does_not_hold_up() -> None:
    output, share = np.array([-1.0, 0.3, 800.0]), np.array([[0.6, 0.4, 0.0], [0.0, 0.0, 1.0]])
    found = evaluation_failure(output, np.array([1.7]), share, NUMPY, BOTTLENECK)
    judged = 1 - special.expit(output[:2]) * special.expit(1.7)
    assert found[0] == pytest.approx(1 - (share[0, :2] @ judged**-4.0) ** -0.25, rel=1e-12)
    assert found[1] == pytest.approx(special.expit(1.7), rel=1e-12)
    nothing = evaluation_failure(np.full(3, -800.0), np.array([1.7]), share, NUMPY, BOTTLENECK)
    np.testing.assert_array_equal(nothing, 0.0)


# no feedback


@pytest.mark.parametrize("pace", random_paces(25, 1))
def test_arrival_without_feedback(pace) -> None:
    start, r = float(pace["current_speedup"]), float(automation(pace))
    for speed in (start - 0.5, (start + r) / 2, r, r + 1e-6, r + 0.7, r + 3):
        years = by_quadrature(lambda _: 1.0, start, max(speed, start), pace, NO_FEEDBACK)
        found = arrival(speed, pace, NUMPY, NO_FEEDBACK)
        assert found == pytest.approx(years, rel=CLOSE, abs=0)
        assert (found > arrival(speed, pace, NUMPY)) == (speed > r)
        if speed > start:
            solved = cost_to_arrive(found * 1.5, speed, pace, NUMPY, NO_FEEDBACK)
            again = arrival(speed, {**pace, "years_per_dex_before": solved}, NUMPY, NO_FEEDBACK)
            assert again == pytest.approx(found * 1.5, rel=1e-10)
    for amount in (0.1, 3.0, 20.0):  # the pace stays that of full automation
        found = years_for_progress(amount, pace, NUMPY, NO_FEEDBACK)
        assert found == pytest.approx(amount * 10**-r, rel=CLOSE)


@pytest.mark.parametrize("pace", random_paces(12, 2))
@pytest.mark.parametrize("growth", [0.0, 0.37, 1.0])
def test_labour_without_feedback(pace, growth) -> None:
    start, r = float(pace["current_speedup"]), float(automation(pace))
    points = [start - 0.6, (start + r) / 2, r, r + 0.4, r + 2.0]
    for useful, dangerous in itertools.product(points, repeat=2):
        wanted = by_quadrature(
            lambda x, u=useful: 10 ** (growth * (x - u)),
            max(useful, start), dangerous, pace, NO_FEEDBACK,
        )  # fmt: skip
        found = labour_integral(useful, dangerous, growth, pace, NUMPY, NO_FEEDBACK)
        assert found == pytest.approx(wanted, rel=CLOSE, abs=0)


def test_without_feedback_costs_grow_faster_by_one(drawn) -> None:
    """Beyond full automation, no feedback is the main structure with one more per dex."""
    steeper = drawn.assign(diminishing_returns=drawn["diminishing_returns"] + 1)
    rival, main = derive(drawn, NO_FEEDBACK), derive(steeper)
    for name in (*DERIVED_DIMS, *GATES):
        np.testing.assert_allclose(rival[name], main[name], rtol=1e-9, err_msg=name)


def test_statements_about_dates_follow_the_structure(draws) -> None:
    """A date given is met, and quantities in that world are those of the rival's equations."""
    given = {"year_at_speedup(250)": 2035.0}
    via = "years_per_dex_before"
    asked = [target("year_at_speedup(250)", given, via), target("years_between_speedups(5, 250)")]
    asked += [target("year_at_speedup(5)"), target("year_at_speedup(250)")]
    asked += [target("year_dangerous"), target("progress_between_speedups(5, 250)")]
    found = evaluate(asked, draws, NUMPY, NO_FEEDBACK)
    world = intervene(draws, conditions(given, via), NUMPY, NO_FEEDBACK)
    met = world[via] > 1e-3
    assert met.mean() > 0.7
    np.testing.assert_allclose(np.exp(found[met, 0]), 11.0, rtol=1e-10)
    between = np.exp(found[:, 3]) - np.exp(found[:, 2])
    np.testing.assert_allclose(np.exp(found[:, 1]) - 0.02, between, rtol=1e-7, atol=1e-9)
    main = evaluate(asked, draws, NUMPY)
    assert (found[:, 3] >= main[:, 3] - 1e-12).all()
    assert (found[:, 3] > main[:, 3] + 0.01).mean() > 0.5
    np.testing.assert_array_equal(found[:, 5], main[:, 5])  # what progress costs is the same
    dated = np.log(2 + equations(draws, NUMPY, NO_FEEDBACK)["years_to_dangerous"])
    np.testing.assert_allclose(found[:, 4], dated, rtol=1e-12)


# soft danger


@pytest.mark.parametrize("rate", [0.0, 1e-9, -1e-4, 8e-3, 1e-2, -0.5, 0.7, -3.0, 3.0])
@pytest.mark.parametrize("length", [0.0, 1e-6, 0.4, 1.0, 4.0])
def test_twice_integrated(rate, length) -> None:
    wanted, _ = integrate.quad(
        lambda t: (length - t) * 10 ** (rate * t), 0, length, epsabs=0, epsrel=1e-13
    )
    found = twice_integrated(np.asarray(rate), np.asarray(length), NUMPY)
    assert found == pytest.approx(wanted, rel=1e-12, abs=0)


@pytest.mark.parametrize("pace", random_paces(12, 3))
@pytest.mark.parametrize("growth", [0.0, 0.37, 1.0])
def test_labour_with_soft_danger(pace, growth) -> None:
    """Every year counts by the part of vulnerability that has not come."""
    start, r, width = float(pace["current_speedup"]), float(automation(pace)), 0.5
    points = [start - 0.6, (start + r) / 2, r, r + 0.4, r + 2.0]
    for useful, dangerous in itertools.product(points, repeat=2):

        def weight(x: float, u: float = useful, d: float = dangerous) -> float:
            safe = min(max((d + width - x) / (2 * width), 0), 1)
            return 10 ** (growth * (x - u)) * safe

        ends = dangerous - width, dangerous + width
        wanted = by_quadrature(weight, max(useful, start), ends[1], pace, MAIN, ends[0])
        found = labour_integral(useful, dangerous, growth, pace, NUMPY, SOFT_DANGER)
        assert found == pytest.approx(wanted, rel=CLOSE, abs=1e-14)


def test_a_soft_world_by_hand(typical) -> None:
    """The first factor at the centre of the prior: u = 1.5, d = 2.02, ramp from 1.52 to 2.52."""
    found = equations(typical, NUMPY, SOFT_DANGER)
    pace = {name: typical[name] for name in AXIS}

    def safe(x: float) -> float:
        return min(max(2.52 - x, 0), 1)

    bought = 0.25 * (2.52 - 1.5) / 2  # halfway from 1.5 to 2.52
    years = by_quadrature(safe, 1.5, 2.52, pace, MAIN, 1.52)
    assert found["years_in_sweet_spot"][0] == pytest.approx(years + bought, rel=1e-9)
    grown = by_quadrature(lambda x: safe(x) * 10 ** ((x - 1.5) / 2), 1.5, 2.52, pace, MAIN, 1.52)
    wanted = grown + bought * 10 ** (0.51 / 2)
    assert found["labour_years"][0] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("danger_gap", "exists"), [(-0.43, False), (-0.41, True), (0.1, True), (0.2, True)]
)
def test_when_a_soft_spot_exists(typical, danger_gap, exists) -> None:
    """Useful at .2 beyond automation: to a degree, until half a dex beyond the threshold."""
    world = {**typical, "danger_gap": np.asarray(danger_gap), "uneven_arrival": np.full(3, 0.2)}
    found = equations(world, NUMPY, SOFT_DANGER)
    assert (found["exists"] == exists).all()
    assert ((found["labour_years"] > 0) == exists).all()
    assert (found["years_in_sweet_spot"] < 1e-3).all() or exists
