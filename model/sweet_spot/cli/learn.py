"""`sweet-spot learn`: the error model's constants, from panels whose answers are known."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweet_spot.cli.saved import FAILED_VERDICT, FINDINGS, AsJson, stop

if TYPE_CHECKING:
    from sweet_spot.inference.learned import Learned


def learn(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A dataset (forecasts.csv, outcomes.csv), or a folder of such."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write what was learned, figure beside it.", show_default="none"
        ),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write each person's skill and lean (CSV).", show_default="none"
        ),
    ] = None,
    most_people: Annotated[
        int, typer.Option(metavar="N", min=2, help="Of each panel, drawn by the seed.")
    ] = 40,
    most_questions: Annotated[
        int, typer.Option(metavar="N", min=2, help="Of each panel, drawn by the seed.")
    ] = 80,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of lots and sampler.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Learn how people err from questions with known answers: shared and own error, skill, lean.

    Numbers are for a new panel in a new domain. Takes a few minutes. Exit code 0: done. 1: a file
    has an error. 2: no such folder, or no outcome. 3: the fit failed; nothing is written.

    \b
    Examples:
      sweet-spot learn panels --out learned.yaml
      sweet-spot learn panels --people people.csv --most-people 500 --json

    \b
    In Python:
      sweet_spot.learn("panels").learned.constants["tau_shared"]
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    from sweet_spot.answers.learning import learned_json
    from sweet_spot.errors import InvalidRecord
    from sweet_spot.inference.learn import LEARNING
    from sweet_spot.inference.learn import learn as compute
    from sweet_spot.inference.lessons import Thinning

    try:
        found = compute(
            folder, settings=replace(LEARNING, seed=seed),
            thinning=Thinning(most_people, most_questions, seed),
            progress=lambda step: typer.echo(f"learn: {step}", err=True),
            bar=sys.stderr.isatty(),
        )  # fmt: skip
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    typer.echo(learned_json(found.learned)) if as_json else _print(found.learned)
    if not found.learned.passed:
        raise typer.Exit(FAILED_VERDICT)
    if out is not None:
        _write(found.learned, out)
    if people is not None:
        people.parent.mkdir(parents=True, exist_ok=True)
        found.people.to_csv(people, index=False, float_format="%.4f")


def _write(learned: Learned, out: Path) -> None:
    from sweet_spot.answers.drawn import write_figures
    from sweet_spot.answers.figure_learned import learned_figure
    from sweet_spot.inference.learned import write_learned

    write_learned(learned, out)
    write_figures({out.stem: learned_figure(learned)}, out.parent)


def _print(learned: Learned) -> None:
    """The text, and a row for each constant."""
    from rich.console import Console
    from rich.table import Table

    from sweet_spot.answers.learning import learned_text, printed_constants

    console = Console(highlight=False)
    head, rows = printed_constants(learned)
    table = Table(box=None, pad_edge=False)
    for name in head:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(learned_text(learned), soft_wrap=True, markup=False)
