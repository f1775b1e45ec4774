"""Predicts every resolved question by every method, without the outcomes that it may not see.

The work is a list of independent tasks, each a pure function of what it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sweet_spot.inference.folds import Fold, folds, is_panel
from sweet_spot.inference.peers import METHODS
from sweet_spot.inference.resolved import BINARY, QUANTILE, Floats, Ints, Resolved
from sweet_spot.inference.resolved_model import predict_quantiles
from sweet_spot.inference.resolved_odds import predict_probabilities
from sweet_spot.inference.scores import levels_of, log_ratio, probability_scores, quantile_scores
from sweet_spot.inference.tasks import Progress, stream

Ours = Callable[[Resolved, str, Sequence[Fold], Sequence[Resolved]], Floats]
"""(dataset, kind, folds, all other resolved data) -> predictions, fold after fold, as a peer's
method returns them. It may learn once for all these folds, from what lies outside of all."""


def sweet_spot(of: Resolved, kind: str, held: Sequence[Fold], others: Sequence[Resolved]) -> Floats:
    """Our own method: the error model of docs/MODEL.md section 9, learned from known answers."""
    predict_kind = predict_quantiles if kind == QUANTILE else predict_probabilities
    return predict_kind(of, held, others)


OURS: Mapping[str, Ours] = {"sweet_spot": sweet_spot}
"""Our own method, by name; it learns from every dataset there is."""
BUNCHES = 25
"""Most tasks for our own method on one dataset and kind; with more groups, a task has several."""
BASE = "equal_weights"
"""What `wis_ratio` is relative to."""
KINDS = (QUANTILE, BINARY)
MANY = 5_000
"""Statements from which a cluster on this machine pays: it takes as long to start as these take."""


@dataclass(frozen=True, eq=False)
class Task:
    """Some methods on some folds of one dataset.

    Attributes
    ----------
    of, kind, folds, methods
        What is predicted, and how.
    train
        Other datasets, all of whose outcomes may be seen.
    """

    of: Resolved
    kind: str
    folds: tuple[Fold, ...]
    methods: tuple[str, ...]
    train: tuple[Resolved, ...]


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of all methods on the questions of one kind in one dataset.

    Attributes
    ----------
    name, kind, questions, groups
        The dataset, and its questions with a known outcome, in the order of the scores.
    values
        Method -> score -> one number per question; that of `wis_ratio` is the log of the ratio.
    """

    name: str
    kind: str
    questions: tuple[str, ...]
    groups: tuple[str, ...]
    values: Mapping[str, Mapping[str, Floats]]


def scored(
    datasets: Sequence[Resolved],
    train: Sequence[Resolved],
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Scored, ...]:
    """Predictions of all methods, scored, for each dataset and kind that has an outcome.

    Parameters
    ----------
    scheduler, workers, progress
        As `tasks.stream` takes them; with fewer than `MANY` statements this process does the work.
    """
    given = tuple(datasets), tuple(train)
    todo = tasks(*given)
    few = sum(each.value.size for each in datasets) < MANY
    found_by_task = stream(
        _predict_task, range(len(todo)), *given, scheduler=scheduler, workers=1 if few else workers,
        progress=progress,
    )  # fmt: skip
    predicted: dict[tuple[str, str, str], Floats] = {}
    for task, found in zip(todo, found_by_task, strict=True):
        for method, values in found.items():
            where = (task.of.name, task.kind, method)
            whole = predicted.setdefault(where, _empty(task.of, values))
            whole[_asked(task.folds)] = values
    return tuple(
        _score(of, kind, {m: v for (n, k, m), v in predicted.items() if (n, k) == (of.name, kind)})
        for of in datasets
        for kind in KINDS
        if of.scored(kind).size
    )


def _predict_task(
    number: int, datasets: tuple[Resolved, ...], train: tuple[Resolved, ...]
) -> dict[str, Floats]:
    """The work of one task, by its number: a worker is sent the data once, not with each task."""
    return predict(_tasks(datasets, train)[number])


@lru_cache(maxsize=1)
def _tasks(datasets: tuple[Resolved, ...], train: tuple[Resolved, ...]) -> list[Task]:
    return tasks(datasets, train)


def tasks(datasets: Sequence[Resolved], train: Sequence[Resolved]) -> list[Task]:
    """One task for the peers on each dataset and kind, some for ours."""
    out = []
    for of in datasets:
        others = [each for each in datasets if each is not of]
        given = [unrelated(each, of) for each in train]
        whole = [*(unrelated(each, of) for each in others), *given]
        for kind in KINDS:
            held = folds(of, kind)
            if not held:
                continue
            out.append(Task(of, kind, held, tuple(METHODS[kind]), tuple(given)))
            bunches = [held[first::BUNCHES] for first in range(min(BUNCHES, len(held)))]
            out += [Task(of, kind, each, tuple(OURS), tuple(whole)) for each in bunches]
    return out


def predict(task: Task) -> dict[str, Floats]:
    """Each method's predictions of the questions asked, fold after fold."""
    of, kind = task.of, task.kind
    out = {}
    for name in task.methods:
        if name in OURS:
            out[name] = OURS[name](of, kind, task.folds, task.train)
        else:
            method = METHODS[kind][name]
            out[name] = np.concatenate([method(of, fold, task.train) for fold in task.folds])
    return out


def unrelated(train: Resolved, of: Resolved) -> Resolved:
    """Training data without the questions of the dataset that is predicted.

    In a dataset of the same name, a question with the same id is the same question, and one of the
    same group shares its outcome, unless the group is a panel.
    """
    if train.name != of.name:
        return train
    shared = [
        group for group in np.unique(of.group)
        if not is_panel(of, np.flatnonzero(of.group == group))
    ]  # fmt: skip
    same = np.isin(train.question, of.question) | np.isin(train.group, shared)
    hidden = np.where(same, np.nan, train.outcome)
    return replace(train, outcome=hidden)


def _asked(held: Sequence[Fold]) -> Ints:
    return np.concatenate([fold.asked for fold in held])


def _empty(of: Resolved, values: Floats) -> Floats:
    """Room for a prediction of every question of a dataset."""
    return np.full((of.question.size, *values.shape[1:]), np.nan)


def _score(of: Resolved, kind: str, predicted: Mapping[str, Floats]) -> Scored:
    questions = of.scored(kind)
    values: dict[str, dict[str, Floats]] = {}
    for method, whole in predicted.items():
        if kind == QUANTILE:
            values[method] = quantile_scores(of, questions, whole[questions], levels_of(of))
        else:
            values[method] = probability_scores(of, questions, whole[questions])
    if kind == QUANTILE:
        base = values[BASE]["wis"]
        for found in values.values():
            found["wis_ratio"] = log_ratio(found["wis"], base)
    return Scored(
        of.name, kind, tuple(of.question[questions].tolist()), tuple(of.group[questions].tolist()),
        values,
    )  # fmt: skip
