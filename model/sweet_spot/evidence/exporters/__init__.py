"""Writes the statements of a data folder in formats that other tools read.

A new format is a file here with `write(material, out) -> (rows, left out)` and a line in FORMATS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.checks import sound_material
from sweet_spot.evidence.findings import near

FORMATS: Mapping[str, str] = {
    "tidy": "one table, CSV or (FILE.parquet) Parquet, one published number a row; nothing is lost",
    "hubverse": "a folder: one CSV a round and model, with the names of models beside them",
}


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes
    ----------
    out
        The file or folder.
    statements
        How many statements the data hold.
    rows
        How many rows were written.
    left
        What the format cannot hold, in words -> how many.
    """

    out: Path
    statements: int
    rows: int
    left: Mapping[str, int]

    def __str__(self) -> str:
        return f"{self.rows} rows of {self.statements} statements written to {self.out}"


def export(name: str, out: Path | str, *, data: Path | str = "data") -> Exported:
    """Writes all statements of a data folder, whole or not at all.

    Parameters
    ----------
    name
        One of `FORMATS`.
    out
        File or folder; must not be there yet.

    Raises
    ------
    MissingData
        There is no data folder, or Parquet is asked for without the package that writes it.
    InvalidRecord
        There is no such format, `check` finds an error in the data, or `out` cannot be written.
    """
    if name not in FORMATS:
        hint = near(name, FORMATS) or f"; write one of {', '.join(FORMATS)}"
        raise InvalidRecord(f"there is no format {name!r}{hint}")
    material = sound_material(data)
    rows, left = import_module(f"{__name__}.{name}").write(material, Path(out))
    return Exported(Path(out), len(material.entries), rows, left)
