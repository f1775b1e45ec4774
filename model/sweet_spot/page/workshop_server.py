"""The server of a workshop: plain Tornado, a token for each person, one file on the disk."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RedirectHandler, RequestHandler

from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.gather import gather
from sweet_spot.page import workshop_people as people
from sweet_spot.page.addresses import EVERYWHERE, LOOPBACK, PORT, is_loopback, own_address
from sweet_spot.page.forecast_taking import catalogue_in
from sweet_spot.page.web import LARGEST_FORM, Asset, NotFound
from sweet_spot.page.workshop_chair import Chair
from sweet_spot.page.workshop_room import Join, Room
from sweet_spot.page.workshop_rounds import new_chair, open_workshop

NAME = "([a-z0-9][a-z0-9_.-]{0,99})"
"""An id of a question, as a part of a path: no slash, and no dot at the start."""


@dataclass(frozen=True)
class Workshop:
    """A workshop with its room, the sockets on which it listens, and the chair's link."""

    room: Room
    sockets: Sequence[socket.socket]
    chair: str

    def listen(self) -> HTTPServer:
        """Begins to answer, in the event loop that is running."""
        server = HTTPServer(
            application(self.room), max_body_size=LARGEST_FORM, max_buffer_size=4 * LARGEST_FORM,
            max_header_size=16_384, idle_connection_timeout=120, body_timeout=30,
        )  # fmt: skip
        server.add_sockets(self.sockets)
        return server

    def run(self) -> None:
        """Serves until it is stopped; the file is whole whenever that is."""
        with closing(self.room.held), suppress(KeyboardInterrupt):
            asyncio.run(self._forever())

    async def _forever(self) -> None:
        server = self.listen()
        try:
            await asyncio.Event().wait()
        finally:
            server.stop()


def workshop(
    folder: Path | str, data: Path | str = "data", *, port: int = PORT, address: str = LOOPBACK
) -> Workshop:
    """A workshop in a folder, new or as it was left, listening where it is told and nowhere else.

    Every start makes a new link for the chair and ends the one before; the links of experts stay.

    Raises
    ------
    MissingData, InvalidRecord
        The data folder is missing or has errors.
    UnusableStore
        The folder holds something else.
    SweetSpotError
        The port is taken, or the address is not one of this machine.
    """
    data, folder = Path(data), Path(folder)
    catalogue, evidence = catalogue_in(data), gather(data)
    sockets = _listening(port, address)
    host = own_address() if address in EVERYWHERE else address
    base = f"http://{f'[{host}]' if ':' in host else host}:{sockets[0].getsockname()[1]}"
    held = open_workshop(folder)
    token = secrets.token_urlsafe(32)
    new_chair(held, token)
    room = Room(held, folder, catalogue, base, not is_loopback(address), evidence)
    return Workshop(room, sockets, f"{base}/join/{token}")


def _listening(port: int, address: str) -> list[socket.socket]:
    try:
        return bind_sockets(port, "" if address in EVERYWHERE else address)
    except OSError as error:
        raise SweetSpotError(
            f"cannot listen on {address}:{port} ({error.strerror or error}); name another with"
            " --port or --address"
        ) from error


def application(room: Room) -> Application:
    """The pages of a workshop."""
    held = {"room": room}
    return Application(
        [
            (r"/", RedirectHandler, {"url": "/workshop", "permanent": False}),
            (r"/join/([A-Za-z0-9_-]{20,100})", Join, held),
            (r"/workshop", people.Start, held),
            (r"/workshop/phase", people.Phase, held),
            (rf"/workshop/q/{NAME}", people.Question, held),
            (rf"/workshop/working/{NAME}", people.Working, held),
            (rf"/workshop/note/{NAME}", people.Noted, held),
            (r"/chair", Chair, held),
            (r"/forms/([a-z.]+)", Asset),
        ],
        default_handler_class=NotFound,
        log_function=_silent,
    )


def _silent(handler: RequestHandler) -> None:
    """Keeps no log of requests: it would say who answers when."""
    del handler
