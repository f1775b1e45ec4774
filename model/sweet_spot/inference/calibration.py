"""Simulation-based calibration: is the posterior right, when the model is?

A truth drawn from the prior, ranked among draws of the posterior given data simulated from it, is
as likely to take one place as any other (Talts et al. 2018). One compiled model a worker, data
swapped; each run is a task of its own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import GATES, LATENT_DIMS
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import SAMPLE, complete, log_likelihood, statement_values
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import Layout, layout
from sweet_spot.inference.provenance import made
from sweet_spot.inference.refit import Compiled, Settings
from sweet_spot.inference.simulated import Simulated, mirrored, pairs, simulated
from sweet_spot.inference.store import digests
from sweet_spot.inference.tasks import Progress, compiled_for, run

THIN = 10
"""Every so many draws one is kept: ranks are uniform only among draws that are independent, and the
slowest variables mix a tenth as fast as these draws are made."""
SAMPLER = Settings(draws=1000, tune=300, chains=1)
"""Shorter in tuning than a fit, which costs the draws nothing: on 12 panels they depended on each
other as little as with 400 (lag-one autocorrelation of those kept: 95 % quantile .17).
"""
WORSE = 5.0
"""How many times as much people err as the model believes, in the negative control."""
FAMILIES = ("answer", "latents", "asked", "errors")
"""Kinds of quantities: the headline, gates and joint log likelihood; the argument's latents and
their scores; what questions ask about; the free variables of the error model."""

CODE = ("inference/calibration.py",)
"""What makes ranks, for their provenance."""


@dataclass(frozen=True)
class Ranked:
    """One run: where the truth stands among the draws kept.

    Attributes
    ----------
    rank
        How many draws lie below it, ties broken by chance (quantity).
    probability, happened
        Posterior probability of each gate, and whether it holds in truth (gate, factor).
    found
        Divergences, effective draws and seconds by name.
    """

    rank: np.ndarray
    labels: tuple[str, ...]
    families: tuple[str, ...]
    probability: np.ndarray
    happened: np.ndarray
    found: dict[str, float]


def calibration_runs(
    argument: Argument,
    evidence: Evidence,
    runs: int,
    *,
    seed: int = 1,
    control: bool = False,
    settings: Settings | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Ranks of simulated truths, on panels with the layout of some evidence.

    Parameters
    ----------
    control
        People err `WORSE` times as much as the model believes: calibration must fail then.
    settings
        Of the sampler; the seed in it has no part.
    scheduler, workers, progress
        As `tasks.run` takes them.

    Returns
    -------
    xr.Dataset
        Dims `run`, `quantity`, `gate`, `factor` (with any and all). `rank` (0 to the attribute
        `kept`, the draws kept), `family` of each quantity, `probability` and `happened` of each
        gate; of each run `divergences`, `ess` (smallest bulk ESS of a free variable),
        `seconds` of one core, and how many statements are `live`, `one_sided`, `conditional`,
        `event` (single probabilities). Attributes: settings, digests and `provenance.made`.
    """
    settings, believed = settings or SAMPLER, learned_constants()
    whole = mirrored(evidence)
    constants = _worse(believed) if control else believed
    # before the first run: sources may change while it takes its time
    told = {**digests(argument, evidence, settings, constants), **made(*CODE)}
    panels = simulated(argument, whole, constants, runs, seed, believed)
    done = run(
        ranked, panels, argument, whole, believed, settings,
        scheduler=scheduler, workers=workers, progress=progress,
    )  # fmt: skip
    data = _collected(argument, done)
    for name, counts in _contents(layout(argument, whole, believed), panels).items():
        data[name] = "run", counts
    data.attrs = {
        "runs": runs, "seed": seed, "control": int(control), "kept": settings.draws // THIN,
        "thin": THIN, "draws": settings.draws, "tune": settings.tune,
        **told,
    }  # fmt: skip
    return data


def _worse(constants: ErrorConstants) -> ErrorConstants:
    """People whose own noise is `WORSE` times as large."""
    noises = ("tau", "kappa", "probit_noise")
    return replace(constants, **{n: WORSE * getattr(constants, n) for n in noises})


def ranked(
    panel: Simulated,
    argument: Argument,
    evidence: Evidence,
    constants: ErrorConstants,
    settings: Settings,
) -> Ranked:
    """The task: draws given one simulated panel, and the rank of its truth among them."""
    compiled = compiled_for(argument, evidence, constants)
    started = time.process_time()
    drawn, found = _draw(compiled, panel, settings)
    after = complete(argument, drawn.isel(draw=slice(THIN - 1, None, THIN)))
    before = complete(argument, panel.truth)
    said = replace(compiled.fitted, observed=panel.observed, live=panel.live)
    places, truth = (_summaries(argument, d, said, constants) for d in (after, before))
    below = np.concatenate([(places[n][1] < truth[n][1]).sum(axis=0) for n in truth])
    equal = np.concatenate([(places[n][1] == truth[n][1]).sum(axis=0) for n in truth])
    rng = np.random.default_rng(panel.seed)
    labels = {label: kind for kind, values in truth.items() for label in values[0]}
    return Ranked(
        below + rng.integers(0, equal + 1), tuple(labels), tuple(labels.values()),
        _gates(after).mean(axis=0), _gates(before)[0],
        {**found, "seconds": time.process_time() - started},
    )  # fmt: skip


