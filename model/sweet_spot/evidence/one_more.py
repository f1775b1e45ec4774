"""Evidence with one more statement in it, as a typical new reporter would make it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from sweet_spot.evidence.gather import Evidence, assemble
from sweet_spot.evidence.reading import sourced
from sweet_spot.evidence.records import Question, Source, Statement


def one_more(
    evidence: Evidence, question: Question, name: str, value: float, level: float, expert: str
) -> Evidence:
    """Evidence with a statement more: a probability of the question's event, else a quantile.

    Parameters
    ----------
    name, expert
        Id of the statement, and whose it is; the expert is in no cluster.
    value
        In the question's unit, or a probability where it has an event.
    level
        Of the quantile: 0.5 for a median.
    """
    asked = {"kind": "probability"} if question.event else {"kind": "quantile", "level": level}
    latest = max(evidence.statements["date"].values.astype(str).tolist(), default="2026")
    said = Statement.model_validate(
        {
            "id": name, "expert": expert, "question": question.id, "value": value,
            "unit": "probability" if question.event else question.unit, "role": "evidence",
            "reason": "what if it were said", "verified": "yes", "location": "nowhere", **asked,
        }
    )  # fmt: skip
    source = Source(title="A forecast that nobody made", url="https://example.org", date=latest)
    return joined(evidence, assemble([question], [sourced(Path(name), source, said)]))


def joined(evidence: Evidence, more: Evidence) -> Evidence:
    """Two pieces of evidence with no statement in common, as one."""
    targets = tuple(dict.fromkeys([*evidence.targets, *more.targets]))
    place = np.array([targets.index(each) for each in more.targets], int)
    moved = more.statements["target"].copy(data=place[more.statements["target"].to_numpy()])
    table = xr.concat(
        [evidence.statements, more.statements.assign(target=moved)], "statement"
    ).sortby("statement")
    known = {question.id: question for question in (*more.questions, *evidence.questions)}
    questions = tuple(known[name] for name in sorted(known))
    return replace(evidence, statements=table, questions=questions, targets=targets)
