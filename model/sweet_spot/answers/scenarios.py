"""All scenarios side by side: what each would do to the answer, on the same draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.compare import compare, gates_after
from sweet_spot.answers.credences import ANY, HEADLINE
from sweet_spot.answers.numbers import error, plural, probability, records, signed
from sweet_spot.answers.premises import in_words
from sweet_spot.argument.scenarios import GROUPS, Scenario
from sweet_spot.errors import InvalidWhatIf

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
OUTSIDE = "outside the model"
"""What is said of a scenario that moves nothing: its effect here is none, and not known to be."""
COLUMNS = ("whatif", "change", "mcse", "mcse_change")


@dataclass(frozen=True)
class ScenarioTable:
    """What every scenario does to P(usable).

    Attributes
    ----------
    data
        Dims `world` (posterior where there is one, prior), `scenario` (ids; group by group, best
        first), `factor` (with any and all): `whatif`, `change` and their Monte Carlo standard
        errors `mcse`, `mcse_change`; `today` and `mcse_today` without `scenario`. Changes are
        taken draw by draw.
    scenarios
        The scenarios, in the same order.
    text
        The most that a scenario gains and costs, in words.
    """

    data: xr.Dataset
    scenarios: tuple[Scenario, ...]
    text: str

    @property
    def world(self) -> str:
        """Whose the numbers are: posterior, or prior where nothing was fitted."""
        return str(self.data["world"].values[0])

    @property
    def table(self) -> pd.DataFrame:
        """One row for each scenario: any factor, each, all; `moves_nothing` where outside."""
        shown = self.data.sel(world=self.world, drop=True)
        frame = shown[["change", "mcse_change"]].sel(factor=ANY, drop=True).to_dataframe()
        of_factor = shown["whatif"].to_dataframe()["whatif"].unstack("factor")
        frame = of_factor[list(self.data["factor"].values)].join(frame)
        told = {s.id: s for s in self.scenarios}
        frame.insert(0, "name", [told[i].name for i in frame.index])
        frame.insert(1, "group", [told[i].group for i in frame.index])
        frame.insert(2, "section", [told[i].section for i in frame.index])
        frame["moves"] = [moves_in_words(told[i]) for i in frame.index]
        return frame.loc[list(told)].reset_index()

    def to_json(self) -> dict[str, Any]:
        """As `sweet-spot whatif --all --json` prints it."""
        today = self.data["today"].sel(world=self.world)
        return {
            "schema": SCHEMA,
            "kind": "scenarios",
            "intervention": True,
            "text": self.text,
            "world": self.world,
            "today": {str(f): float(today.sel(factor=f)) for f in today["factor"].values},
            "rows": records(self.table),
        }


def moves_in_words(scenario: Scenario) -> str:
    """What a scenario moves and by how much."""
    return "; ".join(in_words(entry.move) for entry in scenario.moves) or OUTSIDE


def scenario_table(tree: xr.DataTree, scenarios: Iterable[Scenario]) -> ScenarioTable:
    """What every scenario does to P(usable) in a fit (or in prior draws): interventions, all.

    Raises
    ------
    InvalidWhatIf
        There is no scenario.
    """
    scenarios = tuple(scenarios)
    if not scenarios:
        raise InvalidWhatIf("no scenario to compare; write one in scenarios.yaml")
    worlds = [name for name in ("posterior", "prior") if name in tree]
    data = xr.concat(
        [_effects(tree[name].to_dataset(), scenarios) for name in worlds],
        xr.Variable("world", worlds), coords="minimal", compat="override", join="override",
    )  # fmt: skip
    change = data["change"].isel(world=0).sel(factor=ANY)
    rank = {s.id: -float(change.sel(scenario=s.id)) for s in scenarios}
    order = sorted(scenarios, key=lambda s: (list(GROUPS).index(s.group), not s.moves, rank[s.id]))
    data = data.sel(scenario=[s.id for s in order])
    return ScenarioTable(data, tuple(order), _text(data, order))


def _effects(draws: xr.Dataset, scenarios: tuple[Scenario, ...]) -> xr.Dataset:
    """Every scenario in one world's draws."""
    today = gates_after(draws, []).sel(gate=[HEADLINE[0]])
    found = [
        compare(today, gates_after(draws, [e.move for e in s.moves]).sel(gate=[HEADLINE[0]]))
        for s in scenarios
    ]
    still = compare(today, today)[["whatif", "mcse"]].isel(gate=0, drop=True)
    ids = xr.Variable("scenario", [s.id for s in scenarios])
    effects = xr.concat(
        [each[list(COLUMNS)].isel(gate=0, drop=True) for each in found],
        ids, coords="minimal", compat="override", join="override",
    )  # fmt: skip
    return effects.assign(today=still["whatif"], mcse_today=still["mcse"])


def _text(data: xr.Dataset, scenarios: list[Scenario]) -> str:
    """The largest gain and the largest loss, against today."""
    here = data.isel(world=0).sel(factor=ANY)
    world, change = str(data["world"].values[0]), here["change"].to_numpy()
    parts = []
    for word, at in (
        ("gains most", int(np.argmax(change))),
        ("costs most", int(np.argmin(change))),
    ):
        if (change[at] > 0) == (word == "gains most") and change[at] != 0:
            mcse = error(float(here["mcse_change"][at]))
            parts.append(
                f"{scenarios[at].name!r} {word}: {probability(float(here['whatif'][at]))}"
                f" ({signed(float(change[at]))}, Monte Carlo error {mcse})"
            )
    return (
        f"{plural(len(scenarios), 'scenario')}, each made so (intervention). P(usable sweet spot"
        f" for at least one factor), {world} mean, today {probability(float(here['today']))} (Monte"
        f" Carlo error {error(float(here['mcse_today']))}); {'; '.join(parts) or 'none moves it'}."
        " Which latents a scenario moves, and by how much, is judgement."
    )
