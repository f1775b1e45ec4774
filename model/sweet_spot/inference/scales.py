"""The scale of each question's answers, made once from the files and then a constant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.argument.worlds import Target, evaluate
from sweet_spot.evidence.gather import FORMS, Evidence
from sweet_spot.inference.error_model import ErrorConstants

SCALE_DRAWS = 20_000
"""Prior draws behind the prior sd of a quantity: its own error is then below 1 %."""
SCALE_SEED = 20260101


def per_question(
    argument: Argument, evidence: Evidence, constants: ErrorConstants, questions: np.ndarray
) -> dict[str, np.ndarray]:
    """`direction`, `mapping_sd` and `log_scale` of some questions, as the panel has them.

    Where nobody stated quantiles the prior sd stands in for the spread that people mean; of those
    who state probabilities this is s_q times their unit. How far a question asks about something
    else is judged against that prior sd, whoever answers.
    """
    asked = {question.id: question for question in evidence.questions}
    sds = {level: getattr(constants, f"mapping_{level}") for level in ("exact", "close", "loose")}
    scale, chances = question_scales(argument, evidence, questions)
    unit = np.where(chances, constants.probability_unit, 1.0)
    return {
        "direction": np.array([asked[q].direction for q in questions], float),
        "mapping_sd": unit * np.array([sds[asked[q].fidelity] for q in questions], float),
        "log_scale": np.log(scale / unit),
    }


def question_scales(
    argument: Argument, evidence: Evidence, questions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The spread that the answers to each question have on its working scale (MODEL.md section 5).

    The median stated spread where three or more experts stated one; the geometric mean of it and of
    the prior sd of the quantity where one or two did; else that prior sd. From evidence statements
    where the question has any, live or not, so that it stays the same whatever is live. And whether
    all of these are probabilities.
    """
    table = evidence.statements
    names = ("question", "evidence", "spread", "expert", "crowd", "count", "form")
    column = {n: table[n].to_numpy() for n in names}
    prior_sd = prior_sds(argument, evidence.targets)[table["target"].to_numpy()]
    order = np.argsort(column["question"], kind="stable")
    ends = [np.searchsorted(column["question"][order], questions, side) for side in SIDES]
    scales, chances = np.empty(len(questions)), np.empty(len(questions), bool)
    for k, (first, last) in enumerate(zip(*ends, strict=True)):
        rows = order[first:last]
        serving = rows[column["evidence"][rows] == 1]
        rows = serving if serving.size else rows
        weight = np.where(column["crowd"][rows] > 0, column["count"][rows], 0)
        scales[k] = _scale(
            column["spread"][rows], column["expert"][rows], weight,
            float(np.median(prior_sd[rows])),
        )  # fmt: skip
        chances[k] = (column["form"][rows] == FORMS.index("probability")).all()
    return scales, chances


SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")

_PRIOR_SDS: dict[tuple[str, Target], float] = {}
"""By digest of the argument and target: layouts of the same targets are made again and again."""


def prior_sds(argument: Argument, targets: Sequence[Target]) -> np.ndarray:
    """Prior sd of each target on its working scale, by the main structure's equations.

    A question keeps its constant scale in rival structures, which then differ in what they declare
    and in nothing else.
    """
    missing = [t for t in dict.fromkeys(targets) if (argument.digest, t) not in _PRIOR_SDS]
    if missing:
        latents = prior_latents(argument, SCALE_DRAWS, SCALE_SEED)
        found = evaluate(missing, latents, NUMPY).std(axis=0)
        _PRIOR_SDS.update(
            {(argument.digest, t): float(sd) for t, sd in zip(missing, found, strict=True)}
        )
    return np.array([_PRIOR_SDS[argument.digest, t] for t in targets])


def _scale(spread: np.ndarray, expert: np.ndarray, crowd: np.ndarray, prior_sd: float) -> float:
    """`crowd`: how many people of a crowd a row stands for, each with this spread; else 0."""
    stated = np.isfinite(spread) & (spread > 0)
    alone, many = stated & (crowd == 0), stated & (crowd > 0)
    own = [np.median(spread[alone & (expert == name)]) for name in np.unique(expert[alone])]
    values = np.array([*own, *spread[many]])
    counts = np.array([1] * len(own) + crowd[many].tolist(), int)
    if counts.sum() >= 3:
        return _median(values, counts)
    floor = max(prior_sd, 1e-3)  # a gate or a fixed date has no spread of its own
    return float(np.sqrt(_median(values, counts) * floor)) if counts.size else floor


def _median(values: np.ndarray, counts: np.ndarray) -> float:
    """The median of values of which each stands so many times."""
    order = np.argsort(values)
    upto = np.cumsum(counts[order])
    middle = [(upto[-1] - 1) // 2, upto[-1] // 2]
    return float(values[order][np.searchsorted(upto, middle, side="right")].mean())
