"""One compilation, many fits: the data of a compiled model are swapped and it is drawn again.

What may change is in `SWAPPED` (panel.py): which statements are live, what was said, the scales of
questions, how well they match, who shares information, and how far everyone errs together. History,
leave-one-out, updates and judgement calls all go through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.compiled import compiled_sampler
from sweet_spot.inference.draws import complete
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.judge import enough, judge, shortfall
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import Layout, layout, swapped

if TYPE_CHECKING:
    import pymc as pm


@dataclass(frozen=True)
class Settings:
    """Sampler settings; they enter the fit's digest.

    `draws` and `tune` are per chain; where they do not suffice, up to `LONGER` times the draws are
    taken. With `target_accept` 0.8 trees have as many steps as with 0.9, but longer ones: half as
    many effective draws again of the slowest variables. None of ten runs (63,000 draws) diverged.
    `prior_only` leaves the statements out: no sampling at all, the tree then has no posterior.
    """

    draws: int = 1500
    tune: int = 1000
    chains: int = 4
    target_accept: float = 0.8
    seed: int = 1
    prior_only: bool = False


LONGER = 4
"""How many times as long a run is at most that is repeated because its draws did not suffice."""
MARGIN = 1.5
"""How much longer than what was lacking a run is that is repeated."""


@dataclass(frozen=True)
class Compiled:
    """A model that was compiled, for all the evidence statements that may ever be swapped in.

    Attributes
    ----------
    fitted
        The layout it was compiled for.
    sampler
        nutpie's compiled model.
    """

    argument: Argument
    fitted: Layout
    constants: ErrorConstants
    sampler: Any


@dataclass(frozen=True)
class Drawn:
    """Draws of one fit: `posterior` with everything derived, `sample_stats`, and the verdict."""

    posterior: xr.Dataset
    sample_stats: xr.Dataset
    verdict: Mapping[str, Any]


def compile_model(
    argument: Argument, evidence: Evidence, constants: ErrorConstants | None = None
) -> Compiled:
    """Compiles the model of some evidence.

    That takes a minute when something is asked that was never asked before, else no time.
    """
    constants = constants or learned_constants()

    def build() -> pm.Model:
        from sweet_spot.inference.model import build_model

        return build_model(argument, evidence, constants, derived=False)

    fitted = layout(argument, evidence, constants)
    sampler = compiled_sampler(argument, fitted, constants, build)
    return Compiled(argument, fitted, constants, sampler)


def swaps(
    compiled: Compiled, evidence: Evidence, constants: ErrorConstants | None = None
) -> dict[str, np.ndarray]:
    """What to swap into a compiled model so that it is conditioned on other evidence.

    Parameters
    ----------
    evidence
        Statements that the model knows, or some of them: those that are missing are dead. Questions
        keep the scale that this evidence gives them, and those that it lacks the compiled one.
    constants
        Those of the error model; only `UNCERTAIN` (panel.py) and the `mapping_` ones may differ.

    Raises
    ------
    ValueError
        A statement, an expert or a question is not in the compiled model.
    """
    constants = constants or compiled.constants
    other, known = layout(compiled.argument, evidence, constants), compiled.fitted
    place = {d: _places(d, other.coords[d], known.coords[d]) for d in ("statement", "question")}
    said, asked = place["statement"], place["question"]
    live = np.zeros(known.live.size)
    live[said] = other.live
    observed, scale = known.observed.copy(), known.panel.log_scale.copy()
    observed[said], scale[asked] = other.observed, other.panel.log_scale
    mapping = known.panel.mapping_sd.copy()
    mapping[asked] = other.panel.mapping_sd
    panel = replace(known.panel, log_scale=scale, mapping_sd=mapping)
    return swapped(replace(known, panel=panel, live=live, observed=observed), constants)


def _places(dim: str, labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Where each label stands among the known ones, which are sorted."""
    found = np.searchsorted(known, labels).clip(max=max(known.size - 1, 0))
    if labels.size and not (known.size and (known[found] == labels).all()):
        missing = sorted(set(labels.tolist()) - set(known.tolist()))
        raise ValueError(f"the compiled model has no {dim} {', '.join(missing[:3])}")
    return found


def draw(
    compiled: Compiled,
    settings: Settings | None = None,
    data: Mapping[str, np.ndarray] | None = None,
    *,
    progress: bool = False,
) -> Drawn:
    """Draws by NUTS (nutpie), completed and judged, with some data swapped.

    Where the draws do not suffice (R-hat, ESS), the run is repeated rather than refused: as much
    longer as was lacking, and if that does not do, `LONGER` times as long.
    """
    import nutpie

    settings = settings or Settings()
    sampler = compiled.sampler.with_data(**data) if data else compiled.sampler
    times = 1
    while True:
        sampled = nutpie.sample(
            sampler, draws=times * settings.draws, tune=settings.tune, chains=settings.chains,
            seed=settings.seed, target_accept=settings.target_accept, save_warmup=False,
            progress_bar=progress,
        )  # fmt: skip
        posterior = complete(compiled.argument, sampled["posterior"].to_dataset())
        stats = sampled["sample_stats"].to_dataset()
        verdict = judge(posterior, stats)
        if enough(verdict) or times == LONGER:
            break
        times = _times(verdict) if times == 1 else LONGER
    return Drawn(posterior, stats, verdict)


def _times(verdict: Mapping[str, Any]) -> int:
    """How many times as long a run is to be whose draws did not suffice."""
    wanted = MARGIN * shortfall(verdict)
    return LONGER if not wanted < LONGER else max(2, ceil(wanted))
