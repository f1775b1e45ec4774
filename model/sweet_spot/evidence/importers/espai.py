"""ESPAI 2023, a row a respondent: high-level machine intelligence and full automation of labour.

Half were asked for the chance within given years, half for the years to given chances. The last
horizon is 40 years for the one question and 50 for the other. Both are durations from the day of
answering; a map may set `origin: 2023.8` to have them as calendar years.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sweet_spot.evidence.importers.common import Imported, Row, Settings, csv_rows, read_text

LEVELS = (0.1, 0.5, 0.9)
FIXED = ("Fixed years", "Fixed probabilities")
LONGEST = 10_000
"""Years: beyond it a respondent hardly meant a number."""


@dataclass(frozen=True)
class Asked:
    """One question: id, beginnings of its columns, horizons in years."""

    name: str
    chances: str
    years: str
    horizons: tuple[float, float, float]

    def columns(self, group: str) -> tuple[str, ...]:
        """The three columns that people of a group answered."""
        stem = self.chances if group == FIXED[0] else self.years
        return tuple(f"{stem}_{number}" for number in (1, 2, 3))


QUESTIONS = (
    Asked("hlmi", "hb_b", "hb_a", (10, 20, 40)),
    Asked("full_automation", "hj_b_full", "hj_a_full", (10, 20, 50)),
)


def read(path: Path, settings: Settings) -> list[Imported]:
    """One statement for each question that a respondent answered."""
    origin = float(settings["origin"])
    rows = csv_rows(path, read_text(path), ("ResponseId", "treat_assign"))
    return [answer for row in rows for answer in _answers(row, origin)]


def _answers(row: Row, origin: float) -> Iterator[Imported]:
    group = row.text("treat_assign")
    if group not in FIXED:
        raise row.refusal(f"treat_assign is {group[:40]!r}", f"write {' or '.join(FIXED)}")
    for asked in QUESTIONS:
        said = [row.optional(column) for column in asked.columns(group)]
        given = [index for index, value in enumerate(said) if value is not None]
        values = tuple(value for value in said if value is not None)
        if not values:
            continue
        if group == FIXED[0]:
            yield _chances(row, asked, values, [asked.horizons[index] for index in given], origin)
        else:
            yield _quantiles(row, asked, values, tuple(LEVELS[index] for index in given), origin)


def _chances(
    row: Row, asked: Asked, values: tuple[float, ...], horizons: list[float], origin: float
) -> Imported:
    for value in values:
        if not 0 <= value <= 100:
            raise row.refusal(f"a chance is {value:g} percent", "compare with the source")
    return Imported(
        question=asked.name,
        forecaster=row.needed("ResponseId"),
        kind="probability",
        values=values,
        line=row.line,
        events=tuple(f"< {origin + horizon:.9g}" for horizon in horizons),
        unit="percent",
        reason="; ".join(oddities(values, is_chance=True)),
    )


def _quantiles(
    row: Row, asked: Asked, values: tuple[float, ...], levels: tuple[float, ...], origin: float
) -> Imported:
    odd = oddities(values, is_chance=False)
    doubtful = {"0 years", "perhaps a calendar year"} & set(odd)
    for value in values:
        if value < 0:
            raise row.refusal(f"{value:g} years", "compare with the source")
    return Imported(
        question=asked.name,
        forecaster=row.needed("ResponseId"),
        kind="quantile",
        values=tuple(round(origin + value, 6) for value in values),
        line=row.line,
        levels=levels,
        unit="year" if origin else "years",
        condition=f"stated as years from {origin:g}" if origin else "",
        role="excluded" if doubtful else None,
        reason="; ".join(odd),
    )


def oddities(values: tuple[float, ...], *, is_chance: bool) -> list[str]:
    """What is awkward about an answer, in words: it is kept and marked, never mended."""
    found = ["all equal"] if len(values) > 1 and len(set(values)) == 1 else []
    if is_chance:
        return found + (["0 or 100 percent"] if {0, 100} & set(values) else [])
    found += ["0 years"] if 0 in values else []
    found += [f"above {LONGEST} years"] if max(values) > LONGEST else []
    if any(1900 <= value <= 2200 for value in values):
        found.append("perhaps a calendar year")
    return found
