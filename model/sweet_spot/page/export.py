"""What a view exports: its figures, its data, the Python that makes them, in one archive."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from sweet_spot.answers.drawn import png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sweet_spot.page.controls import Shown


def packed(shown: Shown, name: str) -> bytes:
    """A zip archive: NAME.csv, NAME.py, and each figure as PNG and SVG."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.csv", shown.table().to_csv(index=False))
        archive.writestr(f"{name}.py", f"import sweet_spot\n\n{shown.python}\n")
        for label, make in shown.figures.items():
            figure = make()
            archive.writestr(f"{label}.png", png(figure))
            archive.writestr(f"{label}.svg", svg(figure))
    return out.getvalue()


def svg(figure: Figure) -> bytes:
    """A figure as SVG."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
