"""What knowing a crux would be worth to each person of an FRI file: their own value of information.

Of catastrophe U and crux c, from P(U), P(c) and P(U|c) as one person states them:

    value = P(c) KL(P(U|c), P(U)) + (1 - P(c)) KL(P(U|not c), P(U))

with KL of two probabilities in log10, as the adversarial collaboration of the Forecasting Research
Institute (2023) reports it, and as a share of the entropy of P(U). No model of ours enters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import number, plural, records
from sweet_spot.evidence.importers.fri import Conditional, conditionals

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
MEASURES = ("value", "share")


@dataclass(frozen=True)
class FriValue:
    """Value of information of each crux.

    Attributes
    ----------
    data
        Dims `crux` and `camp`: lower medians over people of `value` (log10 units) and of `share`
        (of the entropy of P(U)), NaN where nobody of the camp answered; `people`, how many served.
    text
        The most valuable crux of each camp, in a sentence each.
    left_out
        How many rows were: incomplete, or with P(U|c) or P(U|not c) not above 0 or beyond 1.
    """

    data: xr.Dataset
    text: str
    left_out: int

    @property
    def table(self) -> pd.DataFrame:
        """One row for each crux and camp."""
        return self.data.to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """What the command prints for programs; null where there is no number."""
        rows = records(self.table.reset_index())
        return {"schema": SCHEMA, "text": self.text, "left_out": self.left_out, "rows": rows}


def fri_value(path: Path | str) -> FriValue:
    """The value of information of every crux in an FRI file (`FORECASTS.csv`).

    Raises
    ------
    InvalidRecord
        The file is not of this format; the message names line and remedy.
    """
    rows = list(conditionals(Path(path)))
    told = {(row.person, row.crux): _told(row) for row in rows}
    served = [row for row in rows if told[row.person, row.crux] is not None]
    cruxes, camps = (sorted({getattr(r, n) for r in rows}) for n in ("crux", "camp"))
    values = np.full((2, len(cruxes), len(camps)), np.nan)
    people = np.zeros((len(cruxes), len(camps)), int)
    for index in np.ndindex(people.shape):
        crux, camp = cruxes[index[0]], camps[index[1]]
        found = [told[r.person, crux] for r in served if (r.crux, r.camp) == (crux, camp)]
        people[index] = len(found)
        for k in range(2):
            values[(k, *index)] = _lower_median(pair[k] for pair in found if pair is not None)
    columns: dict[str, Any] = {
        name: (("crux", "camp"), part) for name, part in zip(MEASURES, values, strict=True)
    }
    columns["people"] = (("crux", "camp"), people)
    data = xr.Dataset(columns, coords={"crux": cruxes, "camp": camps})
    left_out = len(rows) - len(served)
    return FriValue(data, _text(data, left_out, len(rows)), left_out)


def _told(row: Conditional) -> tuple[float, float] | None:
    """Value and share of one person's answer; none where it cannot be used."""
    before, chance, given = row.risk, row.crux_probability, row.risk_given_crux
    if before is None or chance is None or given is None:
        return None
    if given == before:
        return 0.0, 0.0
    otherwise = (before - chance * given) / (1 - chance) if chance < 1 else 0.0
    if not (0 < before < 1 and given > 0 and 0 < otherwise <= 1):
        return None
    value = chance * _divergence(given, before) + (1 - chance) * _divergence(otherwise, before)
    entropy = -sum(p * math.log10(p) for p in (before, 1 - before))
    return value, value / entropy


def _divergence(after: float, before: float) -> float:
    """KL of two probabilities of one event, log10.

    Written as the published numbers were computed: where two terms nearly cancel, a formula that
    rounds otherwise differs from them in the ninth digit.
    """
    pairs = ((after, before), (1 - after, 1 - before))
    return sum(p * math.log10(p / q) for p, q in pairs if p > 0)


def _lower_median(values: Iterable[float]) -> float:
    """The middle value, of two the lower; NaN where there is none."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] if ordered else float("nan")


def _text(data: xr.Dataset, left_out: int, rows: int) -> str:
    parts = []
    for camp in data["camp"].values.tolist():
        here = data.sel(camp=camp)
        if not np.isfinite(here["value"]).any():
            continue
        best = here.isel(crux=int(here["value"].argmax("crux")))
        parts.append(
            f"{camp or 'No camp'}: {best['crux'].values} would tell most, a median value of"
            f" {number(float(best['value']), 'log10')} (log10;"
            f" {number(100 * float(best['share']), 'percent')} % of the entropy of P(U), median"
            f" of {plural(int(best['people']), 'answer')})."
        )
    parts.append(f"{left_out} of {plural(rows, 'row')} left out.")
    return " ".join(parts)
