"""Weights that turn the draws of one fit into those of another: against likelihoods and theory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import arviz as az
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.argument.spec import Argument
from sweet_spot.errors import NeedsRefit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import log_likelihood, statement_values
from sweet_spot.inference.fit import fit
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.reweight import Base, influence, log_ratio, reweigh, weigh, weighted_mean

C = learned_constants()
SAMPLE = ("chain", "draw")
EvidenceFrom = Callable[..., Evidence]
Records = Sequence[Mapping[str, Any]]


@pytest.fixture(scope="module")
def draws(argument: Argument, evidence: Evidence) -> xr.Dataset:
    tree = fit(argument, evidence, Settings(draws=3000, chains=4, prior_only=True))
    return tree["prior"].to_dataset()


@pytest.fixture(scope="module")
def base(argument: Argument, evidence: Evidence, draws: xr.Dataset) -> Base:
    return Base(argument, evidence, C, draws)


def alive(evidence: Evidence, *names: str) -> Evidence:
    """The same evidence with only these statements live."""
    table = evidence.statements
    live = np.isin(table["statement"], names) & (table["evidence"].to_numpy() == 1)
    return replace(evidence, statements=table.assign(live=("statement", live.astype(np.int64))))


def likelihood(base: Base, of: Evidence) -> xr.DataArray:
    said = layout(base.argument, of, C)
    dims = ("question", "topic", "expert", "cluster")
    draws = base.draws.sel({dim: said.coords[dim] for dim in dims})
    return log_likelihood(base.argument, draws, said, C)["stated"].sum("statement")


def test_the_same_evidence_weighs_all_draws_alike(base: Base, evidence: Evidence) -> None:
    found = reweigh(base, evidence)
    assert (found.values == 1).all()
    assert found.pareto_k == -np.inf
    assert found.trusted


@pytest.mark.parametrize("gone", ["eve-gap", "ann-date", "cat-date", "bob-date"])
def test_leaving_one_out_is_the_ratio_of_likelihoods(
    base: Base, evidence: Evidence, gone: str
) -> None:
    """Alone, first or last in a group, censored: all effects are known, so that it is exact."""
    live = evidence.statements["live"].to_numpy() == 1
    names = [n for n in evidence.statements["statement"].to_numpy()[live].tolist() if n != gone]
    fewer = alive(evidence, *names)
    exact = likelihood(base, fewer) - likelihood(base, evidence)
    np.testing.assert_allclose(log_ratio(base, fewer), exact, rtol=1e-8, atol=1e-8)


def test_coming_back_is_the_reverse(base: Base, evidence: Evidence) -> None:
    """Cat returns to draws that know the question but, without a live statement of hers, not her:
    her disposition is integrated over its prior, from which it was drawn here."""
    fewer = alive(evidence, "ann-date", "dan-gap", "eve-gap", "ann-schemers", "bob-date")
    there = log_ratio(base, fewer)
    back = log_ratio(replace(base, evidence=fewer), evidence)
    assert float(np.corrcoef(back.to_numpy().ravel(), -there.to_numpy().ravel())[0, 1]) > 0.9
    assert float(abs(back + there).max()) > 0.1  # an integral, not her disposition itself


def test_a_moved_scale_is_answered_by_the_prior_of_the_scale(
    argument: Argument, evidence_from: EvidenceFrom, all_statements: Records
) -> None:
    """A second person states a spread: s0 of the date moves, and the draws keep their s_q. By hand:
    the whole new likelihood with the score that gives the same s_q, and the ratio of the two normal
    densities of the score. Bob is known from the gap, so that nothing is integrated."""
    bob = {"id": "bob-gap", "expert": "Bob", "question": "gap", "value": 20, "cluster": "club"}
    wide = {**all_statements[0], "id": "bob-wide", "expert": "Bob", "values": [2027, 2040, 2090]}
    said = [s for s in all_statements if not str(s["id"]).startswith("bob-date")]
    said.append({**all_statements[4], **bob})
    before, after = evidence_from(said), evidence_from([*said, wide])
    old, new = (layout(argument, e, C) for e in (before, after))
    by = (old.panel.log_scale[0] - new.panel.log_scale[0]) / C.scale_sd
    assert abs(by) > 0.1
    tree = fit(argument, after, Settings(draws=50, chains=2, prior_only=True))
    here = Base(argument, before, C, tree["prior"].to_dataset())
    score = here.draws["question_scale_score"]
    date = xr.DataArray(score["question"].to_numpy() == "date", dims="question")
    there = replace(here, draws=here.draws.assign(question_scale_score=score + by * date))
    own = score.sel(question="date")
    exact = likelihood(there, after) - likelihood(here, before)
    exact = exact + stats.norm.logpdf(own + by) - stats.norm.logpdf(own)
    np.testing.assert_allclose(log_ratio(here, after), exact, rtol=1e-8, atol=1e-8)


def test_weights_of_a_normal_shifted(base: Base) -> None:
    """Draws of N(0, 1) as draws of N(0.5, 1): mean and variance within four standard errors."""
    rng = np.random.default_rng(8)
    x = xr.DataArray(rng.standard_normal((4, 2000)), dims=SAMPLE)
    found = weigh(0.5 * x)
    assert found.pareto_k < 0.5
    assert float(found.values.mean()) == pytest.approx(1)
    for of, exact in ((x, 0.5), ((x - 0.5) ** 2, 1.0)):
        error = float(az.mcse(influence(of, found), method="mean"))
        assert abs(float(weighted_mean(of, found)) - exact) < 4 * error
        assert error < 0.05


@pytest.mark.parametrize(("k", "trusted"), [(0.4, True), (1.2, False)])
def test_heavy_weights_are_not_trusted(k: float, trusted: bool) -> None:
    """Weights with a Pareto tail of known shape, whose estimate is drawn towards one half."""
    raw = stats.genpareto(k).rvs((4, 2000), random_state=3)
    found = weigh(xr.DataArray(np.log(raw), dims=SAMPLE))
    assert found.pareto_k == pytest.approx(k, abs=0.25)
    assert found.trusted is trusted


def test_a_chain_without_weight_is_no_error() -> None:
    """All the weight in one chain of four: not trusted, and told so."""
    rng = np.random.default_rng(1)
    ratios = xr.DataArray(rng.standard_normal((4, 500)), dims=SAMPLE)
    ratios[1:] -= 2000.0
    ratios[0, 7] += 40.0
    found = weigh(ratios)
    assert not found.trusted
    assert float(found.values.mean()) == pytest.approx(1)


def test_the_error_of_the_mean_sees_chains_that_stick() -> None:
    """Draws repeated ten times are worth a tenth."""
    rng = np.random.default_rng(2)
    once = xr.DataArray(rng.standard_normal((4, 400)), dims=SAMPLE)
    stuck = xr.DataArray(np.repeat(once.to_numpy(), 10, axis=1), dims=SAMPLE)
    errors = [float(az.mcse(influence(x, weigh(0.3 * x)), method="mean")) for x in (once, stuck)]
    assert errors[1] == pytest.approx(errors[0], rel=0.25)


def test_prior_draws_reweighed_are_a_posterior(base: Base, evidence: Evidence) -> None:
    """From no statement at all: effects integrated out, or drawn along with the rest, agree."""
    one = alive(evidence, "dan-gap", "eve-gap")
    dead = replace(base, evidence=alive(evidence))
    integrated = reweigh(dead, one)
    drawn = weigh(likelihood(base, one))
    assert integrated.trusted
    for name in ("diminishing_returns", "years_per_dex_after"):
        of = np.log(base.draws[name])
        means = [weighted_mean(of, w) for w in (integrated, drawn)]
        errors = [az.mcse(influence(of, w), method="mean") for w in (integrated, drawn)]
        assert abs(float(means[0] - means[1])) < 4 * float(np.hypot(*errors)), name
    moved = weighted_mean(np.log(base.draws["years_per_dex_after"]), integrated)
    assert abs(float(moved - np.log(base.draws["years_per_dex_after"]).mean())) > 0.05


@pytest.mark.parametrize(
    ("name", "changes", "what"),
    [
        ("dan-gap", {"value": 15}, "statement dan-gap"),
        ("ann-date", {"cluster": "party"}, "ann-date"),
        ("eve-gap", {"people": 31}, "eve-gap"),
    ],
)
def test_changed_statements_need_a_refit(
    base: Base, evidence_from: EvidenceFrom, all_statements: Records,
    name: str, changes: dict[str, Any], what: str,
) -> None:  # fmt: skip
    other = evidence_from([{**s, **changes} if s["id"] == name else s for s in all_statements])
    with pytest.raises(NeedsRefit, match=what):
        log_ratio(base, other)


def test_changed_questions_and_clusters_need_a_refit(
    base: Base, evidence_from: EvidenceFrom, all_statements: Records, all_questions: Records
) -> None:
    other = [{**q, "fidelity": "exact"} if q["id"] == "date" else q for q in all_questions]
    with pytest.raises(NeedsRefit, match="question date"):
        log_ratio(base, evidence_from(all_statements, other))
    joined = {**all_statements[4], "id": "a-dan", "cluster": "club", "date": "2025-07"}
    with pytest.raises(NeedsRefit, match="Dan has joined"):
        log_ratio(base, evidence_from([joined, *all_statements]))


def test_a_precise_person_moves_the_posterior_more(base: Base, evidence: Evidence) -> None:
    """Dan alone, by weights on draws of the prior: towards what he said, by differences of which
    each is more than four of its standard errors."""
    said = evidence.statements.sel(statement="dan-gap")
    found = []
    for factor in (0.3, 1.0, 3.0):
        own = xr.where(evidence.statements["statement"] == "dan-gap", factor, 1.0)
        known = replace(evidence, statements=evidence.statements.assign(imprecision=own))
        nobody = replace(base, evidence=alive(known), found={})
        weights = reweigh(nobody, alive(known, "dan-gap"))
        assert weights.trusted
        asked = layout(base.argument, alive(known, "dan-gap"), C)
        at = int(np.flatnonzero(asked.coords["statement"] == "dan-gap")[0])
        values = statement_values(base.argument, base.draws, asked)[..., at]
        gap = xr.DataArray(values, dims=SAMPLE)
        distance = abs(gap - float(said["observed"]))
        found.append((float(weighted_mean(distance, weights)), influence(distance, weights)))
    for (near, one), (far, other) in pairwise(found):
        assert far - near > 4 * float(az.mcse(one - other, method="mean"))
