"""Credences, verdict and waterfall against counts made by hand."""

import json

import arviz as az
import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.credences import credence_table, from_json, gates_of, odds_moved, voices
from sweet_spot.answers.verdict import refuse, verdict
from sweet_spot.answers.waterfall import waterfall
from sweet_spot.argument.structure import GATES
from sweet_spot.errors import UntrustworthyFit


def test_counts_by_hand(by_hand: xr.DataTree) -> None:
    table = credence_table(by_hand)
    found = {(r["gate"], r["factor"]): (r["posterior"], r["prior"]) for r in table.rows}
    assert found["usable", "safety_progress"] == (0.4, 0.2)
    assert found["usable", "any"] == (0.6, 0.3)  # the draws nest, so that any is the largest
    assert found["usable", "all"] == (0.1, 0.0)
    assert found["exists", "any"] == (0.9, 0.8)
    assert found["elicitable", "all"] == (0.4, 0.3)
    assert list(dict.fromkeys(gate for gate, _ in found)) == list(GATES)
    assert len(found) == 5 * 5


def test_any_and_all_are_taken_draw_by_draw(by_hand: xr.DataTree) -> None:
    crossed = by_hand["posterior"].to_dataset()
    crossed["usable"][:] = 0
    crossed["usable"][0, 0, 0] = crossed["usable"][1, 1, 2] = 1  # two draws, one factor each
    gates = gates_of(crossed).sel(gate="usable").mean(("chain", "draw"))
    assert float(gates.sel(factor="any")) == pytest.approx(0.2)
    assert float(gates.sel(factor="all")) == 0


def test_monte_carlo_error_is_that_of_arviz(tree: xr.DataTree) -> None:
    table = credence_table(tree)
    usable = tree["posterior"]["usable"].astype(float)
    np.testing.assert_array_equal(
        table.data["mcse"].sel(gate="usable", factor=usable["factor"]),
        az.mcse(usable, method="mean"),
    )


def test_json_holds_what_the_interface_promises(by_hand: xr.DataTree) -> None:
    table = credence_table(by_hand)
    content = json.loads(json.dumps(table.to_json()))
    assert {"schema", "rows", "headline", "verdict", "statements", "experts"} <= set(content)
    for row in content["rows"]:
        assert set(row) == {"gate", "factor", "posterior", "prior", "mcse"}
        assert 0 <= row["posterior"] <= 1
        assert row["mcse"] >= 0
    assert (content["statements"], content["experts"]) == (3, 2)
    assert content["roles"]["evidence"] == {"statements": 2, "experts": 2}
    assert content["verdict"]["passed"] is False
    again = from_json(content, verdict(by_hand), voices(by_hand))
    assert again.to_json() == content


def test_headline_says_what_each_number_is(by_hand: xr.DataTree) -> None:
    text = credence_table(by_hand).text
    assert text.startswith(
        "P(usable sweet spot for at least one factor) = 0.60 (posterior mean; Monte"
    )
    for part in (
        "prior 0.30", "safety progress 0.40", "all of them 0.10", "Model 0.1.0",
        "2 evidence statements by 2 experts to 2026.",
    ):  # fmt: skip
        assert part in text


def test_prior_only_says_prior_and_holds_no_posterior(by_hand: xr.DataTree) -> None:
    table = credence_table(by_hand.drop_nodes("posterior"))
    assert table.text.startswith("Prior P(usable")
    assert "posterior" not in table.text
    assert all(row["posterior"] is None for row in table.rows)
    assert table.to_json()["verdict"]["passed"] is None
    assert table.credence("usable", "any") == pytest.approx(0.3)


def test_odds_moved(by_hand: xr.DataTree) -> None:
    table = credence_table(by_hand)
    assert odds_moved(table, "usable", "any") == pytest.approx((0.6 / 0.4) / (0.3 / 0.7))
    assert np.isnan(odds_moved(table, "usable", "all"))  # the prior is zero


def test_waterfall_loses_what_is_not_left(by_hand: xr.DataTree) -> None:
    data = waterfall(credence_table(by_hand)).data
    left = data["left"].sel(world="posterior", factor="any")
    np.testing.assert_allclose(left, [0.9, 0.8, 0.7, 0.6, 0.6])
    np.testing.assert_allclose(data["lost"].sum("gate") + data["left"].isel(gate=-1), 1)
    products = data["passing"].sel(factor="any").cumprod("gate")
    np.testing.assert_allclose(products, data["left"].sel(factor="any"))


def test_verdict_names_what_failed(by_hand: xr.DataTree) -> None:
    found = verdict(by_hand)
    assert found.failed
    assert found.text == "The fit failed its verdict: r_hat 1.02, demanded at most 1.01."
    with pytest.raises(UntrustworthyFit, match=r"r_hat 1\.02.*--force"):
        refuse(found)


def test_verdict_of_a_sound_fit_and_of_none(tree: xr.DataTree, prior_tree: xr.DataTree) -> None:
    assert verdict(tree).passed is True
    refuse(verdict(tree))
    assert verdict(prior_tree).passed is None
    refuse(verdict(prior_tree))
