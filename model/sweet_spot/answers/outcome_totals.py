"""Totals that experts stated for takeover, extinction or doom beside P(failure): never fitted."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import xarray as xr
from scipy import optimize, special

from sweet_spot.answers.numbers import Floats, summary
from sweet_spot.answers.outcome_layer import FAILURE, GIVEN, OutcomeLayer

POINTS = ("low", "median", "high")
_GIVEN = re.compile(r" given (.*)$")


def totals(tree: xr.DataTree, layer: OutcomeLayer, drawn: Floats, fitted: bool) -> xr.Dataset:
    """Live totals beside P(failure) in the world that each asks about.

    Parameters
    ----------
    drawn
        Shares of failure drawn from the layer: (draw, given).

    Returns
    -------
    xr.Dataset
        Dim `statement`: labels `expert`, `question`, `condition`, `date`, `url`, and `relation` (of
        what was asked to failure: same, narrower, wider); `said`; `bound` (1 said to be higher, -1
        lower); `usable`, P(usable) in the world asked about; `predicted`, P(failure) there, with
        `predicted_interval` (point), about the shares alone; `beyond`, 1 or -1 where P(failure)
        as said lies above or below it, which what is wider, narrower or a bound can show on one
        side only. Positions: `implied` (given), P(failure | given) if P(usable) is as
        in the model and both shares of failure move by the same log odds until they give what was
        said; `implied_usable`, the P(usable) that gives it with the mean shares, NaN if none does.
    """
    told = tree["constant_data"].to_dataset()
    chosen = [
        i
        for i, (question, live) in enumerate(
            zip(told["question"].values.astype(str), told["live"].values, strict=True)
        )
        if live and question in layer.asked
    ]
    told = told.isel(statement=chosen)
    stated = tree["observed_data"]["stated"].to_numpy()[chosen]
    mean = np.array([layer.given[given].ordered for given in GIVEN])[:, FAILURE]  # type: ignore[index]
    asked = told["question"].values.astype(str)
    relation = [layer.asked[question].relation for question in asked]
    rows = [
        _row(float(special.ndtr(p)), int(side), about, float(u), mean, drawn)
        for p, side, about, u in zip(
            stated, told["side"].values, relation, _worlds(tree, chosen, fitted), strict=True
        )
    ]
    found = [_GIVEN.search(str(text)) for text in told["stated"].values]
    labels = {
        "question": asked,
        "relation": relation,
        "condition": [match[1] if match else "" for match in found],
        **{name: told[name].values.astype(str) for name in ("expert", "date", "url")},
    }
    return xr.Dataset(
        {**_numbers(rows), **{n: ("statement", np.array(v, np.str_)) for n, v in labels.items()}},
        coords={"statement": told["statement"].values, "point": list(POINTS), "given": list(GIVEN)},
    )


def _worlds(tree: xr.DataTree, chosen: list[int], fitted: bool) -> Floats:
    """P(usable) in the world that each of some statements asks about."""
    if not chosen:
        return np.empty(0)
    group = tree["posterior_predictive" if fitted else "prior_predictive"]
    passed = group["quantity"].isel(statement=chosen) > 0.5
    return np.asarray(passed.mean(("chain", "draw")).to_numpy())


def _numbers(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The numbers of all totals as columns."""
    return {
        name: (
            ("statement", *dims),
            np.array([row[name] for row in rows], float).reshape(-1, *size),
        )
        for name, dims, size in _CHECKED
    }


_CHECKED: tuple[tuple[str, tuple[str, ...], tuple[int, ...]], ...] = (
    ("said", (), ()), ("bound", (), ()), ("usable", (), ()), ("predicted", (), ()),
    ("beyond", (), ()), ("implied_usable", (), ()), ("predicted_interval", ("point",), (3,)),
    ("implied", ("given",), (2,)),
)  # fmt: skip


def _row(
    said: float, side: int, relation: str, usable: float, mean: Floats, drawn: Floats
) -> dict[str, Any]:
    """One total: `mean` and `drawn` are the shares of failure (..., given)."""
    weights = np.array([usable, 1 - usable])
    low, middle, high = summary(drawn @ weights)
    turned = (mean[1] - said) / (mean[1] - mean[0]) if mean[1] != mean[0] else np.nan
    above = said > high and side >= 0 and relation != "wider"
    below = said < low and side <= 0 and relation != "narrower"
    return {
        "said": said, "bound": side, "usable": usable, "predicted": float(mean @ weights),
        "predicted_interval": [low, middle, high], "beyond": int(above) - int(below),
        "implied": implied(said, weights, mean),
        "implied_usable": turned if 0 <= turned <= 1 else np.nan,
    }  # fmt: skip


def implied(said: float, weights: Floats, mean: Floats) -> Floats:
    """Shares of failure moved by the same log odds until their mean is what was said."""
    odds = special.logit(mean)
    if not 0 < said < 1:
        return np.full(2, said)

    def off(shift: float) -> float:
        return float(special.logit(special.expit(odds + shift) @ weights) - special.logit(said))

    reach = abs(special.logit(said)) + np.abs(odds).max() + 1  # by which either share passes it
    return np.asarray(special.expit(odds + optimize.brentq(off, -reach, reach, xtol=1e-12)))
