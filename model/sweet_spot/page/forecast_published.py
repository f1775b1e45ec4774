"""What others have published on a question, shown only to who has answered it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from sweet_spot.argument.worlds import target
from sweet_spot.evidence.gather import FORMS, Evidence
from sweet_spot.evidence.records import Question
from sweet_spot.page.forecast_belief import Reading, chance_among, place_among


@dataclass(frozen=True)
class Published:
    """What others have said about the quantity of a question.

    Attributes
    ----------
    question
        The question.
    values
        The published medians on the working scale, or of an event the probabilities.
    own
        How many of these answered this very question, in its words.
    rows
        Expert, what was said, date, address: of those compared, the lowest first.
    """

    question: Question
    values: tuple[float, ...]
    own: int
    rows: tuple[tuple[str, str, str, str], ...]

    @property
    def centres(self) -> tuple[float, ...]:
        """The medians, where there are any."""
        return () if self.question.event else self.values

    def place(self, read: Reading) -> str:
        """Where an answer stands among them, in words."""
        if self.question.event:
            mine = read.points[0].level
            above = self.question.event.startswith(">")
            return chance_among(1 - mine if above else mine, self.values)
        count = f" {self.own} of these answered this very question." if self.values else ""
        return place_among(read, self.values) + count


def published(question: Question, evidence: Evidence) -> Published:
    """The live statements on the quantity of a question that can be compared with an answer.

    These are those that state a median under the question's own condition, in whatever words the
    quantity was asked about; of an event, exact probabilities to the same question.
    """
    table = evidence.statements
    asked = target(question.quantity, question.given, question.via)
    same = np.array([evidence.targets[i] == asked for i in table["target"].to_numpy()], bool)
    form, score = table["form"].to_numpy(), table["score"].to_numpy()
    live = (table["live"].to_numpy() == 1) & same & (table["side"].to_numpy() == 0)
    own = table["question"].to_numpy() == question.id
    if question.event:
        kept = live & own & (form == FORMS.index("probability"))
        seen = table["observed"].to_numpy()[kept]
        values = special.ndtr(-seen if question.event.startswith(">") else seen)
    else:
        kept = live & (form == FORMS.index("centre")) & (score == 0)
        values = table["observed"].to_numpy()[kept]
    return Published(
        question, tuple(map(float, values)), int((kept & own).sum()), _rows(evidence, kept)
    )


def _rows(evidence: Evidence, kept: np.ndarray) -> tuple[tuple[str, str, str, str], ...]:
    rows = evidence.statements.isel(statement=np.flatnonzero(kept)).sortby("observed")
    names = ("expert", "stated", "date", "url")
    return tuple(zip(*(rows[name].to_numpy().tolist() for name in names), strict=True))
