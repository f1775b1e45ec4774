"""What somebody on the network could try: each attempt as it would be made."""

import re
import sqlite3
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from sweet_spot.page.workshop_server import workshop

YEAR, EVENT = "year_full_rnd_automation", "schemers_by_default"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FORM = {"how": "quantiles", "value_0": "2027", "value_2": "2031", "value_4": "2050"}


def rows(opened, what="*", table="answer"):
    with sqlite3.connect(opened.shop.room.folder / "workshop.sqlite") as held:
        found = held.execute(f"SELECT {what} FROM {table}").fetchall()
    held.close()
    return found


def stranger(opened):
    return type(opened.chair)(opened.shop.room.base)


@pytest.mark.parametrize("path", ["/workshop", f"/workshop/q/{YEAR}", "/workshop/phase", "/chair"])
def test_nothing_opens_without_a_token(opened, path: str) -> None:
    assert stranger(opened).get(path).status == 403


def test_guessed_tokens_open_nothing(opened) -> None:
    token = urlsplit(opened.links["Ada"]).path.removeprefix("/join/")
    near = "B" if token[-1] == "A" else "A"
    guesses = [token[:-1] + near, token[:-1], token + "A", token.swapcase(), "A" * len(token)]
    for guess in guesses:
        assert stranger(opened).get(f"/join/{guess}").status in (403, 404)
        someone = stranger(opened)
        someone.cookies["sweet_spot_person"] = guess
        assert someone.get("/workshop").status == 403
    for odd in ("", "%00", "' OR 1=1 --", "\u00e9".encode().decode("latin-1")):
        someone = stranger(opened)
        someone.cookies["sweet_spot_person"] = odd
        assert someone.get("/workshop").status == 403


def test_a_token_opens_what_it_is_for_and_nothing_else(opened) -> None:
    ada = opened.people["Ada"]
    posing = stranger(opened)
    posing.cookies["sweet_spot_chair"] = ada.cookies["sweet_spot_person"]
    assert posing.get("/chair").status == 403
    posing.cookies = {"sweet_spot_person": opened.chair.cookies["sweet_spot_chair"]}
    assert posing.get("/workshop").status == 403
    assert ada.get("/chair").status == 403
    assert ada.post("/chair", step="advance", seen="round1").status == 403
    assert rows(opened, "value", "meta")[0]
    assert opened.shop.room.held is not None
    assert ("round1",) in rows(opened, "value", "meta")


def test_another_persons_number_in_a_form_does_nothing(opened) -> None:
    ada = opened.people["Ada"]
    ada.answer(YEAR, **FORM, sheet="2", person="2", name="Bob", id="2", expert="Bob")
    assert rows(opened, "sheet") == [(1,)]
    assert "2031" not in opened.people["Bob"].get(f"/workshop/q/{YEAR}?sheet=1&person=1").text
    fields = rows(opened, "fields")[0][0]
    assert "Bob" not in fields
    assert "sheet" not in fields


def test_tokens_are_not_on_the_disk(opened) -> None:
    held = b"".join(path.read_bytes() for path in opened.shop.room.folder.glob("workshop.sqlite*"))
    tokens = [urlsplit(link).path.removeprefix("/join/") for link in opened.links.values()]
    tokens.append(urlsplit(opened.shop.chair).path.removeprefix("/join/"))
    assert b"Zelda" in held
    assert not [token for token in tokens if token.encode() in held]
    assert (opened.shop.room.folder / "workshop.sqlite").stat().st_mode & 0o077 == 0


def test_another_link_ends_the_one_before(opened) -> None:
    ada = opened.people["Ada"]
    opened.chair.get("/chair")
    opened.chair.post("/chair", step="renew", sheet="1")
    assert ada.get("/workshop").status == 403
    found = re.search(r"<dt>Ada</dt><dd><code>([^<]+)</code>", opened.chair.page)
    assert ada.get(urlsplit(found[1]).path).status == 200
    assert "Ada" in ada.page


