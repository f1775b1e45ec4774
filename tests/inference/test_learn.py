"""The learned error model: its density by hand, what it is taught, what it says of a new panel."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from pytensor.compile.mode import Mode
from scipy import integrate, special, stats

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.inference import learning_model as learning_room
from sweet_spot.inference.learn import (
    citations,
    content_digest,
    on_new_panel,
    people,
    sampled,
)
from sweet_spot.inference.learned import FROM_ONE, LEARNED, Learned, load_learned, write_learned
from sweet_spot.inference.learning_model import (
    BETWEEN,
    BY_DOMAIN,
    BY_PANEL,
    CONSTANTS,
    IN_UNITS,
    MEAN_PRIOR,
    SCALE_PRIOR,
    UNIT_PRIOR,
    chance_score,
    learning_model,
)
from sweet_spot.inference.lessons import Answered, Lessons, Thinning, fitted, lessons
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.resolved import Stated, read_resolved

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
        for k, d in enumerate(shared):
            out += stats.norm.logpdf(at["domain_value"][row, k], mean - shift[d], wide)
        for p, d in enumerate(home):
            value, narrow = at["panel_value"][row, p], at["between_panels"][row]
            if d in lone:
                centre, spread = mean - shift[d], np.hypot(narrow, wide)
            else:
                centre, spread = at["domain_value"][row, shared.index(d)], narrow
            out += stats.norm.logpdf(value, *((centre, spread) if name == "own" else (0, 1)))
            log[name][p] = shift[d] + (value if name == "own" else centre + spread * value)
    for name in ("between_domains", "between_panels"):
        out += stats.halfnorm.logpdf(at[name], scale=BETWEEN).sum()
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


def test_centre_and_spread_are_least_squares():
    levels = np.array([0.05, 0.25, 0.5, 0.95])
    values = np.array([[1.0, 2, 4, 9], [0, np.nan, 1, 2], [np.nan, np.nan, 3, np.nan]])
    centre, spread = fitted(Stated(np.arange(3), levels, values))
    for row in range(2):
        there = np.isfinite(values[row])
        slope, middle = np.polyfit(stats.norm.ppf(levels[there]), values[row][there], 1)
        assert (centre[row], spread[row]) == pytest.approx((middle, slope), rel=1e-9)
    assert np.isnan([centre[2], spread[2]]).all()


@pytest.fixture
def two_panels(write_panel):
    """One dataset: panel A of three separate questions, B with two questions on one outcome."""
    said, answers = [], []
    for q, group, who_spoke in (
        ("a1", "", "KLMN"),
        ("a2", "", "KLMN"),
        ("a3", "", "KLMN"),
        ("b1", "same", "XYZ"),
        ("b2", "same", "XYZ"),
        ("b3", "", "XYZ"),
    ):
        for k, who in enumerate(who_spoke):
            said += [f"{q},{who},quantile,{p},{10 * k + z},,"
                     for p, z in ((0.05, -3), (0.5, 0), (0.95, 3))]  # fmt: skip
        answers.append(f"{q},12,{group},,uni")
    return write_panel("both", "\n".join(said), "\n".join(answers))


def test_panels_units_and_one_question_per_outcome(two_panels):
    found = lessons(read_resolved(two_panels))
    assert found.panel_domain.tolist() == [0, 0]
    assert np.bincount(found.quantile.panel).tolist() == [3, 2]  # b1 and b2 share an outcome
    assert found.left_out == {"both": {"of questions on an outcome already asked about": 3}}
    first = found.quantile.question == 0
    unit = 3 / stats.norm.ppf(0.95)  # everyone's spread
    assert found.quantile.centre[first] * unit == pytest.approx([-15, -5, 5, 15])
    assert found.quantile.outcome[0] * unit == pytest.approx(12 - 15)
    assert found.quantile.spread == pytest.approx(1)
    assert set(found.person[found.person_panel == 1]) == {"both:X", "both:Y", "both:Z"}


def test_thinning_is_by_lot_and_repeatable(two_panels):
    data = read_resolved(two_panels)
    few = Thinning(most_people=2, most_questions=1, seed=3)
    found, again = lessons(data, few), lessons(data, few)
    assert np.bincount(found.quantile.panel).tolist() == [1, 1]
    assert np.bincount(found.person_panel).tolist() == [2, 2]
    assert found.person.tolist() == again.person.tolist()
    others = {tuple(lessons(data, replace(few, seed=s)).person) for s in range(9)}
    assert len(others) > 1


def test_slips_are_left_out_and_zero_widths_widened(write_panel):
    rows = [f"q,{who},quantile,{p},{m + w * z},," for who, m, w in
            (("A", 0, 1), ("B", 1, 0), ("C", 2, 1), ("D", 9e6, 1))
            for p, z in ((0.1, -1), (0.5, 0), (0.9, 1))]  # fmt: skip
    folder = write_panel("slips", "\n".join(rows), "q,1,,,uni")
    found = lessons(read_resolved(folder))
    assert found.person.tolist() == ["slips:A", "slips:B", "slips:C"]
    assert found.quantile.spread == pytest.approx([1, 0.1, 1])
    assert found.left_out["slips"] == {"centres too far off to be meant": 1}


def test_probabilities_are_probits(write_panel):
    rows = "q,A,binary_prob,,0.9,,\nq,B,binary_prob,,0,,\nr,A,binary_prob,,0.5,,"
    found = lessons(read_resolved(write_panel("events", rows, "q,1,,,prob\nr,0,,,prob")))
    assert found.binary.centre == pytest.approx(stats.norm.ppf([0.9, 0.005, 0.5]))
    assert found.binary.outcome.tolist() == [1, 0]
    assert found.quantile.name.size == 0


def test_nothing_known_is_an_error(write_panel):
    folder = write_panel("open", "q,A,binary_prob,,0.9,,", "q,,,,prob")
    with pytest.raises(MissingData, match="no question has a known answer"):
        lessons(read_resolved(folder))


@pytest.fixture
def posterior() -> xr.Dataset:
    """Draws made up: independent normals of known mean and sd."""
    return made_up(simulated(2, 2, 3, seed=5))


def made_up(of: Lessons, draws: int = 4000) -> xr.Dataset:
    rng, shape = np.random.default_rng(6), (4, draws // 4)
    sizes = {"panel": of.panel, "person": of.person, "constant": list(CONSTANTS),
             "by_panel": list(BY_PANEL)}  # fmt: skip

    def normal(mean: float, sd: float, *dims: str) -> tuple[tuple[str, ...], np.ndarray]:
        size = [len(sizes[d]) for d in dims]
        return ("chain", "draw", *dims), rng.normal(mean, sd, (*shape, *size))

    return xr.Dataset(
        {
            "mean_log": normal(-0.2, 0.1, "constant"),
            "between_domains": normal(0.3, 0.0, "constant"),
            "between_panels": normal(0.4, 0.0, "by_panel"),
            "skill_score": normal(1.0, 0.5, "person"),
            "lean_score": normal(-1.0, 0.5, "person"),
            "log_scale_sd": normal(-0.5, 0.2),
            "log_probability_unit": normal(0.7, 0.2),
            "log_skill_sd": normal(-0.45, 0.1, "panel"),
            "log_lean_sd": normal(-0.45, 0.1, "panel"),
            "nu_shared_above_1": normal(2.0, 0.1),
            "nu_error_above_1": normal(4.0, 0.1),
        },
        coords=sizes,
    )


def test_new_panel_adds_what_panels_and_domains_vary(posterior):
    found = on_new_panel(posterior.isel(), seed=3)["constants"]
    assert set(found) == set(LEARNED)
    own, scale = found["tau_shared"], found["scale_sd"]
    # 16000 new panels: a mean is known to sd / 126, an sd to sd / 179, a tail quantile to sd / 60
    assert own.log_mean == pytest.approx(-0.2, abs=0.02)
    assert own.log_sd == pytest.approx(np.hypot(0.1, 0.5), rel=0.03)
    assert np.log([own.low, own.median, own.high]) == pytest.approx(
        -0.2 + np.hypot(0.1, 0.5) * np.array([-1.645, 0, 1.645]), abs=0.04
    )
    assert scale.log_sd == pytest.approx(0.2, rel=0.05)
    # a lean is the loading, .5, times the disposition
    assert found["disposition_expert"].log_mean == pytest.approx(-0.2 + 0.7 + np.log(2), abs=0.02)
    # the share of kappa^2 in own^2 is expit(x), x ~ N(-.2, .51): kappa and tau by quadrature
    for name, side in (("kappa", 1), ("tau", -1)):
        node, weight = np.polynomial.hermite_e.hermegauss(40)
        share = np.log(special.expit(side * (-0.2 + np.hypot(0.1, 0.5) * node))) / 2
        mean = -0.2 + (share * weight).sum() / weight.sum()
        assert found[name].log_mean == pytest.approx(mean, abs=0.02)
    assert found["nu_error"].median == pytest.approx(5, abs=0.02)


def test_people_are_in_units_of_their_panel(posterior):
    of = simulated(2, 2, 3, seed=5)
    table = people(posterior, of)
    # the log of the sd is -.45 with sd .1, the score 1 with sd .5, and independent
    assert table["log_imprecision_mean"].mean() == pytest.approx(np.exp(-0.45 + 0.005), rel=0.01)
    wide = np.exp(-0.45) * np.sqrt(np.exp(2 * 0.01) * (1 + 0.25) - np.exp(0.01))
    assert table["log_imprecision_sd"].to_numpy() == pytest.approx(wide, rel=0.05)
    assert (table["questions"] == 2).all()
    yes_no = np.isin(np.arange(of.person.size), of.binary.person)
    assert np.isfinite(table["lean_mean"]).tolist() == yes_no.tolist()


def test_bundled_constants_passed_and_hold_together():
    found = load_learned()
    assert found.passed
    assert set(found.constants) == set(LEARNED)
    assert np.linalg.eigvalsh(found.covariance()).min() > 0
    assert all(len(source.sha256) == 64 and source.citation for source in found.sources)
    for own in found.constants.values():
        assert own.low < own.median < own.high


def test_file_comes_back_and_damage_is_named(tmp_path):
    found = load_learned()
    path = tmp_path / "new" / "learned.yaml"
    write_learned(found, path)
    assert load_learned(path) == found
    path.write_text(path.read_text().replace("nu_error:", "nu_terror:"))
    with pytest.raises(InvalidRecord, match=r"learned\.yaml: constants must be tau_shared"):
        load_learned(path)
    path.write_text("schema: 1")
    with pytest.raises(InvalidRecord, match="not a file of learned constants"):
        load_learned(path)
    with pytest.raises(MissingData, match="sweet-spot learn"):
        load_learned(tmp_path / "none.yaml")


def test_provenance_is_digest_and_origin(tmp_path, two_panels):
    (tmp_path / "README.md").write_text(
        "## Sets\n### both\nOrigin: A and B 1999 (10.1/x), file\nf. Licence: none.\n### c\nNo."
    )
    assert citations(tmp_path) == {"both": "A and B 1999 (10.1/x), file f"}
    parts = [(two_panels / name).read_bytes() for name in ("forecasts.csv", "outcomes.csv")]
    by_hand = hashlib.sha256(b"forecasts.csv\0" + parts[0] + b"outcomes.csv\0" + parts[1])
    assert content_digest(two_panels) == by_hand.hexdigest()


@pytest.mark.slow
def test_known_constants_come_back():
    """Recovery, and a control that must fail: answers five times as far off are not called tau."""
    of = simulated(8, 12, 10, seed=21)
    settings = Settings(draws=600, tune=600, seed=4)
    posterior, checks = sampled(of, settings)
    assert checks["check_divergences"] == 0
    assert checks["check_r_hat"] < 1.02  # short chains
    share = TRUE["kappa"] ** 2 / (TRUE["kappa"] ** 2 + TRUE["tau"] ** 2)
    true = {name: np.log(TRUE[name]) for name in ("tau_shared", "skill_sd", "lean_sd")}
    true |= {
        "own": np.log(np.hypot(TRUE["kappa"], TRUE["tau"])),
        "kappa_share": special.logit(share),
    }
    for name, value in true.items():
        draws = posterior["mean_log"].sel(constant=name).to_numpy()
        assert abs(value - draws.mean()) < 3 * draws.std(), name
    unit = posterior["log_probability_unit"].to_numpy()
    assert abs(np.log(UNIT) - unit.mean()) < 3 * unit.std()
    skill = people(posterior, of)["log_imprecision_mean"]
    assert skill.std() > 0.15  # .4 shrunk
    far = replace(of, quantile=replace(of.quantile, outcome=of.quantile.outcome * 5))
    wrong = sampled(far, settings)[0]["mean_log"].sel(constant="tau_shared").to_numpy()
    assert abs(np.log(TRUE["tau_shared"]) - wrong.mean()) > 3 * wrong.std()


def test_learned_has_every_constant_of_the_error_model():
    assert set(FROM_ONE) < set(LEARNED)
    assert set(Learned.model_fields) >= {"constants", "correlation", "sources", "versions"}
