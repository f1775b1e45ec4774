"""The error model where the answers are known: hierarchical over panels and domains.

The equations are those of `error_model.py` (MODEL.md section 5) with the truth given. On a question
of quantiles, in units of s0, with L the consensus (the truth and all error that is shared):

    (L - y) / s_q ~ tau_shared t(nu_shared),    log s_q ~ N(0, scale_sd)
    m_jq - L ~ ((kappa s_jq)^2 + (tau s_q)^2)^.5 exp(skill_j) t(nu_error)

L is flat, so that the answer teaches the shared error and people teach their own. On a yes/no
question the unit is c s_q, with c the same for all, because people who state a probability need not
mean the spread that people state in quantiles; d is how far the truth lies beyond the threshold:

    probit(p_jq) = L + lean_j + error,    L = d + w^.5 (tau_shared / c) z,    d ~ N(mean, sd)
    error ~ (((kappa^2 + tau^2) exp(2 skill_j)) / c^2 + noise^2)^.5 t(nu_error)

with the answer yes where d > 0, mean and sd by panel, and w the weight that makes shared errors
Student-t. Given L and w the chance of yes has a closed form. skill_j ~ N(0, skill_sd) is the log of
a person's imprecision, lean_j ~ N(0, lean_sd), in probits.

Yes/no questions tell kappa^2 + tau^2 alone. So what varies is own = (kappa^2 + tau^2)^.5 and the
log odds of kappa's share in own^2, not kappa and tau: they would lie on a thin curved ridge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc.distributions.dist_math import normal_lcdf

from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.lessons import Answered, Lessons

BY_PANEL = ("tau_shared", "own", "kappa_share")
"""What varies over panels and domains: logs, and the log odds of `kappa_share`. How far s_q strays
from s0 does not vary: few domains have quantiles, and a panel of ten questions with a scale_sd of
its own can shrink all its scales to nothing."""
BY_DOMAIN = ("skill_sd", "lean_sd")
"""What varies over domains alone: a panel of ten people hardly tells how much people differ."""
CONSTANTS = BY_PANEL + BY_DOMAIN
IN_UNITS = ("tau_shared", "own")
"""What is drawn in units of probabilities where a domain has no quantiles."""
PLENTY = 700
"""Statements from which on a domain says more about `BY_DOMAIN` than other domains do."""

MEAN_PRIOR: Mapping[str, tuple[float, float]] = {
    "tau_shared": (0.0, 1.0),
    "own": (0.0, 1.0),
    "kappa_share": (0.0, 1.0),
    "skill_sd": (-0.7, 0.7),
    "lean_sd": (-2.0, 1.0),
}
"""Mean and sd of the prior of each constant's mean."""

SCALE_PRIOR = (-0.7, 0.5)
"""The same of the log of scale_sd."""
UNIT_PRIOR = (0.0, 0.7)
"""The same of the log of c, the unit of probabilities."""

BETWEEN = (2.0, 4.0)
"""Shape and rate of the gamma prior of the sds between domains and between panels: mean .5, and
away from zero, where three domains could not rule them out and the sampler would be caught."""


