"""The start: the headline with its prior and verdict, and what is left of it after each gate."""

from __future__ import annotations

import pandas as pd
import panel as pn

from sweet_spot.answers.credences import ALL, ANY, CredenceTable, credence_table
from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.numbers import MINUS, error, plural, probability, words
from sweet_spot.answers.obstacles import OBSTACLES, Obstacles, obstacles
from sweet_spot.answers.waterfall import waterfall
from sweet_spot.page.context import Context
from sweet_spot.page.controls import Shown, Values, view
from sweet_spot.page.marks import bar, escape, table

QUESTION = "Is there a usable sweet spot for AI for AI safety?"
FACTORS = {
    ANY: "at least one security factor", "safety_progress": "safety progress",
    "risk_evaluation": "risk evaluation", "capability_restraint": "capability restraint",
    ALL: "all three of them",
}  # fmt: skip
FACTOR_MEANS = {
    "safety_progress": "making more capable systems safe",
    "risk_evaluation": "seeing how capable and how safe they are",
    "capability_restraint": "being able to slow down or stop",
}
GATES = {
    "exists": "AIs become useful for it before they become dangerous",
    "lasts": "… and that zone lasts long enough for the work",
    "invested": "… with the share of AI labour that it will get",
    "elicitable": "… of which enough can be judged",
    "usable": "… and enough is not sabotaged: a usable sweet spot",
}
WORRIES = {
    "uneven_arrival": "Skills that safety needs arrive late",
    "rogue_options": "Danger comes before or with usefulness", "time": "Too little time",
    "investment": "Too little AI labour given to safety", "evaluation": "Work that we cannot judge",
    "sabotage": "Sabotage by AIs that scheme",
}  # fmt: skip


WAIT = "<h2>What each worry costs</h2><p>This is being computed …</p>"


def answer(context: Context) -> pn.viewable.Viewable:
    """The headline, the waterfall and what each worry costs, for one factor or several."""
    field = {
        "kind": "choice", "name": "factor", "label": "A usable sweet spot for",
        "options": [[key, label] for key, label in FACTORS.items()],
        "value": factor_in(context.query),
    }  # fmt: skip
    return view(context, "answer", [field], lambda values: shown(context, values))


def factor_in(values: Values) -> str:
    """The factor that is asked for; at least one where none is."""
    factor = values.get("factor", ANY)
    return factor if factor in FACTORS else ANY


def shown(context: Context, values: Values) -> Shown:
    """The start page for a factor."""
    from sweet_spot.answers.figures import credences_figure, waterfall_figure
    from sweet_spot.answers.figures_obstacles import obstacles_figure

    factor = factor_in(values)
    credences = context.kept("credences", lambda: credence_table(context.tree))
    costs = context.answers.get("obstacles")
    mark = stamp(context.tree)
    value = probability(credences.credence("usable", factor))
    parts = (
        _headline(credences, factor),
        _gates(credences, factor),
        _costs(costs, factor) if costs else WAIT,
    )
    return Shown(
        "".join(parts) + _terms(),
        f"Probability of a usable sweet spot for {FACTORS[factor]}: {value}",
        f'tree = sweet_spot.load_fit("{context.fit}")\n'
        "sweet_spot.credence_table(tree).rows\nsweet_spot.obstacles(tree).table",
        {} if factor == ANY else {"factor": factor},
        lambda: pd.DataFrame(credences.rows),
        {
            "credences": lambda: credences_figure(credences, mark),
            "waterfall": lambda: waterfall_figure(waterfall(credences), mark),
            "obstacles": lambda: obstacles_figure(the_obstacles(context), mark),
        },
        None if costs else lambda: the_obstacles(context),
    )


def the_obstacles(context: Context) -> Obstacles:
    """What each worry costs, computed once; a second or two."""
    return context.kept("obstacles", lambda: obstacles(context.tree))


