"""The map of an import: which outside question is which of ours, in what unit and role.

    schema: 1
    source: {title: A forecast, url: https://example.org, date: 2025-04}
    questions:
      123: {question: year_automated_coder, unit: year, role: evidence, reason: asks just that}
      PUc:*: {question: takeover_total, role: check, reason: one total a crux}
    ignored: [124, "Pc:*"]

An outside id that ends in `*` stands for all that begin so, the longest first.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.findings import near, shown
from sweet_spot.evidence.importers.common import refusal
from sweet_spot.evidence.plain_yaml import Document, read_document
from sweet_spot.evidence.records import (
    Event,
    Identifier,
    PartialDate,
    Record,
    Role,
    Source,
    Text,
)


class Mapped(Record):
    """What the answers to one outside question are among ours; fields as in our statements."""

    question: Identifier
    role: Role | None = Field(None, description="none = as in the file, or else excluded")
    reason: Text | None = Field(None, description="why this role and, for evidence, this question")
    unit: Text | None = Field(None, description="needed where the file does not say it")
    event: Event | None = Field(None, description="of a probability, where nothing else says it")
    given: dict[str, float] | None = None
    condition: Text | None = Field(None, description="added to the one in the file")
    wording: Text | None = Field(None, description="instead of the text in the file")


class Map(Record):
    """`MAP.yaml`.

    Attributes
    ----------
    prefix
        With what the ids of the statements begin; none = the name of the file.
    people, clusters
        Outside name -> ours.
    cluster
        Of people whose cluster the file does not say.
    date
        When it was said, where the file does not say it; none = the source's date, marked as such.
    pooled, bots
        Role of pooled numbers and of machines.
    location
        Where in the source; the line of the file is added.
    settings
        About reading the file; the table of formats lists them.
    ignored
        Outside questions that are left out on purpose.
    """

    schema_: Literal[1] = Field(alias="schema")
    source: Source
    questions: dict[str, Mapped] = Field(min_length=1)
    ignored: list[str | int] = Field(default_factory=list)
    prefix: Identifier | None = None
    people: dict[str, Text] = Field(default_factory=dict)
    clusters: dict[str, Identifier] = Field(default_factory=dict)
    cluster: Identifier | None = None
    date: PartialDate | None = None
    pooled: Role = "excluded"
    bots: Role = "excluded"
    verified: Literal["yes", "secondary"] = "yes"
    location: Text | None = None
    settings: dict[str, float | str] = Field(default_factory=dict)

    def find(self, outside: str) -> Mapped | None:
        """What an outside question is; None where the map does not hold it."""
        pattern = _match(outside, self.questions)
        return None if pattern is None else self.questions[pattern]

    def ignores(self, outside: str) -> bool:
        """Whether an outside question is left out on purpose."""
        return _match(outside, [str(name) for name in self.ignored]) is not None


def _match(outside: str, patterns: Collection[str]) -> str | None:
    """The pattern that an id fits best: the id itself, or the longest beginning with a star."""
    if outside in patterns:
        return outside
    fitting = [p for p in patterns if p.endswith("*") and outside.startswith(p[:-1])]
    return max(fitting, key=len, default=None)


def read_map(path: Path | str) -> Map:
    """The map in a file.

    Raises
    ------
    InvalidRecord
        The file is not a map; names the first thing that is wrong with it.
    """
    document = read_document(Path(path))
    for _, problem in document.problems:
        raise refusal(problem.file, problem.line, problem.message, problem.remedy)
    try:
        return Map.model_validate(document.content)
    except ValidationError as error:
        raise _malformed(error, document) from error


def _malformed(error: ValidationError, document: Document) -> InvalidRecord:
    """The first thing wrong with a map, in one sentence."""
    details = error.errors(include_url=False)[0]
    place = tuple(details["loc"])
    field = ".".join(str(step) for step in place) or "the map"
    remedy = f"a map has {', '.join(_fields(Map))}"
    if len(place) > 1 and place[0] == "questions":
        remedy = f"a question has {', '.join(_fields(Mapped))}"
    what = str(details["msg"]).lower()
    if details["type"] == "extra_forbidden":
        known = _fields(Mapped if place[0] == "questions" else Map)
        what = f"there is no such field{near(str(place[-1]), known)}"
    return refusal(document.path, document.line(place), f"{shown(field)[1:-1]}: {what}", remedy)


def _fields(model: type[Record]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]
