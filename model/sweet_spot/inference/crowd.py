"""The likelihood of crowds: many statements in a row, by their number, mean and squares.

Errors of one cluster on one question are multivariate t with equal correlations (MODEL.md section
5). That density depends on the statements only through sums of 1, e and e^2 over those of one
location and scale, so that a row may stand for any number of them: exactly, at the cost of one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from sweet_spot.argument.structure import Array, Ops
from sweet_spot.inference.bounds import (
    Censored,
    Scores,
    log_beyond,
    log_tail,
    one_sided,
    squared_weight,
    weight_density,
)

if TYPE_CHECKING:
    from sweet_spot.inference.error_model import Panel


MOST_VOICES = 100
"""So many statements of a crowd on a question count in full; more of them count as so many.

Their mean is then known to a tenth of a person's own error, next to errors that everyone shares.
Any more would tell of the shapes assumed here (normal beliefs, Student-t errors, bounds as tails),
which no real crowd has to a percent, and no longer of the world: a likelihood coarsened to what its
form can bear (Miller and Dunson 2019).
"""


@dataclass(frozen=True)
class Crowd:
    """What each row of a panel stands for where some stand for many people.

    Attributes
    ----------
    count
        How many statements; of an ordinary row 1.
    squares
        Sum of their squared distances from their mean, which is what was observed; 0 of one.
    seen
        1 where others of the group are taken given these, 0 of the censored.
    member
        Of a bound in a group of a crowd that group, among those with bounds; of other rows -1.
    """

    count: np.ndarray
    squares: np.ndarray
    seen: np.ndarray
    member: np.ndarray

    def of(self, rows: np.ndarray) -> Crowd:
        """Some of the rows."""
        return Crowd(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Sums:
    """What the density of a group depends on: sums of 1, e and e^2, e in units of its scale."""

    size: Array
    total: Array
    squares: Array

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def at(self, rows: Array) -> Sums:
        """Of some of the rows."""
        return Sums(*(getattr(self, field.name)[..., rows] for field in fields(self)))

    def before(self, places: Array) -> Sums:
        """Of the statements that come before each in its group; `places` is from that function."""
        return Sums(*(_earlier(getattr(self, field.name), places) for field in fields(self)))

    def distance(self, omega: Array) -> Array:
        """Squared distance from the centre, in units of the matrix of correlations."""
        weight = omega / (1 - omega + self.size * omega)
        return (self.squares - weight * self.total**2) / (1 - omega)


def voiced(live: np.ndarray, count: np.ndarray, group: np.ndarray, many: np.ndarray) -> np.ndarray:
    """How much each statement of every row counts: 0 of the dead, at most 1 of the live.

    Parameters
    ----------
    live
        1 where a row serves.
    count, group
        How many statements it stands for; which rows are one cluster on one question.
    many
        Whether it is a row of a crowd. The statements of others count in full.
    """
    voices = np.bincount(group, live * many * count)[group]
    weight = np.where(many, MOST_VOICES / np.maximum(voices, MOST_VOICES), 1.0)
    out: np.ndarray = live * weight
    return out


def places(group: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Where the rows stand when sorted by group, the censored last (3, statement).

    The row at each place, the place at which its group begins, and the place of each row. In
    place of a matrix of who comes before whom, which grows with the square of their number.
    """
    order = np.lexsort((np.arange(group.size), side != 0, group))
    sorted_group = group[order]
    start = np.searchsorted(sorted_group, sorted_group)
    return np.stack([order, start, np.argsort(order)]).astype(np.int64)


def _earlier(each: Array, places: Array) -> Array:
    """Sums over those before in the group."""
    order, start, back = places[0], places[1], places[2]
    there = each[..., order]
    before = there.cumsum(axis=-1) - there
    return (before - before[..., start])[..., back]


def sums(error: Array, scale: Array, live: Array, crowd: Crowd) -> Sums:
    """Those of every row; `error` in units of its scale and turned."""
    size = live * crowd.count * crowd.seen
    spread = live * crowd.squares / scale**2
    return Sums(size + 0 * error, size * error, size * error**2 + spread)


