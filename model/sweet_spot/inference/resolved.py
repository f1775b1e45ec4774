"""Reads panels of forecasts whose answers are known: forecasts.csv, outcomes.csv, experts.csv.

What counts as one statement is decided here, once. A person's last set of rows on a question
stands (by date, then by round, then by place in the file); earlier ones are counted and left out.
Values that cross are put in order (each person's values on a question are sorted, which is the
rearrangement of Chernozhukov, Fernandez-Val and Galichon 2010); zero widths stay as they are.
Questions of several options, and questions with a horizon in years and a probability, are counted
and left out, because no score for them is defined here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from sweet_spot.errors import MissingData
from sweet_spot.inference.resolved_files import FORECASTS, Table, read_tables

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Strings = np.ndarray[Any, np.dtype[np.str_]]

QUANTILE, BINARY = "quantile", "binary"
"""The kinds of question that are scored."""


@dataclass(frozen=True, eq=False)
class Stated:
    """What was said on one question, one row per person.

    Attributes
    ----------
    experts
        Which people, as indices into `Resolved.expert`.
    levels
        Probability levels, ascending; empty for a yes/no question.
    values
        (expert, level) for quantiles, on the working scale (log10 where the question's `scale` is
        log), not decreasing along a row, NaN where a person left a level out. (expert,) for
        probabilities of yes.
    """

    experts: Ints
    levels: Floats
    values: Floats


@dataclass(frozen=True, eq=False)
class Resolved:
    """One dataset: its questions, its people, and what they said. All arrays, no file.

    Attributes
    ----------
    name
        Of the dataset: its folder.
    question, kind, group, domain, scale
        Per question. `kind` is quantile or binary. Questions of a `group` share an outcome or a
        panel; one without a group is a group of its own. `scale` is uni or log for quantiles,
        prob for yes/no questions.
    outcome
        Per question, on the working scale (log10 where `scale` is log); 0 or 1 for yes/no
        questions; NaN where it is unknown.
    expert, circle
        Per person: the id, and the panel or condition that experts.csv gives, or nothing.
    question_idx, expert_idx, level, value
        Per statement, sorted by question, person and level; `level` is NaN for yes/no questions,
        `value` is on the working scale, and as stated: crossing values are not put in order.
    left_out
        How many rows were not used, by reason.
    """

    name: str
    question: Strings
    kind: Strings
    group: Strings
    domain: Strings
    scale: Strings
    outcome: Floats
    expert: Strings
    circle: Strings
    question_idx: Ints
    expert_idx: Ints
    level: Floats
    value: Floats
    left_out: Mapping[str, int]

    @cached_property
    def stated(self) -> tuple[Stated, ...]:
        """What was said, question by question."""
        edges = np.searchsorted(self.question_idx, np.arange(self.question.size + 1))
        return tuple(
            _stated(self.expert_idx[a:b], self.level[a:b], self.value[a:b])
            for a, b in pairwise(edges)
        )

    def scored(self, kind: str) -> Ints:
        """The questions of a kind whose outcome is known."""
        return np.flatnonzero((self.kind == kind) & np.isfinite(self.outcome))


def read_resolved(folder: Path | str) -> tuple[Resolved, ...]:
    """Every dataset in a folder: the folder itself, or each folder in it that has forecasts.csv.

    Raises
    ------
    MissingData
        If the folder is not there, or holds no dataset.
    InvalidRecord
        At the first thing that cannot be used, with file, line, field and remedy.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise MissingData(f"{folder} is not a folder; give one that holds datasets")
    found = [folder] if (folder / FORECASTS).is_file() else sorted(folder.iterdir())
    found = [each for each in found if (each / FORECASTS).is_file()]
    if not found:
        raise MissingData(
            f"{folder} holds no {FORECASTS}, nor does a folder in it; a dataset is a folder with"
            f" {FORECASTS} and outcomes.csv"
        )
    return tuple(_dataset(each) for each in found)


