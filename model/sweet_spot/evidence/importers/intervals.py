"""Intervals in one line of text, such as `5 to 10`: what each dialect means by them.

    squiggle     a to b   to(a, b)   lognormal({p5: a, p95: b})   normal({p10: a, p90: b})
    squigglepy   a to b   sq.to(a, b, credibility=80)   sq.norm(a, b)   sq.lognorm(a, b)
    guesstimate  a to b   [a, b]   a -> b   a..b   a:b   and `a of b`, a beta distribution
    ai2027-params         [a, b]

An interval holds 90 percent unless it says so, in AI 2027's parameter files 80. It is lognormal
unless it reaches down to 0 or below, where Squiggle refuses it and the others mean a normal one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from scipy import special

from sweet_spot.evidence.findings import near, shown

Family = Literal["lognormal", "normal", "beta"]
LONGEST = 200
SUFFIXES = {"%": -2, "K": 3, "M": 6, "B": 9, "T": 12}
"""Powers of ten."""

GUESSTIMATE_WEIGHT = 3.0
"""Its `a of b` is drawn from beta(3a, 3(b - a)): three times as sure as the counts alone."""

_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9][0-9_]*)"
_N = rf"[-+]?\$?(?:{_DIGITS}(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]{{1,3}})?\s?[%KkMBT]?"
_ARGUMENT = r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?[%kKMBT]?"
_PAIR = rf"\(\s*({_ARGUMENT})\s*,\s*({_ARGUMENT})"
_TO = re.compile(rf"({_N})\s+to\s+({_N})")
_CALL = re.compile(
    rf"(?:sq\.)?(to|norm|lognorm){_PAIR}(?:\s*,\s*credibility\s*=\s*([0-9.]{{1,6}}))?\s*\)"
)
_SQUIGGLE = re.compile(
    rf"(normal|lognormal)\(\{{\s*p([0-9]{{1,2}})\s*:\s*({_ARGUMENT})\s*,"
    rf"\s*p([0-9]{{1,2}})\s*:\s*({_ARGUMENT})\s*\}}\)"
)
_SIGN = re.compile(rf"({_N})\s*(?:->|\.\.|:)\s*({_N})")
_OF = re.compile(rf"({_N})\s+of\s+({_N})")


@dataclass(frozen=True)
class Interval:
    """Two quantiles as written, and the distribution that the dialect means by them.

    Attributes
    ----------
    family
        Of `beta`, `low` and `high` are the quantiles at `levels` that its two counts imply.
    mu, sigma
        Of the logarithm, where lognormal; NaN of a beta.
    """

    family: Family
    levels: tuple[float, float]
    low: float
    high: float
    mu: float
    sigma: float

    @property
    def median(self) -> float:
        """Median of a normal or lognormal."""
        return math.exp(self.mu) if self.family == "lognormal" else self.mu


def parse(text: str, dialect: str) -> Interval:
    """The interval that a text means in a dialect; ValueError says what is wrong with it."""
    text = text.strip()
    if dialect not in _READERS:
        known = ", ".join(_READERS)
        raise ValueError(f"no dialect {shown(dialect)}{near(dialect, _READERS)}: write {known}")
    if len(text) > LONGEST:
        raise ValueError(f"{shown(text)} is longer than {LONGEST} characters")
    return _READERS[dialect](text)


def _squiggle(text: str) -> Interval:
    if found := _SQUIGGLE.fullmatch(text):
        family: Family = "normal" if found[1] == "normal" else "lognormal"
        levels = (int(found[2]) / 100, int(found[4]) / 100)
        return _interval(text, family, levels, _number(found[3]), _number(found[5]))
    if found := _TO.fullmatch(text) or re.fullmatch(rf"to{_PAIR}\s*\)", text):
        return _interval(text, "lognormal", _levels(90), _number(found[1]), _number(found[2]))
    raise _unknown(text, "5 to 10, or lognormal({p5: 5, p95: 10})")


def _squigglepy(text: str) -> Interval:
    if found := _CALL.fullmatch(text):
        low, high = _number(found[2]), _number(found[3])
        levels = _levels(_percent(text, found[4] or "90"))
        family: Family = "normal" if found[1] == "norm" else "lognormal"
        return _interval(text, _reach(low) if found[1] == "to" else family, levels, low, high)
    if found := _TO.fullmatch(text):
        return _by_reach(text, found[1], found[2])
    raise _unknown(text, "5 to 10, or sq.to(5, 10, credibility=80)")


def _guesstimate(text: str) -> Interval:
    if found := _OF.fullmatch(text):
        return _beta(text, _number(found[1]), _number(found[2]))
    if found := _TO.fullmatch(text) or _SIGN.fullmatch(text):
        return _by_reach(text, found[1], found[2])
    if text.startswith("[") and text.endswith("]"):
        return _by_reach(text, *_bracketed(text))
    raise _unknown(text, "5 to 10, [5, 10], 5 -> 10, 5..10, 5:10 or 3 of 10")


def _ai2027(text: str) -> Interval:
    if not (text.startswith("[") and text.endswith("]")):
        raise _unknown(text, "[5, 10]")
    low, high = map(_number, _bracketed(text))
    return _interval(text, "lognormal", _levels(80), low, high)


def _bracketed(text: str) -> tuple[str, str]:
    """The two sides of `[a, b]`, whose commas may also group thousands."""
    splits = []
    inner = text[1:-1]
    for comma in re.finditer(",", inner):
        sides = inner[: comma.start()].strip(), inner[comma.end() :].strip()
        if all(re.fullmatch(_N, side) for side in sides):
            splits.append(sides)
    if len(splits) > 1:
        splits = [sides for sides in splits if f"{sides[0]}, {sides[1]}" == inner.strip()]
    if len(splits) != 1:
        raise _unknown(text, "[5, 10], with a blank after the comma that parts the two")
    return splits[0]


def _number(text: str) -> float:
    """A number with its suffix; all commas that group thousands are removed, not the first."""
    plain = re.sub(r"[,_$\s]", "", text)
    power = SUFFIXES.get(plain[-1].upper(), 0)
    value = float(Decimal(plain[:-1] if plain[-1].upper() in SUFFIXES else plain).scaleb(power))
    if abs(value) > 1e100:
        raise ValueError(f"{shown(text)} is beyond 1e100")
    return value


def _percent(text: str, written: str) -> float:
    try:
        value = float(written)
    except ValueError:
        raise _unknown(text, "credibility=80") from None
    if not 1 < value < 100:
        raise ValueError(f"the credibility of {shown(text)} is not between 1 and 100 percent")
    return value


def _levels(percent: float) -> tuple[float, float]:
    return (100 - percent) / 200, (100 + percent) / 200


def _reach(low: float) -> Family:
    return "lognormal" if low > 0 else "normal"


def _by_reach(text: str, low: str, high: str) -> Interval:
    first = _number(low)
    return _interval(text, _reach(first), _levels(90), first, _number(high))


def _interval(
    text: str, family: Family, levels: tuple[float, float], low: float, high: float
) -> Interval:
    if not 0 < levels[0] < levels[1] < 1:
        raise ValueError(f"the levels of {shown(text)} do not rise between 0 and 100 percent")
    if not low < high:
        raise ValueError(f"the interval {shown(text)} does not rise")
    if family == "lognormal" and low <= 0:
        raise ValueError(f"the interval {shown(text)} reaches 0 or below, but is lognormal")
    a, b = (math.log(low), math.log(high)) if family == "lognormal" else (low, high)
    scores = special.ndtri(levels[0]), special.ndtri(levels[1])
    sigma = float((b - a) / (scores[1] - scores[0]))
    return Interval(family, levels, low, high, float(a - sigma * scores[0]), sigma)


def _beta(text: str, hits: float, total: float) -> Interval:
    if not 0 < hits < total:
        raise ValueError(f"{shown(text)} is not `a of b` with 0 < a < b")
    shape = GUESSTIMATE_WEIGHT * hits, GUESSTIMATE_WEIGHT * (total - hits)
    levels = _levels(90)
    low, high = (float(special.betaincinv(*shape, level)) for level in levels)
    if not 0 < low < high < 1:
        raise ValueError(f"{shown(text)} is too sure to be told in numbers")
    return Interval("beta", levels, low, high, math.nan, math.nan)


def _unknown(text: str, as_in: str) -> ValueError:
    return ValueError(f"{shown(text)} is no interval of this dialect: write {as_in}")


_READERS: Mapping[str, Callable[[str], Interval]] = {
    "squiggle": _squiggle,
    "squigglepy": _squigglepy,
    "guesstimate": _guesstimate,
    "ai2027-params": _ai2027,
}
