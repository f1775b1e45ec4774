"""The fit's verdict on itself, read from its attributes; a fit that failed is not reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from sweet_spot.errors import UntrustworthyFit

MEANING: Mapping[str, str] = {
    "r_hat": "largest rank-normalised split R-hat: chains agree when it is close to 1",
    "ess_bulk": "smallest effective sample size in the bulk",
    "ess_tail": "smallest effective sample size in the tails",
    "divergences": "transitions in which the sampler diverged",
    "bfmi": "smallest Bayesian fraction of missing information of a chain",
}
AT_MOST = ("r_hat", "divergences")
"""Checks whose threshold is an upper limit; of the others it is a lower one."""


@dataclass(frozen=True)
class Check:
    """One check: what was found, what was demanded, and whether that was met."""

    name: str
    found: float
    threshold: float
    passed: bool

    @property
    def demand(self) -> str:
        """What was demanded, in words."""
        return f"at {'most' if self.name in AT_MOST else 'least'} {self.threshold:g}"


@dataclass(frozen=True)
class Verdict:
    """Whether a fit may be reported; `passed` is None where nothing was sampled (prior only)."""

    passed: bool | None
    checks: tuple[Check, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is a fit and it failed."""
        return self.passed is False

    @property
    def text(self) -> str:
        """One sentence."""
        if self.passed is None:
            return "Prior only: nothing was fitted, so there is no verdict."
        if self.passed:
            return f"The fit passed all {len(self.checks)} of its checks."
        lost = "; ".join(
            f"{check.name} {check.found:.4g}, demanded {check.demand}"
            for check in self.checks
            if not check.passed
        )
        return f"The fit failed its verdict: {lost}."

    def to_json(self) -> dict[str, Any]:
        """As `credences.json` holds it."""
        checks = {
            c.name: {"found": c.found, "threshold": c.threshold, "passed": c.passed}
            for c in self.checks
        }
        return {"passed": self.passed, "checks": checks}


def verdict(tree: xr.DataTree) -> Verdict:
    """The verdict that a fit carries."""
    return verdict_of(tree.attrs) if "posterior" in tree else Verdict(None)


def verdict_of(at: Mapping[Any, Any]) -> Verdict:
    """The verdict in the attributes of a fit."""
    names = [name for name in MEANING if f"check_{name}" in at]
    checks = tuple(
        Check(
            name,
            float(at[f"check_{name}"]),
            float(at[f"check_{name}_threshold"]),
            bool(at[f"check_{name}_passed"]),
        )
        for name in names
    )
    return Verdict(bool(at.get("passed", 0)), checks)


REMEDY = "try another --seed, or --force to report it all the same, with a warning"


def refuse(found: Verdict, remedy: str = REMEDY) -> None:
    """Stops before a failed fit is reported.

    Raises
    ------
    UntrustworthyFit
        The fit failed its verdict; the message says in what, and what to do.
    """
    if found.failed:
        raise UntrustworthyFit(f"{found.text} Nothing is reported: {remedy}")
