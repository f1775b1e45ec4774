"""Each statement beside predictions: of the quantity, and of what is said about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy import special

from sweet_spot.answers.numbers import TAILS, Floats, summary, words
from sweet_spot.argument.quantities import Quantity, from_working
from sweet_spot.argument.structure import GATES
from sweet_spot.argument.units import UNITS, convert
from sweet_spot.evidence.gather import FORMS, Evidence
from sweet_spot.evidence.records import Question

POINTS = ("low", "median", "high")
PROBABILITY = FORMS.index("probability")
Z = float(special.ndtri(TAILS[2]))
_EVENT = re.compile(r"P\([^<>]*([<>])")


@dataclass(frozen=True)
class StatementTable:
    """Statements beside predictions, in each question's own unit.

    Attributes
    ----------
    data
        Dim `statement` (sorted by topic, question, date), `point` (low, median, high):
        `said` (the stated median or probability, and interval where one was stated); `predicted`
        (interval for what this reporter would say; NaN for gates, whose quantity is not what was
        asked); `quantity` (interval for the quantity itself, or the model's own probability of
        the event as its median); `unit`, `event`, `given`, `bound` (-1 only known to be lower, 1
        only known to be higher), `outside` (1 where what was said lies outside `predicted`);
        labels `topic`, `question`, `expert`, `date`, `dated`, `source`, `url`, `verified`, `text`,
        `people`, `live`, `state`, `role`; `gate`, 1 where a gate answers the question.
    fitted
        Whether predictions are from the posterior, or else from the prior.
    """

    data: xr.Dataset
    fitted: bool

    def live(self, role: str) -> xr.Dataset:
        """The live statements of a role, evidence or check."""
        chosen = (self.data["live"] == 1) & (self.data["role"] == role)
        return self.data.isel(statement=np.flatnonzero(chosen.to_numpy()))

    def outside(self, role: str) -> tuple[int, int]:
        """How many live statements lie outside their predictive interval, and of how many."""
        said = self.live(role)
        held = np.isfinite(said["predicted"].sel(point="low").to_numpy())
        return int(said["outside"].to_numpy()[held].sum()), int(held.sum())


def statement_table(tree: xr.DataTree, evidence: Evidence) -> StatementTable:
    """Every statement of a fit beside its prediction, superseded ones too."""
    fitted = "posterior_predictive" in tree
    name = "posterior_predictive" if fitted else "prior_predictive"
    said = tree["constant_data"].to_dataset().load()
    observed = tree["observed_data"]["stated"].to_numpy()
    if not said.sizes["statement"]:
        return StatementTable(_dataset([], []), fitted)
    draws = tree[name].to_dataset().load()
    stated, values = (
        draws[n].transpose("chain", "draw", "statement").to_numpy().reshape(-1, len(observed))
        for n in ("stated", "quantity")
    )
    ends = summary(stated)
    asked = {q.id: q for q in evidence.questions}
    state = dict(
        zip(*(evidence.statements[n].values.tolist() for n in ("statement", "state")), strict=True)
    )
    rows = []
    shown = _shown(said)
    for i in shown:
        row = {str(key): said[key].values[i] for key in said.data_vars} | {"observed": observed[i]}
        question = asked[str(row["question"])]
        target = evidence.targets[int(row["target"])]
        row["stated"] = _voiced(said, i)
        row["state"] = state[str(said["statement"].values[i])]
        row["given"] = ", ".join(f"{words(str(q))} = {v:g}" for q, v in target.given)
        rows.append(_row(row, question, target.quantity, ends[:, i], values[:, i]))
    ids = said["statement"].values.astype(str)
    order = sorted(range(len(rows)), key=lambda k: (*_place(rows[k]), ids[shown[k]]))
    labels = [str(ids[shown[k]]) for k in order]
    return StatementTable(_dataset([rows[k] for k in order], labels), fitted)


def _shown(said: xr.Dataset) -> list[int]:
    """The rows to list: of a crowd on a question the largest, as nobody reads thousands."""
    rows = range(said.sizes["statement"])
    if "crowd" not in said:  # of a fit from before there were crowds
        return list(rows)
    names = ("crowd", "count", "expert", "question", "evidence", "live")
    crowd, count, *place = (said[name].to_numpy() for name in names)
    largest: dict[tuple[Any, ...], int] = {}
    for i in rows:
        key = tuple(each[i] for each in place) if crowd[i] else (i,)
        if key not in largest or count[i] > count[largest[key]]:
            largest[key] = i
    return sorted(largest.values())


def _voiced(said: xr.Dataset, i: int) -> str:
    """What a row says; of a crowd with how many other statements there are on the question."""
    text = str(said["stated"].values[i])
    if "crowd" not in said or not said["crowd"].values[i]:
        return text
    alike = np.ones(said.sizes["statement"], bool)
    for name in ("expert", "question", "evidence", "live"):
        alike &= said[name].to_numpy() == said[name].to_numpy()[i]
    others = int(said["count"].to_numpy()[alike].sum() - said["count"].values[i])
    return f"{text}; {others:,} more in {int(alike.sum()) - 1} other forms"


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    return row["topic"], row["question"], row["event"], row["given"], row["date"]


_LABELS = ("state", "given", "expert", "date", "source", "url", "verified")


def _row(
    row: Mapping[str, Any], question: Question, quantity: Quantity, ends: Floats, values: Floats
) -> dict[str, Any]:
    """One statement in its question's unit."""
    gate = quantity.name in GATES
    shown = (
        _event(row, question, quantity, ends, values)
        if row["form"] == PROBABILITY
        else _value(row, question, quantity, ends, values)
    )
    low, _, high = ends
    outside = {
        0: not low <= row["observed"] <= high,
        1: high < row["observed"],
        -1: low > row["observed"],
    }
    if gate:
        shown["predicted"] = np.full(3, np.nan)
    return shown | {
        "outside": int(outside[int(row["side"])] and not gate),
        "topic": question.topic, "question": question.id, "text": str(row["stated"]),
        "people": int(row["people"]), "live": int(row["live"]), "dated": int(row["dated"]),
        "role": "evidence" if row["evidence"] else "check", "gate": int(gate),
        **{name: str(row[name]) for name in _LABELS},
    }  # fmt: skip


