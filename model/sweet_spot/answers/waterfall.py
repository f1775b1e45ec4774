"""The waterfall: what probability is left after each gate, and what each gate takes."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from sweet_spot.answers.credences import CredenceTable


@dataclass(frozen=True)
class Waterfall:
    """Probability left after each gate; each gate implies the one before, so it is the joint one.

    Attributes
    ----------
    data
        Dims `world` (prior, and posterior where there is one), `gate`, `factor` (with any and all):
        `left`, the joint probability after the gate; `lost`, what the gate takes from what the one
        before left; `passing`, the probability of passing it given the one before.
    """

    data: xr.Dataset


def waterfall(table: CredenceTable) -> Waterfall:
    """The waterfall of a credence table."""
    worlds = ["posterior", "prior"] if table.fitted else ["prior"]
    left = xr.concat(
        [table.data[name].reset_coords(drop=True) for name in worlds],
        xr.Variable("world", worlds), coords="minimal", compat="override", join="override",
    )  # fmt: skip
    before = left.shift(gate=1, fill_value=1.0)
    return Waterfall(
        xr.Dataset(
            {"left": left, "lost": before - left, "passing": left / before.where(before > 0)}
        )
    )
