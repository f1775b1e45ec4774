"""The error model where answers are known: its density by hand, and a recovery of constants."""

from dataclasses import replace

import arviz as az
import numpy as np
import pytest
from pytensor.compile.mode import Mode
from scipy import integrate, special, stats

from sweet_spot.inference import learning_model as learning_room
from sweet_spot.inference.learn import people, sampled
from sweet_spot.inference.learning_model import (
    BETWEEN,
    BY_DOMAIN,
    CONSTANTS,
    IN_UNITS,
    MEAN_PRIOR,
    SCALE_PRIOR,
    UNIT_PRIOR,
    chance_score,
    learning_model,
)
from sweet_spot.inference.lessons import Answered, Lessons
from sweet_spot.inference.refit import Settings

TRUE = {"tau_shared": 0.9, "tau": 0.7, "kappa": 0.6, "skill_sd": 0.4, "lean_sd": 0.4}
AS_WRITTEN = Mode(linker="py", optimizer=None)
"""The graph as it stands: rewriting and compiling it would take a minute."""
SCALE_SD, UNIT, NU_SHARED, NU_ERROR, NOISE = 0.3, 2.0, 6.0, 6.0, 0.2


def simulated(panels: int, asked: int, spoke: int, seed: int) -> Lessons:
    """Panels as the equations say, half of them quantiles, half yes/no; the last panel is a domain
    of its own, the others share one.
    """
    rng = np.random.default_rng(seed)
    kinds, skill = [], rng.normal(0, TRUE["skill_sd"], 2 * panels * spoke)
    lean = rng.normal(0, TRUE["lean_sd"], skill.size)  # in probits
    differs = rng.normal(0, 0.3, 2 * panels)  # own error, over panels
    for kind in range(2):
        home = np.repeat(np.arange(panels), asked) * 2 + kind
        question = np.repeat(np.arange(home.size), spoke)
        person = home[question] * spoke + np.tile(np.arange(spoke), home.size)
        scale = np.exp(rng.normal(0, SCALE_SD, home.size)) if kind == 0 else np.ones(home.size)
        scale = scale / (UNIT if kind else 1)
        truth = rng.normal(0, 1, home.size)
        shared = scale * TRUE["tau_shared"] * rng.standard_t(NU_SHARED, home.size)
        spread = np.exp(rng.normal(0, 0.3, question.size)) if kind == 0 else np.ones(question.size)
        own = np.hypot(
            TRUE["kappa"] * spread / (UNIT if kind else 1), TRUE["tau"] * scale[question]
        )
        own = own * np.exp(differs[home[question]])
        own = np.hypot(own * np.exp(skill[person]), NOISE * kind)
        centre = (truth + shared)[question] + own * rng.standard_t(NU_ERROR, question.size)
        centre = centre + kind * lean[person]
        name = np.array([f"{'qb'[kind]}{i}" for i in range(home.size)])
        outcome = truth if kind == 0 else (truth > 0) * 1.0
        kinds.append(Answered(name, home, outcome, question, person, centre, spread))
    panel_domain = (np.arange(2 * panels) == 2 * panels - 1) * 1
    panel = np.array([f"d{d}/{i:02}" for i, d in enumerate(panel_domain)])
    who = np.array([f"d:{i:04}" for i in range(skill.size)])
    return Lessons(
        np.array(["d0", "d1"]), panel, panel_domain, who,
        np.repeat(np.arange(2 * panels), spoke), *kinds, {},
    )  # fmt: skip


