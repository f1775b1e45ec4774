"""The equations of the argument, written once for NumPy and for PyTensor (MODEL.md section 3).

Arrays carry any leading dims (draws, grids, worlds); `factor` and `work` are always the last ones.
Speeds are in dex (log10 of the AI R&D speed-up), times in years from the reference date.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sweet_spot.argument.axis import NUMPY as NUMPY
from sweet_spot.argument.axis import Array as Array
from sweet_spot.argument.axis import Ops as Ops
from sweet_spot.argument.axis import arrival, automation, labour_integral, power10
from sweet_spot.argument.rivals import MAIN, Structure
from sweet_spot.errors import InvalidArgument

if TYPE_CHECKING:
    import xarray as xr

SCHEMING_ANCHOR = 1.3
"""The speed, in dex, at which the latent `scheming` is stated: 20x (MODEL.md section 2)."""
LARGEST_SHARE = float(np.nextafter(1.0, 0.0))
"""The number next to 1: a share of 1 has no finite log odds of the rest."""
SMALLEST_LOGIT = -700.0
"""Below it e^-logit overflows; the share there is zero for every purpose."""

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
"""Every latent the equations use, with its dims; meaning and unit stand in argument.yaml."""

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
"""The gates in order, each implying the one before; all with the dim `factor`."""

LOGITS = frozenset(
    {
        "labour_growth",
        "output_failure",
        "process_failure",
        "scheming",
        "sabotage_potency",
        "sabotage_detection",
        "investment",
        "returns_to_share",
    }
)
"""Latents that the equations take as logits of a share."""


def evaluation_failure(
    output_failure: Array,
    process_failure: Array,
    work_share: Array,
    ops: Ops,
    structure: Structure = MAIN,
) -> Array:
    """Share of a factor's work that neither output nor process evaluation can judge (R 5).

    Kinds of work multiply with their shares as exponents: all are needed. Where a rival structure
    has a `work_exponent`, what can be judged is the mean of that power, weighted by the shares.

    Parameters
    ----------
    output_failure, process_failure
        Logits, broadcastable with `work_share`.
    work_share
        Shares (..., factor, work) that sum to one over `work`.

    Returns
    -------
    Array
        Shares (..., factor).
    """
    missed = ops.sigmoid(output_failure) * ops.sigmoid(process_failure)
    judged = ops.log1p(-ops.minimum(missed, LARGEST_SHARE))
    power = structure.work_exponent
    if power:
        mean = ops.log(ops.sum_last(work_share * ops.exp(power * judged))) / power
        return -ops.expm1(ops.minimum(mean, 0.0))  # shares sum to one but for rounding
    return -ops.expm1(ops.sum_last(work_share * judged))


def _speeds(latents: Mapping[str, Array]) -> dict[str, Array]:
    """The thresholds on the capability axis and the width between them, in dex (A 4)."""
    full = automation(latents)
    useful = full[..., None] + latents["uneven_arrival"]
    dangerous = full + latents["danger_gap"] + latents["countermeasure_gain"]
    return {
        "speedup_automation": full,
        "speedup_useful": useful,
        "speedup_dangerous": dangerous,
        "sweet_spot_width": dangerous[..., None] - useful,
    }


def _times(
    latents: Mapping[str, Array],
    each: Mapping[str, Array],
    speeds: Mapping[str, Array],
    ops: Ops,
    structure: Structure,
) -> dict[str, Array]:
    """Years and labour years; `each` holds the scalar latents with a factor axis of length one."""
    useful, dangerous = speeds["speedup_useful"], speeds["speedup_dangerous"]
    beyond, start = structure.danger_width, latents["current_speedup"]
    exists = (speeds["sweet_spot_width"] + beyond > 0) & (dangerous + beyond > start)[..., None]
    years, labour = _in_spot(each, useful, dangerous[..., None], ops, structure)
    return {
        "exists": exists,
        "years_to_automation": arrival(speeds["speedup_automation"], latents, ops, structure),
        "years_to_useful": arrival(useful, each, ops, structure),
        "years_to_dangerous": arrival(dangerous, latents, ops, structure),
        "years_in_sweet_spot": ops.where(exists, years, 0.0),
        "labour_years": ops.where(exists, labour, 0.0),
    }


def _in_spot(
    each: Mapping[str, Array], useful: Array, dangerous: Array, ops: Ops, structure: Structure
) -> tuple[Array, Array]:
    """Years in the spot and years of labour there (..., factor), as if the spot existed.

    Time bought is spent halfway between entry and the end of the spot. Where danger comes by
    degrees, all years count by the part of vulnerability that has not come, those bought too.
    """
    growth, bought = ops.sigmoid(each["labour_growth"]), each["years_bought"]
    entry, width = ops.maximum(useful, each["current_speedup"]), structure.danger_width
    if width:
        years = labour_integral(useful, dangerous, 0.0, each, ops, structure)
        safe = (dangerous + width - entry) / (4 * width)
        bought = bought * ops.minimum(ops.maximum(safe, 0.0), 1.0)
    else:
        years = arrival(dangerous, each, ops, structure) - arrival(useful, each, ops, structure)
    halfway = (entry + dangerous + width) / 2 - useful
    labour = labour_integral(useful, dangerous, growth, each, ops, structure)
    return years + bought, labour + bought * power10(growth * halfway, ops)


def _losses(
    latents: Mapping[str, Array],
    each: Mapping[str, Array],
    useful: Array,
    ops: Ops,
    structure: Structure,
) -> dict[str, Array]:
    """What is lost to evaluation failure, to sabotage and to under-investment, as shares."""
    failure = evaluation_failure(
        latents["output_failure"][..., None, :],
        each["process_failure"][..., None],
        latents["work_share"],
        ops,
        structure,
    )
    scheming = ops.sigmoid(each["scheming"] + each["scheming_slope"] * (useful - SCHEMING_ANCHOR))
    caught = ops.sigmoid(each["sabotage_detection"]) * (1 - failure)
    # sigmoid(x)^sigmoid(y) through the logarithm: log sigmoid(x) = -log(1 + e^-x)
    investment = ops.maximum(latents["investment"], SMALLEST_LOGIT)
    log_share = -ops.log1p(ops.exp(-investment))
    return {
        "evaluation_failure": failure,
        "scheming_at_useful": scheming,
        "differential_sabotage": scheming * ops.sigmoid(each["sabotage_potency"]) * (1 - caught),
        "labour_factor": ops.exp(ops.sigmoid(each["returns_to_share"]) * log_share),
    }


def equations(
    latents: Mapping[str, Array], ops: Ops, structure: Structure = MAIN
) -> dict[str, Array]:
    """Every derived quantity and gate from the latents (MODEL.md section 3).

    Parameters
    ----------
    latents
        Each name of `LATENT_DIMS` to an array (..., *dims) in its own unit, shares as logits
        (`LOGITS`). Leading dims broadcast.
    structure
        A rival structure, where it is not the main one.

    Returns
    -------
    dict
        The quantities of `DERIVED_DIMS` and the boolean gates (..., factor).
    """
    each = {name: latents[name][..., None] for name, dims in LATENT_DIMS.items() if not dims}
    out = _speeds(latents)
    out |= _times(latents, each, out, ops, structure)
    out |= _losses(latents, each, out["speedup_useful"], ops, structure)
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


def derive(latents: xr.Dataset, structure: Structure = MAIN) -> xr.Dataset:
    """Every derived quantity and gate, from latents by name with any leading dims.

    Parameters
    ----------
    latents
        The latents of MODEL.md section 2, each with its own dims (`factor`, `work`) and any others
        (`chain`, `draw`, a grid), in any order. Logit latents are logits, hardness is log10 years.
    structure
        A rival structure (rivals.py), where it is not the main one.

    Returns
    -------
    xr.Dataset
        The quantities of MODEL.md section 3, dims (*leading, *own), leading dims in order of
        appearance; gates are booleans over (*leading, factor). Coordinates are kept.

    Raises
    ------
    InvalidArgument
        Latents are missing, or one has not the dims `factor` and `work` it should; the message
        names them.
    """
    import xarray as xr

    leading = _leading(latents)
    plain = {name: _array(latents[name], leading) for name in LATENT_DIMS}
    out = equations(plain, NUMPY, structure)
    variables = {}
    for name, own in {**DERIVED_DIMS, **dict.fromkeys(GATES, ("factor",))}.items():
        dims = (*leading, *own)
        shape = tuple(latents.sizes[dim] for dim in dims)
        value = out[name] if out[name].shape == shape else np.broadcast_to(out[name], shape).copy()
        variables[name] = (dims, value)
    coords = {dim: latents.coords[dim] for dim in (*leading, "factor") if dim in latents.coords}
    return xr.Dataset(variables, coords=coords)


def _leading(latents: xr.Dataset) -> tuple[str, ...]:
    """All dims of the latents but `factor` and `work`; checks that every latent has its own."""
    missing = [name for name in LATENT_DIMS if name not in latents]
    if missing:
        raise InvalidArgument(f"derive: the dataset lacks the latents {', '.join(missing)}")
    leading: dict[str, None] = {}
    for name, own in LATENT_DIMS.items():
        found = tuple(str(dim) for dim in latents[name].dims)
        if {dim for dim in found if dim in ("factor", "work")} != set(own):
            raise InvalidArgument(f"derive: {name} has the dims {found} but needs {own}")
        leading |= dict.fromkeys(dim for dim in found if dim not in own)
    return tuple(leading)


def _array(latent: xr.DataArray, leading: tuple[str, ...]) -> np.ndarray:
    """A latent as (*leading, *own), with length 1 along the leading dims it has not."""
    own = LATENT_DIMS[str(latent.name)]
    added = latent.expand_dims([dim for dim in leading if dim not in latent.dims])
    return added.transpose(*leading, *own).to_numpy().astype(float)
