"""Calibration: may the posterior be believed, if the model is right? A verdict on simulated panels.

Ranks of simulated truths must be uniform, as they are and folded about the middle: folded ranks see
intervals that are too narrow, which plain ones hardly do. Probabilities of gates must agree with
how often the gates hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from scipy import stats

from sweet_spot.answers.numbers import finite, records
from sweet_spot.argument.spec import load_argument
from sweet_spot.errors import MissingData
from sweet_spot.evidence.gather import gather
from sweet_spot.inference.calibration import FAMILIES, calibration_runs
from sweet_spot.inference.uniformity import folded, p_value

if TYPE_CHECKING:
    import pandas as pd

    from sweet_spot.inference.refit import Settings
    from sweet_spot.inference.tasks import Progress

LEVEL = 0.01
"""Family-wise: a right model with a right sampler fails at most so often."""
RARE = 0.1
"""A gate is rare in a run where one of its two outcomes has at most this posterior probability."""
EDGES = (0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98, 1.0)
"""Predicted probabilities of gates are pooled between these, for a figure."""


@dataclass(frozen=True)
class Calibration:
    """Where simulated truths stand in their posteriors, and whether that is as it should be.

    Attributes
    ----------
    data
        Dims `run`, `quantity`, `gate`, `factor` (with any and all), `bin`. As simulated: `rank`,
        `probability`, `happened` and what each run held (`inference.calibration`). `place`
        (run, quantity): the rank as a number from 0 to 1. Of each quantity `family`, `level` (of
        each of its tests), `p_plain` and `p_folded` (probability of so uneven an ECDF). Of each
        gate, in the world where probabilities are right, the two-sided probability of so many: over
        all runs `p_frequency`, and `p_rare` over those in which one outcome had at most `RARE`; of
        these `rare_runs`, `rare_expected` and `rare_happened`, how often the unlikely came. Of each
        bin of predicted probabilities `predicted`, `frequency`, its `error` (by run) and `count`.
    """

    data: xr.Dataset

    @property
    def table(self) -> pd.DataFrame:
        """One row for each test: what, family, which test, its p-value and level, `passed`."""
        import pandas as pd

        data, rows = self.data, []
        for test in ("plain", "folded"):
            columns = (data[n].values.tolist() for n in ("quantity", "family", "level"))
            rows += [
                (name, family, test, p, level)
                for (name, family, level), p in zip(
                    zip(*columns, strict=True), data[f"p_{test}"].values.tolist(), strict=True
                )
            ]
        level = float(data["level"].values[data["family"].values == "answer"][0])
        for test in ("frequency", "rare"):
            for gate in data["gate"].values:
                for factor in data["factor"].values:
                    p = float(data[f"p_{test}"].sel(gate=gate, factor=factor))
                    rows.append((f"gate {gate}[{factor}]", "answer", test, p, level))
        out = pd.DataFrame(rows, columns=["quantity", "family", "test", "p", "level"])
        return out.assign(passed=out["p"] > out["level"]).sort_values(
            ["p", "quantity"], ignore_index=True
        )

    @property
    def failed(self) -> bool:
        """Whether any test failed at its level."""
        return not bool(self.table["passed"].all())

    @property
    def text(self) -> str:
        """The verdict in words."""
        from sweet_spot.answers.calibration_text import text

        return text(self)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        attrs = {k: finite(np.asarray(v).item()) for k, v in self.data.attrs.items()}
        rows = records(self.table)
        return {"schema": 1, **attrs, "failed": self.failed, "text": self.text, "rows": rows}


def calibrate(
    data: Path | str = "data",
    runs: int = 200,
    *,
    seed: int = 1,
    control: bool = False,
    settings: Settings | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Simulation-based calibration of the full model, on panels like those of a data folder.

    Parameters
    ----------
    runs
        How many truths are drawn, each with a panel of its own and a fit to it.
    control
        The negative control: people err five times as much as the model believes. It must fail.
    settings
        Of the sampler, instead of `inference.calibration.SAMPLER`.
    scheduler
        Address of a Dask scheduler; by default a cluster on this machine.
    workers
        Of that cluster; with 1 all is done in this process. Results are the same.
    progress
        Called with how many runs are done, and how many there are.

    Raises
    ------
    MissingData, InvalidRecord
        The data folder is missing, holds no live evidence, or has errors.
    """
    evidence = gather(data)
    said = evidence.statements
    if not bool((said["live"] * said["evidence"]).any()):
        raise MissingData(f"{data}: no live evidence statement; nothing to simulate a panel from")
    return judged(
        calibration_runs(
            load_argument(), evidence, runs, seed=seed, control=control, settings=settings,
            scheduler=scheduler, workers=workers, progress=progress,
        )
    )  # fmt: skip


