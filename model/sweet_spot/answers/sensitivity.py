"""What the headline leans on: priors and statements power-scaled, and each latent set high or low.

Power-scaling raises a density to a power near one (Kallioinen, Paananen, Buerkner and Vehtari
2024): above one the prior, or the statements, say the same more firmly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy import special

from sweet_spot.answers.estimates import usable
from sweet_spot.answers.numbers import (
    SAMPLE,
    error,
    monte_carlo_error,
    number,
    pooled,
    probability,
    words,
)
from sweet_spot.answers.touch import Coordinate, coordinates
from sweet_spot.answers.verdict import refuse, verdict
from sweet_spot.argument.conditions import conditions
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY, equations
from sweet_spot.argument.worlds import intervene
from sweet_spot.errors import UnusableFit
from sweet_spot.inference.log_prior import log_prior
from sweet_spot.inference.reweight import influence, weigh, weighted_mean

if TYPE_CHECKING:
    import pandas as pd

POWERS = (0.8, 1.25)
"""Powers at which the headline is shown."""
THRESHOLD = 0.05
"""Above it the posterior is sensitive to the prior, or to the statements."""
ENDS = (0.10, 0.90)
"""Posterior points between which a tornado moves each latent."""
STATEMENTS, PRIORS = "all statements", "all priors of latents"


@dataclass(frozen=True)
class Sensitivity:
    """What P(usable for at least one factor) leans on, from the saved draws.

    Attributes
    ----------
    scaled
        Dim `what` (each latent; all priors of latents; all statements): `weaker` and `firmer`, the
        change of the headline where that density is raised to the `POWERS`, with `_error` and
        `_k`. Of latents also ArviZ's `psense_prior` and `psense_likelihood` of the latent itself,
        the largest of its coordinates, and the `diagnosis`.
    tornado
        Dim `coordinate`, largest swing first: the headline with the latent set to its 10 % and its
        90 % posterior point, all else as drawn: `low_point`, `high_point` (in `unit`), `low`,
        `high`, `swing` = high - low, `swing_error`.
    """

    scaled: xr.Dataset
    tornado: xr.Dataset
    headline: float
    text: str

    @property
    def table(self) -> pd.DataFrame:
        """The tornado, one row a coordinate."""
        return self.tornado.to_dataframe()


def sensitivity(
    tree: xr.DataTree, *, argument: Argument | None = None, force: bool = False
) -> Sensitivity:
    """Power-scaling and tornado of a fit; nothing is fitted again.

    Raises
    ------
    UntrustworthyFit
        The fit failed its verdict and `force` is not set.
    """
    if "posterior" not in tree:
        raise UnusableFit("the fit has no posterior: there is nothing that statements could move")
    if not force:
        refuse(verdict(tree))
    argument = argument or load_argument()
    draws = tree["posterior"].to_dataset().load()
    turned = tornado(draws, argument)
    headline = float(usable(draws).mean())
    return Sensitivity(power_scaled(tree, argument), turned, headline, said_of(turned, headline))


def power_scaled(tree: xr.DataTree, argument: Argument) -> xr.Dataset:
    """`Sensitivity.scaled` of a fit."""
    draws = tree["posterior"].to_dataset().load()
    priors = log_prior(argument, draws)
    said = tree["log_likelihood"].to_dataset()["stated"].load()
    densities = {str(name): priors[name] for name in priors}
    densities[PRIORS] = priors.to_dataarray("latent").sum("latent")
    densities[STATEMENTS] = said.sum("statement")
    of = usable(draws)
    rows = {what: _scaled(density, of) for what, density in densities.items()}
    own = _psense(draws, priors, said)
    columns: dict[str, Any] = {
        name: ("what", np.array([row[name] for row in rows.values()]))
        for name in next(iter(rows.values()))
    }
    for i, name in enumerate(("psense_prior", "psense_likelihood")):
        columns[name] = ("what", np.array([own.get(what, (np.nan, np.nan))[i] for what in rows]))
    texts = [_diagnosis(*own[what]) if what in own else "" for what in rows]
    columns["diagnosis"] = ("what", np.array(texts, np.str_))
    return xr.Dataset(columns, coords={"what": list(rows)})


def _scaled(density: xr.DataArray, of: xr.DataArray) -> dict[str, float]:
    """Change of the mean where a density is raised to each of the powers."""
    out = {}
    for name, power in zip(("weaker", "firmer"), POWERS, strict=True):
        weights = weigh((power - 1) * density.transpose(*SAMPLE))
        parts = influence(of, weights) - (of - of.mean())
        known = weights.trusted
        change = float(weighted_mean(of, weights) - of.mean()) if known else np.nan
        out[name] = change
        out[f"{name}_error"] = float(monte_carlo_error(parts)) if known else np.nan
        out[f"{name}_k"] = weights.pareto_k
    return out


def _psense(
    draws: xr.Dataset, priors: xr.Dataset, said: xr.DataArray
) -> dict[str, tuple[float, float]]:
    """ArviZ's measure for each latent: to its own prior, and to all statements."""
    import arviz as az

    groups = {
        "posterior": draws[list(LATENT_DIMS)], "log_prior": priors,
        "log_likelihood": said.to_dataset(name="stated"),
    }  # fmt: skip
    whole = xr.DataTree.from_dict(groups)
    likelihood = az.psense(whole, group="likelihood")
    out = {}
    for name in LATENT_DIMS:
        prior = az.psense(whole, var_names=[name], group="prior", group_var_names=[name])
        out[name] = float(prior[name].max()), float(likelihood[name].max())
    return out


