"""Servers that listen in a thread, and people who speak plain HTTP to them, each with cookies."""

import asyncio
import html
import http.client
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import xarray as xr
import yaml
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from sweet_spot.argument.spec import load_argument
from sweet_spot.evidence.gather import gather
from sweet_spot.inference.fit import fit
from sweet_spot.inference.judge import Thresholds
from sweet_spot.inference.refit import Settings
from sweet_spot.page.forecast_pages import routes
from sweet_spot.page.forecast_room import Study
from sweet_spot.page.forecast_taking import catalogue_in
from sweet_spot.page.web import Asset
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


Listen = Callable[[], tuple[HTTPServer, Callable[[], None]]]
Serve = Callable[[Path], Workshop]


@pytest.fixture
def in_thread() -> Iterator[Callable[[Listen], None]]:
    """Starts servers, each in a thread with a loop of its own, and stops them at the end."""
    running = []

    def start(listen: Listen) -> None:
        loop, ready, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

        async def serve() -> None:
            server, close = listen()
            ready.set()
            await stop.wait()
            server.stop()
            await server.close_all_connections()
            close()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
        thread.start()
        running.append((loop, stop, thread))
        assert ready.wait(20)

    yield start
    for loop, stop, thread in running:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


@pytest.fixture
def serve(checkout: Path, in_thread: Callable[[Listen], None]) -> Serve:
    """Starts workshops."""

    def start(folder: Path) -> Workshop:
        held = []

        def listen() -> tuple[HTTPServer, Callable[[], None]]:
            held.append(workshop(folder, checkout / "data", port=0))
            return held[0].listen(), held[0].room.held.close

        in_thread(listen)
        return held[0]

    return start


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
    chair.post("/chair", step="invite", names="Ada\nBob\nZelda")
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


QUESTIONS = [
    {"id": "automation", "quantity": "year_automation", "unit": "year", "topic": "timelines",
     "direction": 1, "fidelity": "exact"},
    {"id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
     "fidelity": "exact"},
    {"id": "schemers", "quantity": "scheming", "unit": "share", "topic": "scheming",
     "direction": -1, "fidelity": "close", "event": "> 0.5"},
    {"id": "coder", "quantity": "year_at_speedup(5)", "unit": "year", "topic": "timelines",
     "direction": 1, "fidelity": "exact"},
    {"id": "researcher", "quantity": "year_at_speedup(25)", "unit": "year", "topic": "timelines",
     "direction": 1, "fidelity": "exact"},
    {"id": "spot", "quantity": "usable[any]", "unit": "probability", "topic": "usefulness",
     "direction": 1, "fidelity": "exact", "event": "> 0.5"},
]  # fmt: skip
PUBLISHED = [("Olga", 0.2), ("Pavel", 0.6), ("Quinn", 1.1)]


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """A data folder of a few questions, on one of which three people have published a median."""
    data = tmp_path_factory.mktemp("small") / "data"
    (data / "elicitations").mkdir(parents=True)
    asked = [
        {"wording": f"What is {q['id']}?", "fidelity_reason": "because", **q} for q in QUESTIONS
    ]
    (data / "questions.yaml").write_text(yaml.safe_dump({"schema": 1, "questions": asked}))
    said = [
        {"id": name.lower(), "expert": name, "date": "2025-06-02", "question": "danger",
         "kind": "median", "value": value, "unit": "dex", "role": "evidence", "reason": "why",
         "verified": "yes", "location": "p. 1", **({"cluster": "club"} if name == "Olga" else {})}
        for name, value in PUBLISHED
    ]  # fmt: skip
    source = {"title": "Three", "url": "https://example.org/three", "date": "2025-07"}
    text = yaml.safe_dump({"schema": 1, "source": source, "statements": said})
    (data / "elicitations" / "three.yaml").write_text(text)
    shutil.copy(checkout / "data" / "seeds.yaml", data)
    return data


@pytest.fixture(scope="session")
def small_tree(small_data: Path) -> xr.DataTree:
    """Prior draws in the place of a posterior: nothing that was published is in them."""
    evidence = gather(small_data)
    silent = evidence.statements.assign(live=evidence.statements["live"] * 0)
    evidence = replace(evidence, statements=silent)
    tree = fit(load_argument(), evidence, Settings(draws=500, chains=4, prior_only=True))
    tree["posterior"] = tree["prior"]
    found = {"r_hat": 1.0, "ess_bulk": 6000.0, "ess_tail": 6000.0, "divergences": 0, "bfmi": 1.0}
    for name, limit in vars(Thresholds()).items():
        tree.attrs |= {f"check_{name}": found[name], f"check_{name}_threshold": limit}
        tree.attrs[f"check_{name}_passed"] = 1
    tree.attrs |= {"passed": 1, "setting_prior_only": 0}
    return tree


@pytest.fixture
def study(small_tree: xr.DataTree, small_data: Path, tmp_path: Path) -> Iterator[Study]:
    """Where forecasts are given."""
    catalogue = catalogue_in(small_data)
    made = Study(small_tree, load_argument(), gather(small_data), catalogue, tmp_path / "forecasts")
    yield made
    made.worker.shutdown()


@pytest.fixture
def desk(study: Study, in_thread: Callable[[Listen], None]) -> Person:
    """Somebody at the pages of a study."""
    held = []

    def listen() -> tuple[HTTPServer, Callable[[], None]]:
        server = HTTPServer(Application([*routes(study), (r"/forms/([a-z.]+)", Asset)]))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        held.append(sockets[0].getsockname()[1])
        return server, study.close

    in_thread(listen)
    return Person(f"http://127.0.0.1:{held[0]}")
