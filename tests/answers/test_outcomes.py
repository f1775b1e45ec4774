"""The outcomes: against Dirichlet and beta in closed form, and root finding by another route."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import yaml
from scipy import stats

from sweet_spot.answers.figure_outcomes import outcomes_figure
from sweet_spot.answers.outcome_layer import GIVEN, OUTCOMES, OUTCOMES_PATH, load_outcomes
from sweet_spot.answers.outcome_totals import implied
from sweet_spot.answers.outcomes import Outcomes, mixed, outcomes, shares
from sweet_spot.errors import InvalidArgument
from sweet_spot.evidence.reading import read_elicitations, read_questions


def test_the_mean_is_the_weighted_mean_of_the_shares(answers: Any) -> None:
    found, layer = answers.outcomes, load_outcomes()
    for world in ("posterior", "prior"):
        usable = float(answers.credences.data[world].sel(gate="usable", factor="any"))
        for outcome in OUTCOMES:
            with_spot, without = (layer.given[given].mean[outcome] for given in GIVEN)
            expected = usable * with_spot + (1 - usable) * without
            assert float(found.data[world].sel(outcome=outcome)) == pytest.approx(expected)
        assert float(found.data[world].sum()) == pytest.approx(1)
    wrong = float(answers.credences.data["mcse"].sel(gate="usable", factor="any"))
    assert float(found.data["mcse"].sel(outcome="failure")) == pytest.approx(0.25 * wrong)


def test_draw_by_draw_it_comes_to_the_same(tree: xr.DataTree, answers: Any) -> None:
    """One share for each posterior draw, mixed by its own usable: the long way round."""
    usable = tree["posterior"]["usable"].any("factor").to_numpy().ravel()
    many = np.tile(usable, 100)
    drawn = shares(load_outcomes(), len(many), seed=7)
    long_way = np.where(many[:, None], drawn[:, 0], drawn[:, 1])
    # 40,000 independent shares: four standard errors of each mean
    tolerance = 4 * long_way.std(axis=0).max() / np.sqrt(len(many))
    np.testing.assert_allclose(
        long_way.mean(axis=0), answers.outcomes.data["posterior"], atol=tolerance
    )


def test_shares_are_dirichlet(answers: Any) -> None:
    layer = load_outcomes()
    drawn = shares(layer, 40_000, seed=1)
    np.testing.assert_allclose(drawn.sum(axis=-1), 1, rtol=1e-12)
    for i, given in enumerate(GIVEN):
        prior = layer.given[given]
        for k, outcome in enumerate(OUTCOMES):
            a = prior.mean[outcome] * prior.concentration
            exact = stats.beta(a, prior.concentration - a)
            found = np.quantile(drawn[:, i, k], (0.05, 0.5, 0.95))
            np.testing.assert_allclose(found, exact.ppf((0.05, 0.5, 0.95)), atol=0.012)
    np.testing.assert_array_equal(shares(layer, 9, seed=3), shares(layer, 9, seed=3))


def test_the_interval_is_about_the_shares_alone(answers: Any, tree: xr.DataTree) -> None:
    usable = answers.credences.credence("usable", "any")
    layer = load_outcomes()
    drawn = mixed(usable, shares(layer, 200_000, seed=5))
    exact = np.quantile(drawn, (0.05, 0.5, 0.95), axis=0)
    # 400 draws: a 5 % point of so wide a distribution is known to about 0.03
    np.testing.assert_allclose(answers.outcomes.data["interval"], exact, atol=0.06)
    several = Outcomes(answers.outcomes.data, answers.outcomes.checks, "", True).table
    assert list(several.index) == list(OUTCOMES)
    assert (several["low"] < several["posterior"]).all()
    assert (several["posterior"] < several["high"]).all()


def test_implied_positions_give_what_was_said() -> None:
    mean = np.array([0.2, 0.45])
    for said in (2e-7, 0.01, 0.2, 0.7, 0.999):
        weights = np.array([0.69, 0.31])
        found = implied(said, weights, mean)
        assert found @ weights == pytest.approx(said, rel=1e-8)
        ratio = found / (1 - found) / (mean / (1 - mean))
        assert ratio[0] == pytest.approx(ratio[1], rel=1e-8)  # one move of the log odds for both
    np.testing.assert_array_equal(implied(0.0, np.array([0.5, 0.5]), mean), [0, 0])


def test_totals_stand_beside_their_own_world(answers: Any, tree: xr.DataTree) -> None:
    checks = answers.outcomes.checks
    assert set(checks["question"].values) <= set(load_outcomes().asked)
    quantity = tree["posterior_predictive"]["quantity"]
    for name in checks["statement"].values:
        row = checks.sel(statement=name)
        usable = float((quantity.sel(statement=name) > 0.5).mean())
        assert float(row["usable"]) == pytest.approx(usable)
        predicted = 0.2 * usable + 0.45 * (1 - usable)
        assert float(row["predicted"]) == pytest.approx(predicted)
        turned = float(row["implied_usable"])
        if np.isfinite(turned):
            assert 0.2 * turned + 0.45 * (1 - turned) == pytest.approx(float(row["said"]))
    (concerned,) = np.flatnonzero(checks["expert"].values == "FRI AI-concerned domain experts")
    assert float(checks["said"][concerned]) == pytest.approx(0.09)
    assert set(checks["condition"].values) == {"years_bought = 0.5"}
    # extinction is narrower than failure: so low a number cannot contradict a higher one
    assert (checks["beyond"] == 0).all()


def test_no_total_is_fitted(answers: Any) -> None:
    asked = load_outcomes().asked
    said = answers.evidence.statements
    about = np.isin(said["question"].values.astype(str), list(asked))
    assert about.any()
    assert not said["evidence"].to_numpy()[about].any()


def test_the_layer_knows_every_total_of_the_bundled_data(checkout: Path) -> None:
    questions = {q.id: q for q in read_questions(checkout / "data" / "questions.yaml")}
    for name in load_outcomes().asked:
        assert (str(questions[name].quantity), questions[name].event) == ("usable[any]", "< 0.5")
    totals = {
        n for n, q in questions.items() if str(q.quantity) == "usable[any]" and "<" in q.event
    }
    assert totals == set(load_outcomes().asked)
    roles = {
        s.statement.role
        for s in read_elicitations((checkout / "data" / "elicitations").glob("*.yaml"))
        if s.statement.question in totals
    }
    assert "evidence" not in roles


def test_the_layer_leaves_the_fit_alone(argument: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from sweet_spot.answers import report
    from sweet_spot.answers.verdict import Verdict
    from sweet_spot.inference import store

    before = store.source_digest(), report._pages_digest("fit", Verdict(None), None, (), b"")
    monkeypatch.setattr(report, "OUTCOMES_PATH", Path(__file__))  # another layer: new pages only
    after = store.source_digest(), report._pages_digest("fit", Verdict(None), None, (), b"")
    assert before[0] == after[0]
    assert before[1] != after[1]


def spoil(change: Callable[[dict], object], folder: Path) -> Path:
    content = yaml.safe_load(OUTCOMES_PATH.read_text("utf-8"))
    change(content)
    path = folder / "outcomes.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["given"]["usable"]["mean"].update(failure=0.3), "sum to 1"),
        (lambda c: c["given"].pop("not_usable"), "lacks not_usable"),
        (lambda c: c["given"]["usable"].update(concentration=0), "greater than 0"),
        (lambda c: c["given"]["usable"].pop("reason"), "given > usable > reason"),
        (lambda c: c["asked"]["takeover_total"].update(relation="alike"), "relation"),
        (lambda c: c["given"]["usable"]["mean"].pop("failure"), "a share for each"),
    ],
)
def test_a_layer_that_does_not_hold_is_refused(
    change: Callable[[dict], object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        load_outcomes(spoil(change, tmp_path))


def test_another_layer_may_be_given(tree: xr.DataTree, tmp_path: Path) -> None:
    def sure(content: dict) -> None:
        for given in GIVEN:
            content["given"][given]["mean"] = dict(zip(OUTCOMES, (0.1, 0.1, 0.8), strict=True))

    found = outcomes(tree, load_outcomes(spoil(sure, tmp_path)))
    assert float(found.data["posterior"].sel(outcome="failure")) == pytest.approx(0.8)
    assert np.isnan(found.checks["implied_usable"]).all()  # no P(usable) makes a difference


def test_words_numbers_and_figure(answers: Any) -> None:
    found = answers.outcomes
    assert "about the layer's own shares" in found.text
    assert "our judgement" in found.text
    assert "never fitted" in found.text
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert [row["outcome"] for row in content["outcomes"]] == list(OUTCOMES)
    assert len(content["checks"]) == found.checks.sizes["statement"]
    figure = outcomes_figure(found, answers.stamp)
    (line,) = [x for x in figure.axes[1].lines if x.get_gid() == "predicted"]
    np.testing.assert_array_equal(line.get_xdata(), found.checks["predicted"])
    (rings,) = [x for x in figure.axes[1].lines if x.get_gid() == "said narrower 0"]
    np.testing.assert_array_equal(rings.get_xdata(), found.checks["said"])


def test_without_totals_there_are_outcomes_all_the_same(tree: xr.DataTree) -> None:
    none = tree.copy()
    for name in ("constant_data", "observed_data"):
        none[name] = none[name].to_dataset().isel(statement=slice(0, 0))
    found = outcomes(none)
    assert found.checks.sizes["statement"] == 0
    assert "Of 0 stated totals" in found.text
    assert found.check_table.empty
    assert outcomes_figure(found, "fit").axes


def test_of_the_prior_it_says_so(prior_answers: Any) -> None:
    found = prior_answers.outcomes
    assert np.isnan(found.data["posterior"]).all()
    assert "no statement was used" in found.text
    assert "posterior" not in found.text