def row_density(
    error: Array,
    scale: Array,
    omega: Array,
    live: Array,
    panel: Panel,
    crowd: Crowd,
    nu: float,
    ops: Ops,
    scores: Scores | None = None,
) -> Array:
    """Log density of all statements of every row given the live ones before it (..., statement).

    The difference of two joint densities: of those before with the row's own, and without. Where
    `live` is between 0 and 1 (`voiced`), every statement counts as that part of one.
    """
    own = sums(error, scale, live, crowd)
    seen = own.before(panel.before)
    constant = 0.5 * ops.log((1 - omega) * nu * np.pi) + ops.log(scale)
    density = (
        _joint(seen + own, omega, nu, ops)
        - _joint(seen, omega, nu, ops)
        - live * crowd.count * constant
    )
    censored = one_sided(panel)
    if censored is not None:
        side = panel.side * (1.0 - 2.0 * panel.probability)
        voices = live * crowd.count
        parts = [density, _alone(error, side, voices, seen, omega, censored.rows, nu, ops)]
        if scores is not None:
            parts.append(
                _together(error, side, voices, seen, omega, panel, censored, scores, nu, ops)
            )
        density = ops.join_last(parts)[..., censored.place]
    return density


def _alone(
    error: Array,
    side: Array,
    voices: Array,
    seen: Sums,
    omega: Array,
    rows: Array,
    nu: float,
    ops: Ops,
) -> Array:
    """Log density of bounds, each on its own given who was seen in its group."""
    centre, spread, degrees = conditional(seen.at(rows), omega, nu)
    z = (error[..., rows] - centre) / spread
    return voices[..., rows] * log_tail(side[rows] * z, degrees, ops)


def _together(
    error: Array,
    side: Array,
    voices: Array,
    seen: Sums,
    omega: Array,
    panel: Panel,
    censored: Censored,
    scores: Scores,
    nu: float,
    ops: Ops,
) -> Array:
    """Log density of the bounds of crowds given the scores of their groups.

    The first bound of a group takes in what the scores' own law is beside the normal one.
    """
    rows, crowd = censored.joint, panel.crowd
    assert rows is not None
    assert crowd is not None
    group, given = crowd.member[rows], seen.at(rows)
    weight, common = scores.weight[..., group], scores.common[..., group]
    squared = squared_weight(weight, given.distance(omega), nu + given.size, nu, ops)
    loading = omega / (1 - omega + given.size * omega)
    tail = log_beyond(
        side[rows], error[..., rows], loading * given.total, (1 - omega) * loading, omega, squared,
        common, ops,
    )  # fmt: skip
    bounds = voices * (1 - crowd.seen)
    first = (bounds > 0) * (_earlier(bounds, panel.before) <= 0)
    density = voices[..., rows] * tail
    return density + first[..., rows] * weight_density(weight, nu + given.size, ops)


def _joint(of: Sums, omega: Array, nu: float, ops: Ops) -> Array:
    """Log density of a group, less what each statement adds whoever else is there."""
    half = (nu + of.size) / 2
    return (
        ops.gammaln(half)
        - 0.5 * ops.log1p(of.size * omega / (1 - omega))
        - half * ops.log1p(of.distance(omega) / nu)
    )


def conditional(seen: Sums, omega: Array, nu: float) -> tuple[Array, Array, Array]:
    """Centre, spread and degrees of freedom of one more error given those seen, a Student-t."""
    degrees = nu + seen.size
    weight = omega / (1 - omega + seen.size * omega)
    left = (1 - omega) * (1 + seen.size * omega) / (1 - omega + seen.size * omega)
    return weight * seen.total, (left * (nu + seen.distance(omega)) / degrees) ** 0.5, degrees


def simulated(
    common: np.ndarray, omega: np.ndarray, crowd: Crowd, rng: np.random.Generator
) -> np.ndarray:
    """Errors of rows, before their tails: of the mean of so many people."""
    own = rng.standard_normal(common.shape)
    error: np.ndarray = omega**0.5 * common + ((1 - omega) / crowd.count) ** 0.5 * own
    return error
