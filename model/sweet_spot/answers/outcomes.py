"""How it may end (P 2): a last layer behind P(usable), with stated priors; totals stay checks.

P(outcome) = P(usable) share[usable] + (1 - P(usable)) share[not usable], usable for at least one
factor. The shares have Dirichlet priors by judgement (`argument/outcomes.yaml`) and no forecast
moves them. Nothing but "usable or not" passes from the model to the layer. Ours, not the essays'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import ANY, Voices, gates_of, voices
from sweet_spot.answers.numbers import (
    INTERVAL,
    RULE,
    Floats,
    error,
    monte_carlo_error,
    plural,
    probability,
    records,
    span,
    summary,
)
from sweet_spot.answers.outcome_layer import (
    FAILURE,
    GIVEN,
    OUTCOME_WORDS,
    OUTCOMES,
    OutcomeLayer,
    load_outcomes,
)
from sweet_spot.answers.outcome_totals import POINTS, totals

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
ABOUT = f"{RULE} about the layer's own shares"


@dataclass(frozen=True)
class Outcomes:
    """Credences of the outcomes, and totals that experts stated beside P(failure).

    Attributes
    ----------
    data
        Dim `outcome`: `posterior` (NaN where nothing was fitted), `prior`, probabilities; `mcse`,
        Monte Carlo standard error of the former, or of the prior; `interval` (point), 90 %
        equal-tailed, about the shares alone, P(usable) being held at its mean. Dim `given` (usable,
        not_usable): `share`, the prior mean of the layer, and `share_interval` (point).
    checks
        `sweet_spot.answers.outcome_totals.totals`: what experts stated, and their positions.
    text
        The findings in sentences.
    fitted
        Whether P(usable) is from the posterior.
    """

    data: xr.Dataset
    checks: xr.Dataset
    text: str
    fitted: bool

    @property
    def table(self) -> pd.DataFrame:
        """A row for each outcome: posterior, prior, Monte Carlo error, interval."""
        ends = self.data["interval"].to_dataset("point")[["low", "high"]]
        return xr.merge([self.data[["posterior", "prior", "mcse"]], ends]).to_dataframe()

    @property
    def check_table(self) -> pd.DataFrame:
        """A row for each stated total."""
        flat = self.checks.drop_dims(["point", "given"])
        ends = self.checks["predicted_interval"].to_dataset("point")[["low", "high"]]
        implied = self.checks["implied"].to_dataset("given")
        named = implied.rename({name: f"implied_failure_{name}" for name in GIVEN})
        return xr.merge([flat, ends, named]).to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """What the command prints for programs; what is not a number is null."""
        shares = self.data["share"].to_dataset("given").to_dataframe().to_dict("index")
        return {
            "schema": SCHEMA, "text": self.text, "outcomes": records(self.table.reset_index()),
            "interval": {"probability": INTERVAL, "about": ABOUT}, "shares": shares,
            "checks": records(self.check_table.reset_index()),
        }  # fmt: skip


def outcomes(tree: xr.DataTree, layer: OutcomeLayer | None = None) -> Outcomes:
    """The outcomes of a fit (or of prior draws).

    Parameters
    ----------
    layer
        By default the bundled one; `load_outcomes` reads another.

    >>> outcomes(tree).table.loc["failure", "posterior"]  # doctest: +SKIP
    """
    layer = layer or load_outcomes()
    fitted = "posterior" in tree
    usable = {
        world: gates_of(tree[world].to_dataset()).sel(gate="usable", factor=ANY)
        for world in (("prior", "posterior") if fitted else ("prior",))
    }
    after = usable["posterior" if fitted else "prior"]
    drawn = shares(layer, after.size, int(tree.attrs["setting_seed"]))
    mean = np.array([layer.given[given].ordered for given in GIVEN])  # type: ignore[index]
    credence = {world: float(draws.mean()) for world, draws in usable.items()}
    now = credence["posterior" if fitted else "prior"]
    wrong = float(monte_carlo_error(after)) * np.abs(mean[0] - mean[1])
    missing = np.full(len(OUTCOMES), np.nan)
    data = xr.Dataset(
        {
            "posterior": ("outcome", mixed(now, mean) if fitted else missing),
            "prior": ("outcome", mixed(credence["prior"], mean)),
            "mcse": ("outcome", wrong),
            "interval": (("point", "outcome"), summary(mixed(now, drawn))),
            "share": (("given", "outcome"), mean),
            "share_interval": (("point", "given", "outcome"), summary(drawn)),
        },
        coords={"outcome": list(OUTCOMES), "given": list(GIVEN), "point": list(POINTS)},
    )
    said = totals(tree, layer, drawn[..., FAILURE], fitted)
    return Outcomes(data, said, _text(data, said, voices(tree)[0], fitted), fitted)


def shares(layer: OutcomeLayer, count: int, seed: int) -> Floats:
    """Draws from the layer's Dirichlet priors: (draw, given, outcome)."""
    source = np.random.default_rng(seed)
    each = [
        source.dirichlet(np.array(prior.ordered) * prior.concentration, count)
        for prior in (layer.given[given] for given in GIVEN)  # type: ignore[index]
    ]
    return np.stack(each, axis=1)


def mixed(usable: float, given: Floats) -> Floats:
    """P(outcome) from P(usable) and shares (..., given, outcome)."""
    return np.asarray(usable * given[..., 0, :] + (1 - usable) * given[..., 1, :])


def _text(data: xr.Dataset, said: xr.Dataset, behind: Voices, fitted: bool) -> str:
    world = "posterior" if fitted else "prior"
    parts = []
    for outcome in reversed(OUTCOMES):
        row = data.sel(outcome=outcome)
        low, _, high = (float(p) for p in row["interval"])
        first = f"P({OUTCOME_WORDS[outcome]}) = {probability(float(row[world]))}"
        mcse = f"Monte Carlo error {error(float(row['mcse']))}"
        before = f"; prior {probability(float(row['prior']))}" if fitted else ""
        parts.append(
            f"{first} ({world} mean; {mcse}; {span(low, high, 'probability')}, {ABOUT}{before})"
        )
    who = f"P(usable) rests on {behind.text}" if fitted else "no statement was used"
    high, low = (int((said["beyond"] == side).sum()) for side in (1, -1))
    people = len(set(said["expert"].values.tolist()))
    return (
        f"{'; '.join(parts)}. The shares of outcomes given a usable sweet spot or none are our"
        f" judgement; {who}. Of {plural(said.sizes['statement'], 'stated total')} by"
        f" {plural(people, 'expert')} on takeover, extinction or severe harm, never fitted, {low}"
        f" put P(failure) below that interval and {high} above it."
    )
