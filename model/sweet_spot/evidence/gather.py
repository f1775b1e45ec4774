"""All statements as one labelled dataset: what the model is conditioned on, and is checked by."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

import numpy as np
import xarray as xr

from sweet_spot.argument.worlds import Target
from sweet_spot.errors import UnknownQuestion
from sweet_spot.evidence.checks import sound_material
from sweet_spot.evidence.crowds import crowds_among
from sweet_spot.evidence.findings import near
from sweet_spot.evidence.ledger import states
from sweet_spot.evidence.material import collector_paused
from sweet_spot.evidence.reading import (
    SourcedStatement,
    all_sourced,
    data_files,
    read_elicitations,
    read_questions,
)
from sweet_spot.evidence.records import Question
from sweet_spot.evidence.rows import FORMS as FORMS
from sweet_spot.evidence.rows import Targets, crowd_rows, row_of
from sweet_spot.evidence.rows import describe as describe
from sweet_spot.evidence.skill import Skill, read_skill, with_skill

COLUMNS: Mapping[str, type] = {
    "observed": np.float64, "side": np.int64, "spread": np.float64, "threshold": np.float64,
    "form": np.int64, "curvature": np.float64, "score": np.float64, "residual": np.float64,
    "consistent": np.int64,
    "imprecision": np.float64, "lean": np.float64, "yes": np.int64,
    "people": np.int64, "count": np.int64, "squares": np.float64, "crowd": np.int64,
    "live": np.int64, "evidence": np.int64, "target": np.int64,
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
        FORMS); `people`; `crowd`, 0, or of a row of a crowd (crowds.py) how many people there are
        in it, and then `count` statements of which `observed` is the mean and `squares` the sum of
        squared distances from it; `live`, 1 where it serves on the date, and its `state` in words;
        `evidence`, 1 for evidence and 0 for a check; `target`, index into `targets`; `dated`, 0
        where the date is the source's; and labels. An expert in no named cluster is a cluster of
        one, named after the expert. Excluded statements are left out.
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
            said = all_sourced(material.files)
            del material  # of a large panel half of what is held
            return assemble(questions, said, as_of, read_skill(data))
    files = data_files(data)
    said = read_elicitations(files.elicitations)
    return assemble(read_questions(files.questions), said, as_of, read_skill(data))


def assemble(
    questions: Sequence[Question],
    statements: Sequence[SourcedStatement],
    as_of: dt.date | None = None,
    skill: Mapping[str, Skill] | None = None,
) -> Evidence:
    """Evidence from records; the order of files and statements does not matter.

    `skill` has the records of resolved forecasts of those who have one (skill.py).

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
    crowds = crowds_among(used)
    rows = [
        row_of(item, by_id[item.statement.question], targets, ledger[item.statement.id])
        for item, crowd in zip(used, crowds, strict=True)
        if crowd is None
    ]
    many = [(item, crowd) for item, crowd in zip(used, crowds, strict=True) if crowd]
    rows = sorted([*rows, *crowd_rows(many, by_id, targets, ledger)], key=itemgetter("statement"))
    columns: dict[str, tuple[str, np.ndarray]] = {
        name: ("statement", np.array([row[name] for row in rows], dtype=kind))
        for name, kind in COLUMNS.items()
    }
    ids = np.array([row["statement"] for row in rows], dtype=np.str_)
    asked = sorted({item.statement.question for item in used})
    return Evidence(
        statements=with_skill(xr.Dataset(columns, coords={"statement": ids}), skill or {}),
        questions=tuple(by_id[name] for name in asked),
        targets=tuple(targets.numbers),
    )


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
