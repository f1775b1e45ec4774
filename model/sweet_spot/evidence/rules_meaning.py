"""Rules about what is meant: question, quantity, event, unit, condition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sweet_spot.argument.quantities import EPOCH, Quantity, catalogue, parse
from sweet_spot.argument.structure import LATENT_DIMS
from sweet_spot.argument.units import UNITS, convert, units_like
from sweet_spot.argument.worlds import target
from sweet_spot.errors import InvalidRecord, UnknownQuantity
from sweet_spot.evidence.findings import Problem, near, shown
from sweet_spot.evidence.material import Asked, Entry, Material
from sweet_spot.evidence.records import parse_event
from sweet_spot.evidence.rules_values import looks_like_percent, reported

HINTS = 200
"""Near matches are looked for so many names: a table of another tool may hold thousands."""

Wrong = tuple[str, str, str]
"""Field, message and remedy."""


def check_question_known(material: Material) -> Iterator[Problem]:
    """The question of a statement is in the questions file."""
    known = material.question_ids
    hints: dict[str, str] = {}
    for entry in material.entries if known else ():
        name = entry.statement.question
        if name not in known:
            if name not in hints and len(hints) < HINTS:
                hints[name] = near(name, known)
            message = f"there is no question {shown(name)}{hints.get(name, '')}"
            remedy = f"write an id of {material.questions.document.path}, or add the question there"
            yield entry.problem("question", message, remedy)


def check_quantity_known(asked: Asked) -> Iterator[Problem]:
    """The quantity of a question is in the catalogue."""
    if asked.quantity is None:
        yield asked.problem("quantity", *_unknown(asked.question.quantity))


def _unknown(name: str) -> tuple[str, str]:
    """Message and remedy for a name that is no quantity."""
    try:
        parse(name)
    except UnknownQuantity as error:
        return str(error), f"write one of {', '.join(catalogue())}"
    raise AssertionError(name)


def check_event_known(entry: Entry) -> Iterator[Problem]:
    """A probability is the probability of an event."""
    said, question = entry.statement, entry.question
    if said.kind == "probability" and question and not said.all_events() and not question.event:
        message = f"neither the statement nor the question {question.id} names an event"
        yield entry.problem("event", message, "write the threshold, as in event: '< 2029'")


def check_event_once(entry: Entry) -> Iterator[Problem]:
    """The event stands in one place."""
    said, question = entry.statement, entry.question
    field = "event" if said.event else "events"
    if said.event is not None and said.events is not None:
        yield entry.problem(field, "both event and events are given", "give one of them")
    elif said.all_events() and question and question.event:
        message = f"the question {question.id} already has the event {question.event!r}"
        yield entry.problem(field, message, "remove it here, or ask a question without an event")


def check_event_kind(entry: Entry) -> Iterator[Problem]:
    """Probabilities, and nothing else, are about events."""
    said, question = entry.statement, entry.question
    if said.kind == "probability":
        return
    if said.all_events():
        field = "event" if said.event else "events"
        yield entry.problem(field, f"a {said.kind} has no event", "write kind: probability")
    elif question and question.event:
        message = f"the question {question.id} asks how probable {question.event!r} is"
        yield entry.problem("kind", message, "write kind: probability, or ask about the quantity")


def check_unit(entry: Entry) -> Iterator[Problem]:
    """The unit is one in which the quantity can be stated; a probability is one of shares."""
    own = entry.quantity.unit if entry.quantity else None
    if entry.statement.kind == "probability":
        own = "probability"
    if own and entry.statement.unit not in units_like(own):
        yield entry.problem("unit", *_wrong_unit(entry.statement.unit, own))


def check_question_unit(asked: Asked) -> Iterator[Problem]:
    """The unit is one in which the quantity can be stated."""
    quantity, unit = asked.quantity, asked.question.unit
    if quantity and unit not in units_like(quantity.unit):
        yield asked.problem("unit", *_wrong_unit(unit, quantity.unit))


def _wrong_unit(unit: str, own: str) -> tuple[str, str]:
    message = f"{shown(unit)} is not a unit in which this can be stated{near(unit, UNITS)}"
    return message, f"write {' or '.join(units_like(own))}"


def check_possible(entry: Entry) -> Iterator[Problem]:
    """The quantity can have the values and thresholds that are stated."""
    said, quantity, question = entry.statement, entry.quantity, entry.question
    if quantity is None or question is None:
        return
    remedy = "compare with the source"
    for value in reported(entry) if said.kind != "probability" else ():
        if value.number is None or looks_like_percent(entry, value.number):
            continue  # check_not_percent says more
        below = value.side == "<" or said.role == "excluded"
        if why := _impossible(quantity, value.number, said.unit, below_scale=below):
            yield entry.problem(value.field, why, remedy)
    for event in said.all_events():
        if why := _impossible(quantity, parse_event(event)[1], question.unit):
            yield entry.problem("event" if said.event else "events", why, remedy)
    for field, why in _impossible_given(said.given):
        yield entry.problem(field, why, remedy)


def check_question_possible(asked: Asked) -> Iterator[Problem]:
    """The quantity can have the thresholds that are asked about."""
    question, remedy = asked.question, "write a value that it can have"
    if asked.quantity and question.event:
        threshold = parse_event(question.event)[1]
        if why := _impossible(asked.quantity, threshold, question.unit):
            yield asked.problem("event", why, remedy)
    for field, why in _impossible_given(question.given):
        yield asked.problem(field, why, remedy)


def _impossible(
    quantity: Quantity, number: float, unit: str, *, below_scale: bool = False
) -> str | None:
    """Why a quantity cannot have a value; None where it can, or where the unit is wrong anyway.

    `below_scale` lets years pass that the working scale does not reach: an upper bound says
    nothing there, and what is excluded is never put on the scale.
    """
    if unit not in units_like(quantity.unit):
        return None
    try:
        own = convert(number, unit, quantity.unit)
    except InvalidRecord as error:
        return str(error)
    match UNITS[quantity.unit].family:
        case "calendar" if own < EPOCH and not below_scale:
            return f"the year {number:g} lies before {EPOCH:g}, where the model's scale begins"
        case "duration" if own < 0:
            return f"{number:g} {unit} is a negative length of time"
        case "share" if not 0 <= own <= 1:
            return f"the {unit} {number:g} is outside 0 to {convert(1, 'share', unit):g}"
    return None


def _impossible_given(given: Mapping[str, float] | None) -> Iterator[tuple[str, str]]:
    """Field and reason of the conditions that set a quantity to what it cannot be."""
    for name, number in (given or {}).items():
        try:
            quantity = parse(name)
        except UnknownQuantity:
            continue  # check_given_known
        if why := _impossible(quantity, number, quantity.unit):
            yield "given", f"{name}: {why}"


def check_given_known(entry: Entry) -> Iterator[Problem]:
    """What a condition sets is in the catalogue."""
    for name in _strange(entry.statement.given):
        yield entry.problem("given", *_unknown(name))


def check_question_given_known(asked: Asked) -> Iterator[Problem]:
    """What a condition sets, and what it is solved for, is in the catalogue."""
    for name in _strange(asked.question.given):
        yield asked.problem("given", *_unknown(name))
    via = asked.question.via
    if via is not None and via not in LATENT_DIMS:
        message = f"there is no latent {shown(via)}{near(via, LATENT_DIMS)}"
        yield asked.problem("via", message, f"write one of {', '.join(LATENT_DIMS)}")


def _strange(given: Mapping[str, float] | None) -> Iterator[str]:
    for name in given or {}:
        try:
            parse(name)
        except UnknownQuantity:
            yield name


def check_given_solvable(entry: Entry) -> Iterator[Problem]:
    """A condition can be met: by setting latents, or by solving for the one that `via` names."""
    said, question = entry.statement, entry.question
    if said.given and said.role != "excluded" and question and entry.quantity:
        given = {**(question.given or {}), **said.given}
        if why := _unsolvable(question.quantity, given, question.via):
            yield entry.problem("given", why, "mend the condition, or via in the question")


def check_question_solvable(asked: Asked) -> Iterator[Problem]:
    """A condition can be met: by setting latents, or by solving for the one that `via` names."""
    question = asked.question
    given = question.given if asked.quantity else None
    if given and (why := _unsolvable(question.quantity, given, question.via)):
        yield asked.problem("given", why, "mend given or via")


def _unsolvable(quantity: str, given: Mapping[str, float], via: str | None) -> str | None:
    """Why a condition cannot be met; None where it can, or where another rule says more."""
    told = any(_strange(given)) or any(_impossible_given(given))
    if told or (via is not None and via not in LATENT_DIMS):
        return None
    try:
        target(quantity, given, via)
    except UnknownQuantity as error:
        return str(error)
    return None


def check_atoms(entry: Entry) -> Iterator[Problem]:
    """Quantities with a part of their mass on one value serve checks only."""
    quantity = entry.quantity
    if quantity and quantity.has_atom and entry.statement.role == "evidence":
        message = f"{quantity} has part of its mass on one value and cannot be fitted"
        yield entry.problem("role", message, "write role: check")
