"""From evidence to plain arrays: which statement has which question, expert, cluster and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.argument.worlds import Target, evaluate
from sweet_spot.evidence.gather import FORMS, Evidence
from sweet_spot.inference.crowd import Crowd, places
from sweet_spot.inference.error_model import ErrorConstants, Panel

SCALE_DRAWS = 20_000
"""Prior draws behind the prior sd of a quantity: its own error is then below 1 %."""
SCALE_SEED = 20260101
GROUP_DIMS = {
    "shared_topic": "topic", "shared_question": "question", "mapping": "question",
    "loading": "question", "question_scale_score": "question", "disposition_cluster": "cluster",
    "disposition_expert": "expert",
}  # fmt: skip
"""Free variables of the error model that have a dim; `disposition_field` and `omega` have none."""


AS_THEY_ARE = (
    "curvature", "score", "threshold", "side", "spread", "people", "imprecision", "lean",
)  # fmt: skip
"""Columns of statements that the error model takes as they are."""
SWAPPED: Mapping[str, tuple[str, ...] | None] = {
    "observed": ("statement",), "live": ("statement",), "log_scale": ("question",),
    "mapping_sd": ("question",), "expert_cluster": ("expert",), "expert_sd": ("expert",),
    "before": None, "tau_shared": (), "tau": (), "kappa": (),
}  # fmt: skip
"""What may change in a compiled model without compiling again, with its dims (of `before`, two
times statement, which PyMC cannot name)."""
UNCERTAIN = ("tau_shared", "tau", "kappa")
"""Constants in which panels differ most: answers are shown at other values of theirs."""
MOST_SQUARED = 500
"""Rows up to which a matrix says who comes before whom; of more, their places when sorted."""


@dataclass(frozen=True)
class Layout:
    """A panel with the labels of its dims and the targets that its statements ask about.

    Attributes
    ----------
    panel
        Plain arrays for the error model.
    coords
        Labels of `statement`, `question`, `topic`, `expert`, `cluster`.
    targets
        Targets asked about by these statements.
    target
        Index into `targets` for every statement.
    observed, live
        What was said, and 1 where it serves.
    """

    panel: Panel
    coords: Mapping[str, np.ndarray]
    targets: tuple[Target, ...]
    target: np.ndarray
    observed: np.ndarray
    live: np.ndarray


def swapped(of: Layout, constants: ErrorConstants) -> dict[str, np.ndarray]:
    """The arrays of a layout that a compiled model takes as data, by the names of `SWAPPED`."""
    panel = of.panel
    return {
        "observed": of.observed, "live": of.live, "log_scale": panel.log_scale,
        "mapping_sd": panel.mapping_sd, "expert_cluster": panel.cluster.astype(np.int64),
        "expert_sd": panel.expert_sd, "before": panel.before,
        **{name: np.array(getattr(constants, name), float) for name in UNCERTAIN},
    }  # fmt: skip


def restricted(of: Layout, rows: np.ndarray) -> Layout:
    """Some statements of a layout, with only the questions, experts and targets that they have."""
    panel = of.panel
    questions, question = np.unique(panel.question[rows], return_inverse=True)
    experts, expert = np.unique(panel.expert[rows], return_inverse=True)
    topics, topic = np.unique(panel.topic[questions], return_inverse=True)
    named = np.unique(panel.cluster[experts])
    named = named[named > 0]
    used, target = np.unique(of.target[rows], return_inverse=True)
    chosen = {
        "question": of.coords["question"][questions], "expert": of.coords["expert"][experts],
        "topic": of.coords["topic"][topics], "cluster": of.coords["cluster"][named - 1],
        "statement": of.coords["statement"][rows],
    }  # fmt: skip
    per_statement = {name: getattr(panel, name)[rows] for name in (*AS_THEY_ARE, "probability")}
    per_question = {
        name: getattr(panel, name)[questions] for name in ("direction", "mapping_sd", "log_scale")
    }
    group = np.unique(panel.group[rows], return_inverse=True)[1]
    crowd = panel.crowd and panel.crowd.of(rows)
    before = places(group, panel.side[rows]) if crowd else panel.before[np.ix_(rows, rows)]
    fewer = replace(
        panel, question=question, expert=expert, topic=topic, group=group, before=before,
        expert_sd=panel.expert_sd[experts],
        cluster=np.searchsorted(named, panel.cluster[experts], side="right"),
        crowd=crowd,
        **per_statement, **per_question,
    )  # fmt: skip
    targets = tuple(of.targets[i] for i in used)
    return Layout(fewer, chosen, targets, target, of.observed[rows], of.live[rows])


def layout(
    argument: Argument,
    evidence: Evidence,
    constants: ErrorConstants,
    *,
    checks: bool = False,
) -> Layout:
    """The layout of the evidence statements, or of these and the checks together."""
    table = evidence.statements
    if not checks:
        table = table.isel(statement=np.flatnonzero(table["evidence"].to_numpy()))
    column = {str(name): table[name].to_numpy() for name in table.data_vars}
    questions, question = np.unique(column["question"], return_inverse=True)
    experts, first, expert = np.unique(column["expert"], return_index=True, return_inverse=True)
    topics, per_question = _per_question(argument, evidence, constants, questions)
    clusters, per_expert = _per_expert(
        column["cluster"][first], experts, column["crowd"][first] > 0, constants
    )
    targets, target = _asked(evidence.targets, column["target"])
    indices = {"question": question, "expert": expert}
    group, crowd = _groups(column), _crowd(column)
    before = (places if crowd else _before)(group, column["side"])
    panel = Panel(
        **indices, **_per_statement(column), **per_question, **per_expert, group=group,
        crowd=crowd, before=before, censored=None,
    )  # fmt: skip
    coords = {
        "statement": table["statement"].to_numpy(), "question": questions, "topic": topics,
        "expert": experts, "cluster": clusters,
    }  # fmt: skip
    return Layout(panel, coords, targets, target, column["observed"], column["live"].astype(float))


def _asked(targets: Sequence[Target], which: np.ndarray) -> tuple[tuple[Target, ...], np.ndarray]:
    """Those asked about, in an order that no statement decides, and which is each statement's."""
    names = np.array([repr(target) for target in targets], np.str_)
    used, target = np.unique(names[which], return_inverse=True)
    named = dict(zip(names.tolist(), targets, strict=True))
    return tuple(named[name] for name in used.tolist()), target


