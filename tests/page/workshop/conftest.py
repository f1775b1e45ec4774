"""A workshop that listens in a thread, and people who speak plain HTTP to it, each with cookies."""

import asyncio
import html
import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from sweet_spot.page.workshop_server import Workshop, workshop

YEAR, EVENT = "year_full_rnd_automation", "schemers_by_default"


@dataclass
class Reply:
    status: int
    text: str
    headers: http.client.HTTPMessage


@dataclass
class Person:
    """A browser without JavaScript: cookies, redirects, and the forgery token of the last page."""

    base: str
    cookies: dict[str, str] = field(default_factory=dict)
    xsrf: str = ""
    page: str = ""

    def request(
        self, method: str, path: str, body: str | bytes | None = None, **headers: str
    ) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=20)
        with closing(connection):
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            kind = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
            connection.request(
                method, path.partition("#")[0], body, {"Cookie": cookie, **kind, **headers}
            )
            answer = connection.getresponse()
            reply = Reply(answer.status, answer.read().decode(), answer.headers)
        for line in reply.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="_xsrf" value="([^"]+)"', reply.text)
        self.xsrf = html.unescape(found[1]) if found else self.xsrf
        self.page = reply.text
        return reply

    def get(self, path: str) -> Reply:
        reply = self.request("GET", path)
        while reply.status in (302, 303):
            reply = self.request("GET", reply.headers["Location"])
        return reply

    def post(
        self, path: str, *, follow: bool = True, fields: list | None = None, **values: str
    ) -> Reply:
        pairs = [("_xsrf", self.xsrf), *(fields or []), *values.items()]
        reply = self.request("POST", path, urlencode(pairs))
        return self.get(reply.headers["Location"]) if follow and reply.status == 303 else reply

    def answer(self, question: str, **values: str) -> Reply:
        self.get(f"/workshop/q/{question}")
        found = re.search(r'name="nonce" value="([^"]+)"', self.page)
        values.setdefault("nonce", found[1] if found else "")
        return self.post(f"/workshop/q/{question}", step="send", **values)


Serve = Callable[[Path], Workshop]


@pytest.fixture
def serve(checkout: Path) -> Iterator[Serve]:
    """Starts workshops, each in a thread of its own, and stops them at the end."""
    running = []

    def start(folder: Path) -> Workshop:
        loop, ready, held = asyncio.new_event_loop(), threading.Event(), []

        async def listen() -> None:
            held.append(workshop(folder, checkout / "data", port=0))
            server = held[0].listen()
            ready.set()
            await stop.wait()
            server.stop()
            await server.close_all_connections()
            held[0].room.held.close()

        stop = asyncio.Event()
        thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
        thread.start()
        running.append((loop, stop, thread))
        assert ready.wait(20)
        return held[0]

    yield start
    for loop, stop, thread in running:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


@dataclass
class Open:
    """A workshop of three that is open for round 1."""

    shop: Workshop
    chair: Person
    people: dict[str, Person]
    links: dict[str, str]

    def advance(self, seen: str) -> Reply:
        self.chair.get("/chair")
        return self.chair.post("/chair", step="advance", seen=seen)


def links_in(page: str) -> dict[str, str]:
    return {
        html.unescape(name): html.unescape(link)
        for name, link in re.findall(r"<dt>(.*?)</dt><dd><code>(.*?)</code>", page)
    }


@pytest.fixture
def opened(serve: Serve, tmp_path: Path) -> Open:
    shop = serve(tmp_path / "shop")
    chair = Person(shop.room.base)
    chair.get(urlsplit(shop.chair).path)
    asked = [("question", YEAR), ("question", EVENT)]
    chair.post("/chair", step="arrange", title="Spring workshop", fields=asked)
    chair.post("/chair", step="invite", names="Ada\nBob\nCleo")
    links = links_in(chair.page)
    people = {name: Person(shop.room.base) for name in links}
    for name, person in people.items():
        person.get(urlsplit(links[name]).path)
    found = Open(shop, chair, people, links)
    found.advance("setup")
    return found


@pytest.fixture
def person() -> Callable[[str], Person]:
    """Makes a browser for a server."""
    return Person
