"""Joint log density of some statements given each draw, unknown effects integrated out.

An effect (of a person, a cluster, a question, a topic) is unknown to draws whose fit had no live
statement that touches it: given the rest it then follows its prior.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from scipy import sparse, special

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.argument.worlds import evaluate
from sweet_spot.inference.draws import SAMPLE, latents_of, standard
from sweet_spot.inference.error_model import ErrorConstants, expected, log_density
from sweet_spot.inference.panel import GROUP_DIMS, Layout, restricted

REPLICATES = 48
"""Prior draws of unknown effects for each draw."""


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
    latents
        Every latent of the draws (chain, draw, *dims), where they are at hand.
    """

    draws: xr.Dataset
    labels: Mapping[str, np.ndarray]
    shift: Mapping[str, float] = field(default_factory=dict)
    latents: Mapping[str, np.ndarray] | None = None

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
    component is integrated on its own, which keeps the error of the integral small.
    """
    rng = np.random.default_rng(seed)
    common = _common(known, constants, rng)
    latents = known.latents or latents_of(argument, known.draws)
    total = np.zeros(known.size)
    for part, unknown in _components(said, known):
        effects = _effects(part, known, constants, REPLICATES if unknown else 1, rng)
        values = evaluate(part.targets, latents, NUMPY)[..., part.target]
        values = values.reshape(1, known.size, -1)
        # clusters may be unknown, and are joined to what everyone shares: as many replicates
        shape = effects["disposition_cluster"].shape[:2]
        shared = {name: np.broadcast_to(value, shape) for name, value in common.items()}
        location, scale = expected(values, {**effects, **shared}, part.panel, constants, NUMPY)
        each = log_density(
            part.observed, location, scale, common["omega"][..., None], part.live, part.panel,
            constants.nu_error, NUMPY,
        ).sum(axis=-1)  # fmt: skip
        total += special.logsumexp(each, axis=0) - np.log(each.shape[0])
    return total


def _common(
    known: Known, constants: ErrorConstants, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """What everyone shares, (1, draw); a fit to no statement at all does not hold it."""
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
    out = {}
    for name, dim in GROUP_DIMS.items():
        labels = said.coords[dim]
        held = np.isin(labels, known.labels[dim])
        shape = (1 if held.all() else replicates, known.size, labels.size)
        values = np.empty(shape)
        if not held.all():
            values[..., ~held] = standard(name, (*shape[:2], int((~held).sum())), constants, rng)
        if held.any():
            values[..., held] = flat(known.draws[name].sel({dim: labels[held]}), dim)
        if name == "question_scale_score":
            values = values + np.array([known.shift.get(label, 0.0) for label in labels.tolist()])
        out[name] = values
    return out


def _components(said: Layout, known: Known) -> Iterator[tuple[Layout, bool]]:
    """Parts of a layout that are independent given a draw, and whether they touch an unknown."""
    panel, count = said.panel, said.live.size
    index = {
        "question": panel.question, "expert": panel.expert, "topic": panel.topic[panel.question],
        "cluster": panel.cluster[panel.expert] - 1,
    }  # fmt: skip
    edges = [(row, f"group {group}") for row, group in enumerate(panel.group.tolist())]
    unknown = np.zeros(count, bool)
    for dim, of in index.items():
        new = ~np.isin(said.coords[dim], known.labels[dim])
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
