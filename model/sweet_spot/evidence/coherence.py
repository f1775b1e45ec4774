"""What one person said that contradicts itself: the statements, the numbers, the least repair.

Nothing is changed. Only what follows from probability alone is reported: medians of two dates, for
one, need not differ by the median of the gap between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sweet_spot.argument.quantities import Quantity, from_working, parse
from sweet_spot.argument.units import convert
from sweet_spot.evidence.checks import sound_material
from sweet_spot.evidence.contradictions import Contradiction, Kind, Stated, contradictions
from sweet_spot.evidence.importers import import_file
from sweet_spot.evidence.importers.fri import is_fri
from sweet_spot.evidence.ledger import answer_key, states
from sweet_spot.evidence.quantile_points import quantile_points
from sweet_spot.evidence.reading import SourcedStatement, all_sourced, sourced
from sweet_spot.evidence.records import Question, Statement, first_day, parse_value
from sweet_spot.evidence.repairs import conditional, premises

Held = tuple[str, tuple[tuple[str, float], ...], str]
"""Person, what is given, and the condition in words: numbers under one are comparable."""


def coherence(
    data: Path | str = "data", paths: Sequence[Path | str] | None = None
) -> tuple[Contradiction, ...]:
    """All contradictions in what is live, the largest first.

    Compared are the numbers of one person under one condition: of one quantity (`levels`), of
    quantities of which one is never the smaller (`nested`), of dates and the gap between them
    (`gap`), and, whatever their dates, of statements that name each other as `premises` or
    `includes`. Questions of loose fidelity are not compared with others, whose quantity is theirs
    only roughly; one-sided numbers are not compared at all.

    Parameters
    ----------
    paths
        Elicitation files, or folders of them, instead of those of the data folder; also tables of
        conditionals in FRI's format.

    Raises
    ------
    MissingData
        There is no such folder or file.
    InvalidRecord
        `check` finds an error; the message holds the first.
    """
    conditionals = [Path(path) for path in paths or () if is_fri(Path(path))]
    ours = None if paths is None else [path for path in paths if Path(path) not in conditionals]
    material = sound_material(data, ours)
    asked = {item.question.id: item.question for item in material.asked}
    said = [*all_sourced(material.files), *(item for path in conditionals for item in _fri(path))]
    found = [*_between_statements(said, asked), *_within_people(said, asked)]
    return tuple(sorted(found, key=lambda c: (-c.repair.change, c.expert, c.statements)))


def _fri(path: Path) -> Iterator[SourcedStatement]:
    """What the conditionals of a file in FRI's format say, as `import` reads them."""
    file = import_file("fri", path).file
    return (sourced(path, file.source, statement) for statement in file.statements)


def _within_people(
    said: Sequence[SourcedStatement], asked: Mapping[str, Question]
) -> Iterator[Contradiction]:
    views: defaultdict[Held, list[SourcedStatement]] = defaultdict(list)
    for item in _held(said):
        given = {**(asked[item.statement.question].given or {}), **(item.statement.given or {})}
        words = " ".join((item.statement.condition or "").casefold().split())
        views[item.statement.expert, tuple(sorted(given.items())), words].append(item)
    for (expert, _, _), items in views.items():
        strict = [i for i in items if asked[i.statement.question].fidelity != "loose"]
        yield from contradictions(expert, _points(strict, asked))
        loose: defaultdict[str, list[SourcedStatement]] = defaultdict(list)
        for item in items:
            if asked[item.statement.question].fidelity == "loose":
                loose[item.statement.question].append(item)
        for alike in loose.values():
            yield from contradictions(expert, _points(alike, asked))


def _held(said: Sequence[SourcedStatement]) -> Iterator[SourcedStatement]:
    """What is live, and what the same person said on the same day to the same question.

    Of a quantile and a probability in one answer only one can be fitted; both must agree. What is
    excluded and a part of another statement is compared with that alone.
    """
    parts = {name for item in said for names, _ in _parts(item.statement) for name in names or ()}
    now = states(said)
    latest = {answer_key(s): s.last_day for s in said if now[s.statement.id].status == "live"}
    for item in said:
        beside = now[item.statement.id].status in ("live", "superseded", "excluded")
        only_part = item.statement.role == "excluded" and item.statement.id in parts
        if beside and not only_part and latest.get(answer_key(item)) == item.last_day:
            yield item


def _points(
    said: Sequence[SourcedStatement], asked: Mapping[str, Question]
) -> Mapping[Quantity, list[Stated]]:
    """What was said exactly, as points of the distribution functions of quantities."""
    found: defaultdict[Quantity, list[Stated]] = defaultdict(list)
    for item in said:
        statement, question = item.statement, asked[item.statement.question]
        quantity = parse(question.quantity)
        if statement.kind not in ("quantile", "median", "probability"):
            continue
        day = first_day(item.date)
        year = day.year + (day.timetuple().tm_yday - 1) / 366
        for point in quantile_points(statement, question, quantity, year):
            if point.side == 0:
                value = round(float(from_working(quantity, point.value)), 9)
                found[quantity].append(Stated(value, point.level, statement.id))
    return found


def _between_statements(
    said: Sequence[SourcedStatement], asked: Mapping[str, Question]
) -> Iterator[Contradiction]:
    """What contradicts its premises, or the parts that it includes."""
    by_id = {item.statement.id: item for item in said}
    for item in said:
        statement = item.statement
        for names, kind in _parts(statement):
            items = [by_id[name] for name in names or () if name in by_id]
            numbers = [_probability(part) for part in (*items, item)]
            parts = [number for number in numbers if number is not None]
            if not names or len(parts) <= len(names):
                continue  # a part is elsewhere, or one-sided
            repair = (
                premises(parts[:-1], parts[-1])
                if kind == "premises"
                else conditional(parts[0], parts[1], parts[2])
            )
            if repair is not None:
                terms = tuple(_term(part, asked) for part in (*items, item))
                ids = (*names, statement.id)
                yield Contradiction(kind, statement.expert, terms, ids, repair)


def _parts(said: Statement) -> Iterator[tuple[Sequence[str] | None, Kind]]:
    yield said.premises, "premises"
    yield said.includes, "conditional"


def _probability(item: SourcedStatement) -> float | None:
    """The single exact probability that a statement gives."""
    said = item.statement
    if said.kind != "probability" or said.value is None:
        return None
    side, number = parse_value(said.value)
    return None if side or number is None else convert(number, said.unit, "probability")


def _term(item: SourcedStatement, asked: Mapping[str, Question]) -> str:
    said = item.statement
    given = f", given {said.condition.removeprefix('given ')}" if said.condition else ""
    if said.role == "excluded" and said.wording:  # it need not be about the quantity
        return f"P({said.wording}{given})"
    question = asked[said.question]
    event = said.event or question.event or ""
    return f"P({question.quantity} {event}{given})"