def by_hand(of: Lessons, at: dict[str, np.ndarray], plenty: set[tuple[str, int]]) -> float:
    """Log density of the learning model at a point, with SciPy, question by question.

    `plenty`: which constants of which domains are drawn as they are.
    """
    log, out, unit = {}, 0.0, at["log_probability_unit"]
    home = list(of.panel_domain)
    lone = [d for d in (0, 1) if home.count(d) == 1]
    shared = [d for d in (0, 1) if home.count(d) > 1]
    for row, name in enumerate(CONSTANTS):
        mean, wide = at["mean_log"][row], at["between_domains"][row]
        out += stats.norm.logpdf(mean, *MEAN_PRIOR[name])
        log[name] = np.zeros(of.panel.size)
        if name in BY_DOMAIN:
            value = at["of_domain"][row - 3]
            for d in (0, 1):
                as_it_is = (name, d) in plenty
                out += stats.norm.logpdf(value[d], *((mean, wide) if as_it_is else (0, 1)))
                log[name][np.array(home) == d] = value[d] if as_it_is else mean + wide * value[d]
            continue
        shift = np.array([unit if name in IN_UNITS and not of_domain(of, d) else 0 for d in (0, 1)])
        of_its_own = {}
        for k, d in enumerate(shared):
            value, scaled = at["domain_value"][row, k], name != "own"
            out += stats.norm.logpdf(value, *((0, 1) if scaled else (mean - shift[d], wide)))
            of_its_own[d] = mean - shift[d] + wide * value if scaled else value
        for p, d in enumerate(home):
            value, narrow = at["panel_value"][row, p], at["between_panels"][row]
            if d in lone:
                centre, spread = mean - shift[d], np.hypot(narrow, wide)
            else:
                centre, spread = of_its_own[d], narrow
            out += stats.norm.logpdf(value, *((centre, spread) if name == "own" else (0, 1)))
            log[name][p] = shift[d] + (value if name == "own" else centre + spread * value)
    for name in ("between_domains", "between_panels"):
        out += stats.gamma.logpdf(at[name], BETWEEN[0], scale=1 / BETWEEN[1]).sum()
    for name in ("skill_score", "quantile_scale_score", "lean_score", "truth_mean"):
        out += stats.norm.logpdf(at[name]).sum()
    out += stats.norm.logpdf(at["log_scale_sd"], *SCALE_PRIOR)
    out += stats.norm.logpdf(unit, *UNIT_PRIOR)
    out += stats.norm.logpdf(at["truth_log_sd"], -0.2, 0.5).sum()
    nu_shared, nu_error = 1 + at["nu_shared_above_1"], 1 + at["nu_error_above_1"]
    out += stats.gamma.logpdf(nu_shared - 1, 2) + stats.gamma.logpdf(nu_error - 1, 2, scale=2)
    precision = at["shared_precision"]
    out += stats.gamma.logpdf(precision, nu_shared / 2, scale=2 / nu_shared).sum()
    skill = at["skill_score"] * np.exp(log["skill_sd"])[of.person_panel]
    lean = at["lean_score"] * np.exp(log["lean_sd"])[of.person_panel]

    log["kappa"] = log["own"] + np.log(special.expit(log["kappa_share"])) / 2
    log["tau"] = log["own"] + np.log(special.expit(-log["kappa_share"])) / 2
    unit = np.exp(unit)

    def constant(name: str, panel: int) -> float:
        return float(np.exp(log[name][panel]))

    q = of.quantile
    for i, panel in enumerate(q.panel):
        scale = np.exp(np.exp(at["log_scale_sd"]) * at["quantile_scale_score"][i])
        level = at["quantile_consensus"][i]
        shared = scale * constant("tau_shared", panel)
        out += stats.t.logpdf(level, nu_shared, q.outcome[i], shared)
        for s in np.flatnonzero(q.question == i):
            own = np.hypot(constant("kappa", panel) * q.spread[s], constant("tau", panel) * scale)
            own *= np.exp(skill[q.person[s]])
            out += stats.t.logpdf(q.centre[s], nu_error, level, own)
    b = of.binary
    for i, panel in enumerate(b.panel):
        level, mean = at["binary_consensus"][i], at["truth_mean"][panel]
        sd = np.exp(at["truth_log_sd"][panel])
        shared = constant("tau_shared", panel) / unit / precision[i] ** 0.5
        out += stats.norm.logpdf(level, mean, np.hypot(sd, shared))
        out += np.log(chance_by_quadrature(level, mean, sd, shared, b.outcome[i]))
        for s in np.flatnonzero(b.question == i):
            j = b.person[s]
            own = np.hypot(constant("kappa", panel), constant("tau", panel)) * np.exp(skill[j])
            at_, wide = level + lean[j], np.hypot(own / unit, NOISE)
            out += stats.t.logpdf(b.centre[s], nu_error, at_, wide)
    return float(out)


def of_domain(of: Lessons, domain: int) -> bool:
    """Whether a domain has quantiles."""
    return any(of.panel_domain[panel] == domain for panel in of.quantile.panel)


def chance_by_quadrature(level, mean, sd, shared, answer) -> float:
    """Chance of the answer given the consensus, from the joint density of truth and consensus."""

    def joint(d: float) -> float:
        return float(stats.norm.pdf(d, mean, sd) * stats.norm.pdf(level, d, shared))

    far = 12 * max(sd, shared)
    yes = integrate.quad(joint, 0, max(mean, level, 0) + far, points=[max(level, 0)])[0]
    no = integrate.quad(joint, min(mean, level, 0) - far, 0, points=[min(level, 0)])[0]
    return (yes if answer else no) / (yes + no)


