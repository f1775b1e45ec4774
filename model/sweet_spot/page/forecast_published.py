"""What others have published on a question, shown only to who has answered it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from sweet_spot.argument.worlds import target
from sweet_spot.evidence.gather import FORMS, Evidence
from sweet_spot.page.forecast_belief import Reading, chance_among, place_among


@dataclass(frozen=True)
class Published:
    """Who said what, and where an answer stands among it.

    Attributes
    ----------
    text
        In one sentence.
    centres
        The published medians on the working scale.
    rows
        Expert, what was said, date, address: of those compared, the lowest first.
    """

    text: str
    centres: tuple[float, ...]
    rows: tuple[tuple[str, str, str, str], ...]


def published(read: Reading, evidence: Evidence) -> Published:
    """The live statements on the quantity of a question, and an answer's place among them.

    Compared are those that state a median under the question's own condition, in whatever words the
    quantity was asked about; of an event, exact probabilities to the same question.
    """
    table, question = evidence.statements, read.question
    asked = target(question.quantity, question.given, question.via)
    same = np.array([evidence.targets[i] == asked for i in table["target"].to_numpy()], bool)
    form, score = table["form"].to_numpy(), table["score"].to_numpy()
    live = (table["live"].to_numpy() == 1) & same & (table["side"].to_numpy() == 0)
    own = table["question"].to_numpy() == question.id
    if question.event:
        kept = live & own & (form == FORMS.index("probability"))
        above = question.event.startswith(">")
        seen = table["observed"].to_numpy()[kept]
        mine = read.points[0].level
        text = chance_among(1 - mine if above else mine, special.ndtr(-seen if above else seen))
        return Published(text, (), _rows(evidence, kept))
    kept = live & (form == FORMS.index("centre")) & (score == 0)
    centres = tuple(map(float, table["observed"].to_numpy()[kept]))
    text = place_among(read, centres)
    if centres:
        text += f" {int((kept & own).sum())} of these answered this very question."
    return Published(text, centres, _rows(evidence, kept))


def _rows(evidence: Evidence, kept: np.ndarray) -> tuple[tuple[str, str, str, str], ...]:
    rows = evidence.statements.isel(statement=np.flatnonzero(kept)).sortby("observed")
    names = ("expert", "stated", "date", "url")
    return tuple(zip(*(rows[name].to_numpy().tolist() for name in names), strict=True))
