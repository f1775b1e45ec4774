"""Obstacles: how much credence each of the essay's worries costs, by waterfall and Shapley share.

An obstacle is switched off on the same draws, and v(S) is P(usable) with those of S off (A 5;
MODEL.md section 6). Four act through a latent that is set to a limit, so that the equations stand
once: uneven arrival above 0 to 0, the share invested to 1, evaluation failure and sabotage to 0.
Evaluation that never fails also catches more sabotage, and nothing that arrives late means less
scheming and better labour, because the equations say so. The other two act on the comparison:

- Rogue options off: the gate `exists` is waived. It waives the objection and lends no time: where
  no sweet spot exists `labour_years` stays 0, there being no zone in which to spend any. Such a
  world becomes usable only with time as well, so that the two share what its missing zone costs.
- Time off: labour years are unlimited where the spot exists or that gate is waived. They then meet
  any need, since no share of work kept is ever nought.

No world is ever made unusable by switching an obstacle off, and with all off every world is usable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import ALL, ANY, Voices, gates_of, voices
from sweet_spot.answers.numbers import SAMPLE, error, monte_carlo_error, probability, records
from sweet_spot.answers.verdict import Verdict, verdict
from sweet_spot.argument.structure import LATENT_DIMS, derive

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
OBSTACLES: Mapping[str, tuple[str, str]] = {
    "uneven_arrival": ("uneven capability arrival", "A 5.2"),
    "rogue_options": ("dangerous rogue options (width)", "A 5.1"),
    "time": ("inadequate time", "A 5.2"),
    "investment": ("inadequate investment", "A 5.2"),
    "evaluation": ("evaluation failures", "A 5.1"),
    "sabotage": ("differential sabotage", "A 5.1"),
}
"""The worries in the stated order, with the essay's words and section."""
LIMITS: Mapping[str, tuple[str, float]] = {
    "investment": ("investment", np.inf),
    "evaluation": ("output_failure", -np.inf),
    "sabotage": ("sabotage_potency", -np.inf),
}
"""Obstacles that a logit latent at its limit switches off exactly: a share of 1, or of 0."""
ORDERS = factorial(len(OBSTACLES))
OFF = np.array(list(product((False, True), repeat=len(OBSTACLES))))
"""Which obstacles each of the 64 subsets switches off: (subset, obstacle)."""
MEASURES = ("shapley", "waterfall", "alone")


