"""Calibration of the full model: twenty runs, the negative control, and what a run must tell.

One compilation for all of it; a minute and a half of one core beside it.
"""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.calibration import Calibration, judged
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference import calibration
from sweet_spot.inference.calibration import SAMPLER, calibration_runs, ranked
from sweet_spot.inference.draws import prior_draws
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import GROUP_DIMS, layout
from sweet_spot.inference.refit import Compiled
from sweet_spot.inference.simulated import mirrored, simulated

RUNS, CONTROL, SILENT = 20, 10, 30
QUICK = replace(SAMPLER, draws=500, tune=300)
C = ErrorConstants()


@pytest.fixture(scope="module")
def right(argument: Argument, bundled: Evidence) -> Calibration:
    return judged(calibration_runs(argument, bundled, RUNS, settings=QUICK, workers=1))


@pytest.fixture(scope="module")
def wrong(argument: Argument, bundled: Evidence) -> Calibration:
    return judged(
        calibration_runs(argument, bundled, CONTROL, control=True, settings=QUICK, workers=1)
    )


def test_the_full_model_is_calibrated(right: Calibration) -> None:
    """At a family-wise level of 1 %; the seed is fixed."""
    assert not right.failed, right.text
    assert right.text.startswith("Calibrated: 0 of 976 tests failed in 20 runs")


def test_a_noise_five_times_too_small_is_caught(wrong: Calibration, right: Calibration) -> None:
    """By a wide margin, on half as many runs, and by the joint log likelihood first of all."""
    assert wrong.failed
    assert "NEGATIVE CONTROL" in wrong.text
    first = wrong.table.iloc[0]
    assert first["quantity"] == "joint log likelihood"
    assert first["p"] < first["level"] / 100
    own = right.data.sel(quantity="joint log likelihood")
    assert min(float(own["p_plain"]), float(own["p_folded"])) > 0.001


def test_every_free_variable_gate_and_the_headline_are_ranked(
    right: Calibration, argument: Argument, bundled: Evidence
) -> None:
    """Each coordinate of each: by the model's own list of its variables."""
    ranked_ = set(right.data["quantity"].values.tolist())
    model = build_model(argument, mirrored(bundled), C, derived=False)
    for variable in model.free_RVs:
        dims = model.named_vars_to_dims.get(variable.name, ())
        size = int(np.prod([len(model.coords[dim]) for dim in dims]))
        own = {n for n in ranked_ if n == variable.name or n.startswith(f"{variable.name}[")}
        assert len(own) == size, variable.name
    for latent in LATENT_DIMS:
        assert any(n == latent or n.startswith(f"{latent}[") for n in ranked_), latent
    assert {"margin of the headline", "joint log likelihood"} <= ranked_
    assert len({n for n in ranked_ if n.startswith("gate ")}) == 25
    rank = right.data["rank"].values
    assert rank.min() >= 0
    assert rank.max() <= right.data.attrs["kept"] == 50


def test_panels_have_rare_gates_and_every_kind_of_statement(right: Calibration) -> None:
    for kind in ("one_sided", "conditional", "event"):
        assert int(right.data[kind].min()) >= 3, kind
    assert int(right.data["rare_runs"].sum()) >= RUNS
    assert int((right.data["rare_runs"] > 0).sum()) >= 5  # of 25 gates


@pytest.fixture(scope="module")
def stubbed(argument: Argument, bundled: Evidence) -> tuple[xr.Dataset, Compiled, list]:
    """Prior draws, a compiled model without a sampler, and panels in which nobody speaks."""
    whole = mirrored(bundled)
    fitted = layout(argument, whole, C)
    panels = simulated(argument, whole, C, SILENT, seed=5)
    silent = [replace(panel, live=0 * panel.live) for panel in panels]
    return (
        prior_draws(argument, fitted, C, 1, SILENT * 500, 11),
        Compiled(argument, fitted, C, None),
        silent,
    )


def places(stubbed: tuple, bundled: Evidence, monkeypatch, factor: float) -> Calibration:
    """Calibration with draws of the prior, spread `factor` times, as posterior of silent panels."""
    draws, compiled, panels = stubbed
    blocks = iter(range(len(panels)))

    def drawn(*_: object) -> tuple[xr.Dataset, dict[str, float]]:
        start = 500 * next(blocks)
        own = draws.isel(draw=slice(start, start + 500))
        spread = {n: factor * own[n] for n in ("latent_score", *GROUP_DIMS) if n != "loading"}
        return own.assign(spread), {"ess": 1.0, "divergences": 0.0}

    monkeypatch.setattr(calibration, "_draw", drawn)
    monkeypatch.setattr(calibration, "compiled_for", lambda *_: compiled)
    given = (compiled.argument, mirrored(bundled), C, QUICK)
    done = [ranked(panel, *given) for panel in panels]
    data = calibration._collected(compiled.argument, done)
    kinds = {
        name: ("run", [0] * len(done)) for name in ("live", "one_sided", "conditional", "event")
    }
    attrs = {"seed": 1, "kept": 50, "control": 0, "thin": 10, "draws": 500, "digest_fit": ""}
    return judged(data.assign(kinds).assign_attrs(attrs))


def test_the_prior_is_the_posterior_of_silent_panels(
    stubbed: tuple, bundled: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Draws of the prior pass, all quantities; the same drawn in to a third do not, when folded.

    The log likelihood of these panels is zero in all draws: the truth may take any place.
    """
    found = places(stubbed, bundled, monkeypatch, 1.0)
    assert not found.failed, found.text
    rank = found.data["rank"].sel(quantity="joint log likelihood").values
    assert len(np.unique(rank)) > SILENT / 2
    assert abs(rank.mean() - 25) < 4 * np.sqrt((51**2 - 1) / 12 / len(rank))
    narrow = places(stubbed, bundled, monkeypatch, 1 / 3)
    caught = narrow.table[~narrow.table["passed"]]
    assert set(caught["family"]) >= {"latents", "asked", "errors"}
    assert (caught["test"] == "folded").mean() > 0.5


def test_the_order_of_the_data_s_variables_does_not_matter(
    stubbed: tuple, bundled: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sampler's variables come in another order than the prior's."""
    draws, compiled, panels = stubbed
    own = draws.isel(draw=slice(500))
    turned = own[[*own.data_vars][::-1]]
    monkeypatch.setattr(calibration, "compiled_for", lambda *_: compiled)
    found = []
    for given in (own, turned):
        monkeypatch.setattr(
            calibration, "_draw", lambda *_, given=given: (given, {"ess": 1.0, "divergences": 0.0})
        )
        found.append(ranked(panels[0], compiled.argument, mirrored(bundled), C, QUICK))
    assert found[0].labels == found[1].labels
    np.testing.assert_array_equal(found[0].rank, found[1].rank)