def _headline(found: CredenceTable, factor: str) -> str:
    """The number, the prior beside it, how sure the sampler is, whether the fit may be trusted."""
    value = found.credence("usable", factor)
    before = float(found.data["prior"].sel(gate="usable", factor=factor))
    mcse = error(float(found.data["mcse"].sel(gate="usable", factor=factor)))
    who = found.evidence
    prior = (
        f'<div class="figure quiet"><span class="number">{probability(before)}</span>'
        "<span>before any forecast was taken in (prior)</span></div>"
        if found.fitted else ""
    )  # fmt: skip
    behind = (
        f"{plural(who.statements, 'forecast')} by {plural(who.experts, 'expert or group')},"
        f" the latest of {escape(who.latest)}".replace("expert or groups", "experts and groups")
        if found.fitted else "no forecast: this is the prior alone"
    )  # fmt: skip
    return (
        '<section class="headline" aria-label="The answer"><div class="figures">'
        f'<div class="figure"><span class="number">{probability(value)}</span>'
        f"<span>probability of a usable sweet spot for <b>{FACTORS[factor]}</b></span></div>"
        f'{prior}</div><p class="fine">Sampling error (Monte Carlo) ± {mcse}. From {behind}.'
        f" {escape(found.verdict.text)}</p></section>"
    )


def _gates(found: CredenceTable, factor: str) -> str:
    """The waterfall as a table with bars."""
    rows = []
    left = (1.0, 1.0)
    for gate, meaning in GATES.items():
        value = found.credence(gate, factor)
        before = float(found.data["prior"].sel(gate=gate, factor=factor))
        lost = probability(left[0] - value) if left[0] - value > 0 else "0"
        rows.append(
            [meaning, bar(value, before if found.fitted else float("nan")),
             f"<b>{probability(value)}</b>", f"{MINUS}{lost}", probability(before)]
        )  # fmt: skip
        left = value, before
    head = ["What must hold", "", "Left", "Lost here", "Prior"]
    caption = f"From hope to answer: what is left for {FACTORS[factor]}, condition by condition"
    note = '<p class="fine">Bar: posterior. Black tick: prior. Each line includes those above.</p>'
    return "<h2>Where it is lost</h2>" + table(caption, head, rows, "bars") + note


def _costs(found: Obstacles, factor: str) -> str:
    """What each worry costs: Shapley shares."""
    world = "posterior" if found.fitted else "prior"
    data = found.data.sel(world=world, factor=factor)
    whole = 1 - float(data["value"].isel(subset=0))
    order = data["shapley"].to_numpy().argsort()[::-1]
    rows = []
    for name in data["obstacle"].values[order]:
        cost, wrong = (float(data[n].sel(obstacle=name)) for n in ("shapley", "shapley_mcse"))
        section = OBSTACLES[str(name)][1]
        rows.append(
            [f'{WORRIES[str(name)]} <span class="quiet">({section})</span>',
             bar(cost / whole, kind="outside"), f"<b>{probability(cost)}</b>", f"± {error(wrong)}"]
        )  # fmt: skip
    missing = probability(whole)
    caption = f"The {missing} missing to certainty, shared out among the essay's worries"
    note = (
        '<p class="fine">Shapley shares: what a worry costs, on average over every order in which'
        " the worries could be lifted. In brackets: section of “AI for AI safety” (A).</p>"
    )
    head = ["Worry", "", "Costs", "Error"]
    return "<h2>What each worry costs</h2>" + table(caption, head, rows, "bars") + note


def _terms() -> str:
    factors = "; ".join(f"<i>{words(name)}</i>: {what}" for name, what in FACTOR_MEANS.items())
    return (
        "<h2>The words</h2><dl><dt>Sweet spot</dt><dd>A zone of capability in which AIs can"
        " radically improve our safety and cannot yet disempower us. <b>Usable</b>: it lasts long"
        " enough, safety gets enough of the labour, and enough of the work can be judged and is"
        " not sabotaged.</dd>"
        f"<dt>Security factors</dt><dd>{factors}.</dd>"
        "<dt>Prior, posterior</dt><dd>What the model believed before it saw any forecast, and what"
        " it believes with them. Forecasts err, and err together; the model counts on it.</dd>"
        "<dt>What this is not</dt><dd>Not the chance of success: more may be needed, and safety"
        " work may go on beyond the sweet spot. Not the chance of takeover.</dd></dl>"
    )
