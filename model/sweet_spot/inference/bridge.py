"""Which of two models the data favour: ratios of marginal likelihoods from draws of both.

For models with the same free variables and prior, the ratio of their marginal likelihoods is that
of the normalising constants of two densities on one space. The bridge estimator that is optimal for
given numbers of draws (Bennett 1976; Meng and Wong 1996) needs only the difference of the two log
likelihoods at the draws of either posterior. Posteriors that lie apart are first moved onto each
other (warp.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy import optimize, special

from sweet_spot.argument.spec import Argument
from sweet_spot.inference.draws import log_likelihood
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.keep import constants_of, evidence_of
from sweet_spot.inference.panel import Layout, layout
from sweet_spot.inference.warp import log_prior, moved, shift_between


@dataclass(frozen=True)
class LogRatio:
    """Log ratio of two marginal likelihoods, with its Monte Carlo standard error.

    `overlap` lies between 0 (the posteriors have nothing in common, so that neither the ratio nor
    its error can be relied on) and 1 (they are the same).
    """

    value: float
    error: float
    overlap: float


NO_DIFFERENCE = LogRatio(0.0, 0.0, 1.0)


def log_ratio(at_first: xr.DataArray, at_second: xr.DataArray) -> LogRatio:
    """Log of the marginal likelihood of the second model over that of the first.

    Parameters
    ----------
    at_first, at_second
        Log likelihood of the second model less that of the first, at posterior draws of the first
        and of the second, dims (chain, draw).

    Returns
    -------
    LogRatio
        The error is that of Meng and Wong's section 3 with the effective sizes of autocorrelated
        draws (Fruehwirth-Schnatter 2004).
    """
    import arviz as az

    low = float(min(at_first.min(), at_second.min()))
    high = float(max(at_first.max(), at_second.max()))
    if high - low < 1e-9:
        return LogRatio((low + high) / 2, 0.0, 1.0)
    sizes = np.array([float(az.ess(each, method="mean")) for each in (at_first, at_second)])
    share = sizes / sizes.sum()
    tilt = np.log(share[1] / share[0])

    def bridged(at: xr.DataArray, ratio: float, side: int) -> xr.DataArray:
        """Density of the second at the first's draws (side 1), or the reverse, over the mixture."""
        part = special.expit(side * (at.to_numpy() - ratio + tilt))
        return at.copy(data=part / share[int(side > 0)])

    def excess(ratio: float) -> float:
        return float(bridged(at_first, ratio, 1).mean() - bridged(at_second, ratio, -1).mean())

    found = optimize.brentq(excess, low, high, xtol=1e-10)
    first, second = bridged(at_first, found, 1), bridged(at_second, found, -1)
    relative = [float(az.mcse(each, method="mean") / each.mean()) for each in (first, second)]
    return LogRatio(found, float(np.hypot(relative[0], relative[1])), float(first.mean()))


def log_ratios(
    trees: Mapping[str, xr.DataTree], arguments: Mapping[str, Argument]
) -> dict[str, LogRatio]:
    """Of fits of several structures to the same evidence: each against the first, by name."""
    first, *others = trees
    draws = {name: tree["posterior"].to_dataset().load() for name, tree in trees.items()}
    evidence, constants = evidence_of(trees[first]), constants_of(trees[first])
    fitted = layout(arguments[first], evidence, constants)
    return {first: NO_DIFFERENCE} | {
        name: ratio_of_structures(
            (arguments[first], arguments[name]), (draws[first], draws[name]), fitted, constants
        )
        for name in others
    }


def ratio_of_structures(
    arguments: tuple[Argument, Argument],
    draws: tuple[xr.Dataset, xr.Dataset],
    fitted: Layout,
    constants: ErrorConstants,
) -> LogRatio:
    """Log of the marginal likelihood of the second structure over that of the first.

    `draws` are of the posteriors of both, given the live statements of `fitted`.
    """
    shift = shift_between(arguments[0], *draws)
    there, back = moved(arguments[0], draws[0], shift, 1), moved(arguments[0], draws[1], shift, -1)

    def density(of: int, at: xr.Dataset) -> xr.DataArray:
        said = log_likelihood(arguments[of], at, fitted, constants)["stated"].sum("statement")
        return said + log_prior(arguments[of], at, shift, constants)

    return log_ratio(
        density(1, there) - density(0, draws[0]), density(1, draws[1]) - density(0, back)
    )


def updated(weights: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """Weights after the data: each times its marginal likelihood, given as log ratios, to sum one.

    A weight of 1 or 0 stays what it is.
    """
    with np.errstate(divide="ignore"):
        log = np.log(weights) + ratios
    found: np.ndarray = np.exp(log - special.logsumexp(log))
    return found


def updated_errors(weights: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Monte Carlo errors of updated weights, from those of the log ratios taken as independent."""
    slope = np.diag(weights) - np.outer(weights, weights)
    found: np.ndarray = np.sqrt(np.square(slope) @ np.square(errors))
    return found
