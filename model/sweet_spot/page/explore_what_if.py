"""What if: to make something so, and to learn that it is so; two views, never mixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import panel as pn
import xarray as xr

from sweet_spot.answers.credences import ANY, credence_table
from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.numbers import Floats, error, probability, share, signed
from sweet_spot.answers.picture import pictured
from sweet_spot.answers.whatif import REMEDY, Today, WhatIf, todays, whatif
from sweet_spot.argument.quantities import REFERENCE_YEAR
from sweet_spot.argument.scenarios import Scenario
from sweet_spot.errors import InvalidWhatIf
from sweet_spot.page.chart import legend, picture_html
from sweet_spot.page.context import Context
from sweet_spot.page.controls import Shown, Values, view
from sweet_spot.page.explore_answer import FACTORS, GATES
from sweet_spot.page.explore_picture import MARKS, the_picture
from sweet_spot.page.levers import EVENTS, LEVERS, fields, read_given, read_set
from sweet_spot.page.marks import bar, escape, table
from sweet_spot.page.what_if_worlds import kept_worlds, moved_worlds

PICTURED = "safety_progress"
EVERY_NTH_DATE = 3
SET_LEAD = (
    "Switch something on and move it: it is then made so in every world of the model, and all that"
    " follows from it is computed again. What does not follow from it stays as it was. This is the"
    " question of someone who can <b>act</b>."
)
GIVEN_LEAD = (
    "Switch on what you might learn: only the worlds in which it holds are kept, with everything"
    " that tends to go with it. This is the question of someone who gets <b>news</b>, and its"
    " answer differs from making the same thing so."
)


def make_it_so(context: Context) -> pn.viewable.Viewable:
    """Sliders that intervene."""
    chosen = {name: repr(value) for name, value in read_set(context.query)[0].items()}
    return view(
        context,
        "what-if",
        fields(context, LEVERS, chosen),
        partial(set_shown, context),
        lead=SET_LEAD,
        aside=True,
    )


def learn_that(context: Context) -> pn.viewable.Viewable:
    """Sliders that filter."""
    chosen = read_given(context.query)[0]
    return view(
        context, "learned", fields(context, EVENTS, chosen), partial(given_shown, context),
        lead=GIVEN_LEAD, aside=True,
    )  # fmt: skip


def set_shown(context: Context, values: Values) -> Shown:
    """The answer where some latents are set."""
    fixed, wrong = read_set(values)
    if not fixed:
        return _nothing(context, wrong)
    found = whatif(context.tree, set=fixed, today=_today(context))
    draws = _draws(context)
    kept = {name: repr(value) for name, value in fixed.items()}
    return told(
        context, found, lambda: moved_worlds(draws, fixed), kept, wrong=wrong,
        call=f"sweet_spot.whatif(tree, set={fixed!r})",
    )  # fmt: skip


def given_shown(context: Context, values: Values) -> Shown:
    """The answer where some events were learned."""
    events, wrong = read_given(values)
    if not events:
        return _nothing(context, wrong)
    asked = [f"{name} {event[0]} {event[1:]}" for name, event in events.items()]
    draws = _draws(context)
    try:
        found = whatif(context.tree, given=asked, today=_today(context))
    except InvalidWhatIf as error:
        raise _in_words(error) from error
    return told(
        context, found, lambda: kept_worlds(draws, asked), events, wrong=wrong,
        call=f"sweet_spot.whatif(tree, given={asked!r})",
    )  # fmt: skip


def _in_words(error: InvalidWhatIf) -> InvalidWhatIf:
    """Too few worlds for what was learned, said to somebody who moves sliders."""
    told, remedy, _ = str(error).partition(REMEDY)
    if not remedy:
        return error
    return InvalidWhatIf(
        f"too few worlds are left for an answer: {told.partition(': ')[2]}. Move a slider towards"
        " what the model believes, or switch one off. To make it so instead is another question,"
        " under “What if”"
    )


def scenario_shown(context: Context, scenario: Scenario, call: str) -> Shown:
    """The answer where a scenario is made so."""
    moves, draws = [entry.move for entry in scenario.moves], _draws(context)
    found = whatif(context.tree, scenario=scenario, today=_today(context))
    return told(
        context, found, lambda: moved_worlds(draws, {}, moves), {"scenario": scenario.id},
        call=call,
    )  # fmt: skip


def _today(context: Context) -> dict[str, Today]:
    return context.kept("today", lambda: todays(context.tree))


def _draws(context: Context) -> xr.Dataset:
    return context.tree["posterior" if "posterior" in context.tree else "prior"].to_dataset()


def told(
    context: Context, found: WhatIf, worlds: Callable[[], dict[str, Floats]], values: Values, *,
    call: str, wrong: Sequence[str] = (),
) -> Shown:  # fmt: skip
    """A what-if in numbers, condition by condition, factor by factor, and as a picture."""
    from sweet_spot.answers.figures_whatif import whatif_figure

    here = found.data.sel(world=found.world)
    usable = here.sel(gate="usable", factor=ANY)
    after, change = float(usable["whatif"]), float(usable["change"])
    body = "".join([
        _left_out(wrong), _numbers(here), _gates(here), _factors(here),
        _picture(context, worlds()), f'<p class="fine">{escape(found.text)}</p>',
    ])  # fmt: skip
    return Shown(
        body, f"Probability of a usable sweet spot: {probability(after)}, change {signed(change)}",
        f'tree = sweet_spot.load_fit("{context.fit}")\n{call}.table', values, lambda: found.table,
        {"what-if": lambda: whatif_figure(found, stamp(context.tree))},
    )  # fmt: skip


def _nothing(context: Context, wrong: Sequence[str]) -> Shown:
    """Before anything was chosen: today's numbers, and what to do."""
    today = context.kept("credences", lambda: credence_table(context.tree))
    value = probability(today.credence("usable", ANY))
    number = (
        '<section class="headline"><div class="figures"><div class="figure">'
        f'<span class="number">{value}</span><span>probability of a usable sweet spot for <b>'
        f"{FACTORS[ANY]}</b> as things stand</span></div></div></section>"
    )
    hint = '<p class="hint">Nothing is switched on yet: move a slider.</p>'
    return Shown(
        _left_out(wrong) + number + hint, f"Nothing switched on; probability {value}",
        f'tree = sweet_spot.load_fit("{context.fit}")\nsweet_spot.credence_table(tree).rows',
        {}, lambda: pd.DataFrame(today.rows),
    )  # fmt: skip


