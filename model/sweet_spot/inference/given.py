"""The arrays of a panel that a compiled graph is given as data, so that it fits any of that shape.

What stays in the graph is what is asked (the targets) and how it is told: whether some are told
from one side only, and whether some stand for many. How many statements, questions and people there
are, who said what on what, and how sure they were, are data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np

from sweet_spot.argument.structure import Array
from sweet_spot.inference.bounds import Censored, one_sided
from sweet_spot.inference.crowd import Crowd
from sweet_spot.inference.error_model import ErrorConstants, Panel
from sweet_spot.inference.panel import AS_THEY_ARE, Layout, swapped

_INDICES = ("question", "expert", "topic")
_NUMBERS = (*AS_THEY_ARE, "probability", "direction")


def given(of: Layout, constants: ErrorConstants) -> dict[str, np.ndarray]:
    """All arrays of a layout that its graph takes as data; `SWAPPED` (panel.py) are among them."""
    panel, censored = of.panel, one_sided(of.panel)
    out = {f"panel_{name}": getattr(panel, name).astype(np.int64) for name in _INDICES}
    out |= {f"panel_{name}": getattr(panel, name).astype(float) for name in _NUMBERS}
    # below zero says "unstated" as NaN does, which PyMC's data may not hold
    out["panel_spread"] = np.where(np.isfinite(panel.spread), panel.spread, -1.0)
    out["panel_target"] = of.target.astype(np.int64)
    if censored is not None:
        parts = {f.name: getattr(censored, f.name) for f in fields(Censored)}
        out |= {f"censored_{name}": part for name, part in parts.items() if part is not None}
    if panel.crowd is not None:
        out |= {f"crowd_{f.name}": getattr(panel.crowd, f.name) for f in fields(Crowd)}
    return swapped(of, constants) | out


def of_data(panel: Panel, data: Mapping[str, Array]) -> Panel:
    """The panel with the graph's data in place of its arrays."""
    own = {name: data[f"panel_{name}"] for name in (*_INDICES, *_NUMBERS)}
    own |= {name: data[name] for name in ("log_scale", "mapping_sd", "expert_sd", "before")}
    if "censored_rows" in data:
        parts: dict[str, Array] = {f.name: data.get(f"censored_{f.name}") for f in fields(Censored)}
        own["censored"] = Censored(**parts)
    else:
        own["side"] = panel.side  # all zero: nothing is to be built for it
    if panel.crowd is not None:
        own["crowd"] = Crowd(**{f.name: data[f"crowd_{f.name}"] for f in fields(Crowd)})
    return replace(panel, cluster=data["expert_cluster"], **own)
