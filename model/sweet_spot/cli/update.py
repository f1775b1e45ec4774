"""`sweet-spot update`: add a file to the ledger, and say what that does to the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FAILED_VERDICT, FINDINGS, AsJson, Out, say, stop


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
    out: Out = None,
    as_json: AsJson = False,
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
      sweet-spot update new-forecast.yaml --json --out change

    \b
    In Python:
      sweet_spot.update("new-forecast.yaml", "data", quick=True).text
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.updating import update as compute
    from sweet_spot.errors import InvalidRecord, NeedsRefit, UntrustworthyFit

    try:
        done = compute(file, data, quick=quick, seed=seed, cache=cache, progress=_progress)
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    except (NeedsRefit, UntrustworthyFit) as error:
        raise stop(error, FAILED_VERDICT) from error
    from sweet_spot.answers.figure_update import update_figure

    say(done.text, done.to_json, {"update": lambda: update_figure(done)}, out, as_json=as_json)


def _progress(message: str) -> None:
    typer.echo(f"{message} ...", err=True)
