"""`sweet-spot history`: the credence as of past dates, and what came and went at each."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from sweet_spot.answers.history import History

FINDINGS = 1
"""Exit code where the data have errors."""
FAILED_VERDICT = 3
"""Exit code where the fit of some date failed its verdict."""
FIGURES = (".png", ".svg", ".pdf")


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
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Where to put the figure (.png, .svg or .pdf), or a folder for figure and table.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Seed of the sampler.", show_default="1"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Print the credence as of past dates, and which statements came and went at each.

    Each date is a fit to what was known then, all through one compiled model; a date at which no
    evidence came or went carries the answer of the one before. Answers are kept in DIR/history.csv,
    each as soon as it is there, and are not drawn again: stop it and go on when you like. After a
    change of model or priors the record goes on in a new segment; answers of the old one stay. The
    first run over the bundled data takes some ten minutes, the next some seconds.

    Exit code 0: done. 1: the data have errors. 2: wrong usage. 3: the fit of some date failed its
    verdict; that date has no answer then, and the others have.

    \b
    Examples:
      sweet-spot history
      sweet-spot history --every year --out history.png
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
                data, every=every, since=start, until=end, settings=settings, progress=progress
            )
    except InvalidRecord as error:
        typer.echo(f"sweet-spot: {error}", err=True)
        raise typer.Exit(FINDINGS) from error
    where = _write(found, out) if out else found.record
    typer.echo(json.dumps(found.to_json(), indent=1) if as_json else f"{found.text}\n{where}")
    raise typer.Exit(FAILED_VERDICT if found.failed else 0)


def _day(text: str | None, meant: Callable[[str], dt.date], option: str) -> dt.date | None:
    """The first or last day that a partial date can mean."""
    try:
        return None if text is None else meant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def _write(found: History, out: Path) -> Path:
    """The figure, or a folder with the figure and the table."""
    from sweet_spot.answers.figure_history import history_figure
    from sweet_spot.answers.style import DPI

    folder = None if out.suffix in FIGURES else out
    path = out if folder is None else folder / "history.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    history_figure(found).savefig(path, dpi=DPI)
    if folder:
        found.table.to_csv(folder / "history-table.csv")
    return out


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
