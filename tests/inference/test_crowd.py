"""Crowds: many statements in a row have the density that they have one by one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import NUMPY
from sweet_spot.evidence import crowds
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.bounds import log_tail, scores_of
from sweet_spot.inference.crowd import Crowd, places, row_density, voiced
from sweet_spot.inference.draws import standard
from sweet_spot.inference.error_model import (
    ErrorConstants,
    Panel,
    expected,
    log_density,
)
from sweet_spot.inference.panel import Layout, group_dims, layout

EvidenceFrom = Callable[..., Evidence]
QUESTIONS = [
    {
        "id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger",
        "direction": 1, "fidelity": "close",
    },
    {
        "id": "date", "quantity": "year_automation", "unit": "year", "topic": "timelines",
        "direction": 1, "fidelity": "loose",
    },
    {
        "id": "soon", "quantity": "year_automation", "unit": "year", "topic": "timelines",
        "direction": 1, "event": "< 2035", "fidelity": "exact",
    },
]  # fmt: skip
SPREADS = (0.1, 0.3, 0.9)


def panel_of(people: int, seed: int, cluster: str | None = "club") -> list[dict[str, Any]]:
    """Of each person a belief on one question, a date or a bound on it, a probability."""
    rng = np.random.default_rng(seed)
    said = []
    for number in range(people):
        own = {"expert": f"P{number:03d}", "cluster": cluster}
        centre, spread = rng.normal(0.5, 0.8), float(rng.choice(SPREADS))
        z = stats.norm.ppf(0.9)
        said.append(own | {
            "id": f"danger-{number}", "question": "danger", "kind": "quantile", "value": None,
            "levels": [0.1, 0.5, 0.9], "values": [centre - z * spread, centre, centre + z * spread],
            "unit": "dex",
        })  # fmt: skip
        date = 2027 + 20 * rng.gamma(2.0) if rng.random() < 0.7 else ("never", ">2100")[number % 2]
        said.append(own | {
            "id": f"date-{number}", "question": "date", "kind": "median", "value": date,
            "unit": "year",
        })  # fmt: skip
        share = float(rng.beta(2, 3)) if rng.random() < 0.8 else 0.0
        said.append(own | {
            "id": f"soon-{number}", "question": "soon", "kind": "probability", "value": share,
            "unit": "probability",
        })  # fmt: skip
    return said


def exact(argument: Argument, said: Evidence, constants: ErrorConstants) -> Layout:
    """A layout of one row a statement in which people of a crowd still have no disposition."""
    found = layout(argument, said, constants)
    ones = np.ones(found.observed.size)
    bound, group = found.panel.side != 0, by_form(found)
    names, index = np.unique(group[bound], return_inverse=True)
    member = np.full(ones.size, -1)
    member[bound] = index
    crowd = Crowd(ones, 0 * ones, (~bound).astype(float), member)
    before = places(group, found.panel.side)
    none = 0 * found.panel.expert_sd
    unstated = np.full(ones.size, np.nan)
    panel = replace(
        found.panel, crowd=crowd, expert_sd=none, before=before, spread=unstated, group=group
    )
    share = np.minimum(1, 100 / np.bincount(group)[group])  # that each counts as
    coords = {**found.coords, "crowd": names}
    return replace(found, panel=panel, coords=coords, live=found.live * share)


def by_form(of: Layout) -> np.ndarray:
    """Groups by question and by whether a probability was stated, all being of one club."""
    return of.panel.question * 2 + of.panel.probability


def density(of: Layout, constants: ErrorConstants, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of every row (draw, row), at random points that are the same for any layout."""
    draws = 5
    rng = np.random.default_rng(seed)
    free = {n: standard(n, (draws,), constants, rng) for n in ("disposition_field", "omega")}
    for name, dim in group_dims(of.coords).items():
        size = of.coords[dim].size
        values = standard(
            name, (draws, 50), constants, np.random.default_rng([seed, *name.encode()])
        )
        free[name] = values[:, :size] if size <= 50 else np.zeros((draws, size))
    quantity = np.random.default_rng(seed).normal(1.0, 1.0, (draws, len(of.targets)))
    location, scale = expected(quantity[:, of.target], free, of.panel, constants, NUMPY)
    omega = free["omega"][:, None]
    return log_density(
        of.observed,
        location,
        scale,
        omega,
        of.live,
        of.panel,
        constants.nu_error,
        NUMPY,
        scores_of(free),
    ), np.broadcast_to(omega, location.shape)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(crowds, "MOST_ALONE", 10**9)


