"""`sweet-spot update`: add a file to the ledger, and say what that does to the answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

FINDINGS = 1
"""Exit code where the file has errors, so that nothing was added."""
NOT_ANSWERED = 3
"""Exit code where a fit failed its verdict, or saved draws could not answer."""


def update(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Elicitation file.", show_default=False)
    ],
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    quick: Annotated[
        bool, typer.Option("--quick", help="Reweigh saved draws instead of fitting again.")
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Seed of the sampler.", show_default="1"),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of fits.", show_default="the user's cache"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="PNG", help="Draw a figure.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Add a file to the ledger, fit again, and say what changed and which statement did it.

    With --quick the draws of a saved fit are reweighed: about a second, nothing is compiled. It is
    refused, and nothing is added, where their weights are not to be trusted (Pareto k above 0.7).
    Exit code 0: done. 1: errors in the file, nothing added. 2: wrong usage. 3: a fit failed its
    verdict, or --quick was refused.

    \b
    Examples:
      sweet-spot update new-forecast.yaml
      sweet-spot update new-forecast.yaml --quick
      sweet-spot update new-forecast.yaml --json --out change.png

    \b
    In Python:
      sweet_spot.update("new-forecast.yaml", "data", quick=True).text
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.updating import update as compute
    from sweet_spot.errors import InvalidRecord, NeedsRefit, UntrustworthyFit

    try:
        done = compute(file, data, quick=quick, seed=seed, cache=cache, progress=_progress)
    except InvalidRecord as error:
        raise _stop(error, FINDINGS) from error
    except (NeedsRefit, UntrustworthyFit) as error:
        raise _stop(error, NOT_ANSWERED) from error
    if out is not None:
        from sweet_spot.answers.figure_update import update_figure

        update_figure(done).savefig(out)
    typer.echo(json.dumps(done.to_json(), indent=1) if as_json else done.text)


def _stop(error: Exception, code: int) -> typer.Exit:
    typer.echo(f"sweet-spot: {error}", err=True)
    return typer.Exit(code)


def _progress(message: str) -> None:
    typer.echo(f"{message} ...", err=True)
