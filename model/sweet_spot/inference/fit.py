"""The fit: sampling, verdict, provenance, in one DataTree that xarray and ArviZ open without us."""

from __future__ import annotations

from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.crowds import voices
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, log_likelihood, predictive, prior_draws
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.keep import what_was_said
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import Layout, layout
from sweet_spot.inference.refit import Drawn, Settings, compile_model, draw
from sweet_spot.inference.store import digests


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
    settings, constants = settings or Settings(), constants or learned_constants()
    if settings.prior_only:
        return assemble_tree(argument, evidence, None, settings, constants)
    compiled = compile_model(argument, evidence, constants)
    drawn = draw(compiled, settings, progress=progress)
    return assemble_tree(argument, evidence, drawn, settings, constants)


def assemble_tree(
    argument: Argument,
    evidence: Evidence,
    drawn: Drawn | None,
    settings: Settings,
    constants: ErrorConstants,
) -> xr.DataTree:
    """The tree of draws that were conditioned on the evidence; see `fit`. Nothing is compiled.

    Without `drawn` it holds the prior alone.
    """
    whole = layout(argument, evidence, constants, checks=True)
    groups: dict[str, Any] = {}
    if drawn is not None:
        groups = {"sample_stats": drawn.sample_stats, "posterior": drawn.posterior}
        groups |= _of_posterior(argument, evidence, drawn.posterior, whole, settings, constants)
    # as many as of the posterior, which may have taken more than it was asked to
    draws = settings.draws if drawn is None else drawn.posterior.sizes["draw"]
    fitted = layout(argument, evidence, constants)
    before = prior_draws(argument, fitted, constants, settings.chains, draws, settings.seed)
    groups["prior"] = complete(argument, before)
    if whole.observed.size:
        groups["prior_predictive"] = predictive(argument, before, whole, constants, settings.seed)
    groups["observed_data"], groups["constant_data"] = what_was_said(evidence)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs.update(_provenance(argument, evidence, settings, constants))
    tree.attrs.update({} if drawn is None else drawn.verdict)
    return tree


def _of_posterior(
    argument: Argument,
    evidence: Evidence,
    after: xr.Dataset,
    whole: Layout,
    settings: Settings,
    constants: ErrorConstants,
) -> dict[str, xr.Dataset]:
    """What is predicted from posterior draws, and how well they predict what was fitted."""
    groups = {}
    if whole.observed.size:
        groups["posterior_predictive"] = predictive(
            argument, after, whole, constants, settings.seed
        )
    fitted = layout(argument, evidence, constants)
    if fitted.live.any():
        groups["log_likelihood"] = log_likelihood(argument, after, fitted, constants)
    return groups


def _provenance(
    argument: Argument, evidence: Evidence, settings: Settings, constants: ErrorConstants
) -> dict[str, Any]:
    table = evidence.statements
    live, serving = (table[name].to_numpy() == 1 for name in ("live", "evidence"))
    packages = ("ai-safety-sweet-spot", "pymc", "pytensor", "nutpie", "arviz", "numpy", "xarray")
    out: dict[str, Any] = {f"version_{name.replace('-', '_')}": version(name) for name in packages}
    out |= {f"setting_{name}": _plain(value) for name, value in asdict(settings).items()}
    out |= {f"error_{name}": _plain(value) for name, value in asdict(constants).items()}
    out |= digests(argument, evidence, settings, constants)
    out["structure"] = argument.structure.name
    out["statements_evidence"] = voices(table, live & serving)[0]
    out["statements_check"] = voices(table, live & ~serving)[0]
    out["experts"] = voices(table, live)[1]
    return out


def _plain(value: Any) -> Any:
    """NetCDF has no booleans and no tuples."""
    if isinstance(value, bool):
        return int(value)
    return list(value) if isinstance(value, tuple) else value
