"""What a form and the answer to it look like, as plain values for a template."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sweet_spot.errors import InvalidAnswer
from sweet_spot.evidence.records import Question, Statement
from sweet_spot.page.forecast_belief import Reading, implied, reading, written
from sweet_spot.page.forecast_forms import (
    CHIPS,
    LEVELS,
    LONGEST_REASON,
    THRESHOLDS,
    default_edges,
    edges_of,
    unit_of,
    way_of,
    ways_of,
)
from sweet_spot.page.forecast_published import Published
from sweet_spot.page.forecast_svg import curve_svg
from sweet_spot.page.store import Fields
from sweet_spot.page.web import svg

WAY_NAMES = {
    "quantiles": "By quantiles",
    "chips": "By chips and bins",
    "probability": "By probability",
}
LEVEL_WORDS = {
    0.05: "You would be surprised if it were lower: only 5 % likely",
    0.25: "25 % likely to be lower",
    0.5: "The middle: as likely lower as higher",
    0.75: "75 % likely to be lower",
    0.95: "You would be surprised if it were higher: 95 % likely to be lower",
}


@dataclass(frozen=True)
class Input:
    """One field of a form: its name, its label, and what stands in it."""

    name: str
    label: str
    value: str


def form_view(question: Question, fields: Fields, today: dt.date) -> dict[str, Any]:
    """A question and its form with what stands in it."""
    way, unit = way_of(fields, question), unit_of(question)
    try:
        edges = edges_of(fields, question, today)
    except InvalidAnswer:
        edges = default_edges(unit, today)
    return {
        "id": question.id, "wording": question.wording, "unit": unit, "way": way,
        "topic": question.topic, "event": question.event or "", "given": _given(question),
        "quantity": question.quantity,
        "ways": [(name, WAY_NAMES[name]) for name in ways_of(question)],
        "inputs": _inputs(fields, question, edges),
        "edges": fields.get("edges") or " ".join(f"{edge:g}" for edge in edges),
        "chips": CHIPS, "reason": fields.get("reason", ""), "longest": LONGEST_REASON,
    }  # fmt: skip


def _given(question: Question) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in (question.given or {}).items())


def _inputs(fields: Fields, question: Question, edges: tuple[float, ...]) -> list[Input]:
    """The fields of the way that is chosen."""
    match way_of(fields, question):
        case "quantiles":
            pairs = [(f"value_{k}", LEVEL_WORDS[level]) for k, level in enumerate(LEVELS)]
        case "chips":
            pairs = [(f"chip_{k}", name) for k, name in enumerate(_bins(edges, unit_of(question)))]
        case "probability" if question.event:
            pairs = [("percent", "Probability that this is so, as it is put above")]
        case "probability":
            pairs = [
                pair
                for k in range(THRESHOLDS)
                for pair in (
                    (f"threshold_{k}", f"Threshold {k + 1}"),
                    (f"percent_{k}", f"Probability of less than threshold {k + 1}"),
                )
            ]
    return [Input(name, label, fields.get(name, "")) for name, label in pairs]


def _bins(edges: tuple[float, ...], unit: str) -> list[str]:
    """The names of bins, open at both ends: nothing that was thought is left without a place."""
    inner = [f"{a:g} to {b:g}" for a, b in pairwise(edges)]
    if unit == "year":
        return [f"before {edges[0]:g}", *inner, f"{edges[-1]:g} or later, or never"]
    return [f"less than {edges[0]:g}", *inner, f"{edges[-1]:g} or more"]


def answer_view(
    statement: Statement, question: Question, others: Published | None = None
) -> dict[str, Any]:
    """What an answer comes to; with `others` also its place among what is published."""
    read = reading(statement, question)
    return {
        "curve": svg(curve_svg(read, others.centres if others else ())) if read.has_curve else "",
        "quantiles": [(f"{100 * level:.0f} %", text) for level, text in read.quantiles],
        "achieved": _achieved(read),
        "implied": implied(read),
        "role": statement.role,
        "published": {"text": others.place(read), "rows": others.rows} if others else None,
    }


def _achieved(read: Reading) -> list[tuple[str, str, str]]:
    """Stated value, stated level, and the level that the curve has there."""
    return [
        (written(value, read.unit), f"{100 * level:.3g} %", f"{100 * fitted:.0f} %")
        for value, level, fitted in read.achieved
    ]
