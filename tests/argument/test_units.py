"""Units: conversions within a family, refusals across families."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweet_spot.argument.quantities import catalogue, parse
from sweet_spot.argument.units import UNITS, convert, unit_named, units_like
from sweet_spot.errors import InvalidRecord, UnknownQuantity

PAIRS = [(a, b) for a in UNITS for b in UNITS if UNITS[a].family == UNITS[b].family]


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (18, "months", "years", 1.5), (365.25, "days", "years", 1.0),
        (1, "years", "weeks", 365.25 / 7), (0.4, "share", "fraction", 0.4),
        (40, "percent", "share", 0.4), (0.4, "probability", "percent", 40.0),
        (20, "multiplier", "dex", math.log10(20)), (2, "dex", "multiplier", 100.0),
        (2030.5, "year", "year", 2030.5), (0.8, "per dex", "per dex", 0.8),
    ],
)  # fmt: skip
def test_known_conversions(value, unit, to, expected):
    assert convert(value, unit, to) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(("unit", "to"), PAIRS)
@given(value=st.floats(1e-6, 1e6))
def test_conversions_keep_order_and_can_be_undone(unit, to, value):
    value = min(value, 300.0) if unit == "dex" else value
    assert convert(convert(value, unit, to), to, unit) == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert convert(value * 1.01, unit, to) > convert(value, unit, to)


def test_families_do_not_mix():
    for unit in UNITS:
        for to in UNITS:
            if (unit, to) not in PAIRS:
                with pytest.raises(InvalidRecord, match="cannot be converted"):
                    convert(1.0, unit, to)


def test_year_is_a_date_and_years_a_length():
    assert units_like("year") == ("year",)
    assert set(units_like("months")) == {"years", "months", "weeks", "days"}


@pytest.mark.parametrize("value", [0.0, -2.0])
def test_a_multiplier_is_positive(value):
    with pytest.raises(InvalidRecord, match="above 0"):
        convert(value, "multiplier", "dex")


def test_huge_exponents_stay_finite():
    assert math.isfinite(convert(1e9, "dex", "multiplier"))


def test_unknown_units_are_named_with_near_matches():
    with pytest.raises(InvalidRecord, match="did you mean year"):
        unit_named("yaer")
    with pytest.raises(InvalidRecord, match="write one of year, years"):
        convert(1.0, "parsec", "years")


def test_every_quantity_has_a_unit_of_the_table():
    for name in catalogue():
        for arguments in ("", "(5)", "(5, 25)"):
            for coords in (
                "",
                "[safety_progress]",
                "[conceptual]",
                "[safety_progress, conceptual]",
            ):
                try:
                    assert parse(name + coords + arguments).unit in UNITS
                except UnknownQuantity:
                    continue
