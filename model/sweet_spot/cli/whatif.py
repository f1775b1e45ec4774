"""`sweet-spot whatif`: make something so, or learn that it is so, from a saved fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweet_spot.cli.saved import FIT, AsJson, Fit, Force, Out, saved_fit, say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sweet_spot.answers.scenarios import ScenarioTable
    from sweet_spot.answers.whatif import WhatIf


def whatif(
    made: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Make it so: set a latent. Repeatable."),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option(metavar="EVENT", help="Learn that, as in 'years_bought > 1'. Repeatable."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="ID", help="A scenario of the file: make it so.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All scenarios side by side, each made so.")
    ] = False,
    fit: Fit = FIT,
    scenarios: Annotated[Path, typer.Option(metavar="FILE", help="Scenarios.")] = Path(
        "data/scenarios.yaml"
    ),
    out: Out = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Answer a what-if from a saved fit, in seconds: nothing is compiled or fitted again.

    --set makes something so: the latent is moved in every world, and what does not follow from it
    stays. --given learns it: the worlds remain in which it holds, with all that goes with it. The
    two are never mixed; ask for one of --set, --given, --scenario, --all. Shares as 0.2 or 20%.
    Exit code 0: done. 2: wrong usage, no fit, or too few draws remain. 3: the fit failed its
    verdict.

    \b
    Examples:
      sweet-spot whatif --set years_bought=2 --set "investment[safety_progress]=20%"
      sweet-spot whatif --given "years_bought > 1" --given "year_automation < 2030"
      sweet-spot whatif --scenario coalition --out coalition
      sweet-spot whatif --all --json

    \b
    In Python:
      tree = sweet_spot.load_fit("report/fit.nc")
      sweet_spot.whatif(tree, set={"years_bought": 2, "investment[safety_progress]": "20%"}).text
      sweet_spot.whatif(tree, given="years_bought > 1").table
      told = sweet_spot.read_scenarios("data/scenarios.yaml")
      sweet_spot.whatif(tree, scenario=told["coalition"]).data
      sweet_spot.scenario_table(tree, told.values()).table
    """  # noqa: D301 - the backspace tells the help to keep the lines as they are
    if sum(map(bool, (made, given, scenario, everything))) != 1:
        raise typer.BadParameter(
            "ask for one of --set (make it so), --given (learn that), --scenario or --all;"
            " to make so and to learn are two questions"
        )
    with saved_fit(fit, force=force) as tree:
        found, shown, figures = _ask(tree, _pairs(made), given, scenario, scenarios)
        say(f"{found.text}\n\n{shown}", found.to_json, figures, out, as_json=as_json)


def _pairs(made: list[str] | None) -> dict[str, str]:
    """What --set was given, by name."""
    pairs: dict[str, str] = {}
    for text in made or ():
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value) or name in pairs:
            why = f"{name} is set twice" if name in pairs else f"{text!r} is not NAME=VALUE"
            raise typer.BadParameter(f"{why}; write years_bought=2", param_hint="--set")
        pairs[name] = value
    return pairs


def _ask(
    tree: Any, made: dict[str, str], given: list[str] | None, scenario: str | None, file: Path
) -> tuple[ScenarioTable | WhatIf, str, dict[str, Callable[[], Figure]]]:
    """The answer, its table as Markdown, and its figure."""
    from sweet_spot.answers import figures_whatif, section_whatif
    from sweet_spot.answers.drawn import stamp
    from sweet_spot.answers.scenarios import scenario_table
    from sweet_spot.answers.whatif import whatif as ask
    from sweet_spot.argument.scenarios import read_scenarios, scenario_named

    if not (made or given or scenario):
        every = scenario_table(tree, read_scenarios(file).values())
        figure = partial(figures_whatif.scenarios_figure, every, stamp(tree))
        return every, section_whatif.scenarios(every), {"scenarios": figure}
    told = scenario_named(read_scenarios(file), scenario) if scenario else None
    found = ask(tree, set=made, given=given or (), scenario=told)
    figure = partial(figures_whatif.whatif_figure, found, stamp(tree))
    return found, section_whatif.whatif(found), {"whatif": figure}
