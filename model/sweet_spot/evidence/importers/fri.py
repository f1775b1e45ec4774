"""FRI adversarial collaboration: P(U), P(c) and P(U given c) of each person and crux.

P(U) differs between the cruxes of one person, so that each is a question of its own: `PU:crux`,
`Pc:crux` and `PUc:crux`. P(U|not c) follows from the three and is not imported; that P(c) P(U|c) is
a part of P(U) is, so that `coherence` finds where it is none. Without a map nothing is evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweet_spot.evidence.importers.common import Imported, Row, Settings, csv_rows, read_text

COLUMNS = ("person", "Camp", "ID", "PU", "Pc", "PUc")
CONDITIONS = {"PU": "", "Pc": "", "PUc": "given that the crux {} resolves positively"}
RISK = "AI causes an existential catastrophe by 2100"
ASKED = {"PU": RISK, "Pc": "the crux {} resolves positively", "PUc": RISK}
"""What each number is the probability of."""

MAP: Mapping[str, Any] = {
    "schema": 1,
    "source": {
        "title": "FRI adversarial collaboration data",
        "url": "https://github.com/forecastingresearch/adversarial-collab",
        "date": "2023-05",
    },
    "questions": {
        "*": {
            "question": "takeover_total",
            "role": "excluded",
            "reason": "kept to compare the three: no answer to this question as it is put",
        }
    },
}
"""Stands in for a map: all three numbers are read, and none of them is an answer of ours."""


@dataclass(frozen=True)
class Conditional:
    """What one person said of one crux c and of the catastrophe U; None where there is no answer.

    Attributes
    ----------
    risk, crux_probability, risk_given_crux
        P(U), P(c), P(U|c).
    """

    person: str
    camp: str
    crux: str
    line: int
    risk: float | None
    crux_probability: float | None
    risk_given_crux: float | None

    @property
    def complete(self) -> bool:
        """Whether all three are there."""
        return None not in (self.risk, self.crux_probability, self.risk_given_crux)


def is_fri(path: Path) -> bool:
    """Whether a file begins with the columns of this format."""
    try:
        with path.open("rb") as file:
            first = file.readline(1000).decode("utf-8-sig", errors="replace")
    except OSError:
        return False  # whoever reads it says more
    return set(COLUMNS) <= {name.strip().strip('"') for name in first.split(",")}


def conditionals(path: Path) -> Iterator[Conditional]:
    """The rows of the file, each once checked; raises InvalidRecord."""
    seen: dict[tuple[str, str], int] = {}
    for row in csv_rows(path, read_text(path), COLUMNS):
        person, crux = row.needed("person"), row.needed("ID")
        first = seen.setdefault((person, crux), row.line)
        if first != row.line:
            message = f"{person!r} answers {crux!r} here and on line {first}"
            raise row.refusal(message, "keep one of the two")
        risk, chance, given = (_probability(row, column) for column in CONDITIONS)
        yield Conditional(person, row.text("Camp"), crux, row.line, risk, chance, given)


def _probability(row: Row, column: str) -> float | None:
    value = row.optional(column)
    if value is not None and not 0 <= value <= 1:
        raise row.refusal(f"{column} is {value:g}", "write a probability between 0 and 1")
    return value


def read(path: Path, settings: Settings) -> list[Imported]:  # noqa: ARG001 - there are none
    """Up to three probabilities for each row."""
    found = []
    for item in conditionals(path):
        values = (item.risk, item.crux_probability, item.risk_given_crux)
        for (what, condition), value in zip(CONDITIONS.items(), values, strict=True):
            if value is not None:
                found.append(
                    Imported(
                        question=f"{what}:{item.crux}",
                        forecaster=item.person,
                        kind="probability",
                        values=(value,),
                        line=item.line,
                        unit="probability",
                        text=ASKED[what].format(repr(item.crux)),
                        condition=condition.format(repr(item.crux)),
                        cluster=item.camp,
                        includes=(f"Pc:{item.crux}", f"PUc:{item.crux}") if what == "PU" else (),
                    )
                )
    return found
