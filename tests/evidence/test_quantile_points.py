"""What was said, as quantiles on the working scale, against numbers worked by hand."""

import math

import pytest

from sweet_spot.argument.quantities import parse
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.quantile_points import ALWAYS, CENTURY, ROUNDED, Point, quantile_points
from sweet_spot.evidence.records import Question, Statement

YEAR, GAP = "year_automation", "years_between_speedups(5, 25)"
SPEED, SHARE = "speedup_automation", "scheming"
UNITS = {YEAR: "year", GAP: "years", SPEED: "dex", SHARE: "share"}
LOW, HIGH = math.log(ROUNDED / (1 - ROUNDED)), math.log((1 - ROUNDED) / ROUNDED)


def points(
    quantity: str, kind: str, *values: float | str, at: float = 2025.25, of: str = "", **more
) -> list[tuple[float, float, int]]:
    """Level, value and side of what was said; `of` is the question's event, in `asked_in`."""
    question = Question(
        id="q", wording="w", quantity=quantity, unit=more.pop("asked_in", UNITS[quantity]),
        event=of or None, topic="timelines", direction=1, fidelity="exact", fidelity_reason="r",
    )  # fmt: skip
    record = {"unit": "probability" if kind == "probability" else UNITS[quantity], **more}
    record |= {"value": values[0]} if len(values) == 1 else {"values": list(values)}
    statement = Statement(
        id="s", expert="e", question="q", kind=kind, role="evidence", reason="r", verified="yes",
        location="l", **record,
    )  # fmt: skip
    return [tuple(point) for point in quantile_points(statement, question, parse(quantity), at)]


def near(*expected: tuple[float, float, int]) -> object:
    """Exactly, but for the order of the same few operations."""
    return [pytest.approx(point, rel=1e-12, abs=1e-12) for point in expected]


@pytest.mark.parametrize(
    ("quantity", "unit", "value", "working"),
    [
        (YEAR, "year", 2034, math.log(10)),
        (GAP, "years", 1.5, math.log(1.52)),
        (GAP, "months", 18, math.log(1.52)),
        (GAP, "years", 0, math.log(0.02)),
        (SPEED, "multiplier", 20, math.log10(20)),
        (SPEED, "dex", -0.3, -0.3),
        (SHARE, "percent", 20, math.log(0.2 / 0.8)),
        (SHARE, "share", 0.2, math.log(0.2 / 0.8)),
    ],
)
def test_units(quantity: str, unit: str, value: float, working: float) -> None:
    for kind, level in [("median", {}), ("mean", {}), ("quantile", {"level": 0.5})]:
        found = points(quantity, kind, value, unit=unit, **level)
        assert found == near((0.5, working, 0))


def test_quantiles_and_their_bounds() -> None:
    found = points(YEAR, "quantile", "<2026", 2030, ">2100", levels=[0.1, 0.5, 0.9])
    assert found == near((0.1, math.log(2), -1), (0.5, math.log(6), 0), (0.9, math.log(76), 1))
    assert points(YEAR, "bound", ">2100") == near((0.5, math.log(76), 1))


@pytest.mark.parametrize(
    ("value", "event", "level", "side"),
    [
        (0.3, "< 2029", 0.3, 0),
        (0.3, "> 2029", 0.7, 0),
        ("<0.01", "< 2029", 0.01, 1),  # less than 1 % below t: the 1 % quantile lies above it
        (">0.6", "< 2029", 0.6, -1),
        ("<0.01", "> 2029", 0.99, -1),
        (">0.6", "> 2029", 0.4, 1),
        (0, "< 2029", ROUNDED, 1),  # "0 %" is less than half a per cent
        (1, "< 2029", 1 - ROUNDED, -1),
        (0, "> 2029", 1 - ROUNDED, -1),
        (1, "> 2029", ROUNDED, 1),
    ],
)
@pytest.mark.parametrize("unit", ["probability", "percent"])
def test_probabilities(value: float | str, event: str, level: float, side: int, unit: str) -> None:
    if unit == "percent":
        bound, number = (value[0], float(value[1:])) if isinstance(value, str) else ("", value)
        value = f"{bound}{100 * number:g}" if bound else 100.0 * number
    value = value if isinstance(value, str) else float(value)
    found = points(YEAR, "probability", value, event=event, unit=unit)
    assert found == near((level, math.log(5), side))


