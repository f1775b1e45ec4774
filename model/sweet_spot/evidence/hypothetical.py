"""Questions that nobody has asked, and statements that nobody has made: what could come next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sweet_spot.argument.quantities import Quantity, dims_of, from_working, parse
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.units import convert
from sweet_spot.evidence.gather import Evidence, assemble
from sweet_spot.evidence.reading import SourcedStatement
from sweet_spot.evidence.records import Question, Source, Statement, Topic

DATE = "2024-01-01"
"""Before any answer that a hypothetical statement could give, so that none is censored."""

EXACT = "exact."
"""How ids of questions begin that nobody has asked."""

OPEN: Mapping[str, tuple[Topic, int]] = {
    "sweet_spot_width": ("usefulness", 1), "year_useful": ("usefulness", 1),
    "year_dangerous": ("danger", 1), "evaluation_failure": ("evaluation", -1),
    "scheming_at_useful": ("scheming", -1), "differential_sabotage": ("scheming", -1),
    "labour_factor": ("investment", 1), "needed_years": ("hardness", -1),
}  # fmt: skip
"""Derived quantities that could be asked about as they are: topic, and whether more favours us."""

TOPICS: Mapping[str, Topic] = {
    "current_speedup": "timelines", "automation_gap": "takeoff",
    "years_per_dex_before": "timelines", "years_per_dex_after": "takeoff",
    "diminishing_returns": "takeoff", "uneven_arrival": "usefulness", "danger_gap": "danger",
    "countermeasure_gain": "danger", "years_bought": "restraint", "labour_growth": "usefulness",
    "output_failure": "evaluation", "process_failure": "evaluation", "work_share": "evaluation",
    "scheming": "scheming", "scheming_slope": "scheming", "sabotage_potency": "scheming",
    "sabotage_detection": "scheming", "investment": "investment",
    "returns_to_share": "investment",
}  # fmt: skip
"""Topics of the latents; hardness is asked about as needed_years, in years."""


def unasked(questions: Sequence[Question], argument: Argument) -> list[Question]:
    """An exact question for every coordinate of the open quantities that none of these asks.

    Exact means: about the quantity itself, unconditionally, without a threshold.
    """
    asked = {
        parse(q.quantity)
        for q in questions
        if q.fidelity == "exact" and q.event is None and not q.given
    }
    known = {name: (topic, int(argument.latents[name].good)) for name, topic in TOPICS.items()}
    known |= dict(OPEN)
    return [
        _exact(quantity, *known[quantity.name], argument)
        for quantity in _every(known, argument)
        if quantity not in asked
    ]


def _every(names: Mapping[str, object], argument: Argument) -> Iterator[Quantity]:
    """Every coordinate of every quantity named."""
    for name in names:
        labels = [argument.coords[dim] for dim in dims_of(name)]
        for index in np.ndindex(*map(len, labels)):
            coords = [label[i] for label, i in zip(labels, index, strict=True)]
            yield parse(f"{name}[{', '.join(coords)}]" if coords else name)


def _exact(quantity: Quantity, topic: Topic, direction: int, argument: Argument) -> Question:
    latent = argument.latents.get(quantity.name)
    wording = f"{quantity}: {latent.meaning}" if latent else f"{quantity}, as the argument has it"
    content = {
        "id": EXACT + ".".join([quantity.name, *quantity.coords]), "wording": wording,
        "quantity": str(quantity), "unit": quantity.unit, "topic": topic, "direction": direction,
        "fidelity": "exact", "fidelity_reason": "asks for the quantity itself",
    }  # fmt: skip
    return Question.model_validate(content)


def statements(
    questions: Sequence[Question], expert: str, cluster: str | None = None, people: int = 1
) -> Evidence:
    """One statement of one reporter on each question: of an event its probability, else a median.

    Only what is asked has a meaning, never the number that stands there: the reporter states no
    spread, and what they would say is for the model to predict. Ids begin with "next-".
    """
    source = Source(title="hypothetical", url="none", date=DATE)
    content = {
        "expert": expert, "cluster": cluster, "people": people, "role": "evidence",
        "reason": "hypothetical", "verified": "yes", "location": "none",
    }  # fmt: skip
    said = [
        Statement.model_validate(content | _answer(question) | {"id": f"next-{k:05d}"})
        for k, question in enumerate(questions)
    ]
    return assemble(questions, [SourcedStatement(Path(), source, s, DATE, True) for s in said])


def _answer(question: Question) -> dict[str, object]:
    """Any answer that the question admits."""
    if question.event is not None:
        kind, value, unit = "probability", 0.5, "probability"
    else:
        quantity = parse(question.quantity)
        own = float(from_working(quantity, 1.0))
        kind, value, unit = "median", convert(own, quantity.unit, question.unit), question.unit
    return {"question": question.id, "kind": kind, "value": value, "unit": unit}
