"""`sweet-spot rivals`: the answer under other equations, side by side and mixed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FAILED_VERDICT, FINDINGS, AsJson, stop


def rivals(
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="W,W,...",
            help="Weights of main, bottleneck, no_feedback and soft_danger; those left out are 0.",
            show_default="0.4,0.2,0.2,0.2",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also write rivals.md, rivals.png and rivals.json there."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Seed of the sampler.", show_default="1"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Report fits that failed, with a warning.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of fits.", show_default="the user's cache"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fit rival structures of the equations; show what each says, and mixtures of them.

    Each structure is one small change that the argument declares. Weights are stated, and updated
    by how well each structure predicts the forecasts. Each fit that is not kept takes a minute.
    Exit code 0: done. 1: the data have errors. 2: wrong usage. 3: a fit failed its verdict.

    \b
    Examples:
      sweet-spot rivals
      sweet-spot rivals --weights 0.5,0.5 --out report
      sweet-spot rivals --weights 1,0,0,0 --json

    \b
    In Python:
      sweet_spot.rivals("data", weights=[0.5, 0.5]).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.rivals import rivals as compare
    from sweet_spot.errors import InvalidRecord, UntrustworthyFit

    try:
        table = compare(
            data, weights=_numbers(weights), seed=seed, cache=cache, force=force, progress=_progress
        )
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    except UntrustworthyFit as error:
        raise stop(error, FAILED_VERDICT) from error
    if out is not None:
        from sweet_spot.answers.figure_rivals import write_rivals

        page = write_rivals(table, out)
        typer.echo(str(page), err=True)
    typer.echo(json.dumps(table.to_json(), indent=2, ensure_ascii=False) if as_json else table.text)
    failed = any(found.failed for found in table.verdicts.values())
    raise typer.Exit(FAILED_VERDICT if failed else 0)


def _numbers(text: str | None) -> list[float] | None:
    try:
        return None if text is None else [float(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(
            "numbers with commas between them, such as 0.5,0.5", param_hint="--weights"
        ) from error


def _progress(message: str) -> None:
    """One line on stderr, so that stdout holds the answer alone."""
    typer.echo(f"{message} ...", err=True)
