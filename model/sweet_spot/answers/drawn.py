"""Figures outside a report: which fit they show, and how they are written."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure

from sweet_spot.answers.credences import CredenceTable, credence_table
from sweet_spot.answers.style import DPI
from sweet_spot.errors import SweetSpotError


def stamp(tree: xr.DataTree) -> str:
    """What every figure of a fit carries."""
    return stamped(credence_table(tree), str(tree.attrs["digest_fit"]))


def stamped(table: CredenceTable, digest: str) -> str:
    """Which fit, prior or posterior, how many statements."""
    who = table.evidence
    behind = (
        f"posterior · {who.statements} evidence statements by {who.experts} experts to {who.latest}"
        if table.fitted
        else "prior only, no statement used"
    )
    failed = " · FAILED its verdict" if table.verdict.failed else ""
    return f"fit {digest[:12]} · {behind}{failed}"


def png(figure: Figure) -> bytes:
    """A figure as PNG, the same bytes each time."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
    return drawn.getvalue()


def write_figures(figures: Mapping[str, Figure], folder: Path) -> list[Path]:
    """Writes each figure to `folder/NAME.png`; the folder is made where it is missing.

    Raises
    ------
    SweetSpotError
        The folder cannot be written to.
    """
    paths = [folder / f"{name}.png" for name in figures]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, figure in zip(paths, figures.values(), strict=True):
            path.write_bytes(png(figure))
    except OSError as error:
        raise SweetSpotError(
            f"{folder}: cannot be written to ({error.strerror}); name a folder with --out"
        ) from error
    return paths


def write_figure(figure: Figure, path: Path) -> None:
    """Writes one figure as PNG.

    Raises
    ------
    SweetSpotError
        The name does not end in .png, or the file cannot be written.
    """
    if path.suffix != ".png":
        raise SweetSpotError(f"{path}: figures are PNG; name a file that ends in .png with --out")
    write_figures({path.stem: figure}, path.parent)
