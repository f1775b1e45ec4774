"""Rules about the numbers of one statement: values, levels, probabilities, bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from sweet_spot.argument.units import UNITS, units_like
from sweet_spot.evidence.findings import Problem
from sweet_spot.evidence.material import Entry
from sweet_spot.evidence.records import parse_event, parse_value

ONE_VALUE = ("median", "mean", "bound")


class Reported(NamedTuple):
    """One reported value: its field, the side on which it lies, its number (None for a word)."""

    field: str
    side: str
    number: float | None


def reported(entry: Entry) -> list[Reported]:
    """The values of a statement, in order."""
    said = entry.statement
    if said.values is None:
        return [] if said.value is None else [Reported("value", *parse_value(said.value))]
    return [Reported(f"values[{i}]", *parse_value(value)) for i, value in enumerate(said.values, 1)]


def check_value_or_values(entry: Entry) -> Iterator[Problem]:
    """Exactly one of value and values; several values only where the kind allows them."""
    said = entry.statement
    if said.value is not None and said.values is not None:
        yield entry.problem("values", "both value and values are given", "give one of them")
    elif said.value is None and said.values is None:
        yield entry.problem(*_no_value(entry))
    elif said.kind in ONE_VALUE and said.values is not None:
        yield entry.problem("values", f"a {said.kind} is one number", "write it as value")


def _no_value(entry: Entry) -> tuple[str, str, str]:
    """Field, message and remedy; in a form not filled in, the field is there and empty."""
    said, raw = entry.statement, entry.read.document.content["statements"][entry.index]
    if "values" in raw:
        asked = said.levels or said.all_events()
        what = f", one for each of {', '.join(map(str, asked))}" if asked else ""
        skip = "to leave the question out, delete the whole statement"
        return (
            "values",
            "this is still to be filled in",
            f"write numbers in {said.unit}{what}; {skip}",
        )
    if "value" in raw:
        skip = "to leave the question out, delete the whole statement"
        return "value", "this is still to be filled in", f"write a number in {said.unit}; {skip}"
    remedy = "give value, or values for several levels or events"
    return "value", "there is neither value nor values", remedy


def check_levels_given(entry: Entry) -> Iterator[Problem]:
    """A quantile says at which levels, and nothing else does."""
    said = entry.statement
    given = (said.level is not None) + (said.levels is not None)
    if said.kind == "quantile" and given != 1:
        what = "both level and levels are given" if given else "a quantile has no levels"
        yield entry.problem("levels", what, "write levels: [0.1, 0.5, 0.9], one for each value")
    elif said.kind != "quantile" and given:
        field = "level" if said.levels is None else "levels"
        remedy = "remove it, or write kind: quantile"
        yield entry.problem(field, f"a {said.kind} has no levels", remedy)


def check_counts(entry: Entry) -> Iterator[Problem]:
    """As many values as levels, or as events."""
    said = entry.statement
    if said.kind == "quantile":
        what, wanted = "levels", len(said.all_levels())
    elif said.kind == "probability":
        one = bool(entry.question and entry.question.event)
        what, wanted = "events", len(said.all_events()) or int(one)
    else:
        return
    found = len(said.all_values())
    if wanted and found and wanted != found:
        remedy = f"give each of the {what} its value"
        yield entry.problem("values", f"{found} value(s) stand against {wanted} {what}", remedy)


def check_levels_inside(entry: Entry) -> Iterator[Problem]:
    """Levels lie between 0 and 1."""
    said = entry.statement
    levels = {f"levels[{i}]": level for i, level in enumerate(said.levels or [], 1)}
    if said.level is not None:
        levels["level"] = said.level
    for field, level in levels.items():
        if not 0 < level < 1:
            remedy = f"write {level / 100:g}" if 1 < level < 100 else "write one between 0 and 1"
            yield entry.problem(field, f"the level {level:g} is not between 0 and 1", remedy)


def check_levels_rise(entry: Entry) -> Iterator[Problem]:
    """Levels rise strictly."""
    for low, high in pairwise(entry.statement.levels or []):
        if high <= low:
            what = "repeats" if high == low else f"comes after {low:g}"
            remedy = "write levels in rising order, each with its value"
            yield entry.problem("levels", f"the level {high:g} {what}", remedy)


def check_quantiles_rise(entry: Entry) -> Iterator[Problem]:
    """No quantile lies below one of a lower level, bounds taken for what they exclude."""
    said = entry.statement
    levels = said.levels or []
    if said.kind != "quantile" or any(high <= low for low, high in pairwise(levels)):
        return  # in no order of levels: check_levels_rise
    least = -math.inf
    for value in reported(entry):
        number = math.inf if value.number is None else value.number
        if value.side != ">" and number < least:
            message = f"the quantile {number:g} lies below an earlier one, {least:g}"
            yield entry.problem(value.field, message, "compare with the source: quantiles rise")
        if value.side != "<":
            least = max(least, number)


def check_probabilities_agree(entry: Entry) -> Iterator[Problem]:
    """Probabilities for several thresholds are those of one distribution."""
    said = entry.statement
    values = reported(entry)
    if said.kind != "probability" or said.events is None or len(values) != len(said.events):
        return
    below = []
    for event, value in zip(said.events, values, strict=True):
        which, threshold = parse_event(event)
        if value.number is not None and not value.side:
            whole = 100.0 if said.unit == "percent" else 1.0
            chance = value.number if which == "<" else whole - value.number
            below.append((threshold, chance, event))
    for (_, low, first), (_, high, second) in pairwise(sorted(below)):
        if high < low - 1e-9:
            message = f"the events {first!r} and {second!r} have probabilities that contradict"
            yield entry.problem("values", message, "compare with the source")


def check_probability_range(entry: Entry) -> Iterator[Problem]:
    """Probabilities lie between 0 and 1 (0 and 100 percent)."""
    whole = 100 if entry.statement.unit == "percent" else 1
    for field, number in _outside_share(entry):
        if entry.statement.kind == "probability" and not looks_like_percent(entry, number):
            message = f"the probability {number:g} is not between 0 and {whole}"
            yield entry.problem(field, message, "compare with the source")


def check_not_percent(entry: Entry) -> Iterator[Problem]:
    """No percentage stands where a fraction belongs."""
    for field, number in _outside_share(entry):
        if looks_like_percent(entry, number):
            message = f"{number:g} is a percentage, where a fraction belongs"
            yield entry.problem(field, message, f"write {number / 100:g}, or unit: percent")


def _outside_share(entry: Entry) -> Iterator[tuple[str, float]]:
    """Field and number of the values that neither a probability nor a share can have."""
    unit = entry.statement.unit
    is_share = entry.quantity is not None and UNITS[entry.quantity.unit].family == "share"
    if unit not in units_like("share") or not (is_share or entry.statement.kind == "probability"):
        return
    whole = 100 if unit == "percent" else 1
    for value in reported(entry):
        if value.number is not None and not 0 <= value.number <= whole:
            yield value.field, value.number


def looks_like_percent(entry: Entry, number: float) -> bool:
    """Whether a number that is no share of one could be one of a hundred."""
    unit = entry.statement.unit
    return unit in units_like("share") and unit != "percent" and 1 < number <= 100


def check_bound_has_side(entry: Entry) -> Iterator[Problem]:
    """A bound says on which side the value lies."""
    for value in reported(entry):
        if entry.statement.kind == "bound" and not value.side:
            message = f"the bound {value.number:g} has no side"
            remedy = f"write '>{value.number:g}' or '<{value.number:g}', or another kind"
            yield entry.problem(value.field, message, remedy)


def check_reserved_words(entry: Entry) -> Iterator[Problem]:
    """Reserved words stand for quantities, not for probabilities or means."""
    said = entry.statement
    for value in reported(entry):
        if value.number is None and said.kind in ("probability", "mean"):
            message = f"a reserved word cannot be a {said.kind}"
            yield entry.problem(value.field, message, "write the number, as in 0 or '<0.01'")
