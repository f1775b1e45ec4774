"""Which outcomes may be seen when a question is predicted: cross-validation over groups.

Two things are called a group. Where people answer across groups (waves of one item, horizons of
one week), the questions of a group share what happened, and none of their outcomes may be seen. A
panel is a group whose people answered nothing else: its questions have answers of their own, so
that how its people did on its other questions may be seen, and is all there is to tell them apart.
What is learned about people in general comes from other groups in both cases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweet_spot.inference.resolved import Ints, Resolved


@dataclass(frozen=True)
class Fold:
    """One group that is held out.

    Attributes
    ----------
    group
        Its name.
    asked
        Its questions, to be predicted; indices into the questions of the dataset.
    elsewhere
        The questions of all other groups, of the same kind: their outcomes may be seen by all.
    panel
        Whether a question may also see the outcomes of the others in its group.
    """

    group: str
    asked: Ints
    elsewhere: Ints
    panel: bool

    def seen(self, question: int) -> Ints:
        """The questions whose outcomes may be used to judge people when this one is predicted."""
        if not self.panel:
            return self.elsewhere
        own = self.asked[self.asked != question]
        return np.sort(np.concatenate([self.elsewhere, own]))

    def learn(self, question: int) -> Ints:
        """The questions from which constants may be fitted: of other groups.

        A dataset that is one single panel has no other group; there it is the panel's others.
        """
        return self.elsewhere if self.elsewhere.size else self.seen(question)


def folds(of: Resolved, kind: str) -> tuple[Fold, ...]:
    """One fold for each group that has a question of this kind with a known outcome."""
    scored = of.scored(kind)
    groups = of.group[scored]
    return tuple(
        Fold(
            str(group), scored[groups == group], scored[groups != group],
            is_panel(of, scored[groups == group]),
        )
        for group in dict.fromkeys(groups.tolist())
    )  # fmt: skip


def is_panel(of: Resolved, asked: Ints) -> bool:
    """Whether those who answered these questions answered none of another group."""
    here = np.isin(of.question_idx, asked)
    outside = ~np.isin(of.group, of.group[asked])[of.question_idx]
    return not np.isin(of.expert_idx[outside], of.expert_idx[here]).any()
