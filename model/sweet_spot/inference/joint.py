"""Joint log density of some statements given each draw, unknown effects integrated out.

An effect (of a person, a cluster, a question, a topic) is unknown to draws whose fit had no live
statement that touches it: given the rest it then follows its prior.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import xarray as xr
from scipy import sparse, special

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.inference.bounds import scores_of
from sweet_spot.inference.draws import SAMPLE, standard, statement_values
from sweet_spot.inference.error_model import (
    ErrorConstants,
    expected,
    log_density,
)
from sweet_spot.inference.panel import Layout, group_dims, restricted

REPLICATES = 64
"""By default: points at which unknown effects are integrated, for each draw."""
COMMON_SEED = 20260202


@dataclass(frozen=True)
class Known:
    """Draws, and what they know.

    Attributes
    ----------
    draws
        Free variables and latents, dims (chain, draw, ...).
    labels
        The labels of each dim that live statements of the fit touch.
    shift
        What to add to the score of a question's scale, by question.
    replicates
        Points at which unknown effects are integrated, for each draw.
    found
        Densities of components that were integrated before, so that many sets of statements which
        have most of them in common cost little more than one.
    """

    draws: xr.Dataset
    labels: Mapping[str, np.ndarray]
    shift: Mapping[str, float] = field(default_factory=dict)
    found: dict[object, np.ndarray] = field(default_factory=dict)
    replicates: int = REPLICATES

    @property
    def size(self) -> int:
        """How many draws there are."""
        return self.draws.sizes["chain"] * self.draws.sizes["draw"]


def flat(values: xr.DataArray, *own: str) -> np.ndarray:
    """Draws of all chains along one axis, own dims after it."""
    array: np.ndarray = values.transpose(*SAMPLE, *own).to_numpy()
    return array.reshape(-1, *array.shape[2:])


def joint_density(
    argument: Argument, said: Layout, known: Known, constants: ErrorConstants, seed: int
) -> np.ndarray:
    """Joint log density (draw,) of the statements of a layout, given each draw.

    Statements that share no unknown effect and no group are independent given a draw: each
    component is integrated on its own, which keeps the error of the integral small. The prior draws
    of an integral depend on its component alone, not on what else is in the files.
    """
    total = np.zeros(known.size)
    for part, unknown in _components(said, known):
        key = _key(part, known)
        if key not in known.found:
            named = "\n".join(part.coords["statement"].tolist())
            rng = np.random.default_rng([seed, *named.encode()])
            replicates = known.replicates if unknown else 1
            known.found[key] = _integrated(argument, part, known, constants, replicates, rng)
        total += known.found[key]
    return total


def _key(part: Layout, known: Known) -> tuple[object, ...]:
    """All that the density of a component depends on, given the draws."""
    plain = {
        name: array for name, array in vars(part.panel).items() if name not in ("crowd", "censored")
    }
    arrays = [part.observed, part.live, part.target, *plain.values()]
    if part.panel.crowd is not None:
        arrays += vars(part.panel.crowd).values()
    labels = [label for dim in sorted(part.coords) for label in part.coords[dim].tolist()]
    dims = sorted(known.labels.keys() & part.coords.keys())
    held = [np.isin(part.coords[dim], known.labels[dim]) for dim in dims]
    shifts = [known.shift.get(question, 0.0) for question in part.coords["question"].tolist()]
    return (*labels, *shifts, part.targets, *(values.tobytes() for values in [*arrays, *held]))


def _integrated(
    argument: Argument,
    part: Layout,
    known: Known,
    constants: ErrorConstants,
    replicates: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Joint log density (draw,) of one component."""
    common = _common(known, constants)
    effects = _effects(part, known, constants, replicates, rng)
    # these two are joined along the last axis, which does not broadcast the others
    clusters = effects["disposition_cluster"]
    effects["disposition_cluster"] = np.broadcast_to(clusters, (replicates, *clusters.shape[1:]))
    field = np.broadcast_to(common["disposition_field"], (replicates, known.size))
    common = {**common, "disposition_field": field}
    values = statement_values(argument, known.draws, part)
    values = values.reshape(1, -1, values.shape[-1])
    free = {**effects, **common}
    location, scale = expected(values, free, part.panel, constants, NUMPY)
    omega = common["omega"][..., None]
    each = log_density(
        part.observed, location, scale, omega, part.live, part.panel, constants.nu_error, NUMPY,
        scores_of(free),
    ).sum(axis=-1)  # fmt: skip
    joint: np.ndarray = special.logsumexp(each, axis=0) - np.log(each.shape[0])
    return joint


