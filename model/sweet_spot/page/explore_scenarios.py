"""Scenarios by name: all side by side, and one in full."""

from __future__ import annotations

from typing import Any

import pandas as pd
import panel as pn

from sweet_spot.answers.credences import ANY
from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.numbers import error, probability, signed
from sweet_spot.answers.premises import in_words
from sweet_spot.answers.scenarios import OUTSIDE, ScenarioTable, scenario_table
from sweet_spot.argument.scenarios import GROUPS, Scenario, scenarios_in
from sweet_spot.page.context import Context
from sweet_spot.page.controls import Shown, Values, view
from sweet_spot.page.explore_what_if import scenario_shown
from sweet_spot.page.marks import escape, percent, table

EVERY = "all"
LEAD = (
    "Waystations, levers and worries that the essays name, each made so in every world of the"
    " model. What a scenario moves, and by how much, is this project's judgement: quote an effect"
    " together with its size."
)


def scenarios(context: Context) -> pn.viewable.Viewable:
    """All scenarios, or one."""
    told = _told(context)
    options = [[EVERY, "all of them, side by side"]]
    options += [[s.id, s.name] for group in GROUPS for s in told.values() if s.group == group]
    field: dict[str, Any] = {
        "kind": "choice", "name": "scenario", "label": "Scenario", "options": options,
        "value": _chosen(context, context.query),
    }  # fmt: skip
    return view(context, "scenarios", [field], lambda values: shown(context, values), lead=LEAD)


def _told(context: Context) -> dict[str, Scenario]:
    return context.kept("told", lambda: {s.id: s for s in scenarios_in(context.data)})


def _chosen(context: Context, values: Values) -> str:
    name = values.get("scenario", EVERY)
    return name if name in _told(context) else EVERY


def shown(context: Context, values: Values) -> Shown:
    """All, or the one that was chosen."""
    told, name = _told(context), _chosen(context, values)
    read = f'told = sweet_spot.read_scenarios("{context.data}/scenarios.yaml")\n'
    if not told:
        return Shown("<p>The data folder has no scenarios.</p>", "", "", {}, pd.DataFrame)
    if name == EVERY:
        return _side_by_side(context, read)
    scenario = told[name]
    if not scenario.moves:
        return Shown(
            _about(scenario), f"{scenario.name}: {OUTSIDE}", "", {"scenario": name}, pd.DataFrame
        )
    found = scenario_shown(
        context, scenario, f"{read}sweet_spot.whatif(tree, scenario=told[{name!r}])"
    )
    return Shown(
        _about(scenario) + found.html, f"{scenario.name}. {found.said}", found.python,
        {"scenario": name}, found.table, found.figures,
    )  # fmt: skip


def _about(scenario: Scenario) -> str:
    """What happens, what it moves and why, what the model cannot say of it."""
    moves = "".join(
        f"<li><b>{escape(in_words(entry.move))}</b>: {escape(entry.why)}</li>"
        for entry in scenario.moves
    )
    outside = f"<p><b>Outside the model.</b> {escape(scenario.outside)}</p>" * bool(
        scenario.outside
    )
    return (
        f"<h2>{escape(scenario.name)}</h2><p class='lead'>{escape(scenario.meaning)} <span"
        f" class='quiet'>(named in {escape(scenario.section)})</span></p>"
        + (f"<h3>What it moves, and why by so much</h3><ul>{moves}</ul>" if moves else "")
        + outside
    )


def _side_by_side(context: Context, read: str) -> Shown:
    from sweet_spot.answers.figures_whatif import scenarios_figure

    found = context.kept("scenarios", lambda: scenario_table(context.tree, _told(context).values()))
    groups = "".join(_group(found, group, title) for group, title in GROUPS.items())
    return Shown(
        f'{groups}<p class="fine">{escape(found.text)}</p>',
        f"{len(found.scenarios)} scenarios side by side",
        f'tree = sweet_spot.load_fit("{context.fit}")\n{read}'
        "sweet_spot.scenario_table(tree, told.values()).table",
        {}, lambda: found.table,
        {"scenarios": lambda: scenarios_figure(found, stamp(context.tree))},
    )  # fmt: skip


def _group(found: ScenarioTable, group: str, title: str) -> str:
    here = found.data.sel(world=found.world, factor=ANY)
    after = here["whatif"].to_numpy()
    low, high = min(float(here["today"]), after.min()), max(float(here["today"]), after.max())
    rows = [
        _row(scenario, found, low - 0.02, high + 0.02)
        for scenario in found.scenarios
        if scenario.group == group
    ]
    head = ["Scenario", "", "With it", "Change", "Error"]
    today = probability(float(here["today"]))
    caption = f"{title}: probability of a usable sweet spot for at least one factor; today {today}"
    return f"<h2>{title}</h2>" + table(caption, head, rows, "bars") if rows else ""


def _row(scenario: Scenario, found: ScenarioTable, low: float, high: float) -> list[str]:
    name = f'<a href="?scenario={escape(scenario.id)}">{escape(scenario.name)}</a>'
    here = found.data.sel(world=found.world, factor=ANY)
    if not scenario.moves:
        return [name, "", OUTSIDE, "", ""]
    at = here.sel(scenario=scenario.id)
    today, after = percent(float(here["today"]), low, high), percent(float(at["whatif"]), low, high)
    better = "useful" if after >= today else "dangerous"
    mark = (
        f'<span class="rail" aria-hidden="true"><i class="step {better}"'
        f' style="left:{min(today, after)}%;width:{abs(after - today):.2f}%"></i>'
        f'<i class="dot quiet" style="left:{today}%"></i>'
        f'<i class="dot {better}" style="left:{after}%"></i></span>'
    )
    change, wrong = float(at["change"]), float(at["mcse_change"])
    value = f"<b>{probability(float(at['whatif']))}</b>"
    return [name, mark, value, signed(change), f"± {error(wrong)}"]
