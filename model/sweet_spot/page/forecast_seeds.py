"""Seed questions: their answers are known, so that who answers them well can be given more weight.

Answers leave as the two tables that resolved forecasts have everywhere here: `forecasts.csv` and
`outcomes.csv`, by person and question.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from sweet_spot.errors import InvalidAnswer, InvalidRecord
from sweet_spot.evidence.records import Identifier, PartialDate, Record, Text
from sweet_spot.page.forecast_forms import seed_values
from sweet_spot.page.store import Answer, Fields

SEEDS = "seeds.yaml"
PREFIX = "seed."
"""Begins the ids of seeds, so that none is taken for a question about the model."""
LEVELS = (0.05, 0.5, 0.95)
DATASET = "sweet_spot_seeds"
FORECASTS = ("dataset", "question_id", "expert_id", "kind", "level", "value", "date", "round")
OUTCOMES = (
    "dataset", "question_id", "outcome", "unit", "domain", "resolution_date", "group", "scale",
    "text",
)  # fmt: skip


class Seed(Record):
    """A question whose answer is known."""

    id: Identifier
    wording: Text
    unit: Text
    scale: Literal["uni", "log", "prob"]
    domain: Text
    outcome: float
    resolved: PartialDate
    source: Text

    @property
    def name(self) -> str:
        """Its id among the questions of a form."""
        return PREFIX + self.id

    @property
    def is_event(self) -> bool:
        """Whether it is answered by a probability."""
        return self.scale == "prob"


class SeedFile(Record):
    """`seeds.yaml`."""

    seeds: list[Seed]


def read_seeds(data: Path) -> dict[str, Seed]:
    """The seeds of a data folder by name; none where there is no such file.

    Raises
    ------
    InvalidRecord
        The file is not in the format.
    """
    path = data / SEEDS
    if not path.is_file():
        return {}
    try:
        file = SeedFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise InvalidRecord(f"{path}: {error}") from error
    return {seed.name: seed for seed in file.seeds}


def stated(fields: Fields, seed: Seed) -> tuple[float, ...]:
    """The quantiles that a form states, or one probability; raises InvalidAnswer."""
    values = seed_values(fields, ["percent"] if seed.is_event else seed_fields())
    if seed.is_event and not 0 <= values[0] <= 100:
        raise InvalidAnswer("percent: a probability lies between 0 and 100 per cent")
    if list(values) != sorted(values):
        raise InvalidAnswer("value_0: the three values must not fall")
    return tuple(v / 100 for v in values) if seed.is_event else values


def seed_fields() -> list[str]:
    """Names of the fields in which the quantiles stand."""
    return [f"value_{k}" for k in range(len(LEVELS))]


def seed_view(seed: Seed, fields: Fields) -> dict[str, Any]:
    """A seed and its form, as `form_view` has a question."""
    labels = (
        ["Probability in per cent"]
        if seed.is_event
        else [f"{100 * level:.0f} % likely to be lower" for level in LEVELS]
    )
    names = ["percent"] if seed.is_event else seed_fields()
    return {
        "id": seed.name, "wording": seed.wording, "given": "", "event": "", "topic": "calibration",
        "unit": "percent" if seed.is_event else seed.unit, "quantity": "",
        "way": "seed", "ways": [], "edges": "", "chips": 0, "reason": "", "longest": 0,
        "inputs": [
            {"name": n, "label": label, "value": fields.get(n, "")}
            for n, label in zip(names, labels, strict=True)
        ],
    }  # fmt: skip


def tables(said: Iterable[tuple[str, Answer]], seeds: Mapping[str, Seed]) -> dict[str, str]:
    """The texts of `forecasts.csv` and `outcomes.csv`; nothing where no seed was answered.

    Parameters
    ----------
    said
        Whose answer, and the answer; those to other questions are passed over.
    """
    rows, used = [], dict[str, Seed]()
    for expert, answer in said:
        if answer.question in seeds:
            seed = used[answer.question] = seeds[answer.question]
            rows += _rows(expert, answer, seed)
    if not rows:
        return {}
    outcomes = [
        [DATASET, s.id, f"{s.outcome:.12g}", s.unit, s.domain, s.resolved, s.id, s.scale, s.wording]
        for s in used.values()
    ]
    return {"forecasts.csv": _csv(FORECASTS, rows), "outcomes.csv": _csv(OUTCOMES, outcomes)}


def _rows(expert: str, answer: Answer, seed: Seed) -> list[list[str]]:
    kind = "binary_prob" if seed.is_event else "quantile"
    levels = [""] if seed.is_event else [str(level) for level in LEVELS]
    return [
        [DATASET, seed.id, expert, kind, level, f"{value:.12g}", answer.at[:10], str(answer.round)]
        for level, value in zip(levels, stated(answer.fields, seed), strict=True)
    ]


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def held(said: Iterable[Answer], seeds: Mapping[str, Seed]) -> str:
    """How often a person's 5 to 95 % held the truth, in a sentence; empty where none was asked."""
    inside = []
    for answer in said:
        seed = seeds.get(answer.question)
        if seed is not None and not seed.is_event:
            low, _, high = stated(answer.fields, seed)
            inside.append(low <= seed.outcome <= high)
    if not inside:
        return ""
    return (
        f"Of {len(inside)} calibration questions your 5 to 95 % held the truth in {sum(inside)}; of"
        " somebody who is as sure as they may be it holds nine in ten."
    )
