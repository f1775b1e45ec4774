"""What a step of the history is due to: its change divided among the statements that came or went.

Shapley shares (MODEL.md section 6, point 6), over single statements where they are few, else over
their sources, else over their topics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.errors import NeedsRefit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.credit import EXACT
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.reweight import Base
from sweet_spot.inference.views import own_view, shares

if TYPE_CHECKING:
    from sweet_spot.answers.history_steps import Plan
    from sweet_spot.answers.record import Row

POINTS = 24
"""Of an integral over effects that draws know nothing of: there are many sets of statements."""
WHEN = ("timelines", "takeoff")
COARSE = ("timelines and takeoff", "all other topics")
"""The causes of a large step that cannot be divided more finely."""
Shares = Mapping[str, tuple[float, float]]
"""Cause -> share of the change of the headline, in probability, and its Monte Carlo error."""


@dataclass(frozen=True)
class End:
    """One end of a step: which evidence statements are live, and draws given these."""

    live: frozenset[str]
    draws: xr.Dataset


def causes(
    known: Evidence, before: frozenset[str], after: frozenset[str]
) -> dict[str, frozenset[str]]:
    """The statements that came or went, grouped; a group is named by what its members share.

    What replaces an older statement of the same person on the same question goes with it. The
    finest of statements, sources and topics that makes few enough groups for all orders is taken.
    """
    table = known.statements.sel(statement=sorted(before ^ after))
    topics = {question.id: question.topic for question in known.questions}
    columns = ("statement", "expert", "question", "source")
    rows = list(zip(*(table[n].to_numpy().tolist() for n in columns), strict=True))
    new = {(who, what): (name, source) for name, who, what, source in rows if name in after}
    found: dict[str, frozenset[str]] = {}
    for level in ("statement", "source", "topic"):
        found = {}
        for name, who, what, source in rows:
            own, whence = new.get((who, what), (name, source)) if name in before else (name, source)
            group = {"statement": own, "source": whence, "topic": topics[what]}[level]
            found[group] = found.get(group, frozenset()) | {name}
        if len(found) <= EXACT:
            break
    return found


def attributed(
    argument: Argument,
    constants: ErrorConstants,
    known: Evidence,
    ends: tuple[End, End],
    refit: Callable[[Evidence], xr.Dataset | None] | None = None,
) -> Shares:
    """The shares of each cause in a step; none where their weights are not to be trusted.

    Parameters
    ----------
    known
        All statements; which of them are live does not matter.
    ends
        Before and after.
    refit
        Draws for evidence that no draws can be reweighed to; None where they failed. With it, a
        step that cannot be divided among many causes is divided among two.
    """
    groups = causes(known, ends[0].live, ends[1].live)
    found = _divided(argument, constants, known, ends, groups, refit)
    if found or refit is None or len(groups) <= len(COARSE):
        return found
    return _divided(argument, constants, known, ends, coarse(known, groups), refit)


def coarse(known: Evidence, groups: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Two causes in place of many, whose sets can all be fitted: when, and all else."""
    topics = {question.id: question.topic for question in known.questions}
    table = known.statements.sel(statement=sorted(frozenset().union(*groups.values())))
    asked = dict(
        zip(table["statement"].values.tolist(), table["question"].values.tolist(), strict=True)
    )
    when = frozenset(name for name, question in asked.items() if topics[question] in WHEN)
    two = dict(zip(COARSE, (when, frozenset(asked) - when), strict=True))
    return {name: members for name, members in two.items() if members}


def _divided(
    argument: Argument,
    constants: ErrorConstants,
    known: Evidence,
    ends: tuple[End, End],
    groups: Mapping[str, frozenset[str]],
    refit: Callable[[Evidence], xr.Dataset | None] | None,
) -> Shares:
    """The change divided among given groups; nothing where weights are not to be trusted."""

    def evidence(live: frozenset[str]) -> Evidence:
        table = known.statements
        chosen = np.isin(table["statement"].to_numpy(), sorted(live)).astype(np.int64)
        return replace(known, statements=table.assign(live=("statement", chosen)))

    def part(made: frozenset[int]) -> Evidence:
        members = list(groups.values())
        return evidence(ends[0].live ^ frozenset().union(*(members[i] for i in made)))

    def base(after: Evidence, draws: xr.Dataset) -> Base:
        return Base(argument, after, constants, draws, replicates=POINTS)

    def again(after: Evidence) -> Base:
        draws = refit(after) if refit is not None else None
        if draws is None:
            raise NeedsRefit("a refit failed its verdict")
        return base(after, draws)

    old, new = (own_view(base(evidence(end.live), end.draws)) for end in ends)
    try:
        found = shares(list(groups), part, old, new, None if refit is None else again)
    except NeedsRefit:
        return {}
    if not found.trusted:
        return {}
    values = (found.data[name].to_numpy().tolist() for name in ("share", "mcse"))
    return dict(zip(groups, zip(*values, strict=True), strict=True))


def recorded_shares(of: Plan, answers: Sequence[Row | None]) -> xr.Dataset:
    """What each step is due to, where the record has it for this very step."""
    rows = [
        (step.label, cause, *share)
        for step, row in zip(of.steps, answers, strict=True)
        if row and (before := of.before(step)) is not None and row.since == of.digest(before)
        for cause, share in (row.shares if not step.carried else {}).items()
    ]
    names, kinds = ("step", "cause", "value", "mcse"), (np.str_, np.str_, float, float)
    columns = zip(*rows, strict=True) if rows else ((),) * 4
    return xr.Dataset(
        {
            name: ("share", np.array(column, dtype=kind))
            for name, column, kind in zip(names, columns, kinds, strict=True)
        }
    )
