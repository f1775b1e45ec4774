"""Named scenarios: waystations, levers and worries of the essays, as moves of latents.

Read from `scenarios.yaml` of a data folder. That the essays name a thing is theirs (P 5, P 6, A 4,
A 5.2); which latents it moves and by how much is our judgement, with a reason for each.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sweet_spot.argument.moves import HOW, Move, check_moves, read_move
from sweet_spot.errors import InvalidRecord, MissingData, UnknownQuantity

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SCENARIOS = "scenarios.yaml"
"""The file of a data folder that holds them."""
GROUPS: Mapping[str, str] = {
    "waystation": "Waystations",
    "lever": "Levers",
    "worry": "Further worries",
}
"""Groups in the order in which they are shown, with their headings."""
MAX_BYTES = 1_000_000

Text = Annotated[str, Field(min_length=1, max_length=2000)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong in a file of scenarios: where (empty: the file), and the remedy."""

    scenario: str
    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.scenario, self.field) if part) or "the file"
        return f"{place}: {self.message}" + (f"; {self.remedy}" if self.remedy else "")


class MoveEntry(_Entry):
    """One move as written: a latent, one way of moving it, and why by so much."""

    latent: Text
    set_: float | str | None = Field(None, alias="set")
    add: float | None = None
    multiply: float | None = None
    at_least: float | str | None = None
    at_most: float | str | None = None
    why: Text = Field(min_length=10)

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        ways = [how for how in HOW if self._value(how) is not None]
        if len(ways) != 1:
            raise ValueError(f"write one of {', '.join(HOW)}, and only one")
        try:
            _ = self.move
        except UnknownQuantity as error:
            raise ValueError(str(error)) from error
        return self

    def _value(self, how: str) -> Any:
        return getattr(self, "set_" if how == "set" else how)

    @property
    def move(self) -> Move:
        """The move, read."""
        how = next(how for how in HOW if self._value(how) is not None)
        return read_move(self.latent, how, self._value(how))


class Scenario(_Entry):
    """One scenario.

    Attributes
    ----------
    id, name
        As a command names it, and in words.
    group
        waystation (P 6), lever (what we can do more of), worry (A 5.2, note).
    section
        Where in the essays; of R only headings may be named.
    direction
        1 where no world may lose its usable sweet spot by it, -1 where none may gain one, 0 where
        it may go either way.
    meaning
        What happens, in our words.
    moves
        The latents it moves, each with its reason.
    outside
        What of it the model cannot express; all of it where it moves nothing.
    """

    id: Text = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    name: Text = Field(max_length=60)
    group: Literal["waystation", "lever", "worry"]
    section: Text = Field(pattern=r"^[PAR] [0-9]")
    direction: Literal[-1, 0, 1]
    meaning: Text = Field(min_length=10)
    moves: Annotated[tuple[MoveEntry, ...], Field(strict=False)] = ()
    outside: Text | None = None

    @model_validator(mode="after")
    def _says_what_it_does(self) -> Self:
        if not self.moves and self.outside is None:
            raise ValueError("it moves nothing; say in `outside` what the model cannot express")
        if not self.moves and self.direction != 0:
            raise ValueError("it moves nothing; write direction: 0")
        try:
            check_moves([entry.move for entry in self.moves])
        except UnknownQuantity as error:
            raise ValueError(str(error)) from error
        return self


class _File(_Entry):
    schema_: Literal[1] = Field(alias="schema")
    scenarios: Annotated[tuple[Scenario, ...], Field(strict=False)]


def read_scenarios(path: Path | str) -> dict[str, Scenario]:
    """The scenarios of a file by id, in its order.

    >>> read_scenarios("data/scenarios.yaml")["pause_in"].section  # doctest: +SKIP
    'P 6'

    Raises
    ------
    MissingData
        There is no such file.
    InvalidRecord
        The file cannot be used; the message names file, scenario, field and remedy.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingData(f"{path}: no such file; name one with --scenarios")
    content = _content(path)
    for wrong in _mistakes(content):
        raise InvalidRecord(f"{path}: {wrong}")
    return {scenario.id: scenario for scenario in _File.model_validate(content).scenarios}


def mistakes(path: Path) -> tuple[Mistake, ...]:
    """All that is wrong with a file of scenarios, in its order."""
    try:
        return tuple(_mistakes(_content(path)))
    except InvalidRecord as error:
        return (Mistake("", "", str(error).removeprefix(f"{path}: "), "mend the file"),)


def _mistakes(content: Any) -> Iterator[Mistake]:
    try:
        found = _File.model_validate(content).scenarios
    except ValidationError as error:
        for each in error.errors():
            yield _mistake(each, content)
        return
    seen: set[str] = set()
    for scenario in found:
        if scenario.id in seen:
            yield Mistake(scenario.id, "id", "it stands twice", "rename one")
        seen.add(scenario.id)


def scenarios_in(data: Path | str) -> tuple[Scenario, ...]:
    """The scenarios of a data folder, none where it has no such file; errors as above."""
    path = Path(data) / SCENARIOS
    return tuple(read_scenarios(path).values()) if path.is_file() else ()


def scenario_named(scenarios: Mapping[str, Scenario], name: str) -> Scenario:
    """One scenario by its id; raises InvalidRecord, with near matches, where there is none."""
    if name not in scenarios:
        near = difflib.get_close_matches(name, scenarios, n=3) or list(scenarios)
        raise InvalidRecord(f"there is no scenario {name[:60]!r}; name one of {', '.join(near)}")
    return scenarios[name]


def _content(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidRecord(f"{path}: larger than 1 MB; a scenario takes a few lines")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_bytes(), Loader=loader)
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidRecord(f"{path}: cannot be read as YAML: {error}; mend it there") from error


_REMEDIES = {"missing": "write it", "extra_forbidden": "remove it or mend its spelling"}


def _mistake(error: ErrorDetails, content: Any) -> Mistake:
    """Which scenario, which field, what, and what to do."""
    place: Sequence[int | str] = error["loc"]
    scenario = ""
    if len(place) > 1 and place[0] == "scenarios":
        entry = content["scenarios"][place[1]]
        name = entry.get("id") if isinstance(entry, dict) else None
        scenario, place = str(name or f"scenario {int(place[1]) + 1}")[:60], place[2:]
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    message = str(error["msg"]).removeprefix("Value error, ")
    remedy = _REMEDIES.get(str(error["type"]), "")
    return Mistake(scenario, field.lstrip("."), message, remedy)
