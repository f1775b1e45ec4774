"""What commands share that read a saved fit and may fit again: where to, progress, the refitter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweet_spot.cli.saved import saved_fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from sweet_spot.evidence.gather import Evidence
    from sweet_spot.inference.refits import Refitter

Refits = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of fits.", show_default="the user's cache"),
]


def told(message: str) -> None:
    """One line of progress on stderr."""
    typer.echo(f"... {message}", err=True)


@contextmanager
def refitting(
    fit: Path, cache: Path | None, *, refit: bool, force: bool
) -> Iterator[tuple[xr.DataTree, Refitter | None, Callable[[str], None]]]:
    """A saved fit, what fits it again (None where that is not wanted), and how to say so."""
    with saved_fit(fit, force=force) as tree:
        yield tree, refitter_of(tree, cache) if refit else None, told


def refitter_of(tree: xr.DataTree, cache: Path | None, base: Any = None) -> Refitter:
    """Fits again with the settings of a fit; `base` holds other statements than the fit, if any."""
    from sweet_spot.argument.spec import load_argument
    from sweet_spot.inference.refits import refitter, settings_of
    from sweet_spot.inference.reweight import base_of

    base = base or base_of(tree, load_argument())
    return refitter(base, settings_of(tree), cache, told)


def ahead_of(
    tree: xr.DataTree, cache: Path | None, scheduler: str | None
) -> Callable[[Sequence[Evidence]], None]:
    """Makes the refits that a refitter of this fit will be asked for, side by side."""
    from sweet_spot.argument.spec import load_argument
    from sweet_spot.inference.refits import refits_ahead, settings_of
    from sweet_spot.inference.reweight import base_of

    base = base_of(tree, load_argument())
    return refits_ahead(base, settings_of(tree), cache, told, scheduler)
