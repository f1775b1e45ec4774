"""A workshop from its opening to its file, over plain HTTP."""

import html
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from sweet_spot.evidence.checks import check
from sweet_spot.evidence.ledger import states
from sweet_spot.evidence.reading import read_elicitations

from .conftest import links_in

YEAR, EVENT = "year_full_rnd_automation", "schemers_by_default"


def quantiles(low, middle, high):
    return {"how": "quantiles", "value_0": low, "value_2": middle, "value_4": high}


def test_two_rounds_make_one_file_that_check_accepts(opened, checkout: Path) -> None:
    ada, bob, cleo = opened.people.values()
    assert "Your answer is kept" in ada.answer(YEAR, **quantiles("2027", "2031", ">2100")).text
    assert ada.answer(EVENT, percent="30").status == 200
    bob.answer(YEAR, how="chips", chip_1="5", chip_2="5", chip_3="10", reason="compute grows")
    cleo.answer(
        YEAR,
        how="probability",
        threshold_0="2030",
        percent_0="25",
        threshold_1="2040",
        percent_1="75",
    )
    assert "The group" not in ada.get(f"/workshop/q/{YEAR}").text
    opened.advance("round1")
    page = bob.get(f"/workshop/q/{YEAR}").text
    assert "3 answers" in page
    assert "compute grows" in page
    assert "Ada" not in page
    assert "Zelda" not in page
    bob.post(f"/workshop/note/{YEAR}", note="what about power?")
    assert "what about power?" in ada.get(f"/workshop/q/{YEAR}").text
    opened.advance("discussion")
    assert 'value="2031"' in ada.get(f"/workshop/q/{YEAR}").text
    ada.answer(YEAR, **quantiles("2028", "2034", "2060"))
    opened.advance("round2")

    results = opened.shop.room.folder / "results"
    file = results / "spring-workshop.yaml"
    assert [f for f in check(checkout / "data", [file]) if f.severity == "error"] == []
    said = {s["id"]: s for s in yaml.safe_load(file.read_text())["statements"]}
    assert len(said) == 5
    first, second = (s for s in said.values() if s["expert"] == "Ada" and s["question"] == YEAR)
    assert (first["role"], second["role"]) == ("excluded", "evidence")
    assert "replaced by the same person's second" in first["reason"]
    assert first["values"] == [2027, 2031, ">2100"]
    assert second["values"] == [2028, 2034, 2060]
    assert {s["cluster"] for s in said.values()} == {"workshop-spring-workshop"}
    live = {name for name, s in states(read_elicitations([file])).items() if s.status == "live"}
    assert live == said.keys() - {first["id"]}
    chips = next(s for s in said.values() if s["expert"] == "Bob")
    assert chips["kind"] == "probability"
    assert chips["values"] == [0.25, 0.5]
    report = (results / "summary.html").read_text()
    assert "3 people were invited and 3 answered" in report
    assert "1 answered again; 1 of them otherwise" in report
    assert "Ada" not in report
    assert "what about power?" in report


def test_the_first_estimate_of_an_earlier_day_stays_and_is_superseded(opened, checkout) -> None:
    ada = opened.people["Ada"]
    ada.answer(YEAR, **quantiles("2027", "2031", "2050"))
    opened.people["Bob"].answer(YEAR, **quantiles("2027", "2031", "2055"))
    opened.advance("round1")
    opened.advance("discussion")
    ada.answer(YEAR, **quantiles("2028", "2034", "2060"))
    import sqlite3

    with sqlite3.connect(opened.shop.room.folder / "workshop.sqlite") as other:
        other.execute("UPDATE answer SET at = '2026-01-05T12:00:00+00:00' WHERE round = 1")
    other.close()
    opened.advance("round2")
    file = opened.shop.room.folder / "results" / "spring-workshop.yaml"
    assert [f for f in check(checkout / "data", [file]) if f.severity == "error"] == []
    found = {
        s.statement.values[1]: s for s in read_elicitations([file]) if s.statement.expert == "Ada"
    }
    assert {s.statement.role for s in found.values()} == {"evidence"}
    now = states(read_elicitations([file]))
    assert now[found[2031.0].statement.id].status == "superseded"
    assert now[found[2034.0].statement.id].status == "live"


