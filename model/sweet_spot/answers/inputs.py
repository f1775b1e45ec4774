"""The inputs of a report: what was read, which settings and versions, under which digests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.evidence.gather import Evidence

SCHEMA = 1
_LABELS = ("question", "expert", "cluster", "date", "source", "url", "verified", "stated")


def inputs(tree: xr.DataTree, evidence: Evidence, as_of: dt.date | None) -> dict[str, Any]:
    """The content of `inputs.json`, without when and from where the report was made."""
    return {
        "schema": SCHEMA,
        "as_of": as_of.isoformat() if as_of else None,
        "prior_only": "posterior" not in tree,
        "seed": int(tree.attrs["setting_seed"]),
        "settings": _part(tree.attrs, "setting_"),
        "error_constants": _part(tree.attrs, "error_"),
        "versions": _part(tree.attrs, "version_"),
        "digests": _part(tree.attrs, "digest_"),
        "statements": live_statements(evidence),
    }


def _part(attributes: Mapping[Any, Any], prefix: str) -> dict[str, Any]:
    """The attributes with a prefix, without it, as plain numbers, texts and lists."""
    return {
        str(name).removeprefix(prefix): value.tolist()
        if isinstance(value, np.ndarray | np.generic)
        else value
        for name, value in sorted(attributes.items())
        if str(name).startswith(prefix)
    }


def live_statements(evidence: Evidence) -> list[dict[str, str]]:
    """Every live statement with its role and where it was published, in order of id."""
    table = evidence.statements
    columns = {name: table[name].to_numpy() for name in (*_LABELS, "live", "evidence")}
    return [
        {"id": str(name), "role": "evidence" if columns["evidence"][i] else "check"}
        | {label: str(columns[label][i]) for label in _LABELS}
        for i, name in enumerate(table["statement"].values)
        if columns["live"][i]
    ]


def sources(evidence: Evidence) -> list[tuple[str, str, str, int, int]]:
    """Sources with title, address, latest date, and live statements as evidence and as checks."""
    found: dict[tuple[str, str], list[dict[str, str]]] = {}
    for said in live_statements(evidence):
        found.setdefault((said["source"], said["url"]), []).append(said)
    return [
        (
            *key,
            max(said["date"] for said in members),
            sum(said["role"] == "evidence" for said in members),
            sum(said["role"] == "check" for said in members),
        )
        for key, members in sorted(found.items())
    ]
