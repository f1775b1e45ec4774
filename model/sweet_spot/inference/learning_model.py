"""The error model where the answers are known: hierarchical over panels and domains.

The equations are those of `error_model.py` (MODEL.md section 5) with the truth given. On a question
of quantiles, in units of s0, with L the consensus (the truth and all error that is shared):

    (L - y) / s_q ~ tau_shared t(nu_shared),    log s_q ~ N(0, scale_sd)
    (m_jq - L) / ((kappa s_jq)^2 + (tau s_q)^2)^.5 exp(skill_j) ~ t(nu_error)

L is flat, so that the answer teaches the shared error and people teach their own. On a yes/no
question everything is in units of s_q; d is how far the truth lies beyond the threshold:

    probit(p_jq) = L + lean_j + error,    L = d + w^.5 tau_shared z,    d ~ N(mean, sd) by panel
    error ~ t(nu_error), scale (((kappa^2 + tau^2) exp(2 skill_j)) + noise^2)^.5

with the answer yes where d > 0, and w the weight that makes shared errors Student-t. Given L and w
the chance of yes has a closed form. skill_j ~ N(0, skill_sd) is the log of a person's imprecision,
lean_j ~ N(0, lean_sd). Each constant's log is a mean, a deviation of the domain and one of the
panel.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.dist_math import normal_lcdf

from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.lessons import Lessons

CONSTANTS = ("tau_shared", "tau", "kappa", "skill_sd", "lean_sd")
"""What varies over panels and domains, each on the log scale. How far s_q strays from s0 does not:
few domains have quantiles, and a panel of ten questions with a scale_sd of its own can shrink all
its scales to nothing."""

MEAN_PRIOR: Mapping[str, tuple[float, float]] = {
    "tau_shared": (0.0, 1.0),
    "tau": (-0.3, 1.0),
    "kappa": (-0.7, 0.7),
    "skill_sd": (-0.7, 0.7),
    "lean_sd": (-1.2, 0.7),
}
"""Mean and sd of the prior of each constant's mean log."""

SCALE_PRIOR = (-0.7, 0.5)
"""The same of scale_sd."""

BETWEEN = 0.4
"""Scale of the half-normal prior of the sds between domains and between panels."""


def learning_model(lessons: Lessons) -> pm.Model:
    """The model of panels with known answers; nothing in it is about AI.

    Returns
    -------
    pm.Model
        `mean_log`, `between_domains`, `between_panels` (constant); `nu_shared`, `nu_error`; `log`
        (constant, panel), the log of each constant in each panel; `skill_score` and `lean_score`
        (person), standardised; `consensus` and so on for the two kinds of question.
    """
    coords = {
        "constant": CONSTANTS, "domain": lessons.domain, "panel": lessons.panel,
        "person": lessons.person, "quantile": lessons.quantile.name, "binary": lessons.binary.name,
    }  # fmt: skip
    with pm.Model(coords={name: list(labels) for name, labels in coords.items()}) as model:
        log = _constants(lessons)
        nu_shared = 1 + pm.Gamma("nu_shared_above_1", 2, 1)
        nu_error = 1 + pm.Gamma("nu_error_above_1", 2, 0.5)
        skill = (
            pm.Normal("skill_score", dims="person") * pt.exp(log["skill_sd"])[lessons.person_panel]
        )
        if lessons.quantile.name.size:
            _quantiles(lessons, log, skill, nu_shared, nu_error)
        if lessons.binary.name.size:
            _binary(lessons, log, skill, nu_shared, nu_error)
    return model


def _constants(lessons: Lessons) -> dict[str, Any]:
    """The log of every constant in every panel."""
    mean, sd = np.array([MEAN_PRIOR[name] for name in CONSTANTS]).T
    mean_log = pm.Normal("mean_log", mean, sd, dims="constant")
    domains = pm.HalfNormal("between_domains", BETWEEN, dims="constant")
    panels = pm.HalfNormal("between_panels", BETWEEN, dims="constant")
    domain = pm.Normal("domain_score", dims=("constant", "domain"))
    panel = pm.Normal("panel_score", dims=("constant", "panel"))
    log = (
        mean_log[:, None]
        + domains[:, None] * domain[:, lessons.panel_domain]
        + panels[:, None] * panel
    )
    return {name: log[row] for row, name in enumerate(CONSTANTS)}


