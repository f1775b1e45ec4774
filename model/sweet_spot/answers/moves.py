"""Which latents moved, and how far, from one posterior to another."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sweet_spot.answers.latents import readable, working
from sweet_spot.answers.numbers import SAMPLE
from sweet_spot.answers.touch import Coordinate, coordinates
from sweet_spot.argument.spec import Argument
from sweet_spot.inference.views import View, change_error


def latent_moves(argument: Argument, before: View, after: View) -> xr.Dataset:
    """Every coordinate of every latent, those that moved most first.

    Returns
    -------
    xr.Dataset
        Dim `coordinate`: `before` and `after`, posterior medians in the latent's unit (shares for
        logit latents); `moved`, the change of the mean on the scale of the prior, in standard
        deviations of the posterior before, with its Monte Carlo standard error `mcse`; `unit`.
    """
    rows = [_row(argument, each, before, after) for each in coordinates(argument)]
    order = sorted(range(len(rows)), key=lambda i: -abs(float(rows[i]["moved"])))
    columns = {
        name: ("coordinate", [rows[i][name] for i in order])
        for name in ("before", "after", "moved", "mcse", "unit")
    }
    return xr.Dataset(columns, coords={"coordinate": [rows[i]["label"] for i in order]})


def _row(argument: Argument, each: Coordinate, before: View, after: View) -> dict[str, float | str]:
    latent = argument.latents[each.latent]
    own = dict(zip(latent.dims, each.index, strict=True))

    def of(view: View) -> xr.DataArray:
        draws = view.base.draws[each.latent].isel(own, drop=True).transpose(*SAMPLE)
        return draws.copy(data=working(draws.to_numpy(), latent))

    def median(view: View) -> float:
        draws = view.base.draws[each.latent].isel(own, drop=True).transpose(*SAMPLE).to_numpy()
        weights = view.weights.values.transpose(*SAMPLE).to_numpy().ravel()
        return float(
            np.quantile(
                readable(draws.ravel(), latent), 0.5, weights=weights, method="inverted_cdf"
            )
        )

    old = of(before)
    mean = float(before.mean(old))
    spread = float(before.mean((old - mean) ** 2)) ** 0.5
    moved = (float(after.mean(of(after))) - mean) / spread
    error = float(change_error((before, old), (after, of(after)))) / spread
    return {
        "label": each.label, "unit": latent.unit, "before": median(before),
        "after": median(after), "moved": moved, "mcse": error,
    }  # fmt: skip
