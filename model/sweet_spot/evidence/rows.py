"""Rows of the evidence: one for a statement, or one for many of a crowd."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from sweet_spot.argument.worlds import Target, target
from sweet_spot.evidence.beliefs import belief
from sweet_spot.evidence.crowds import KEYS, Named, Row, day_number, rows_of, summary
from sweet_spot.evidence.ledger import Span, State, spans
from sweet_spot.evidence.reading import SourcedStatement
from sweet_spot.evidence.records import Question, first_day

FORMS = ("centre", "mean", "probability")


class Targets(NamedTuple):
    """What is asked about, by question and condition, and the number of each target.

    Thousands of statements are about a few dozen targets.
    """

    asked: dict[tuple[str, tuple[tuple[str, float], ...]], Target]
    numbers: dict[Target, int]


def _target(item: SourcedStatement, question: Question, targets: Targets) -> Target:
    given = _given(item, question)
    key = question.id, tuple(given.items())
    if key not in targets.asked:
        targets.asked[key] = target(question.quantity, given, question.via)
    return targets.asked[key]


def row_of(
    item: SourcedStatement, question: Question, targets: Targets, state: State
) -> dict[str, Any]:
    """The row of one statement: `COLUMNS` of gather.py, and its id."""
    said = item.statement
    asked = _target(item, question, targets)
    held = belief(said, question, asked.quantity, _decimal_year(first_day(item.date)))
    return {
        "statement": said.id, "observed": held.observed, "side": held.side, "spread": held.spread,
        "threshold": held.threshold, "form": FORMS.index(held.form),
        "curvature": held.curvature, "score": held.score, "residual": held.residual,
        "consistent": held.consistent, "people": said.people or 1, "count": 1, "squares": 0.0,
        "crowd": 0, "imprecision": 1.0, "lean": 0.0, "yes": _yes(item, question, held.form),
        "live": state.status == "live", "evidence": said.role == "evidence",
        "target": targets.numbers.setdefault(asked, len(targets.numbers)),
        "expert": said.expert, "cluster": said.cluster or said.expert, "question": said.question,
        "date": item.date, "dated": not item.inherited, "state": str(state),
        "source": item.source.title, "url": item.source.url, "verified": said.verified,
        "stated": describe(item, question),
    }  # fmt: skip


def _yes(item: SourcedStatement, question: Question, form: str) -> int:
    """Where yes is, of a probability: 1 above the threshold, -1 below it; else 0."""
    if form != "probability":
        return 0
    event = [*item.statement.all_events(), question.event or ""][0]
    return -1 if event.startswith("<") else 1


def crowd_rows(
    many: Sequence[tuple[SourcedStatement, Named]],
    by_id: Mapping[str, Question],
    targets: Targets,
    ledger: Mapping[str, State],
) -> Iterator[dict[str, Any]]:
    """The rows of crowds, from their statements."""
    if not many:
        return
    lives = spans([item for item, _ in many])
    said: dict[str, list[Any]] = {name: [] for name in ("observed", "spread", *KEYS)}
    for item, crowd in many:
        question = by_id[item.statement.question]
        for name, value in _told(item, crowd, question, targets, lives).items():
            said[name].append(value)
    columns = {name: np.array(values) for name, values in said.items()}
    for row in rows_of(columns):
        item, crowd = many[row.first]
        yield _crowd_row(row, item, crowd, by_id[item.statement.question], targets, ledger)


def _told(
    item: SourcedStatement,
    crowd: Named,
    question: Question,
    targets: Targets,
    lives: Mapping[str, Span],
) -> dict[str, Any]:
    """A statement of a crowd in the columns that make its row."""
    said, asked = item.statement, _target(item, question, targets)
    held = belief(said, question, asked.quantity, _decimal_year(first_day(item.date)))
    span = lives.get(said.id)
    return {
        "observed": held.observed, "spread": held.spread, "crowd": crowd.expert,
        "question": said.question, "form": FORMS.index(held.form), "side": held.side,
        "target": targets.numbers.setdefault(asked, len(targets.numbers)),
        "curvature": held.curvature, "score": held.score, "threshold": held.threshold,
        "people": said.people or 1, "evidence": said.role == "evidence",
        "source": item.source.title, "date": item.date, "dated": not item.inherited,
        "verified": said.verified, "start": day_number(span and span.start),
        "end": day_number(span and span.end),
    }  # fmt: skip


def _crowd_row(
    row: Row,
    item: SourcedStatement,
    crowd: Named,
    question: Question,
    targets: Targets,
    ledger: Mapping[str, State],
) -> dict[str, Any]:
    """A row of a crowd, as `row_of` gives one of an ordinary statement."""
    first = row_of(item, question, targets, ledger[item.statement.id])
    asked = _target(item, question, targets).quantity
    form = FORMS[first["form"]]
    state = replace(ledger[item.statement.id], by="later answers")
    return first | {
        "statement": f"{crowd.expert} on {item.statement.question} {row.number:04d}",
        "observed": row.observed, "squares": row.squares, "count": row.count,
        "crowd": crowd.people, "spread": row.spread, "residual": np.nan, "consistent": True,
        "expert": crowd.expert, "cluster": crowd.cluster, "state": str(state),
        "stated": summary(row, form, first["side"], asked, first["threshold"]),
    }  # fmt: skip


def _given(item: SourcedStatement, question: Question) -> dict[str, float]:
    """The condition of question and statement, by name, so that its order in the file is nothing.

    A whole vector latent comes before its coordinates.
    """
    own, asked = item.statement.given, question.given
    return dict(sorted({**(asked or {}), **(own or {})}.items())) if own or asked else {}


@lru_cache(maxsize=4096)
def _decimal_year(day: dt.date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / (365 + calendar.isleap(day.year))


def describe(item: SourcedStatement, question: Question) -> str:
    """What was said, in one short line: `10 %: 2026, 50 %: 2030, 90 %: >2050 (year)`."""
    said = item.statement
    values = [
        str(v) if isinstance(v, str) else f"{v:.10g}" for v in said.all_values()
    ]  # as published: a bound keeps its sign
    if said.kind == "probability":
        events = said.all_events() or [question.event or ""]
        names = [f"P({question.quantity} {event})" for event in events]
        parts = [
            f"{name} {value}" if value[0] in "<>" else f"{name} = {value}"
            for name, value in zip(names, values, strict=True)
        ]
    elif said.kind == "quantile":
        parts = [f"{100 * p:.10g} %: {v}" for p, v in zip(said.all_levels(), values, strict=True)]
    else:
        parts = [f"{said.kind} {values[0]}"]
    unit = "" if said.unit == "probability" else f" ({said.unit})"
    given = [f"{name} = {value:.10g}" for name, value in _given(item, question).items()]
    return ", ".join(parts) + unit + (f" given {', '.join(given)}" if given else "")
