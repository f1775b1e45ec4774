"""IDEA protocol: elicitr's wide files and aggreCAT's long one, intervals brought to one level."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import (
    MISSING,
    Imported,
    Row,
    Settings,
)
from sweet_spot.evidence.importers.moments import plain
from sweet_spot.evidence.importers.wide import wide_rows

LEVEL = 80.0
"""Per cent that an interval shall hold, unless a map says otherwise; elicitr's own is 100."""

CATEGORIES = ("name", "option", "category", "confidence", "estimate")
RATINGS = ("round", "paper_id", "user_name", "question", "element", "value")
THREE_POINT = ("three_point_lower", "three_point_best", "three_point_upper")
OTHER = ("binary_question", "likert_binary")
_SUMS = {"probability": 1.0, "percent": 100.0}
_ROUNDING = 0.021
"""Of the sum of a person's estimates: a person writes two digits."""

NO_LEVEL = "an end of an interval that states no level"
NO_PROBABILITY = "an answer on a scale, not a probability"
EARLIER_ROUND = "superseded in a later round of the same file"


@dataclass(frozen=True)
class Interval:
    """Four points: ends, best guess, and the confidence that the value lies between, in per cent.

    Without a stated confidence there are three.
    """

    low: float
    best: float
    high: float
    confidence: float | None

    def stretched(self, level: float) -> tuple[float, float]:
        """The ends brought to a level in per cent, in proportion to the stated confidence."""
        assert self.confidence is not None
        factor = level / self.confidence
        low = self.best - (self.best - self.low) * factor
        return low, self.best + (self.high - self.best) * factor


def read(path: Path, settings: Settings) -> Sequence[Imported]:
    """The judgements of a round (elicitr) or of both (aggreCAT).

    Settings: `level` in per cent; `confidence` of intervals that state none, where it was agreed
    (0: it was not, and their ends are kept but excluded); `lowest` and `highest` possible value:
    an end stretched beyond one is kept as beyond the stated end. With none, any value is possible.
    """
    rows = wide_rows(path)
    header = rows[0].cells
    if "element" in header:
        return _ratings(rows)
    if "category" in header:
        return _categories(rows)
    variables = [name.removesuffix("_best") for name in header if name.endswith("_best")]
    if "name" not in header or not variables:
        remedy = "expected name and <v>_best; name, option, category; or round, element"
        raise rows[0].refusal("this is no file of elicitr or aggreCAT", remedy)
    _check_settings(rows[0], settings)
    seen: dict[str, int] = {}
    for row in rows:
        if seen.setdefault(row.needed("name"), row.line) != row.line:
            raise row.refusal(f"{shown(row.text('name'))} stands twice", "keep one row a person")
    return [
        item
        for row in rows
        for name in variables
        for item in _variable(row, name, header, settings)
    ]


def _check_settings(row: Row, settings: Settings) -> None:
    level, confidence = _setting(settings, "level", LEVEL), _setting(settings, "confidence", 0)
    if not 0 < level < 100 or not 0 <= confidence <= 100:
        message = f"settings: level {level:g}, confidence {confidence:g}"
        raise row.refusal(message, "write per cents: a level inside 0 to 100, as 80")


def _setting(settings: Settings, name: str, default: float) -> float:
    value = settings.get(name, default)
    return default if isinstance(value, str) else float(value)


def _variable(row: Row, name: str, header: Mapping[str, str], settings: Settings) -> list[Imported]:
    """What a person says of one variable, in as many points as they gave."""
    best = row.optional(f"{name}_best")
    if best is None:
        return []
    said = Imported(name, row.needed("name"), "median", (best,), row.line)
    if f"{name}_min" not in header:
        return [said]
    low, high = row.optional(f"{name}_min"), row.optional(f"{name}_max")
    if low is None or high is None:
        return [said]
    if not low <= best <= high:
        message = f"{name}: the best guess {best:g} is outside {low:g} to {high:g}"
        raise row.refusal(message, "compare with the source")
    interval = Interval(low, best, high, _confidence(row, name, settings))
    if interval.confidence is None:
        ends = (("min", low), ("max", high))
        return [said, *(_end(said, f"{name}[{which}]", value) for which, value in ends)]
    level = _setting(settings, "level", LEVEL)
    tail = round(0.5 - level / 200, 12)  # 0.1, not 0.09999999999999998
    values = _possible(row, interval, level, settings)
    return [replace(said, kind="quantile", levels=(tail, 0.5, round(1 - tail, 12)), values=values)]


def _end(said: Imported, question: str, value: float) -> Imported:
    return replace(
        said, question=question, values=(value,), role="excluded", reason=NO_LEVEL, kind="median"
    )


