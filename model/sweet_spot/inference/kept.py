"""Which fits a cache keeps beside that of a report, by name: refits, and rival structures.

Importing this is quick, so that an unchanged report finds out at once that nothing was added.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sweet_spot.argument.rivals import MAIN, STRUCTURES
from sweet_spot.argument.spec import Argument, with_structure
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.store import digests, fit_path

REFITS = "refits"
"""The folder of a cache in which refits are."""


def kept_names(argument: Argument, evidence: Evidence, cache: Path, *settings: Any) -> list[str]:
    """Names of the kept fits that a report of these inputs may show beside its own."""
    refits = sorted(path.name for path in (cache / REFITS).glob("[!.]*.nc"))
    rivals = [with_structure(argument, each) for each in STRUCTURES if each is not MAIN]
    keys = [digests(rival, evidence, *settings)["digest_fit"] for rival in rivals]
    return refits + [path.name for path in (fit_path(k, cache) for k in keys) if path.exists()]
