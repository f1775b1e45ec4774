"""What resolved panels taught the error model: a file of numbers and citations, bundled or made.

The constants are those of `error_model.py`, as they are expected on a new panel in a domain that
was not among those learned from: what varies between panels and between domains is part of the
uncertainty. No statement and no answer of any dataset is in the file.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.panel import UNCERTAIN

LEARNED = ("tau_shared", "tau", "kappa", "skill_sd", "disposition_expert", "scale_sd",
           "probability_unit", "nu_shared", "nu_error")  # fmt: skip
"""The constants, in the order of the correlations. `skill_sd`: sd of the log of a person's
imprecision, which multiplies the scale of their own errors. `probability_unit`: people who state a
probability mean a spread so many times the one that people state in quantiles."""
FROM_ONE = ("nu_shared", "nu_error")
"""Degrees of freedom, which are above one: the logarithm is that of what is above it."""

Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    """A part of the file: nothing unknown in it, and nothing is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Constant(_Part):
    """One constant: mean and sd of its log; median and 90 % interval of itself."""

    log_mean: float
    log_sd: Annotated[float, Field(gt=0)]
    median: float
    low: float
    high: float


class Source(_Part):
    """A dataset: where it is from, what of it was used, and the SHA-256 of its files."""

    name: Text
    citation: Text
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    panels: PositiveInt
    questions: PositiveInt
    people: PositiveInt
    statements: PositiveInt
    left_out: dict[str, int] = {}


class Learned(_Part):
    """The learned constants with where they come from.

    Attributes
    ----------
    constants
        By the names in `LEARNED`.
    correlation
        Of the logs, in that order.
    checks
        The verdict of the fit, as `judge` writes it.
    """

    schema_: Annotated[int, Field(alias="schema", ge=1, le=1)] = 1
    date: Text
    constants: dict[str, Constant]
    correlation: list[list[float]]
    sources: list[Source]
    settings: dict[str, float]
    versions: dict[str, str]
    checks: dict[str, float]

    @property
    def passed(self) -> bool:
        """Whether the fit passed all of its checks."""
        return bool(self.checks["passed"])

    def covariance(self) -> np.ndarray:
        """Of the logs, in the order of `LEARNED`."""
        sd = np.array([self.constants[name].log_sd for name in LEARNED])
        out: np.ndarray = np.array(self.correlation) * sd[:, None] * sd
        return out

    def to_json(self) -> dict[str, Any]:
        """The file's content."""
        return self.model_dump(mode="json", by_alias=True)


def load_learned(path: Path | str | None = None) -> Learned:
    """The learned constants of a file, or the bundled ones.

    Raises
    ------
    MissingData
        There is no such file.
    InvalidRecord
        It is not a file of learned constants.
    """
    try:
        where = files("sweet_spot.inference") / "learned.yaml" if path is None else Path(path)
        content = where.read_text(encoding="utf-8")
    except OSError as error:
        raise MissingData(
            f"{path}: cannot be read; `sweet-spot learn` writes such a file"
        ) from error
    try:
        found = Learned.model_validate(yaml.safe_load(content))
    except (ValidationError, yaml.YAMLError) as error:
        raise InvalidRecord(f"{path}: not a file of learned constants: {error}") from error
    if set(found.constants) != set(LEARNED) or np.shape(found.correlation) != (len(LEARNED),) * 2:
        raise InvalidRecord(
            f"{path}: constants must be {', '.join(LEARNED)}, with a correlation for each pair"
        )
    return found


def write_learned(learned: Learned, path: Path) -> None:
    """Writes the file, with a line on top that says what it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = (
        "# Error constants learned from panels with known answers, by `sweet-spot learn`.\n"
        "# Logs are natural; of nu_shared and nu_error of what is above one. No data.\n"
    )
    text = yaml.safe_dump(learned.to_json(), sort_keys=False, allow_unicode=True, width=100)
    path.write_text(head + text, encoding="utf-8")


@cache
def learned_constants() -> ErrorConstants:
    """The constants of the error model for a new panel: the medians of what is bundled."""
    names = ("disposition_expert", "scale_sd", "nu_shared", "nu_error", *UNCERTAIN)
    constants = load_learned().constants
    return ErrorConstants(**{name: constants[name].median for name in names})  # type: ignore[arg-type]


def drawn_constants(count: int, seed: int = 1) -> list[ErrorConstants]:
    """Draws of `UNCERTAIN` from what was learned, the rest at its median.

    Answers at these, averaged, are those of the cut posterior: statements without outcomes do not
    inform the constants, which would learn from them that forecasts agree, not that they are right.
    """
    found = load_learned()
    at = [LEARNED.index(name) for name in UNCERTAIN]
    mean = np.array([found.constants[name].log_mean for name in UNCERTAIN])
    covariance = found.covariance()[np.ix_(at, at)]
    logs = np.random.default_rng(seed).multivariate_normal(mean, covariance, count)
    return [
        replace(
            learned_constants(),
            tau_shared=float(shared),
            tau=float(tau),
            kappa=float(kappa),
            probability_unit=float(unit),
        )
        for shared, tau, kappa, unit in np.exp(logs)
    ]