def test_what_cannot_be_taken_is_kept_and_said(opened) -> None:
    ada = opened.people["Ada"]
    reply = ada.answer(YEAR, **quantiles("2040", "2031", "2050"))
    assert reply.status == 422
    assert "Not taken yet" in reply.text
    assert "2040" in reply.text
    assert 'value="2040"' in ada.get(f"/workshop/q/{YEAR}").text
    assert "0 of 2" in opened.chair.get("/chair").text


def test_typed_but_not_sent_survives_a_reload(opened) -> None:
    ada = opened.people["Ada"]
    ada.get(f"/workshop/q/{YEAR}")
    reply = ada.post(f"/workshop/working/{YEAR}", how="quantiles", value_2="2033")
    assert reply.status == 204
    assert 'value="2033"' in ada.get(f"/workshop/q/{YEAR}").text
    assert "2033" not in opened.people["Bob"].get(f"/workshop/q/{YEAR}").text


def test_the_chair_needs_people_and_questions_first(serve, tmp_path, opened) -> None:
    shop = serve(tmp_path / "other")
    chair = type(opened.chair)(shop.room.base)
    chair.get(urlsplit(shop.chair).path)
    reply = chair.post("/chair", step="advance", seen="setup")
    assert reply.status == 422
    assert "choose them first" in reply.text
    chair.post("/chair", step="arrange", title="x", fields=[("question", YEAR)])
    reply = chair.post("/chair", step="advance", seen="setup")
    assert reply.status == 422
    assert "two people" in reply.text


def test_the_chair_loses_nothing_that_was_typed(serve, tmp_path, person) -> None:
    shop = serve(tmp_path / "shop")
    chair = person(shop.room.base)
    chair.get(urlsplit(shop.chair).path)
    ticked = [("question", YEAR), ("question", EVENT)]
    reply = chair.post("/chair", step="invite", title=" ", names="Ada\nBob", fields=ticked)
    assert reply.status == 422
    assert "Ada\nBob</textarea>" in reply.text
    assert reply.text.count(" checked>") == 2
    assert " checked>" not in chair.get("/chair").text  # shown again, and not kept
    reply = chair.post("/chair", step="invite", title="May", names="Ada\nBob", fields=ticked)
    assert set(links_in(reply.text)) == {"Ada", "Bob"}
    assert chair.get("/chair").text.count(" checked>") == 2  # by the button of the people, too
    reply = chair.post("/chair", step="advance", seen="setup", title="May", fields=ticked[:1])
    assert "round 1" in reply.text
    assert "What is asked (1)" in reply.text
    reply = chair.post("/chair", step="advance", seen="setup", title="x", fields=ticked)
    assert reply.status == 409
    assert '<a href="/chair">Back to the start</a>' in reply.text  # the experts' is closed to her
    wording = shop.room.catalogue.questions[YEAR].wording
    again = html.unescape(chair.get("/chair").text)
    assert wording in again
    assert "What is asked (1)" in again


def test_an_event_is_asked_for_and_read_back_without_the_models_names(opened) -> None:
    ada = opened.people["Ada"]
    reply = ada.answer(EVENT, percent="35")
    assert "You put 35 % on this being so, and 65 % on its opposite." in reply.text
    assert "Probability that this is so" in reply.text
    assert "0.5" not in reply.text
    assert "scheming &gt;" not in reply.text


def test_bins_that_do_not_rise_are_not_passed_over_in_silence(opened) -> None:
    ada = opened.people["Ada"]
    ada.get(f"/workshop/q/{YEAR}")
    reply = ada.post(f"/workshop/q/{YEAR}", step="bins", how="chips", edges="2030 2025")
    assert reply.status == 422
    assert "Where the bins end: each must be larger" in reply.text
    assert 'value="2030 2025"' in reply.text