def log_t(z: Any, degrees: Any) -> Any:
    """Log density of Student-t."""
    return (
        pt.gammaln((degrees + 1) / 2)
        - pt.gammaln(degrees / 2)
        - 0.5 * pt.log(degrees * np.pi)
        - (degrees + 1) / 2 * pt.log1p(z**2 / degrees)
    )


def _quantiles(
    lessons: Lessons, log: Mapping[str, Any], skill: Any, nu_shared: Any, nu_error: Any
) -> None:
    """Questions answered by quantiles."""
    of = lessons.quantile
    consensus = pm.Flat("quantile_consensus", dims="quantile", initval=np.zeros(of.name.size))
    score = pm.Normal("quantile_scale_score", dims="quantile")
    scale = pt.exp(pt.exp(pm.Normal("log_scale_sd", *SCALE_PRIOR)) * score)
    shared = scale * pt.exp(log["tau_shared"])[of.panel]
    pm.Potential(
        "quantile_shared", log_t((consensus - of.outcome) / shared, nu_shared) - pt.log(shared)
    )
    kappa = pt.exp(log["kappa"])[of.panel][of.question] * of.spread
    tau = (scale * pt.exp(log["tau"])[of.panel])[of.question]
    own = pt.sqrt(kappa**2 + tau**2) * pt.exp(skill)[of.person]
    error = (of.centre - consensus[of.question]) / own
    pm.Potential("quantile_own", log_t(error, nu_error) - pt.log(own))


def _binary(
    lessons: Lessons, log: Mapping[str, Any], skill: Any, nu_shared: Any, nu_error: Any
) -> None:
    """Yes/no questions."""
    of, noise = lessons.binary, ErrorConstants().probit_noise
    mean = pm.Normal("truth_mean", dims="panel")[of.panel]
    sd = pt.exp(pm.Normal("truth_log_sd", -0.2, 0.5, dims="panel"))[of.panel]
    lean = pm.Normal("lean_score", dims="person") * pt.exp(log["lean_sd"])[lessons.person_panel]
    precision = pm.Gamma("shared_precision", nu_shared / 2, nu_shared / 2, dims="binary")
    consensus = pm.Flat("binary_consensus", dims="binary", initval=np.zeros(of.name.size))
    shared = pt.exp(2 * log["tau_shared"])[of.panel] / precision
    total = pt.sqrt(sd**2 + shared)
    pm.Potential("binary_shared", -0.5 * ((consensus - mean) / total) ** 2 - pt.log(total))
    pm.Potential(
        "binary_answer",
        normal_lcdf(0, 1, (2 * of.outcome - 1) * chance_score(consensus, mean, sd, shared)),
    )
    own = pt.exp(2 * log["kappa"]) + pt.exp(2 * log["tau"])
    scale = pt.sqrt(own[lessons.person_panel] * pt.exp(2 * skill) + noise**2)[of.person]
    error = (of.centre - consensus[of.question] - lean[of.person]) / scale
    pm.Potential("binary_own", log_t(error, nu_error) - pt.log(scale))


def chance_score(consensus: Any, mean: Any, sd: Any, shared: Any) -> Any:
    """Probit of the chance that d > 0 given the consensus L = d + error of variance `shared`.

    d given L is normal with mean `mean` + rho (L - `mean`), rho = sd^2 / (sd^2 + `shared`), and
    variance (1 - rho) sd^2 = rho `shared`.
    """
    rho = sd**2 / (sd**2 + shared)
    return (mean + rho * (consensus - mean)) / (rho * shared) ** 0.5
