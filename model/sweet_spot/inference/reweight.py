"""Importance weights: what the draws of a fit say of other statements, without drawing again.

The weights are the ratio of the full likelihoods, smoothed by a Pareto tail (PSIS: Vehtari,
Simpson, Gelman, Yao and Gabry 2024), whose shape k says whether they can be trusted. Effects that
the draws know nothing of are integrated over their prior (joint.py).

A new statement can move the constant scale of its question (MODEL.md section 5). The draws then
keep their s_q, and the weights take in the ratio of its two priors, so that they aim at the very
posterior that a refit draws from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import xarray as xr
from scipy import special

from sweet_spot.argument.spec import Argument
from sweet_spot.errors import NeedsRefit
from sweet_spot.evidence.gather import COLUMNS, Evidence
from sweet_spot.inference.draws import SAMPLE, latents_of
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.joint import REPLICATES, Known, flat, joint_density
from sweet_spot.inference.keep import constants_of, evidence_of
from sweet_spot.inference.panel import Layout, layout, restricted, weights

LARGEST_K = 0.7
"""Above it the mean of the weights converges too slowly to be used."""
SEED = 20260201


@dataclass(frozen=True)
class Base:
    """Draws of a fit with what they were conditioned on.

    Attributes
    ----------
    draws
        The posterior group: free variables and everything derived, dims (chain, draw, ...).
    found, replicates
        Densities that were computed before, and at how many points; see `Known`.
    """

    argument: Argument
    evidence: Evidence
    constants: ErrorConstants
    draws: xr.Dataset
    found: dict[object, np.ndarray] = field(default_factory=dict)
    replicates: int = REPLICATES

    @cached_property
    def layout(self) -> Layout:
        """The layout of the fit's own evidence."""
        return layout(self.argument, self.evidence, self.constants)

    @cached_property
    def latents(self) -> Mapping[str, np.ndarray]:
        """Every latent of the draws by name, (chain, draw, *dims)."""
        return latents_of(self.argument, self.draws)


@dataclass(frozen=True)
class Weights:
    """Weights of draws, with mean one.

    Attributes
    ----------
    values
        Dims (chain, draw).
    pareto_k
        Shape of the tail of the raw weights; minus infinity where all are equal.
    """

    values: xr.DataArray
    pareto_k: float

    @property
    def trusted(self) -> bool:
        """Whether means under these weights may be reported."""
        return self.pareto_k <= LARGEST_K


def base_of(tree: xr.DataTree, argument: Argument) -> Base:
    """The base that a fit is, from its file alone."""
    return Base(
        argument, evidence_of(tree), constants_of(tree), tree["posterior"].to_dataset().load()
    )


def reweigh(base: Base, after: Evidence, seed: int = SEED, *, forget: bool = False) -> Weights:
    """Weights under which the draws of a fit are those of a fit to other evidence.

    Parameters
    ----------
    forget
        Integrate also the effects that no statement of `after` touches, as in `log_ratio`.

    Raises
    ------
    NeedsRefit
        What was the same in both changed in itself: a statement, a question, a cluster.
    """
    return weigh(log_ratio(base, after, seed, forget=forget))


def weigh(log_ratios: xr.DataArray) -> Weights:
    """Pareto-smoothed weights from log ratios of densities, dims (chain, draw)."""
    import arviz as az
    from arviz_stats.base.array import array_stats

    if float(log_ratios.std()) < 1e-12:
        return Weights(xr.ones_like(log_ratios), -np.inf)
    raw = xr.zeros_like(log_ratios) + np.exp(log_ratios - log_ratios.max())
    with np.errstate(invalid="ignore"):  # a chain in which all weights vanish has no ESS
        share = float(az.ess(raw, method="mean")) / raw.size
    share = min(share, 1.0) if np.isfinite(share) else 1.0
    tail = array_stats.psislw(  # type: ignore[no-untyped-call]
        -log_ratios.to_numpy(), r_eff=share, axis=(0, 1)
    )
    smooth = tail[0] - special.logsumexp(tail[0])
    return Weights(raw.copy(data=np.exp(smooth) * raw.size), float(tail[1]))


def weighted_mean(of: xr.DataArray, weights: Weights) -> xr.DataArray:
    """Mean over draws under the weights; dims as `of` without (chain, draw)."""
    return (of * weights.values).mean(SAMPLE)


def influence(of: xr.DataArray, weights: Weights) -> xr.DataArray:
    """What each draw adds to the error of the weighted mean; its mean is zero.

    Its Monte Carlo standard error is that of the weighted mean, and that of a difference of two
    means over the same draws is that of the difference of the two influences.
    """
    return weights.values * (of - weighted_mean(of, weights))


def log_ratio(
    base: Base, after: Evidence, seed: int = SEED, *, forget: bool = False
) -> xr.DataArray:
    """Log density of the evidence `after`, less that of the fit's own, given each draw.

    With `forget` an effect that only statements left out touch (the disposition of who leaves, the
    error of a question that nobody else answers) is not taken from the draws, which have adapted
    it to these statements, but integrated over its prior. The weights are then far more even where
    few statements leave; where many do, the integral itself is too noisy.
    """
    return _ratio(base, after, _layout(base, after), seed, forget=forget)


def ratio_of(
    base: Base, after: Evidence, statement: str, seed: int = SEED
) -> Callable[[float], xr.DataArray]:
    """The log ratio as a function of what a statement, that only `after` holds, says.

    The function takes what is observed on the working scale, or the probit of P(X < t). The same
    seed serves all values, so that it is smooth.
    """
    new = _layout(base, after)
    row = new.coords["statement"].tolist().index(statement)

    def at(observed: float) -> xr.DataArray:
        said = new.observed.copy()
        said[row] = observed
        return _ratio(base, after, replace(new, observed=said), seed, forget=False)

    return at


