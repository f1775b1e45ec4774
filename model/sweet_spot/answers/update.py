"""What new statements do to the answer: before and after, what moved, and which of them did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sweet_spot.answers.credences import HEADLINE, gates_of
from sweet_spot.answers.moves import latent_moves
from sweet_spot.answers.numbers import error, number, plural, probability
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.changes import Entry
from sweet_spot.evidence.crowds import voices
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.reweight import influence
from sweet_spot.inference.views import Shares, View, change_error, error_of

SCHEMA = 1
SHOWN = 3
"""So many shares and latents are named in the text; the tables have all."""


@dataclass(frozen=True)
class Update:
    """What changed.

    Attributes
    ----------
    data
        Dims `gate`, `factor` (with any and all): `before`, `after` (posterior probabilities),
        `change`, and the Monte Carlo standard errors `before_mcse`, `after_mcse`, `change_mcse`.
        Means over the same draws err together: the error of the change may be the smallest.
    latents
        From `latent_moves`: those that moved most first.
    shares
        Shapley shares of what is new in the change of the headline.
    new
        The statements and endings that are new.
    quick
        Whether saved draws were reweighed instead of drawn anew.
    pareto_k
        Of the weights of a quick update; minus infinity where nothing was reweighed.
    statements, experts
        Live evidence behind the answer after the update.
    """

    data: xr.Dataset
    latents: xr.Dataset
    shares: Shares
    new: tuple[Entry, ...]
    quick: bool
    pareto_k: float
    statements: int
    experts: int

    @property
    def table(self) -> pd.DataFrame:
        """One row for each gate and factor."""
        return self.data.to_dataframe().reset_index()

    @property
    def change(self) -> float:
        """The change of the headline."""
        return float(self.data["change"].sel(gate=HEADLINE[0], factor=HEADLINE[1]))

    @property
    def text(self) -> str:
        """The change of the headline, how it was found, and what made it."""
        return " ".join([self._headline(), self._causes(), self._moves()])

    def _headline(self) -> str:
        at = self.data.sel(gate=HEADLINE[0], factor=HEADLINE[1])
        before, after, slack = (float(at[n]) for n in ("before", "after", "change_mcse"))
        how = f"quick, Pareto k {self.pareto_k:.2f}" if self.quick else "fitted again"
        return (
            f"P(usable sweet spot for at least one factor): {probability(before)} before,"
            f" {probability(after)} after (posterior means; change {self.change:+.3f}, Monte Carlo"
            f" error {error(slack)}; {how}). Behind it now:"
            f" {plural(self.statements, 'evidence statement')} by"
            f" {plural(self.experts, 'expert')}; {len(self.new)} of the entries are new."
        )

    def _causes(self) -> str:
        if not self.new:
            return "Nothing is new."
        if not self.shares.trusted:
            return "Shares in the change are not reported: their weights are not to be trusted."
        data = self.shares.data
        order = np.argsort(-abs(data["share"].to_numpy()), kind="stable")[:SHOWN]
        parts = [
            f"{data['cause'].values[i]} {float(data['share'][i]):+.3f}"
            f" (Monte Carlo error {error(float(data['mcse'][i]))})"
            for i in order
        ]
        return f"Largest shares in the change (Shapley): {', '.join(parts)}."

    def _moves(self) -> str:
        top = self.latents.isel(coordinate=slice(SHOWN))
        parts = [
            f"{name} {number(float(row['before']), str(row['unit'].item()))} to"
            f" {number(float(row['after']), str(row['unit'].item()))} {row['unit'].item()}"
            f" ({float(row['moved']):+.2f} sd)"
            for name, row in ((str(c), top.sel(coordinate=c)) for c in top["coordinate"].values)
        ]
        return f"Latents that moved most (posterior medians): {'; '.join(parts)}."

    def to_json(self) -> dict[str, Any]:
        """Everything, as plain numbers; shares that are not to be trusted are left out."""
        k = self.pareto_k
        return {
            "schema": SCHEMA, "headline": self.text, "quick": self.quick,
            "pareto_k": k if np.isfinite(k) else None, "new": [str(entry) for entry in self.new],
            "statements": self.statements, "experts": self.experts,
            "credences": self.table.to_dict("records"),
            "latents": _records(self.latents),
            "shares": _records(self.shares.data) if self.shares.trusted else None,
        }  # fmt: skip


def _records(data: xr.Dataset) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data.to_dataframe().reset_index().to_dict("records")
    return found


def compare(
    argument: Argument,
    evidence: Evidence,
    before: View,
    after: View,
    shares: Shares,
    new: Sequence[Entry],
) -> Update:
    """The answer from the views before and after, where `evidence` is that after."""
    gates = {id(view): gates_of(view.base.draws).astype(float) for view in (before, after)}
    data = {}
    for name, view in (("before", before), ("after", after)):
        data[name] = view.mean(gates[id(view)])
        own = (view.base, influence(gates[id(view)], view.weights))
        data[f"{name}_mcse"] = error_of([own])
    data["change"] = data["after"] - data["before"]
    data["change_mcse"] = change_error((before, gates[id(before)]), (after, gates[id(after)]))
    table = evidence.statements
    serving = (table["live"].to_numpy() * table["evidence"].to_numpy()).astype(bool)
    statements, experts = voices(table, serving)
    return Update(
        xr.Dataset(data), latent_moves(argument, before, after), shares, tuple(new),
        quick=not after.refitted, pareto_k=after.weights.pareto_k,
        statements=statements, experts=experts,
    )  # fmt: skip