def learning_model(lessons: Lessons) -> pm.Model:
    """The model of panels with known answers; nothing in it is about AI.

    Returns
    -------
    pm.Model
        `mean_log`, `between_domains` (constant), `between_panels` (by_panel); `nu_shared_above_1`,
        `nu_error_above_1`; `skill_score` and `lean_score` (person), standardised;
        `quantile_consensus`, `binary_consensus` and so on for the two kinds of question;
        `log_skill_sd`, `log_lean_sd` (panel).
    """
    coords: dict[str, Sequence[str] | np.ndarray] = {
        "constant": CONSTANTS, "by_panel": BY_PANEL, "by_domain": BY_DOMAIN,
        "domain": lessons.domain, "with_panels": lessons.domain[with_panels(lessons)],
        "panel": lessons.panel, "person": lessons.person,
        "quantile": lessons.quantile.name, "binary": lessons.binary.name,
    }  # fmt: skip
    with pm.Model(coords={name: list(labels) for name, labels in coords.items()}) as model:
        unit = pm.Normal("log_probability_unit", *UNIT_PRIOR)
        log = _constants(lessons, unit) | {"unit": unit}
        nu_shared = 1 + pm.Gamma("nu_shared_above_1", 2, 1)
        nu_error = 1 + pm.Gamma("nu_error_above_1", 2, 0.5)
        log["scale_sd"] = pm.Normal("log_scale_sd", *SCALE_PRIOR)
        skill = pm.Normal("skill_score", dims="person")
        skill = skill * pt.exp(log["skill_sd"])[lessons.person_panel]
        if lessons.quantile.name.size:
            _quantiles(lessons.quantile, log, skill, nu_shared, nu_error)
        if lessons.binary.name.size:
            _binary(lessons, log, skill, nu_shared, nu_error)
    return model


def _constants(lessons: Lessons, unit: Any) -> dict[str, Any]:
    """Every constant in every panel.

    What the data say much about is drawn as it is, the rest as standardised deviations, and errors
    in domains without quantiles in units of their probabilities; this mixes faster.
    """
    prior = np.array([MEAN_PRIOR[name] for name in CONSTANTS]).T
    mean = pm.Normal("mean_log", *prior, dims="constant")[:, None]
    domains = pm.Gamma("between_domains", *BETWEEN, dims="constant")[:, None]
    panels = pm.Gamma("between_panels", *BETWEEN, dims="by_panel")[:, None]
    split, home = len(BY_PANEL), lessons.panel_domain
    own = _by_panel(lessons, unit, mean[:split], domains[:split], panels)
    of_domain = _by_domain(lessons, mean[split:], domains[split:])
    log = {name: own[row] for row, name in enumerate(BY_PANEL)}
    log |= {name: of_domain[row][home] for row, name in enumerate(BY_DOMAIN)}
    for name in BY_DOMAIN:
        pm.Deterministic(f"log_{name}", log[name], dims="panel")
    return log


def _by_panel(lessons: Lessons, unit: Any, mean: Any, domains: Any, panels: Any) -> Any:
    """What varies over panels and domains (by_panel, panel).

    Where a domain is a single panel its deviation and the panel's are one, with both variances:
    only their sum would be known.
    """
    home, size = lessons.panel_domain, np.bincount(lessons.panel_domain)
    no_quantiles = ~np.isin(np.arange(size.size), home[lessons.quantile.panel])
    in_units = np.isin(BY_PANEL, IN_UNITS)[:, None] & no_quantiles
    mean = mean - in_units * unit
    several, known = with_panels(lessons), np.array(BY_PANEL)[:, None] == "own"
    domain = pt.zeros((len(BY_PANEL), size.size))
    if several.size:
        dims = ("by_panel", "with_panels")
        value = _drawn("domain_value", known, mean[:, several], domains, dims)
        domain = pt.set_subtensor(domain[:, several], value)
    alone = size[home] == 1
    centre = pt.switch(alone, mean[:, home], domain[:, home])
    spread = pt.sqrt(panels**2 + alone * domains**2)
    value = _drawn("panel_value", known, centre, spread, ("by_panel", "panel"))
    return value + in_units[:, home] * unit


def with_panels(lessons: Lessons) -> np.ndarray:
    """The domains that have several panels."""
    return np.flatnonzero(np.bincount(lessons.panel_domain) > 1)


def _by_domain(lessons: Lessons, mean: Any, domains: Any) -> Any:
    """What varies over domains alone (by_domain, domain)."""
    answers = lessons.binary.panel[lessons.binary.question]
    said = [np.concatenate([lessons.quantile.panel[lessons.quantile.question], answers]), answers]
    size = lessons.domain.size
    known = np.stack(
        [np.bincount(lessons.panel_domain[panel], minlength=size) >= PLENTY for panel in said]
    )
    return _drawn("of_domain", known, mean, domains, ("by_domain", "domain"))


