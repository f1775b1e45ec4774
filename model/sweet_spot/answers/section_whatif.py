"""The section of a report on scenarios, and the tables of what-ifs."""

from __future__ import annotations

from sweet_spot.answers.credences import ALL, ANY
from sweet_spot.answers.figures import FACTOR_WORDS
from sweet_spot.answers.figures_whatif import scenarios_figure
from sweet_spot.answers.numbers import error, plural, probability, signed, words
from sweet_spot.answers.scenarios import (
    OUTSIDE,
    ScenarioTable,
    moves_in_words,
    scenario_table,
)
from sweet_spot.answers.section import Drawing, Point, Reported, Section, section
from sweet_spot.answers.tables import plain, table
from sweet_spot.answers.whatif import WhatIf
from sweet_spot.argument.scenarios import GROUPS

TITLE = "What would move the answer: scenarios"


def scenarios_section(about: Reported) -> Section | None:
    """Every scenario of the data folder, each made so; none where it has none."""
    if not about.scenarios:
        return None
    found, stamp = scenario_table(about.tree, about.scenarios), about.stamp
    told = f"What each scenario would do to the {about.world} P(usable); numbers as in the tables."
    drawn = Drawing("scenarios", told, lambda: scenarios_figure(found, stamp))
    return section(
        about, "scenarios", TITLE, (drawn,), _most(found), text=plain(found.text),
        table=scenarios(found),
        reasons=reasons(found),
    )  # fmt: skip


def _most(found: ScenarioTable) -> tuple[Point, ...]:
    """The scenario that gains most and the one that costs most, if there are such."""
    change = found.table.set_index("name")["change"]
    best, worst = change.idxmax(), change.idxmin()
    parts = [
        f"{verb} is '{plain(str(name))}', by {signed(float(change[name]))}"
        for verb, name, sign in (("what would help most", best, 1), ("hurt most", worst, -1))
        if sign * change[name] > 0
    ]
    if not parts:
        return ()
    return (
        Point(
            "change",
            f"Of {plural(len(change), 'scenario')}, each made so in every world:"
            f" {'; what would '.join(parts)}. How large each is taken to be is our judgement.",
        ),
    )


def scenarios(found: ScenarioTable) -> str:
    """Every scenario: what it moves, P(usable) for any factor, its change, each factor, all."""
    data = found.data.sel(world=found.world)
    factors = [str(f) for f in data["factor"].values if f not in (ANY, ALL)]
    rows = []
    for scenario in found.scenarios:
        row = data.sel(scenario=scenario.id)
        here = row.sel(factor=ANY)
        change = signed(float(here["change"])) if scenario.moves else OUTSIDE
        mcse = error(float(here["mcse_change"])) if scenario.moves else ""
        rows.append([
            GROUPS[scenario.group].lower(), plain(f"{scenario.name} ({scenario.section})"),
            plain(moves_in_words(scenario)) if scenario.moves else "nothing",
            f"**{probability(float(here['whatif']))}**", change, mcse,
            *(probability(float(row["whatif"].sel(factor=f))) for f in (*factors, ALL)),
        ])  # fmt: skip
    head = ["group", "scenario", "what it moves", FACTOR_WORDS[ANY], "change", "Monte Carlo error"]
    today = [probability(float(data["today"].sel(factor=f))) for f in (*factors, ALL)]
    first = ["", "today", "", f"**{probability(float(data['today'].sel(factor=ANY)))}**", "", ""]
    return table([*head, *map(words, factors), FACTOR_WORDS[ALL]], [[*first, *today], *rows])


def reasons(found: ScenarioTable) -> str:
    """What each scenario is, why it moves what it moves by so much, and what is left out."""
    lines = []
    for scenario in found.scenarios:
        said = [f"- **{plain(scenario.name)}.** {plain(scenario.meaning)}"]
        said += [f"`{entry.latent}`: {plain(entry.why)}" for entry in scenario.moves]
        said += [f"*Not in the model:* {plain(scenario.outside)}"] if scenario.outside else []
        lines.append(" ".join(said))
    return "\n".join(lines)


def whatif(found: WhatIf) -> str:
    """One what-if: every gate for each factor, today, what-if and change."""
    rows = [
        [
            str(row["gate"]), FACTOR_WORDS.get(row["factor"], words(row["factor"])),
            probability(row["today"]), f"**{probability(row['whatif'])}**", error(row["mcse"]),
            signed(row["change"]), error(row["mcse_change"]),
        ]
        for row in found.table.to_dict("records")
    ]  # fmt: skip
    head = ["gate", "factor", "today", "what-if", "Monte Carlo error", "change", "its error"]
    return table(head, rows)
