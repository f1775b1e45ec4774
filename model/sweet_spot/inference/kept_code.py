"""Machine code in a file: with the free variables that it moves, written whole or not at all.

The file is one line of JSON and the code itself: nothing in it is unpickled, but code is run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sweet_spot.inference.store import written

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Free:
    """A free variable.

    Attributes
    ----------
    name, value
        Its own name, and that of the unconstrained one that is moved in its place.
    dims
        Its dims.
    lost
        By how much its last dim is shorter when unconstrained.
    start
        The unconstrained value from which chains set out: one number where all are alike.
    """

    name: str
    value: str
    dims: tuple[str, ...]
    lost: int
    start: list[float]

    def shapes(self, coords: Mapping[str, Sequence[str]]) -> tuple[Shape, Shape]:
        """Its shape, and when unconstrained."""
        shape = tuple(len(coords[dim]) for dim in self.dims)
        return shape, (*shape[:-1], shape[-1] - self.lost) if self.lost else shape


@dataclass(frozen=True)
class Machine:
    """Machine code of a function, its name in it, and the names of what it calls elsewhere."""

    name: str
    needs: list[str]
    code: bytes


@dataclass(frozen=True)
class Code:
    """The two functions and the free variables in order."""

    logp: Machine
    expand: Machine
    free: list[Free]


def write_code(code: Code, path: Path) -> None:
    """One line that tells what follows, then the code."""
    parts = [code.logp, code.expand]
    body = b"".join(part.code for part in parts)
    head = {
        "functions": [(part.name, part.needs, len(part.code)) for part in parts],
        "free": [asdict(free) for free in code.free], "sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    written(path, json.dumps(head).encode() + b"\n" + body)


def read_code(path: Path) -> Code | None:
    """The code in a file; None where there is none, or it is damaged."""
    if not path.exists():
        return None
    head, _, body = path.read_bytes().partition(b"\n")
    try:
        told = json.loads(head)
    except ValueError:
        return None
    if hashlib.sha256(body).hexdigest() != told["sha256"]:
        return None
    (*first, size), (*second, _) = told["functions"]
    free = [Free(**{**each, "dims": tuple(each["dims"])}) for each in told["free"]]
    parts = ((first, body[:size]), (second, body[size:]))
    logp, expand = (Machine(name, needs, code) for (name, needs), code in parts)
    return Code(logp, expand, free)
