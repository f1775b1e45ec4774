"""What a view exports: its figures, its data, the Python that makes them, in one archive."""

from __future__ import annotations

import ast
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
        archive.writestr(f"{name}.py", program(shown.python))
        for label, make in shown.figures.items():
            figure = make()
            archive.writestr(f"{label}.png", png(figure))
            archive.writestr(f"{label}.svg", svg(figure))
    return out.getvalue()


def program(python: str) -> str:
    """The lines of a view as a program that prints what the last of them gives."""
    lines, said = python.splitlines(), ast.parse(python).body
    if said and isinstance(said[-1], ast.Expr):
        lines[said[-1].lineno - 1] = f"print({lines[said[-1].lineno - 1]}"
        whole = ".to_string()" if lines[-1].endswith(".table") else ""  # pandas leaves columns out
        lines[-1] += f"{whole})"
    return "\n".join(["import sweet_spot", "", *lines, ""])


def svg(figure: Figure) -> bytes:
    """A figure as SVG."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    return drawn.getvalue()
