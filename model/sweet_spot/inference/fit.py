"""The fit: sampling, verdict, provenance, in one DataTree that xarray and ArviZ open without us."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, log_likelihood, predictive, prior_draws
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.store import digests

if TYPE_CHECKING:
    import pymc as pm


@dataclass(frozen=True)
class Settings:
    """Sampler settings; they enter the fit's digest.

    `draws` and `tune` are per chain; where they do not suffice, `LONGER` times the draws are taken.
    `prior_only` leaves the statements out: no sampling at all, the tree then has no posterior.
    """

    draws: int = 1500
    tune: int = 1000
    chains: int = 4
    target_accept: float = 0.9
    seed: int = 1
    prior_only: bool = False


LONGER = 4
"""How many times as long a run is that is repeated because its draws did not suffice."""


@dataclass(frozen=True)
class Thresholds:
    """What a fit must meet to be reported: worst case over all free variables and gates.

    R-hat is rank-normalised split R-hat, ESS the rank-normalised effective sample size (Vehtari et
    al. 2021), BFMI the Bayesian fraction of missing information of each chain (Betancourt 2016).
    """

    r_hat: float = 1.01
    ess_bulk: float = 400.0
    ess_tail: float = 400.0
    divergences: int = 0
    bfmi: float = 0.3


def fit(
    argument: Argument,
    evidence: Evidence,
    settings: Settings | None = None,
    constants: ErrorConstants | None = None,
    *,
    progress: bool = False,
) -> xr.DataTree:
    """Conditions the argument on the live statements.

    Returns
    -------
    xr.DataTree
        `posterior` and `prior` (chain, draw, *dims): free variables, latents, derived quantities
        and gates; `sample_stats`; `log_likelihood` of live statements; `posterior_predictive` and
        `prior_predictive` of every statement, checks too; `observed_data`; `constant_data` (what
        was said and by whom). Attributes: settings, versions, digests, and the verdict.
    """
    from sweet_spot.inference.model import build_model

    settings, constants = settings or Settings(), constants or ErrorConstants()
    model = build_model(argument, evidence, constants, derived=False)
    whole = layout(argument, evidence, constants, checks=True)
    groups: dict[str, Any] = {}
    verdict: dict[str, Any] = {}
    if not settings.prior_only:
        after, groups["sample_stats"] = _sample(model, argument, settings, progress)
        groups["posterior"] = after
        if whole.observed.size:
            groups["posterior_predictive"] = predictive(
                argument, after, whole, constants, settings.seed
            )
        fitted = layout(argument, evidence, constants)
        if fitted.live.any():
            groups["log_likelihood"] = log_likelihood(argument, after, fitted, constants)
        verdict = judge(groups["posterior"], groups["sample_stats"])
    # as many as of the posterior, which may have taken more than it was asked to
    draws = groups["posterior"].sizes["draw"] if "posterior" in groups else settings.draws
    before = prior_draws(model, settings.chains, draws, settings.seed)
    groups["prior"] = complete(argument, before)
    if whole.observed.size:
        groups["prior_predictive"] = predictive(argument, before, whole, constants, settings.seed)
    groups["observed_data"], groups["constant_data"] = _what_was_said(evidence)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs.update(_provenance(argument, evidence, settings, constants) | verdict)
    return tree


def _sample(
    model: pm.Model, argument: Argument, settings: Settings, progress: bool
) -> tuple[xr.Dataset, xr.Dataset]:
    """Draws by NUTS (nutpie), completed, and its statistics; one compilation.

    Where the draws do not suffice (R-hat, ESS), the run is repeated once, `LONGER` times as long,
    rather than refused: a panel with few live statements mixes more slowly.
    """
    import nutpie

    compiled = nutpie.compile_pymc_model(model)
    for draws in (settings.draws, LONGER * settings.draws):
        sampled = nutpie.sample(
            compiled, draws=draws, tune=settings.tune, chains=settings.chains, seed=settings.seed,
            target_accept=settings.target_accept, save_warmup=False, progress_bar=progress,
        )  # fmt: skip
        posterior = complete(argument, sampled["posterior"].to_dataset())
        stats = sampled["sample_stats"].to_dataset()
        if _enough(judge(posterior, stats)):
            break
    return posterior, stats


def _enough(verdict: dict[str, Any]) -> bool:
    """Whether no check failed that more draws would mend."""
    return all(verdict[f"check_{name}_passed"] for name in ("r_hat", "ess_bulk", "ess_tail"))


def judge(
    posterior: xr.Dataset, sample_stats: xr.Dataset, thresholds: Thresholds | None = None
) -> dict[str, Any]:
    """The verdict on a fit, as attributes: what was found, what was demanded, what passed.

    `passed` is 1 where every check passed. Gates that are the same in all draws have no R-hat or
    ESS and are left out; a draw that is not a number makes R-hat infinite.
    """
    import arviz as az

    limits = thresholds or Thresholds()
    moving = posterior[
        [n for n in posterior if bool((posterior[n].std(("chain", "draw")) > 0).any())]
    ]
    lost = any(bool(posterior[name].isnull().any()) for name in posterior)
    table = {
        "r_hat": np.inf if lost else float(_worst(az.rhat(moving), np.nanmax)),
        "ess_bulk": float(_worst(az.ess(moving, method="bulk"), np.nanmin)),
        "ess_tail": float(_worst(az.ess(moving, method="tail"), np.nanmin)),
        "divergences": int(sample_stats["diverging"].sum()),
        "bfmi": float(_bfmi(sample_stats["energy"].to_numpy()).min()),
    }
    passed = {
        "r_hat": table["r_hat"] <= limits.r_hat,
        "ess_bulk": table["ess_bulk"] >= limits.ess_bulk,
        "ess_tail": table["ess_tail"] >= limits.ess_tail,
        "divergences": table["divergences"] <= limits.divergences,
        "bfmi": table["bfmi"] >= limits.bfmi,
    }
    out: dict[str, Any] = {"passed": int(all(passed.values()))}
    for name, found in table.items():
        out[f"check_{name}"] = found
        out[f"check_{name}_threshold"] = getattr(limits, name)
        out[f"check_{name}_passed"] = int(passed[name])
    return out


def _worst(table: xr.Dataset, extreme: Any) -> float:
    return float(extreme([extreme(table[name].to_numpy()) for name in table]))


def _bfmi(energy: np.ndarray) -> np.ndarray:
    """E[(energy step)^2] / Var(energy) per chain; energy (chain, draw)."""
    steps: np.ndarray = np.square(np.diff(energy, axis=1)).mean(axis=1)
    return steps / np.var(energy, axis=1)


def _what_was_said(evidence: Evidence) -> tuple[xr.Dataset, xr.Dataset]:
    table = evidence.statements
    said = table.drop_vars("observed").assign(
        quantity=(
            "statement",
            [str(evidence.targets[i].quantity) for i in table["target"].to_numpy()],
        )
    )
    return table[["observed"]].rename(observed="stated"), said


def _provenance(
    argument: Argument, evidence: Evidence, settings: Settings, constants: ErrorConstants
) -> dict[str, Any]:
    table = evidence.statements
    live = table.isel(statement=np.flatnonzero(table["live"].to_numpy()))
    packages = ("ai-safety-sweet-spot", "pymc", "pytensor", "nutpie", "arviz", "numpy", "xarray")
    out: dict[str, Any] = {f"version_{name.replace('-', '_')}": version(name) for name in packages}
    out |= {f"setting_{name}": _plain(value) for name, value in asdict(settings).items()}
    out |= {f"error_{name}": _plain(value) for name, value in asdict(constants).items()}
    out |= digests(argument, evidence, settings, constants)
    out["statements_evidence"] = int(live["evidence"].sum())
    out["statements_check"] = int((1 - live["evidence"]).sum())
    out["experts"] = len(np.unique(live["expert"])) if live.sizes["statement"] else 0
    return out


def _plain(value: Any) -> Any:
    """NetCDF has no booleans and no tuples."""
    if isinstance(value, bool):
        return int(value)
    return list(value) if isinstance(value, tuple) else value
