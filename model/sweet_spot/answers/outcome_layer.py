"""Reads `argument/outcomes.yaml`: how it ends given a usable sweet spot or none (P 2).

It stands here and not beside `argument/spec.py` because it does not enter the fit: fits are kept
by the source of the rooms that they depend on, and a change here must not ask for a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sweet_spot.argument.spec import ARGUMENT_PATH
from sweet_spot.errors import InvalidArgument

OUTCOMES_PATH = ARGUMENT_PATH.with_name("outcomes.yaml")
OUTCOMES = ("victory", "costly_non_failure", "failure")
OUTCOME_WORDS = {name: name.replace("_", " ").replace("non f", "non-f") for name in OUTCOMES}
FAILURE = OUTCOMES.index("failure")
GIVEN = ("usable", "not_usable")

Text = Annotated[str, Field(min_length=10)]
Relation = Literal["same", "narrower", "wider"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Shares(_Entry):
    """A Dirichlet prior on the shares of the outcomes, and why."""

    mean: dict[Literal["victory", "costly_non_failure", "failure"], float]
    concentration: float = Field(gt=0)
    reason: Text
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _shares(self) -> Self:
        if set(self.mean) != set(OUTCOMES):
            raise ValueError(f"the mean needs a share for each of {', '.join(OUTCOMES)}")
        if min(self.mean.values()) <= 0 or abs(sum(self.mean.values()) - 1) > 1e-9:
            raise ValueError("the shares of the mean must be positive and sum to 1")
        return self

    @property
    def ordered(self) -> tuple[float, ...]:
        """The mean shares in the order of OUTCOMES."""
        return tuple(self.mean[outcome] for outcome in OUTCOMES)  # type: ignore[index]


class Asked(_Entry):
    """How what a question asks relates to failure as meant here."""

    relation: Relation
    reason: Text


class OutcomeLayer(_Entry):
    """The last layer.

    Attributes
    ----------
    outcomes
        What each outcome means (P 2).
    given
        Shares of the outcomes where a sweet spot is usable for at least one factor, and where not.
    asked
        Questions on totals that are set beside P(failure), by id.
    """

    schema_: Literal[1] = Field(alias="schema")
    outcomes: dict[Literal["victory", "costly_non_failure", "failure"], Text]
    given: dict[Literal["usable", "not_usable"], Shares]
    asked: Mapping[str, Asked]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for section, wanted in (("outcomes", OUTCOMES), ("given", GIVEN)):
            missing = [name for name in wanted if name not in getattr(self, section)]
            if missing:
                raise ValueError(f"the section `{section}` lacks {', '.join(missing)}")
        return self


def load_outcomes(path: Path | str | None = None) -> OutcomeLayer:
    """The layer from a file, by default the bundled one, which is read once.

    Raises
    ------
    InvalidArgument
        The file cannot be read, or an entry is missing, misspelt or malformed; names the entry.
    """
    return _bundled() if path is None else _read(Path(path))


@cache
def _bundled() -> OutcomeLayer:
    return _read(OUTCOMES_PATH)


def _read(path: Path) -> OutcomeLayer:
    try:
        content = yaml.safe_load(path.read_bytes())
        return OutcomeLayer.model_validate(content)
    except (OSError, yaml.YAMLError) as error:
        raise InvalidArgument(f"{path}: cannot be read as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = " > ".join(str(part) for part in first["loc"]) or "the file"
        raise InvalidArgument(f"{path}: {where}: {first['msg']}") from error