def test_scripts_stay_text_on_every_page(serve, opened, tmp_path: Path) -> None:
    shop = serve(tmp_path / "scripts")
    chair, ada, bob = (type(opened.chair)(shop.room.base) for _ in range(3))
    chair.get(urlsplit(shop.chair).path)
    chair.post("/chair", step="arrange", title=SCRIPT, fields=[("question", YEAR)])
    chair.post("/chair", step="invite", names=f"Ada {SCRIPT}\nBob")
    links = re.findall(r"<dd><code>([^<]+)</code>", chair.page)
    pages = [chair.page]
    for person, link in zip((ada, bob), links, strict=True):
        pages.append(person.get(urlsplit(link).path).text)
    chair.get("/chair")
    chair.post("/chair", step="advance", seen="setup")
    pages.append(ada.answer(YEAR, **FORM, reason=SCRIPT).text)
    pages.append(bob.answer(YEAR, **{**FORM, "value_2": SCRIPT}).text)
    bob.answer(YEAR, **FORM)
    chair.get("/chair")
    chair.post("/chair", step="advance", seen="round1")
    ada.get(f"/workshop/q/{YEAR}")
    pages.append(ada.post(f"/workshop/note/{YEAR}", note=SCRIPT).text)
    pages += [bob.get(f"/workshop/q/{YEAR}").text, chair.get("/chair").text]
    for seen in ("discussion", "round2"):
        pages.append(chair.post("/chair", step="advance", seen=seen).text)
    pages.append((shop.room.folder / "results" / "summary.html").read_text())
    assert sum("&lt;script&gt;alert(1)" in page for page in pages) >= 7
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    reply = bob.get("/workshop")
    policy = reply.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_every_response_has_the_headers(opened) -> None:
    ada = opened.people["Ada"]
    for reply in (
        ada.get("/workshop"),
        ada.get("/nowhere"),
        ada.get("/chair"),
        ada.get("/forms/forms.js"),
    ):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["Cache-Control"] == "no-store"
        assert "Server" not in reply.headers


def test_what_is_too_large_is_refused(opened) -> None:
    ada = opened.people["Ada"]
    ada.get(f"/workshop/q/{YEAR}")
    assert ada.answer(YEAR, **FORM, reason="x" * 2001).status == 409
    assert ada.answer(YEAR, how="quantiles", value_2="1" * 401).status == 409
    many = [(f"value_{k % 30}", "1") for k in range(100)]
    assert ada.post(f"/workshop/q/{YEAR}", step="send", fields=many).status == 409
    with suppress(ConnectionError):  # the server may hang up before it has read so much
        assert ada.answer(YEAR, **FORM, reason="x" * 100_000).status in (400, 413)
    assert rows(opened) == []
    opened.chair.get("/chair")
    reply = opened.chair.post("/chair", step="invite", names="x" * 81)
    assert reply.status == 422
    assert "at most 80" in reply.text
    crowd = "\n".join(f"Person {k}" for k in range(198))
    opened.chair.get("/chair")
    assert "at most 200" in opened.chair.post("/chair", step="invite", names=crowd).text


def test_nobody_fills_the_disk(opened, monkeypatch) -> None:
    monkeypatch.setattr("sweet_spot.page.store.MOST_ANSWERS", 3)
    monkeypatch.setattr("sweet_spot.page.store.MOST_NOTES", 2)
    ada = opened.people["Ada"]
    last = [ada.answer(YEAR, **{**FORM, "value_2": str(2030 + k)}).status for k in range(5)]
    assert last == [200, 200, 200, 409, 409]
    opened.advance("round1")
    ada.get(f"/workshop/q/{YEAR}")
    status = [ada.post(f"/workshop/note/{YEAR}", note=f"note {k}").status for k in range(4)]
    assert status == [200, 200, 409, 409]


def test_forms_from_elsewhere_are_refused(opened) -> None:
    ada = opened.people["Ada"]
    ada.get(f"/workshop/q/{YEAR}")
    for forged in ("", "2|aaaaaaaa|bbbb|1700000000"):
        body = urlencode({"_xsrf": forged, "step": "send", **FORM})
        assert ada.request("POST", f"/workshop/q/{YEAR}", body).status == 403
        assert ada.request("POST", f"/workshop/working/{YEAR}", body).status == 403
    assert opened.chair.request("POST", "/chair", urlencode({"step": "advance"})).status == 403
    assert rows(opened) == []
    line = ada.request("GET", urlsplit(opened.links["Ada"]).path).headers["Set-Cookie"]
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line


