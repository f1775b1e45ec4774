"""From the fields of a form to what a statement says: by quantiles, chips and bins, or probability.

Values stay as they were typed: a bound stays a bound, never and later stay words. Whether they make
sense is for the same records and rules as in files (forecast_file.py).
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, get_args

from sweet_spot.argument.quantities import parse
from sweet_spot.argument.units import UNITS
from sweet_spot.errors import InvalidAnswer
from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.records import Question

Way = Literal["quantiles", "chips", "probability"]
"""How a question is answered."""
WAYS: tuple[Way, ...] = get_args(Way)
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The quantiles that are asked for; any may be left out."""
CHIPS = 20
THRESHOLDS = 3
"""So many thresholds with a probability can be stated of a quantity."""
MOST_BINS = 24
MOST_FIELDS, LONGEST_FIELD, LONGEST_REASON = 64, 400, 2000
LONGEST_NAME = 80

_NAME = re.compile(r"how|reason|edges|percent|(value|threshold|percent|chip)_[0-2]?[0-9]")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_EDGES: Mapping[str, Sequence[float]] = {
    "years": (0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50),
    "percent": (1, 5, 10, 20, 35, 50, 65, 80, 90, 95),
    "multiplier": (1, 1.5, 2, 3, 5, 10, 30, 100),
    "dex": (-1, -0.5, 0, 0.25, 0.5, 0.75, 1, 1.5, 2),
}
_AHEAD = (2, 4, 6, 9, 14, 24, 44, 74)
"""Years from now on at which bins of a calendar date end, before anybody moves them."""
_OTHER = (0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2)


def clean_text(text: str, longest: int, what: str) -> str:
    """A text that a person typed, with nothing in it that cannot be seen.

    Raises
    ------
    InvalidAnswer
        It is too long, or holds half a character.
    """
    if len(text) > longest:
        raise InvalidAnswer(f"{what}: at most {longest} characters, and these are {len(text)}")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise InvalidAnswer(f"{what}: holds half a character; type it again")
    return _UNSEEN.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clean_name(text: str) -> str:
    """A person's name: one line; raises InvalidAnswer where nothing of it is left."""
    name = " ".join(clean_text(text, LONGEST_NAME, "name").split())
    if not any(c.isalnum() for c in name):
        raise InvalidAnswer("name: write the name under which the answers are to stand")
    return name


