"""The essay's picture: the frontier of capability and the sweet spot over the years."""

from __future__ import annotations

import panel as pn

from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.numbers import words
from sweet_spot.answers.picture import Picture, picture
from sweet_spot.page.chart import legend, picture_html
from sweet_spot.page.context import Context
from sweet_spot.page.controls import Shown, Values, view
from sweet_spot.page.explore_answer import FACTORS
from sweet_spot.page.marks import escape

EVERY = "each"
LEAD = (
    "AI speeds up AI research, so that capability rises ever faster. On its way it crosses a zone"
    " in which AIs could make us much safer and could not yet overpower us. The question is whether"
    " enough good work is done before it leaves that zone."
)
MARKS = (
    ("line frontier", "The most capable AIs: median, with 50 % and 90 % bands (blue)"),
    ("line world", "Single worlds, drawn by the model"),
    ("box sweet", "Sweet spot: from useful to dangerous (medians)"),
    ("box spicy", "Danger: AIs could disempower us"),
    ("line improved", "Probability that work done inside the sweet spot has been enough"),
)


def essay(context: Context) -> pn.viewable.Viewable:
    """The picture for each factor, or for one."""
    options = [[EVERY, "each security factor"]]
    options += [[name, FACTORS[name]] for name in _factors(context)]
    field = {
        "kind": "choice", "name": "factor", "label": "The picture for", "options": options,
        "value": _chosen(context, context.query),
    }  # fmt: skip
    return view(context, "picture", [field], lambda values: shown(context, values), lead=LEAD)


def _factors(context: Context) -> list[str]:
    return [str(name) for name in context.argument.coords["factor"]]


def _chosen(context: Context, values: Values) -> str:
    factor = values.get("factor", EVERY)
    return factor if factor in _factors(context) else EVERY


def the_picture(context: Context) -> Picture:
    """The picture of the fit as it is, computed once."""
    return context.kept("picture", lambda: picture(context.tree))


def shown(context: Context, values: Values) -> Shown:
    """The picture, with what it shows in words."""
    from sweet_spot.answers.figure_picture import picture_figure, restraint_figure

    found, factor = the_picture(context), _chosen(context, values)
    which = _factors(context) if factor == EVERY else [factor]
    charts = "".join(
        picture_html(found.data.sel(factor=name), found.top, words(name).capitalize())
        for name in which
    )
    mark = stamp(context.tree)
    body = (
        f'<div class="charts n{len(which)}">{charts}</div>{legend(MARKS)}'
        f'<p class="fine">{escape(found.text)}</p>'
    )
    return Shown(
        body, f"The picture for {', '.join(words(name) for name in which)}",
        f'tree = sweet_spot.load_fit("{context.fit}")\nsweet_spot.picture(tree).table',
        {} if factor == EVERY else {"factor": factor}, lambda: found.table.reset_index(),
        {
            "picture": lambda: picture_figure(found, mark),
            "restraint": lambda: restraint_figure(found, mark),
        },
    )  # fmt: skip