def _per_statement(column: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of a crowd the spread that its people stated has a part in the question's scale alone."""
    return {name: column[name] for name in AS_THEY_ARE} | {
        "probability": column["form"] == FORMS.index("probability"),
        "spread": np.where(column["crowd"] > 0, np.nan, column["spread"]),
    }


def _groups(column: Mapping[str, np.ndarray]) -> np.ndarray:
    """A group is a cluster on a question: errors in it share a part and their tails.

    A crowd that states probabilities beside quantities is two, as how people are asked shifts
    them together.
    """
    keys = [f"{c} on {q}" for c, q in zip(column["cluster"], column["question"], strict=True)]
    chance = column["form"] == FORMS.index("probability")
    many = column["crowd"] > 0
    both = {keys[row] for row in np.flatnonzero(many & ~chance)}
    for row in np.flatnonzero(many & chance):
        keys[row] += " by chances" if keys[row] in both else ""
    return np.unique(keys, return_inverse=True)[1]


def _per_question(
    argument: Argument, evidence: Evidence, constants: ErrorConstants, questions: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    asked = {question.id: question for question in evidence.questions}
    topics, topic = np.unique([asked[q].topic for q in questions], return_inverse=True)
    sds = {level: getattr(constants, f"mapping_{level}") for level in ("exact", "close", "loose")}
    return topics, {
        "topic": topic,
        "direction": np.array([asked[q].direction for q in questions], float),
        "mapping_sd": np.array([sds[asked[q].fidelity] for q in questions], float),
        "log_scale": np.log(question_scales(argument, evidence, questions)),
    }


def _per_expert(
    cluster_of: np.ndarray, experts: np.ndarray, crowd: np.ndarray, constants: ErrorConstants
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """An expert in no named cluster has the disposition of a cluster of one in its own; a crowd
    has none, as its people's are in how much they differ.
    """
    clusters, cluster = _clusters(cluster_of, experts)
    alone = np.hypot(constants.disposition_cluster, constants.disposition_expert)
    sd = np.where(cluster > 0, constants.disposition_expert, alone)
    return clusters, {"cluster": cluster, "expert_sd": np.where(crowd, 0.0, sd)}


def _crowd(column: Mapping[str, np.ndarray]) -> Crowd | None:
    """What the rows stand for; None where each is an ordinary statement."""
    if not column["crowd"].any() and column["crowd"].size <= MOST_SQUARED:
        return None
    seen = (column["side"] == 0).astype(float)
    return Crowd(column["count"].astype(float), column["squares"], seen)


def _clusters(of_expert: np.ndarray, experts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Named clusters and each expert's index among them; 0 for an expert in none."""
    named = np.unique(of_expert[of_expert != experts])
    index = {label: i + 1 for i, label in enumerate(named)}
    return named, np.array([index.get(label, 0) for label in of_expert], int)


def _before(group: np.ndarray, side: np.ndarray) -> np.ndarray:
    """1 where the column's statement comes before the row's in its group; see `Panel`."""
    order = np.arange(group.size)
    earlier = (order[None, :] < order[:, None]) | ((side != 0)[:, None] & (side == 0)[None, :])
    together = (group[:, None] == group[None, :]) & (side == 0)[None, :]
    before: np.ndarray = earlier & together & (order[None, :] != order[:, None])
    return before.astype(float)


def question_scales(argument: Argument, evidence: Evidence, questions: np.ndarray) -> np.ndarray:
    """The constant s0 of each question, on its working scale (MODEL.md section 5).

    The median stated spread where three or more experts stated one; the geometric mean of it and of
    the prior sd of the quantity where one or two did; else that prior sd. From evidence statements
    where the question has any, live or not, so that it stays the same whatever is live.
    """
    table = evidence.statements
    names = ("question", "evidence", "spread", "expert", "crowd", "count")
    column = {n: table[n].to_numpy() for n in names}
    prior_sd = prior_sds(argument, evidence.targets)[table["target"].to_numpy()]
    order = np.argsort(column["question"], kind="stable")
    ends = [np.searchsorted(column["question"][order], questions, side) for side in SIDES]
    scales = np.empty(len(questions))
    for k, (first, last) in enumerate(zip(*ends, strict=True)):
        rows = order[first:last]
        serving = rows[column["evidence"][rows] == 1]
        rows = serving if serving.size else rows
        weight = np.where(column["crowd"][rows] > 0, column["count"][rows], 0)
        scales[k] = _scale(
            column["spread"][rows], column["expert"][rows], weight,
            float(np.median(prior_sd[rows])),
        )  # fmt: skip
    return scales


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
