"""Fits on disk: kept by the digest of what made them, written whole or not at all.

Importing this never imports PyMC, so that an unchanged input finds its fit without that cost.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import xarray as xr

import sweet_spot
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import UnusableFit
from sweet_spot.evidence.gather import Evidence

SOURCES = (
    "argument/axis.py", "argument/conditions.py", "argument/prior.py", "argument/quantities.py",
    "argument/rivals.py", "argument/spec.py", "argument/structure.py", "argument/worlds.py",
    "inference/bounds.py", "inference/compiled.py", "inference/crowd.py",
    "inference/draws.py", "inference/error_model.py", "inference/given.py",
    "inference/kept_code.py", "inference/machine_code.py", "inference/model.py",
    "inference/panel.py", "inference/refit.py", "inference/scales.py",
)  # fmt: skip
"""The source that decides what a fit is: equations, prior, likelihood, sampler. What the evidence
room makes of statements is in the statements' own digest. A test holds this to the imports."""


def cache_dir() -> Path:
    """Where fits are kept by default: the user's cache directory."""
    return Path(platformdirs.user_cache_dir("sweet-spot"))


def _sha(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()


def source_digest() -> str:
    """SHA-256 of the source of the equations, the likelihood and the model."""
    root = Path(sweet_spot.__file__).parent
    return _sha(*(name.encode() + (root / name).read_bytes() for name in SOURCES))


def statements_digest(evidence: Evidence, *, live: bool = True) -> str:
    """SHA-256 of the statements, of the live ones or of all that are known."""
    table = evidence.statements
    rows = np.flatnonzero(table["live"].to_numpy() if live else np.ones(table.sizes["statement"]))
    content = {
        name: table[name].to_numpy()[rows].astype(str).tolist()
        for name in sorted(map(str, table.variables))
    }
    content.pop("target")  # an index that depends on what else is in the files
    named = [str(target) for target in evidence.targets]
    which = [named[i] for i in table["target"].to_numpy()[rows]]
    return _sha(json.dumps([content, which], sort_keys=True).encode())


def digests(argument: Argument, evidence: Evidence, *settings: Any) -> dict[str, str]:
    """The digests that name a fit, and `digest_fit`, the one of them all.

    All known statements count, not only the live ones: a superseded statement still has a part in
    the scale of its question.
    """
    questions = [q.model_dump(mode="json") for q in evidence.questions]
    plain = [
        asdict(item) if is_dataclass(item) and not isinstance(item, type) else item
        for item in settings
    ]
    out = {
        "digest_argument": argument.digest,
        "digest_questions": _sha(json.dumps(questions, sort_keys=True).encode()),
        "digest_statements": statements_digest(evidence),
        "digest_known": statements_digest(evidence, live=False),
        "digest_source": source_digest(),
        "digest_settings": _sha(json.dumps(plain, sort_keys=True).encode()),
    }
    versions = [version(name) for name in ("ai-safety-sweet-spot", "pymc", "nutpie")]
    out["digest_fit"] = _sha(json.dumps([sorted(out.items()), versions]).encode())
    return out


def save(tree: xr.DataTree, path: Path) -> None:
    """Writes a fit as netCDF, whole or not at all: a killed process leaves no half a fit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=".nc")
    os.close(handle)
    try:
        tree.to_netcdf(name, encoding=_compressed(tree))
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def written(path: Path, content: bytes) -> None:
    """Writes a file of ours, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _compressed(tree: xr.DataTree) -> dict[str, Any]:
    """Light compression of everything numeric that is large."""
    return {
        node.path: {
            name: {"zlib": True, "complevel": 1}
            for name, variable in node.data_vars.items()
            if variable.dtype.kind in "fi" and variable.size > 10_000
        }
        for node in tree.subtree
    }


def load_fit(path: Path | str) -> xr.DataTree:
    """A fit from a file; values are read when they are used.

    Raises
    ------
    UnusableFit
        The file is missing, is not a fit of this package, or is damaged.
    """
    try:
        tree = xr.open_datatree(path, engine="netcdf4")
    except (OSError, ValueError) as error:
        raise UnusableFit(
            f"{path}: not a fit that can be read ({error}); run `sweet-spot report`"
        ) from error
    if "digest_fit" not in tree.attrs or "prior" not in tree:
        tree.close()
        raise UnusableFit(f"{path}: netCDF, but not a fit of this package; run `sweet-spot report`")
    return tree


def fit_path(key: str, cache: Path | None = None) -> Path:
    """Where the cache keeps the fit with this digest."""
    return (cache or cache_dir()) / f"{key[:32]}.nc"


def cached(
    key: str, make: Callable[[], xr.DataTree], cache: Path | None = None
) -> tuple[xr.DataTree, Path, bool]:
    """The fit with this digest from the cache, or made and kept.

    Returns it with its path and whether it was found.
    """
    path = fit_path(key, cache)
    if path.exists():
        try:
            return load_fit(path), path, True
        except UnusableFit:
            path.unlink()  # a damaged file of ours: make it again
    save(make(), path)
    return load_fit(path), path, False


def fits(alike: Mapping[str, Any], cache: Path | None = None) -> Iterator[Path]:
    """The fits in the cache with these attributes, prior-only ones aside, the newest first."""
    folder = cache or cache_dir()
    # not the hidden ones: a reader would lock a file that is being written
    found = folder.glob("[!.]*.nc") if folder.is_dir() else ()
    for path in sorted(found, key=lambda file: file.stat().st_mtime, reverse=True):
        try:
            with xr.open_dataset(path) as fit:  # the root group: attributes alone
                held = dict(fit.attrs)
        except (OSError, ValueError):
            continue
        same = all(held.get(name) == value for name, value in alike.items())
        if same and not held.get("setting_prior_only"):
            yield path
