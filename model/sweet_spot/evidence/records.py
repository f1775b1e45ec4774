"""Strict records: what a questions file and an elicitation file may hold.

A file declares the schema version it follows. Values are kept as published: nothing here changes a
number, a date or a word. Needs pydantic and PyYAML only, so that checking stays fast.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sweet_spot.evidence.findings import shown

SCHEMA_VERSION = 1
CENSORING_WORDS = ("never", "later")
"""Reserved words for a value: beyond every number that was reported."""

Kind = Literal["quantile", "probability", "median", "mean", "bound"]
Role = Literal["evidence", "check", "excluded"]
Topic = Literal[
    "timelines", "takeoff", "usefulness", "danger", "evaluation",
    "scheming", "investment", "restraint", "hardness",
]  # fmt: skip
Fidelity = Literal["exact", "close", "loose"]
How = Literal["withdrawn", "expired", "resolved"]

_NUMBER = r"(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
_PARTIAL_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
_EVENT = re.compile(rf"(<=?|>=?)\s*{_NUMBER}")
_BOUND = re.compile(rf"([<>])\s*{_NUMBER}")


@lru_cache(maxsize=4096)  # a few dates stand in all statements, and many rules ask for them
def first_day(partial: str) -> dt.date:
    """First calendar day that a partial date (YYYY, YYYY-MM or YYYY-MM-DD) can mean.

    Raises ValueError where there is no such day.
    """
    if not _PARTIAL_DATE.fullmatch(partial):
        raise ValueError(f"{shown(partial)} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = ([int(part) for part in partial.split("-")] + [1, 1])[:3]
    try:
        return dt.date(year, month, day)
    except ValueError as error:
        raise ValueError(f"{shown(partial)} is not a date: {error}") from error


@lru_cache(maxsize=4096)
def last_day(partial: str) -> dt.date:
    """Last calendar day that a partial date (YYYY, YYYY-MM or YYYY-MM-DD) can mean.

    Raises ValueError where there is no such day.
    """
    first = first_day(partial)
    if len(partial) == len("YYYY-MM-DD"):
        return first
    month = first.month if len(partial) == len("YYYY-MM") else 12
    return dt.date(first.year, month, calendar.monthrange(first.year, month)[1])


def parse_event(text: str) -> tuple[Literal["<", ">"], float]:
    """Side and threshold of an event such as "< 2029" or ">= 0.5".

    The quantities are continuous, so that "<" and "<=" are the same event.
    """
    found = _EVENT.fullmatch(text.strip())
    if not found or math.isinf(float(found[2])):
        raise ValueError(
            f"{shown(text)} is not an event: write '<' or '>' and a threshold, as in '< 2029'"
        )
    return ("<" if found[1].startswith("<") else ">"), float(found[2])


def parse_value(value: float | str) -> tuple[Literal["", "<", ">"], float | None]:
    """Side and number of a reported value.

    3 -> ("", 3), ">2100" -> (">", 2100), "never" -> (">", None); ValueError for any other text.
    """
    if not isinstance(value, str):
        return "", float(value)
    text = value.strip()
    if text in CENSORING_WORDS:
        return ">", None
    found = _BOUND.fullmatch(text)
    if not found or math.isinf(float(found[2])):
        raise ValueError(
            f"{shown(value)} is not a value: write a number, a bound such as '>2100' or '<0.01', "
            f"or one of the reserved words {', '.join(CENSORING_WORDS)}"
        )
    return ("<" if found[1] == "<" else ">"), float(found[2])


def _date_text(value: Any) -> Any:
    """YAML reads 2025-04-01 as a date and 2025 as a number; both are partial dates here."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _check_date(value: str) -> str:
    last_day(value)
    return value


def _check_event(value: str) -> str:
    parse_event(value)
    return value


def _check_value(value: float | str) -> float | str:
    parse_value(value)
    return value


PartialDate = Annotated[str, BeforeValidator(_date_text), AfterValidator(_check_date)]
Event = Annotated[str, AfterValidator(_check_event)]
Value = Annotated[float | str, AfterValidator(_check_value)]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]