def judged(runs: xr.Dataset) -> Calibration:
    """The verdict on ranks, as `calibration_runs` gives them."""
    rng, kept = np.random.default_rng(runs.attrs["seed"]), runs.attrs["kept"]
    place = (runs["rank"] + rng.random(runs["rank"].shape)) / (kept + 1)
    columns = place.transpose("run", "quantity").to_numpy().T
    data = runs.assign(
        place=place,
        p_plain=("quantity", [p_value(each) for each in columns]),
        p_folded=("quantity", [p_value(folded(each)) for each in columns]),
    )
    data = data.assign(_frequencies(data)).assign(_reliability(data))
    return Calibration(data.assign(level=("quantity", _levels(data))))


def _levels(data: xr.Dataset) -> np.ndarray:
    """Level of each test: families share `LEVEL` equally, and so do the tests of a family."""
    family = data["family"].to_numpy()
    tests = {name: 2 * int((family == name).sum()) for name in FAMILIES}
    tests["answer"] += 2 * data.sizes["gate"] * data.sizes["factor"]
    return np.array([LEVEL / len(FAMILIES) / tests[name] for name in family])


def _frequencies(data: xr.Dataset) -> dict[str, Any]:
    """How often gates held against how probable they were, over all runs and where one is rare."""
    dims = ("gate", "factor")
    p = _smoothed(data).transpose("run", *dims).to_numpy()
    held = data["happened"].transpose("run", *dims).to_numpy()
    rare = np.minimum(p, 1 - p) <= RARE
    unlikely = np.where(p > 0.5, 1 - held, held)
    out = {name: np.ones(p.shape[1:]) for name in ("p_frequency", "p_rare")}
    for at in np.ndindex(*p.shape[1:]):
        own, few = (slice(None), *at), rare[(slice(None), *at)]
        out["p_frequency"][at] = _two_sided(held[own], p[own])
        out["p_rare"][at] = _two_sided(unlikely[own][few], np.minimum(p, 1 - p)[own][few])
    counts = {
        "rare_runs": rare.sum(axis=0), "rare_happened": (rare * unlikely).sum(axis=0),
        "rare_expected": (rare * np.minimum(p, 1 - p)).sum(axis=0),
    }  # fmt: skip
    return {name: (dims, values) for name, values in (out | counts).items()}


def _smoothed(data: xr.Dataset) -> xr.DataArray:
    """Posterior probabilities of gates, never 0 or 1: so many draws cannot tell."""
    kept = data.attrs["kept"]
    out: xr.DataArray = (data["probability"] * kept + 0.5) / (kept + 1)
    return out


def _two_sided(held: np.ndarray, p: np.ndarray) -> float:
    """Probability of a count at least as far out, of events with these probabilities."""
    if not p.size:
        return 1.0
    law, count = stats.poisson_binom(p), int(held.sum())
    return float(min(1.0, 2 * min(law.cdf(count), law.sf(count - 1))))


def _reliability(data: xr.Dataset) -> dict[str, Any]:
    """Predicted and observed frequency of all gates, by predicted probability."""
    p, held = _smoothed(data), data["happened"]
    p, held = (each.stack(each=("gate", "factor"), create_index=False) for each in (p, held))
    within = np.digitize(p, EDGES[1:-1])
    out: dict[str, list[float]] = {n: [] for n in ("predicted", "frequency", "error", "count")}
    for k in range(len(EDGES) - 1):
        here = within == k
        count = here.sum()
        off = np.where(here, held - p, 0.0).sum(axis=1)  # by run: its gates go together
        out["count"].append(float(count))
        for name, total in (("predicted", p), ("frequency", held)):
            out[name].append(float(total.to_numpy()[here].mean()) if count else np.nan)
        out["error"].append(float(np.sqrt((off**2).sum()) / count) if count else np.nan)
    return {name: ("bin", values) for name, values in out.items()}
