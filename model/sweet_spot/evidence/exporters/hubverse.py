"""Writes hubverse model output: a folder with one CSV a round and model, bare numbers only.

The round is the day from which a statement counts (`origin_date`), the model is the person, and the
task is that day, the question (`target`), the condition in words and the unit. An event in the
question is a category, an event in the statement a threshold of the distribution. What hubverse
cannot hold is counted.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from sweet_spot.argument.units import convert
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.material import Material
from sweet_spot.evidence.reading import SourcedStatement, all_sourced
from sweet_spot.evidence.records import Question, Statement, parse_event, parse_value
from sweet_spot.evidence.table_columns import number_text
from sweet_spot.evidence.whole_files import new_folder
from sweet_spot.evidence.write_yaml import quoted

COLUMNS = ("origin_date", "target", "condition", "unit", "output_type", "output_type_id", "value")
MODEL = "stated"
"""Second part of a model's name, which has two by convention; the first is the person's."""

ROUND = 12
"""Digits of a probability that had to be converted; no source reports more."""

Row = tuple[str, ...]


def write(material: Material, out: Path) -> tuple[int, Mapping[str, int]]:
    """Writes the folder; returns the number of rows, and what hubverse cannot hold.

    Raises
    ------
    InvalidRecord
        There is such a folder already, or it cannot be written.
    """
    left: Counter[str] = Counter()
    said = all_sourced(material.files)
    asked = {item.question.id: item.question for item in material.asked}
    models = _models(item.statement.expert for item in said)
    rounds: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for item in said:
        question = asked[item.statement.question]
        rows = list(_rows(item, question, left))
        if rows:
            rounds[models[item.statement.expert], rows[0][0]] += rows
    if not rounds:
        raise InvalidRecord(f"{out}: there is no statement that hubverse can hold")
    files = {
        f"model-output/{model}/{day}-{model}.csv": _csv(rows)
        for (model, day), rows in rounds.items()
    }
    used = {model for model, _ in rounds}
    for person, model in models.items():
        if model in used:
            files[f"model-metadata/{model}.yml"] = _metadata(person, model)
    new_folder(out, files)
    return sum(map(len, rounds.values())), +left


def _models(people: Iterator[str]) -> Mapping[str, str]:
    """A name for each person as hubverse has it: letters, digits, underscores, and one hyphen."""
    names: dict[str, str] = {}
    alike: Counter[str] = Counter()
    taken: set[str] = set()
    for person in dict.fromkeys(people):
        plain = unicodedata.normalize("NFKD", person).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or "person"
        team = slug
        while team in taken:
            alike[slug] += 1
            team = f"{slug}_{alike[slug] + 1}"
        taken.add(team)
        names[person] = f"{team}-{MODEL}"
    return names


def _rows(item: SourcedStatement, question: Question, left: Counter[str]) -> Iterator[Row]:
    """What hubverse can hold of a statement; what it cannot is counted."""
    said = item.statement
    if why := _out(item):
        left[why] += 1
        return
    for what, count in _lost(item).items():
        left[what] += count
    task = (item.last_day.isoformat(), question.id, said.condition or "")
    for number, value in enumerate(said.all_values()):
        side, amount = parse_value(value)
        if side or amount is None:
            left["one-sided values"] += 1
        elif said.kind == "probability":
            yield from _chance(said, question, task, number, left)
        elif said.kind == "quantile":
            level = repr(said.all_levels()[number])
            yield *task, said.unit, "quantile", level, number_text(amount)
        else:
            yield *task, said.unit, said.kind, "NA", number_text(amount)


def _out(item: SourcedStatement) -> str:
    """Why a statement is left out as a whole; "" where it is not."""
    said = item.statement
    if said.role == "excluded":
        return "excluded statements"
    if said.given:
        return "statements under a condition of their own on the model's quantities"
    if any(ending.how == "withdrawn" for ending in item.endings):
        return "withdrawn statements"
    return ""


def _lost(item: SourcedStatement) -> Mapping[str, int]:
    """What is lost of a statement that is written."""
    said = item.statement
    return {
        "days, where only a month or year is known": int(len(item.date) < len("YYYY-MM-DD")),
        "expiries and resolutions": len(item.endings),
        "sizes and members of pools": int(bool(said.people or said.members)),
        "clusters": int(said.cluster is not None),
        "roles, reasons, sources": 1,
    }


def _chance(
    said: Statement, question: Question, task: Row, number: int, left: Counter[str]
) -> Iterator[Row]:
    """A probability: of a category, or up to a threshold."""
    value = said.all_values()[number]
    chance = convert(float(value), said.unit, "probability")
    if said.unit == "percent":
        chance = round(chance, ROUND)
        left["percentages, written as fractions"] += 1
    rest = round(1 - chance, ROUND)
    task = (*task, "probability")
    if question.event is not None:
        yield *task, "pmf", "yes", number_text(chance)
        yield *task, "pmf", "no", number_text(rest)
        return
    side, threshold = parse_event(said.all_events()[number])
    if side == ">":
        left["probabilities of more than a threshold, written as the rest to one"] += 1
    yield *task, "cdf", number_text(threshold), number_text(chance if side == "<" else rest)


def _csv(rows: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _metadata(person: str, model: str) -> bytes:
    """The model's metadata: whose forecasts these are, which its name may not say in full."""
    team, _, name = model.partition("-")
    fields = {"team_name": person, "team_abbr": team, "model_name": person, "model_abbr": name}
    return "".join(f"{key}: {quoted(value)}\n" for key, value in fields.items()).encode("utf-8")
