"""Records of runs, small enough to be committed: what VALIDATION.md is made from.

A record keeps what was measured and what it was measured with; verdicts are computed anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.answers import backtest
from sweet_spot.answers.backtest import Backtest, recorded
from sweet_spot.answers.calibration import Calibration, judged
from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.inference import provenance
from sweet_spot.inference.calibration import CODE as SIMULATION

FILES: Mapping[str, str] = {
    "calibration": "calibration.nc", "control": "control.nc", "backtest": "scores.json",
    "scale": "scale.json", "compile": "compile.json",
}  # fmt: skip
"""Name of each record's file."""
OPTIONAL = ("scale", "compile")
"""Benchmarks: the page says how to make those that are not there."""
RULED = ("argument", "equations", "model", "learned", "code")
NEEDS: Mapping[str, tuple[str, ...]] = {
    "calibration": RULED, "control": RULED, "backtest": ("code",),
    "scale": ("argument", "model"), "compile": ("argument", "model"),
}  # fmt: skip
"""Which sources a record must have been made with to be of today's model. A backtest learns its own
constants and takes nothing from the argument; seconds do not depend on the constants."""
_CODE = {"calibration": SIMULATION, "control": SIMULATION, "backtest": backtest.CODE}
_RANKS = ("rank", "family", "probability", "happened", "divergences", "ess", "seconds", "live",
          "one_sided", "conditional", "event")  # fmt: skip
"""What was simulated; all else in a calibration is computed from it."""
_SMALL = {"rank": "int16", "happened": "int8", "live": "int16", "one_sided": "int16",
          "conditional": "int16", "event": "int16"}  # fmt: skip


@dataclass(frozen=True)
class Stale:
    """A source that has changed since a record was made: then and now, as SHA-256."""

    record: str
    source: str
    then: str
    now: str

    @property
    def text(self) -> str:
        """In words."""
        return (
            f"STALE: the record of the {self.record} was made with another {self.source}"
            f" (SHA-256 {self.then[:12]}, now {self.now[:12]}); it says nothing of this checkout"
        )


@dataclass(frozen=True, eq=False)
class Records:
    """All records of a folder.

    Attributes
    ----------
    calibration, control, backtest
        As the commands gave them; the control is the one with people who err more.
    benchmarks
        `scale` and `compile`, those that are there: what their JSON holds.
    made
        Of each record what `provenance.made` said when it ran.
    sha256
        Of each record's file.
    """

    calibration: Calibration
    control: Calibration
    backtest: Backtest
    benchmarks: Mapping[str, Mapping[str, Any]]
    made: Mapping[str, Mapping[str, str]]
    sha256: Mapping[str, str]


def read_records(folder: Path) -> Records:
    """The records of a folder.

    Raises
    ------
    MissingData
        There is no such folder, or a record that is not a benchmark is missing.
    InvalidRecord
        A record is damaged, or of another kind.
    """
    there = [kind for kind, file in FILES.items() if (folder / file).is_file()]
    for kind in FILES:
        if kind not in there and kind not in OPTIONAL:
            raise MissingData(
                f"{folder / FILES[kind]}: no record of the {kind}; `sweet-spot validate --run`"
                f" makes it, `sweet-spot validate --{kind} FILE` takes one that was made"
            )
    found = {kind: _READ[kind](folder / FILES[kind], kind) for kind in there}
    return Records(
        found["calibration"], found["control"], found["backtest"],
        {kind: found[kind] for kind in OPTIONAL if kind in found},
        {kind: _made(each, kind) for kind, each in found.items()},
        {kind: _sha256(folder / FILES[kind]) for kind in there},
    )  # fmt: skip


def take(kind: str, path: Path, folder: Path) -> Path:
    """Puts what a command wrote among the records, in the place of what was there.

    Raises
    ------
    MissingData, InvalidRecord
        There is no such file, or it is not of this kind.
    """
    if not path.is_file():
        raise MissingData(f"{path}: no such file to take as the record of the {kind}")
    found, to = _READ[kind](path, kind), folder / FILES[kind]
    _made(found, kind)
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(found, Calibration):
        keep(found, to)
    else:
        to.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return to


def keep(found: Calibration, path: Path) -> None:
    """Writes the ranks of a calibration, in a tenth of the room that all of it takes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = found.data[list(_RANKS)]
    coding: dict[str, dict[str, Any]] = {
        name: {"zlib": True, "complevel": 9} for name in _RANKS if name != "family"
    }
    for name, small in _SMALL.items():
        coding[name]["dtype"] = small
    data.to_netcdf(path, engine="netcdf4", encoding=coding)


def stale(records: Records) -> tuple[Stale, ...]:
    """Sources that differ from those that a record was made with, record by record."""
    out = []
    for kind, made in records.made.items():
        now = provenance.sources()
        if kind in _CODE:
            now["code"] = provenance.code_digest(*_CODE[kind])
        out += [
            Stale(kind, source, made[f"sha_{source}"], now[source])
            for source in NEEDS[kind]
            if made[f"sha_{source}"] != now[source]
        ]
    return tuple(out)


def _calibration(path: Path, kind: str) -> Calibration:
    try:
        with xr.open_dataset(path, engine="netcdf4") as held:
            data = held[list(_RANKS)].load()
        for name in _SMALL:
            data[name] = data[name].astype(np.int64)
        control = bool(data.attrs["control"])
    except (OSError, ValueError, KeyError) as error:
        raise InvalidRecord(
            f"{path}: not what `sweet-spot calibrate --out` writes ({error})"
        ) from error
    if control != (kind == "control"):
        raise InvalidRecord(
            f"{path}: {'a negative control' if control else 'not a negative control'}, so that it"
            f" cannot be the record of the {kind}; see `sweet-spot calibrate --control`"
        )
    return judged(data)


def _backtest(path: Path, kind: str) -> Backtest:
    content = _json(path, kind)
    try:
        return recorded(content)
    except (KeyError, TypeError) as error:
        raise InvalidRecord(
            f"{path}: not what `sweet-spot backtest --out` writes today ({error!r}); run it again"
        ) from error


def _json(path: Path, kind: str) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidRecord(f"{path}: not JSON ({error}), as the {kind} is recorded") from error
    wanted = {"made", *({"scale": {"panels"}, "compile": {"rows"}}.get(kind, ()))}
    if not isinstance(content, dict) or not wanted <= content.keys():
        raise InvalidRecord(
            f"{path}: a record of the {kind} has {', '.join(sorted(wanted))}; run it again"
        )
    return content


_READ: Mapping[str, Callable[[Path, str], Any]] = {
    "calibration": _calibration, "control": _calibration, "backtest": _backtest,
    "scale": _json, "compile": _json,
}  # fmt: skip


def _made(found: Any, kind: str) -> Mapping[str, str]:
    """What a record says about how it was made."""
    said: Mapping[Any, Any]
    if isinstance(found, Calibration):
        said = found.data.attrs
    else:
        said = found.made if isinstance(found, Backtest) else found["made"]
    wanted = {"date", "system", *(f"sha_{source}" for source in NEEDS[kind])}
    if missing := sorted(wanted - said.keys()):
        raise InvalidRecord(
            f"the record of the {kind} does not say its {', '.join(missing)}; run it again"
        )
    return {str(name): str(value) for name, value in said.items()}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
