"""Which sources, versions and day a recorded run is of, so that one can tell later that it is old.

Digests are SHA-256 of files as they stand: a comment that changes makes a record old, too. That is
the price of a digest that needs no judgement about what matters.
"""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import platform
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import sweet_spot
from sweet_spot.inference.store import SOURCES, source_digest

EQUATIONS = ("argument/structure.py",)
"""Where the equations start; what these import belongs to them."""
PACKAGES = ("ai-safety-sweet-spot", "pymc", "pytensor", "nutpie", "arviz", "numpy", "scipy")
_ROOMS = ("argument", "inference")
"""Whose files are counted. What the evidence room makes of statements is in their own digest."""
_SELF = "inference/provenance.py"


def _root() -> Path:
    return Path(sweet_spot.__file__).parent


@cache
def needed(*roots: str) -> tuple[str, ...]:
    """Files of the argument and inference rooms that some files import, and those themselves.

    This file is left out: it only tells of the others.
    """
    found: set[str] = set()
    left = set(roots)
    while left:
        name = left.pop()
        found.add(name)
        left |= {each for each in _imported(_root() / name) if each != _SELF} - found
    return tuple(sorted(found))


def _imported(path: Path) -> Iterator[str]:
    """Files of these rooms that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{each.name}" for each in node.names)):
                package, *inside = name.split(".")
                file = f"{'/'.join(inside)}.py"
                known = package == "sweet_spot" and len(inside) == 2 and inside[0] in _ROOMS
                if known and (_root() / file).is_file():
                    yield file


def code_digest(*roots: str) -> str:
    """SHA-256 over name and content of these files and all that they import, in order of name."""
    whole = hashlib.sha256()
    for name in needed(*roots):
        whole.update(name.encode() + (_root() / name).read_bytes())
    return whole.hexdigest()


def sources() -> dict[str, str]:
    """SHA-256 of the argument, the equations, the model, and the learned constants, by name.

    `argument` and `learned` are those of one file each (`argument.yaml`, `learned.yaml`), as
    `sha256sum` prints them; `equations` is `code_digest` of `EQUATIONS`; `model` the digest of
    `store.SOURCES`, which every fit carries: equations, prior, likelihood and sampler.
    """
    return {
        "argument": _file("argument/argument.yaml"),
        "equations": code_digest(*EQUATIONS),
        "model": source_digest(),
        "learned": _file("inference/learned.yaml"),
    }


def behind() -> Mapping[str, tuple[str, ...]]:
    """The files behind each of these digests."""
    return {
        "argument": ("argument/argument.yaml",), "equations": needed(*EQUATIONS),
        "model": SOURCES, "learned": ("inference/learned.yaml",),
    }  # fmt: skip


def made(*roots: str) -> dict[str, str]:
    """What a record of a run says about how it was made: texts alone, so that any format holds it.

    Parameters
    ----------
    roots
        The files whose code ran.

    Returns
    -------
    dict
        `date` (UTC), `system`, `version_*` of Python and packages, and `sha_*`: those of `sources`,
        and `sha_code`, of the roots and what they import.
    """
    versions = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "system": f"{platform.system()} {platform.machine()}",
        **{f"version_{name.replace('-', '_')}": value for name, value in versions.items()},
        **{f"sha_{name}": value for name, value in sources().items()},
        "sha_code": code_digest(*roots),
    }


def _file(name: str) -> str:
    return hashlib.sha256((_root() / name).read_bytes()).hexdigest()
