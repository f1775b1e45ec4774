"""Reads and checks `argument.yaml`: latents with prior and reason, dims, gates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sweet_spot.argument.rivals import MAIN, Structure
from sweet_spot.argument.structure import GATES, LATENT_DIMS, LOGITS
from sweet_spot.errors import InvalidArgument

ARGUMENT_PATH = Path(__file__).with_name("argument.yaml")

Scale = Literal["identity", "log", "logit", "simplex"]
Text = Annotated[str, Field(min_length=1)]
Strings = Annotated[tuple[Text, ...], Field(strict=False)]
Numbers = Annotated[tuple[float, ...], Field(strict=False)]
Rows = Annotated[tuple[Numbers, ...], Field(strict=False)]

_FORMS: Mapping[Scale, tuple[frozenset[str], ...]] = {
    "identity": (
        frozenset({"mean", "sd"}),
        frozenset({"mean", "sd", "above"}),
        frozenset({"mean", "common_sd", "own_sd"}),
    ),
    "logit": (frozenset({"mean", "sd"}), frozenset({"mean", "common_sd", "own_sd"})),
    "log": (frozenset({"quantiles"}),),
    "simplex": (frozenset({"mean", "concentration"}),),
}
"""The fields of a prior, `correlation` aside, that each scale allows."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Correlation(_Entry):
    """Correlation of a latent with one other, on the working scale."""

    with_: str = Field(alias="with")
    value: float = Field(gt=-1, lt=1)


class Prior(_Entry):
    """A prior on the working scale; its fields depend on the scale, as argument.yaml says."""

    mean: float | Numbers | Rows | None = None
    sd: float | None = Field(None, gt=0)
    above: float | None = None
    quantiles: Annotated[tuple[float, float, float], Field(strict=False)] | None = None
    common_sd: float | None = Field(None, gt=0)
    own_sd: float | None = Field(None, gt=0)
    correlation: Correlation | None = None
    concentration: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _log_normal(self) -> Self:
        if self.quantiles is not None:
            if not 0 < self.quantiles[0] < self.quantiles[1] < self.quantiles[2]:
                raise ValueError("the quantiles of a log-normal must be positive and rise")
            low, middle, high = np.log(self.quantiles)
            if abs(low + high - 2 * middle) > 0.1 * (high - low):
                raise ValueError("the median of a log-normal is the geometric mean of the others")
        return self


class Latent(_Entry):
    """One latent: what it is, its prior, and why."""

    dims: Strings
    unit: Text
    scale: Scale
    prior: Prior
    profile: Literal["problem", "competence"]
    good: Literal[-1, 0, 1]
    meaning: str = Field(min_length=10)
    reason: str = Field(min_length=10)
    source: Text

    @model_validator(mode="after")
    def _form_fits_scale(self) -> Self:
        found = {n for n in Prior.model_fields if getattr(self.prior, n) is not None}
        if found - {"correlation"} not in _FORMS[self.scale]:
            forms = " or ".join(", ".join(sorted(form)) for form in _FORMS[self.scale])
            raise ValueError(f"a prior on the scale {self.scale} has {forms}")
        if self.dims and self.prior.above is not None:
            raise ValueError("only a latent without dims can be truncated")
        if not self.dims and self.prior.common_sd is not None:
            raise ValueError("common_sd and own_sd are for a latent with a dim")
        return self


class Gate(_Entry):
    """One gate: what it demands, and the essay's worry behind it."""

    meaning: Text
    worry: Text
    source: Text


class _File(_Entry):
    schema_: Literal[1] = Field(alias="schema")
    reference_date: Annotated[Literal["2026-01-01"], BeforeValidator(str)]
    axis: Text
    dims: dict[str, Strings]
    competence_correlation: float = Field(ge=0, lt=1)
    latents: dict[str, Latent]
    gates: dict[str, Gate]


@dataclass(frozen=True)
class Argument:
    """The argument as data, checked against the equations.

    Attributes
    ----------
    latents, gates
        By name, in the order of the equations.
    coords
        Coordinates of the dims `factor` and `work`.
    competence_correlation
        Correlation of the normal scores of all competence latents, signed by `good`.
    axis
        What capability is measured as.
    digest
        SHA-256 of the file, and of the structure where that is a rival.
    structure
        Which equations follow from the latents; see `with_structure`.
    """

    latents: Mapping[str, Latent]
    gates: Mapping[str, Gate]
    coords: Mapping[str, tuple[str, ...]]
    competence_correlation: float
    axis: str
    digest: str
    structure: Structure = MAIN


