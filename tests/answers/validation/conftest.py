"""Records of runs that never were: ranks drawn at random, and scores set by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.backtest import CODE
from sweet_spot.answers.calibration import judged
from sweet_spot.answers.validation_records import keep
from sweet_spot.argument.structure import GATES
from sweet_spot.inference import provenance
from sweet_spot.inference.calibration import CODE as SIMULATION
from sweet_spot.inference.calibration import FAMILIES

RUNS, KEPT = 40, 100
FACTORS = ("safety_progress", "any", "all")
VALUES = {
    ("cooke_sej", "wis_ratio"): {"sweet_spot": 0.69, "equal_weights": 1.0, "quantile_median": 0.66},
    ("cooke_sej", "coverage_90"): {
        "sweet_spot": 0.88, "equal_weights": 0.94, "quantile_median": 0.64,
    },
    ("fpt2024", "wis_ratio"): {"sweet_spot": 0.05, "equal_weights": 1.0, "quantile_median": 0.04},
    ("fpt2024", "coverage_90"): {
        "sweet_spot": 1.0, "equal_weights": 1.0, "quantile_median": 0.8,
    },
    ("acx2022", "log"): {"sweet_spot": 0.50, "equal_weights": 0.527, "log_odds_mean": 0.525,
                         "extremised": 0.4},
    ("predictionbook", "log"): {"sweet_spot": 0.31, "equal_weights": 0.29, "log_odds_mean": 0.30},
    ("all", "log"): {"sweet_spot": 0.41, "equal_weights": 0.42, "log_odds_mean": 0.43},
}  # fmt: skip
"""Value of each method by dataset and score."""


def ranks(*, control: bool, seed: int = 1) -> xr.Dataset:
    """Of a right model; of the control's, ranks that are far too often at the ends."""
    rng = np.random.default_rng(seed)
    probability = rng.beta(0.5, 0.5, (RUNS, len(GATES), len(FACTORS)))
    rank = rng.integers(0, KEPT + 1, (RUNS, 12))
    names = [f"{family} {k}" for family in FAMILIES for k in range(3)]
    grid = ("run", "gate", "factor")
    per_run = {"divergences": 0.0, "ess": 120.0, "seconds": 5.0, "live": 90, "one_sided": 7,
               "conditional": 3, "event": 30}  # fmt: skip
    return xr.Dataset(
        {
            "rank": (("run", "quantity"), np.where(rank > 50, KEPT, 0) if control else rank),
            "family": ("quantity", np.repeat(FAMILIES, 3)),
            "probability": (grid, rng.binomial(KEPT, probability) / KEPT),
            "happened": (grid, (rng.random(probability.shape) < probability).astype(np.int64)),
        }
        | {name: ("run", np.full(RUNS, value)) for name, value in per_run.items()},
        coords={"run": np.arange(RUNS), "quantity": names, "gate": list(GATES),
                "factor": list(FACTORS)},
        attrs={"runs": RUNS, "seed": seed, "control": int(control), "kept": KEPT, "thin": 10,
               "draws": 1000, "tune": 400, "digest_fit": "0123456789abcdef",
               "digest_known": "fedcba9876543210", **provenance.made(*SIMULATION)},
    )  # fmt: skip


def scores() -> dict[str, Any]:
    """What `backtest` would have written."""
    keys = [(d, m, s, value) for (d, s), own in VALUES.items() for m, value in own.items()]
    where = [{"dataset": d, "method": m, "score": s} for d, m, s, _ in keys]
    return {
        "rows": [
            at | {"value": key[3], "se": 0.02, "n": 20}
            for at, key in zip(where, keys, strict=True)
        ],
        "less_linear_pool": [
            at | {"difference": k[3] - VALUES[k[0], k[2]]["equal_weights"], "difference_se": 0.03}
            for at, k in zip(where, keys, strict=True)
        ],
        "paired": [
            {"dataset": d, "score": s, "method": "sweet_spot", "than": m, "n": 20, "se": 0.0123,
             "difference": VALUES[d, s]["sweet_spot"] - value}
            for d, m, s, value in keys
            if m != "sweet_spot" and s != "coverage_90"
        ],
        "left_out": {"no outcome": 3}, "text": "", "seed": 1, "made": provenance.made(*CODE),
    }  # fmt: skip


def scale() -> dict[str, Any]:
    """What the benchmark of scale would have written."""
    stage = {"wall": 3.0, "cpu": 2.5}
    panels = {
        str(n): {"read": stage, "compile": stage, "draw": stage, "complete": stage, "rows": n,
                 "statements": n, "people": n // 10, "per_gradient_ms": 0.3, "passed": 1,
                 "usable": 0.5, "megabytes": 900.0, "wall": 12.0, "cpu": 10.0}
        for n in (1000, 10_000)
    }  # fmt: skip
    return {"made": provenance.made("inference/fit.py"), "panels": panels}


@pytest.fixture
def write_records(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of records, some of them replaced."""

    def write(name: str = "records", **given: Any) -> Path:
        folder = tmp_path / name
        keep(judged(given.get("calibration", ranks(control=False))), folder / "calibration.nc")
        keep(judged(given.get("control", ranks(control=True))), folder / "control.nc")
        for file, content in (("scores", scores()), ("scale", scale())):
            text = json.dumps(given.get(file, content))
            (folder / f"{file}.json").write_text(text, encoding="utf-8")
        return folder

    return write
