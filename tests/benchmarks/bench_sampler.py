"""Effective draws per second: our route through nutpie against PyMC's own NUTS, on one model.

    python3 -m uv run python tests/benchmarks/bench_sampler.py [--json FILE]

Both draw the free variables of the model of the bundled data; latents and gates are derived from
these by the same code, outside the clock. PyMC's sampler gets fewer draws, so that it ends in
minutes; effective draws per second do not depend on that much. Nothing is asserted.
"""

import argparse
import json
import time
import warnings
from pathlib import Path
from typing import Any

import arviz as az
import nutpie
import pymc as pm
import xarray as xr

from sweet_spot.argument.spec import load_argument
from sweet_spot.evidence.gather import gather
from sweet_spot.inference.draws import complete
from sweet_spot.inference.model import build_model
from sweet_spot.inference.refit import Settings

CHECKOUT = Path(__file__).resolve().parents[2]


def ours(model: pm.Model, settings: Settings) -> tuple[xr.DataTree, float, float]:
    """Draws, seconds of compilation, seconds of drawing with its warm-up."""
    began = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model)
    ready = time.perf_counter()
    tree = nutpie.sample(
        compiled, draws=settings.draws, tune=settings.tune, chains=settings.chains,
        seed=settings.seed, target_accept=settings.target_accept, save_warmup=False,
        progress_bar=False,
    )  # fmt: skip
    return tree, ready - began, time.perf_counter() - ready


def theirs(model: pm.Model, settings: Settings) -> tuple[xr.DataTree, float, float]:
    """The same from `pm.sample`, which says itself how long it drew."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about few draws
        tree = pm.sample(
            settings.draws, tune=settings.tune, chains=settings.chains, cores=2, model=model,
            random_seed=settings.seed, nuts_sampler="pymc", progressbar=False,
            nuts={"target_accept": settings.target_accept}, compute_convergence_checks=False,
        )  # fmt: skip
    whole = time.perf_counter() - began
    drawing = float(tree["posterior"].attrs["sampling_time"])
    return tree, whole - drawing, drawing


def measured(argument: Any, found: tuple[xr.DataTree, float, float], s: Settings) -> dict[str, Any]:
    tree, compiling, drawing = found
    after = complete(argument, tree["posterior"].to_dataset())
    headline = after["usable"].max("factor").astype(float)
    ess = float(az.ess(headline, method="bulk"))
    least = float(az.ess(after["latent_score"], method="bulk").min())
    return {
        "chains": s.chains, "draws": s.draws, "tune": s.tune, "compile_seconds": compiling,
        "draw_seconds": drawing, "headline": float(headline.mean()), "headline_ess": ess,
        "headline_ess_per_second": ess / drawing, "least_score_ess_per_second": least / drawing,
        "divergences": int(tree["sample_stats"]["diverging"].sum()),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data")
    parser.add_argument("--draws", type=int, default=400, help="of PyMC's sampler, per chain")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    argument = load_argument()
    model = build_model(argument, gather(asked.data), derived=False)
    full, few = Settings(), Settings(draws=asked.draws, tune=400, chains=2)
    alike = measured(argument, ours(model, few), few)
    result = {
        "nutpie, our settings": measured(argument, ours(model, full), full),
        "nutpie, PyMC's draws": alike,
        "pm.sample, nuts_sampler='pymc'": measured(argument, theirs(model, few), few),
    }
    for name, row in result.items():
        print(f"\n{name}")
        for key, value in row.items():
            print(f"  {key:<28}{value:12.4g}")
    own = result["pm.sample, nuts_sampler='pymc'"]["headline_ess_per_second"]
    for name in list(result)[:2]:
        ratio = result[name]["headline_ess_per_second"] / own
        print(f"\n{name}: {ratio:.1f} times the effective draws per second of PyMC's sampler")
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
