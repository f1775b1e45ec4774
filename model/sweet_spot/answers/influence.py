"""Who moves the answer: the headline without each expert, cluster or source, and theirs alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.estimates import (
    UNKNOWN,
    Estimate,
    difference,
    drawn,
    estimate,
    live_only,
    prior_base,
    refitted,
    thinned,
)
from sweet_spot.answers.numbers import error, plural, probability, records
from sweet_spot.answers.verdict import refuse, verdict
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.errors import UnusableFit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.refits import Kept
from sweet_spot.inference.reweight import Base, base_of

if TYPE_CHECKING:
    import pandas as pd

BY = ("expert", "cluster", "source")
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Influence:
    """What each expert, cluster or source does to P(usable for at least one factor).

    Attributes
    ----------
    data
        Dim `who`, largest change first, those without a number last: `statements` (live evidence),
        `change` (the headline without them less the headline with all), `change_error` (its Monte
        Carlo error, paired), `pareto_k`, `method`; `alone` (what their statements by themselves
        imply), `alone_error`, `alone_k`, `alone_method`. Probabilities; NaN where not reported.
        Attributes: `by`, `headline`, `headline_error`, `prior`.
    text
        Two sentences.
    """

    data: xr.Dataset
    text: str

    @property
    def table(self) -> pd.DataFrame:
        """One row for each."""
        return self.data.to_dataframe()

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        rows = records(self.table.reset_index())
        return {"schema": 1, **self.data.attrs, "text": self.text, "rows": rows}


def influence(
    tree: xr.DataTree,
    by: str = "expert",
    *,
    argument: Argument | None = None,
    refit: Kept | None = None,
    ahead: Callable[[Sequence[Evidence]], None] | None = None,
    progress: Progress | None = None,
    force: bool = False,
    most: int | None = None,
) -> Influence:
    """The headline without each expert, cluster or source, and what each implies alone.

    Leaving out takes live statements away and lets no older one return; question scales stay
    (MODEL.md section 5).

    Parameters
    ----------
    by
        `expert`, `cluster` (people who share information; who shares with nobody is one alone) or
        `source`.
    refit
        Fits again where Pareto k is above 0.7 (`inference.refits.refitter`), or finds such a fit
        (`kept`); without it these rows are marked and have no number.
    ahead
        Called with all the evidence that `refit` will be asked for, before it is: makes these
        refits side by side (`inference.refits.refits_ahead`).
    most
        Weights from at most so many draws, evenly spaced: quicker, with larger errors.

    Raises
    ------
    UntrustworthyFit
        The fit failed its verdict and `force` is not set.
    """
    if "posterior" not in tree:
        raise UnusableFit("the fit has no posterior: nobody has an influence on the prior")
    if not force:
        refuse(verdict(tree))
    argument = argument or load_argument()
    bases = base_of(tree, argument), prior_base(tree, argument)
    base, before = (each if most is None else thinned(each, most) for each in bases)
    said = base.evidence.statements
    serving = (said["live"] * said["evidence"]).to_numpy() == 1
    whose = said[by].to_numpy()
    found: list[tuple[Evidence, Estimate]] = []
    names, counts = np.unique(whose[serving], return_counts=True)
    for who in names.tolist():
        (progress or (lambda _: None))(who)
        found += _both(base, before, whose == who)
    if refit is not None:
        found = _again(found, refit, ahead)
    estimates = [each for _, each in found]
    pairs = zip(counts.tolist(), estimates[::2], estimates[1::2], strict=True)
    rows = dict(zip(names.tolist(), pairs, strict=True))
    now, prior = (drawn(each) for each in bases)
    paired = {id(base): drawn(base)}  # a change on the same draws has a far smaller error
    return _collected(rows, by, lambda of: paired.get(id(of.base), now), now, prior)


def _both(base: Base, before: Base, theirs: np.ndarray) -> Iterator[tuple[Evidence, Estimate]]:
    """Without them, and from them alone, by weights."""
    for own, keep in ((base, ~theirs), (before, theirs)):
        after = live_only(base.evidence, keep)
        yield after, estimate([own], after)


def _again(
    found: Sequence[tuple[Evidence, Estimate]],
    refit: Kept,
    ahead: Callable[[Sequence[Evidence]], None] | None,
) -> list[tuple[Evidence, Estimate]]:
    """The same, with refits where weights could not tell."""
    lacking = [after for after, each in found if each.method == UNKNOWN]
    if ahead is not None and lacking:
        ahead(lacking)
    return [
        (after, refitted(each, after, refit) if each.method == UNKNOWN else each)
        for after, each in found
    ]


def _collected(
    rows: dict[str, tuple[int, Estimate, Estimate]],
    by: str,
    against: Callable[[Estimate], Estimate],
    now: Estimate,
    prior: Estimate,
) -> Influence:
    columns: dict[str, list[Any]] = {}
    for count, without, alone in rows.values():
        change, change_error = difference(without, against(without))
        row = {
            "statements": count, "change": change, "change_error": change_error,
            "pareto_k": without.pareto_k, "method": without.method,
            "alone": alone.value, "alone_error": alone.error, "alone_k": alone.pareto_k,
            "alone_method": alone.method,
        }  # fmt: skip
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    data = xr.Dataset(
        {name: ("who", np.array(values)) for name, values in columns.items()},
        coords={"who": np.array(list(rows), np.str_)},
        attrs={
            "by": by, "headline": now.value, "headline_error": now.error, "prior": prior.value,
        },
    )  # fmt: skip
    if rows:
        data = data.isel(who=np.argsort(-np.abs(data["change"].to_numpy()), kind="stable"))
    return Influence(data, _text(data))


def _text(data: xr.Dataset) -> str:
    by, now = data.attrs["by"], probability(data.attrs["headline"])
    lead = (
        f"P(usable sweet spot for at least one factor) = {now} (posterior mean; Monte Carlo error"
        f" {error(data.attrs['headline_error'])}; prior {probability(data.attrs['prior'])})."
    )
    if not data or not np.isfinite(data["change"]).any():
        return lead + f" The effect of leaving out each {by} is not known without a refit."
    top, known = data.isel(who=0), np.isfinite(data["change"].to_numpy())
    left = (
        f" Of {plural(int(known.sum()), by)} it moves most without {top['who'].item()}"
        f" ({plural(int(top['statements']), 'statement')}): by {float(top['change']):+.3f}, Monte"
        f" Carlo error {error(float(top['change_error']))}, to"
        f" {probability(data.attrs['headline'] + float(top['change']))}."
    )
    unknown = int((~known).sum())
    rest = f" For {unknown} more the saved draws cannot tell (Pareto k > 0.7)." if unknown else ""
    return lead + left + rest
