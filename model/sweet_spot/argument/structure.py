"""The equations of the argument, written once for NumPy and for PyTensor (MODEL.md section 3).

Arrays carry any leading dims (draws, grids, worlds); `factor` and `work` are always the last ones.
Every function takes an `Ops`, the handful of array functions in which NumPy and PyTensor differ in
name. Speeds are in dex (log10 of the AI R&D speed-up), times in years from the reference date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

if TYPE_CHECKING:
    import xarray as xr

Array = Any
"""A NumPy array or a PyTensor variable."""

LN10 = float(np.log(10.0))
SCHEMING_ANCHOR = 1.3
"""The speed, in dex, at which the latent `scheming` is stated: 20x (MODEL.md section 2)."""

LATENT_DIMS: Mapping[str, tuple[str, ...]] = {
    "current_speedup": (),
    "automation_gap": (),
    "years_per_dex_before": (),
    "years_per_dex_after": (),
    "diminishing_returns": (),
    "uneven_arrival": ("factor",),
    "danger_gap": (),
    "countermeasure_gain": (),
    "years_bought": (),
    "labour_growth": (),
    "output_failure": ("work",),
    "process_failure": (),
    "work_share": ("factor", "work"),
    "scheming": (),
    "scheming_slope": (),
    "sabotage_potency": (),
    "sabotage_detection": (),
    "investment": ("factor",),
    "returns_to_share": (),
    "hardness": ("factor",),
}
"""Every latent the equations use, with its dims."""

DERIVED_DIMS: Mapping[str, tuple[str, ...]] = {
    "speedup_automation": (),
    "speedup_useful": ("factor",),
    "speedup_dangerous": (),
    "sweet_spot_width": ("factor",),
    "years_to_automation": (),
    "years_to_useful": ("factor",),
    "years_to_dangerous": (),
    "years_in_sweet_spot": ("factor",),
    "labour_years": ("factor",),
    "evaluation_failure": ("factor",),
    "scheming_at_useful": ("factor",),
    "differential_sabotage": ("factor",),
    "labour_factor": ("factor",),
    "effective_years": ("factor",),
    "needed_years": ("factor",),
}
GATES = ("exists", "lasts", "invested", "elicitable", "usable")
"""The gates in order, each implying the one before."""


@dataclass(frozen=True)
class Ops:
    """The array functions in which NumPy and PyTensor differ."""

    exp: Callable[[Array], Array]
    log: Callable[[Array], Array]
    log1p: Callable[[Array], Array]
    expm1: Callable[[Array], Array]
    sigmoid: Callable[[Array], Array]
    where: Callable[[Array, Array, Array], Array]
    minimum: Callable[[Array, Array], Array]
    maximum: Callable[[Array, Array], Array]
    sum_last: Callable[[Array], Array]
    join_last: Callable[[Sequence[Array]], Array]
    log_ndtr: Callable[[Array], Array]


NUMPY = Ops(
    exp=np.exp,
    log=np.log,
    log1p=np.log1p,
    expm1=np.expm1,
    sigmoid=special.expit,
    where=np.where,
    minimum=np.minimum,
    maximum=np.maximum,
    sum_last=lambda array: array.sum(axis=-1),
    join_last=lambda arrays: np.concatenate(arrays, axis=-1),
    log_ndtr=special.log_ndtr,
)


def power10(exponent: Array, ops: Ops) -> Array:
    """10 to the `exponent`."""
    return ops.exp(LN10 * exponent)


def growth_integral(rate: Array, length: Array, ops: Ops) -> Array:
    """Integral of 10^(rate t) for t from 0 to `length`; `length` where the rate vanishes.

    The quotient (e^z - 1) / z is replaced near z = 0 by its series, whose first neglected term is
    below 2e-18 there; the guarded denominator keeps its gradient finite too.
    """
    z = LN10 * rate * length
    near = abs(z) < 1e-3
    guarded = ops.where(near, 1.0, z)
    series = 1 + z / 2 * (1 + z / 3 * (1 + z / 4 * (1 + z / 5)))
    return length * ops.where(near, series, ops.expm1(guarded) / guarded)


def arrival(speed: Array, pace: Mapping[str, Array], ops: Ops) -> Array:
    """Years from the reference date until a speed-up of `speed` dex (clipped below at today's).

    Progress costs `years_per_dex_before` per dex until full automation of AI R&D and
    `years_per_dex_after` * 10^(diminishing_returns * dex beyond) after it; it is made at pace
    10^speed. `pace` holds the five latents of the capability axis, broadcastable with `speed`.
    """
    before, after = arrival_parts(speed, pace, ops)
    return pace["years_per_dex_before"] * before + pace["years_per_dex_after"] * after


def arrival_parts(
    speed: Array, pace: Mapping[str, Array], ops: Ops
) -> tuple[Array, Array]:
    """Years until `speed` per unit of `years_per_dex_before` and of `years_per_dex_after`."""
    start = pace["current_speedup"]
    automation = start + pace["automation_gap"]
    reached = ops.maximum(speed, start)
    before = growth_integral(-1.0, ops.minimum(reached, automation) - start, ops)
    after = growth_integral(
        pace["diminishing_returns"] - 1, ops.maximum(reached - automation, 0.0), ops
    )
    return power10(-start, ops) * before, power10(-automation, ops) * after


def progress(speed: Array, pace: Mapping[str, Array], ops: Ops) -> Array:
    """Years of human-pace progress from today's speed-up until one of `speed` dex: the integral of cost."""
    start = pace["current_speedup"]
    automation = start + pace["automation_gap"]
    reached = ops.maximum(speed, start)
    beyond = ops.maximum(reached - automation, 0.0)
    return pace["years_per_dex_before"] * (ops.minimum(reached, automation) - start) + (
        pace["years_per_dex_after"] * growth_integral(pace["diminishing_returns"], beyond, ops)
    )


def years_for_progress(amount: Array, pace: Mapping[str, Array], ops: Ops) -> Array:
    """Calendar years for the first `amount` years of human-pace progress after full automation.

    The speed reached solves `progress` = amount; the logarithm's quotient is replaced by its series
    where diminishing_returns vanishes (first neglected term below 1e-12).
    """
    cost = pace["years_per_dex_after"]
    ratio = amount * pace["diminishing_returns"] * LN10 / cost
    near = abs(ratio) < 1e-3
    guarded = ops.where(near, 1.0, ratio)
    series = 1 - ratio * (1 / 2 - ratio * (1 / 3 - ratio * (1 / 4 - ratio / 5)))
    reached = amount / cost * ops.where(near, series, ops.log1p(guarded) / guarded)
    automation = pace["current_speedup"] + pace["automation_gap"]
    return cost * power10(-automation, ops) * growth_integral(
        pace["diminishing_returns"] - 1, reached, ops
    )


def labour_integral(
    useful: Array, dangerous: Array, growth: Array, pace: Mapping[str, Array], ops: Ops
) -> Array:
    """Years between usefulness and danger weighted by the quality of labour, 10^(growth (x - u)).

    Zero where the zone is empty. `growth` is the elasticity sigmoid(labour_growth).
    """
    start = pace["current_speedup"]
    automation = start + pace["automation_gap"]
    entry = ops.maximum(useful, start)
    length = ops.maximum(ops.minimum(dangerous, automation) - entry, 0.0)
    before = power10(-entry + growth * (entry - useful), ops) * growth_integral(
        growth - 1, length, ops
    )
    bend = ops.maximum(entry, automation)
    slope = pace["diminishing_returns"]
    length_after = ops.maximum(dangerous - bend, 0.0)
    after = power10(
        slope * (bend - automation) - bend + growth * (bend - useful), ops
    ) * growth_integral(slope - 1 + growth, length_after, ops)
    return pace["years_per_dex_before"] * before + pace["years_per_dex_after"] * after


def evaluation_failure(
    output_failure: Array, process_failure: Array, work_share: Array, ops: Ops
) -> Array:
    """Share of a factor's work that neither output nor process evaluation can judge (R 5).

    Kinds of work multiply with their shares as exponents: all are needed. `output_failure` and
    `process_failure` are logits, broadcastable with `work_share` (..., factor, work).
    """
    missed = ops.sigmoid(output_failure) * ops.sigmoid(process_failure)
    return -ops.expm1(ops.sum_last(work_share * ops.log1p(-missed)))


def _speeds(latents: Mapping[str, Array]) -> dict[str, Array]:
    automation = latents["current_speedup"] + latents["automation_gap"]
    useful = automation[..., None] + latents["uneven_arrival"]
    dangerous = automation + latents["danger_gap"] + latents["countermeasure_gain"]
    return {
        "speedup_automation": automation,
        "speedup_useful": useful,
        "speedup_dangerous": dangerous,
        "sweet_spot_width": dangerous[..., None] - useful,
    }


def _times(
    latents: Mapping[str, Array], each: Mapping[str, Array], speeds: Mapping[str, Array], ops: Ops
) -> dict[str, Array]:
    """Years and labour years; `each` holds the scalar latents with a factor axis of length one."""
    useful, dangerous = speeds["speedup_useful"], speeds["speedup_dangerous"]
    exists = (speeds["sweet_spot_width"] > 0) & (dangerous > latents["current_speedup"])[..., None]
    to_useful = arrival(useful, each, ops)
    to_dangerous = arrival(dangerous, latents, ops)
    growth = ops.sigmoid(each["labour_growth"])
    entry = ops.maximum(useful, each["current_speedup"])
    middle = (entry + dangerous[..., None]) / 2 - useful
    labour = labour_integral(useful, dangerous[..., None], growth, each, ops)
    labour = labour + each["years_bought"] * power10(growth * middle, ops)
    span = to_dangerous[..., None] - to_useful + each["years_bought"]
    return {
        "exists": exists,
        "years_to_automation": arrival(speeds["speedup_automation"], latents, ops),
        "years_to_useful": to_useful,
        "years_to_dangerous": to_dangerous,
        "years_in_sweet_spot": ops.where(exists, span, 0.0),
        "labour_years": ops.where(exists, labour, 0.0),
    }


def _losses(
    latents: Mapping[str, Array], each: Mapping[str, Array], useful: Array, ops: Ops
) -> dict[str, Array]:
    """What is lost to evaluation failure, to sabotage and to under-investment."""
    failure = evaluation_failure(
        latents["output_failure"][..., None, :],
        each["process_failure"][..., None],
        latents["work_share"],
        ops,
    )
    scheming = ops.sigmoid(each["scheming"] + each["scheming_slope"] * (useful - SCHEMING_ANCHOR))
    caught = ops.sigmoid(each["sabotage_detection"]) * (1 - failure)
    # sigmoid(x)^sigmoid(y) through the logarithm: log sigmoid(x) = -log(1 + e^-x)
    log_share = -ops.log1p(ops.exp(-latents["investment"]))
    return {
        "evaluation_failure": failure,
        "scheming_at_useful": scheming,
        "differential_sabotage": scheming * ops.sigmoid(each["sabotage_potency"]) * (1 - caught),
        "labour_factor": ops.exp(ops.sigmoid(each["returns_to_share"]) * log_share),
    }


def equations(latents: Mapping[str, Array], ops: Ops) -> dict[str, Array]:
    """Every derived quantity and gate from the latents (MODEL.md section 3).

    `latents` maps each name of `LATENT_DIMS` to an array (..., *dims) on the scale that MODEL.md
    gives it (logits for "logit" latents). Returns `DERIVED_DIMS` and the gates (..., factor).
    """
    each = {name: latents[name][..., None] for name, dims in LATENT_DIMS.items() if not dims}
    out = _speeds(latents)
    out |= _times(latents, each, out, ops)
    out |= _losses(latents, each, out["speedup_useful"], ops)
    out["needed_years"] = power10(latents["hardness"], ops)
    needed, kept = out["needed_years"], out["labour_years"]
    out["lasts"] = out["exists"] & (kept >= needed)
    kept = kept * out["labour_factor"]
    out["invested"] = out["exists"] & (kept >= needed)
    kept = kept * (1 - out["evaluation_failure"])
    out["elicitable"] = out["exists"] & (kept >= needed)
    out["effective_years"] = kept * (1 - out["differential_sabotage"])
    out["usable"] = out["exists"] & (out["effective_years"] >= needed)
    return out


def derive(latents: xr.Dataset) -> xr.Dataset:
    """Every derived quantity and gate, from latents by name with any leading dims.

    Parameters
    ----------
    latents
        The latents of MODEL.md section 2, each with its own dims (`factor`, `work`) and any others
        (`chain`, `draw`, a grid). Logit latents are logits, hardness is log10 years.

    Returns
    -------
    xr.Dataset
        The quantities of MODEL.md section 3, dims (*leading, *own); gates are booleans over
        (*leading, factor).

    Raises
    ------
    InvalidArgument
        A latent is missing or lacks one of its dims; the message names it.
    """
    import xarray as xr

    from sweet_spot.errors import InvalidArgument

    for name, dims in LATENT_DIMS.items():
        if name not in latents:
            raise InvalidArgument(f"derive: the latent {name!r} is missing from the dataset")
        if not set(dims) <= set(latents[name].dims):
            raise InvalidArgument(f"derive: {name!r} needs the dims {dims}")
    given = latents[list(LATENT_DIMS)]
    leading = [dim for dim in given.dims if dim not in ("factor", "work")]
    sizes = {dim: given.sizes[dim] for dim in leading}
    arrays = {
        name: given[name].broadcast_like(xr.DataArray(np.empty(tuple(sizes.values())), dims=leading))
        .transpose(*leading, *dims)
        .to_numpy()
        .astype(float)
        for name, dims in LATENT_DIMS.items()
    }
    out = equations(arrays, NUMPY)
    dims_of = {**DERIVED_DIMS, **dict.fromkeys(GATES, ("factor",))}
    coords = {dim: given.coords[dim] for dim in (*leading, "factor") if dim in given.coords}
    return xr.Dataset({n: ((*leading, *d), out[n]) for n, d in dims_of.items()}, coords=coords)