def _event(
    row: Mapping[str, Any], question: Question, quantity: Quantity, ends: Floats, values: Floats
) -> dict[str, Any]:
    """A probability: of X < t, as the model has it, or turned to the event as it was stated."""
    found = _EVENT.match(str(row["stated"]))
    sign = -1 if found and found[1] == ">" else 1
    below = float(np.mean(values < row["threshold"]))
    own = below if sign > 0 else 1 - below
    threshold = float(display(np.array([row["threshold"]]), quantity, question.unit)[0])
    point = float(special.ndtr(sign * row["observed"]))
    return {
        "said": np.array([np.nan, point, np.nan]),
        "predicted": special.ndtr(sign * ends)[::sign],
        "quantity": np.array([np.nan, own, np.nan]),
        "unit": "probability",
        "event": f"{'<' if sign > 0 else '>'} {threshold:.6g}",
        "bound": sign * int(row["side"]),
    }


def _value(
    row: Mapping[str, Any], question: Question, quantity: Quantity, ends: Floats, values: Floats
) -> dict[str, Any]:
    """A median or several quantiles, with the interval of the normal fitted to these."""
    spread = float(row["spread"])
    points = float(row["observed"]) + spread * np.array([-Z, 0.0, Z])
    points[1] = row["observed"]
    return {
        "said": display(points, quantity, question.unit),
        "predicted": display(ends, quantity, question.unit),
        "quantity": display(summary(values), quantity, question.unit),
        "unit": question.unit,
        "event": "",
        "bound": int(row["side"]),
    }


def display(working: Floats, quantity: Quantity, unit: str) -> Floats:
    """Values on a quantity's working scale, in a unit; durations are not negative."""
    own = from_working(quantity, working)
    if quantity.scale == "log_duration":
        own = np.maximum(own, 0.0)
    if unit not in UNITS or unit == quantity.unit:
        return np.asarray(own)
    return np.array([convert(float(v), quantity.unit, unit) for v in np.atleast_1d(own)])


_NUMBERS = ("said", "predicted", "quantity")
_COLUMNS = (
    "unit", "event", "bound", "outside", "topic", "question", "text", "people", "live", "dated",
    "role", "gate", *_LABELS,
)  # fmt: skip


def _dataset(rows: list[dict[str, Any]], ids: list[str]) -> xr.Dataset:
    columns: dict[str, Any] = {
        name: (("statement", "point"), np.array([row[name] for row in rows], float).reshape(-1, 3))
        for name in _NUMBERS
    }
    columns |= {name: ("statement", np.array([row[name] for row in rows])) for name in _COLUMNS}
    return xr.Dataset(columns, coords={"statement": np.array(ids, np.str_), "point": list(POINTS)})
