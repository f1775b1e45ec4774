"""The command `sweet-spot`: one thin function per command, which imports its work when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from sweet_spot.cli.add import add
from sweet_spot.cli.backtest import backtest
from sweet_spot.cli.calibrate import calibrate
from sweet_spot.cli.camps import camps
from sweet_spot.cli.check import check
from sweet_spot.cli.coherence import coherence
from sweet_spot.cli.export import export
from sweet_spot.cli.history import history
from sweet_spot.cli.import_ import import_
from sweet_spot.cli.influence import influence
from sweet_spot.cli.inverse import inverse
from sweet_spot.cli.learn import learn
from sweet_spot.cli.next_ import next_
from sweet_spot.cli.obstacles import obstacles
from sweet_spot.cli.outcomes import outcomes
from sweet_spot.cli.picture import picture
from sweet_spot.cli.profile import profile
from sweet_spot.cli.report import report
from sweet_spot.cli.rivals import rivals
from sweet_spot.cli.sensitivity import sensitivity
from sweet_spot.cli.serve import serve
from sweet_spot.cli.template import template
from sweet_spot.cli.update import update
from sweet_spot.cli.validate import validate
from sweet_spot.cli.whatif import whatif
from sweet_spot.cli.withdraw import withdraw
from sweet_spot.errors import SweetSpotError

FAILED = 2
"""Exit code where a command could not do its work, as for wrong usage."""

app = typer.Typer(
    name="sweet-spot",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help is printed in a fraction of the time
    pretty_exceptions_enable=False,
)
for command in (
    report, serve, picture, obstacles, profile, whatif, next_, outcomes,  # what a fit says
    history, influence, camps, sensitivity, inverse, rivals,  # what it leans on; these fit again
    calibrate, validate,  # whether to believe it
    backtest, learn,  # how it did where the answer is known, and what that teaches
    check, coherence, add, update, withdraw, template, import_, export,  # the ledger
):  # fmt: skip
    app.command(command.__name__.rstrip("_"))(command)


@app.callback()
def about() -> None:
    """Is there a usable sweet spot for AI for AI safety? A model, and what experts said."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; an error of ours is one line on stderr and exit code 2."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="sweet-spot")
    except SweetSpotError as error:
        sys.stderr.write(f"sweet-spot: {error}\n")
        sys.exit(FAILED)
