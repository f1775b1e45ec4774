"""`sweet-spot next`: which question to ask next, from a saved fit; or by FRI's own measure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataTree

    from sweet_spot.answers.next_question import NextQuestion

ROWS = 15
"""How many questions are printed."""
COLUMNS = {
    "information": "information, bits", "information_error": "standard error",
    "swing": "expected move of P(usable)", "floor": "by chance alone",
    "statements": "statements so far", "related": "on its quantity",
}  # fmt: skip
"""What is printed of each, and as what."""
FINDINGS = 1
"""Exit code where the data have errors."""
FAILED_VERDICT = 3
"""Exit code where the fit failed its verdict, whether or not it was used all the same."""


def next_(
    fit: Annotated[Path, typer.Option(metavar="FIT.nc", help="A saved fit.")] = Path(
        "report/fit.nc"
    ),
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with questions.yaml and elicitations/.")
    ] = Path("data"),
    expert: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who is asked.", show_default="a typical expert"),
    ] = None,
    budget: Annotated[
        int, typer.Option(metavar="N", min=1, max=16, help="How many questions to pick.")
    ] = 5,
    out: Annotated[
        Path | None, typer.Option(metavar="FIG", help="Draw it: a .png, .svg or .pdf file.")
    ] = None,
    fri: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Value of information by an FRI file instead, without the model."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Use a fit that failed its verdict, with a warning.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Say which forecast would be expected to tell most about P(usable), and which N together.

    Nothing is fitted: answers are predicted from the draws of the fit, which takes some seconds.
    Exit code 0: done. 1: the data have errors. 2: wrong usage, no such fit, data or expert. 3: the
    fit failed its verdict; nothing is said then, unless --force is given.

    \b
    Examples:
      sweet-spot next
      sweet-spot next --expert "Ajeya Cotra" --budget 3 --out next.png
      sweet-spot next --fri FORECASTS.csv --json

    \b
    In Python:
      tree, evidence = sweet_spot.load_fit("report/fit.nc"), sweet_spot.gather("data")
      sweet_spot.next_question(tree, sweet_spot.load_argument(), evidence).table
      sweet_spot.fri_value("FORECASTS.csv").table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    if fri is not None:
        from sweet_spot.answers.fri_value import fri_value

        worth = fri_value(fri)
        _say(worth.text, worth.to_json(), worth.table, as_json)
        return
    from sweet_spot.answers.verdict import verdict
    from sweet_spot.inference.store import load_fit

    with load_fit(fit) as tree:
        found = verdict(tree)
        if found.failed:
            typer.echo(f"WARNING: {found.text}", err=True)
        if found.failed and not force:
            typer.echo("sweet-spot: nothing is said of it; --force to go on", err=True)
            raise typer.Exit(FAILED_VERDICT)
        asking = _ask(tree, data, expert, budget)
        if out is not None:
            _draw(asking, tree, out)
    shown = asking.table[list(COLUMNS)].rename(columns=COLUMNS).head(ROWS)
    _say(asking.text, asking.to_json(), shown, as_json)
    raise typer.Exit(FAILED_VERDICT if found.failed else 0)


def _ask(tree: DataTree, data: Path, expert: str | None, budget: int) -> NextQuestion:
    from sweet_spot.answers.next_question import next_question
    from sweet_spot.argument.spec import load_argument
    from sweet_spot.errors import InvalidRecord
    from sweet_spot.evidence.gather import gather
    from sweet_spot.evidence.reading import data_files, read_questions

    try:
        evidence = gather(data)
    except InvalidRecord as error:
        typer.echo(f"sweet-spot: {error}", err=True)
        raise typer.Exit(FINDINGS) from error
    questions = read_questions(data_files(data).questions)
    return next_question(tree, load_argument(), evidence, questions, expert=expert, budget=budget)


def _draw(asking: NextQuestion, tree: DataTree, out: Path) -> None:
    from sweet_spot.answers.drawn import stamp
    from sweet_spot.answers.figure_next import next_figure
    from sweet_spot.answers.style import DPI

    try:
        next_figure(asking, stamp(tree)).savefig(out, dpi=DPI)
    except (OSError, ValueError) as error:
        message = f"{out} cannot be written ({error}); name a .png, .svg or .pdf file"
        raise typer.BadParameter(message, param_hint="--out") from error


def _say(text: str, content: dict[str, Any], table: DataFrame, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        typer.echo(f"{text}\n\n{table.to_string(float_format='{:.2g}'.format, na_rep='-')}")