def test_a_closed_round_takes_nothing(opened) -> None:
    ada = opened.people["Ada"]
    ada.answer(YEAR, **FORM)
    ada.get(f"/workshop/q/{YEAR}")
    opened.advance("round1")
    reply = ada.post(f"/workshop/q/{YEAR}", step="send", **{**FORM, "value_2": "2045"}, nonce="n")
    assert reply.status == 409
    assert "not taken" in reply.text
    assert ada.post(f"/workshop/working/{YEAR}", value_2="2045").status == 409
    assert [row[0] for row in rows(opened, "round")] == [1]
    opened.advance("discussion")
    opened.advance("round2")
    ada.get("/workshop")
    assert ada.post(f"/workshop/q/{YEAR}", step="send", **FORM).status == 409
    assert ada.post(f"/workshop/note/{YEAR}", note="late").status == 409


def test_a_round_is_closed_once(opened) -> None:
    opened.people["Ada"].answer(YEAR, **FORM)
    opened.advance("round1")
    reply = opened.advance("round1")  # a second click, or another tab
    assert reply.status == 409
    assert ("discussion",) in rows(opened, "value", "meta")


def test_no_note_before_the_discussion(opened) -> None:
    ada = opened.people["Ada"]
    ada.get("/workshop/q/" + YEAR)
    assert ada.post(f"/workshop/note/{YEAR}", note="I say 2031").status == 409
    assert rows(opened, table="note") == []


def test_a_replay_changes_nothing(opened) -> None:
    ada = opened.people["Ada"]
    ada.get(f"/workshop/q/{YEAR}")
    first = urlencode({"_xsrf": ada.xsrf, "step": "send", "nonce": "one", **FORM})
    assert ada.request("POST", f"/workshop/q/{YEAR}", first).status == 303
    assert ada.request("POST", f"/workshop/q/{YEAR}", first).status == 303
    assert len(rows(opened)) == 1
    ada.answer(YEAR, **{**FORM, "value_2": "2040"})
    assert ada.request("POST", f"/workshop/q/{YEAR}", first).status == 303
    assert 'value="2040"' in ada.get(f"/workshop/q/{YEAR}").text


def test_the_group_has_no_names_and_the_chair_no_answers(opened) -> None:
    ada, bob = opened.people["Ada"], opened.people["Bob"]
    ada.answer(YEAR, **{**FORM, "value_2": "2037.5"}, reason="a reason")
    bob.answer(YEAR, **FORM)
    chair = opened.chair.get("/chair").text
    assert "2037" not in chair
    assert "a reason" not in chair
    assert "1 of 2" in chair
    for path in ("/workshop", f"/workshop/q/{YEAR}", f"/workshop/q/{EVENT}"):
        assert "a reason" not in bob.get(path).text
    opened.advance("round1")
    page = bob.get(f"/workshop/q/{YEAR}").text
    assert "a reason" in page
    assert "Ada" not in page


def test_other_methods_do_nothing(opened) -> None:
    ada = opened.people["Ada"]
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert ada.request(method, f"/workshop/q/{YEAR}").status in (403, 405)


def test_an_address_on_the_network_is_said_and_needs_tokens_too(tmp_path, checkout) -> None:
    shop = workshop(tmp_path / "net", checkout / "data", port=0, address="0.0.0.0")
    shop.room.held.close()
    for each in shop.sockets:
        each.close()
    assert shop.room.network
    alone = workshop(tmp_path / "alone", checkout / "data", port=0)
    assert {each.getsockname()[0] for each in alone.sockets} == {"127.0.0.1"}
    assert not alone.room.network
    alone.room.held.close()
    for each in alone.sockets:
        each.close()
    assert not shop.chair.startswith("http://0.0.0.0")


def test_plain_http_is_said_on_the_screen(opened) -> None:
    from sweet_spot.page.web import rendered

    page = rendered("refused.html", told="x", reason="y", network=True, home="/", views=())
    assert "plain HTTP" in page
    assert "plain HTTP" not in opened.people["Ada"].get("/workshop").text
