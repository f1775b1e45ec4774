"""Turns the errors of pydantic into problems in plain words: one for each place in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from sweet_spot.evidence.findings import Problem, near, shown
from sweet_spot.evidence.plain_yaml import Document, Place
from sweet_spot.evidence.records import (
    CENSORING_WORDS,
    SCHEMA_VERSION,
    Ending,
    Question,
    Source,
    Statement,
)

Details = Mapping[str, Any]

_ENTRIES: Mapping[str, type[BaseModel]] = {
    "statements": Statement,
    "endings": Ending,
    "questions": Question,
}
_WITHOUT_ANY: Place = ("statements",)
"""Where a file without statements or endings is wrong: each of the two lists may be absent."""
_TYPES = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "list_type": "a list",
    "dict_type": "a map of names to numbers",
    "model_type": "a map of fields",
}
_VALUES = ("value", "values")
_EVENTS = ("event", "events")


def problems_in(
    error: ValidationError, document: Document, model: type[BaseModel]
) -> Iterator[tuple[str, Problem]]:
    """(rule, problem) for each place at which a document is not what the model asks for."""
    places: dict[Place, list[Details]] = {}
    for details in error.errors(include_url=False):
        places.setdefault(_place(details, document.content), []).append(details)
    for place, found in places.items():
        rule, message, remedy = _words(place, found, model)
        statement, field = _label(place, document.content)
        how = document.content["endings"][place[1]].get("how", "") if _is_end(place) else ""
        field, line = document.named(field, how), document.line(place)
        yield rule, Problem(document.path, message, remedy, statement, field, line)


def _is_end(place: Place) -> bool:
    return len(place) > 2 and place[0] == "endings"


def _place(details: Details, content: Any) -> Place:
    """Where an error is, without pydantic's names for the members of a union."""
    if details["type"] == "missing" and not details["loc"]:
        return _WITHOUT_ANY
    here: Place = ()
    for step in details["loc"]:
        known = isinstance(content, dict) and step in content
        if not known and not (isinstance(content, list) and isinstance(step, int)):
            return (*here, step) if details["type"] == "missing" else here
        content, here = content[step], (*here, step)
    return here


def entry_label(entry: object, index: int) -> str:
    """What to call the entry of a list: its id, the statement it is about, or "#3", the third."""
    name = (entry.get("id") or entry.get("statement")) if isinstance(entry, dict) else None
    return shown(name)[1:-1] if isinstance(name, str) and name else f"#{index + 1}"


def _label(place: Place, content: Any) -> tuple[str, str]:
    """Statement (or question) and field of a place, as findings name them."""
    statement = ""
    if len(place) > 1 and place[0] in _ENTRIES and isinstance(place[1], int):
        statement = entry_label(content[place[0]][place[1]], place[1])
        place = place[2:]
    names = [f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place]
    return statement, shown("".join(names).removeprefix("."))[1:-1]


def _words(place: Place, found: list[Details], model: type[BaseModel]) -> tuple[str, str, str]:
    """Rule, message and remedy for the errors at one place."""
    kinds = {details["type"] for details in found}
    first = found[0]
    if place == ("schema",):
        remedy = f"write 'schema: {SCHEMA_VERSION}' first"
        return "schema-version", "the schema version is missing", remedy
    if "missing" in kinds or first["input"] is None:
        return _missing(place)
    if "extra_forbidden" in kinds:
        return _unknown(place, model)
    if "literal_error" in kinds:
        choices = first["ctx"]["expected"].replace("'", "")
        message = f"{shown(first['input'])} is not one of the choices"
        return "unknown-choice", message, f"write {choices}"
    if "finite_number" in kinds:
        message = f"{shown(first['input'])} is not a finite number"
        return "not-finite", message, "write a number, or a bound such as '>2100' in quotes"
    if "value_error" in kinds:
        return _malformed_value(place, first)
    return _form(place, found)


def _missing(place: Place) -> tuple[str, str, str]:
    if place == ("source",):
        message = "nothing says where the statements were published"
        return "missing-source", message, "add a source with title, url and date"
    return "missing-field", f"{_name(place)} is missing or empty", "add it"


def _name(place: Place) -> str:
    """A field, or an entry of a list, in words."""
    last = place[-1] if place else "the content"
    return f"entry {last + 1}" if isinstance(last, int) else shown(last)


def _unknown(place: Place, model: type[BaseModel]) -> tuple[str, str, str]:
    owner: type[BaseModel] = model
    if len(place) > 1:
        owner = Source if place[0] == "source" else _ENTRIES.get(str(place[0]), model)
    known = [field.alias or name for name, field in owner.model_fields.items()]
    message = f"there is no field {shown(place[-1])} here{near(str(place[-1]), known)}"
    return "unknown-field", message, f"remove it, or write one of {', '.join(known)}"


def _malformed_value(place: Place, details: Details) -> tuple[str, str, str]:
    """A date, an event or a value that our own validators refused."""
    message, _, remedy = str(details["ctx"]["error"]).rpartition(": ")  # as records.py words them
    field = next((step for step in reversed(place) if isinstance(step, str)), "")
    if field in _VALUES:
        word = near(str(details["input"]).strip().lower(), CENSORING_WORDS)
        return "bad-value", message + word, remedy
    if field in _EVENTS:
        return "bad-event", message, remedy
    return "bad-date", message, remedy


def _form(place: Place, found: list[Details]) -> tuple[str, str, str]:
    """Wrong types, and text, lists or numbers of the wrong form."""
    first = found[0]
    value = shown(first["input"])
    wanted = [_TYPES[details["type"]] for details in found if details["type"] in _TYPES]
    if len(wanted) == len(found):
        kind = " or ".join(wanted)
        unquoted = kind == "text" and isinstance(first["input"], int | float)
        remedy = "put it in quotes" if unquoted else f"write {kind}"
        return "wrong-type", f"{value} is not {kind}", remedy
    match first["type"]:
        case "string_pattern_mismatch":
            remedy = (
                "write small letters, digits, '-', '_' and '.', beginning with a letter or digit"
            )
            return "malformed", f"{value} is not an id", remedy
        case "string_too_short" | "too_short":
            return "missing-field", f"{_name(place)} is missing or empty", "add it"
        case "string_too_long":
            limit = first["ctx"]["max_length"]
            return "malformed", f"the text is longer than {limit} characters", "shorten it"
    return "malformed", f"{value} is not possible here", str(first["msg"]).lower()
