"""Reads JSON within bounds, and takes values out of it by name, each checked for what it is."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import LARGEST, read_text, refusal
from sweet_spot.evidence.importers.moments import moment_of_seconds, moment_of_text

MAX_VALUES = 3_000_000
"""Lists, maps and their members: an empty list of three bytes costs twenty times that in memory."""

MAX_TEXT = 4000


@dataclass(frozen=True)
class Node:
    """A value of a JSON file and where it stands, as in `results[0].question.id`."""

    path: Path
    place: str
    value: Any

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(key) is not None

    def __getitem__(self, key: str) -> Node:
        """The value under a key; one of None where there is no such key."""
        if not isinstance(self.value, dict):
            raise self.refusal(f"{shown(self.value)} where a map is expected", "export it again")
        return Node(self.path, f"{self.place}.{key}".lstrip("."), self.value.get(key))

    def names(self) -> Sequence[str]:
        """The keys of a map, checked as texts; none where there is nothing."""
        if self.value is None:
            return ()
        if not isinstance(self.value, dict):
            raise self.refusal(f"{shown(self.value)} where a map is expected", "export it again")
        return [Node(self.path, self.place, name).text() for name in self.value]

    def each(self) -> Sequence[Node]:
        """The members of a list; none where there is nothing."""
        if self.value is None:
            return ()
        if not isinstance(self.value, list):
            raise self.refusal(f"{shown(self.value)} where a list is expected", "export it again")
        return [Node(self.path, f"{self.place}[{i}]", v) for i, v in enumerate(self.value)]

    def text(self) -> str:
        """A text or an id; "" where there is nothing."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool) or not isinstance(self.value, str | int):
            raise self.refusal(f"{shown(self.value)} where a text is expected", "export it again")
        text = str(self.value).strip()
        if any(not c.isprintable() and c not in "\n\t\u200b\u00ad\u00a0" for c in text[:MAX_TEXT]):
            raise self.refusal(f"{shown(text)} holds control characters", "export it again")
        return text[:MAX_TEXT]

    def needed(self) -> str:
        """A text or an id that may not be empty."""
        text = self.text()
        if not text:
            raise self.refusal("nothing stands here", "export it again")
        return text

    def number(self) -> float:
        """A finite number."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refusal(f"{shown(value)} where a number is expected", "export it again")
        if not abs(value) <= LARGEST or not math.isfinite(value):
            message = f"{shown(value)} is beyond {LARGEST:g}"
            raise self.refusal(message, "compare with the source")
        return float(value)

    def optional(self) -> float | None:
        """A finite number, or None where there is nothing."""
        return None if self.value is None else self.number()

    def probability(self) -> float:
        """A number from 0 to 1."""
        value = self.number()
        if not 0 <= value <= 1:
            raise self.refusal(f"{value:g} is no probability", "compare with the source")
        return value

    def flag(self) -> bool:
        """True or false; nothing is false."""
        if self.value not in (None, True, False):
            raise self.refusal(f"{shown(self.value)}, not true or false", "export it again")
        return bool(self.value)

    def moment(self, *, per_second: int = 1) -> dt.datetime | None:
        """A moment written as ISO text or as a number since 1970; None where there is nothing."""
        if self.value is None:
            return None
        try:
            if isinstance(self.value, str):
                return moment_of_text(self.value)
            return moment_of_seconds(self.number() / per_second)
        except ValueError as error:
            message = f"{shown(self.value)} is not a date"
            raise self.refusal(message, "compare with the source") from error

    def refusal(self, message: str, remedy: str) -> InvalidRecord:
        """The error for something wrong in this place, to be raised."""
        place = f"{' '.join(self.place[:200].split())}: " if self.place else ""
        return refusal(self.path, None, f"{place}{message}", remedy)


def read_json(path: Path) -> Node:
    """The content of a JSON file; NaN, repeated keys and whatever is too large are refused."""
    text = read_text(path)
    if sum(map(text.count, "[{,")) > MAX_VALUES:
        message = f"the file holds more than {MAX_VALUES} values"
        raise refusal(path, None, message, "split it and import the parts")
    try:
        content = json.loads(text, parse_constant=_not_json, object_pairs_hook=_map)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg[0].lower()}{error.msg[1:]}"
        raise refusal(path, error.lineno, message, "export it again") from error
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:100]
        raise refusal(path, None, f"this is not usable JSON: {why}", "export it again") from error
    return Node(path, "", content)


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _map(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {shown(repeated)} stands twice in one map")
    return out
