"""Fits of every structure of the argument to the same evidence, found in the cache or made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.rivals import MAIN, STRUCTURES
from sweet_spot.argument.spec import Argument, with_structure
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, NUMPY
from sweet_spot.argument.worlds import evaluate
from sweet_spot.errors import UnusableFit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.bridge import LogRatio
from sweet_spot.inference.draws import complete, log_likelihood
from sweet_spot.inference.judge import judge
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Drawn, Settings
from sweet_spot.inference.reweight import Base, Weights, weigh
from sweet_spot.inference.store import cached, digests, fit_path, load_fit

TRIALS, SEED = 2000, 20260301
"""Draws from the prior in which the statements of two structures are compared."""


def rival_arguments(argument: Argument) -> dict[str, Argument]:
    """The argument with each structure, by name, the main one first."""
    return {structure.name: with_structure(argument, structure) for structure in STRUCTURES}


def fit_rivals(
    argument: Argument,
    evidence: Evidence,
    settings: Settings | None = None,
    cache: Path | None = None,
    *,
    say: Callable[[str], None] | None = None,
) -> dict[str, xr.DataTree]:
    """A fit of each structure, by name, the main one first; a minute for each that is not kept.

    The first is the fit that a report of the same evidence shows. A structure under which the
    statements are about the very same numbers has the posterior of the main one: its draws are
    taken and what follows from them is derived again.

    Parameters
    ----------
    say
        Called with what is being done, where that takes a while.
    """
    settings, constants = settings or Settings(), learned_constants()
    trees: dict[str, xr.DataTree] = {}
    for name, of in rival_arguments(argument).items():

        def make(name: str = name, of: Argument = of) -> xr.DataTree:
            from sweet_spot.inference.fit import assemble_tree, fit

            if trees and same_likelihood(argument, of, evidence):
                drawn = derived_again(trees[MAIN.name], of)
                return assemble_tree(of, evidence, drawn, settings, constants)
            if say is not None:
                say(f"fitting the structure {name}: this takes about a minute")
            return fit(of, evidence, settings, constants)

        key = digests(of, evidence, settings, constants)["digest_fit"]
        trees[name] = cached(key, make, cache)[0]
    return trees


def same_likelihood(argument: Argument, rival: Argument, evidence: Evidence) -> bool:
    """Whether every evidence statement is about the same number under both structures.

    Bit for bit, in each of `TRIALS` draws from the prior.
    """
    targets = layout(argument, evidence, learned_constants()).targets
    latents = prior_latents(argument, TRIALS, SEED)
    one, other = (evaluate(targets, latents, NUMPY, of.structure) for of in (argument, rival))
    return bool(np.array_equal(one, other))


def kept_rival(
    argument: Argument, evidence: Evidence, settings: Settings, cache: Path
) -> xr.DataTree | None:
    """The fit of one structure, by its argument, that `fit_rivals` has kept; none is made."""
    key = digests(argument, evidence, settings, learned_constants())["digest_fit"]
    path = fit_path(key, cache)
    try:
        return load_fit(path) if path.exists() else None
    except UnusableFit:
        return None


def reweighed(base: Base, rival: Argument, own: xr.DataArray) -> tuple[Base, Weights, LogRatio]:
    """The draws of the main fit as those of another structure: derived again, weighed.

    Priors and error model are the same, so that the weights are the ratio of the likelihoods, and
    their mean is that of the marginal likelihoods. Where the weights are not to be trusted, neither
    is anything here. The overlap is the share of the draws that the weights leave.

    Parameters
    ----------
    own
        Log likelihood of the main structure, dims (chain, draw).
    """
    import arviz as az

    said = log_likelihood(rival, base.draws, base.layout, base.constants)["stated"]
    gain = said.sum("statement") - own
    weights, top = weigh(gain), float(gain.max())
    raw = np.exp(gain - top)
    spread = 0.0 if np.isneginf(weights.pareto_k) else float(az.mcse(raw, method="mean"))
    worth = float((weights.values**2).mean())  # weights have mean one
    ratio = LogRatio(top + float(np.log(raw.mean())), spread / float(raw.mean()), 1 / worth)
    free = base.draws.drop_vars([n for n in (*DERIVED_DIMS, *GATES) if n in base.draws])
    return replace(base, argument=rival, draws=complete(rival, free), found={}), weights, ratio


def derived_again(tree: xr.DataTree, rival: Argument) -> Drawn:
    """The draws of a fit with what follows from them under another structure, and their verdict."""
    free = tree["posterior"].to_dataset().load()
    free = free.drop_vars([n for n in (*DERIVED_DIMS, *GATES) if n in free])
    posterior, stats = complete(rival, free), tree["sample_stats"].to_dataset().load()
    return Drawn(posterior, stats, judge(posterior, stats))