@pytest.mark.parametrize(("people", "seed"), [(31, 1), (60, 2), (400, 3)])
def test_the_collapsed_density_is_the_exact_one(
    argument: Argument,
    evidence_from: EvidenceFrom,
    constants: ErrorConstants,
    one_by_one: Callable[[], None],
    people: int,
    seed: int,
) -> None:
    """With bounds, probabilities and three stated spreads; to 1e-8, absolute and relative.

    Of 400 people on a question each counts as a quarter of a statement in both.
    """
    said = panel_of(people, seed)
    few = layout(argument, evidence_from(said, QUESTIONS), constants)
    assert few.panel.crowd is not None
    assert few.observed.size <= 8
    assert few.panel.crowd.count.sum() == 3 * people
    one_by_one()
    many = exact(argument, evidence_from(said, QUESTIONS), constants)
    assert many.observed.size == 3 * people
    np.testing.assert_allclose(few.panel.log_scale, many.panel.log_scale, rtol=1e-12)
    collapsed, one = density(few, constants, seed)[0], density(many, constants, seed)[0]
    np.testing.assert_allclose(collapsed.sum(-1), one.sum(-1), rtol=1e-8, atol=1e-8)
    for name in ("danger", "date", "soon"):  # each group on its own
        parts = [
            each[:, of.coords["question"][of.panel.question] == name].sum(-1)
            for each, of in ((collapsed, few), (one, many))
        ]
        np.testing.assert_allclose(*parts, rtol=1e-8, atol=1e-8)


def test_one_by_one_is_what_scipy_says(
    argument: Argument,
    evidence_from: EvidenceFrom,
    constants: ErrorConstants,
) -> None:
    """The collapsed density of one question against the multivariate t of all its statements.

    Their scale matrix is built here from MODEL.md: omega of the error's square scale in common.
    """
    said = [each for each in panel_of(40, 5) if each["question"] == "danger"]
    few = layout(argument, evidence_from(said, QUESTIONS[:1]), constants)
    free = {n: np.array([0.3]) for n in ("shared_topic", "shared_question", "mapping", "loading")}
    free |= {"question_scale_score": np.array([0.4]), "disposition_field": np.array(-0.2)}
    free |= {"disposition_cluster": np.array([0.6]), "disposition_expert": np.array([9.0])}
    free["omega"] = np.array(0.35)
    location, scale = expected(np.full(few.observed.size, 0.2), free, few.panel, constants, NUMPY)
    omega = free["omega"][..., None]
    ours = log_density(few.observed, location, scale, omega, few.live, few.panel, 5.0, NUMPY).sum()
    s = np.exp(few.panel.log_scale[0] + 0.5 * 0.4)
    centre = 0.2 + s * (1.2 * np.sqrt(0.5) * 0.6 + 0.5 * 0.3 + 0.5 * 0.3 * (0.5 * -0.2 + 0.7 * 0.6))
    centres = np.array([each["values"][1] for each in said])
    base = np.full(40, s * np.sqrt(0.3**2 + 0.85**2))  # stated spreads are not looked at
    shape = 0.35 * np.outer(base, base) + np.diag(0.65 * base**2)
    wanted = stats.multivariate_t(np.full(40, centre), shape, df=5).logpdf(centres)
    assert ours == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("people", [60, 100, 250, 100_000])
