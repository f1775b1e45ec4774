"""`sweet-spot report`: fit, or find the fit, and write the report."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from sweet_spot.cli.saved import FAILED_VERDICT, FINDINGS, stop


def report(
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to write to.")] = Path("report"),
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Seed of the sampler.", show_default="1"),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="Use what was known on this date: YYYY, YYYY-MM or YYYY-MM-DD."
        ),
    ] = None,
    prior_only: Annotated[
        bool, typer.Option("--prior-only", help="Report the prior: no statement is used.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Report a fit that failed its verdict, with a warning.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of fits.", show_default="the user's cache"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the content of credences.json and nothing else.")
    ] = False,
) -> None:
    """Write a report: pages, figures, credences.json, inputs.json and the fit; print the headline.

    A fit is kept by the digest of its inputs and found again. The first one takes about a minute.
    Exit code 0: done. 1: the data have errors. 2: wrong usage, or no such folder. 3: the fit failed
    its verdict; nothing is written then, unless --force is given.

    \b
    Examples:
      sweet-spot report
      sweet-spot report --as-of 2025-06 --out report-2025-06
      sweet-spot report --prior-only --out prior

    \b
    In Python:
      sweet_spot.report("data", "report").credences.text
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.report import report as write
    from sweet_spot.errors import InvalidRecord, UntrustworthyFit

    try:
        done = write(
            data, out, seed=seed, as_of=_day(as_of), prior_only=prior_only, cache=cache,
            force=force, progress=_progress,
        )  # fmt: skip
    except UntrustworthyFit as error:
        raise stop(error, FAILED_VERDICT) from error
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    if done.verdict.failed:  # the first line of what is printed; beside JSON it goes to stderr
        typer.echo(f"WARNING: {done.verdict.text}", err=as_json)
    if as_json:
        typer.echo(json.dumps(done.credences.to_json(), indent=2))
    else:
        typer.echo(f"{done.text}\n{done.folder / 'report.html'}")
    raise typer.Exit(FAILED_VERDICT if done.verdict.failed else 0)


def _progress(message: str) -> None:
    """One line on stderr, so that stdout holds the answer alone."""
    typer.echo(f"{message} ...", err=True)
    sys.stderr.flush()


def _day(text: str | None) -> dt.date | None:
    """The last day that a partial date can mean."""
    if text is None:
        return None
    from sweet_spot.evidence.records import last_day

    try:
        return last_day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--as-of") from error
