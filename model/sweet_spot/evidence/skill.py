"""What people's resolved forecasts elsewhere say about them: weights that are earned, if asked for.

A data folder may have a file `skill.csv`, as `sweet-spot learn DIR --people FILE` writes it, with a
row for each person: `person` (the expert's name here, or DATASET:NAME), `questions`,
`log_imprecision_mean` and `log_imprecision_sd` (log of the factor on the scale of the person's own
error), `lean_mean` and `lean_sd` (by how much their probabilities of yes are too high, in probits).
Means are shrunk towards zero already. Without the file nothing changes.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import xarray as xr
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sweet_spot.errors import InvalidRecord

FILE = "skill.csv"
MOST = 3.0
"""No log of imprecision is beyond this: a factor of twenty."""


class Skill(BaseModel):
    """A row of the file; a lean that is empty is none."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, extra="forbid")

    person: Annotated[str, Field(min_length=1)]
    questions: Annotated[int, Field(ge=1)]
    log_imprecision_mean: Annotated[float, Field(ge=-MOST, le=MOST)]
    log_imprecision_sd: Annotated[float, Field(ge=0)]
    lean_mean: Annotated[float, Field(ge=-MOST, le=MOST)] = 0.0
    lean_sd: Annotated[float, Field(ge=0)] = 0.0

    @field_validator("lean_mean", "lean_sd", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return 0.0 if value in ("", "nan") else value


def read_skill(folder: Path | str) -> Mapping[str, Skill]:
    """The rows of a data folder's skill file by the expert's name; none where there is no file.

    Raises
    ------
    InvalidRecord
        A row is not in the format, or a person stands twice; with file, line, field and remedy.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return {}
    found: dict[str, Skill] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                skill = Skill.model_validate(row)
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(str(part) for part in first["loc"])
                raise InvalidRecord(
                    f"{path}, line {line}, {field}: {first['msg']};"
                    " write the file with `sweet-spot learn DIR --people`"
                ) from error
            name = re.split("[:/]", skill.person)[-1]
            if name in found:
                raise InvalidRecord(f"{path}, line {line}, person: {name!r} stands twice; keep one")
            found[name] = skill
    return found


def with_skill(table: xr.Dataset, skill: Mapping[str, Skill]) -> xr.Dataset:
    """Statements with `imprecision` and `lean` where they are by people with a record."""
    if not skill:
        return table
    rows = [skill.get(name) for name in table["expert"].to_numpy().tolist()]
    log = np.array([row.log_imprecision_mean if row else 0.0 for row in rows])
    lean = np.array([row.lean_mean if row else 0.0 for row in rows])
    lean = lean * table["yes"].to_numpy() + 0.0  # no minus zero, which a digest would tell apart
    return table.assign(imprecision=("statement", np.exp(log)), lean=("statement", lean))
