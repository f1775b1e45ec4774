"""Simulated panels: truths from the prior, and what these people would then have said.

Which side a one-sided statement takes is part of a compiled graph, and what a person would say may
lie on either. So each gets a mirror image, the same bound from the other side, and whichever side
the simulated person is on is live: the panel's law is then exactly that which the model assumes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import prior_draws, statement_values
from sweet_spot.inference.error_model import (
    ErrorConstants,
    expected,
    simulate,
)
from sweet_spot.inference.panel import GROUP_DIMS, Layout, layout

BLOCK = 100
"""Truths are drawn in blocks, so that the first panels are the same however many there are."""
MIRRORED = " (from the other side)"
"""Ends the id of a mirror image."""
SAMPLE = ("chain", "draw")


@dataclass(frozen=True)
class Simulated:
    """One simulated panel.

    Attributes
    ----------
    truth
        Every free variable, dims (chain, draw, ...) with one chain and one draw.
    observed, live
        What to swap into the compiled model of the mirrored evidence.
    seed
        Of what is drawn for this panel.
    """

    truth: xr.Dataset
    observed: np.ndarray
    live: np.ndarray
    seed: int


def mirrored(evidence: Evidence) -> Evidence:
    """The evidence with a mirror image, not live, behind it for each one-sided statement.

    Raises
    ------
    InvalidRecord
        There is a crowd in the evidence. Its rows are how many of its people said what, which side
        of a bound they are on and how far apart, and all that differs from panel to panel; beyond
        `crowd.MOST_VOICES` its likelihood is that of no panel that could be drawn.
    """
    table = evidence.statements
    crowd = table.isel(statement=np.flatnonzero((table["crowd"] > 0) & (table["evidence"] == 1)))
    if crowd.sizes["statement"]:
        raise InvalidRecord(
            f"{crowd['expert'].values[0]}: a crowd cannot be simulated statement by statement; "
            'calibrate a copy of the data in which its statements have "role: excluded"'
        )
    one_sided = table.isel(
        statement=np.flatnonzero((table["side"] != 0) & (table["evidence"] == 1))
    )
    names = [f"{name}{MIRRORED}" for name in one_sided["statement"].values]
    images = one_sided.assign(side=-one_sided["side"], live=0 * one_sided["live"])
    images = images.assign_coords(statement=np.array(names, np.str_))
    return replace(evidence, statements=xr.concat([table, images], "statement"))


def simulated(
    argument: Argument,
    evidence: Evidence,
    constants: ErrorConstants,
    runs: int,
    seed: int,
    believed: ErrorConstants | None = None,
) -> list[Simulated]:
    """Panels with the layout of some evidence: the same people, questions, forms and bounds.

    Parameters
    ----------
    evidence
        As `mirrored` makes it.
    constants
        How far people err in these panels.
    believed
        What the model that will be fitted takes for that; the same unless it is to be wrong.
    """
    fitted = layout(argument, evidence, believed or constants)
    out: list[Simulated] = []
    for block in range(-(-runs // BLOCK)):
        first, second, *seeds = np.random.SeedSequence([seed, block]).generate_state(BLOCK + 2)
        free = prior_draws(argument, fitted, constants, 1, BLOCK, int(first))
        said = _said(argument, free, fitted, constants, np.random.default_rng(second))
        out += _panels(free, said, fitted, [int(each) for each in seeds])
    return out[:runs]


def _said(
    argument: Argument,
    free: xr.Dataset,
    fitted: Layout,
    constants: ErrorConstants,
    rng: np.random.Generator,
) -> np.ndarray:
    """What would be said (draw, statement), before anything is told from one side only."""
    dims = {name: (dim,) for name, dim in GROUP_DIMS.items()} | {
        "disposition_field": (), "omega": (),
    }  # fmt: skip
    variables = {n: free[n].transpose(*SAMPLE, *own).to_numpy() for n, own in dims.items()}
    values = statement_values(argument, free, fitted)
    location, scale = expected(values, variables, fitted.panel, constants, NUMPY)
    omega = variables["omega"][..., None]
    said = simulate(location, scale, omega, fitted.panel, constants.nu_error, rng)
    return np.asarray(said[0])


def _panels(
    free: xr.Dataset, said: np.ndarray, fitted: Layout, seeds: list[int]
) -> Iterator[Simulated]:
    side, bound = fitted.panel.side, fitted.observed
    original, image = pairs(fitted)
    serving = _one_a_group(fitted, original)
    beyond = (said[:, original] - bound[original]) * side[original] > 0
    for draw, seed in enumerate(seeds):
        live = fitted.live.copy()
        live[original] = serving * beyond[draw]
        live[image] = serving * ~beyond[draw]
        observed = np.where(side != 0, bound, said[draw])
        yield Simulated(free.isel(draw=[draw]), observed, live, seed)


def pairs(fitted: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Where the one-sided statements stand, and where their mirror images do."""
    place = {str(name): k for k, name in enumerate(fitted.coords["statement"])}
    image = {name: k for name, k in place.items() if name.endswith(MIRRORED)}
    original = [place[name.removesuffix(MIRRORED)] for name in image]
    return np.array(original, int), np.array([*image.values()], int)


def _one_a_group(fitted: Layout, original: np.ndarray) -> np.ndarray:
    """1 where a one-sided statement serves: one at most for each cluster on a question.

    The likelihood takes two of them there for independent given what others there said; simulated
    they are not. To be exact the panels keep the first.
    """
    serving = np.array(fitted.live[original])
    seen: set[int] = set()
    for k, group in enumerate(fitted.panel.group[original].tolist()):
        serving[k] *= group not in seen
        if serving[k]:
            seen.add(group)
    return serving
