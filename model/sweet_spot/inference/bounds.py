"""What is told from one side only: the log probability of beyond.

Most bounds are taken for independent given who was seen in their group, each the tail of a
Student-t. Those of a crowd are many, and are told together. Errors of a group share a part and a
weight (MODEL.md section 5), of which those who were observed tell much but not all. Given both,
bounds are independent, each a tail of the normal law. So the two are free variables of a group of a
crowd with bounds, as scores of their law given the observed: standard normal, and far from the
ridges that the shared part itself would make with shared_q and s_q.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sweet_spot.argument.structure import Array, Ops

if TYPE_CHECKING:
    from sweet_spot.inference.error_model import Panel

CROWD_DIMS = {"crowd_common": "crowd", "crowd_weight": "crowd"}
"""Free variables of groups of crowds in which somebody named a bound, and their dim."""
_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(12) + np.array([[1.0], [0.0]])) / 2
"""Gauss-Legendre rule on (0, 1)."""
_WIDE, _STEEP = 6.2, 21.0
"""Standard deviations, and e-folds, beyond which a tail adds a few 1e-9 of itself."""
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


@dataclass(frozen=True)
class Censored:
    """Which rows are told from one side only.

    Attributes
    ----------
    rows
        Those taken for independent given what is observed in their group.
    joint
        Those of crowds, which have scores of what their group has in common; None where no crowd
        has bounds.
    place
        For every row, where its density stands when theirs are joined behind those of all.
    """

    rows: np.ndarray
    joint: np.ndarray | None
    place: np.ndarray


def one_sided(panel: Panel) -> Censored | None:
    """The censored rows of a panel; None where there are none."""
    if panel.censored is not None or not panel.side.any():
        return panel.censored
    size, joint = panel.side.size, np.zeros(panel.side.size, bool)
    if panel.crowd is not None:
        joint = panel.crowd.member >= 0
    rows, together = np.flatnonzero((panel.side != 0) & ~joint), np.flatnonzero(joint)
    place = np.arange(size)
    place[np.concatenate([rows, together])] = size + np.arange(rows.size + together.size)
    return Censored(rows, together if together.size else None, place)


def log_tail(x: Array, degrees: Array, ops: Ops) -> Array:
    """Log P(T > x) of Student-t with any number of degrees of freedom, in both tails.

    With T = sqrt(degrees) cot(angle) the density is sin(angle)^(degrees - 1) up to its constant,
    and the upper tail an integral over angles from zero, of which all lies near the last one. There
    Gauss-Legendre nodes give it to 1e-8 with plain functions; the incomplete beta function takes
    far longer to compile.
    """
    root, size = degrees**0.5, ops.maximum(x, -x)
    angle = np.pi / 2 - ops.arctan(size / root)
    width = _WIDE / ops.maximum(1.0, size * (_WIDE / _STEEP)) / root
    low = ops.maximum(0.0, angle - width)
    at = low[..., None] + (angle - low)[..., None] * _NODES
    last = (degrees - 1) * ops.log(ops.sin(angle))
    power = (degrees - 1)[..., None] * ops.log(ops.sin(at)) - last[..., None]
    constant = ops.gammaln((degrees + 1) / 2) - ops.gammaln(degrees / 2) - 0.5 * np.log(np.pi)
    inner = ops.log(angle - low) + ops.log(ops.sum_last(_WEIGHTS * ops.exp(power)))
    upper = constant + last + inner
    return ops.where(x > 0, upper, ops.log1p(-ops.exp(upper)))
