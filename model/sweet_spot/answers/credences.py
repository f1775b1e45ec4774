"""The credence table: every gate for each factor, for any and for all, posterior beside prior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import error, monte_carlo_error, plural, probability, words
from sweet_spot.answers.verdict import Verdict, verdict
from sweet_spot.argument.structure import GATES
from sweet_spot.evidence.crowds import voices as counted

SCHEMA = 1
ANY, ALL = "any", "all"
HEADLINE = ("usable", ANY)


@dataclass(frozen=True)
class Voices:
    """How many live statements of how many experts there are, and the date of the latest."""

    statements: int
    experts: int
    latest: str

    @property
    def text(self) -> str:
        """In words, without the role."""
        return f"{plural(self.statements, 'statement')} by {plural(self.experts, 'expert')}"


@dataclass(frozen=True)
class CredenceTable:
    """Credences with their Monte Carlo errors.

    Attributes
    ----------
    data
        `posterior`, `prior` (means of the gates: probabilities) and `mcse` (Monte Carlo standard
        error of the posterior mean), dims `gate` and `factor`, the latter with any and all. Where
        nothing was fitted `posterior` is NaN and `mcse` that of the prior.
    text
        The headline, in one or two sentences.
    evidence, check
        Live statements by role; `all_live` counts both, an expert once.
    """

    data: xr.Dataset
    text: str
    verdict: Verdict
    evidence: Voices
    check: Voices
    all_live: Voices
    model: str

    @property
    def fitted(self) -> bool:
        """Whether there is a posterior."""
        return self.verdict.passed is not None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each gate and factor; None where there is no posterior."""
        return [
            {"gate": str(gate), "factor": str(factor)}
            | {
                name: self.value(name, str(gate), str(factor))
                for name in ("posterior", "prior", "mcse")
            }
            for gate in self.data["gate"].values
            for factor in self.data["factor"].values
        ]

    def value(self, name: str, gate: str, factor: str) -> float | None:
        """One number of the table."""
        found = float(self.data[name].sel(gate=gate, factor=factor))
        return None if np.isnan(found) else found

    def credence(self, gate: str, factor: str) -> float:
        """The posterior, or the prior where nothing was fitted."""
        return float(
            self.data["posterior" if self.fitted else "prior"].sel(gate=gate, factor=factor)
        )

    def to_json(self) -> dict[str, Any]:
        """The content of `credences.json`."""
        return {
            "schema": SCHEMA,
            "rows": self.rows,
            "headline": self.text,
            "verdict": self.verdict.to_json(),
            "statements": self.all_live.statements,
            "experts": self.all_live.experts,
            "roles": {
                role: {"statements": voices.statements, "experts": voices.experts}
                for role, voices in (("evidence", self.evidence), ("check", self.check))
            },
            "model": self.model,
        }


def credence_table(tree: xr.DataTree) -> CredenceTable:
    """The credence table of a fit (or of prior draws).

    >>> credence_table(tree).text  # doctest: +SKIP
    'P(usable sweet spot for at least one factor) = 0.68 (posterior mean; ...'
    """
    prior = gates_of(tree["prior"].to_dataset())
    fitted = "posterior" in tree
    posterior = gates_of(tree["posterior"].to_dataset()) if fitted else prior
    after = posterior.mean(("chain", "draw"))
    data = xr.Dataset(
        {
            "posterior": after if fitted else after * np.nan,
            "prior": prior.mean(("chain", "draw")),
            "mcse": monte_carlo_error(posterior),
        }
    )
    found, (evidence, check, all_live) = verdict(tree), voices(tree)
    model = str(tree.attrs["version_ai_safety_sweet_spot"])
    table = CredenceTable(data, "", found, evidence, check, all_live, model)
    return CredenceTable(data, _headline(table), found, evidence, check, all_live, model)


