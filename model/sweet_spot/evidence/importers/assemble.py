"""From imported answers and a map to an elicitation file: ids, roles, names; values untouched."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sweet_spot.argument.units import UNITS
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.importers.common import Imported, refusal
from sweet_spot.evidence.importers.mapping import Map, Mapped
from sweet_spot.evidence.records import ElicitationFile, Ending, How, Statement, first_day, last_day

LONGEST_ID = 64
"""Of the readable part: a number that tells equal ones apart comes after it."""

LONGEST_TEXT = 4000
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")


@dataclass(frozen=True)
class Unmapped:
    """An outside question that the map neither maps nor ignores, and how many answers it has."""

    question: str
    text: str
    answers: int


@dataclass(frozen=True)
class Assembled:
    """What an import gives: the file to write, and the questions that are not in it."""

    file: ElicitationFile
    unmapped: tuple[Unmapped, ...]


def assemble(path: Path, answers: Sequence[Imported], mapping: Map | None) -> Assembled:
    """The elicitation file of imported answers.

    Without a map, outside ids that have the form of ours are taken for ours, roles are those in
    the file or else excluded, and the file stands for its source.

    Raises
    ------
    InvalidRecord
        Nothing is mapped, or an answer does not fit our records.
    """
    mapping = mapping or _identity(path, answers)
    taken: Counter[str] = Counter()
    statements: list[Statement] = []
    given: list[Imported] = []
    endings: list[Ending] = []
    left: dict[str, list[Imported]] = {}
    found = {name: mapping.find(name) for name in dict.fromkeys(a.question for a in answers)}
    for answer in answers:
        mapped = found[answer.question]
        if mapped is not None:
            statements.append(_statement(path, answer, mapped, mapping, taken))
            given.append(answer)
            endings += _ending(path, answer, statements[-1].id)
        else:
            left.setdefault(answer.question, []).append(answer)
    unmapped = tuple(
        Unmapped(name, same[0].text, len(same))
        for name, same in left.items()
        if not mapping.ignores(name)
    )
    if not statements:
        raise refusal(path, None, f"nothing is mapped: {_listed(unmapped)}", _MAP_THEM)
    whole = _with_parts(given, statements)
    content = {"schema": 1, "source": mapping.source, "statements": whole}
    ended = {"endings": endings} if endings else {}
    return Assembled(ElicitationFile.model_validate({**content, **ended}), unmapped)


def _with_parts(
    answers: Sequence[Imported], statements: Sequence[Statement]
) -> Sequence[Statement]:
    """The statements, each naming those that it includes, where all of these are there."""
    pairs = list(zip(answers, statements, strict=True))
    ids = {(answer.forecaster, answer.question): said.id for answer, said in pairs}
    out = []
    for answer, said in pairs:
        parts = [ids.get((answer.forecaster, name)) for name in answer.includes]
        whole = bool(parts) and None not in parts
        out.append(said.model_copy(update={"includes": parts}) if whole else said)
    return out


_MAP_THEM = "write a map with these ids under `questions:` and name it with --map"


def _listed(unmapped: Sequence[Unmapped], most: int = 10) -> str:
    names = ", ".join(repr(item.question[:80]) for item in unmapped[:most]) or "there is no answer"
    more = f" and {len(unmapped) - most} more" if len(unmapped) > most else ""
    return f"the outside questions are {names}{more}" if unmapped else names


def _identity(path: Path, answers: Sequence[Imported]) -> Map:
    """The map that stands in for none: our own ids, and the file as its source."""
    names = dict.fromkeys(a.question for a in answers if _IDENTIFIER.fullmatch(a.question))
    dates = [answer.date for answer in answers if answer.date]
    if not names:
        ids = dict.fromkeys(answer.question for answer in answers)
        listed = _listed([Unmapped(name, "", 1) for name in ids])
        raise refusal(path, None, f"no id has the form of ours: {listed}", _MAP_THEM)
    if not dates:
        remedy = "name a map with its source with --map"
        raise refusal(path, None, "nothing says when this was said", remedy)
    source = {"title": path.name, "url": f"file:{path.name}", "date": max(dates, key=last_day)}
    asked = {name: {"question": name} for name in names}
    return Map.model_validate({"schema": 1, "source": source, "questions": asked})


def _statement(
    path: Path, answer: Imported, mapped: Mapped, mapping: Map, taken: Counter[str]
) -> Statement:
    """One statement of ours; fields without content are left out."""
    role, reason = _role(answer, mapped, mapping)
    prefix = mapping.prefix or path.stem
    fields: Mapping[str, Any] = {
        "id": _id((prefix, answer.forecaster, answer.question), taken),
        "expert": mapping.people.get(answer.forecaster, answer.forecaster),
        "cluster": _cluster(answer, mapping),
        "people": answer.people,
        "date": answer.date or mapping.date,
        "question": mapped.question,
        "kind": answer.kind,
        **_values(path, answer, mapped),
        "unit": _unit(path, answer, mapped),
        "given": mapped.given,
        "condition": _joined(answer.condition, mapped.condition),
        "role": role,
        "reason": reason,
        "verified": mapping.verified,
        "location": _location(path, answer, mapping),
        "wording": mapped.wording or answer.text[:LONGEST_TEXT],
    }
    try:
        stated = {name: value for name, value in fields.items() if value not in (None, "")}
        return Statement.model_validate({**stated, **answer.own})
    except ValidationError as error:
        raise _misfit(path, answer, error) from error


def _misfit(path: Path, answer: Imported, error: ValidationError) -> InvalidRecord:
    details = error.errors(include_url=False)[0]
    field = ".".join(str(step) for step in details["loc"])
    message = f"{answer.question[:80]!r}, {field}: {str(details['msg']).lower()}"
    return refusal(path, answer.line, message, "compare with the source")


def _values(path: Path, answer: Imported, mapped: Mapped) -> dict[str, Any]:
    """Values with their levels or events, in the singular where there is one."""
    if mapped.event and answer.events:
        message = f"the answers to {answer.question[:80]!r} have events of their own"
        raise refusal(path, answer.line, message, "remove `event` from the map")
    events = answer.events or ((mapped.event,) if mapped.event else ())
    if len(answer.values) == 1:
        return {
            "value": _plain(answer.values[0]),
            "level": answer.levels[0] if answer.levels else None,
            "event": events[0] if events else None,
        }
    return {
        "values": [_plain(value) for value in answer.values],
        "levels": list(answer.levels) or None,
        "events": list(events) or None,
    }


def _plain(value: float | str) -> float | str:
    """A whole number without a point, as people write it."""
    if isinstance(value, str) or value != int(value) or abs(value) > 1e15:
        return value
    return int(value)


def _unit(path: Path, answer: Imported, mapped: Mapped) -> str:
    """The unit that the file or the map names; they may not contradict."""
    if answer.unit in UNITS and mapped.unit not in (None, answer.unit):
        message = f"{answer.question[:80]!r} is in {answer.unit}, by the map in {mapped.unit}"
        raise refusal(path, answer.line, message, "correct the map: values are never converted")
    unit = mapped.unit or answer.unit
    if not unit:
        remedy = f"add `unit:` to it in the map, one of {', '.join(UNITS)}"
        raise refusal(path, answer.line, f"{answer.question[:80]!r} has no unit", remedy)
    return unit


def _role(answer: Imported, mapped: Mapped, mapping: Map) -> tuple[str, str]:
    """Role and its reason: what the file rules out stays out; pooled and machines as mapped."""
    if answer.role == "excluded":
        return "excluded", answer.reason or "so in the file"
    if mapped.role is None:
        return answer.role or "excluded", answer.reason or "neither file nor map gives it a role"
    role, reason = mapped.role, _joined(mapped.reason, answer.reason) or "as mapped"
    if answer.is_aggregate and mapping.pooled != role:
        return mapping.pooled, f"a pooled number: {reason}"
    if answer.is_bot and mapping.bots != role:
        return mapping.bots, f"said by a machine: {reason}"
    return role, reason


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None


def _ending(path: Path, answer: Imported, statement: str) -> Iterator[Ending]:
    """The end of a statement, where the file says one: a statement ends once, on the first."""
    yield from (end.model_copy(update={"statement": statement}) for end in answer.ends)
    ends: dict[How, str] = {"withdrawn": answer.withdrawn, "expired": answer.expires}
    known: list[tuple[How, str]] = [(how, date) for how, date in ends.items() if date]
    if known:
        how, date = min(known, key=lambda end: first_day(end[1]))
        yield Ending(statement=statement, how=how, date=date, why=f"so in {path.name[:200]}")


def _cluster(answer: Imported, mapping: Map) -> str | None:
    """The cluster as mapped, or else the file's own word for it as an id."""
    same = _IDENTIFIER.fullmatch(answer.cluster)
    own = answer.cluster if same else _slug(answer.cluster)
    return mapping.clusters.get(answer.cluster) or own or mapping.cluster


def _location(path: Path, answer: Imported, mapping: Map) -> str:
    line = "" if answer.line is None else f", line {answer.line}"
    return f"{mapping.location + ': ' if mapping.location else ''}{path.name}{line}"


def _id(parts: Iterable[str], taken: Counter[str]) -> str:
    """An id from some words, with a number where it was given before."""
    slug = "-".join(filter(None, map(_slug, parts)))[:LONGEST_ID].strip("-_.") or "statement"
    taken[slug] += 1
    while taken[slug] > 1:  # "a" twice may meet a word "a-2"
        longer = f"{slug}-{taken[slug]}"
        if not taken[longer]:
            taken[longer] = 1
            return longer
        taken[slug] += 1
    return slug


@lru_cache(maxsize=4096)
def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_.]+", "-", plain.lower()).strip("-_.")[:80]
