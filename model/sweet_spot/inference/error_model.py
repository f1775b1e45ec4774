"""How people report: from a quantity's value to what a statement is expected to say.

Written once for NumPy and PyTensor (MODEL.md section 5). With h the value of the quantity on its
working scale and s_q the question's scale, a reporter's centre is

    m = h + s_q (shared_q + mapping_q + loading_q (disposition) + error)

The error is Student-t with `nu_error` degrees of freedom. Within one cluster on one question errors
are multivariate t: a share omega of their variance is common, and so is the weight that makes tails
heavy. Each error alone is then exactly Student-t, whoever else is in the files. The density is
written by the chain rule, each statement given those before it in its group, which needs no free
variable and gives one number per statement. Censored statements come last in their group and are
independent of each other given the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sweet_spot.argument.structure import Array, Ops
from sweet_spot.inference.bounds import Censored, Scores, log_tail, one_sided
from sweet_spot.inference.crowd import (
    Crowd,
    Sums,
    conditional,
    row_density,
    simulated,
    sums,
)


@dataclass(frozen=True)
class ErrorConstants:
    """The constants of the error model, from resolved elicitations (MODEL.md section 5).

    `tau_shared`, `nu_shared`: scale and degrees of freedom of the error that everyone on a question
    shares, `topic_share` of its variance with the whole topic. `tau`, `kappa`, `nu_error`: a
    person's own error. `probability_unit`: spread that people mean who state a probability, over
    the one they state in quantiles. `probit_noise`: of a single probability. `scale_sd`: of log s_q
    around its constant. `loading_sd`, `disposition_*`: optimism. `most_people`: beyond it a
    group's median gets no better.
    """

    tau_shared: float = 1.2
    nu_shared: float = 3.0
    topic_share: float = 0.5
    tau: float = 0.85
    kappa: float = 0.3
    nu_error: float = 5.0
    probability_unit: float = 1.0
    probit_noise: float = 0.2
    scale_sd: float = 0.5
    loading_sd: float = 0.5
    disposition_field: float = 0.5
    disposition_cluster: float = 0.7
    disposition_expert: float = 0.7
    omega: tuple[float, float] = (2.0, 4.0)
    mapping_exact: float = 0.0
    mapping_close: float = 0.5
    mapping_loose: float = 1.0
    most_people: int = 10


@dataclass(frozen=True)
class Panel:
    """Statements and questions as plain arrays; see `panel.py`, which makes them from evidence.

    Per statement: `question`, `expert`, `group` indices, `probability` flag, `curvature` (of a
    stated mean), `score` (of a lone quantile), `threshold`, `side`, `spread` (NaN unstated),
    `people`; `imprecision` (factor on the own error) and `lean` (of a probability, upwards in
    probits), which resolved forecasts of the person tell, else 1 and 0; `before`, their
    `places` (crowd.py), which say who comes before whom. Per question: `topic` index, `direction`,
    `mapping_sd`, `log_scale` (log s0). Per expert: `cluster` index (0 = none) and `expert_sd`.
    `crowd`: what each row stands for where some stand for many statements, else None.
    `censored`: which rows are; None: as `side` says.
    """

    question: np.ndarray
    expert: np.ndarray
    group: np.ndarray
    probability: np.ndarray
    curvature: np.ndarray
    score: np.ndarray
    threshold: np.ndarray
    side: np.ndarray
    spread: np.ndarray
    people: np.ndarray
    imprecision: np.ndarray
    lean: np.ndarray
    before: np.ndarray
    topic: np.ndarray
    direction: np.ndarray
    mapping_sd: np.ndarray
    log_scale: np.ndarray
    cluster: np.ndarray
    expert_sd: np.ndarray
    crowd: Crowd | None = None
    censored: Censored | None = None


def question_scale(
    free: Mapping[str, Array], panel: Panel, constants: ErrorConstants, ops: Ops
) -> Array:
    """s_q (..., question), on the question's working scale."""
    return ops.exp(panel.log_scale + constants.scale_sd * free["question_scale_score"])


def bias(free: Mapping[str, Array], panel: Panel, constants: ErrorConstants, ops: Ops) -> Array:
    """All error but the person's own on the question, in units of s_q (..., statement)."""
    topic = free["shared_topic"][..., panel.topic]
    share = constants.topic_share
    shared = constants.tau_shared * (
        share**0.5 * topic + (1 - share) ** 0.5 * free["shared_question"]
    )
    shared = shared + panel.mapping_sd * free["mapping"]
    loading = panel.direction * constants.loading_sd * free["loading"]
    field = free["disposition_field"][..., None]
    # in front a zero, for experts in no cluster
    cluster = ops.join_last(
        [0 * field, constants.disposition_cluster * free["disposition_cluster"]]
    )
    disposition = (
        constants.disposition_field * field
        + cluster[..., panel.cluster]
        + panel.expert_sd * free["disposition_expert"]
    )
    q, j = panel.question, panel.expert
    return (
        shared[..., q]
        + loading[..., q] * disposition[..., j]
        + constants.probability_unit * panel.lean
    )


