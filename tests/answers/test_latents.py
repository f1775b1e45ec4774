"""Latents: what touches them, and how far they were pinned down."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.latents import PRIOR_ONLY, latent_table
from sweet_spot.answers.touch import coordinates, touches
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.worlds import target
from sweet_spot.evidence.gather import Evidence

START = {"current_speedup", "automation_gap", "years_per_dex_before"}


@pytest.mark.parametrize(
    ("quantity", "given", "via", "expected"),
    [
        ("danger_gap", {}, None, {"danger_gap"}),
        ("scheming_at(20)", {}, None, {"scheming", "scheming_slope"}),
        ("year_automation", {}, None, START),
        ("year_automation", {"automation_gap": 1.0}, None, START - {"automation_gap"}),
        ("scheming_at(5)", {"scheming_slope": 1.0}, None, {"scheming"}),
        (  # the cost before automation is solved for, whatever it was
            "years_between_speedups(5, 1000)", {"year_at_speedup(5)": 2028.0},
            "years_per_dex_before",
            {"current_speedup", "automation_gap", "years_per_dex_after", "diminishing_returns"},
        ),
        (
            "sweet_spot_width[risk_evaluation]", {}, None,
            {"uneven_arrival[risk_evaluation]", "danger_gap", "countermeasure_gain"},
        ),
        (
            "evaluation_failure[safety_progress]", {}, None,
            {f"output_failure[{w}]" for w in ("number_go_up", "normal_science", "conceptual")}
            | {"process_failure"}
            | {f"work_share[safety_progress, {w}]"
               for w in ("number_go_up", "normal_science", "conceptual")},
        ),
    ],
)  # fmt: skip
def test_touch(
    tree: xr.DataTree,
    argument: Argument,
    quantity: str,
    given: dict[str, float],
    via: str | None,
    expected: set[str],
) -> None:
    found = touches([target(quantity, given, via)], tree["prior"].to_dataset(), argument)[0]
    labels = [each.label for each in coordinates(argument)]
    touched = {label for label, is_so in zip(labels, found, strict=True) if is_so}
    assert touched == expected


def test_usable_depends_on_every_latent_of_its_factor(
    tree: xr.DataTree, argument: Argument
) -> None:
    prior = tree["prior"].to_dataset()
    found = touches([target("effective_years[safety_progress]")], prior, argument)[0]
    untouched = {
        c.label for c, is_so in zip(coordinates(argument), found, strict=True) if not is_so
    }
    others = ("risk_evaluation", "capability_restraint")
    assert all(
        label.startswith("hardness[") or any(o in label for o in others) for label in untouched
    )


def test_counts_are_of_live_evidence(answers: Any, evidence: Evidence) -> None:
    data = answers.latents.data
    said = evidence.statements
    serving = said.isel(statement=np.flatnonzero((said["live"] * said["evidence"]).to_numpy()))
    on_danger = [q in ("danger_gap", "year_dangerous") for q in _quantities(serving, evidence)]
    assert int(data["statements"].sel(coordinate="danger_gap")) == sum(on_danger)
    assert int(data["experts"].sel(coordinate="danger_gap")) == len(
        set(serving["expert"].to_numpy()[on_danger])
    )


def _quantities(table: xr.Dataset, evidence: Evidence) -> list[str]:
    return [evidence.targets[i].quantity.name for i in table["target"].to_numpy()]


def test_untouched_latents_are_named(answers: Any) -> None:
    assert "labour_growth" in answers.latents.prior_only
    assert "scheming" not in answers.latents.prior_only
    assert PRIOR_ONLY == "prior only"


def test_contraction_is_on_the_prior_scale(
    tree: xr.DataTree, argument: Argument, evidence: Evidence
) -> None:
    pulled = tree.copy()
    posterior, prior = (tree[g].to_dataset().copy() for g in ("posterior", "prior"))
    posterior["years_bought"] = np.sqrt(prior["years_bought"])  # half the sd on the log scale
    posterior["scheming"] = prior["scheming"] * 0.5 + 3
    posterior["danger_gap"] = prior["danger_gap"]
    pulled["posterior"] = xr.DataTree(posterior)
    data = latent_table(pulled, argument, evidence).data
    at = data["contraction"].sel(coordinate=["years_bought", "scheming", "danger_gap"])
    np.testing.assert_allclose(at, [0.75, 0.75, 0], atol=1e-6)  # single precision in the frozen fit


def test_intervals_are_equal_tailed_and_readable(answers: Any, tree: xr.DataTree) -> None:
    row = answers.latents.data.sel(coordinate="scheming")
    logits = tree["posterior"]["scheming"].to_numpy().ravel().astype(float)
    expected = 1 / (1 + np.exp(-np.quantile(logits, [0.05, 0.5, 0.95])))
    np.testing.assert_allclose(row["posterior"], expected, rtol=1e-3)  # shares between two draws
    assert str(row["unit"].values) == "share"
    assert bool((answers.latents.data["posterior"].diff("point") > 0).all())


def test_prior_only_has_no_posterior(prior_answers: Any) -> None:
    assert np.isnan(prior_answers.latents.data["posterior"]).all()
    assert np.isfinite(prior_answers.latents.data["prior"]).all()
