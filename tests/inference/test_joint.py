"""Densities of statements given draws, effects that the draws do not know integrated out.

Against what the fit itself computes, quadrature with scipy, and plain simulation written by hand.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference import joint
from sweet_spot.inference.draws import log_likelihood, statement_values
from sweet_spot.inference.fit import fit
from sweet_spot.inference.joint import Known, joint_density
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import Layout, layout, restricted
from sweet_spot.inference.refit import Settings

C = learned_constants()
FEW = slice(6)
MANY = 20_000
CLOSE = 0.04
"""Relative: a likelihood varies by no more than its own size over the effects of one person or
question, so that four standard errors of MANY replicates are below 3 %, and of the simulations here
below 1 %."""

EvidenceFrom = Callable[..., Evidence]
Records = Sequence[Mapping[str, Any]]


@pytest.fixture(scope="module")
def draws(argument: Argument, evidence: Evidence) -> xr.Dataset:
    return fit(argument, evidence, Settings(draws=30, chains=2, prior_only=True))[
        "prior"
    ].to_dataset()


@pytest.fixture(scope="module")
def fitted(argument: Argument, evidence: Evidence) -> Layout:
    return layout(argument, evidence, C)


def rows(of: Layout, *names: str) -> Layout:
    return restricted(of, np.flatnonzero(np.isin(of.coords["statement"], names)))


def test_known_effects_give_the_likelihood_of_the_fit(
    argument: Argument, draws: xr.Dataset, fitted: Layout
) -> None:
    """Groups and a censored statement among them; only the order of sums differs."""
    each = log_likelihood(argument, draws, fitted, C)["stated"]
    ours = joint_density(argument, fitted, Known(draws, fitted.coords), C, 1)
    np.testing.assert_allclose(ours, each.sum("statement").to_numpy().ravel(), rtol=1e-10)


def test_a_part_of_a_layout_is_that_part(
    argument: Argument, draws: xr.Dataset, fitted: Layout
) -> None:
    """Ann's group with Bob, a lone median: cut out and renumbered they say the same."""
    names = ("ann-date", "bob-date", "dan-gap")
    each = log_likelihood(argument, draws, fitted, C)["stated"].sel(statement=list(names))
    part = rows(fitted, *names)
    assert part.coords["expert"].tolist() == ["Ann", "Bob", "Dan"]
    ours = joint_density(argument, part, Known(draws, fitted.coords), C, 1)
    np.testing.assert_allclose(ours, each.sum("statement").to_numpy().ravel(), rtol=1e-10)


def without(coords: Mapping[str, np.ndarray], **unknown: str) -> dict[str, np.ndarray]:
    return {d: labels[~np.isin(labels, [unknown.get(d, "")])] for d, labels in coords.items()}


def parts(fitted: Layout, draws: xr.Dataset, argument: Argument, name: str) -> dict[str, Any]:
    """What the equations of MODEL.md section 5 need for one statement on its question."""
    said = rows(fitted, name)
    question, few = said.coords["question"][0], draws.isel(chain=0, draw=FEW)
    topic = few["shared_topic"].sel(topic=said.coords["topic"][0]).to_numpy()
    h = statement_values(argument, draws.isel(chain=[0], draw=FEW), said)[0, :, 0]
    each = {
        n: few[n].sel(question=question).to_numpy()
        for n in ("shared_question", "mapping", "loading", "question_scale_score")
    }
    field = few["disposition_field"].to_numpy()
    return {"said": said, "few": few, "h": h, "topic": topic, "field": field, **each}


def median_density(
    at: dict[str, Any], person: Any, own: Mapping[str, Any], people: int = 1
) -> np.ndarray:
    """Density of a lone median: Student-t around the quantity and everyone's common errors."""
    panel = at["said"].panel
    s = np.exp(panel.log_scale[0] + C.scale_sd * own["question_scale_score"])
    shared = C.tau_shared * (0.5**0.5 * at["topic"] + 0.5**0.5 * own["shared_question"])
    bias = shared + panel.mapping_sd[0] * own["mapping"]
    bias = bias + panel.direction[0] * 0.5 * own["loading"] * (0.5 * at["field"] + person)
    own_scale = s * np.hypot(C.kappa, C.tau) / np.sqrt(min(people, 10))
    return np.asarray(
        stats.t(C.nu_error, loc=at["h"] + s * bias, scale=own_scale).pdf(at["said"].observed[0])
    )


