"""A posterior as draws with weights, and how a change of the headline divides among its causes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.credit import coefficients, spread
from sweet_spot.inference.reweight import Base, Weights, influence, reweigh, weighted_mean

MOST_REFITS = 4
"""So many sets of changes are fitted, where no draws can be reweighed to them, before giving up."""


@dataclass(frozen=True)
class View:
    """What is taken for a posterior: the draws of a fit under weights.

    Attributes
    ----------
    refitted
        Whether the draws were made for this very evidence; the weights are then all one.
    """

    base: Base
    weights: Weights
    refitted: bool = False

    def mean(self, of: xr.DataArray) -> xr.DataArray:
        """Mean of something of the draws."""
        return weighted_mean(of, self.weights)


def own_view(base: Base) -> View:
    """The draws of a fit as they are."""
    ones = xr.ones_like(base.draws["current_speedup"])
    return View(base, Weights(ones, -np.inf), refitted=True)


def headline(base: Base) -> xr.DataArray:
    """Whether a sweet spot is usable for at least one factor, 0 or 1, dims (chain, draw)."""
    return base.draws["usable"].max("factor").astype(float)


def error_of(parts: Sequence[tuple[Base, xr.DataArray]]) -> xr.DataArray:
    """Monte Carlo standard error of a sum of means, from the influence of each draw.

    Influences on the draws of one base are added before their error is taken, since they err
    together; bases are independent of each other.
    """
    import arviz as az

    by_base: dict[int, xr.DataArray] = {}
    for base, each in parts:
        by_base[id(base)] = by_base.get(id(base), 0.0) + each
    squares = [az.mcse(each, method="mean") ** 2 for each in by_base.values()]
    total: xr.DataArray = sum(squares[1:], squares[0]) ** 0.5
    return total


def change_error(
    before: tuple[View, xr.DataArray], after: tuple[View, xr.DataArray]
) -> xr.DataArray:
    """Monte Carlo standard error of the difference of two means, each of its view's own draws."""
    (old, was), (new, now) = before, after
    return error_of(
        [(new.base, influence(now, new.weights)), (old.base, -influence(was, old.weights))]
    )


def best_view(
    bases: Sequence[Base], evidence: Evidence, refit: Callable[[Evidence], Base] | None
) -> View:
    """The view of some evidence from the base whose weights have the lightest tail.

    Where none can be trusted, it is fitted, if a fit is to be had. The caller sees from
    `weights.trusted` whether the view may be used.
    """
    views = [View(base, reweigh(base, evidence)) for base in bases]
    best = min(views, key=lambda view: view.weights.pareto_k)
    if best.weights.trusted or refit is None:
        return best
    return own_view(refit(evidence))


@dataclass(frozen=True)
class Shares:
    """How a change of the headline divides among its causes.

    Attributes
    ----------
    data
        Dim `cause`: `share`, in probability, Shapley values, which sum to the whole exactly;
        `mcse`, their Monte Carlo standard error, that of averaging over some orders included.
    trusted
        Whether every set of causes could be valued by weights to be trusted, or by a fit.
    refits
        How many sets were fitted.
    """

    data: xr.Dataset
    trusted: bool
    refits: int


def shares(
    causes: Sequence[str],
    evidence: Callable[[frozenset[int]], Evidence],
    before: View,
    after: View,
    refit: Callable[[Evidence], Base] | None = None,
) -> Shares:
    """Divides the change of the headline from one view to another among its causes.

    Parameters
    ----------
    evidence
        The evidence with only some of the causes, by their index.
    refit
        Fits evidence that no draws can be reweighed to.
    """
    count = len(causes)
    if not count:
        return Shares(xr.Dataset({n: ("cause", []) for n in ("share", "mcse")}), True, 0)
    whole = frozenset(range(count))
    bases = list({id(view.base): view.base for view in (before, after)}.values())
    found: dict[frozenset[int], View] = {frozenset(): before, whole: after}
    share, parts, refits = np.zeros(count), [], 0
    table = coefficients(count)
    for made, weight in table.items():
        if made not in found:
            may = refit if refits < MOST_REFITS else None
            view = found[made] = best_view(bases, evidence(made), may)
            if view.refitted:
                refits += 1
                bases.append(view.base)
        view = found[made]
        of = headline(view.base)
        share += weight * float(view.mean(of))
        cause = xr.DataArray(weight, dims="cause")
        parts.append((view.base, cause * influence(of, view.weights)))
    values = {made: float(found[made].mean(headline(found[made].base))) for made in table}
    error = np.hypot(error_of(parts).to_numpy(), spread(count, values))
    data = xr.Dataset(
        {"share": ("cause", share), "mcse": ("cause", error)}, coords={"cause": list(causes)}
    )
    trusted = all(view.weights.trusted for view in found.values())
    return Shares(data, trusted, refits)
