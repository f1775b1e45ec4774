"""The server of the page: its routes, where it listens, and the same views inside Jupyter.

ROUTES is the one list of views. A view is a function from a Context to a Panel object; in the
browser each has an address of its own, in Jupyter they are tabs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
from panel.io.server import get_server

from sweet_spot.answers.verdict import refuse, verdict
from sweet_spot.errors import SweetSpotError
from sweet_spot.page import (
    explore_answer,
    explore_latents,
    explore_picture,
    explore_scenarios,
    explore_statements,
    explore_what_if,
)
from sweet_spot.page.addresses import LOOPBACK, PORT, is_loopback, origins
from sweet_spot.page.context import Context, Route, context_of
from sweet_spot.page.forecast_pages import routes
from sweet_spot.page.forecast_room import Study
from sweet_spot.page.forecast_taking import catalogue_in
from sweet_spot.page.frame import framed
from sweet_spot.page.headers import Headers, limits
from sweet_spot.page.web import Asset

if TYPE_CHECKING:
    import xarray as xr
    from bokeh.server.server import Server

START, PAUSE = 5.0, 0.5
"""Seconds before the first view is computed ahead, and between two: a visitor comes first."""

EXPLORE: dict[str, Route] = {
    "/": Route("Answer", explore_answer.QUESTION, explore_answer.answer),
    "/picture": Route("Picture", "Will enough be done before danger comes?", explore_picture.essay),
    "/what-if": Route("What if", "What if we made it so?", explore_what_if.make_it_so),
    "/learned": Route("If we learned", "What if we learned that …?", explore_what_if.learn_that),
    "/scenarios": Route("Scenarios", "What would change the answer?", explore_scenarios.scenarios),
    "/unknowns": Route("Unknowns", "What goes into the answer?", explore_latents.unknowns),
    "/statements": Route("Statements", "Who said what?", explore_statements.statements),
}
"""The views of a fit, by path; the first is the start."""
ROUTES: dict[str, Route] = {**EXPLORE}
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
        page: Server = get_server(
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
    warm_up(page, context)
    return page


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


def explore(tree: xr.DataTree, data: Path | str = "data", *, force: bool = False) -> pn.Tabs:
    """The views of the page as tabs: shown by Jupyter, or by `.show()` in a browser.

    Parameters
    ----------
    tree
        A fit, or prior draws.
    data
        The folder that it is a fit of.
    force
        Show a fit that failed its verdict.

    Raises
    ------
    UntrustworthyFit
        The fit failed its verdict and `force` is not set.

    >>> explore(load_fit("report/fit.nc"))  # doctest: +SKIP
    """
    if not force:
        refuse(verdict(tree))
    pn.extension()
    context = context_of(tree, data)
    return pn.Tabs(
        *((route.name, route.view(context)) for route in ROUTES.values() if route.name),
        dynamic=True,
    )


def warm_up(page: Server, context: Context) -> None:
    """Computes what all visitors share, view by view, while nobody waits for it."""
    rest = iter(EXPLORE.values())

    def one() -> None:
        route = next(rest, None)
        if route is not None:
            route.view(context)
            page.io_loop.call_later(PAUSE, one)

    page.io_loop.call_later(START, one)
