"""Each latent: prior against posterior, contraction, and which statements touch it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import special

from sweet_spot.answers.numbers import SAMPLE, Floats, monte_carlo_error, pooled, summary
from sweet_spot.answers.touch import Coordinate, coordinates, touches
from sweet_spot.argument.spec import Argument, Latent
from sweet_spot.evidence.crowds import voices
from sweet_spot.evidence.gather import Evidence

PRIOR_ONLY = "prior only"


@dataclass(frozen=True)
class LatentTable:
    """What is known about each coordinate of each latent.

    Attributes
    ----------
    data
        Dim `coordinate` (labels) and `point` (low, median, high of the interval): `prior` and
        `posterior` in the latent's unit (shares for logit latents; NaN where nothing was fitted);
        `contraction`, 1 - variance of the posterior / variance of the prior on the scale of the
        prior; `mcse`, Monte Carlo standard error of the posterior median; `statements` and
        `experts`, live evidence that touches it; `unit`, `latent`, `meaning`.
    """

    data: xr.Dataset

    @property
    def prior_only(self) -> list[str]:
        """Coordinates that no live evidence statement touches."""
        return [str(c) for c in self.data["coordinate"].values[self.data["statements"].values == 0]]


def latent_table(tree: xr.DataTree, argument: Argument, evidence: Evidence) -> LatentTable:
    """The table of latents of a fit (or of prior draws)."""
    prior = tree["prior"].to_dataset()
    posterior = tree["posterior"].to_dataset() if "posterior" in tree else None
    every = list(coordinates(argument))
    statements, experts = _counts(prior, argument, evidence)
    rows = [_row(each, argument.latents[each.latent], prior, posterior) for each in every]
    latents = [argument.latents[each.latent] for each in every]
    columns = {
        "prior": (("coordinate", "point"), np.array([row[0] for row in rows])),
        "posterior": (("coordinate", "point"), np.array([row[1] for row in rows])),
        "contraction": ("coordinate", np.array([row[2] for row in rows])),
        "mcse": ("coordinate", np.array([row[3] for row in rows])),
        "statements": ("coordinate", statements),
        "experts": ("coordinate", experts),
        "unit": ("coordinate", [latent.unit for latent in latents]),
        "latent": ("coordinate", [each.latent for each in every]),
        "meaning": ("coordinate", [latent.meaning for latent in latents]),
    }
    coords = {"coordinate": [each.label for each in every], "point": ["low", "median", "high"]}
    return LatentTable(xr.Dataset(columns, coords=coords))


def _row(
    each: Coordinate, latent: Latent, prior: xr.Dataset, posterior: xr.Dataset | None
) -> tuple[Floats, Floats, float, float]:
    """Prior and posterior summary, contraction and Monte Carlo error of one coordinate."""
    own = dict(zip(latent.dims, each.index, strict=True))
    before = prior[each.latent].isel(own)
    shown = summary(readable(pooled(before), latent))
    if posterior is None:
        return shown, np.full(3, np.nan), np.nan, np.nan
    after = posterior[each.latent].isel(own)
    spread = [np.var(working(pooled(draws), latent)) for draws in (after, before)]
    shown_draws = xr.DataArray(readable(after.transpose(*SAMPLE).to_numpy(), latent), dims=SAMPLE)
    error = float(monte_carlo_error(shown_draws, "median"))
    return shown, summary(pooled(shown_draws)), float(1 - spread[0] / spread[1]), error


def readable(values: Floats, latent: Latent) -> Floats:
    """Values in the latent's unit: shares instead of their logits."""
    return np.asarray(special.expit(values) if latent.scale == "logit" else values)


def working(values: Floats, latent: Latent) -> Floats:
    """Values on the scale on which the prior is written; shares of a whole on the logit scale."""
    if latent.scale == "log":
        return np.asarray(np.log(values))
    return np.asarray(special.logit(values) if latent.scale == "simplex" else values)


def _counts(
    prior: xr.Dataset, argument: Argument, evidence: Evidence
) -> tuple[np.ndarray, np.ndarray]:
    """Live evidence statements that touch each coordinate, and their experts."""
    said = evidence.statements
    serving = np.flatnonzero((said["live"] * said["evidence"]).to_numpy())
    of = said["target"].to_numpy()[serving]
    if not len(of):
        none = np.zeros(sum(1 for _ in coordinates(argument)), int)
        return none, none
    used, target = np.unique(of, return_inverse=True)
    touched = touches([evidence.targets[i] for i in used], prior, argument)[target]
    counts = [
        voices(said, np.isin(np.arange(said["live"].size), serving[column])) for column in touched.T
    ]
    return np.array([each[0] for each in counts]), np.array([each[1] for each in counts])