def test_a_crowd_counts_as_a_hundred_at_most(panel: Panel, people: int) -> None:
    """Given what a group has in common, the likelihood of each statement to the power 100/n.

    Here that is integrated over the common error and the common weight on a grid, of densities
    that scipy has. Grids are even in variables in which the integrand vanishes with all derivatives
    at both ends, so that sums are exact to far better than the tolerance.
    """
    omega, nu, scale = 0.3, 5.0, 0.7
    error = np.random.default_rng(people).normal(0.4, 1.1, people)
    squares = np.array([scale**2 * error.var() * people])
    crowd = Crowd(np.array([people]), squares, np.ones(1), np.full(1, -1))
    live = voiced(np.ones(1), crowd.count, np.zeros(1, int), np.ones(1, bool))
    row = replace(
        panel, probability=np.zeros(1, bool), side=np.zeros(1, int), before=np.zeros((3, 1), int)
    )
    ours = row_density(
        error.mean()[None], np.full(1, scale), np.full(1, omega), live, row, crowd, nu, NUMPY
    )
    root = np.exp(np.linspace(-3, 3, 1201))[:, None]  # of the common weight of all errors
    common = np.linspace(-12, 12, 4801)
    own = (1 - omega) ** 0.5 * root
    squares = error.var() * people + people * (error.mean() - common) ** 2
    each = -people * np.log(own * scale * np.sqrt(2 * np.pi)) - squares / (2 * own**2)
    weight = stats.chi2(nu).logpdf(nu / root**2) + np.log(2 * nu / root**2)  # of log root
    said = min(1, 100 / people) * each + stats.norm(0, omega**0.5 * root).logpdf(common) + weight
    wanted = special.logsumexp(said) + np.log(6 / 1200 * 24 / 4800)
    np.testing.assert_allclose(ours, wanted, rtol=1e-7)


def test_who_counts_how_much() -> None:
    """Of the live statements of a crowd on a question; others beside it count in full."""
    count = np.array([300, 100, 50, 1, 40])
    live, many = np.array([1, 1, 0, 1, 1.0]), np.array([True, True, True, False, True])
    group = np.array([0, 0, 0, 0, 1])
    np.testing.assert_allclose(voiced(live, count, group, many), [0.25, 0.25, 0, 1, 1])
    live[0] = 0
    np.testing.assert_allclose(voiced(live, count, group, many), [0, 1, 0, 1, 1])


@pytest.mark.parametrize("degrees", [5.0, 12.0, 30.0, 45.0, 1e3, 1e6])
def test_tails_with_any_number_of_degrees(degrees: float) -> None:
    """Both tails against scipy, as far as its survival is no denormal number."""
    x = np.array([-40.0, -3.0, -0.1, 0.0, 0.1, 3.0, 8.0, 25.0])
    ours = log_tail(x, np.full(x.size, degrees), NUMPY)
    wanted = stats.t(degrees).logsf(x)
    finite = np.isfinite(wanted) & (special.stdtr(degrees, -x) > 1e-300)
    np.testing.assert_allclose(ours[finite], wanted[finite], rtol=1e-8, atol=1e-8)
    assert np.isfinite(ours).all()


def test_dead_rows_say_nothing(
    argument: Argument, evidence_from: EvidenceFrom, constants: ErrorConstants
) -> None:
    few = layout(argument, evidence_from(panel_of(40, 3), QUESTIONS), constants)
    dead = replace(few, live=0 * few.live)
    np.testing.assert_array_equal(density(dead, constants, 1)[0], 0)


def test_order_of_statements_does_not_matter(
    argument: Argument, evidence_from: EvidenceFrom, constants: ErrorConstants
) -> None:
    said = panel_of(50, 9)
    one, other = (evidence_from(each, QUESTIONS) for each in (said, said[::-1]))
    assert one.statements.identical(other.statements)