def _draw(
    compiled: Compiled, panel: Simulated, settings: Settings
) -> tuple[xr.Dataset, dict[str, float]]:
    """Draws of the free variables, all that were made, with what the sampler says of them."""
    import arviz as az
    import nutpie

    sampled = nutpie.sample(
        compiled.sampler.with_data(observed=panel.observed, live=panel.live), draws=settings.draws,
        tune=settings.tune, chains=1, cores=1, seed=panel.seed, save_warmup=False,
        target_accept=settings.target_accept, progress_bar=False,
    )  # fmt: skip
    drawn = sampled["posterior"].to_dataset()
    worst = min(float(each.min()) for each in az.ess(drawn, method="bulk").data_vars.values())
    divergent = float(sampled["sample_stats"]["diverging"].sum())
    return drawn, {"divergences": divergent, "ess": worst}


def _gates(draws: xr.Dataset) -> np.ndarray:
    """Gates (sample, gate, factor), any and all as last factors."""
    each = np.stack([_flat(draws[gate]) for gate in GATES], axis=-2).astype(float)
    together = np.stack([each.max(axis=-1), each.min(axis=-1)], axis=-1)
    return np.concatenate([each, together], axis=-1)


def _factors(argument: Argument) -> tuple[str, ...]:
    return (*argument.coords["factor"], "any", "all")


def _summaries(
    argument: Argument, draws: xr.Dataset, said: Layout, constants: ErrorConstants
) -> dict[str, tuple[list[str], np.ndarray]]:
    """What is ranked, by family: labels, and values (sample, label)."""
    targets = replace(said, target=np.arange(len(said.targets)))
    asked = statement_values(argument, draws, targets)
    return {
        "answer": _answer(argument, draws, said, constants),
        "latents": _columns(draws, ["latent_score", *LATENT_DIMS]),
        "asked": (
            [f"asked {k + 1}: {target.quantity}" for k, target in enumerate(said.targets)],
            asked.reshape(-1, asked.shape[-1]),
        ),
        "errors": _columns(draws, _of_errors(draws, said)),
    }  # fmt: skip


def _of_errors(draws: xr.Dataset, said: Layout) -> list[str]:
    """Names of the free variables of the error model, in an order that is not the data's own."""
    about = {*said.coords}
    own = {str(name) for name, v in draws.data_vars.items() if about & set(v.dims)}
    return sorted(own | {"disposition_field", "omega"})


def _answer(
    argument: Argument, draws: xr.Dataset, said: Layout, constants: ErrorConstants
) -> tuple[list[str], np.ndarray]:
    """The headline's margin, the width, the joint log likelihood, and every gate.

    The margin is that of the best factor: log10 of effective over needed years, minus infinity
    without a sweet spot; it is at least zero where the headline is true.
    """
    names = ("effective_years", "needed_years", "sweet_spot_width")
    effective, needed, width = (_flat(draws[name]) for name in names)
    with np.errstate(divide="ignore"):
        margin = np.log10(effective) - np.log10(needed)
    likelihood = log_likelihood(argument, draws, said, constants)["stated"].sum("statement")
    gates = _gates(draws)
    columns = {
        "margin of the headline": margin.max(axis=-1),
        "width of the widest sweet spot": width.max(axis=-1),
        "joint log likelihood": likelihood.to_numpy().ravel(),
    } | {
        f"gate {gate}[{factor}]": gates[:, i, j]
        for i, gate in enumerate(GATES)
        for j, factor in enumerate(_factors(argument))
    }
    return list(columns), np.stack(list(columns.values()), axis=-1)


def _flat(draws: xr.DataArray) -> np.ndarray:
    """Draws (sample, ...): of all chains, one after the other."""
    values = draws.transpose(*SAMPLE, ...).to_numpy()
    return values.reshape(-1, *values.shape[2:])


def _columns(draws: xr.Dataset, names: list[str]) -> tuple[list[str], np.ndarray]:
    """Every coordinate of some variables as a column of its own."""
    labels, columns = [], []
    for name in names:
        own = [d for d in draws[name].dims if d not in SAMPLE]
        values = _flat(draws[name].transpose(*SAMPLE, *own))
        columns.append(values.reshape(len(values), -1))
        at = [", ".join(map(str, each)) for each in product(*(draws[d].values for d in own))]
        labels += [f"{name}[{each}]" if each else name for each in at]
    return labels, np.concatenate(columns, axis=-1)


def _collected(argument: Argument, done: list[Ranked]) -> xr.Dataset:
    first = done[0]
    grid = ("run", "gate", "factor")
    out: dict[str, Any] = {
        "rank": (("run", "quantity"), np.array([each.rank for each in done], np.int64)),
        "family": ("quantity", np.array(first.families, np.str_)),
        "probability": (grid, np.array([each.probability for each in done])),
        "happened": (grid, np.array([each.happened for each in done], np.int64)),
    } | {name: ("run", np.array([each.found[name] for each in done])) for name in first.found}
    coords = {
        "run": np.arange(len(done)), "quantity": np.array(first.labels, np.str_),
        "gate": list(GATES), "factor": list(_factors(argument)),
    }  # fmt: skip
    return xr.Dataset(out, coords=coords)


def _contents(fitted: Layout, panels: list[Simulated]) -> dict[str, list[int]]:
    """How many statements of each kind are live in each panel."""
    conditional = np.array([bool(fitted.targets[k].given) for k in fitted.target])
    one_sided = np.isin(np.arange(fitted.live.size), np.concatenate(pairs(fitted)))
    event = fitted.panel.probability.astype(bool)
    kinds = {
        "live": np.ones_like(event), "one_sided": one_sided, "conditional": conditional,
        "event": event & ~one_sided,
    }  # fmt: skip
    return {name: [int(p.live[kind].sum()) for p in panels] for name, kind in kinds.items()}