def test_an_unknown_person_is_integrated_over_their_disposition(
    argument: Argument, draws: xr.Dataset, fitted: Layout
) -> None:
    """Dan, in no cluster: a normal with the variance of a cluster and a person, by quadrature."""
    at = parts(fitted, draws, argument, "dan-gap")
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    person = np.hypot(C.disposition_cluster, C.disposition_expert) * nodes[:, None]
    exact = weights @ median_density(at, person, at) / weights.sum()
    known = Known(
        draws.isel(chain=[0], draw=FEW), without(fitted.coords, expert="Dan"), replicates=MANY
    )
    ours = np.exp(joint_density(argument, at["said"], known, C, 3))
    np.testing.assert_allclose(ours, exact, rtol=CLOSE)


def test_an_unknown_question_is_integrated_over_all_that_it_brings(
    argument: Argument, draws: xr.Dataset, fitted: Layout
) -> None:
    """Shared error, mapping, loading and scale, here drawn by hand, of someone known."""
    at = parts(fitted, draws, argument, "dan-gap")
    rng = np.random.default_rng(5)
    size = (200_000, 1)
    own = {
        "shared_question": rng.standard_t(C.nu_shared, size), "mapping": rng.standard_normal(size),
        "loading": np.abs(rng.standard_normal(size)),
        "question_scale_score": rng.standard_normal(size),
    }  # fmt: skip
    sd = np.hypot(C.disposition_cluster, C.disposition_expert)
    dan = sd * at["few"]["disposition_expert"].sel(expert="Dan").to_numpy()
    exact = median_density(at, dan, own).mean(axis=0)
    known = Known(
        draws.isel(chain=[0], draw=FEW), without(fitted.coords, question="gap"), replicates=MANY
    )
    ours = np.exp(joint_density(argument, at["said"], known, C, 3))
    np.testing.assert_allclose(ours, exact, rtol=CLOSE)


def test_integration_points_follow_the_prior() -> None:
    """Every effect has its own law, to the resolution of 4,096 points in five dims, and no two go
    together; the error of an integral over one person is a fifth of that of independent draws."""
    levels = joint._levels(4096, 1, 5, np.random.default_rng(2))[:, 0, :]
    laws = {
        "shared_topic": stats.t(C.nu_shared),
        "loading": stats.halfnorm(),
        "mapping": stats.norm(),
    }
    for column, (name, law) in enumerate(laws.items()):
        drawn = joint._quantile(name, levels[:, column], C)
        assert stats.kstest(drawn, law.cdf).statistic < 0.01, name
    assert abs(np.corrcoef(levels.T) - np.eye(5)).max() < 0.03
    few = joint._levels(64, 2000, 1, np.random.default_rng(3))[..., 0]
    means = stats.norm.pdf(joint._quantile("mapping", few, C)).mean(axis=0)
    alone = stats.norm.pdf(np.random.default_rng(4).standard_normal((64, 2000))).mean(axis=0)
    assert np.std(means) < 0.2 * np.std(alone)
    assert abs(means.mean() - 1 / np.sqrt(4 * np.pi)) < 4 * np.std(means) / np.sqrt(2000)


def test_what_shares_no_unknown_is_integrated_apart(
    argument: Argument, draws: xr.Dataset, fitted: Layout
) -> None:
    """Components: an unknown person ties their statements together, and nothing else does."""
    known = Known(draws, without(fitted.coords, expert="Ann"))
    found = [
        (part.coords["statement"].tolist(), unknown)
        for part, unknown in joint._components(fitted, known)
    ]
    assert sorted(found) == [
        (["ann-date", "ann-schemers", "bob-date", "bob-date-earlier"], True),
        (["cat-date"], False), (["dan-gap"], False), (["eve-gap"], False),
    ]  # fmt: skip


def test_an_unknown_question_ties_all_who_answer_it(
    argument: Argument, draws: xr.Dataset, fitted: Layout
) -> None:
    known = Known(draws, without(fitted.coords, question="gap"))
    found = {
        tuple(part.coords["statement"])
        for part, unknown in joint._components(fitted, known)
        if unknown
    }
    assert found == {("dan-gap", "eve-gap")}


def test_no_statements_say_nothing(argument: Argument, draws: xr.Dataset, fitted: Layout) -> None:
    empty = restricted(fitted, np.array([], int))
    found = joint_density(argument, empty, Known(draws, fitted.coords), C, 1)
    np.testing.assert_array_equal(found, np.zeros(60))
