"""Bounds that people of a crowd name, told together given what their group has in common.

Errors of a group share a part and a weight (MODEL.md section 5), of which those who were observed
tell much but not all. Given both, bounds are independent, each a tail of the normal law. So the two
are free variables of a group with bounds, as scores of their law given the observed: standard
normal, and far from the ridges that the shared part itself would make with shared_q and s_q.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sweet_spot.argument.structure import Array, Ops

CROWD_DIMS = {"crowd_common": "crowd", "crowd_weight": "crowd"}
"""Free variables of groups of crowds in which somebody named a bound, and their dim."""
_LEAST = 1e-3
"""Below it a cube root of the weight is cut off: six standard deviations out, or further."""


@dataclass(frozen=True)
class Scores:
    """The free variables of `CROWD_DIMS`, (..., crowd).

    Attributes
    ----------
    common
        Of the part that the group's errors share.
    weight
        Of their common weight, which makes their tails heavy.
    """

    common: Array
    weight: Array


def scores_of(free: Mapping[str, Array]) -> Scores | None:
    """The scores among the free variables of the error model; None where no crowd has bounds."""
    if "crowd_common" not in free:
        return None
    return Scores(free["crowd_common"], free["crowd_weight"])


def squared_weight(score: Array, distance: Array, degrees: Array, nu: float, ops: Ops) -> Array:
    """Square of the factor on all errors of a group, given those observed.

    (nu + distance) over it is chi-squared with so many degrees. The cube root of that is close to
    normal (Wilson and Hilferty 1931); `weight_density` makes up for the rest.
    """
    return (nu + distance) / (degrees * _cube_root(score, degrees, ops) ** 3)


def _cube_root(score: Array, degrees: Array, ops: Ops) -> Array:
    from_normal = 2 / (9 * degrees)
    return ops.maximum(1 - from_normal + score * from_normal**0.5, _LEAST)


def weight_density(score: Array, degrees: Array, ops: Ops) -> Array:
    """Log density of the score of a weight that is exactly chi-squared, over the normal one."""
    root, half = _cube_root(score, degrees, ops), degrees / 2
    log_root = ops.log(root)
    slope = np.log(3.0) + 0.5 * ops.log(2 / 9 * degrees) + 2 * log_root
    chi_squared = (
        (half - 1) * (ops.log(degrees) + 3 * log_root)
        - half * root**3
        - half * np.log(2.0)
        - ops.gammaln(half)
    )
    return chi_squared + slope + score**2 / 2 + 0.5 * np.log(2 * np.pi)


def log_beyond(
    side: Array,
    error: Array,
    centre: Array,
    common_variance: Array,
    omega: Array,
    squared: Array,
    score: Array,
    ops: Ops,
) -> Array:
    """Log probability of each bound given what its group has in common.

    Parameters
    ----------
    side
        1 where the error is above, -1 where it is below.
    error
        Where the bound lies, in units of its scale.
    centre, common_variance
        Of the part that errors share, given those observed; the variance over `squared`.
    squared, score
        The squared weight; the score of the shared part.
    """
    shared = centre + (squared * common_variance) ** 0.5 * score
    return ops.log_ndtr(-side * (error - shared) / (squared * (1 - omega)) ** 0.5)