def _confidence(row: Row, name: str, settings: Settings) -> float | None:
    """Per cent that an interval holds, as stated or as agreed; None where neither."""
    stated = row.optional(f"{name}_conf") if row.text(f"{name}_conf") else None
    if stated is None:
        return _setting(settings, "confidence", 0) or None
    if not 1 < stated <= 100:  # a fraction would stretch the interval a hundredfold
        message = f"{name}_conf is {stated:g}"
        raise row.refusal(message, "write the confidence in per cent, above 1 and up to 100")
    return stated


def _possible(
    row: Row, interval: Interval, level: float, settings: Settings
) -> tuple[float | str, float, float | str]:
    """The points at a level; where a stretched end is impossible, it lies beyond the stated one."""
    low, high = interval.stretched(level)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise row.refusal("the stretched interval is too wide", "compare with the source")
    lowest = _setting(settings, "lowest", -math.inf)
    highest = _setting(settings, "highest", math.inf)
    return (
        f"<{plain(interval.low)}" if low < lowest <= interval.low else low,
        interval.best,
        f">{plain(interval.high)}" if interval.high <= highest < high else high,
    )


def _categories(rows: Sequence[Row]) -> list[Imported]:
    """Shares of categories within an option: each category is a question, `option[category]`."""
    sums: dict[tuple[str, str], float] = {}
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        key = tuple(_cell(row, name) for name in CATEGORIES[:3])
        if key in seen:
            raise row.refusal(f"{shown(' / '.join(key))} stands twice", "keep one of the two")
        seen.add(key)
        sums[key[0], key[1]] = sums.get((key[0], key[1]), 0.0) + row.number("estimate")
    unit = _unit(rows[0], sums)
    return [
        Imported(
            f"{row.text('option')}[{row.text('category')}]",
            row.text("name"),
            "probability",
            (_share(row, _SUMS[unit]),),
            row.line,
            unit=unit,
        )
        for row in rows
    ]


def _cell(row: Row, name: str) -> str:
    if name not in row.cells:
        raise row.refusal(f"no column {name!r}", f"expected {', '.join(CATEGORIES)}")
    return row.needed(name)


def _unit(row: Row, sums: Mapping[tuple[str, str], float]) -> str:
    """Fractions or per cents, told by what the estimates of one person and option add up to."""
    for unit, whole in _SUMS.items():
        if all(abs(total / whole - 1) <= _ROUNDING for total in sums.values()):
            return unit
    person, total = next(
        (who, total)
        for who, total in sums.items()
        if all(abs(total / whole - 1) > _ROUNDING for whole in _SUMS.values()) or len(sums) > 1
    )
    message = f"the estimates of {shown(person[0])} for {shown(person[1])} add up to {total:g}"
    raise row.refusal(message, "the file is cut, or mixes fractions (1) and per cents (100)")


def _share(row: Row, whole: float) -> float:
    value = row.number("estimate")
    if not 0 <= value <= whole:
        raise row.refusal(f"the estimate {value:g} is no share", "compare with the source")
    return value


def _ratings(rows: Sequence[Row]) -> list[Imported]:
    """aggreCAT: the best guess is a probability in per cent; its ends state no level."""
    rounds: dict[tuple[str, ...], str] = {}
    kept: set[tuple[str, ...]] = set()
    for row in rows:
        key = _key(row)
        rounds[key] = max(rounds.get(key, ""), row.text("round"))
        if (*key, row.text("round")) in kept:
            raise row.refusal("this answer stands twice in one round", "keep one of the two")
        kept.add((*key, row.text("round")))
    out = []
    for row in rows:
        said = _rating(row)
        if row.text("round") != rounds[_key(row)]:
            said = replace(said, role="excluded", reason=EARLIER_ROUND)
        out.append(said)
    return out


def _key(row: Row) -> tuple[str, ...]:
    for name in RATINGS:
        if name not in row.cells:
            raise row.refusal(f"no column {name!r}", f"expected {', '.join(RATINGS)}")
    return tuple(row.needed(name) for name in ("paper_id", "user_name", "question", "element"))


def _rating(row: Row) -> Imported:
    element, value = row.text("element"), row.number("value")
    question = f"{row.text('paper_id')}:{row.text('question')}"
    said = Imported(question, row.text("user_name"), "probability", (value,), row.line)
    said = replace(said, unit="percent", cluster=_group(row))
    if element in THREE_POINT:
        if not 0 <= value <= 100:
            raise row.refusal(f"{element} is {value:g}", "write per cents, 0 to 100")
        if element == "three_point_best":
            return said
        question = f"{question}[{element}]"
        return replace(said, question=question, role="excluded", reason=NO_LEVEL)
    if element in OTHER:
        return replace(said, kind="mean", unit="", role="excluded", reason=NO_PROBABILITY)
    raise _unknown(row, element)


def _unknown(row: Row, element: str) -> InvalidRecord:
    known = ", ".join((*THREE_POINT, *OTHER))
    return row.refusal(f"the element {shown(element)} is not known", f"write one of {known}")


def _group(row: Row) -> str:
    group = row.text("group")
    return "" if group.lower() in MISSING else group
