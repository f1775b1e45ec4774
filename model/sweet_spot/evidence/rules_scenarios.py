"""The rule about scenarios.yaml: whether a report can make its scenarios so."""

from __future__ import annotations

from collections.abc import Iterator

from sweet_spot.evidence.findings import Problem
from sweet_spot.evidence.material import Material

FILE = "scenarios.yaml"


def check_scenarios(material: Material) -> Iterator[Problem]:
    """Each scenario moves latents that exist in a way that can be; where all files are."""
    path = material.questions.document.path.with_name(FILE)
    if not material.complete or not path.is_file():
        return
    from sweet_spot.argument.scenarios import mistakes

    for wrong in mistakes(path):
        remedy = wrong.remedy or "mend it; scenarios.yaml of the bundled data shows the form"
        yield Problem(path, wrong.message, remedy, wrong.scenario, wrong.field)
