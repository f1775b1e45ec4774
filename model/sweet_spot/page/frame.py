"""The frame around a view: navigation, heading, warnings, which fit it is; HTML alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import panel as pn

from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.verdict import verdict
from sweet_spot.page.context import Context, Route
from sweet_spot.page.marks import CSS

FORECAST = {"name": "Give a forecast", "href": "./forecast", "here": False}
"""The one plain page in the navigation; on this machine alone."""
SHELL = Path(__file__).with_name("shell.html").read_text(encoding="utf-8")


def framed(context: Context, routes: Mapping[str, Route], path: str) -> pn.Template:
    """A view as a page of its own; every text goes into the template escaped."""
    found, route = verdict(context.tree), routes[path]
    shell = pn.Template(SHELL)
    shell.add_panel("main", route.view(context))
    shell.add_variable("css", CSS)
    shell.add_variable("heading", route.title)
    shell.add_variable(
        "navigation",
        [
            {"name": other.name, "href": f".{to}", "here": to == path}
            for to, other in routes.items()
            if other.name
        ]
        + ([] if context.network else [FORECAST]),
    )
    shell.add_variable("network", context.network)
    shell.add_variable("warning", found.text if found.failed else "")
    shell.add_variable("stamp", stamp(context.tree))
    return shell
