"""From evidence to plain arrays: which statement has which question, expert, cluster and group."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.worlds import Target
from sweet_spot.evidence.gather import FORMS, Evidence
from sweet_spot.inference.bounds import CROWD_DIMS
from sweet_spot.inference.crowd import Crowd, places, voiced
from sweet_spot.inference.error_model import ErrorConstants, Panel
from sweet_spot.inference.scales import per_question

GROUP_DIMS = {
    "shared_topic": "topic", "shared_question": "question", "mapping": "question",
    "loading": "question", "question_scale_score": "question", "disposition_cluster": "cluster",
    "disposition_expert": "expert",
}  # fmt: skip
"""Free variables of the error model that have a dim; `disposition_field` and `omega` have none."""


def group_dims(coords: Container[str]) -> dict[str, str]:
    """Free variables with a dim of a layout with these coords, crowds' own where it has any."""
    return GROUP_DIMS | (CROWD_DIMS if "crowd" in coords else {})


AS_THEY_ARE = (
    "curvature", "score", "threshold", "side", "spread", "people", "imprecision", "lean",
)  # fmt: skip
"""Columns of statements that the error model takes as they are."""
SWAPPED: Mapping[str, tuple[str, ...] | None] = {
    "observed": ("statement",), "live": ("statement",), "log_scale": ("question",),
    "mapping_sd": ("question",), "expert_cluster": ("expert",), "expert_sd": ("expert",),
    "before": None, "tau_shared": (), "tau": (), "kappa": (), "probability_unit": (),
}  # fmt: skip
"""What may change in a compiled model without compiling again, with its dims (of `before`, three
times statement, which PyMC cannot name)."""
UNCERTAIN = ("tau_shared", "tau", "kappa", "probability_unit")
"""Constants that are known least: answers are shown at other values of theirs."""


@dataclass(frozen=True)
class Layout:
    """A panel with the labels of its dims and the targets that its statements ask about.

    Attributes
    ----------
    panel
        Plain arrays for the error model.
    coords
        Labels of `statement`, `question`, `topic`, `expert`, `cluster`; of `crowd`, the groups of
        crowds in which somebody named a bound, where there are any.
    targets
        Targets asked about by these statements.
    target
        Index into `targets` for every statement.
    observed, live
        What was said; 1 where it serves, less where it is of a large crowd (`crowd.voiced`), or 0.
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
    crowd, groups = _crowd_of(panel.crowd, rows)
    chosen |= {"crowd": of.coords["crowd"][groups]} if groups.size else {}
    fewer = replace(
        panel, question=question, expert=expert, topic=topic, group=group,
        before=places(group, panel.side[rows]), expert_sd=panel.expert_sd[experts],
        cluster=np.searchsorted(named, panel.cluster[experts], side="right"),
        crowd=crowd,
        **per_statement, **per_question,
    )  # fmt: skip
    targets = tuple(of.targets[i] for i in used)
    return Layout(fewer, chosen, targets, target, of.observed[rows], of.live[rows])


def _crowd_of(crowd: Crowd | None, rows: np.ndarray) -> tuple[Crowd | None, np.ndarray]:
    """What some rows stand for, and which groups with bounds are among them."""
    if crowd is None:
        return None, np.zeros(0, int)
    own = crowd.of(rows)
    groups = np.unique(own.member[own.member >= 0])
    member = np.where(own.member >= 0, np.searchsorted(groups, own.member), -1)
    return replace(own, member=member), groups


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
    topics, topic = _topics(evidence, questions)
    of_questions = per_question(argument, evidence, constants, questions)
    clusters, per_expert = _per_expert(
        column["cluster"][first], experts, column["crowd"][first] > 0, constants
    )
    targets, target = _asked(evidence.targets, column["target"])
    indices = {"question": question, "expert": expert}
    group, names = _groups(column)
    crowd = _crowd(column, group)
    panel = Panel(
        **indices, **_per_statement(column), **of_questions, **per_expert, topic=topic,
        group=group, crowd=crowd, before=places(group, column["side"]), censored=None,
    )  # fmt: skip
    coords = {
        "statement": table["statement"].to_numpy(), "question": questions, "topic": topics,
        "expert": experts, "cluster": clusters,
    }  # fmt: skip
    if crowd and (bounded := np.unique(group[crowd.member >= 0])).size:
        coords["crowd"] = names[bounded]
    live = weights(table, group)
    return Layout(panel, coords, targets, target, column["observed"], live)


def weights(table: xr.Dataset, group: np.ndarray) -> np.ndarray:
    """How much the statements of each row count (`Layout.live`), in their groups."""
    live, count, crowd = (table[name].to_numpy() for name in ("live", "count", "crowd"))
    return voiced(live.astype(float), count, group, crowd > 0)


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


def _groups(column: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """A group is a cluster on a question: errors in it share a part and their tails.

    That of every statement, and their names.

    A crowd that states probabilities beside quantities is two, as how people are asked shifts
    them together.
    """
    keys = [f"{c} on {q}" for c, q in zip(column["cluster"], column["question"], strict=True)]
    chance = column["form"] == FORMS.index("probability")
    many = column["crowd"] > 0
    both = {keys[row] for row in np.flatnonzero(many & ~chance)}
    for row in np.flatnonzero(many & chance):
        keys[row] += " by chances" if keys[row] in both else ""
    names, group = np.unique(np.array(keys, np.str_), return_inverse=True)
    return group, names


def _topics(evidence: Evidence, questions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The topics, and each question's index among them."""
    asked = {question.id: question.topic for question in evidence.questions}
    topics, topic = np.unique([asked[q] for q in questions], return_inverse=True)
    return topics, topic


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


def _crowd(column: Mapping[str, np.ndarray], group: np.ndarray) -> Crowd | None:
    """What the rows stand for; None where each is an ordinary statement."""
    if not column["crowd"].any():
        return None
    seen = (column["side"] == 0).astype(float)
    many = np.isin(group, group[column["crowd"] > 0])
    member = np.full(group.size, -1)
    bound = (column["side"] != 0) & many
    member[bound] = np.unique(group[bound], return_inverse=True)[1]
    return Crowd(column["count"].astype(float), column["squares"], seen, member)


def _clusters(of_expert: np.ndarray, experts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Named clusters and each expert's index among them; 0 for an expert in none."""
    named = np.unique(of_expert[of_expert != experts])
    index = {label: i + 1 for i, label in enumerate(named)}
    return named, np.array([index.get(label, 0) for label in of_expert], int)