class Record(BaseModel):
    """Base of all records: unknown fields are errors, nothing is coerced or can be changed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Question(Record):
    """What a question asks about (MODEL.md section 4)."""

    id: Identifier
    wording: Text = Field(description="resolution-grade wording, in our words")
    quantity: Text = Field(description="name in the catalogue, with arguments: year_at_speedup(25)")
    unit: Text = Field(description="unit in which the quantity is stated")
    topic: Topic
    direction: Literal[-1, 0, 1] = Field(description="does more of it favour a usable sweet spot?")
    fidelity: Fidelity
    fidelity_reason: Text
    event: Event | None = Field(None, description='threshold in `unit`, as in "> 0.5"')
    given: dict[str, float] | None = Field(
        None, description="latents or derived quantities set to a value, in their own unit"
    )
    via: str | None = Field(None, description="the latent solved for where `given` is derived")


class QuestionFile(Record):
    """`questions.yaml`."""

    schema_: Literal[1] = Field(alias="schema")
    questions: list[Question] = Field(min_length=1)


class Source(Record):
    """Where the statements of one file were published."""

    title: Text
    url: Text
    date: PartialDate
    authors: Text | None = None
    note: Text | None = None


class Statement(Record):
    """One answer of one person or group to one question at one date, as published."""

    id: Identifier = Field(description="unique over all files")
    expert: Text = Field(description="the person or group whose belief this is")
    cluster: Identifier | None = Field(None, description="people who share information")
    people: int | None = Field(None, ge=1, description="how many answers a group's number pools")
    members: list[Text] | None = Field(
        None, min_length=1, description="whose answers a group's number pools, by name"
    )
    date: PartialDate | None = Field(None, description="none = the source's date, marked as such")
    question: Identifier
    kind: Kind
    value: Value | None = None
    values: list[Value] | None = None
    level: float | None = None
    levels: list[float] | None = Field(None, description="probability levels of the quantiles")
    events: list[Event] | None = Field(
        None, description="thresholds of several probabilities, where the question has none"
    )
    event: Event | None = Field(None, description="threshold of one probability, likewise")
    unit: Text
    given: dict[str, float] | None = Field(None, description="as in the question, added to it")
    condition: Text | None = Field(None, description="condition as published, in our words")
    role: Role
    reason: Text = Field(description="why this role and, for evidence, why this question")
    verified: Literal["yes", "secondary"]
    location: Text = Field(description="where in the source")
    wording: Text | None = Field(None, description="what was asked, in our words")
    premises: list[Identifier] | None = Field(
        None, min_length=1, description="statements whose product this probability is"
    )
    includes: list[Identifier] | None = Field(
        None,
        min_length=2,
        max_length=2,
        description="statements whose product is a part of this: P(c) and P(this, given c)",
    )

    def all_values(self) -> list[float | str]:
        """The reported values, one or several, in the order of `levels` or `events`."""
        if self.values is not None:
            return list(self.values)
        return [] if self.value is None else [self.value]

    def all_levels(self) -> list[float]:
        """The probability levels of the quantiles; a median is the quantile at one half."""
        if self.levels is not None:
            return list(self.levels)
        if self.level is not None:
            return [self.level]
        return [0.5] if self.kind == "median" else []

    def all_events(self) -> list[str]:
        """The events the statement itself names, one or several, in the order of the values."""
        if self.events is not None:
            return list(self.events)
        return [] if self.event is None else [self.event]


class Ending(Record):
    """The end of a statement, which stays where it is: why it is no longer anyone's forecast."""

    statement: Identifier = Field(description="id of the statement, in whatever file")
    how: How
    date: PartialDate = Field(description="since when; only an expiry may lie in the future")
    why: Text


class ElicitationFile(Record):
    """One published source: provenance, its statements, and the ends of statements."""

    schema_: Literal[1] = Field(alias="schema")
    source: Source
    statements: list[Statement] = Field(default=[], min_length=1)
    endings: list[Ending] = Field(default=[], min_length=1)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.statements and not self.endings:
            raise PydanticCustomError("missing", "neither statements nor endings")
        return self
