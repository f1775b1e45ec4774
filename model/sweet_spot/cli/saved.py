"""A saved fit for a command: opened, and refused where it failed its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import xarray as xr

FAILED_VERDICT = 3
"""Exit code where the fit failed its verdict, whether or not it was used all the same."""
FIT = Path("report/fit.nc")

Fit = Annotated[Path, typer.Option("--fit", metavar="FIT.nc", help="A saved fit.")]
Force = Annotated[
    bool, typer.Option("--force", help="Use a fit that failed its verdict, with a warning.")
]


@contextmanager
def saved_fit(path: Path, *, force: bool) -> Iterator[xr.DataTree]:
    """The fit; ends with exit code 3 if it failed its verdict, with `force` after the work."""
    from sweet_spot.answers.verdict import refuse, verdict
    from sweet_spot.errors import UntrustworthyFit
    from sweet_spot.inference.store import load_fit

    with load_fit(path) as tree:
        found = verdict(tree)
        try:
            if not force:
                refuse(found)
        except UntrustworthyFit as error:
            typer.echo(f"sweet-spot: {error}", err=True)
            raise typer.Exit(FAILED_VERDICT) from error
        if found.failed:
            typer.echo(f"WARNING: {found.text}", err=True)
        yield tree
    if found.failed:
        raise typer.Exit(FAILED_VERDICT)
