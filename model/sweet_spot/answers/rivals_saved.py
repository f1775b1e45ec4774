"""Rival structures from a saved fit: by weights, or by fits that were kept; nothing is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import credence_table, gates_of
from sweet_spot.answers.estimates import REFIT, UNKNOWN, WEIGHTS
from sweet_spot.answers.numbers import SAMPLE, monte_carlo_error
from sweet_spot.answers.rivals import RivalTable, behind, stacked, stated_weights, with_mixtures
from sweet_spot.answers.verdict import verdict
from sweet_spot.argument.rivals import MAIN
from sweet_spot.argument.spec import Argument
from sweet_spot.inference.bridge import (
    NO_DIFFERENCE,
    LogRatio,
    ratio_of_structures,
    updated,
    updated_errors,
)
from sweet_spot.inference.draws import complete
from sweet_spot.inference.refits import settings_of
from sweet_spot.inference.reweight import Base, base_of, influence, weighted_mean
from sweet_spot.inference.rivals import kept_rival, reweighed, rival_arguments

OWN = "this fit"
NONE = LogRatio(np.nan, np.nan, np.nan)


def saved_rivals(
    tree: xr.DataTree,
    argument: Argument,
    cache: Path | None = None,
    weights: Sequence[float] | None = None,
) -> RivalTable:
    """The table of rival structures, as far as the draws of a fit and kept fits can tell.

    Its data have two more columns by structure: `method` (`this fit`, `refit`, `weights`, or why
    there is no number) and `pareto_k`. A structure without a number is NaN, and so are the
    mixtures then; its prior is known.

    Parameters
    ----------
    cache
        Folder of fits in which those of `sweet-spot rivals` may be; none = not looked for.
    """
    base, table = base_of(tree, argument), credence_table(tree)
    found: dict[str, tuple[xr.Dataset, LogRatio, str, float]] = {
        MAIN.name: (table.data, NO_DIFFERENCE, OWN, -np.inf)
    }
    for name, rival in rival_arguments(argument).items():
        if name != MAIN.name:
            found[name] = _kept(tree, base, rival, cache) or _weighed(tree, base, rival)
    return _tabled(found, stated_weights(weights), behind(table), tree)


def _kept(
    tree: xr.DataTree, base: Base, rival: Argument, cache: Path | None
) -> tuple[xr.Dataset, LogRatio, str, float] | None:
    """From a fit of the structure, where there is one that passed."""
    kept = None if cache is None else kept_rival(rival, base.evidence, settings_of(tree), cache)
    if kept is None:
        return None
    with closing(kept):
        if verdict(kept).failed:
            return None
        draws = base.draws, kept["posterior"].to_dataset().load()
        structures = base.argument, rival
        ratio = ratio_of_structures(structures, draws, base.layout, base.constants)
        return credence_table(kept).data.load(), ratio, REFIT, -np.inf


def _weighed(
    tree: xr.DataTree, base: Base, rival: Argument
) -> tuple[xr.Dataset, LogRatio, str, float]:
    """From the draws of the main fit."""
    own = tree["log_likelihood"].to_dataset()["stated"].sum("statement")
    moved, weights, ratio = reweighed(base, rival, own)
    gates, known = gates_of(moved.draws).astype(float), weights.trusted
    prior = gates_of(complete(rival, tree["prior"].to_dataset().load())).astype(float)
    data = xr.Dataset(
        {
            "posterior": weighted_mean(gates, weights),
            "prior": prior.mean(SAMPLE),
            "mcse": monte_carlo_error(influence(gates, weights)),
        }
    )
    if known:
        return data, ratio, WEIGHTS, weights.pareto_k
    nothing = data["prior"] * np.nan
    return data.assign(posterior=nothing, mcse=nothing), NONE, UNKNOWN, weights.pareto_k


def _tabled(
    found: Mapping[str, tuple[xr.Dataset, LogRatio, str, float]],
    weights: np.ndarray,
    evidence: str,
    tree: xr.DataTree,
) -> RivalTable:
    ratios = [ratio for _, ratio, _, _ in found.values()]
    values, errors = (np.array([getattr(r, n) for r in ratios]) for n in ("value", "error"))
    after = updated(weights, values)
    columns: dict[str, Any] = {
        "log_ratio": values, "log_ratio_error": errors, "overlap": [r.overlap for r in ratios],
        "weight": weights, "updated_weight": after,
        "updated_weight_error": updated_errors(after, errors),
        "method": [method for _, _, method, _ in found.values()],
        "pareto_k": [k for _, _, _, k in found.values()],
    }  # fmt: skip
    data = stacked({name: table for name, (table, *_) in found.items()})
    data = data.assign({name: ("structure", np.asarray(of)) for name, of in columns.items()})
    return RivalTable(with_mixtures(data), {MAIN.name: verdict(tree)}, evidence)