@pytest.mark.parametrize("turned", [False, True])
def test_density_by_hand(turned, monkeypatch):
    """Both ways round: the lone domain, whose panel says much of itself, is one of yes/no
    questions alone; or two panels of yes/no questions share one.
    """
    monkeypatch.setattr(learning_room, "PLENTY", 12)
    of = simulated(2, 2, 3, seed=5)
    if turned:
        of = replace(of, panel_domain=np.array([0, 1, 0, 1]))
    # six statements a panel, quantiles in the even ones
    skilled = [("skill_sd", 0), ("skill_sd", 1)] if turned else [("skill_sd", 0)]
    plenty = {*skilled, *([("lean_sd", 1)] if turned else [])}
    model = learning_model(of)
    rng = np.random.default_rng(8)
    free = {
        v.name: rng.normal(0, 0.6, np.shape(model.initial_point()[model.rvs_to_values[v].name]))
        for v in model.free_RVs
    }
    logp = model.compile_fn(model.logp(jacobian=False), inputs=model.value_vars, mode=AS_WRITTEN)
    point = {model.rvs_to_values[v].name: free[v.name] for v in model.free_RVs}
    positive = {"between_domains", "between_panels", "nu_shared_above_1", "nu_error_above_1",
                "shared_precision"}  # fmt: skip
    at = {name: np.exp(value) if name in positive else value for name, value in free.items()}
    # both are sums of some 150 terms of order one; quadrature is good to 1e-8
    assert float(logp(point)) == pytest.approx(by_hand(of, at, plenty), abs=1e-6)


@pytest.mark.parametrize("level", [-3.0, 0.2, 4.0])
def test_chance_of_yes_is_the_integral(level):
    score = chance_score(level, -0.4, 0.8, 1.3**2)
    # quad is asked for 1e-8 absolute
    found = chance_by_quadrature(level, -0.4, 0.8, 1.3, 1)
    assert stats.norm.cdf(score) == pytest.approx(found, abs=1e-7)


@pytest.mark.slow
def test_known_constants_come_back():
    """Recovery; and a control that must fail: every answer is the opposite of the right one."""
    of = simulated(8, 12, 10, seed=21)
    settings = Settings(draws=1500, tune=1000, seed=4, target_accept=0.95)
    posterior, _ = sampled(of, settings)  # with two domains the sds between them mix slowly
    found = of_first_domain(posterior)
    assert max(float(az.rhat(draws)) for draws in found.values()) < 1.02
    share = TRUE["kappa"] ** 2 / (TRUE["kappa"] ** 2 + TRUE["tau"] ** 2)
    true = {name: np.log(TRUE[name]) for name in ("tau_shared", "skill_sd", "lean_sd")}
    true["own"] = np.log(np.hypot(TRUE["kappa"], TRUE["tau"]))
    true |= {"kappa_share": special.logit(share), "unit": np.log(UNIT)}
    for name, value in true.items():
        assert abs(value - found[name].mean()) < 3 * found[name].std(), name
        if name != "kappa_share":  # log odds, which no yes/no question informs
            assert found[name].std() < np.log(2) / 3, name  # twice as much would be noticed
    skill = people(posterior, of)["log_imprecision_mean"]
    assert skill.std() > 0.15  # .4 shrunk
    opposite = replace(
        of,
        quantile=replace(of.quantile, outcome=-of.quantile.outcome),
        binary=replace(of.binary, outcome=1 - of.binary.outcome),
    )
    wrong = of_first_domain(sampled(opposite, settings)[0])["tau_shared"]
    assert wrong.mean() - true["tau_shared"] > 3 * wrong.std()


def of_first_domain(posterior):
    """Draws of each constant in the domain that has several panels, and of the unit."""
    domain = posterior["domain_value"].isel(with_panels=0)
    found = {"own": domain.sel(by_panel="own"), "unit": posterior["log_probability_unit"]}
    for name in ("tau_shared", "kappa_share"):
        spread = posterior["between_domains"].sel(constant=name)
        found[name] = posterior["mean_log"].sel(constant=name) + spread * domain.sel(by_panel=name)
    for name in BY_DOMAIN:
        found[name] = posterior[f"log_{name}"].isel(panel=0)
    return {name: draws.to_numpy() for name, draws in found.items()}
