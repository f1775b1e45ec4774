"""Beliefs on the working scale, against numbers worked by hand and against scipy."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sweet_spot.argument.quantities import parse
from sweet_spot.evidence.beliefs import Belief, belief
from sweet_spot.evidence.quantile_points import ROUNDED
from sweet_spot.evidence.records import Question, Statement

YEAR, GAP = "year_automation", "years_between_speedups(5, 25)"
SPEED, SHARE = "speedup_automation", "scheming"
UNITS = {YEAR: "year", GAP: "years", SPEED: "dex", SHARE: "share"}
Z90 = stats.norm.ppf(0.9)


def said(quantity: str, kind: str, *values: float | str, at: float = 2025.25, **more) -> Belief:
    """The belief that a statement expresses."""
    question = Question(
        id="q", wording="w", quantity=quantity, unit=UNITS[quantity], topic="timelines",
        direction=1, fidelity="exact", fidelity_reason="r",
    )  # fmt: skip
    record = {"unit": "probability" if kind == "probability" else UNITS[quantity], **more}
    record |= {"value": values[0]} if len(values) == 1 else {"values": list(values)}
    statement = Statement(
        id="s", expert="e", question="q", kind=kind, role="evidence", reason="r", verified="yes",
        location="l", **record,
    )  # fmt: skip
    return belief(statement, question, parse(quantity), at)


def quantiles(*values: float | str, levels: list[float], at: float = 2025.25) -> Belief:
    """The belief that quantiles of a year express."""
    return said(YEAR, "quantile", *values, levels=levels, at=at)


def is_(held: Belief, form: str, **expected: float) -> bool:
    """Whether a belief has this form, these fields, and the defaults for the rest; NaN is NaN."""
    wanted = {"side": 0, "spread": math.nan, "threshold": 0, "residual": math.nan}
    wanted |= {"consistent": True, "curvature": 0, "score": 0, **expected}
    found = asdict(held)
    return found.pop("form") == form and found == pytest.approx(wanted, 1e-12, 1e-12, nan_ok=True)


def test_two_quantiles_give_the_line_through_them() -> None:
    # log(2026 - 2024) = log 2 at -Z90, log(2040 - 2024) = log 16 at Z90
    centre, spread = math.log(2 * 16) / 2, math.log(16 / 2) / (2 * Z90)
    assert is_(
        quantiles(2026, 2040, levels=[0.1, 0.9]), form="centre", observed=centre, spread=spread
    )


def test_three_quantiles_give_least_squares_and_a_residual() -> None:
    held = quantiles(2026, 2030, 2050, levels=[0.1, 0.5, 0.9])
    low, middle, high = math.log(2), math.log(6), math.log(26)
    centre = (low + middle + high) / 3  # the scores sum to zero
    off = middle - centre  # the outer two are off by half of it, the other way
    rms = math.sqrt((off**2 + 2 * (off / 2) ** 2) / 3)
    spread = (high - low) / (2 * Z90)
    assert is_(held, form="centre", observed=centre, spread=spread, residual=rms)


@given(
    st.lists(st.floats(0.01, 0.99), min_size=2, max_size=6, unique_by=lambda p: round(p, 2)),
    st.lists(st.floats(0.1, 100), min_size=6, max_size=6),
)
def test_fit_agrees_with_scipy(levels: list[float], values: list[float]) -> None:
    levels, values = sorted(levels), sorted(values[: len(levels)])
    held = said(GAP, "quantile", *values, levels=levels)
    line = stats.linregress(stats.norm.ppf(levels), np.log(np.add(values, 0.02)))
    # levels 0.001 apart lose three digits of the double's sixteen, and extrapolation two more
    np.testing.assert_allclose(
        [held.observed, held.spread], [line.intercept, max(line.slope, 0)], 1e-7, 1e-9
    )


@given(st.floats(-2, 2), st.floats(0.1, 2))
def test_whatever_is_reported_of_a_normal_belief_gives_it_back(m: float, s: float) -> None:
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    years = (np.exp(m + s * stats.norm.ppf(levels)) - 0.02).tolist()
    held = said(GAP, "quantile", *years, levels=levels)
    # m and s are of order one; values near -0.02 years lose digits to the offset
    np.testing.assert_allclose([held.observed, held.spread], [m, s], rtol=0, atol=1e-9)
    assert held.residual < 1e-9
    assert held.consistent


def test_one_number() -> None:
    assert is_(said(YEAR, "median", 2034), form="centre", observed=math.log(10))
    level = said(YEAR, "quantile", 2034, level=0.9)
    assert is_(level, form="centre", observed=math.log(10), score=Z90)
    half = said(YEAR, "quantile", 2034, level=0.5)
    assert is_(half, form="centre", observed=math.log(10))


def test_probability_of_less_and_of_more() -> None:
    expected = {"form": "probability", "threshold": math.log(5)}
    below = said(YEAR, "probability", 0.3, event="< 2029")
    assert is_(below, observed=stats.norm.ppf(0.3), **expected)  # (t - m) / s
    above = said(YEAR, "probability", 0.3, event="> 2029")
    assert is_(above, observed=-stats.norm.ppf(0.3), **expected)
    # an even chance keeps the noise of a single probability
    assert is_(said(YEAR, "probability", 0.5, event="< 2029"), observed=0, **expected)


def test_probability_set_is_a_quantile_set() -> None:
    held = said(GAP, "probability", 0.6, 0.8, events=["> 1", "< 10"])
    same = said(GAP, "quantile", 1, 10, levels=[0.4, 0.8])
    assert is_(held, form="centre", observed=same.observed, spread=same.spread)
    z = (np.log([1.02, 10.02]) - held.observed) / held.spread
    np.testing.assert_allclose(stats.norm.cdf(z), [0.4, 0.8], rtol=1e-12)


def test_mean_of_a_log_quantity() -> None:
    held = said(GAP, "mean", 24, unit="months")
    assert is_(held, form="mean", observed=math.log(2.02), curvature=1)
    # observed = m + s^2 / 2 is the log of the mean
    centre = held.observed - 0.7**2 / 2
    assert stats.lognorm(s=0.7, scale=math.exp(centre)).mean() == pytest.approx(2.02)


def test_mean_of_multipliers() -> None:
    held = said(SPEED, "mean", 20, unit="multiplier")
    assert is_(held, form="mean", observed=math.log10(20), curvature=math.log(10))
    centre = held.observed - held.curvature * 0.3**2 / 2
    assert stats.lognorm(s=0.3 * math.log(10), scale=10**centre).mean() == pytest.approx(20)


def test_other_means() -> None:
    assert is_(said(SPEED, "mean", 1.3), form="centre", observed=1.3)
    assert is_(said(SHARE, "mean", 0.5), form="centre", observed=0)
    bound = said(GAP, "mean", ">3")
    assert is_(bound, form="mean", observed=math.log(3.02), side=1, curvature=1)


@pytest.mark.parametrize(("value", "side"), [(">2100", 1), ("<2100", -1)])
def test_bound_alone(value: str, side: int) -> None:
    for kind in ("median", "bound"):
        held = said(YEAR, kind, value)
        assert is_(held, form="centre", observed=math.log(76), side=side)
    level = said(YEAR, "quantile", value, level=0.9)
    assert is_(level, form="centre", observed=math.log(76), score=Z90, side=side)


@pytest.mark.parametrize(
    ("value", "event", "level", "side"),
    [
        ("<0.01", "< 2029", 0.01, -1),
        (">0.6", "< 2029", 0.6, 1),
        ("<0.01", "> 2029", 0.99, 1),
        (">0.6", "> 2029", 0.4, -1),
        (0.0, "< 2029", ROUNDED, -1),
        (1.0, "> 2029", ROUNDED, -1),
    ],
)
def test_one_sided_probability(value: float | str, event: str, level: float, side: int) -> None:
    held = said(YEAR, "probability", value, event=event)
    observed = stats.norm.ppf(level)
    assert is_(held, form="probability", observed=observed, threshold=math.log(5), side=side)


@pytest.mark.parametrize(
    ("bound", "consistent"), [(">2045", True), (">2100", False), ("<2045", False)]
)
def test_censored_member_must_agree_with_the_fit(bound: str, consistent: bool) -> None:
    held = quantiles(2027, 2033, bound, levels=[0.1, 0.5, 0.9])
    line = quantiles(2027, 2033, levels=[0.1, 0.5])  # its 0.9-quantile is 2051
    expected = {"observed": line.observed, "spread": line.spread}
    assert is_(held, form="centre", consistent=consistent, **expected)


def test_censored_probability_must_agree_with_the_fit() -> None:
    events = {"events": ["< 2027", "< 2033", "< 2100"]}
    assert said(YEAR, "probability", 0.1, 0.5, ">0.9", **events).consistent
    assert not said(YEAR, "probability", 0.1, 0.5, "<0.9", **events).consistent
    assert said(YEAR, "probability", 0.0, 0.02, 0.9, **events).consistent
    assert not said(YEAR, "probability", 0.0, 0.1, 0.5, **events).consistent  # 2.6 % by the fit


def test_quantile_before_its_own_date_does_not_enter_the_fit() -> None:
    held = quantiles(2025, 2030, 2040, levels=[0.1, 0.5, 0.9], at=2025.5)
    line = quantiles(2030, 2040, levels=[0.5, 0.9])  # its tenth quantile is 2026.2
    expected = {"observed": line.observed, "spread": line.spread}
    assert is_(held, form="centre", consistent=False, **expected)


def test_with_one_uncensored_the_spread_is_unstated() -> None:
    alone = {"form": "centre", "observed": math.log(9)}
    assert is_(quantiles(2033, ">2050", levels=[0.5, 0.9]), **alone)
    assert is_(quantiles(2033, ">2030", levels=[0.5, 0.9]), **alone)
    assert is_(quantiles(2033, "<2030", levels=[0.5, 0.9]), consistent=False, **alone)
    assert is_(quantiles(">2040", 2033, levels=[0.1, 0.5]), consistent=False, **alone)


def test_censored_sets_use_the_tightest_bound() -> None:
    later = {"form": "centre", "observed": math.log(26), "side": 1}
    assert is_(quantiles(">2050", ">2050", levels=[0.5, 0.9]), **later)
    assert is_(quantiles(">2050", "never", levels=[0.5, 0.9]), **later)
    assert is_(quantiles("<2090", ">2050", levels=[0.1, 0.5]), **later)  # facing each other
    tenth = quantiles(">2050", ">2050", ">2050", levels=[0.1, 0.5, 0.9])
    assert is_(tenth, form="centre", observed=math.log(26), score=-Z90, side=1)
    # with spread 1, log 7975 - 1.28 is a later centre than log 6
    far = quantiles(">2030", ">9999", levels=[0.5, 0.9])
    assert is_(far, form="centre", observed=math.log(7975), score=Z90, side=1)
    # what says nothing gives way
    zero = said(SHARE, "quantile", ">0", "<0.5", levels=[0.5, 0.9])
    assert is_(zero, form="centre", observed=0, score=Z90, side=-1)


def test_never() -> None:
    held = quantiles(2030, 2050, "never", levels=[0.1, 0.5, 0.9])
    line = quantiles(2030, 2050, levels=[0.1, 0.5])
    assert is_(held, form="centre", observed=line.observed, spread=line.spread)
    assert not quantiles("never", 2030, 2050, levels=[0.1, 0.5, 0.9]).consistent
    lone = {"form": "centre", "observed": math.log(101.25), "side": 1}
    assert is_(said(YEAR, "median", "never"), **lone)
    assert is_(quantiles("never", "never", levels=[0.5, 0.9]), **lone)


def test_falling_fit_is_flagged_and_states_no_spread() -> None:
    held = said(GAP, "probability", 0.6, 0.2, events=["< 1", "< 10"])
    observed = np.log([1.02, 10.02]).mean()  # the best line that does not fall
    assert is_(held, form="centre", observed=observed, consistent=False)


def test_one_probability_at_two_thresholds_states_no_spread() -> None:
    held = said(GAP, "probability", 0.2, 0.2, events=["< 1", "< 10"])
    expected = {"observed": stats.norm.ppf(0.2), "threshold": np.log([1.02, 10.02]).mean()}
    assert is_(held, form="probability", consistent=False, **expected)


def test_no_spread_at_all_is_a_stated_spread() -> None:
    held = quantiles(2030, 2030, 2030, levels=[0.1, 0.5, 0.9])
    assert is_(held, form="centre", observed=math.log(6), spread=0, residual=0)


numbers = st.floats(0.02, 1e4).map(lambda x: round(x, 6))
values = st.one_of(
    numbers, numbers.map(lambda x: f">{x}"), numbers.map(lambda x: f"<{x}"), st.just("never")
)


@given(st.lists(st.tuples(values, st.floats(0.001, 0.999)), min_size=1, max_size=5))
def test_nothing_one_sided_becomes_a_number(pairs: list[tuple[float | str, float]]) -> None:
    levels = sorted({level for _, level in pairs})
    reported = [value for value, _ in pairs][: len(levels)]
    where = {"levels": levels} if len(levels) > 1 else {"level": levels[0]}
    held = said(GAP, "quantile", *reported, **where)
    assert math.isfinite(held.observed)
    assert math.isfinite(held.threshold)
    assert not held.spread < 0
    assert (held.side == 0) == any(not isinstance(value, str) for value in reported)
    exact = sum(not isinstance(value, str) for value in reported)
    assert math.isnan(held.spread) or exact >= 2
