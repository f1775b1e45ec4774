"""Figures of a calibration: ECDFs of ranks in their bands, and gates against their frequencies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.calibration import LEVEL, Calibration
from sweet_spot.answers.drawn import write_figures
from sweet_spot.answers.numbers import plural
from sweet_spot.answers.style import PALETTE, SIZE, SMALL, label_x, plain, sheet
from sweet_spot.inference.calibration import FAMILIES
from sweet_spot.inference.uniformity import band, folded

TITLES = {
    "answer": "the answer", "latents": "latents", "asked": "what is asked",
    "errors": "the error model",
}  # fmt: skip
SINGLE = 0.05
"""Level of the inner band, as if one quantity alone were looked at."""


def ranks_figure(found: Calibration) -> Figure:
    """ECDF less uniform of every quantity's places, plain and folded, by kind of quantity."""
    data = found.data
    note = "A line for each quantity: share of truths below a place in the posterior, less uniform."
    note += f"\nDark band: {100 * (1 - SINGLE):g} % simultaneous for one quantity. Light band: for"
    note += f" all at once, at {100 * LEVEL:g} %; a line that leaves it fails.\nStrong line: the"
    note += " smallest p of its panel."
    figure, axes = sheet(
        11.5, "Where do simulated truths stand in their posteriors?", note, _stamp(found),
        nrows=4, ncols=2, sharex=True, sharey=True,
    )  # fmt: skip
    for row, family in zip(axes, FAMILIES, strict=True):
        own = data.isel(quantity=np.flatnonzero(data["family"].values == family))
        for panel, test in zip(row, ("plain", "folded"), strict=True):
            places = own["place"].transpose("quantity", "run").to_numpy()
            _bands(panel, data.sizes["run"], float(own["level"][0]))
            _ecdfs(panel, folded(places) if test == "folded" else places)
            worst = int(np.argmin(own[f"p_{test}"].to_numpy()))
            _ecdfs(panel, (folded(places) if test == "folded" else places)[[worst]], strong=True)
            panel.set_title(
                f"{TITLES[family]}, {test} ({own.sizes['quantity']})", fontsize=SIZE, loc="left"
            )
            name = _short(str(own["quantity"].values[worst]))
            panel.text(
                0.02, 0.04, f"{name}: p = {float(own[f'p_{test}'][worst]):.1g}",
                transform=panel.transAxes, fontsize=SMALL - 1, color=PALETTE["posterior"],
            )  # fmt: skip
    for panel, what in zip(axes[-1], ("place in the posterior", "2 |place - 1/2|"), strict=True):
        label_x(panel, what)
    return figure


def _bands(axes: Axes, runs: int, level: float) -> None:
    plain(axes, grid="both")
    for at, colour, name in ((level, "#EDEDED", "all"), (SINGLE, "#D2D2D2", "single")):
        points, low, high = band(runs, at)
        around = (np.r_[0, points, 1], np.r_[0, low - points, 0], np.r_[0, high - points, 0])
        axes.fill_between(*around, color=colour, linewidth=0, gid=f"band {name}")
    axes.axhline(0, color=PALETTE["quiet"], linewidth=0.8)


def _ecdfs(axes: Axes, places: np.ndarray, *, strong: bool = False) -> None:
    """Lines of places (quantity, run)."""
    runs = places.shape[1]
    points, gid = np.arange(runs + 1) / runs, "worst" if strong else "ecdf"
    colour, width, alpha = (
        (PALETTE["posterior"], 1.8, 1.0) if strong else (PALETTE["prior"], 0.5, 0.6)
    )
    for each in np.sort(places, axis=1):
        share = np.searchsorted(each, points, side="right") / runs
        axes.plot(points, share - points, color=colour, linewidth=width, alpha=alpha, gid=gid)


def gates_figure(found: Calibration) -> Figure:
    """How often gates held, over how probable the posteriors called them."""
    data = found.data
    note = (
        "Dot: all gates and factors, any and all included, pooled by predicted probability.\nBar:"
    )
    note += " twice its standard error, by run (gates of a run go together). Number: how many."
    figure, axes = sheet(5.2, "Do gates hold as often as their probabilities say?", note,
                         _stamp(found))  # fmt: skip
    plain(axes, grid="both")
    axes.plot([0, 1], [0, 1], color=PALETTE["quiet"], linewidth=0.8)
    at, share, error = (data[n].to_numpy() for n in ("predicted", "frequency", "error"))
    axes.vlines(at, np.maximum(share - 2 * error, 0), np.minimum(share + 2 * error, 1),
                color=PALETTE["posterior"], linewidth=2)  # fmt: skip
    axes.plot(at, share, "o", color=PALETTE["posterior"], markersize=7, gid="gates")
    for x, y, count in zip(at, share, data["count"].values, strict=True):
        if count:
            axes.annotate(f"{count:.0f}", (x, y), xytext=(9, -12), textcoords="offset points",
                          fontsize=SMALL, color=PALETTE["ink"])  # fmt: skip
    axes.set_ylabel("share of truths in which the gate holds", fontsize=SIZE)
    label_x(axes, "posterior probability of the gate")
    return figure


def write_calibration(found: Calibration, folder: Path) -> list[Path]:
    """Writes figures, data (netCDF), table (CSV) and verdict (text) into a folder."""
    drawn = {"calibration": ranks_figure(found), "calibration-gates": gates_figure(found)}
    paths = write_figures(drawn, folder)
    kept = [folder / f"calibration.{end}" for end in ("nc", "csv", "txt")]
    found.data.to_netcdf(kept[0])
    found.table.to_csv(kept[1], index=False)
    kept[2].write_text(found.text + "\n", encoding="utf-8")
    return [*paths, *kept]


def _stamp(found: Calibration) -> str:
    a, runs = found.data.attrs, found.data.sizes["run"]
    control = " · NEGATIVE CONTROL" if a["control"] else ""
    failed = "NOT CALIBRATED" if found.failed else "calibrated"
    digest = str(a["digest_fit"])[:12]
    return f"model {digest} · {plural(runs, 'run')}, seed {a['seed']} · {failed}{control}"


def _short(text: str) -> str:
    return text if len(text) <= 32 else text[:31].rstrip() + "…"