def _dataset(folder: Path) -> Resolved:
    forecasts, questions, circles = read_tables(folder)
    name = folder.resolve().name
    table, left_out = _last_said(forecasts)
    question, question_idx = _used(questions["question_id"], table["question_id"])
    columns = {key: column[question] for key, column in questions.items()}
    expert, expert_idx = np.unique(table["expert_id"], return_inverse=True)
    level = table["level"].astype(float)
    order = np.lexsort((level, expert_idx, question_idx))
    kind = np.full(question.size, QUANTILE)
    kind[question_idx[np.isnan(level)]] = BINARY
    own = np.char.add("question ", columns["question_id"].astype(str))
    group = np.where(columns["group"] == "", own, columns["group"])
    scale = np.where(kind == BINARY, "prob", np.where(columns["scale"] == "log", "log", "uni"))
    outcome = columns["outcome"].astype(float)
    on_log = scale == "log"
    outcome[on_log] = np.log10(outcome[on_log])
    unknown = int(np.isnan(outcome)[question_idx].sum())
    return Resolved(
        name, columns["question_id"], kind, group, columns["domain"], scale, outcome, expert,
        np.array([circles.get(str(each), "") for each in expert], dtype=np.str_),
        question_idx[order], expert_idx[order], level[order],
        _working(table["value"].astype(float), question_idx, on_log)[order],
        left_out | ({"questions whose outcome is not known": unknown} if unknown else {}),
    )  # fmt: skip


def _last_said(forecasts: Table) -> tuple[Table, dict[str, int]]:
    """The rows that are scored, each person's last set; how many others there are, and why."""
    options = forecasts["kind"] == "probability"
    kept = np.flatnonzero(~options)
    table = {key: column[kept] for key, column in forecasts.items()}
    stamps = [f"{d}|{r.rjust(12, '0')}" for d, r in zip(table["date"], table["round"], strict=True)]
    rank = np.unique(np.array([*stamps, ""]), return_inverse=True)[1][:-1]
    who = np.unique(table["expert_id"], return_inverse=True)[1]
    what = np.unique(table["question_id"], return_inverse=True)[1]
    person = what * (who.max(initial=0) + 1) + who
    latest = np.full(person.max(initial=0) + 1, -1)
    np.maximum.at(latest, person, rank)
    place = np.arange(kept.size)
    order = np.lexsort((place, rank, table["level"].astype(float), person))
    same = person[order][1:] == person[order][:-1]
    levels = table["level"].astype(float)[order]
    same &= (levels[1:] == levels[:-1]) | (np.isnan(levels[1:]) & np.isnan(levels[:-1]))
    repeated = np.zeros(kept.size, dtype=bool)
    repeated[order[:-1][same]] = True
    dropped = repeated | (rank < latest[person])
    counts = {
        "questions of several options or horizons": int(options.sum()),
        "a person's earlier rounds": int(dropped.sum()),
    }
    return (
        {key: column[~dropped] for key, column in table.items()},
        {reason: count for reason, count in counts.items() if count},
    )


def _used(questions: Any, named: Any) -> tuple[Ints, Ints]:
    """The questions that are spoken about, and for each row which of those."""
    place = {str(question): row for row, question in enumerate(questions)}
    rows = np.array([place[str(question)] for question in named], dtype=np.int64)
    used, idx = np.unique(rows, return_inverse=True)
    return used, idx.astype(np.int64)


def _working(value: Floats, question_idx: Ints, on_log: Any) -> Floats:
    """Log10 where the question is on a log scale.

    Zero has no logarithm: there it is taken as half the least positive value on the question.
    """
    out = value.copy()
    for question in np.flatnonzero(on_log):
        rows = question_idx == question
        positive = value[rows & (value > 0)]
        least = positive.min() / 2 if positive.size else 1.0
        out[rows] = np.log10(np.maximum(value[rows], least))
    return out


def _stated(expert_idx: Ints, level: Floats, value: Floats) -> Stated:
    experts, row = np.unique(expert_idx, return_inverse=True)
    if np.isnan(level).all():
        return Stated(experts, np.empty(0), value)
    levels, column = np.unique(level, return_inverse=True)
    values = np.full((experts.size, levels.size), np.nan)
    values[row, column] = value
    return Stated(experts, levels, _in_order(values))


def _in_order(values: Floats) -> Floats:
    """Each row's numbers ascending, in the places that have one."""
    out = values.copy()
    for row in np.flatnonzero((np.diff(values, axis=1) < 0).any(axis=1) | np.isnan(values).any(1)):
        there = np.isfinite(values[row])
        out[row, there] = np.sort(values[row, there])
    return out


def questions_of(datasets: Sequence[Resolved], kind: str) -> int:
    """How many questions of a kind have a known outcome."""
    return sum(of.scored(kind).size for of in datasets)
