"""Reads and checks `argument.yaml`: latents with prior and reason, dims, gates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sweet_spot.argument.structure import GATES, LATENT_DIMS
from sweet_spot.errors import InvalidArgument

ARGUMENT_PATH = Path(__file__).with_name("argument.yaml")

Scale = Literal["identity", "log", "logit", "simplex"]
Strings = Annotated[tuple[str, ...], Field(strict=False)]
Numbers = Annotated[tuple[float, ...], Field(strict=False)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Correlation(_Entry):
    """Correlation of a latent with one other, on the working scale."""

    with_: str = Field(alias="with")
    value: float = Field(gt=-1, lt=1)


class Prior(_Entry):
    """A prior on the working scale; which fields it has depends on the scale (see argument.yaml)."""

    mean: float | Numbers | Annotated[tuple[Numbers, ...], Field(strict=False)] | None = None
    sd: float | None = Field(None, gt=0)
    above: float | None = None
    quantiles: Annotated[tuple[float, float, float], Field(strict=False)] | None = None
    common_sd: float | None = Field(None, gt=0)
    own_sd: float | None = Field(None, gt=0)
    correlation: Correlation | None = None
    concentration: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        given.discard("correlation")
        forms = (
            {"mean", "sd"}, {"mean", "sd", "above"}, {"quantiles"},
            {"mean", "common_sd", "own_sd"}, {"mean", "concentration"},
        )  # fmt: skip
        if given not in forms:
            raise ValueError(f"a prior has mean and sd, or quantiles, or ...; this one has {given}")
        if self.quantiles is not None and not 0 < self.quantiles[0] < self.quantiles[1] < self.quantiles[2]:
            raise ValueError("the quantiles of a log-normal must be positive and rise")
        return self


class Latent(_Entry):
    """One latent: what it is, its prior, and why."""

    dims: Strings
    unit: str
    scale: Scale
    prior: Prior
    profile: Literal["problem", "competence"]
    good: Literal[-1, 0, 1]
    meaning: str = Field(min_length=10)
    reason: str = Field(min_length=10)
    source: str = Field(min_length=1)


class Gate(_Entry):
    """One gate: what it demands, and the essay's worry behind it."""

    meaning: str
    worry: str
    source: str


class _File(_Entry):
    schema_: Literal[1] = Field(alias="schema")
    reference_date: Annotated[str, BeforeValidator(str)]
    axis: str
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
        SHA-256 of the file.
    """

    latents: dict[str, Latent]
    gates: dict[str, Gate]
    coords: dict[str, tuple[str, ...]]
    competence_correlation: float
    axis: str
    digest: str


def _same_names(found: Any, wanted: Any, what: str, path: Path) -> None:
    missing = [name for name in wanted if name not in found]
    unknown = [name for name in found if name not in wanted]
    if missing or unknown:
        parts = [f"lacks {', '.join(missing)}"] * bool(missing)
        parts += [f"does not know {', '.join(unknown)}"] * bool(unknown)
        raise InvalidArgument(f"{path}: the section `{what}` {' and '.join(parts)}")


def _check_shapes(file: _File, path: Path) -> None:
    for name, latent in file.latents.items():
        if latent.dims != LATENT_DIMS[name]:
            raise InvalidArgument(f"{path}: latent {name}: dims must be {list(LATENT_DIMS[name])}")
        shape = tuple(len(file.dims[dim]) for dim in latent.dims)
        mean = latent.prior.mean
        rows = mean if isinstance(mean, tuple) else ()
        found = (len(rows), *({len(r) for r in rows if isinstance(r, tuple)})) if rows else ()
        if latent.scale != "log" and found != shape:
            raise InvalidArgument(f"{path}: latent {name}: prior mean needs the shape {shape}")
        if (latent.scale == "log") != (latent.prior.quantiles is not None):
            raise InvalidArgument(f"{path}: latent {name}: quantiles go with the scale log")
        partner = latent.prior.correlation
        if partner is not None and partner.with_ not in file.latents:
            raise InvalidArgument(f"{path}: latent {name}: correlation with unknown {partner.with_!r}")


def load_argument(path: Path | str | None = None) -> Argument:
    """The argument from a file, by default the bundled one.

    Raises
    ------
    InvalidArgument
        The file cannot be read, an entry is missing, misspelt or malformed, or it does not match
        the latents and gates of the equations; the message names the entry.
    """
    path = Path(path) if path is not None else ARGUMENT_PATH
    try:
        raw = path.read_bytes()
        content = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidArgument(f"{path}: cannot be read as YAML: {error}") from error
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = " > ".join(str(part) for part in first["loc"])
        raise InvalidArgument(f"{path}: {where}: {first['msg']}") from error
    _same_names(file.dims, ("factor", "work"), "dims", path)
    _same_names(file.latents, LATENT_DIMS, "latents", path)
    _same_names(file.gates, GATES, "gates", path)
    _check_shapes(file, path)
    return Argument(
        latents={name: file.latents[name] for name in LATENT_DIMS},
        gates={name: file.gates[name] for name in GATES},
        coords={dim: tuple(values) for dim, values in file.dims.items()},
        competence_correlation=file.competence_correlation,
        axis=file.axis,
        digest=hashlib.sha256(raw).hexdigest(),
    )
