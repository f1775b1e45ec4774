"""A page served from a small fit into which somebody has written hostile texts, and a browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from sweet_spot.page.context import Context, context_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_BROWSER = "no Chromium: install the system package `chromium` that the README names"

SCRIPT = "<script>window.attacked=1</script><img src=x onerror='window.attacked=2'>"
HOSTILE = {
    "expert": f"Mallory {SCRIPT}",
    "source": f"A source {SCRIPT}",
    "url": "javascript:window.attacked=3",
    "stated": f"median 2030 {SCRIPT}",
    "date": '2025-01-01"><svg onload=window.attacked=4>',
}
"""What the first statement of the served fit says."""
START = "from sweet_spot.cli.app import main; main()"


def with_texts(tree: xr.DataTree) -> xr.DataTree:
    """A copy of a fit whose first statement is hostile in every text."""
    tree = tree.copy(deep=True)
    said = tree["constant_data"].to_dataset()
    changed = {}
    for name, text in HOSTILE.items():
        values = said[name].to_numpy().astype(object)
        values[0] = text
        changed[name] = (said[name].dims, values.astype(str))
    tree["constant_data"] = said.assign(changed)
    return tree


@pytest.fixture(scope="session")
def golden() -> Path:
    return GOLDEN


@pytest.fixture(scope="session")
def tree() -> Iterator[xr.DataTree]:
    with xr.open_datatree(GOLDEN / "fit.nc") as opened:
        yield opened.load()


@pytest.fixture(scope="session")
def context(tree: xr.DataTree) -> Context:
    return context_of(tree, GOLDEN / "data")


@pytest.fixture(scope="session")
def hostile(tree: xr.DataTree) -> Context:
    return context_of(with_texts(tree), GOLDEN / "data")


@dataclass(frozen=True)
class Served:
    """A page that listens."""

    url: str
    port: int


@pytest.fixture(scope="session")
def served(tree: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The command itself, in a process of its own, with hostile texts in its fit."""
    folder = tmp_path_factory.mktemp("page")
    with_texts(tree).to_netcdf(folder / "fit.nc")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [str(folder / "fit.nc"), "--data", str(GOLDEN / "data"), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", START, "serve", *options], stdout=log, stderr=log, env=os.environ
        )
    try:
        _wait(f"http://127.0.0.1:{port}/unknown", process, folder / "log")
        yield Served(f"http://127.0.0.1:{port}", port)
    finally:
        process.terminate()
        process.wait(30)
    told = (folder / "log").read_text()
    assert "Traceback" not in told, told


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
            return  # it answers: there is no such page
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium: Playwright's own cannot be fetched everywhere."""
    if CHROMIUM is None:
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield opened
        opened.close()


@dataclass
class Tab:
    """A browser tab with all it asked for and all it complained of."""

    page: Any
    asked: list[str]
    complaints: list[str]

    def shows(self, number: str, where: str = "[data-number=whatif]") -> None:
        """Waits until a place shows a number: that of a what-if, by default."""
        from playwright.sync_api import expect

        expect(self.page.locator(where).first).to_have_text(number, timeout=30_000)


@pytest.fixture
def tab(browser: Any) -> Iterator[Tab]:
    """A fresh tab, with nothing remembered."""
    around = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = around.new_page()
    page.set_default_timeout(30_000)  # CI machines are slow and shared
    opened = Tab(page, [], [])
    page.on("request", lambda request: opened.asked.append(request.url))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on(
        "console",
        lambda told: opened.complaints.append(told.text) if told.type == "error" else None,
    )
    yield opened
    around.close()
