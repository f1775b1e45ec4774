"""Fifty at once lose nothing, nor does a server that is killed: tried on a real process."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from sweet_spot.page.store import Answer, answers, new_sheet, now, open_store, put_answer

YEAR, EVENT = "year_full_rnd_automation", "schemers_by_default"
ASKED = (EVENT, "year_hlmi")
EXPERTS = 50


@contextmanager
def process(folder: Path, checkout: Path):
    """The command itself, in a process of its own; gives the chair's link."""
    code = "from sweet_spot.cli.app import main; main()"
    arguments = ["serve", "--workshop", str(folder), "--data", str(checkout / "data"), "--port"]
    port = str(29_000 + os.getpid() % 2_000)
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code, *arguments, port],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as run:  # fmt: skip
        found = re.search(r"http://\S+", run.stdout.readline())
        assert found, "the server did not start"
        try:
            yield run, found[0]
        finally:
            run.kill()


def opened_by(chair, link: str, names: list[str], asked: tuple[str, ...]) -> dict[str, str]:
    """Opens round 1 for some people, and gives their links."""
    import html

    chair.get(urlsplit(link).path)
    chair.post("/chair", step="arrange", title="t", fields=[("question", q) for q in asked])
    chair.post("/chair", step="invite", names="\n".join(names))
    pairs = re.findall(r"<dt>([^<]+)</dt><dd><code>([^<]+)</code>", chair.page)
    chair.get("/chair")
    chair.post("/chair", step="advance", seen="setup")
    return {html.unescape(name): url for name, url in pairs}


def base_of(link: str) -> str:
    return link.rsplit("/join/", 1)[0]


def test_a_killed_server_has_every_answer_that_it_acknowledged(tmp_path, checkout, person) -> None:
    folder, kept = tmp_path / "shop", []
    with process(folder, checkout) as (run, link):
        names = [f"Expert {k}" for k in range(6)]
        links = opened_by(person(base_of(link)), link, names, (YEAR,))

        def answers_until_it_dies(name: str) -> None:
            own = person(base_of(link))
            own.get(urlsplit(links[name]).path)
            for k in range(1000):
                try:
                    own.answer(YEAR, how="quantiles", value_0="2027", value_2=f"{2030 + k / 16}")
                except OSError:
                    return
                if "Your answer is kept" in own.page:
                    kept.append((name, f"{2030 + k / 16}"))

        threads = [threading.Thread(target=answers_until_it_dies, args=(n,)) for n in names]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 20
        while len(kept) < 40 and time.monotonic() < deadline:
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join(20)
    assert len(kept) >= 40
    with closing(open_store(folder / "workshop.sqlite")) as held:
        rows = held.execute("SELECT name, fields FROM answer JOIN sheet ON sheet = sheet.id")
        there = {(name, re.search(r'"value_2": "([^"]+)"', text)[1]) for name, text in rows}
        assert held.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert set(kept) <= there
    with process(folder, checkout) as (_, link):  # and the links still open the same forms
        own = person(base_of(link))
        own.get(urlsplit(links["Expert 0"]).path)
        last = [value for name, value in kept if name == "Expert 0"][-1]
        found = re.search(r'name="value_2" value="([^"]+)"', own.get(f"/workshop/q/{YEAR}").text)
        assert float(found[1]) >= float(last)


def test_the_file_is_written_through(tmp_path) -> None:
    with closing(open_store(tmp_path / "a.sqlite")) as held:
        assert held.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert held.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        new_sheet(held, "Ada")
        put_answer(held, Answer(1, "q", 1, {"value_2": "1"}, now()), "n")
        with closing(sqlite3.connect(tmp_path / "a.sqlite")) as other:
            assert other.execute("SELECT count(*) FROM answer").fetchone() == (1,)
        assert [a.fields for a in answers(held)] == [{"value_2": "1"}]


class Visitor:
    """One expert with a browser's cookies, among many in one event loop."""

    def __init__(self, base: str, taken: list[float]) -> None:
        self.base, self.taken, self.cookies = base, taken, {}

    async def ask(self, path: str, body: dict[str, str] | None = None) -> HTTPResponse:
        start = time.perf_counter()
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        reply = await AsyncHTTPClient().fetch(
            path if path.startswith("http") else self.base + path,
            method="POST" if body else "GET", body=urlencode(body) if body else None,
            headers={"Cookie": cookie}, follow_redirects=False, raise_error=False,
            connect_timeout=30, request_timeout=30,
        )  # fmt: skip
        self.taken.append(time.perf_counter() - start)
        for line in reply.headers.get_list("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    async def answer(self, name: str, fields: dict[str, str]) -> None:
        page = (await self.ask(f"/workshop/q/{name}")).body.decode()
        hidden = dict(re.findall(r'name="(_xsrf|nonce)" value="([^"]+)"', page))
        kept = await self.ask(f"/workshop/working/{name}", {**hidden, **fields})
        sent = await self.ask(f"/workshop/q/{name}", {**hidden, **fields, "step": "send"})
        back = await self.ask(sent.headers["Location"])
        assert (kept.code, sent.code, back.code) == (204, 303, 200)
        assert b"Your answer is kept" in back.body


def forms(k: int) -> dict[str, dict[str, str]]:
    chips = {"how": "chips", "chip_1": "5", "chip_2": str(5 + k % 5), "chip_3": str(10 - k % 5)}
    return {EVENT: {"percent": str(k + 1)}, "year_hlmi": chips}


def test_fifty_experts_at_once(tmp_path, checkout, person) -> None:
    folder, taken = tmp_path / "shop", []
    names = [f"Expert {k}" for k in range(EXPERTS)]

    async def one(k: int, link: str, base: str, again: bool) -> None:
        own = Visitor(base, taken)
        assert (await own.ask(link)).code == 303
        assert (await own.ask("/workshop")).code == 200
        for name, fields in forms(k + again).items():
            await own.answer(name, fields)

    async def everybody(links: dict[str, str], base: str, again: bool) -> None:
        AsyncHTTPClient.configure(None, max_clients=EXPERTS)
        await asyncio.gather(*(one(k, links[n], base, again) for k, n in enumerate(names)))
        AsyncHTTPClient().close()

    with process(folder, checkout) as (_, link):
        base, chair = base_of(link), person(base_of(link))
        links = opened_by(chair, link, names, ASKED)
        asyncio.run(everybody(links, base, False))
        for seen in ("round1", "discussion"):
            chair.get("/chair")
            chair.post("/chair", step="advance", seen=seen)
        asyncio.run(everybody(links, base, True))
        chair.get("/chair")
        assert "round 2" in chair.page
        assert chair.post("/chair", step="advance", seen="round2").status == 200
    with closing(open_store(folder / "workshop.sqlite")) as held:
        said = {(a.sheet, a.question, a.round): a.fields for a in answers(held)}
    assert len(said) == EXPERTS * len(ASKED) * 2
    for k in range(EXPERTS):
        for round_ in (1, 2):
            for name, fields in forms(k + round_ - 1).items():
                assert said[k + 1, name, round_] == fields
    assert (folder / "results" / "t.yaml").read_text().count("- id:") == len(said)
    ordered = sorted(taken)
    worst = ordered[int(0.95 * len(ordered))]
    middle = ordered[len(ordered) // 2]
    print(f"{len(taken)} requests, median {middle:.3f} s, 95 % below {worst:.3f} s")
    assert worst < 10  # seconds, on a machine that is doing much else; about 1 on an idle one
