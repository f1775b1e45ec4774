"""What commands share that read a saved fit and may fit again: options, progress, the refitter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from sweet_spot.inference.refits import Refitter

FIT = Annotated[Path, typer.Option(metavar="FIT.nc", help="A saved fit.")]
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
OUT = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder to draw into, as PNG.", show_default="none"),
]
Refits = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of fits.", show_default="the user's cache"),
]


def say(message: str) -> None:
    """One line of progress on stderr."""
    typer.echo(f"... {message}", err=True)


@contextmanager
def refitting(
    fit: Path, cache: Path | None, *, refit: bool
) -> Iterator[tuple[xr.DataTree, Refitter | None, Callable[[str], None]]]:
    """A saved fit, what fits it again (None where that is not wanted), and how to say so."""
    from sweet_spot.inference.store import load_fit

    with load_fit(fit) as tree:
        yield tree, refitter_of(tree, cache) if refit else None, say


def refitter_of(tree: xr.DataTree, cache: Path | None, base: Any = None) -> Refitter:
    """Fits again with the settings of a fit; `base` holds other statements than the fit, if any."""
    from sweet_spot.argument.spec import load_argument
    from sweet_spot.inference.refits import refitter, settings_of
    from sweet_spot.inference.reweight import base_of

    base = base or base_of(tree, load_argument())
    return refitter(base, settings_of(tree), cache, say)


def show(tree: xr.DataTree, name: str, make: Callable[[str], Figure], folder: Path) -> None:
    """Writes the figure of an answer to `folder/NAME.png`; `make` takes the stamp of the fit."""
    from sweet_spot.answers.drawn import stamp, write_figures

    (path,) = write_figures({name: make(stamp(tree))}, folder)
    say(str(path))