def expected(
    values: Array, free: Mapping[str, Array], panel: Panel, constants: ErrorConstants, ops: Ops
) -> tuple[Array, Array]:
    """Location and scale of every observation, before the person's own error (..., statement).

    `values` are the quantities on their working scales, one per statement. A probability is stated
    in units of the spread that its people mean, so that its scale is a pure number.
    """
    unit = constants.probability_unit
    scale = question_scale(free, panel, constants, ops)[..., panel.question]
    centre = values + scale * bias(free, panel, constants, ops)
    variance = _variance(scale, panel, constants, ops)
    location = ops.where(
        panel.probability,
        (panel.threshold - centre) / (unit * scale),
        centre + panel.score * scale + panel.curvature * scale**2 / 2,
    )
    return location, ops.where(panel.probability, 1.0, scale) * variance**0.5


def _variance(scale: Array, panel: Panel, constants: ErrorConstants, ops: Ops) -> Array:
    """Square of the error's own scale, in units of s_q; of a probability's in probits."""
    stated = panel.spread >= 0  # it is NaN where none was stated
    ratio = ops.where(stated, ops.where(stated, panel.spread, 1.0) / scale, 1.0)
    people = ops.minimum(panel.people, constants.most_people)
    noise = constants.probit_noise**2 * panel.probability
    own = ((constants.kappa * ratio) ** 2 + constants.tau**2) * panel.imprecision**2
    unit = ops.where(panel.probability, constants.probability_unit, 1.0)
    return own / (people * unit**2) + noise


def log_density(
    observed: Array,
    location: Array,
    scale: Array,
    omega: Array,
    live: Array,
    panel: Panel,
    nu: float,
    ops: Ops,
    scores: Scores | None = None,
) -> Array:
    """Log density of every statement given the live ones before it in its group (..., statement).

    Of a censored one the log probability of its side; of a dead one zero. `omega` has a last axis
    of length one. The sum is the joint log density. `scores`: of groups of crowds with bounds.
    """
    error = turned(panel) * (observed - location) / scale
    if panel.crowd is not None:
        return row_density(error, scale, omega, live, panel, panel.crowd, nu, ops, scores)
    centre, spread, degrees = given_group(error, scale, omega, live, panel, nu)
    z = (error - centre) / spread
    density = (
        ops.gammaln((degrees + 1) / 2)
        - ops.gammaln(degrees / 2)
        - 0.5 * ops.log(degrees * np.pi)
        - (degrees + 1) / 2 * ops.log1p(z**2 / degrees)
        - ops.log(spread * scale)
    )
    censored = one_sided(panel)
    if censored is not None:
        density = _with_sides(density, z, degrees, panel, censored, ops)
    return live * density


def turned(panel: Panel) -> Array:
    """-1 for a probability, which falls as the person's centre rises, so that errors agree."""
    return 1.0 - 2.0 * panel.probability


def given_group(
    error: Array, scale: Array, omega: Array, live: Array, panel: Panel, nu: float
) -> tuple[Array, Array, Array]:
    """Centre, spread and degrees of freedom of each error given the live ones before it.

    `error` (..., statement) is in units of its scale and turned. The conditional of a multivariate
    t with `nu` degrees of freedom and equal correlations omega is a Student-t with one degree more
    per member seen.
    """
    if panel.crowd is not None:
        own = sums(error, scale, live, panel.crowd)
    else:
        seen = live * (1.0 - panel.side**2)  # nothing is taken given the censored
        own = Sums(seen, seen * error, seen * error**2)
    return conditional(own.before(panel.before), omega, nu)


def _with_sides(
    density: Array, z: Array, degrees: Array, panel: Panel, censored: Censored, ops: Ops
) -> Array:
    """Replaces the density of the censored by the probability of their side of z."""
    where = censored.rows
    beyond = (panel.side * turned(panel))[where] * z[..., where]
    tail = log_tail(beyond, degrees[..., where], ops)
    return ops.join_last([density, tail])[..., censored.place]


def simulate(
    location: np.ndarray,
    scale: np.ndarray,
    omega: np.ndarray,
    panel: Panel,
    nu: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Statements as fresh reporters would make them (..., statement); sides are not censored.

    `omega` has a last axis of length one. A row of a crowd is the mean of as many.
    """
    leading, groups = location.shape[:-1], int(panel.group.max(initial=0)) + 1
    tail = (nu / rng.chisquare(nu, (*leading, groups))) ** 0.5
    common = rng.standard_normal((*leading, groups))
    if panel.crowd is None:
        own = rng.standard_normal(location.shape)
        error = omega**0.5 * common[..., panel.group] + (1 - omega) ** 0.5 * own
    else:
        error = simulated(common[..., panel.group], omega, panel.crowd, rng)
    sign = np.where(panel.probability, -1.0, 1.0)
    said: np.ndarray = location + sign * scale * tail[..., panel.group] * error
    return said
