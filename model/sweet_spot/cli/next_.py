"""`sweet-spot next`: which question to ask next, from a saved fit; or by FRI's own measure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweet_spot.cli.saved import FINDINGS, FIT, AsJson, Fit, Force, Out, saved_fit, say, stop

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataTree

    from sweet_spot.answers.next_question import NextQuestion

ROWS = 15
"""How many questions are printed."""
DATA = Path("data")
COLUMNS = {
    "information": "information, bits", "information_error": "standard error",
    "swing": "expected move of P(usable)", "floor": "by chance alone",
    "statements": "statements so far", "related": "on its quantity",
}  # fmt: skip
"""What is printed of each, and as what."""


def next_(
    fit: Fit = FIT,
    data: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder whose questions.yaml has more to ask.")
    ] = DATA,
    expert: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who is asked.", show_default="a typical expert"),
    ] = None,
    budget: Annotated[
        int, typer.Option(metavar="N", min=1, max=16, help="How many questions to pick.")
    ] = 5,
    out: Out = None,
    fri: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Value of information by an FRI file instead, without the model."
        ),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Say which forecast would be expected to tell most about P(usable), and which N together.

    Nothing is fitted: answers are predicted from the draws of the fit, which takes some seconds.
    Exit code 0: done. 1: the data have errors. 2: wrong usage, no such fit, data or expert. 3: the
    fit failed its verdict; nothing is said then, unless --force is given.

    \b
    Examples:
      sweet-spot next
      sweet-spot next --expert "Ajeya Cotra" --budget 3 --out cotra
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
        shown = f"{worth.text}\n\n{_table(worth.table)}"
        say(shown, worth.to_json, {}, None, as_json=as_json)
        return
    with saved_fit(fit, force=force) as tree:
        from sweet_spot.answers.drawn import stamp
        from sweet_spot.answers.figure_next import next_figure

        found = _ask(tree, data, expert, budget)
        shown = found.table[list(COLUMNS)].rename(columns=COLUMNS).head(ROWS)
        figures = {"next": lambda: next_figure(found, stamp(tree))}
        say(f"{found.text}\n\n{_table(shown)}", found.to_json, figures, out, as_json=as_json)


def _ask(tree: DataTree, data: Path, expert: str | None, budget: int) -> NextQuestion:
    """The statements are those of the fit; the folder has questions that nobody has answered."""
    from sweet_spot.answers.next_question import next_question
    from sweet_spot.argument.spec import load_argument
    from sweet_spot.errors import InvalidRecord, UnusableFit
    from sweet_spot.evidence.gather import gather
    from sweet_spot.evidence.reading import data_files, read_questions
    from sweet_spot.inference.keep import evidence_of

    questions = None
    try:
        if data != DATA or data.is_dir():
            questions = read_questions(data_files(data).questions)
        try:
            evidence = evidence_of(tree)
        except UnusableFit:  # of a version that did not keep them
            evidence = gather(data)
    except InvalidRecord as error:
        raise stop(error, FINDINGS) from error
    return next_question(tree, load_argument(), evidence, questions, expert=expert, budget=budget)


def _table(frame: DataFrame) -> str:
    return str(frame.to_string(float_format="{:.2g}".format, na_rep="-"))
