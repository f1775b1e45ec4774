"""Two camps: what each implies alone, and which question, were it agreed on, closes the gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.estimates import (
    Estimate,
    difference,
    estimate,
    live_only,
    prior_base,
    thinned,
)
from sweet_spot.answers.numbers import error, finite, plural, probability, records, words
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.errors import MissingData
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.keep import evidence_of
from sweet_spot.inference.refits import Kept
from sweet_spot.inference.reweight import Base

if TYPE_CHECKING:
    import pandas as pd

SIDES = ("a", "b")


@dataclass(frozen=True)
class Camps:
    """The disagreement of two camps on P(usable for at least one factor).

    Attributes
    ----------
    credences
        Dim `camp` (a, b): `value`, implied by the camp's statements alone, `error`, `pareto_k`,
        `method`, `statements`; `swapped`, the value when the camp takes over all of the other's
        views, and `left`, how far that is from the other's own: zero within error.
    questions
        Dims `question` (the one that closes most first), `camp` (who adopts the other's view):
        `change` of that camp's credence, `closed`, the share of the gap that closes, and the Monte
        Carlo errors `change_error`, `closed_error`; `pareto_k`, `method`. Beside them how many
        statements each camp has: `statements_a`, `statements_b`.
    gap, gap_error
        b less a, with its Monte Carlo error.
    """

    credences: xr.Dataset
    questions: xr.Dataset
    gap: float
    gap_error: float
    text: str

    @property
    def table(self) -> pd.DataFrame:
        """One row for each question and adopting camp."""
        return self.questions.to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints; None where there is no number."""
        credences = self.credences.to_dataframe().reset_index()
        return {
            "schema": 1, "text": self.text, "gap": finite(self.gap),
            "gap_error": finite(self.gap_error), "camps": records(credences),
            "questions": records(self.table.reset_index()),
        }  # fmt: skip


def members(said: xr.Dataset, names: Sequence[str]) -> np.ndarray:
    """Which statements are by these experts or clusters.

    Raises
    ------
    MissingData
        Nobody is called so, or the camp has no live evidence statement.
    """
    chosen = np.zeros(said.sizes["statement"], bool)
    for name in names:
        theirs = (said["expert"].to_numpy() == name) | (said["cluster"].to_numpy() == name)
        if not theirs.any():
            raise MissingData(f"camp: no expert and no cluster is called {name!r}")
        chosen |= theirs
    chosen &= (said["live"] * said["evidence"]).to_numpy() == 1
    if not chosen.any():
        raise MissingData(f"camp {', '.join(names)}: none of its statements is live evidence")
    return chosen


def camps(
    tree: xr.DataTree,
    a: Sequence[str],
    b: Sequence[str],
    *,
    argument: Argument | None = None,
    refit: Kept | None = None,
    progress: Callable[[str], None] | None = None,
    most: int | None = None,
) -> Camps:
    """What two camps imply, how far they are apart, and the cruxes between them.

    A camp adopts the other's view on a question: its own statements on it are dropped, the other's
    are taken in, with the errors of those who made them. All questions adopted, its evidence is the
    other's, so that the gap must close. One question at a time: shares need not sum to one.

    Parameters
    ----------
    a, b
        Names of experts or clusters.
    refit
        Fits again where Pareto k is above 0.7, or finds such a fit; without it there is no number.
    most
        Weights from at most so many draws, evenly spaced.

    Raises
    ------
    MissingData
        A name is unknown, or somebody is in both camps.
    """
    before, evidence = prior_base(tree, argument or load_argument()), evidence_of(tree)
    before = before if most is None else thinned(before, most)
    said = evidence.statements
    sides = dict(zip(SIDES, (members(said, names) for names in (a, b)), strict=True))
    both = np.unique(said["expert"].to_numpy()[sides["a"] & sides["b"]])
    if both.size:
        raise MissingData(f"{both[0]} is in both camps")
    view = _viewer(before, evidence, refit, progress)
    alone = {side: view(rows) for side, rows in sides.items()}
    questions = said["question"].to_numpy()
    asked = np.unique(questions[sides["a"] | sides["b"]]).tolist()
    swapped = {
        side: view(_adopting(sides, side, np.ones_like(rows))) for side, rows in sides.items()
    }
    adopted = {
        (question, side): view(_adopting(sides, side, questions == question))
        for question in asked
        for side in SIDES
    }
    return _answer(sides, questions, alone, swapped, adopted)


View = Callable[[np.ndarray], Estimate]
Adopted = dict[tuple[str, str], Estimate]


def _viewer(
    before: Base,
    evidence: Evidence,
    refit: Kept | None,
    progress: Callable[[str], None] | None,
) -> View:
    """The headline under some statements, from the prior draws or from a refit already made."""
    bases = [before]
    known: dict[bytes, Estimate] = {}

    def view(rows: np.ndarray) -> Estimate:
        key = rows.tobytes()
        if key not in known:
            (progress or (lambda _: None))(plural(int(rows.sum()), "statement"))
            known[key] = estimate(bases, live_only(evidence, rows), refit)
            if not any(known[key].base is base for base in bases):
                bases.append(known[key].base)
        return known[key]

    return view


def _adopting(sides: dict[str, np.ndarray], side: str, on: np.ndarray) -> np.ndarray:
    """A camp's statements with the other's in their place where `on`."""
    other = sides["b" if side == "a" else "a"]
    return np.where(on.astype(bool), other, sides[side])


def _answer(
    sides: dict[str, np.ndarray],
    questions: np.ndarray,
    alone: dict[str, Estimate],
    swapped: dict[str, Estimate],
    adopted: Adopted,
) -> Camps:
    gap, gap_error = difference(alone["b"], alone["a"])
    asked = list(dict.fromkeys(question for question, _ in adopted))
    rows = {
        key: _row(found, alone[key[1]], key[1], gap, gap_error) for key, found in adopted.items()
    }
    columns: dict[str, Any] = {
        name: (("question", "camp"), np.array([[rows[q, s][name] for s in SIDES] for q in asked]))
        for name in next(iter(rows.values()))
    }
    for side in SIDES:
        counts = [int((sides[side] & (questions == q)).sum()) for q in asked]
        columns[f"statements_{side}"] = ("question", np.array(counts))
    data = xr.Dataset(columns, coords={"question": asked, "camp": list(SIDES)})
    reach = data["closed"].mean("camp").fillna(-np.inf).to_numpy()
    data = data.isel(question=np.argsort(-reach, kind="stable"))
    credences = _credences(sides, alone, swapped)
    return Camps(credences, data, gap, gap_error, _text(credences, data, gap, gap_error))


def _row(
    found: Estimate, own: Estimate, side: str, gap: float, gap_error: float
) -> dict[str, float | str]:
    """Change of a camp's credence, and the share of the gap that it closes (delta method)."""
    change, change_error = difference(found, own)
    towards = change if side == "a" else -change
    closed = towards / gap if gap else np.nan
    closed_error = np.hypot(change_error, closed * gap_error) / abs(gap) if gap else np.nan
    return {
        "change": change, "change_error": change_error, "closed": closed,
        "closed_error": float(closed_error), "pareto_k": found.pareto_k, "method": found.method,
    }  # fmt: skip


def _credences(
    sides: dict[str, np.ndarray], alone: dict[str, Estimate], swapped: dict[str, Estimate]
) -> xr.Dataset:
    other = {"a": "b", "b": "a"}
    columns = {
        "value": [alone[s].value for s in SIDES], "error": [alone[s].error for s in SIDES],
        "pareto_k": [alone[s].pareto_k for s in SIDES], "method": [alone[s].method for s in SIDES],
        "statements": [int(sides[s].sum()) for s in SIDES],
        "swapped": [swapped[s].value for s in SIDES],
        "left": [difference(swapped[s], alone[other[s]])[0] for s in SIDES],
    }  # fmt: skip
    return xr.Dataset(
        {name: ("camp", np.array(values)) for name, values in columns.items()},
        coords={"camp": list(SIDES)},
    )


def _text(credences: xr.Dataset, data: xr.Dataset, gap: float, gap_error: float) -> str:
    each = [
        f"camp {side} {probability(float(credences['value'].sel(camp=side)))}"
        f" ({plural(int(credences['statements'].sel(camp=side)), 'statement')})"
        for side in SIDES
    ]
    lead = "P(usable sweet spot for at least one factor), from each camp's statements alone"
    if not np.isfinite(gap):
        return f"{lead}, cannot be told without a refit (Pareto k > 0.7)."
    lead = f"{lead}: {', '.join(each)}; gap {gap:+.3f}, Monte Carlo error {error(gap_error)}."
    if abs(gap) < 2 * gap_error:
        return lead + " The gap is within twice its error: there is nothing to explain."
    top = data.isel(question=0)
    closed = [100 * float(top["closed"].sel(camp=s)) for s in SIDES]
    return (
        f"{lead} Most of it closes with {words(str(top['question'].item()))}: {closed[0]:.0f} %"
        f" if a adopts b's view, {closed[1]:.0f} % if b adopts a's. All views"
        f" swapped, the gap left is {float(credences['left'].sel(camp='a')):.3f}."
    )