def with_structure(argument: Argument, structure: Structure) -> Argument:
    """The argument with a rival structure of its equations; its fits have digests of their own.

    Raises
    ------
    InvalidArgument
        The argument has a rival structure already.
    """
    if argument.structure != MAIN:
        raise InvalidArgument(
            f"the argument has the structure {argument.structure.name} already: change the one"
            " that `load_argument` gives"
        )
    if structure.change == MAIN.change:
        return replace(argument, structure=structure)
    change = json.dumps([argument.digest, *structure.change])
    digest = hashlib.sha256(change.encode()).hexdigest()
    return replace(argument, structure=structure, digest=digest)


def load_argument(path: Path | str | None = None) -> Argument:
    """The argument from a file, by default the bundled one, which is read once.

    Raises
    ------
    InvalidArgument
        The file cannot be read, an entry is missing, misspelt or malformed, or it does not match
        the latents and gates of the equations; the message names the entry.
    """
    return _bundled() if path is None else _read(Path(path))


@cache
def _bundled() -> Argument:
    return _read(ARGUMENT_PATH)


def _read(path: Path) -> Argument:
    try:
        raw = path.read_bytes()
        content = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidArgument(f"{path}: cannot be read as YAML: {error}") from error
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = " > ".join(str(part) for part in first["loc"]) or "the file"
        raise InvalidArgument(f"{path}: {where}: {first['msg']}") from error
    for wrong in _mismatches(file):
        raise InvalidArgument(f"{path}: {wrong}")
    return Argument(
        latents={name: file.latents[name] for name in LATENT_DIMS},
        gates={name: file.gates[name] for name in GATES},
        coords=file.dims,
        competence_correlation=file.competence_correlation,
        axis=file.axis,
        digest=hashlib.sha256(raw).hexdigest(),
    )


def _mismatches(file: _File) -> Iterator[str]:
    """What in a well-formed file does not fit the equations, worst first."""
    yield from _other_names("dims", file.dims, ("factor", "work"))
    yield from _other_names("latents", file.latents, LATENT_DIMS)
    yield from _other_names("gates", file.gates, GATES)
    coords = [coord for values in file.dims.values() for coord in values]
    if len(set(coords)) < len(coords) or not all(file.dims.values()):
        yield "dims: coordinates must be given, and each only once"
    for name, latent in file.latents.items():
        yield from (f"latents > {name}: {wrong}" for wrong in _misfits(name, latent, file))


def _other_names(section: str, found: Collection[str], wanted: Collection[str]) -> Iterator[str]:
    missing = [name for name in wanted if name not in found]
    unknown = [name for name in found if name not in wanted]
    parts = [f"lacks {', '.join(missing)}"] * bool(missing)
    parts += [f"does not know {', '.join(unknown)}"] * bool(unknown)
    if parts:
        yield f"the section `{section}` {' and '.join(parts)}"


def _misfits(name: str, latent: Latent, file: _File) -> Iterator[str]:
    """What does not fit about one latent."""
    if latent.dims != LATENT_DIMS[name]:
        yield f"dims must be {list(LATENT_DIMS[name])}"
    if (latent.scale == "logit") != (name in LOGITS):
        yield f"the scale is{'' if name in LOGITS else ' not'} logit in the equations"
    if (latent.scale == "simplex") != (len(latent.dims) == 2):
        yield "the scale simplex is for shares over two dims"
    shape = tuple(len(file.dims[dim]) for dim in latent.dims)
    mean = latent.prior.mean
    if mean is not None and _shape(mean) != shape:
        yield f"the prior's mean needs the shape {shape}"
    elif latent.scale == "simplex" and not _are_shares(np.asarray(mean, float)):
        yield "each row of the prior's mean must be positive and sum to 1"
    partner = latent.prior.correlation
    if partner is not None and not _correlate(name, partner.with_, file.latents):
        yield f"no correlation with {partner.with_!r}: it takes two scalars with a normal prior"


def _shape(mean: float | Numbers | Rows) -> tuple[int, ...]:
    """Shape of nested numbers; one that matches nothing where they are ragged."""
    if not isinstance(mean, tuple):
        return ()
    return (len(mean), *sorted({len(row) for row in mean if isinstance(row, tuple)}))


def _are_shares(rows: np.ndarray) -> bool:
    return bool((rows > 0).all() and np.allclose(rows.sum(axis=-1), 1.0, rtol=0, atol=1e-9))


def _correlate(name: str, partner: str, latents: Mapping[str, Latent]) -> bool:
    """Whether two latents can have a correlation: two scalars, both normal on the working scale."""
    pair = [latents.get(name), latents.get(partner)]
    fit = [latent is not None and not latent.dims and latent.prior.above is None for latent in pair]
    return name != partner and all(fit)
