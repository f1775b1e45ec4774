"""The verdict on ranks: what passes, what fails, at which level, and what text and figures say."""

import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.calibration import EDGES, LEVEL, RARE, Calibration, _two_sided, judged
from sweet_spot.answers.figures_calibration import gates_figure, ranks_figure, write_calibration
from sweet_spot.argument.structure import GATES
from sweet_spot.inference.calibration import FAMILIES
from sweet_spot.inference.uniformity import p_value

RUNS, KEPT = 120, 100
FACTORS = ("safety_progress", "risk_evaluation", "capability_restraint", "any", "all")
SHAPE = (RUNS, len(GATES), len(FACTORS))


def made(seed: int = 1, **given: np.ndarray) -> xr.Dataset:
    """Ranks of a right model, with some of them replaced: five quantities a family."""
    rng = np.random.default_rng(seed)
    probability = rng.beta(0.5, 0.5, SHAPE)
    columns = {
        "rank": rng.integers(0, KEPT + 1, (RUNS, 20)),
        "probability": rng.binomial(KEPT, probability) / KEPT,
        "happened": rng.random(SHAPE) < probability,
    } | given
    grid = ("run", "gate", "factor")
    per_run = {"divergences": 0.0, "ess": 120.0, "seconds": 5.0, "live": 90, "one_sided": 7,
               "conditional": 0, "event": 30}  # fmt: skip
    names = [f"{family} {k}" for family in FAMILIES for k in range(5)]
    return xr.Dataset(
        {
            "rank": (("run", "quantity"), columns["rank"]),
            "family": ("quantity", np.repeat(FAMILIES, 5)),
            "probability": (grid, columns["probability"]),
            "happened": (grid, columns["happened"].astype(np.int64)),
        }
        | {name: ("run", np.full(RUNS, value)) for name, value in per_run.items()},
        coords={"run": np.arange(RUNS), "quantity": names, "gate": list(GATES),
                "factor": list(FACTORS)},
        attrs={"runs": RUNS, "seed": 1, "control": 0, "kept": KEPT, "thin": 10, "draws": 1000,
               "tune": 400, "digest_fit": "0123456789abcdef"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def right() -> Calibration:
    return judged(made())


def with_ranks(name: str, values: np.ndarray) -> Calibration:
    data = made()
    at = data["quantity"].values.tolist().index(name)
    rank = data["rank"].values.copy()
    rank[:, at] = values
    return judged(made(rank=rank))


def test_a_right_model_passes(right: Calibration) -> None:
    assert not right.failed
    assert right.text.startswith("Calibrated: 0 of 90 tests failed in 120 runs")


def test_levels_add_up_to_the_family_wise_one(right: Calibration) -> None:
    """Bonferroni: a quarter for each kind of quantities, within it the same for each test."""
    table = right.table
    assert table["level"].sum() == pytest.approx(LEVEL)
    for family, own in table.groupby("family"):
        assert own["level"].sum() == pytest.approx(LEVEL / len(FAMILIES)), family
        assert own["level"].nunique() == 1
    assert Counter(table["test"]) == {"plain": 20, "folded": 20, "frequency": 25, "rare": 25}


def test_right_models_fail_no_more_often_than_the_level() -> None:
    """Of 15, at 1 %: two or more have a chance of 1 %."""
    assert sum(judged(made(seed)).failed for seed in range(10, 25)) < 2


def test_a_shifted_posterior_fails_plain_and_a_narrow_one_folded() -> None:
    rng = np.random.default_rng(3)
    shifted = with_ranks("latents 2", rng.integers(0, 60, RUNS))
    assert shifted.failed
    assert shifted.table.iloc[0][["quantity", "test"]].tolist() == ["latents 2", "plain"]
    out = ((np.arange(RUNS) + 0.5) / RUNS) ** (1 / 1.9)  # how far from the middle
    side = np.where(np.arange(RUNS) % 2, 1, -1)
    narrow = with_ranks("errors 1", np.floor((1 + side * out) / 2 * (KEPT + 1)))
    assert narrow.table.iloc[0][["quantity", "test"]].tolist() == ["errors 1", "folded"]
    assert "NOT CALIBRATED" in narrow.text
    assert "errors 1 (folded): p = " in narrow.text


def test_places_are_spread_within_their_rank(right: Calibration) -> None:
    place = right.data["place"]
    assert (np.floor(place * (KEPT + 1)) == right.data["rank"]).all()
    own = right.data["p_plain"].sel(quantity="asked 3")
    assert float(own) == p_value(place.sel(quantity="asked 3").values)


def test_gates_that_hold_too_often_fail() -> None:
    """A gate whose probabilities are all a fifth too low; and one wrong only where it is rare."""
    rng = np.random.default_rng(4)
    p = rng.beta(0.5, 0.5, SHAPE)
    happened = rng.random(SHAPE) < p
    happened[:, 2, 1] = rng.random(RUNS) < np.minimum(p[:, 2, 1] + 0.25, 1)
    few = p[:, 4, 3] < RARE / 2
    happened[few, 4, 3] = rng.random(few.sum()) < 0.4
    table = judged(made(probability=np.round(p * KEPT) / KEPT, happened=happened)).table
    failed = set(map(tuple, table[~table["passed"]][["quantity", "test"]].to_numpy().tolist()))
    assert (f"gate {GATES[2]}[risk_evaluation]", "frequency") in failed
    assert (f"gate {GATES[4]}[any]", "rare") in failed
    assert {name for name, _ in failed} == {
        f"gate {GATES[2]}[risk_evaluation]", f"gate {GATES[4]}[any]",
    }  # fmt: skip


def test_rare_events_are_counted(right: Calibration) -> None:
    data = right.data
    p = (data["probability"] * KEPT + 0.5) / (KEPT + 1)
    least = np.minimum(p, 1 - p)
    few = least <= RARE
    came = xr.where(p > 0.5, 1 - data["happened"], data["happened"])
    assert (data["rare_runs"] == few.sum("run")).all()
    assert (data["rare_happened"] == (came * few).sum("run")).all()
    np.testing.assert_allclose(data["rare_expected"], (least * few).sum("run"))
    shown = f"{int(few.sum())} cases (25 of 25 gates"
    assert shown in right.text


def test_two_sided_probability_is_that_of_all_outcomes() -> None:
    """Every one of the 2^6 outcomes of six events, by hand."""
    p = np.array([0.02, 0.1, 0.3, 0.5, 0.7, 0.95])
    outcomes = np.array(list(itertools.product((0, 1), repeat=6)))
    weight = np.prod(np.where(outcomes, p, 1 - p), axis=1)
    for held in outcomes[[0, 5, 40, 63]]:
        below = weight[outcomes.sum(1) <= held.sum()].sum()
        above = weight[outcomes.sum(1) >= held.sum()].sum()
        assert _two_sided(held, p) == pytest.approx(min(1, 2 * min(below, above)))
    assert _two_sided(np.array([]), np.array([])) == 1.0


def test_text_says_what_was_there_and_what_was_not(right: Calibration) -> None:
    assert "7.0 one-sided (censored) (at least 7 in every panel)" in right.text
    assert "No conditional: not tested." in right.text
    assert "family-wise level of 1 %" in right.text
    control = judged(made().assign_attrs(control=1))
    assert "NEGATIVE CONTROL" in control.text


def test_table_and_json_hold_every_test(right: Calibration) -> None:
    content = json.loads(json.dumps(right.to_json(), allow_nan=False))
    assert len(content["rows"]) == len(right.table) == 90
    assert content["failed"] is False
    assert content["runs"] == RUNS


def test_figures_show_the_table(right: Calibration) -> None:
    figure = ranks_figure(right)
    assert len(figure.axes) == 8
    data = right.data
    for k, family in enumerate(FAMILIES):
        own = data.isel(quantity=np.flatnonzero(data["family"].values == family))
        panel = figure.axes[2 * k]
        lines = [line for line in panel.lines if line.get_gid() == "ecdf"]
        assert len(lines) == own.sizes["quantity"]
        points, shown = lines[0].get_data()
        share = (own["place"].values[:, 0][:, None] <= points).mean(axis=0)
        np.testing.assert_allclose(shown, share - points, atol=1e-12)
        (worst,) = (line for line in panel.lines if line.get_gid() == "worst")
        at = int(np.argmin(own["p_plain"].values))
        np.testing.assert_array_equal(worst.get_ydata(), lines[at].get_ydata())
    (axes,) = gates_figure(right).axes
    (dots,) = (line for line in axes.lines if line.get_gid() == "gates")
    np.testing.assert_array_equal(dots.get_ydata(), data["frequency"])
    assert data.sizes["bin"] == len(EDGES) - 1


def test_reliability_is_that_of_the_gates_in_each_bin(right: Calibration) -> None:
    data = right.data
    p = ((data["probability"] * KEPT + 0.5) / (KEPT + 1)).values.ravel()
    held = data["happened"].values.ravel()
    for k, (low, high) in enumerate(itertools.pairwise(EDGES)):
        here = (p >= low) & (p < high)
        assert float(data["count"][k]) == here.sum()
        assert float(data["frequency"][k]) == pytest.approx(held[here].mean())
        assert float(data["predicted"][k]) == pytest.approx(p[here].mean())
        # with independent gates the error by run is about the binomial one
        usual = np.sqrt((p * (1 - p))[here].mean() / here.sum())
        assert 0.5 < float(data["error"][k]) / usual < 1.6


def test_what_is_written_can_be_read(right: Calibration, tmp_path: Path) -> None:
    paths = write_calibration(right, tmp_path / "new")
    assert sorted(p.name for p in paths) == [
        "calibration-gates.png", "calibration.csv", "calibration.nc", "calibration.png",
        "calibration.txt",
    ]  # fmt: skip
    with xr.open_dataset(tmp_path / "new" / "calibration.nc") as kept:
        again = judged(kept.load()[["rank", "family", "probability", "happened", "ess",
                                    "divergences", "seconds", "live", "one_sided",
                                    "conditional", "event"]])  # fmt: skip
    assert again.text + "\n" == (tmp_path / "new" / "calibration.txt").read_text(encoding="utf-8")