def _ratio(base: Base, after: Evidence, new: Layout, seed: int, *, forget: bool) -> xr.DataArray:
    old = base.layout
    _same_experts(old, new)
    rows = _changed_rows(_groups(base.evidence, old), _groups(after, new))
    touched = restricted(old, np.flatnonzero(old.live))
    left = restricted(new, np.flatnonzero(new.live))
    shift = _scale_shift(touched, left, base.constants)
    held = touched.coords
    if forget:
        held = {dim: np.intersect1d(labels, left.coords[dim]) for dim, labels in held.items()}
    known = Known(base.draws, held, shift, base.found, base.replicates)
    total = _scale_prior(base, shift)
    total -= joint_density(
        base.argument, restricted(old, rows[0]), replace(known, shift={}), base.constants, seed
    )
    total += joint_density(base.argument, restricted(new, rows[1]), known, base.constants, seed)
    sizes = [base.draws.sizes[dim] for dim in SAMPLE]
    coords = {dim: base.draws[dim] for dim in SAMPLE if dim in base.draws.coords}
    return xr.DataArray(total.reshape(sizes), dims=SAMPLE, coords=coords)


def _layout(base: Base, after: Evidence) -> Layout:
    """The layout of other evidence: that of the base where only other statements are live.

    Refuses where anything else changed in itself.
    """
    one, two = base.evidence.statements, after.statements
    asked = base.evidence.targets == after.targets and base.evidence.questions == after.questions
    if asked and one.drop_vars("live").equals(two.drop_vars("live")):
        place = np.searchsorted(two["statement"].to_numpy(), base.layout.coords["statement"])
        live = weights(two.isel(statement=place), base.layout.panel.group)
        return replace(base.layout, live=live)
    _comparable(base.evidence, after)
    return layout(base.argument, after, base.constants)


def _comparable(before: Evidence, after: Evidence) -> None:
    """Refuses where a statement or question that is in both is not the same in both."""
    asked = {question.id: question for question in before.questions}
    for question in after.questions:
        if asked.get(question.id, question) != question:
            raise NeedsRefit(f"the question {question.id} has changed since the fit was made")
    one, two = before.statements, after.statements
    both, i, j = np.intersect1d(one["statement"], two["statement"], return_indices=True)
    for name in COLUMNS:
        if name not in ("live", "state", "target"):
            left, right = one[name].to_numpy()[i], two[name].to_numpy()[j]
            same = (left == right) | ((left != left) & (right != right))  # NaN is NaN
            _refuse_changed(both[~same])
    targets = [
        np.array([str(e.targets[k]) for k in e.statements["target"].to_numpy()], dtype=object)
        for e in (before, after)
    ]
    _refuse_changed(both[targets[0][i] != targets[1][j]])


def _refuse_changed(statements: np.ndarray) -> None:
    if statements.size:
        raise NeedsRefit(f"the statement {statements[0]} has changed since the fit was made")


def _same_experts(old: Layout, new: Layout) -> None:
    """Refuses where somebody belongs to another cluster than before."""
    held: dict[str, str] = {}
    for panel in (old, new):
        named = ["", *panel.coords["cluster"]]
        for expert, cluster in zip(panel.coords["expert"], panel.panel.cluster, strict=True):
            if held.setdefault(expert, named[cluster]) != named[cluster]:
                raise NeedsRefit(f"{expert} has joined or left a cluster since the fit was made")


def _groups(evidence: Evidence, of: Layout) -> dict[tuple[str, str], dict[str, int]]:
    """The live statements of each cluster on each question: group -> id -> row of the layout."""
    table = evidence.statements[["cluster", "question"]].sel(statement=of.coords["statement"])
    found: dict[tuple[str, str], dict[str, int]] = {}
    names = zip(*(table[n].to_numpy().tolist() for n in ("cluster", "question")), strict=True)
    for row, (group, label) in enumerate(zip(names, of.coords["statement"], strict=True)):
        if of.live[row]:
            found.setdefault(group, {})[str(label)] = row
    return found


def _changed_rows(
    old: dict[tuple[str, str], dict[str, int]], new: dict[tuple[str, str], dict[str, int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the groups whose live members are not the same before and after."""
    changed = [g for g in old.keys() | new.keys() if old.get(g, {}).keys() != new.get(g, {}).keys()]
    rows = ([row for group in changed for row in of.get(group, {}).values()] for of in (old, new))
    before, after = (np.array(sorted(each), int) for each in rows)
    return before, after


def _scale_shift(old: Layout, new: Layout, constants: ErrorConstants) -> Mapping[str, float]:
    """By how much the score of a question's scale must grow for s_q to stay: question -> shift."""
    before = dict(zip(old.coords["question"].tolist(), old.panel.log_scale, strict=True))
    after = dict(zip(new.coords["question"].tolist(), new.panel.log_scale, strict=True))
    moved = {q: (before[q] - after[q]) / constants.scale_sd for q in before.keys() & after.keys()}
    return {q: by for q, by in sorted(moved.items()) if abs(by) > 1e-12}


def _scale_prior(base: Base, shift: Mapping[str, float]) -> np.ndarray:
    """Log ratio of the priors of s_q for the questions whose constant scale moved (draw,)."""
    total = np.zeros(base.draws.sizes["chain"] * base.draws.sizes["draw"])
    for question, by in shift.items():
        score = flat(base.draws["question_scale_score"].sel(question=question))
        total -= by * score + by**2 / 2
    return total