def clean_fields(raw: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a form that have a meaning, within bounds; others are dropped.

    Raises
    ------
    InvalidAnswer
        There are too many, or one is too long.
    """
    found = {}
    for count, (name, value) in enumerate(raw):
        if count >= MOST_FIELDS:
            raise InvalidAnswer(f"a form has at most {MOST_FIELDS} fields")
        if _NAME.fullmatch(name):
            longest = LONGEST_REASON if name == "reason" else LONGEST_FIELD
            found[name] = clean_text(value, longest, name.replace("_", " "))
    return found


def unit_of(question: Question) -> str:
    """The unit in which a form asks: shares in per cent, all else as the question has it."""
    return "percent" if UNITS[question.unit].family == "share" else question.unit


def ways_of(question: Question) -> tuple[Way, ...]:
    """How a question can be answered: of an event only its probability can be stated."""
    return ("probability",) if question.event else WAYS


def way_of(fields: Mapping[str, str], question: Question) -> Way:
    """How a form is filled in; the first way there is where it does not say."""
    asked, possible = fields.get("how", ""), ways_of(question)
    return next((way for way in possible if way == asked), possible[0])


def default_edges(unit: str, today: dt.date) -> tuple[float, ...]:
    """Where bins end before anybody moves them: the same for every question of a unit.

    They follow from the unit alone and never from the model or from other people's answers, which
    would be an anchor.
    """
    if unit == "year":
        return tuple(float(today.year + ahead) for ahead in _AHEAD)
    return tuple(map(float, _EDGES.get(unit, _OTHER)))


def edges_of(fields: Mapping[str, str], question: Question, today: dt.date) -> tuple[float, ...]:
    """Where the bins of a form end; raises InvalidAnswer where they do not rise."""
    text = fields.get("edges", "")
    if not text:
        return default_edges(unit_of(question), today)
    parts = [part for part in re.split(r"[\s;,]+", text) if part]
    edges = tuple(_number(part, "edges") for part in parts)
    if not 2 <= len(edges) < MOST_BINS:
        raise InvalidAnswer(f"edges: write 2 to {MOST_BINS - 1} numbers with spaces between them")
    if any(low >= high for low, high in pairwise(edges)):
        raise InvalidAnswer("edges: each must be larger than the one before")
    return edges


def stated(fields: Mapping[str, str], question: Question, today: dt.date) -> dict[str, Any]:
    """What a form says, as the fields kind, value(s), level(s), event(s), unit of a statement.

    Raises
    ------
    InvalidAnswer
        Something is missing or is no number; the message begins with the field.
    """
    match way_of(fields, question):
        case "quantiles":
            return _quantiles(fields, question)
        case "chips":
            return _chips(fields, question, today)
        case "probability":
            return _probability(fields, question)


def place_of(fields: Mapping[str, str], question: Question) -> str:
    """Where in the form the answer stands, in words."""
    way = way_of(fields, question)
    return f"form, {CHIPS} chips over bins" if way == "chips" else f"form, by {way}"


def _quantiles(fields: Mapping[str, str], question: Question) -> dict[str, Any]:
    given = [(level, fields.get(f"value_{k}", "")) for k, level in enumerate(LEVELS)]
    unit = unit_of(question)
    held = [(p, _value(v, f"value_{k}", unit)) for k, (p, v) in enumerate(given) if v]
    if not held:
        raise InvalidAnswer("value_2: write at least one value, best the median")
    content: dict[str, Any] = {"kind": "quantile", "unit": unit}
    if len(held) == 1:
        return content | {"level": held[0][0], "value": held[0][1]}
    return content | {"levels": [level for level, _ in held], "values": [v for _, v in held]}


def _chips(fields: Mapping[str, str], question: Question, today: dt.date) -> dict[str, Any]:
    """The probability below each edge that has chips on either side of it.

    No chip below an edge says only "less than half a chip": such edges state nothing.
    """
    edges = edges_of(fields, question, today)
    counts = [_count(fields.get(f"chip_{k}", ""), f"chip_{k}") for k in range(len(edges) + 1)]
    if sum(counts) != CHIPS:
        raise InvalidAnswer(f"chip_0: {CHIPS} chips are to be placed, and these are {sum(counts)}")
    below = [sum(counts[: k + 1]) for k in range(len(edges))]
    inner = [(edge, n / CHIPS) for edge, n in zip(edges, below, strict=True) if 0 < n < CHIPS]
    if len({share for _, share in inner}) < 2:
        raise InvalidAnswer(
            "chip_0: the chips lie in fewer than three bins, which tells too little;"
            " make the bins finer where your chips are"
        )
    return {
        "kind": "probability",
        "events": [f"< {_plain(_in_own(edge, question))}" for edge, _ in inner],
        "values": [share for _, share in inner],
        "unit": "probability",
    }


def _probability(fields: Mapping[str, str], question: Question) -> dict[str, Any]:
    if question.event:
        value = _percent(fields.get("percent", ""), "percent")
        return {"kind": "probability", "value": value, "unit": "percent"}
    held = []
    for k in range(THRESHOLDS):
        at, chance = fields.get(f"threshold_{k}", ""), fields.get(f"percent_{k}", "")
        if at or chance:
            edge = _in_own(_number(at, f"threshold_{k}"), question)
            held.append((edge, _percent(chance, f"percent_{k}")))
    if not held:
        raise InvalidAnswer("threshold_0: write a threshold and how probable a smaller value is")
    held.sort(key=lambda pair: pair[0])
    events = [f"< {_plain(edge)}" for edge, _ in held]
    content: dict[str, Any] = {"kind": "probability", "unit": "percent"}
    if len(held) == 1:
        return content | {"event": events[0], "value": held[0][1]}
    return content | {"events": events, "values": [chance for _, chance in held]}


def _in_own(edge: float, question: Question) -> float:
    """A threshold as the form has it, in the question's own unit."""
    in_percent = unit_of(question) != question.unit
    return edge / 100 if in_percent else edge


def _plain(number: float) -> str:
    return f"{number:.12g}"


def _value(text: str, field: str, unit: str) -> float | str:
    """A value as typed: a number, a bound, or a reserved word."""
    if unit == "percent":
        text = text.removesuffix("%").strip()
    if _NUMBER.fullmatch(text):
        return _finite(float(text), field)
    word = " ".join(text.lower().split())
    if word in ("never", "later") or text.startswith(("<", ">")):
        return word
    raise InvalidAnswer(
        f"{field}: {shown(text)} is not a value: write a number such as 2035 or 0.5, a bound such"
        " as >2100, or never"
    )


def _percent(text: str, field: str) -> float | str:
    if not text:
        raise InvalidAnswer(f"{field}: write how probable it is, in per cent, as in 30")
    return _value(text, field, "percent")


def _number(text: str, field: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise InvalidAnswer(f"{field}: {shown(text)} is not a number")
    return _finite(float(text), field)


def _finite(number: float, field: str) -> float:
    if not math.isfinite(number):
        raise InvalidAnswer(f"{field}: is too large")
    return number


def _count(text: str, field: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,2}", text):
        raise InvalidAnswer(f"{field}: {shown(text)} is not a number of chips")
    return int(text)


def role_of(question: Question) -> str:
    """Evidence, or a check where part of the quantity's mass sits on one value."""
    return "check" if parse(question.quantity).has_atom else "evidence"


def seed_values(fields: Mapping[str, str], names: Sequence[str]) -> tuple[float, ...]:
    """Plain numbers of a form, all of them; raises InvalidAnswer."""
    return tuple(_number(fields.get(name, "").removesuffix("%").strip(), name) for name in names)