@dataclass(frozen=True)
class Obstacles:
    """What each obstacle costs.

    Attributes
    ----------
    data
        Dims `world` (posterior, where there is one, and prior), `factor` (with any and all),
        `obstacle`, all probabilities: `shapley`, mean over all orders of what the obstacle costs;
        `waterfall`, what it takes when obstacles are switched on one by one in the stated order,
        and `left` after it; `alone`, what switching off this one only would give. Each with its
        Monte Carlo standard error (`shapley_mcse`, ...). `value` (subset) is v(S), and `off` says
        which obstacles S holds; the first, with none, is the headline (`headline_mcse`).
        `fails_first` (gate): shares of the unusable worlds.
    text
        The answer for the headline, in two sentences.
    """

    data: xr.Dataset
    text: str
    verdict: Verdict
    evidence: Voices

    @property
    def fitted(self) -> bool:
        """Whether there is a posterior."""
        return "posterior" in self.data["world"]

    @property
    def table(self) -> pd.DataFrame:
        """One row for each world, factor and obstacle."""
        names = [*MEASURES, *(f"{name}_mcse" for name in MEASURES), "left"]
        order = ["world", "factor", "obstacle"]
        return self.data[names].to_dataframe(dim_order=order).reset_index()

    @property
    def first(self) -> pd.DataFrame:
        """Which condition fails first, one row for each world, factor and gate."""
        names = ["fails_first", "fails_first_mcse"]
        order = ["world", "factor", "gate"]
        return self.data[names].to_dataframe(dim_order=order).reset_index()

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints; None where there is no number."""
        return {
            "schema": SCHEMA,
            "text": self.text,
            "verdict": self.verdict.to_json(),
            "obstacles": records(self.table),
            "fails_first": records(self.first),
        }


def obstacles(tree: xr.DataTree) -> Obstacles:
    """What each obstacle costs by the draws of a fit (or by prior draws); nothing is compiled.

    >>> obstacles(tree).data["shapley"].sel(world="posterior", factor="any")  # doctest: +SKIP
    """
    worlds = [name for name in ("posterior", "prior") if name in tree]
    parts = [_costs(tree[name].to_dataset()[list(LATENT_DIMS)].load()) for name in worlds]
    data = xr.concat(
        parts, xr.Variable("world", worlds), data_vars="all", coords="minimal",
        compat="override", join="override",
    ).assign(off=(("subset", "obstacle"), OFF))  # fmt: skip
    found, (evidence, _, _) = verdict(tree), voices(tree)
    return Obstacles(data, _text(data, evidence), found, evidence)


def switch_off(latents: xr.Dataset, off: Collection[str]) -> xr.Dataset:
    """The latents in a world without those obstacles of `off` that act through a latent."""
    limits = [LIMITS[name] for name in off if name in LIMITS]
    changed = {latent: xr.full_like(latents[latent], limit) for latent, limit in limits}
    if "uneven_arrival" in off:
        changed["uneven_arrival"] = latents["uneven_arrival"].clip(max=0.0)
    return latents.assign(changed)


def usable_without(derived: xr.Dataset, off: Collection[str]) -> xr.DataArray:
    """Whether each world is usable, in a world derived from `switch_off` latents.

    Applies the obstacles that act on the comparison: the gate and the time.
    """
    admitted = derived["exists"] | ("rogue_options" in off)
    return admitted & ((derived["effective_years"] >= derived["needed_years"]) | ("time" in off))


def every_subset(latents: xr.Dataset) -> xr.DataArray:
    """Usable with each subset of the obstacles off, as 0 or 1, dims (subset, *leading, factor).

    Sixteen passes of the equations do: gate and time are compared afterwards. `factor` ends with
    any and all.
    """
    moved: dict[frozenset[str], xr.Dataset] = {}
    found = []
    for row in OFF:
        off = frozenset(name for name, out in zip(OBSTACLES, row, strict=True) if out)
        key = off - {"rogue_options", "time"}
        if key not in moved:
            moved[key] = derive(switch_off(latents, key))
        found.append(usable_without(moved[key], off).astype(np.int8))
    every = xr.concat(found, "subset", coords="minimal", compat="override", join="override")
    parts = [every, every.max("factor").assign_coords(factor=ANY)]
    parts.append(every.min("factor").assign_coords(factor=ALL))
    return xr.concat(parts, "factor", coords="minimal", compat="override", join="override")


def contrasts() -> dict[str, np.ndarray]:
    """Each measure as whole-number weights of the 64 values: (obstacle, subset).

    Those of `shapley` are to be divided by the 720 orders: an obstacle enters after the k of a
    subset in k! (5 - k)! of them. Its weights sum, over the obstacles, to 720 (v(all) - v(none)),
    so that the shares of every draw add up exactly.
    """
    count = len(OBSTACLES)
    place = 2 ** np.arange(count)[::-1]
    out = {name: np.zeros((count, len(OFF)), int) for name in MEASURES}
    for i in range(count):
        for k, row in enumerate(OFF):
            if not row[i]:
                weight = factorial(int(row.sum())) * factorial(count - 1 - int(row.sum()))
                out["shapley"][i, [k + place[i], k]] += weight * np.array([1, -1])
        after = int(place[i + 1 :].sum())  # those not yet switched on
        out["waterfall"][i, [after + place[i], after]] += [1, -1]
        out["alone"][i, [place[i], 0]] += [1, -1]
    return out


def _costs(latents: xr.Dataset) -> xr.Dataset:
    """All measures of one world, with their Monte Carlo errors."""
    every = every_subset(latents).transpose("subset", *SAMPLE, "factor")
    now = monte_carlo_error(every.isel(subset=0))
    data = {"value": every.mean(SAMPLE), "headline_mcse": now}
    for name, weights in contrasts().items():
        counted = xr.DataArray(  # whole numbers, so that shares add up to the last digit
            np.tensordot(weights, every.to_numpy(), axes=1), dims=("obstacle", *every.dims[1:]),
            coords={"obstacle": list(OBSTACLES), "factor": every["factor"].to_numpy()},
        )  # fmt: skip
        unit = ORDERS if name == "shapley" else 1
        data[name] = counted.mean(SAMPLE) / unit
        data[f"{name}_mcse"] = monte_carlo_error(counted / unit)
    data["left"] = 1 - data["waterfall"].cumsum("obstacle")
    return xr.Dataset(data).merge(_fails_first(derive(latents)), join="override")


def _fails_first(derived: xr.Dataset) -> xr.Dataset:
    """Of the worlds that are not usable, the share in which each gate is the first to fail.

    For any it is the gate at which the factor that gets furthest fails, for all the one that gets
    least far. The error is that of a ratio of means, to first order.
    """
    gates = gates_of(derived)
    lost = gates.shift(gate=1, fill_value=1) - gates
    unusable = 1 - gates.isel(gate=-1, drop=True)
    whole = unusable.mean(SAMPLE)
    share = lost.mean(SAMPLE) / whole.where(whole > 0)
    around = monte_carlo_error(lost - share.fillna(0.0) * unusable)
    return xr.Dataset({"fails_first": share, "fails_first_mcse": around / whole.where(whole > 0)})


def _text(data: xr.Dataset, evidence: Voices) -> str:
    fitted = "posterior" in data["world"]
    shown = data.sel(world="posterior" if fitted else "prior", factor=ANY)
    prior = data.sel(world="prior", factor=ANY)
    ranked = shown["obstacle"].to_numpy()[np.argsort(-shown["shapley"].to_numpy(), kind="stable")]

    def one(name: str) -> str:
        here, before = (float(d["shapley"].sel(obstacle=name)) for d in (shown, prior))
        around = error(float(shown["shapley_mcse"].sel(obstacle=name)))
        also = f"; prior {probability(before)}" if fitted else ""
        return f"{OBSTACLES[name][0]} {probability(here)} (Monte Carlo error {around}{also})"

    kind = "posterior" if fitted else "prior"
    value, past = (float(d["value"].isel(subset=0)) for d in (shown, prior))
    behind = f"{evidence.text} as evidence" if fitted else "no statement, prior only"
    return (
        f"{'P' if fitted else 'Prior P'}(usable sweet spot for at least one factor) ="
        f" {probability(value)} ({kind} mean; Monte Carlo error"
        f" {error(float(shown['headline_mcse']))}{f'; prior {probability(past)}' * fitted}); the"
        f" {probability(1 - value)} missing to 1 is made up of"
        f" {', '.join(one(str(name)) for name in ranked)}. These are {kind} Shapley shares, means"
        f" over all {ORDERS} orders of switching obstacles off on the same draws. Behind them:"
        f" {behind}."
    )
