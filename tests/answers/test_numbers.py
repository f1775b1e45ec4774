"""How numbers are written."""

import numpy as np
import pytest

from sweet_spot.answers import numbers, tables


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.684, "0.68"), (0.0094, "0.0094"), (2e-7, "2e-07"), (0.99996, ">0.9999"), (0, "0"), (1, "1"),
     (0.9964, "0.9964"), (float("nan"), numbers.DASH)],
)  # fmt: skip
def test_probability(value: float, text: str) -> None:
    assert numbers.probability(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(2031.24, "year", "2031.2"), (4500.0, "year", ">3000"), (0.0826, "dex", "0.0826"),
     (-0.5, "dex", f"{numbers.MINUS}0.5"), (2.5e6, "years", "2.5e6"), (1234.0, "years", "1234"),
     (float("inf"), "years", "∞"), (0.128, "share", "0.13")],
)  # fmt: skip
def test_number(value: float, unit: str, text: str) -> None:
    assert numbers.number(value, unit) == text


def test_a_small_share_is_never_rounded_away() -> None:
    assert [numbers.share(v) for v in (0.0, 1e-5, 0.023, 0.5)] == ["0 %", "<0.1 %", "2.3 %", "50 %"]


def test_the_interval_is_equal_tailed() -> None:
    low, middle, high = numbers.summary(np.linspace(0, 1, 1001))
    assert (low, middle, high) == pytest.approx((0.05, 0.5, 0.95))
    assert numbers.RULE == "90 % equal-tailed"
    assert numbers.span(float("nan"), 1.0, "years") == ""


def test_text_from_files_cannot_become_markup() -> None:
    assert tables.plain("a|b *c* <x>\n[y](z)") == r"a\|b \*c\* \<x\> \[y\](z)"
    assert tables.link("t", "javascript:alert(1)") == "t"
    assert tables.link("t", "https://a.b/c") == "[t](https://a.b/c)"
    assert tables.link("t", "https://a.b/c) [x](http://evil") == "t"
