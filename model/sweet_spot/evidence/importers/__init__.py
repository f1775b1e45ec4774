"""Reads forecasts that other tools hold: the one table of formats, and what `import` does.

A new format is a file here with `read(path, settings) -> Sequence[Imported]` and a line in FORMATS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.findings import near
from sweet_spot.evidence.importers.common import Importer, Settings

if TYPE_CHECKING:
    from sweet_spot.evidence.importers.assemble import Assembled


@dataclass(frozen=True)
class Format:
    """One outside format.

    Attributes
    ----------
    about
        What it is, as the help prints it.
    module
        File of this folder whose `read` is the importer; loaded on first use.
    settings
        What a map may set under `settings:` about reading the file, with defaults.
    """

    about: str
    module: str
    settings: Settings = field(default_factory=dict)


FORMATS: Mapping[str, Format] = {
    "tidy": Format("tidy CSV or Parquet, one number a row", "tidy"),
    "fri": Format("FRI adversarial collaboration: person, Camp, ID, PU, Pc, PUc", "fri"),
    "timing-table": Format(
        "one row a person: p_by_YEAR, year_at_Npct, with N/A", "timing_table", {"by": "end"}
    ),
    "notation": Format(
        "interval notation of Squiggle, squigglepy, Guesstimate (CSV)", "notation"
    ),
    "parameters": Format("forecasters' parameters of timelines models (YAML)", "parameters"),
    "espai": Format("ESPAI 2023 survey, one row a respondent", "espai", {"origin": 0.0}),
    "metaculus": Format("Metaculus download: the zip, or its CSVs side by side", "metaculus"),
    "metaculus-api": Format(
        "Metaculus posts saved from the API (JSON)",
        "metaculus_api",
        {"history": "latest", "me": ""},
    ),
    "manifold": Format("Manifold markets or bets saved from the API (JSON)", "manifold"),
    "shelf": Format("SHELF quantiles, roulette or session (CSV)", "shelf", {"expert": ""}),
    "idea": Format(
        "IDEA protocol: a round of elicitr, or aggreCAT (CSV)",
        "idea",
        {"level": 80.0, "confidence": 0.0, "lowest": -math.inf, "highest": math.inf},
    ),
    "excalibur": Format("EXCALIBUR .dtt, with the .rls beside it", "excalibur"),
    "hubverse": Format("hubverse model output (CSV)", "hubverse", {"model": ""}),
}  # fmt: skip


def importer(name: str) -> Importer:
    """The function that reads a format.

    Raises
    ------
    InvalidRecord
        There is no such format.
    """
    if name not in FORMATS:
        hint = near(name, FORMATS) or f"; write one of {', '.join(FORMATS)}"
        raise InvalidRecord(f"there is no format {name!r}{hint}")
    read: Importer = _module(name).read
    return read


def _module(name: str) -> Any:
    return import_module(f"{__name__}.{FORMATS[name].module}")


def import_file(
    name: str,
    file: Path | str,
    *,
    mapping: Path | str | None = None,
    out: Path | str | None = None,
) -> Assembled:
    """Reads a file of an outside format, and writes what of it is mapped as an elicitation file.

    Parameters
    ----------
    name
        One of `FORMATS`.
    mapping
        Map that says which outside question is which of ours; without one, the file's ids are
        ours, or what the format itself says.
    out
        Must not be there yet; without one, nothing is written.

    Raises
    ------
    InvalidRecord
        Something is wrong with the file or the map; the first such thing, and nothing is written.
    """
    from sweet_spot.evidence.importers.assemble import assemble
    from sweet_spot.evidence.importers.mapping import Map, read_map
    from sweet_spot.evidence.importers.writing import write_new

    read = importer(name)
    own = getattr(_module(name), "MAP", None)  # a format of one study knows what it asked
    assumed = None if own is None else Map.model_validate(own)
    meant = assumed if mapping is None else read_map(mapping)
    settings = _settings(name, {} if meant is None else meant.settings)
    assembled = assemble(Path(file), read(Path(file), settings), meant)
    if out is not None:
        write_new(assembled.file, Path(out))
    return assembled


def _settings(name: str, changes: Settings) -> Settings:
    """The settings of a format with those of a map over them."""
    known = FORMATS[name].settings
    for key, value in changes.items():
        if key not in known:
            names = ", ".join(known) or "none"
            message = f"{name} has no setting {key!r}{near(key, known)}"
            raise InvalidRecord(f"{message}; remove it from the map; there are: {names}")
        if isinstance(value, str) is not isinstance(known[key], str):
            raise InvalidRecord(f"setting {key} is {value!r}; write one like {known[key]!r}")
    return {**known, **changes}
