"""`sweet-spot backtest`: every way of pooling, scored on questions whose answers are known."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweet_spot.cli.saved import FINDINGS, AsJson, stop

WIDTH = 100
"""Columns of what is not written to a terminal."""

if TYPE_CHECKING:
    from sweet_spot.answers.backtest import Backtest


def backtest(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A dataset (forecasts.csv, outcomes.csv), or a folder of such."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the scores as JSON, figures beside it.", show_default="none"
        ),
    ] = None,
    train: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="More datasets to learn from; may be repeated.", show_default="none"
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A Dask scheduler.", show_default="this machine"),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of the bootstrap.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Predict questions with known answers by every method, and show how each did.

    No question's own answer, nor one that it shares, is used to predict it (cooke_in_sample alone
    sees all). Errors are bootstrap standard errors over groups, the same resamples for all methods.
    JSON holds `rows`: dataset, method, score, value, se, n; a method that has no meaning for a
    dataset has no row; beside them paired differences, and what `validate` keeps as a record.
    Exit code 0: done. 1: a file has an error. 2: no such folder, or no outcome.

    \b
    Examples:
      sweet-spot backtest panels --out scores.json
      sweet-spot backtest panels/new --train panels/old --json

    \b
    In Python:
      print(sweet_spot.backtest("panels").text)
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.backtest import backtest as compute
    from sweet_spot.errors import InvalidRecord

    try:
        with _progress() as progress:
            found = compute(
                folder, train=train or (), scheduler=scheduler, seed=seed, progress=progress
            )
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=2, allow_nan=False))
    else:
        _print(found)
    if out is not None:
        _write(found, out, told=not as_json)


def _write(found: Backtest, out: Path, *, told: bool) -> None:
    """The scores, and the figures in the same folder."""
    from sweet_spot.answers.drawn import write_figures
    from sweet_spot.answers.figures_backtest import backtest_figures

    written = write_figures(backtest_figures(found), out.parent)
    out.write_text(json.dumps(found.to_json(), indent=2, allow_nan=False) + "\n", encoding="utf-8")
    if told:
        typer.echo("\n".join(map(str, [out, *written])))


def _print(found: Backtest) -> None:
    """The text, and a table for each kind of question."""
    from rich.console import Console
    from rich.table import Table

    from sweet_spot.answers.backtest import printed

    # beside a terminal 80 columns are assumed, which would cut numbers short
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    for title, head, rows in printed(found):
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for name in head:
            table.add_column(name, justify="right" if name else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()
    console.print(found.text, soft_wrap=True, markup=False)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """How far it is, on stderr: a bar in a terminal, else a line for each task."""
    if not sys.stderr.isatty():
        yield lambda done, of: typer.echo(f"backtest: {done} of {of} tasks done", err=True)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("backtest", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
