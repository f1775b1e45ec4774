"""`sweet-spot history`: the credence as of past dates, and what came and went at each."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from sweet_spot.cli.saved import FAILED_VERDICT, FINDINGS, AsJson, Out, say, stop
from sweet_spot.cli.tasks import Scheduler


def history(
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    every: Annotated[
        Literal["month", "quarter", "year"],
        typer.Option(help="A step at the end of each month, quarter or year."),
    ] = "month",
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Leave earlier steps out.", show_default=False),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The last step.", show_default="all that is known"),
    ] = None,
    out: Out = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Seed of the sampler.", show_default="1"),
    ] = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Print the credence as of past dates, and which statements came and went at each.

    Each date is a fit to what was known then, an independent task on the cores of this machine or
    on a Dask cluster; a date at which no evidence came or went carries the answer of the one
    before. Answers are kept in DIR/history.csv, each as soon as it and those before it are there,
    and are not drawn again: stop it and go on when you like. After a change of model or priors the
    record goes on in a new segment; answers of the old one stay. The first run over the bundled
    data takes some ten minutes, the next some seconds.

    Exit code 0: done. 1: the data have errors. 2: wrong usage. 3: the fit of some date failed its
    verdict; that date has no answer then, and the others have.

    \b
    Examples:
      sweet-spot history
      sweet-spot history --every year --out yearly
      sweet-spot history --since 2025 --until 2026-06 --json

    \b
    In Python:
      sweet_spot.history("data", every="year").table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.history import history as answer
    from sweet_spot.errors import InvalidRecord
    from sweet_spot.evidence.records import first_day, last_day
    from sweet_spot.inference.refit import Settings

    start, end = _day(since, first_day, "--since"), _day(until, last_day, "--until")
    settings = Settings() if seed is None else Settings(seed=seed)
    try:
        with _progress() as progress:
            found = answer(
                data, every=every, since=start, until=end, settings=settings, progress=progress,
                scheduler=scheduler,
            )  # fmt: skip
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    from sweet_spot.answers.figure_history import history_figure

    shown, figures = f"{found.text}\n{found.record}", {"history": lambda: history_figure(found)}
    say(shown, found.to_json, figures, out, as_json=as_json)
    if out is not None:
        found.table.to_csv(out / "history-table.csv")
    raise typer.Exit(FAILED_VERDICT if found.failed else 0)


def _day(text: str | None, meant: Callable[[str], dt.date], option: str) -> dt.date | None:
    """The first or last day that a partial date can mean."""
    try:
        return None if text is None else meant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


@contextmanager
def _progress() -> Iterator[Callable[[int, int, str], None]]:
    """How far it is, on stderr: a bar in a terminal, else a line for each date."""
    started = time.monotonic()

    def line(done: int, of: int, label: str) -> None:
        left = (time.monotonic() - started) / done * (of - done) if done else 0.0
        told = f", about {left / 60:.0f} min left" if done and done < of else ""
        typer.echo(
            f"history: {done} of {of} done{told}{f'; next {label}' if label else ''}", err=True
        )

    if not sys.stderr.isatty():
        yield line
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("history", total=None)
        yield lambda done, of, label: bar.update(task, completed=done, total=of, description=label)
