"""What commands share that spread work over a cluster: where it is, and how far it has got."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="A Dask scheduler, such as tcp://10.0.0.1:8786, whose workers have this package.",
        show_default="the cores of this machine",
    ),
]


@contextmanager
def counting(name: str, every: int = 1) -> Iterator[Callable[[int, int], None]]:
    """How many tasks are done, on stderr: a bar in a terminal, else a line for so many of them."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import MofNCompleteColumn, Progress

        columns = (*Progress.get_default_columns(), MofNCompleteColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(f"{name} (each worker compiles first)", total=None)
            yield lambda done, of: bar.update(task, completed=done, total=of, description=name)
        return
    started = time.monotonic()

    def line(done: int, of: int) -> None:
        if done % every == 0 or done == of:
            left = (time.monotonic() - started) / done * (of - done) / 60
            more = f", about {left:.0f} min left" if done < of else ""
            typer.echo(f"{name}: {done} of {of} done{more}", err=True)

    typer.echo(f"{name}: each worker loads the model, or compiles it", err=True)
    yield line