def gates_of(draws: xr.Dataset) -> xr.DataArray:
    """All gates as 0 or 1, dims (gate, chain, draw, factor), with any and all as factors."""
    first = draws[GATES[0]].transpose(..., "factor")
    gates = np.stack([draws[name].transpose(*first.dims).to_numpy() for name in GATES]) * np.int8(1)
    parts = [gates, gates.max(axis=-1, keepdims=True), gates.min(axis=-1, keepdims=True)]
    coords = {name: first.coords[name] for name in first.coords if "factor" not in first[name].dims}
    factors = [*map(str, first["factor"].values), ANY, ALL]
    return xr.DataArray(
        np.concatenate(parts, axis=-1), dims=("gate", *first.dims), name="gates",
        coords={**coords, "gate": list(GATES), "factor": factors},
    )  # fmt: skip


def voices(tree: xr.DataTree) -> tuple[Voices, Voices, Voices]:
    """Live evidence, live checks, and both."""
    said = tree["constant_data"].to_dataset()
    live, serving = (said[name].to_numpy().astype(bool) for name in ("live", "evidence"))
    date = said["date"].to_numpy().astype(str)

    def count(which: np.ndarray[Any, np.dtype[np.bool_]]) -> Voices:
        latest = max(date[which].tolist(), default="no date")
        return Voices(*counted(said, which), latest)

    return count(live & serving), count(live & ~serving), count(live)


def odds_moved(table: CredenceTable, gate: str, factor: str) -> float:
    """By what factor the evidence moved the odds: posterior odds over prior odds."""
    after, before = (
        float(table.data[n].sel(gate=gate, factor=factor)) for n in ("posterior", "prior")
    )
    if not (0 < before < 1) or after >= 1:
        return float("nan")
    return after / (1 - after) / (before / (1 - before))


def _headline(table: CredenceTable) -> str:
    value, mcse = (
        table.credence(*HEADLINE),
        float(table.data["mcse"].sel(gate=HEADLINE[0], factor=ANY)),
    )
    each = ", ".join(
        f"{words(str(f))} {probability(table.credence('usable', str(f)))}"
        for f in table.data["factor"].values
        if f not in (ANY, ALL)
    )
    every = probability(table.credence("usable", ALL))
    what = "sweet spot for at least one factor"
    if not table.fitted:
        return (
            f"Prior P(usable {what}) = {probability(value)} (prior mean; Monte Carlo error"
            f" {error(mcse)}). Prior for each factor: {each}; prior for all of them {every}."
            f" Model {table.model}, prior only: no statement was used."
        )
    before = probability(float(table.data["prior"].sel(gate=HEADLINE[0], factor=ANY)))
    who = table.evidence
    behind = (
        f"{who.statements} evidence statements by {who.experts} experts to {who.latest}"
        if who.statements
        else "no evidence statement, so that only the prior speaks"
    )
    return (
        f"P(usable {what}) = {probability(value)} (posterior mean; Monte Carlo error {error(mcse)};"
        f" prior {before}). Each factor: {each}; all of them {every}. Model {table.model},"
        f" {behind}."
    )


def dated(text: str, as_of: str | None) -> str:
    """A headline that says as of when, where that is not today."""
    return f"As of {as_of}: {text}" if as_of else text


def from_json(
    content: Mapping[str, Any], found: Verdict, parts: tuple[Voices, Voices, Voices]
) -> CredenceTable:
    """The table that `to_json` wrote."""
    rows = content["rows"]
    gates = list(dict.fromkeys(row["gate"] for row in rows))
    factors = list(dict.fromkeys(row["factor"] for row in rows))
    shape = (len(gates), len(factors))
    columns = {
        name: (("gate", "factor"), np.array([row[name] for row in rows], float).reshape(shape))
        for name in ("posterior", "prior", "mcse")
    }
    data = xr.Dataset(columns, coords={"gate": gates, "factor": factors})
    return CredenceTable(data, content["headline"], found, *parts, content["model"])
