"""The server of the page: its routes, where it listens, and the same views inside Jupyter.

ROUTES is the one list of views. A view is a function from a Context to a Panel object; in the
browser each has an address of its own, in Jupyter they are tabs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import panel as pn
from panel.io.server import get_server

from sweet_spot.errors import SweetSpotError
from sweet_spot.page import (
    explore,
    explore_latents,
    explore_picture,
    explore_scenarios,
    explore_statements,
    explore_what_if,
)
from sweet_spot.page.addresses import LOOPBACK, PORT, is_loopback, origins
from sweet_spot.page.context import Context, Route
from sweet_spot.page.forecast_pages import routes
from sweet_spot.page.forecast_room import Study
from sweet_spot.page.forecast_taking import catalogue_in
from sweet_spot.page.frame import framed
from sweet_spot.page.headers import Headers, limits
from sweet_spot.page.web import Asset

if TYPE_CHECKING:
    from bokeh.server.server import Server

ROUTES: dict[str, Route] = {
    "/": Route("Answer", "Is there a usable sweet spot for AI for AI safety?", explore.answer),
    "/picture": Route("Picture", "The race in one picture", explore_picture.essay),
    "/what-if": Route("What if", "What if we made it so?", explore_what_if.make_it_so),
    "/learned": Route("If we learned", "What if we learned that …?", explore_what_if.learn_that),
    "/scenarios": Route("Scenarios", "What would change the answer?", explore_scenarios.scenarios),
    "/unknowns": Route("Unknowns", "What goes into the answer?", explore_latents.unknowns),
    "/statements": Route("Statements", "Who said what?", explore_statements.statements),
}
"""By path; the first is the start. One without a name is not in the navigation."""


def server(context: Context, port: int = PORT, address: str = LOOPBACK) -> Server:
    """A server of the page that listens where it is told and nowhere else.

    Raises
    ------
    SweetSpotError
        The port is taken, or the address is not one of this machine.
    """
    context = replace(context, served=True, network=not is_loopback(address))
    try:
        return get_server(
            {path: _session(path, context) for path in ROUTES},
            port=port, address=address, websocket_origin=origins(address, port), location=False,
            title={path: f"{route.title} Sweet Spot" for path, route in ROUTES.items()},
            transforms=[Headers], extra_patterns=_plain(context, origins(address, port)),
            **limits(),
        )  # fmt: skip
    except OSError as error:
        raise SweetSpotError(
            f"cannot listen on {address}:{port} ({error.strerror or error}); name another with"
            " --port or --address"
        ) from error


def _plain(context: Context, hosts: list[str]) -> list[Any]:
    """The pages that are forms: on this machine alone, since they write and need no token."""
    if context.network:
        return []
    catalogue = catalogue_in(context.data)
    study = Study(
        context.tree, context.argument, context.evidence, catalogue, hosts=hosts,
        views=tuple((route.name, path) for path, route in ROUTES.items() if route.name),
    )  # fmt: skip
    return [*routes(study), (r"/forms/([a-z.]+)", Asset)]


def _session(path: str, context: Context) -> Callable[[], pn.Template]:
    """What makes the page for each visitor: the view of a path, with what the URL says."""

    def page() -> pn.Template:
        found = pn.state.session_args or {}
        query = {name: values[-1].decode("utf-8", "replace") for name, values in found.items()}
        return framed(replace(context, query=query), ROUTES, path)

    return page


def tabs(context: Context) -> Any:
    """All views as one Panel object, for Jupyter."""
    pn.extension()
    return pn.Tabs(*((route.name, route.view(context)) for route in ROUTES.values() if route.name))
