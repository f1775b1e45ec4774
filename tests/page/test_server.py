"""The server: where it listens, what every response carries, what it refuses."""

import http.client
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from email.message import Message
from pathlib import Path

import pytest
import xarray as xr

from sweet_spot.cli.app import main
from sweet_spot.page.app import ROUTES, is_loopback, origins
from sweet_spot.page.headers import LARGEST_REQUEST

from .conftest import GOLDEN, START, Served

PATHS = [*ROUTES, "/nothing-here", "/static/js/bokeh.min.js", "/favicon.ico", "/autoload.js", "/ws"]


def ask(
    served: Served, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, Message, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    with closing(connection):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


@pytest.mark.parametrize("path", PATHS)
def test_every_response_carries_the_headers(served: Served, path: str) -> None:
    _, headers, _ = ask(served, "GET", path)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = dict(part.strip().partition(" ")[::2] for part in
                  headers["Content-Security-Policy"].split(";"))  # fmt: skip
    assert policy["frame-ancestors"] == "'none'"
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    assert not [name for name in headers if name.lower().startswith("access-control-allow")]


def test_a_page_names_no_other_host(served: Served) -> None:
    for path in ROUTES:
        status, _, page = ask(served, "GET", path)
        assert status == 200
        assert b"//cdn" not in page
        assert b"https://" not in page
        assert b"http://" not in page.replace(f"127.0.0.1:{served.port}".encode(), b"")


def test_a_nonce_is_used_once(served: Served) -> None:
    first, second = (ask(served, "GET", "/")[1]["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_a_large_request_is_refused(served: Served) -> None:
    large = [("POST", "/", b"x" * (LARGEST_REQUEST + 1)), ("GET", "/?" + "x" * 100_000, None)]
    for method, path, body in large:
        try:
            status = ask(served, method, path, body)[0]
        except (ConnectionError, http.client.HTTPException):
            status = 0  # cut off while still sending
        assert status in (0, 400, 413, 431)
    assert ask(served, "GET", "/")[0] == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1:{}", 101), ("http://evil.example", 403), ("null", 403)],
)
def test_the_socket_opens_to_the_page_alone(served: Served, origin: str, status: int) -> None:
    token = ask(served, "GET", "/")[2].decode().partition('"token":"')[2].partition('"')[0]
    assert token
    key = {
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": f"bokeh, {token}",
    }  # fmt: skip
    with closing(socket.create_connection(("127.0.0.1", served.port), timeout=30)) as line:
        told = {"Host": f"127.0.0.1:{served.port}", "Origin": origin.format(served.port), **key}
        text = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        line.sendall(f"GET /ws HTTP/1.1\r\n{text}\r\n".encode())
        assert int(line.recv(4096).split()[1]) == status


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    """By the kernel's own table: one listener on the port, and that on 127.0.0.1."""
    try:
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    except FileNotFoundError:
        pytest.skip("no /proc/net/tcp on this system")
    local = [line[1] for line in lines if line[3] == "0A"]
    assert [at for at in local if at.endswith(f":{served.port:04X}")] == [
        f"0100007F:{served.port:04X}"
    ]


def test_loopback_by_any_of_its_names() -> None:
    assert origins("127.0.0.1", 5006) == ["127.0.0.1:5006", "localhost:5006"]
    assert origins("192.0.2.7", 80) == ["192.0.2.7:80"]
    assert "*" not in "".join(origins("0.0.0.0", 80))
    assert all(map(is_loopback, ("127.0.0.1", "localhost", "::1", "127.1.2.3")))
    assert not any(map(is_loopback, ("0.0.0.0", "192.0.2.7", "", "example.org")))


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return int(stop.value.code or 0)


def test_a_port_that_is_taken_is_one_clear_line(served: Served) -> None:
    fit = ["serve", f"{GOLDEN}/fit.nc", "--data", f"{GOLDEN}/data", "--port", str(served.port)]
    ended = subprocess.run([sys.executable, "-c", START, *fit], capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"127.0.0.1:{served.port}" in ended.stderr
    assert "--port" in ended.stderr


def test_a_fit_that_failed_its_verdict_is_not_served(
    tree: xr.DataTree, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = tree.copy()
    failed.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    failed.to_netcdf(tmp_path / "failed.nc")
    assert run("serve", str(tmp_path / "failed.nc")) == 3
    assert "failed its verdict: divergences 3" in capsys.readouterr().err


def test_no_fit_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("serve", "nowhere.nc") == 2
    assert capsys.readouterr().err.startswith("sweet-spot: nowhere.nc: not a fit")


def test_the_start_page_is_reached_by_name(served: Served) -> None:
    with urllib.request.urlopen(f"http://localhost:{served.port}/", timeout=60) as page:
        assert b"<h1>" in page.read()
