"""Problem and competence: how hard the problem is against how well we do at it (P 3).

Two answers that are never mixed. *Conditioning*: the draws are sorted into cells of problem
hardness by their own position, and the overall chance is the sum over cells of their probability
times the chance on them, as the essay has it. *Intervening*: every draw is moved, all its problem
latents towards harm and all its competence latents towards help, and what follows is computed
again (MODEL.md section 6).

`profile_axes.py` says what a shift and a draw's position are: both are on one axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy import stats

from sweet_spot.answers.credences import ALL, ANY, Voices, voices
from sweet_spot.answers.numbers import (
    SAMPLE,
    error,
    monte_carlo_error,
    pooled,
    probability,
    records,
)
from sweet_spot.answers.profile_axes import AXES, move, position_sd, positions_of
from sweet_spot.answers.verdict import Verdict, verdict
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS, derive

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
SHIFTS = np.arange(-1.5, 1.51, 0.25)
"""Shifts of all latents of an axis, in prior standard deviations of each."""
CELLS = ("very easy", "easy", "middling", "hard", "very hard")
EDGES = (-np.inf, -1.5, -0.5, 0.5, 1.5, np.inf)
"""Cells of problem hardness, in prior standard deviations of a draw's position from its mean."""
CONTENT = (0.5, 0.9)
"""Probability inside the contours of mass."""
FINE = 61
"""Points along each axis on which the mass is drawn."""
STEP = 0.5
"""The shift, in prior standard deviations, of which the text speaks."""


@dataclass(frozen=True)
class Profile:
    """P(usable) over problem hardness and competence, and where the draws lie.

    Attributes
    ----------
    data
        `shifted` (factor, competence, problem): P(usable) with all draws moved by these prior
        standard deviations; 0, 0 is the draws as they are; `shifted_mcse`, its Monte Carlo standard
        error for any factor. `mass` (world, cell): P(cell) of problem hardness, edges `low` and
        `high` (cell); `usable` (world, factor, cell): P(usable | cell), NaN in an empty one;
        `part`, their product, which sums over the cells to
        `headline` (world, factor); `mass_mcse`, `headline_mcse`, and `usable_mcse`, NaN where all
        draws of a cell agree. `density` (world, competence_at, problem_at): mass on those axes,
        with its origin at the mean position of the draws that are shifted; `level` (world,
        content), the density around that much of it; `problem_density`, `competence_density`, its
        margins; `centre` (world, axis), the mean position on these axes; `position_sd` (axis),
        prior standard deviation of a position.
    text
        The answer for the headline, in three sentences.
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
        """Conditioning: one row for each world, factor and problem cell."""
        names = ["low", "high", "mass", "mass_mcse", "usable", "usable_mcse", "part"]
        order = ["world", "factor", "cell"]
        return self.data[names].to_dataframe(dim_order=order).reset_index()

    @property
    def map(self) -> pd.DataFrame:
        """Intervening: one row for each factor and pair of shifts."""
        order = ["factor", "competence", "problem"]
        return self.data["shifted"].to_dataframe(dim_order=order).reset_index()

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints; None where there is no number, or an edge is open."""
        return {
            "schema": SCHEMA,
            "text": self.text,
            "verdict": self.verdict.to_json(),
            "conditioning": records(self.table),
            "intervening": records(self.map),
        }


def profile(tree: xr.DataTree, argument: Argument) -> Profile:
    """Problem and competence by the draws of a fit (or by prior draws); nothing is compiled.

    >>> profile(tree, argument).data["shifted"].sel(factor="any")  # doctest: +SKIP
    """
    worlds = {
        name: tree[name].to_dataset()[list(LATENT_DIMS)].load()
        for name in ("posterior", "prior")
        if name in tree
    }
    positions = [positions_of(latents, argument) for latents in worlds.values()]
    spread = xr.Dataset({axis: position_sd(argument, axis) for axis in AXES})
    origin = positions[0].mean(SAMPLE)
    parts = [
        _cells(position["problem"] / spread["problem"], usable_of(latents)).merge(
            _mass(position - origin)
        )
        for position, latents in zip(positions, worlds.values(), strict=True)
    ]
    data = xr.concat(
        parts, xr.Variable("world", list(worlds)), data_vars="all", coords="minimal",
        compat="override", join="override",
    ).merge(_map(next(iter(worlds.values())), argument), join="override")  # fmt: skip
    data = data.assign(
        low=("cell", list(EDGES[:-1])), high=("cell", list(EDGES[1:])),
        position_sd=spread.to_dataarray("axis"),
    )  # fmt: skip
    found, (evidence, _, _) = verdict(tree), voices(tree)
    return Profile(data, _text(data, evidence), found, evidence)


