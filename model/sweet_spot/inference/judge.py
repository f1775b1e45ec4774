"""The verdict on a fit: what its checks found, what was demanded, and whether it passed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr


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


ESS = ("ess_bulk", "ess_tail")


def enough(verdict: Mapping[str, Any]) -> bool:
    """Whether no check failed that more draws would mend."""
    return all(verdict[f"check_{name}_passed"] for name in ("r_hat", *ESS))


def shortfall(verdict: Mapping[str, Any]) -> float:
    """How many times as many draws would meet every check that more draws mend, about.

    ESS grows with the number of draws, what R-hat lies above one shrinks with it.
    """
    above = (verdict["check_r_hat"] - 1) / (verdict["check_r_hat_threshold"] - 1)
    bulk, tail = (verdict[f"check_{n}_threshold"] / verdict[f"check_{n}"] for n in ESS)
    return float(max(above, bulk, tail))


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
        "r_hat": np.inf if lost else _r_hat(moving),
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


def _r_hat(moving: xr.Dataset) -> float:
    """The largest R-hat.

    Of a gate that just half of the draws pass, the draws folded about their median are all alike
    and have none; that of the draws as they are is left.
    """
    import arviz as az

    with np.errstate(invalid="ignore"):
        return _worst(az.rhat(moving), np.nanmax)


def _worst(table: xr.Dataset, extreme: Any) -> float:
    return float(extreme([extreme(table[name].to_numpy()) for name in table]))


def _bfmi(energy: np.ndarray) -> np.ndarray:
    """E[(energy step)^2] / Var(energy) per chain; energy (chain, draw)."""
    steps: np.ndarray = np.square(np.diff(energy, axis=1)).mean(axis=1)
    return steps / np.var(energy, axis=1)