def _diagnosis(prior: float, likelihood: float) -> str:
    if prior < THRESHOLD:
        return ""
    return "prior and statements pull apart" if likelihood >= THRESHOLD else "the prior decides"


def tornado(draws: xr.Dataset, argument: Argument) -> xr.Dataset:
    """`Sensitivity.tornado` of posterior draws: an intervention, the rest as drawn."""
    latents = {
        name: draws[name].transpose(*SAMPLE, *dims).to_numpy().astype(float)
        for name, dims in LATENT_DIMS.items()
    }
    every = list(coordinates(argument))
    rows = [_ends(each, latents, argument) for each in every]
    columns: dict[str, Any] = {
        name: ("coordinate", np.array([row[name] for row in rows])) for name in rows[0]
    }
    columns["unit"] = ("coordinate", [argument.latents[each.latent].unit for each in every])
    data = xr.Dataset(columns, coords={"coordinate": [each.label for each in every]})
    return data.isel(coordinate=np.argsort(-np.abs(data["swing"].to_numpy()), kind="stable"))


def _ends(each: Coordinate, latents: dict[str, np.ndarray], argument: Argument) -> dict[str, float]:
    """The headline with one coordinate at each end of its posterior."""
    latent = argument.latents[each.latent]
    index: tuple[Any, ...] = (..., *each.index)
    points = np.quantile(latents[each.latent][index], ENDS)
    points = special.expit(points) if latent.scale == "logit" else points
    low, high = (
        _any_usable(intervene(latents, conditions({each.label: float(point)}), NUMPY))
        for point in points
    )
    return {
        "low_point": float(points[0]), "high_point": float(points[1]),
        "low": float(low.mean()), "high": float(high.mean()),
        "swing": float(high.mean() - low.mean()), "swing_error": _error(high - low),
    }  # fmt: skip


def _any_usable(world: Any) -> xr.DataArray:
    gates = equations(world, NUMPY)["usable"].any(axis=-1)
    return xr.DataArray(gates.astype(float), dims=SAMPLE)


def _error(values: xr.DataArray) -> float:
    return float(monte_carlo_error(values)) if len(np.unique(pooled(values))) > 1 else 0.0


def said_of(turned: xr.Dataset, headline: float) -> str:
    """The tornado in a sentence or two."""
    top = turned.isel(coordinate=0)
    points = [
        number(float(top[f"{end}_point"]), str(top["unit"].item())) for end in ("low", "high")
    ]
    return (
        f"P(usable sweet spot for at least one factor) = {probability(headline)} (posterior mean)"
        f" moves most with {words(str(top['coordinate'].item()))}: {probability(float(top['low']))}"
        f" with it set to its 10 % posterior point ({points[0]}),"
        f" {probability(float(top['high']))} at its 90 % point ({points[1]}); Monte Carlo error of"
        f" the difference {error(float(top['swing_error']))}. All else stays as drawn: it is set,"
        " not learned, and nothing is fitted again."
    )