def usable_of(latents: xr.Dataset) -> xr.DataArray:
    """Usable as 0 or 1, dims (*leading, factor), the latter with any and all."""
    each = derive(latents)["usable"].astype(np.int8)
    parts = [each, each.max("factor").assign_coords(factor=ANY)]
    parts.append(each.min("factor").assign_coords(factor=ALL))
    return xr.concat(parts, "factor", coords="minimal", compat="override", join="override")


def _cells(hardness: xr.DataArray, usable: xr.DataArray) -> xr.Dataset:
    """P(cell), P(usable | cell) and their product; the error of the ratio is to first order."""
    which = xr.DataArray(np.digitize(hardness, EDGES[1:-1]), dims=hardness.dims)
    here = (which == xr.DataArray(np.arange(len(CELLS)), coords={"cell": list(CELLS)})).astype(int)
    both = here * usable
    mass, part = here.mean(SAMPLE), both.mean(SAMPLE)
    share = part / mass.where(mass > 0)
    ratio = both - share.fillna(0.0) * here
    divided = (share > 0) & (share < 1)  # where all draws agree there is no error to estimate
    around = (monte_carlo_error(ratio) / mass.where(mass > 0)).where(divided)
    out = {
        "mass": mass, "mass_mcse": monte_carlo_error(here), "part": part, "usable": share,
        "usable_mcse": around, "headline": usable.mean(SAMPLE),
        "headline_mcse": monte_carlo_error(usable),
    }  # fmt: skip
    return xr.Dataset(out).transpose("factor", "cell")


def _map(latents: xr.Dataset, argument: Argument) -> xr.Dataset:
    """P(usable) with the draws moved along both axes, dims (factor, competence, problem)."""
    shifts = xr.DataArray(SHIFTS, coords={"problem": SHIFTS})
    harder = move(latents, argument, "problem", shifts)
    rows = [usable_of(move(harder, argument, "competence", float(better))) for better in SHIFTS]
    every = xr.concat(
        rows, xr.Variable("competence", SHIFTS), coords="minimal", compat="override",
        join="override",
    )  # fmt: skip
    found = {
        "shifted": every.mean(SAMPLE),
        "shifted_mcse": monte_carlo_error(every.sel(factor=ANY, drop=True)),
    }
    return xr.Dataset(found).transpose("factor", "competence", "problem")


def _mass(position: xr.Dataset) -> xr.Dataset:
    """Where the draws lie on the axes of the shifts: kernel density, contours, margins."""
    at = np.linspace(SHIFTS[0], SHIFTS[-1], FINE)
    across, up = np.meshgrid(at, at)
    cloud = np.stack([pooled(position[axis]) for axis in AXES])
    law = stats.gaussian_kde(cloud)
    some = cloud[:, :: max(1, cloud.shape[1] // 1000)]
    levels = np.quantile(law(some), [1 - content for content in CONTENT])
    margins = {
        f"{axis}_density": (f"{axis}_at", stats.gaussian_kde(row)(at))
        for axis, row in zip(AXES, cloud, strict=True)
    }
    density = law(np.stack([across.ravel(), up.ravel()])).reshape(across.shape)
    return xr.Dataset(
        {
            "density": (("competence_at", "problem_at"), density),
            "level": ("content", levels),
            "centre": ("axis", cloud.mean(axis=1)),
            **margins,
        },
        coords={"problem_at": at, "competence_at": at, "content": list(CONTENT)}
        | {"axis": list(AXES)},
    )


def _text(data: xr.Dataset, evidence: Voices) -> str:
    fitted = "posterior" in data["world"]
    kind = "posterior" if fitted else "prior"
    here, before = (data.sel(world=w, factor=ANY) for w in (kind, "prior"))
    prior = f"; prior {probability(float(before['headline']))}" if fitted else ""

    def cell(name: str) -> str:
        one = here.sel(cell=name)
        inside, chance = (float(one[n]) for n in ("mass", "usable"))
        return (
            f"{probability(chance)} on {name} problems ({kind} probability {probability(inside)})"
        )

    def moved(problem: float, competence: float) -> str:
        one = here.sel(problem=problem, competence=competence)
        found, around = (float(one[n]) for n in ("shifted", "shifted_mcse"))
        return f"{probability(found)} (Monte Carlo error {error(around)})"

    return (
        f"{'P' if fitted else 'Prior P'}(usable sweet spot for at least one factor) ="
        f" {probability(float(here['headline']))} ({kind} mean; Monte Carlo error"
        f" {error(float(here['headline_mcse']))}{prior}) is the sum over cells of problem hardness"
        f" of their probability times the chance in them: {', '.join(cell(n) for n in CELLS)}."
        f" Moving all draws instead, every problem latent {STEP:g} prior standard deviations"
        f" harder gives {moved(STEP, 0.0)}, every competence latent as much better"
        f" {moved(0.0, STEP)}. Behind it:"
        f" {f'{evidence.text} as evidence' if fitted else 'no statement, prior only'}."
    )
