"""How the headline moves with the judgement calls of the error model, each by a fit of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sweet_spot.answers.estimates import FAILED, REFIT, UNKNOWN, Estimate, difference, drawn
from sweet_spot.answers.numbers import error, probability
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import drawn_constants
from sweet_spot.inference.refits import Kept, Refit
from sweet_spot.inference.reweight import base_of

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 8
"""How many draws of the error constants' learned distribution are answered at."""
LEARNT = "learned constants, draw"


@dataclass(frozen=True)
class JudgementCalls:
    """The headline under other judgement calls.

    Attributes
    ----------
    data
        Dim `call` (in words): `value`, P(usable for at least one factor) of the refit; `error`, its
        Monte Carlo error; `change` from the fit, `change_error`; `method`. NaN where the refit
        failed its verdict or there is none. Attributes `headline`, `headline_error`.
    text
        One sentence.
    """

    data: xr.Dataset
    text: str

    @property
    def table(self) -> pd.DataFrame:
        """One row a call."""
        return self.data.to_dataframe()


def calls(
    evidence: Evidence, constants: ErrorConstants
) -> Iterator[tuple[str, Evidence, ErrorConstants]]:
    """Each judgement call turned both ways: name, evidence, constants."""
    for of in ("tau_shared", "probability_unit"):
        for factor, name in ((0.5, "half"), (2.0, "double")):
            value = factor * getattr(constants, of)
            yield f"{name} {of} ({value:g})", evidence, replace(constants, **{of: value})
    levels = ("mapping_exact", "mapping_close", "mapping_loose")
    for factor, name in ((0.0, "all questions exact"), (0.5, "half"), (2.0, "double")):
        other = replace(constants, **{at: factor * getattr(constants, at) for at in levels})
        words = name if not factor else f"mapping errors (fidelity) {name}"
        yield words, evidence, other
    table = evidence.statements
    yield "everyone a cluster of their own", _clustered(evidence, table["expert"].values), constants
    one = np.full(table.sizes["statement"], "everyone")
    yield "everyone in one cluster", _clustered(evidence, one), constants
    for number, other in enumerate(drawn_constants(DRAWS), 1):
        yield f"{LEARNT} {number} (tau_shared {other.tau_shared:.2g})", evidence, other


def _clustered(evidence: Evidence, cluster: np.ndarray) -> Evidence:
    table = evidence.statements.assign(cluster=("statement", cluster.astype(np.str_)))
    return replace(evidence, statements=table)


def judgement_calls(
    tree: xr.DataTree,
    refit: Kept,
    *,
    argument: Argument | None = None,
    progress: Callable[[str], None] | None = None,
) -> JudgementCalls:
    """Fits again at other constants (tau_shared, probability_unit), mapping errors, clusters.

    All refits go through one compiled model; MODEL.md section 5 has the constants. Weights cannot
    answer: the draws of one judgement call are far from those of another (Pareto k above 1.6).

    Parameters
    ----------
    refit
        Fits again (`inference.refits.refitter`), or finds such a fit (`kept`); where it has none
        there is no number.
    """
    base = base_of(tree, argument or load_argument())
    now, rows = drawn(base), {}
    for name, evidence, constants in calls(base.evidence, base.constants):
        (progress or (lambda _: None))(name)
        done = refit(evidence, constants)
        rows[name] = _row(done, now)
    names = next(iter(rows.values())).keys()
    data = xr.Dataset(
        {name: ("call", np.array([row[name] for row in rows.values()])) for name in names},
        coords={"call": np.array(list(rows), np.str_)},
        attrs={"headline": now.value, "headline_error": now.error},
    )  # fmt: skip
    return JudgementCalls(data, _text(data))


def _row(done: Refit | None, now: Estimate) -> dict[str, float | str]:
    if done is None or not done.passed:
        none = dict.fromkeys(("value", "error", "change", "change_error"), np.nan)
        return {**none, "method": UNKNOWN if done is None else FAILED}
    found = drawn(done.base)
    change, change_error = difference(found, now)
    return {
        "value": found.value, "error": found.error, "change": change, "change_error": change_error,
        "method": REFIT,
    }  # fmt: skip


def _text(data: xr.Dataset) -> str:
    known = data.isel(call=np.flatnonzero(np.isfinite(data["value"].to_numpy())))
    lead = (
        f"P(usable sweet spot for at least one factor) = {probability(data.attrs['headline'])}"
        f" (posterior mean; Monte Carlo error {error(data.attrs['headline_error'])})"
    )
    if not known.sizes["call"]:
        return lead + "; no refit under another judgement call can be reported."
    low, high = known["value"].argmin("call"), known["value"].argmax("call")
    ends = [known.isel(call=int(at)) for at in (low, high)]
    shown = [f"{probability(float(e['value']))} ({e['call'].item()})" for e in ends]
    return (
        f"{lead}; over {known.sizes['call']} other judgement calls of the error model it runs from"
        f" {shown[0]} to {shown[1]}, each by a refit, Monte Carlo error of each about"
        f" {error(float(known['error'].mean()))}.{_learnt(known)}"
    )


def _learnt(known: xr.Dataset) -> str:
    """The mean over draws of the learned constants, which is the answer of the cut posterior."""
    drawn_at = known["value"].isel(call=np.char.startswith(known["call"].values, LEARNT))
    if drawn_at.sizes["call"] < DRAWS:
        return ""
    sd = error(float(drawn_at.std(ddof=1)))
    return (
        f" Over {DRAWS} draws of the constants as resolved panels tell them it is"
        f" {probability(float(drawn_at.mean()))} in the mean, with a standard deviation of {sd}."
    )
