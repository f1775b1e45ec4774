"""What commands on a saved fit share: the fit, their options, what they print, how they exit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

FINDINGS = 1
"""Exit code where the data have errors."""
FAILED_VERDICT = 3
"""Exit code where the fit failed its verdict, whether or not it was used all the same."""
FIT = Path("report/fit.nc")

Fit = Annotated[Path, typer.Option("--fit", metavar="FIT.nc", help="A saved fit.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder to draw into, as PNG.", show_default="none"),
]
Force = Annotated[
    bool, typer.Option("--force", help="Use a fit that failed its verdict, with a warning.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


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
            raise stop(error, FAILED_VERDICT) from error
        if found.failed:
            typer.echo(f"WARNING: {found.text}", err=True)
        yield tree
    if found.failed:
        raise typer.Exit(FAILED_VERDICT)


def stop(error: Exception, code: int) -> typer.Exit:
    """Says what is wrong in one line; to be raised."""
    typer.echo(f"sweet-spot: {error}", err=True)
    return typer.Exit(code)


def say(
    shown: str,
    content: Callable[[], Mapping[str, Any]],
    figures: Mapping[str, Callable[[], Figure]],
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    """Draws into a folder if there is one; prints what is shown and where, or one JSON object."""
    written: list[Path] = []
    if out is not None:
        from sweet_spot.answers.drawn import write_figures

        written = write_figures({name: make() for name, make in figures.items()}, out)
    if as_json:
        typer.echo(json.dumps(content(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        typer.echo("\n".join([shown, *map(str, written)]))
