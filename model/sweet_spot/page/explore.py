"""The start: the headline with its prior and verdict, and what is left of it after each gate."""

from __future__ import annotations

import html

import panel as pn

from sweet_spot.answers.credences import credence_table
from sweet_spot.page.context import Context


def answer(context: Context) -> pn.viewable.Viewable:
    """The headline."""
    return pn.pane.HTML(f"<p>{html.escape(credence_table(context.tree).text)}</p>")