def _common(known: Known, constants: ErrorConstants) -> dict[str, np.ndarray]:
    """What everyone shares, (1, draw); a fit to no statement at all does not hold it, so that it
    is drawn along, alike for every component.
    """
    rng = np.random.default_rng(COMMON_SEED)
    return {
        name: flat(known.draws[name])[None]
        if name in known.draws
        else standard(name, (1, known.size), constants, rng)
        for name in ("disposition_field", "omega")
    }


def _effects(
    said: Layout, known: Known, constants: ErrorConstants, replicates: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Effects (replicate, draw, label): from the draws that know them, else from the prior."""
    dims = group_dims(said.coords)
    held = {n: np.isin(said.coords[d], known.labels.get(d, ())) for n, d in dims.items()}
    unknown = sum(int((~each).sum()) for each in held.values())
    levels = _levels(replicates, known.size, unknown, rng)
    out, used = {}, 0
    for name, dim in dims.items():
        labels, here = said.coords[dim], held[name]
        new = int((~here).sum())
        values = np.empty((replicates if new else 1, known.size, labels.size))
        if new:
            values[..., ~here] = _quantile(name, levels[..., used : used + new], constants)
        if here.any():
            values[..., here] = flat(known.draws[name].sel({dim: labels[here]}), dim)
        if name == "question_scale_score":
            values = values + np.array([known.shift.get(label, 0.0) for label in labels.tolist()])
        out[name], used = values, used + new
    return out


def _levels(replicates: int, size: int, dims: int, rng: np.random.Generator) -> np.ndarray:
    """Levels inside (0, 1) that fill the cube evenly (replicate, draw, dim).

    An additive recurrence with powers of the generalised golden ratio, shifted at random for each
    draw: every level is uniform, so that integrals have no bias, and for few dims their error is a
    small part of what it would be with independent levels. Errors of draws are independent.
    """
    ratio = 2.0
    for _ in range(40):  # the root of x^(dims + 1) = x + 1
        ratio = (1 + ratio) ** (1 / (dims + 1))
    steps = ratio ** -np.arange(1.0, dims + 1)
    points = np.arange(replicates)[:, None] * steps
    levels: np.ndarray = points[:, None, :] + rng.random((size, dims))
    levels -= np.floor(levels)
    return levels.clip(1e-12, 1 - 1e-12, out=levels)


def _quantile(name: str, level: np.ndarray, constants: ErrorConstants) -> np.ndarray:
    """Prior quantile of a standardised free variable of the error model."""
    if name.startswith("shared_"):
        return _student_quantile(constants.nu_shared, level)
    return np.asarray(special.ndtri((1 + level) / 2 if name == "loading" else level))


ODDS, STEPS = 28.0, 20_000
"""Levels are clipped to log odds well inside plus and minus this; so many steps between them."""


def _student_quantile(degrees: float, level: np.ndarray) -> np.ndarray:
    """Student-t quantiles, right to a relative 1e-6: exact ones take as long as all the rest."""
    nodes = _student_nodes(degrees)
    place = (special.logit(level) + ODDS) * (STEPS / (2 * ODDS))
    left = place.astype(np.intp)
    low: np.ndarray = nodes[left]
    found: np.ndarray = low + (place - left) * (nodes[left + 1] - low)
    return found


@cache
def _student_nodes(degrees: float) -> np.ndarray:
    """Quantiles at log odds that are evenly spaced."""
    odds = np.linspace(-ODDS, ODDS, STEPS + 1)
    return np.asarray(np.sign(odds) * -special.stdtrit(degrees, special.expit(-np.abs(odds))))


def _components(said: Layout, known: Known) -> Iterator[tuple[Layout, bool]]:
    """Parts of a layout that are independent given a draw, and whether they touch an unknown."""
    panel, count = said.panel, said.live.size
    index = {
        "question": panel.question, "expert": panel.expert, "topic": panel.topic[panel.question],
        "cluster": panel.cluster[panel.expert] - 1,
    }  # fmt: skip
    if "crowd" in said.coords and panel.crowd is not None:
        index["crowd"] = panel.crowd.member
    edges = [(row, f"group {group}") for row, group in enumerate(panel.group.tolist())]
    unknown = np.zeros(count, bool)
    for dim, of in index.items():
        new = ~np.isin(said.coords[dim], known.labels.get(dim, ()))
        those = [row for row in range(count) if of[row] >= 0 and new[of[row]]]
        unknown[those] = True
        edges += [(row, f"{dim} {of[row]}") for row in those]
    names = {name: count + k for k, name in enumerate(dict.fromkeys(n for _, n in edges))}
    ends = np.array([(row, names[name]) for row, name in edges], int).reshape(-1, 2)
    size = count + len(names)
    graph = sparse.coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    part = sparse.csgraph.connected_components(graph, directed=False)[1][:count]
    for component in np.unique(part):
        rows = np.flatnonzero(part == component)
        yield restricted(said, rows), bool(unknown[rows].any())
