"""All statements as one labelled dataset: what the model is conditioned on, and is checked by."""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from sweet_spot.argument.worlds import Target, target
from sweet_spot.errors import UnknownQuestion
from sweet_spot.evidence.beliefs import belief
from sweet_spot.evidence.checks import sound_material
from sweet_spot.evidence.findings import near
from sweet_spot.evidence.ledger import State, states
from sweet_spot.evidence.material import collector_paused
from sweet_spot.evidence.reading import (
    SourcedStatement,
    all_sourced,
    data_files,
    read_elicitations,
    read_questions,
)
from sweet_spot.evidence.records import Question, first_day

FORMS = ("centre", "mean", "probability")

COLUMNS: Mapping[str, type] = {
    "observed": np.float64, "side": np.int64, "spread": np.float64, "threshold": np.float64,
    "form": np.int64, "curvature": np.float64, "score": np.float64, "residual": np.float64,
    "consistent": np.int64,
    "people": np.int64, "live": np.int64, "evidence": np.int64, "target": np.int64,
    "expert": np.str_, "cluster": np.str_, "question": np.str_, "date": np.str_,
    "dated": np.int64, "state": np.str_, "source": np.str_, "url": np.str_,
    "verified": np.str_, "stated": np.str_,
}  # fmt: skip
"""Columns of the statements and their types; no booleans and no objects, for netCDF."""


@dataclass(frozen=True)
class Evidence:
    """What was said, ready for the model.

    Attributes
    ----------
    statements
        Dim `statement` (ids, sorted), with the `COLUMNS`: a statement's belief (`observed`, `side`,
        `spread`, `threshold`, `curvature`, `score`, `residual`, `consistent`, `form` as index into
        FORMS);
        `people`; `live`, 1 where it serves on the date, and its `state` in words; `evidence`, 1 for
        evidence and 0 for a check; `target`, index into `targets`; `dated`, 0 where the date is
        the source's; and labels. An expert in no named cluster is a cluster of one, named after
        the expert. Excluded statements are left out.
    questions
        The questions that the statements answer, sorted by id.
    targets
        The quantities asked about, each in its conditional world.
    """

    statements: xr.Dataset
    questions: tuple[Question, ...]
    targets: tuple[Target, ...]


def gather(
    data: Path | str = "data", as_of: dt.date | None = None, *, checked: bool = False
) -> Evidence:
    """The evidence in a data folder, with the statements live on a date.

    Parameters
    ----------
    as_of
        By default all that is known counts.
    checked
        The folder has been checked already.

    Raises
    ------
    MissingData
        There is no such folder, or no questions file in it.
    InvalidRecord
        `check` finds an error; the message holds the first and says how to see all.
    """
    if not checked:
        material = sound_material(data)
        questions = [asked.question for asked in material.asked]
        with collector_paused():
            return assemble(questions, all_sourced(material.files), as_of)
    files = data_files(data)
    return assemble(read_questions(files.questions), read_elicitations(files.elicitations), as_of)


def assemble(
    questions: Sequence[Question],
    statements: Sequence[SourcedStatement],
    as_of: dt.date | None = None,
) -> Evidence:
    """Evidence from records; the order of files and statements does not matter.

    Raises
    ------
    UnknownQuestion
        A statement answers a question that is not among them.
    """
    by_id = {question.id: question for question in questions}
    used = [item for item in statements if item.statement.role != "excluded"]
    used.sort(key=lambda item: item.statement.id)
    for said in (item.statement for item in used):
        if said.question not in by_id:
            hint = near(said.question, by_id)
            raise UnknownQuestion(f"{said.id}: there is no question {said.question!r}{hint}")
    ledger = states(used, as_of)
    targets = Targets({}, {})
    rows = [
        _row(item, by_id[item.statement.question], targets, ledger[item.statement.id])
        for item in used
    ]
    columns: dict[str, tuple[str, np.ndarray]] = {
        name: ("statement", np.array([row[name] for row in rows], dtype=kind))
        for name, kind in COLUMNS.items()
    }
    ids = np.array([item.statement.id for item in used], dtype=np.str_)
    asked = sorted({item.statement.question for item in used})
    return Evidence(
        statements=xr.Dataset(columns, coords={"statement": ids}),
        questions=tuple(by_id[name] for name in asked),
        targets=tuple(targets.numbers),
    )


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


def _row(
    item: SourcedStatement, question: Question, targets: Targets, state: State
) -> Mapping[str, object]:
    said = item.statement
    asked = _target(item, question, targets)
    held = belief(said, question, asked.quantity, _decimal_year(first_day(item.date)))
    return {
        "observed": held.observed, "side": held.side, "spread": held.spread,
        "threshold": held.threshold, "form": FORMS.index(held.form),
        "curvature": held.curvature, "score": held.score, "residual": held.residual,
        "consistent": held.consistent, "people": said.people or 1,
        "live": state.status == "live", "evidence": said.role == "evidence",
        "target": targets.numbers.setdefault(asked, len(targets.numbers)),
        "expert": said.expert, "cluster": said.cluster or said.expert, "question": said.question,
        "date": item.date, "dated": not item.inherited, "state": str(state),
        "source": item.source.title, "url": item.source.url, "verified": said.verified,
        "stated": describe(item, question),
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


def digest(evidence: Evidence) -> str:
    """SHA-256 of all in the evidence that an answer depends on.

    These are the live statements with all their columns, the questions that they answer, and, of
    every statement on these questions, live or not, what the question's constant scale is made
    from (MODEL.md section 5): whose it is, its role, its target and its stated spread. Whatever
    else a statement that is not live says has no part in the answer, nor in the digest.
    """
    table = evidence.statements
    live = table.isel(statement=np.flatnonzero(table["live"].to_numpy()))
    asked = np.unique(live["question"].to_numpy())
    alike = table.isel(statement=np.flatnonzero(np.isin(table["question"].to_numpy(), asked)))
    content = {
        "questions": [q.model_dump(mode="json") for q in evidence.questions if q.id in asked],
        "live": _rows(evidence, live, ("statement", *COLUMNS)),
        "scale": sorted(_rows(evidence, alike, SCALE_COLUMNS)),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


SCALE_COLUMNS = ("question", "expert", "evidence", "spread", "target")
"""What a question's constant scale is made from, of every statement, live or not."""


def _rows(evidence: Evidence, table: xr.Dataset, names: Sequence[str]) -> list[list[str]]:
    """Some columns of some statements as text; targets written out, as indices depend on others."""
    columns = [table[name].astype(str).to_numpy().tolist() for name in names if name != "target"]
    columns.append([str(evidence.targets[i]) for i in table["target"].to_numpy()])
    return [list(row) for row in zip(*columns, strict=True)]