def test_event_is_in_the_unit_of_the_question_whoever_names_it() -> None:
    found = points(GAP, "probability", 0.4, event="< 18", asked_in="months")
    assert found == near((0.4, math.log(1.52), 0))
    assert found == points(GAP, "probability", 0.4, of="< 18", asked_in="months")
    assert points(SHARE, "probability", 0.25, of="> 50", asked_in="percent") == near((0.75, 0, 0))


def test_share_of_nothing_or_all_was_rounded() -> None:
    assert points(SHARE, "median", 0.0) == near((0.5, LOW, -1))
    assert points(SHARE, "median", 100.0, unit="percent") == near((0.5, HIGH, 1))
    assert points(SHARE, "probability", 0.7, event="> 0") == near((0.3, LOW, -1))


def test_what_says_nothing_is_out_of_the_way() -> None:
    assert points(SHARE, "median", ">0") == [(0.5, -ALWAYS, 1)]
    assert points(SHARE, "median", "<1") == [(0.5, ALWAYS, -1)]
    (level, _, side), = points(YEAR, "probability", ">0", event="< 2029")  # fmt: skip
    assert (level < 1e-10, side) == (True, -1)


def test_never_is_beyond_every_number_reported() -> None:
    found = points(YEAR, "quantile", 2030, 2050, "never", levels=[0.1, 0.5, 0.9])
    assert found[2] == pytest.approx((0.9, math.log(26), 1))
    found = points(YEAR, "quantile", 2030, ">2050", "later", levels=[0.1, 0.5, 0.9])
    assert found[2] == pytest.approx((0.9, math.log(26), 1))


def test_never_alone_is_not_within_a_hundred_years() -> None:
    assert points(YEAR, "median", "never") == near((0.5, math.log(1.25 + CENTURY), 1))
    found = points(YEAR, "quantile", "never", "later", levels=[0.5, 0.9], at=2016.0)
    assert found == near((0.5, math.log(92), 1), (0.9, math.log(92), 1))
    assert points(GAP, "median", "never", unit="months") == near((0.5, math.log(100.02), 1))
    assert points(SPEED, "median", "never") == [(0.5, -ALWAYS, 1)]


def test_before_its_own_date_is_not_after_it() -> None:
    today = math.log(1.5)
    found = points(YEAR, "quantile", 2025, "<2025", 2030, levels=[0.1, 0.2, 0.5], at=2025.5)
    assert found == near((0.1, today, -1), (0.2, today, -1), (0.5, math.log(6), 0))
    assert points(YEAR, "median", 2025.5, at=2025.5) == near((0.5, today, -1))
    assert points(YEAR, "median", ">2025", at=2025.5) == near((0.5, 0, 1))
    assert points(YEAR, "probability", 0.3, event="< 2025", at=2025.5) == near((0.3, today, -1))
    # little chance that it had happened by then: nothing about today
    assert points(YEAR, "probability", "<0.3", event="< 2025", at=2025.5) == near((0.3, 0, 1))


def test_years_before_the_scale_begins() -> None:
    assert points(YEAR, "median", 2020, at=2016.0) == near((0.5, 0, -1))  # before 2025
    assert points(YEAR, "median", 2024, at=2016.0) == near((0.5, 0, -1))
    assert points(YEAR, "median", ">2020", at=2016.0) == [(0.5, -ALWAYS, 1)]
    assert points(YEAR, "median", "<2023", at=2025.5) == near((0.5, math.log(1.5), -1))
    found = points(YEAR, "quantile", "never", 2020, levels=[0.5, 0.9], at=2016.0)
    assert found == [(0.5, -ALWAYS, 1), (0.9, 0.0, -1)]


def test_a_length_below_zero_is_a_bound_and_a_share_above_one_an_error() -> None:
    assert points(GAP, "median", -1) == near((0.5, math.log(0.02), -1))
    with pytest.raises(InvalidRecord, match="share has no place on the scale of scheming"):
        points(SHARE, "median", 1.5)


def test_score() -> None:
    assert Point(0.975, 0.0).score == pytest.approx(1.959963984540054)
