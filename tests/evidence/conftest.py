"""A small data folder that breaks no rule, and ways to break one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from sweet_spot.evidence.checks import Report, examine

TODAY = dt.date(2026, 3, 1)

_ASKED = {
    "wording": "what exactly would count",
    "topic": "timelines",
    "direction": 1,
    "fidelity": "loose",
    "fidelity_reason": "a proxy",
}
QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "year": {"quantity": "year_at_speedup(25)", "unit": "year"},
    "gap": {
        "quantity": "years_between_speedups(5, 25)",
        "unit": "years",
        "via": "years_per_dex_before",
    },
    "speed": {"quantity": "speedup_automation", "unit": "multiplier"},
    "invested": {"quantity": "investment[safety_progress]", "unit": "share"},
    "schemers": {"quantity": "scheming", "unit": "share", "event": "> 0.5"},
    "total": {"quantity": "usable[any]", "unit": "probability", "event": "< 0.5"},
}
STATEMENT: Mapping[str, Any] = {
    "id": "first",
    "expert": "Ada Example",
    "date": "2025-04",
    "question": "year",
    "kind": "quantile",
    "levels": [0.1, 0.5, 0.9],
    "values": [2027, 2030.5, ">2050"],
    "unit": "year",
    "role": "evidence",
    "verified": "yes",
    "location": "the table",
    "reason": "asks what the quantity is",
}
SOURCE = {"title": "A forecast", "url": "https://example.org", "date": "2025-04-03"}


def changed(record: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A record with some fields set, or removed where the change is None."""
    merged = {**record, **changes}
    return {name: value for name, value in merged.items() if value is not None}


class _Dumper(yaml.SafeDumper):
    """Writes a list that stands twice twice: anchors are refused."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


class Toy:
    """A data folder under construction: `statements` and `questions` are changes to sound ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "elicitations").mkdir()
        self.ask()
        self.say()

    def write(self, name: str, content: Any) -> Path:
        """Writes a file of the folder: text or bytes as they are, anything else as YAML."""
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            if not isinstance(content, str):
                content = yaml.dump(content, Dumper=_Dumper, sort_keys=False)
            path.write_text(content, encoding="utf-8")
        return path

    def ask(self, **changes: Mapping[str, Any]) -> Path:
        """Writes the questions, with changes to some of them."""
        asked = [
            changed({"id": name, **_ASKED, **own}, changes.get(name, {}))
            for name, own in QUESTIONS.items()
        ]
        return self.write("questions.yaml", {"schema": 1, "questions": asked})

    def say(
        self,
        *statements: Mapping[str, Any],
        name: str = "one",
        source: Mapping[str, Any] | None = None,
    ) -> Path:
        """Writes an elicitation file of statements that differ from a sound one as told."""
        said = [changed(STATEMENT, changes) for changes in statements or [{}]]
        content = {"schema": 1, "source": changed(SOURCE, source or {}), "statements": said}
        return self.write(f"elicitations/{name}.yaml", content)

    def examine(self, paths: Sequence[Path] | None = None) -> Report:
        """The report on the folder, or on some files of it, as of TODAY."""
        return examine(self.folder, paths, today=TODAY)

    def broken(self) -> list[str]:
        """Names of the rules that are broken, sorted; unused questions are left aside."""
        found = {f.rule for f in self.examine().findings}
        return sorted(found - {"unused-question"})


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """A data folder that breaks no rule."""
    return Toy(tmp_path)
