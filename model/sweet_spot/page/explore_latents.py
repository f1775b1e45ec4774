"""What the model believes about each of its unknowns, before and after the forecasts."""

from __future__ import annotations

import pandas as pd
import panel as pn
import xarray as xr

from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.latents import PRIOR_ONLY, LatentTable, latent_table
from sweet_spot.answers.numbers import RULE, plural
from sweet_spot.argument.quantities import parse
from sweet_spot.page.context import Context, fitted_evidence
from sweet_spot.page.controls import Shown, Values, view
from sweet_spot.page.levers import in_words, label_of
from sweet_spot.page.marks import escape, span, table

WHICH = {"every": "all", "informed": "those that forecasts speak to", "prior": "prior only"}
LEAD = (
    "The answer follows from these unknowns by fixed equations. Forecasts inform some of them;"
    " the rest are <b>prior only</b>: what is believed about them is this project's judgement,"
    " with its reason written down."
)


def unknowns(context: Context) -> pn.viewable.Viewable:
    """All latents, or those of a kind."""
    field = {
        "kind": "choice", "name": "show", "label": "Unknowns to show",
        "options": [[key, label] for key, label in WHICH.items()],
        "value": _chosen(context.query),
    }  # fmt: skip
    return view(context, "unknowns", [field], lambda values: shown(context, values), lead=LEAD)


def _chosen(values: Values) -> str:
    kind = values.get("show", "every")
    return kind if kind in WHICH else "every"


def shown(context: Context, values: Values) -> Shown:
    """The table of latents."""
    from sweet_spot.answers.figures import latents_figure

    found = context.kept(
        "latents",
        lambda: latent_table(context.tree, context.argument, fitted_evidence(context)),
    )
    fitted, kind = "posterior" in context.tree, _chosen(values)
    touched = found.data["statements"] > 0
    keep = {"every": touched | True, "informed": touched, "prior": ~touched}[kind]
    data = found.data.isel(coordinate=keep.to_numpy().nonzero()[0])
    head = ["Unknown", "", "Posterior" if fitted else "Prior", "Prior", "Forecasts"]
    caption = f"{plural(data.sizes['coordinate'], 'unknown')}: median and {RULE} interval"
    rows = [_row(context, data.sel(coordinate=c), fitted) for c in data["coordinate"].values]
    note = (
        f"{len(found.prior_only)} of {plural(found.data.sizes['coordinate'], 'unknown')} are"
        " touched by no forecast. Blue: posterior; grey: prior; each line has an axis of its own."
    )
    return Shown(
        f'{table(caption, head, rows, "bars latents")}'
        f'<p class="fine">{note}</p>',
        caption,
        f'tree, evidence = sweet_spot.load_fit("{context.fit}"),'
        f' sweet_spot.gather("{context.data}")\n'
        "from sweet_spot.answers.latents import latent_table\n"
        "latent_table(tree, sweet_spot.load_argument(), evidence).data",
        {} if kind == "every" else {"show": kind}, lambda: _frame(found),
        {"unknowns": lambda: latents_figure(found, fitted, stamp(context.tree))},
    )  # fmt: skip


def _row(context: Context, here: xr.Dataset, fitted: bool) -> list[str]:
    label = str(here["coordinate"].values)
    latent = context.argument.latents[str(here["latent"].values)]
    quantity = parse(label)
    prior, after = here["prior"].to_numpy(), here["posterior"].to_numpy()
    ends = [*prior, *after] if fitted else [*prior]
    marks = span(prior, "prior", min(ends), max(ends))
    if fitted:
        marks += span(after, "posterior", min(ends), max(ends))

    def words_of(points: object) -> str:
        low, middle, high = (in_words(quantity, float(v)) for v in points)  # type: ignore[attr-defined]
        return f"<b>{middle}</b> <small>{low} to {high}</small>"

    count = int(here["statements"])
    told = (
        f"{plural(count, 'statement')}, {plural(int(here['experts']), 'expert')}"
        if count else f'<span class="mark">{PRIOR_ONLY}</span>'
    )  # fmt: skip
    name = (
        f"{escape(label_of(quantity))}<details><summary>What it is</summary><code>{escape(label)}"
        f"</code>: {escape(latent.meaning)}"
        f" <i>Prior:</i> {escape(latent.reason)} <i>Source:</i> {escape(latent.source)}.</details>"
    )
    rail = f'<span class="rail" aria-hidden="true">{marks}</span>'
    return [name, rail, words_of(after if fitted else prior), words_of(prior), told]


def _frame(found: LatentTable) -> pd.DataFrame:
    data = found.data
    wide = {
        f"{name}_{point}": data[name].sel(point=point).to_numpy()
        for name in ("prior", "posterior")
        for point in data["point"].values
    }
    own = {n: data[n].to_numpy() for n in ("unit", "contraction", "mcse", "statements", "experts")}
    return pd.DataFrame({"coordinate": data["coordinate"].to_numpy(), **wide, **own})
