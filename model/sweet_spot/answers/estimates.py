"""The headline under other evidence: by weights where they can be trusted, else by a refit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import SAMPLE, deviation_error
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.keep import constants_of, evidence_of
from sweet_spot.inference.refits import Kept
from sweet_spot.inference.reweight import Base, influence, reweigh, weighted_mean

MOST_LEAVING, MOST_ALONE = 12, 24
"""Beyond so many statements effects cannot be integrated by drawing them from their prior."""
FEW_POINTS = 24
"""Points of an integral where a quick answer is asked for."""
WEIGHTS, REFIT, UNKNOWN, FAILED = "weights", "refit", "k > 0.7: not reported", "refit failed"
"""How an estimate was made, or why there is none."""


@dataclass(frozen=True)
class Estimate:
    """P(usable for at least one factor) under some evidence.

    Attributes
    ----------
    value
        The probability; NaN where there is none.
    parts
        What each draw adds to its error, dims (chain, draw): the Monte Carlo error of the mean of
        these is that of the value.
    base
        The draws behind it.
    pareto_k
        Of the weights; minus infinity where the draws are those of this very evidence.
    method
        `weights`, `refit`, or why there is no value.
    """

    value: float
    parts: xr.DataArray
    base: Base
    pareto_k: float
    method: str

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the value."""
        return float(deviation_error(self.parts)) if np.isfinite(self.value) else np.nan


def usable(draws: xr.Dataset) -> xr.DataArray:
    """1 where the sweet spot is usable for at least one factor, dims (chain, draw)."""
    return draws["usable"].max("factor").astype(float).transpose(*SAMPLE)


def live_only(evidence: Evidence, keep: np.ndarray) -> Evidence:
    """The evidence with only these (a boolean for each statement) of its live statements live."""
    live = evidence.statements["live"] * np.asarray(keep).astype(np.int64)
    return replace(evidence, statements=evidence.statements.assign(live=live))


def prior_base(tree: xr.DataTree, argument: Argument) -> Base:
    """The prior draws of a fit, as a base on which no statement has spoken yet."""
    evidence = evidence_of(tree)
    none = live_only(evidence, np.zeros(evidence.statements.sizes["statement"]))
    return Base(argument, none, constants_of(tree), tree["prior"].to_dataset().load())


def thinned(base: Base, most: int) -> Base:
    """At most so many draws of a base, evenly spaced, and integrals at fewer points."""
    count = base.draws.sizes["chain"] * base.draws.sizes["draw"]
    step = max(-(-count // most), 1)
    few = base.draws.isel(draw=slice(None, None, step))
    return Base(base.argument, base.evidence, base.constants, few, replicates=FEW_POINTS)


def estimate(bases: Sequence[Base], after: Evidence, refit: Kept | None = None) -> Estimate:
    """The headline under other evidence, from the first of some bases that can answer.

    Effects of people and questions that fall silent are integrated where that works, else taken
    as they were drawn (`reweight.log_ratio`). Where no weights are trusted the model is drawn again
    with `refit`; where that is not wanted or has none, nothing is reported but the smallest k.
    """
    smallest, best = np.inf, bases[0]
    for base in bases:
        for forget in _ways(base, after):
            weights = reweigh(base, after, forget=forget)
            if weights.trusted:
                of = usable(base.draws)
                value = float(weighted_mean(of, weights))
                parts = influence(of, weights)
                return Estimate(value, parts, base, weights.pareto_k, WEIGHTS)
            if weights.pareto_k < smallest:
                smallest, best = weights.pareto_k, base
    unknown = Estimate(np.nan, usable(best.draws) * np.nan, best, smallest, UNKNOWN)
    return unknown if refit is None else refitted(unknown, after, refit)


def refitted(unknown: Estimate, after: Evidence, refit: Kept) -> Estimate:
    """An estimate that weights could not give, from draws given that evidence, if there are any."""
    done, k = refit(after, unknown.base.constants), unknown.pareto_k
    if done is None:
        return unknown
    return drawn(done.base, k) if done.passed else _failed(done.base, k)


def _ways(base: Base, after: Evidence) -> tuple[bool, ...]:
    """Whether to integrate effects that fall silent: first yes, where not too many statements do.

    From draws that know nothing all effects are integrated anyway, and too many are hopeless.
    """
    was, will = (e.statements["live"] * e.statements["evidence"] for e in (base.evidence, after))
    if not was.any():
        return (False,) if int(will.sum()) <= MOST_ALONE else ()
    return (True, False) if int((was > will).sum()) <= MOST_LEAVING else (False,)


def drawn(base: Base, pareto_k: float = -np.inf) -> Estimate:
    """The headline of a base's own draws, which a refit made where `pareto_k` was too large."""
    of = usable(base.draws)
    return Estimate(float(of.mean()), of - of.mean(), base, pareto_k, REFIT)


def _failed(base: Base, pareto_k: float) -> Estimate:
    return Estimate(np.nan, usable(base.draws) * np.nan, base, pareto_k, FAILED)


def difference(one: Estimate, two: Estimate) -> tuple[float, float]:
    """`one` less `two` with its Monte Carlo error: paired where both come from the same draws."""
    if not (np.isfinite(one.value) and np.isfinite(two.value)):
        return np.nan, np.nan
    paired = one.base is two.base
    error = (
        float(deviation_error(one.parts - two.parts))
        if paired
        else float(np.hypot(one.error, two.error))
    )
    return one.value - two.value, error