def _drawn(name: str, known: np.ndarray, mean: Any, sd: Any, dims: tuple[str, str]) -> Any:
    """Normals, those that are known well as they are, the others standardised."""
    drawn = pm.Normal(name, pt.switch(known, mean, 0), pt.switch(known, sd, 1), dims=dims)
    return pt.switch(known, drawn, mean + sd * drawn)


def log_t(z: Any, degrees: Any) -> Any:
    """Log density of Student-t."""
    return (
        pt.gammaln((degrees + 1) / 2)
        - pt.gammaln(degrees / 2)
        - 0.5 * pt.log(degrees * np.pi)
        - (degrees + 1) / 2 * pt.log1p(z**2 / degrees)
    )


def _quantiles(
    of: Answered, log: Mapping[str, Any], skill: Any, nu_shared: Any, nu_error: Any
) -> None:
    """Questions answered by quantiles."""
    consensus = pm.Flat("quantile_consensus", dims="quantile", initval=np.zeros(of.name.size))
    score = pm.Normal("quantile_scale_score", dims="quantile")
    scale = pt.exp(pt.exp(log["scale_sd"]) * score)
    shared = scale * pt.exp(log["tau_shared"])[of.panel]
    pm.Potential(
        "quantile_shared", log_t((consensus - of.outcome) / shared, nu_shared) - pt.log(shared)
    )
    share = pt.sigmoid(log["kappa_share"])[of.panel]
    kappa = share[of.question] * of.spread**2
    tau = ((1 - share) * scale**2)[of.question]
    own = pt.sqrt(kappa + tau) * pt.exp(log["own"][of.panel][of.question] + skill[of.person])
    error = (of.centre - consensus[of.question]) / own
    pm.Potential("quantile_own", log_t(error, nu_error) - pt.log(own))


def _binary(
    lessons: Lessons, log: Mapping[str, Any], skill: Any, nu_shared: Any, nu_error: Any
) -> None:
    """Yes/no questions."""
    of, noise = lessons.binary, ErrorConstants().probit_noise
    unit, home = log["unit"], lessons.person_panel
    mean = pm.Normal("truth_mean", dims="panel")[of.panel]
    sd = pt.exp(pm.Normal("truth_log_sd", -0.2, 0.5, dims="panel"))[of.panel]
    lean = pm.Normal("lean_score", dims="person") * pt.exp(log["lean_sd"])[home]
    precision = pm.Gamma("shared_precision", nu_shared / 2, nu_shared / 2, dims="binary")
    consensus = pm.Flat("binary_consensus", dims="binary", initval=np.zeros(of.name.size))
    shared = pt.exp(2 * (log["tau_shared"] - unit))[of.panel] / precision
    total = pt.sqrt(sd**2 + shared)
    pm.Potential("binary_shared", log_normal((consensus - mean) / total) - pt.log(total))
    score = (2 * of.outcome - 1) * chance_score(consensus, mean, sd, shared)
    pm.Potential("binary_answer", normal_lcdf(0, 1, score))
    scale = pt.sqrt(pt.exp(2 * ((log["own"] - unit)[home] + skill)) + noise**2)
    error = (of.centre - consensus[of.question] - lean[of.person]) / scale[of.person]
    pm.Potential("binary_own", log_t(error, nu_error) - pt.log(scale)[of.person])


def log_normal(z: Any) -> Any:
    """Log density of the standard normal."""
    return -0.5 * (z**2 + np.log(2 * np.pi))


def chance_score(consensus: Any, mean: Any, sd: Any, shared: Any) -> Any:
    """Probit of the chance that d > 0 given the consensus L = d + error of variance `shared`.

    d given L is normal with mean `mean` + rho (L - `mean`), rho = sd^2 / (sd^2 + `shared`), and
    variance (1 - rho) sd^2 = rho `shared`.
    """
    rho = sd**2 / (sd**2 + shared)
    return (mean + rho * (consensus - mean)) / (rho * shared) ** 0.5