def _left_out(wrong: Sequence[str]) -> str:
    """What of the address was not understood, and why."""
    return "".join(
        f'<p class="refused" role="alert">Left out: {escape(text)}.</p>' for text in wrong
    )


def _numbers(here: xr.Dataset) -> str:
    """Today and what-if side by side."""
    usable = here.sel(gate="usable", factor=ANY)
    before, after, change, wrong = (
        float(usable[name]) for name in ("today", "whatif", "change", "mcse_change")
    )
    kept = ""
    if int(usable["learned"]):
        kept = (
            f" It holds in {int(usable['kept'])} of {int(usable['draws'])} worlds: the model gives"
            f" it a probability of {probability(float(usable['chance']))}."
        )
    if float(usable["missed"]) > 0:
        kept = (
            f" In {share(float(usable['missed']))} of the worlds the date cannot be met; there it"
            " is the earliest possible."
        )
    return (
        '<section class="headline" aria-label="The answer"><div class="figures">'
        f'<div class="figure quiet"><span class="number">{probability(before)}</span><span>today'
        '</span></div><div class="figure arrow" aria-hidden="true">→</div>'
        f'<div class="figure"><span class="number" data-number="whatif">{probability(after)}</span>'
        f"<span>with this (<b>{signed(change)}</b>)</span></div></div>"
        f'<p class="fine">Probability of a usable sweet spot for {FACTORS[ANY]}. Sampling error of'
        f" the change ± {error(wrong)}.{kept}</p></section>"
    )


def _gates(here: xr.Dataset) -> str:
    rows = []
    for gate, meaning in GATES.items():
        at = here.sel(gate=gate, factor=ANY)
        before, after = float(at["today"]), float(at["whatif"])
        rows.append(
            [meaning, bar(after, before), f"<b>{probability(after)}</b>", probability(before)]
        )
    caption = f"What is left for {FACTORS[ANY]}, condition by condition"
    note = '<p class="fine">Bar: with this. Black tick: today.</p>'
    return table(caption, ["What must hold", "", "With this", "Today"], rows, "bars") + note


def _factors(here: xr.Dataset) -> str:
    rows = []
    for factor, name in FACTORS.items():
        at = here.sel(gate="usable", factor=factor)
        before, after, change = (float(at[n]) for n in ("today", "whatif", "change"))
        cells = [f"<b>{probability(after)}</b>", probability(before), signed(change)]
        rows.append([name[0].upper() + name[1:], bar(after, before), *cells])
    head = ["A usable sweet spot for", "", "With this", "Today", "Change"]
    return table("Each security factor", head, rows, "bars")


def _picture(context: Context, worlds: Mapping[str, Floats]) -> str:
    """The essay's picture with this (bands) and as it is (dashed)."""
    before = the_picture(context)
    today = before.data.isel(year=slice(None, None, EVERY_NTH_DATE))
    years = today["year"].to_numpy() - REFERENCE_YEAR
    after = pictured(worlds, today["factor"].to_numpy(), before.top, years)
    chart = picture_html(
        after.sel(factor=PICTURED), before.top, "The essays' picture for safety progress",
        today.sel(factor=PICTURED),
    )  # fmt: skip
    return chart + legend([*MARKS, ("line before", "Today (dashed)")])
