"""The one interval rule, and how numbers are written: every page and figure goes through here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = ("chain", "draw")
INTERVAL = 0.90
"""Probability inside every interval that is printed."""
TAILS = ((1 - INTERVAL) / 2, 0.5, (1 + INTERVAL) / 2)
"""Its lower end, the median, its upper end."""
RULE = f"{100 * INTERVAL:.0f} % equal-tailed"
"""The words for it."""
DASH, MINUS, TIMES = "\N{EN DASH}", "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"

Floats = np.ndarray[Any, np.dtype[np.float64]]


def pooled(draws: xr.DataArray) -> Floats:
    """All draws of all chains along the first axis, the own dims after it."""
    own = [dim for dim in draws.dims if dim not in SAMPLE]
    values = draws.transpose(*SAMPLE, *own).to_numpy().astype(float)
    return values.reshape(-1, *values.shape[2:])


def summary(values: Floats) -> Floats:
    """Lower end, median and upper end over the first axis: (3, ...)."""
    return np.asarray(np.quantile(values, TAILS, axis=0))


def monte_carlo_error(draws: xr.DataArray, method: str = "mean") -> xr.DataArray:
    """Monte Carlo standard error of a mean or median over chains and draws (Vehtari 2021)."""
    import arviz as az

    found: xr.DataArray = az.mcse(draws.astype(float), method=method)
    return found


def deviation_error(deviation: xr.DataArray) -> xr.DataArray:
    """Monte Carlo error of a mean from each draw's part in it; 0 where nothing varies.

    Parts of weighted means and of paired differences on the same draws alike.
    """
    size = abs(deviation - deviation.mean(SAMPLE)).max(SAMPLE)
    found: xr.DataArray = monte_carlo_error(deviation).where(~(size < 1e-12), 0.0)  # NaN stays NaN
    return found


def probability(p: float) -> str:
    """A probability with two decimals, or two digits where it is close to 0 or 1."""
    if not math.isfinite(p):
        return DASH
    if p <= 0 or p >= 1:
        return f"{p:.0f}"
    if 0.01 <= p <= 0.99:
        return f"{p:.2f}"
    if p > 0.5:
        return ">0.9999" if p > 0.9999 else f"{p:.4f}"
    return f"{p:.1g}" if p < 1e-3 else f"{p:.2g}"


def signed(change: float) -> str:
    """A change of a probability, with its sign: two decimals, three where it is below a tenth."""
    if not math.isfinite(change):
        return DASH
    size = abs(change)
    sign = "+" if change > 0 else MINUS if change < 0 else "±"
    if 0 < size < 0.0005:
        return f"{sign}{size:.1g}"
    return sign + (f"{size:.3f}" if 0 < size < 0.0995 else f"{size:.2f}")


def error(value: float) -> str:
    """A Monte Carlo error, one digit."""
    return DASH if not math.isfinite(value) else f"{value:.1g}"


def number(value: float, unit: str) -> str:
    """A value in a unit, without the unit: dates to a tenth of a year, others to three digits."""
    if not math.isfinite(value):
        return DASH if math.isnan(value) else "∞" if value > 0 else MINUS + "∞"
    if unit == "year":
        return f"{value:.1f}" if value < 3000 else ">3000"
    if unit in ("share", "fraction", "probability"):
        return probability(value)
    if abs(value) >= 1e4:
        return f"{value:.1e}".replace("e+0", "e").replace("e+", "e")
    text = f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return text.replace("-", MINUS)


def span(low: float, high: float, unit: str) -> str:
    """An interval, without the unit; empty where there is none."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return ""
    return f"{number(low, unit)} to {number(high, unit)}"


def share(value: float) -> str:
    """A share of draws, in per cent: never rounded down to none."""
    if value <= 0:
        return "0 %"
    return (
        "<0.1 %"
        if value < 0.001
        else f"{100 * value:.1f} %"
        if value < 0.1
        else f"{100 * value:.0f} %"
    )


def words(name: str) -> str:
    """A name of the code in words: `safety_progress` -> safety progress."""
    return name.replace("_", " ")


def plural(count: int, noun: str) -> str:
    """`1 statement`, `2 statements`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def finite(value: Any) -> Any:
    """A value as JSON can hold it: it has no infinity and no NaN, None stands for both."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a table for JSON."""
    return [{str(k): finite(v) for k, v in row.items()} for row in frame.to_dict("records")]
