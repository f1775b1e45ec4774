"""A forecast from the first page to the file, over plain HTTP, and what others could try."""

import csv
import io
import json
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sweet_spot.evidence.checks import check
from sweet_spot.page.app import _plain
from sweet_spot.page.store import open_store, working

TYPED = {"how": "quantiles", "value_0": "2027", "value_2": "2031", "value_4": "2060"}
SCRIPT = "<script>alert(1)</script>"


def begin(desk, name: str = "Ada Example", *questions: str, **more: str) -> str:
    desk.get("/forecast")
    chosen = [("question", q) for q in questions or ("automation", "danger", "schemers")]
    reply = desk.post("/forecast", follow=False, fields=chosen, name=name, step="begin", **more)
    assert reply.status == 303
    desk.get(reply.headers["Location"])
    return reply.headers["Location"]


def answer(desk, draft: str, question: str, **fields: str):
    desk.get(f"{draft}/q/{question}")
    return desk.post(f"{draft}/q/{question}", step="send", nonce="n" + question, **fields)


def test_a_forecast_is_found_in_its_file(desk, study, small_data: Path) -> None:
    draft = begin(desk)
    page = answer(desk, draft, "automation", **TYPED, reason="compute").text
    assert "Your answer is kept" in page
    assert "What your answer says" in page
    answer(desk, draft, "schemers", percent="<1")
    desk.get(draft)
    page = desk.post(draft, step="save").text
    (file,) = study.folder.glob("*.yaml")
    assert str(file) in page
    assert [f for f in check(small_data, [file]) if f.severity == "error"] == []
    said = yaml.safe_load(file.read_text())["statements"]
    assert [(s["question"], s["expert"]) for s in said] == [
        ("automation", "Ada Example"), ("schemers", "Ada Example")]  # fmt: skip
    assert said[0]["values"] == [2027, 2031, 2060]
    assert said[1]["value"] == "<1"
    assert "compute" in said[0]["reason"]
    assert {p.name.split(".sqlite")[0] for p in study.folder.iterdir()} == {file.name, ".drafts"}
    sent = desk.get(f"{draft}/file")
    assert yaml.safe_load(sent.text)["statements"] == said
    assert "attachment" in sent.headers["Content-Disposition"]


def test_two_files_of_one_day_go_together(desk, study, small_data: Path) -> None:
    """Statements of the second have ids of their own, so that `add` takes both."""
    for question in ("automation", "schemers"):
        draft = begin(desk)
        answer(desk, draft, "schemers", percent="<1") if question == "schemers" else answer(
            desk, draft, "automation", **TYPED
        )
        desk.post(draft, step="save")
    desk.post(draft, step="save")  # the same once more, which says the same under another id
    files = sorted(study.folder.glob("*.yaml"), key=lambda file: len(file.stem))
    ids = [yaml.safe_load(file.read_text())["statements"][0]["id"] for file in files]
    assert len(set(ids)) == len(files) == 3
    assert [f for f in check(small_data, files[:2]) if f.severity == "error"] == []
    twice = [f.rule for f in check(small_data, files) if f.severity == "error"]
    assert twice == ["one-answer"]


def test_others_are_shown_only_after_the_answer(desk) -> None:
    draft = begin(desk)
    before = desk.get(f"{draft}/q/danger").text
    assert not re.search("Olga|Pavel|Quinn|published", before)
    after = answer(desk, draft, "danger", value_0="0", value_2=".7", value_4="1.4").text
    assert "above 2 of 3 published ones" in after
    assert "Olga" in after
    other = desk.get(f"{draft}/q/automation").text
    assert "Olga" not in other


def test_a_draft_survives_a_reload_and_a_restart(desk, study) -> None:
    draft = begin(desk)
    desk.get(f"{draft}/q/automation")
    assert desk.post(f"{draft}/working/automation", how="quantiles", value_2="2033").status == 204
    assert 'value="2033"' in desk.get(f"{draft}/q/automation").text
    refused = answer(desk, draft, "automation", how="quantiles", value_0="2050", value_2="2031")
    assert refused.status == 422
    assert 'value="2050"' in desk.get(f"{draft}/q/automation").text
    bins = {"how": "chips", "edges": "2030 2040", "chip_1": "3"}
    moved = desk.post(f"{draft}/q/automation", step="bins", **bins)
    assert "2030 to 2040" in moved.text
    assert 'value="3"' in moved.text
    assert 'value="2050"' in desk.get(f"{draft}/q/automation?how=quantiles").text
    with closing(open_store(study.folder / ".drafts.sqlite")) as held:
        assert working(held, 1, "automation", 1)["value_0"] == "2050"


def test_answers_together_and_their_effect(desk) -> None:
    draft = begin(desk, "Ada", "coder", "researcher", "danger")
    answer(desk, draft, "coder", how="quantiles", value_0="2040", value_2="2050")
    answer(desk, draft, "researcher", how="quantiles", value_0="2027", value_2="2030")
    assert "cannot all be right" in desk.get(draft).text
    answer(desk, draft, "researcher", how="quantiles", value_0="2041", value_2="2052")
    assert "do not contradict" in desk.get(draft).text
    found = json.loads(desk.get(f"{draft}/effect").text)["text"]
    assert "Your 2 statements alone: P(usable for at least one factor) = " in found
    assert "with all others" in found


def test_checks_alone_move_nothing(desk) -> None:
    draft = begin(desk, "Ada", "spot")
    answer(desk, draft, "spot", percent="40")
    found = json.loads(desk.get(f"{draft}/effect").text)["text"]
    assert "they serve as checks" in found


def test_recommended_questions_are_of_the_catalogue(desk, study, monkeypatch) -> None:
    from sweet_spot.page.forecast_room import Recommended

    asked = []

    def recommended(self, name):
        asked.append(name)
        return (Recommended("danger", "0.1 bits"),)

    monkeypatch.setattr(type(study), "recommended", recommended)
    desk.get("/forecast")
    page = desk.post("/forecast", name="Olga", step="recommend").text
    assert asked == ["Olga"]
    assert "0.1 bits" in page
    assert re.search(r'id="r-danger"[^>]*checked', page)


def test_seeds_leave_as_resolved_forecasts(desk, study, checkout: Path) -> None:
    draft = begin(desk, seeds="yes")
    for name in re.findall(r'href="[^"]+/q/(seed\.[a-z_0-9]+)"', desk.get(draft).text):
        page = desk.get(f"{draft}/q/{name}").text
        fields = {"percent": "20"} if 'name="percent"' in page else {
            "value_0": "5", "value_1": "40", "value_2": "3000"}  # fmt: skip
        assert answer(desk, draft, name, **fields).status == 200
    answer(desk, draft, "automation", **TYPED)
    desk.get(draft)
    page = desk.post(draft, step="calibration").text
    (folder,) = study.folder.glob("calibration-*")
    said = list(csv.DictReader(io.StringIO((folder / "forecasts.csv").read_text())))
    known = list(csv.DictReader(io.StringIO((folder / "outcomes.csv").read_text())))
    assert " ".join(said[0]) == "dataset question_id expert_id kind level value date round"
    assert {row["expert_id"] for row in said} == {"Ada Example"}
    assert {row["question_id"] for row in said} == {row["question_id"] for row in known}
    assert len(known) == 4
    truth = {
        s["id"]: s["outcome"]
        for s in yaml.safe_load((checkout / "data" / "seeds.yaml").read_text())["seeds"]
    }
    assert all(float(row["outcome"]) == truth[row["question_id"]] for row in known)
    assert "your 5 to 95 % held the truth in" in page
    assert not list(study.folder.glob("*.yaml"))  # and no statement file of it
    desk.get(draft)
    desk.post(draft, step="save")
    (file,) = study.folder.glob("*.yaml")
    assert "seed" not in file.read_text()


def test_guessed_drafts_and_strange_hosts_open_nothing(desk, study, monkeypatch) -> None:
    draft = begin(desk)
    for path in (draft[:-1] + ("B" if draft[-1] == "A" else "A"), "/forecast/" + "A" * 43):
        assert desk.get(path).status == 404
        assert desk.get(f"{path}/file").status == 404
        assert desk.post(f"{path}/working/automation", value_2="1").status == 404
    assert desk.get(f"{draft}/q/coder").status == 404  # not a question of this draft
    object.__setattr__(study, "hosts", ["127.0.0.1:1"])
    assert desk.request("GET", draft).status == 403
    assert desk.request("GET", "/forecast", Host="evil.example").status == 403


def test_forms_from_elsewhere_and_large_ones_are_refused(desk) -> None:
    draft = begin(desk)
    for path in ("/forecast", draft, f"{draft}/q/automation", f"{draft}/working/automation"):
        assert desk.request("POST", path, "step=save&value_2=2030").status == 403
    assert answer(desk, draft, "automation", **TYPED, reason="x" * 70_000).status == 413
    assert answer(desk, draft, "automation", **TYPED, reason="x" * 2001).status == 409


def test_names_stay_text_and_out_of_paths(desk, study, small_data: Path) -> None:
    draft = begin(desk, f"../../{SCRIPT}")
    answer(desk, draft, "automation", **TYPED, reason=SCRIPT)
    page = desk.post(draft, step="save").text
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    (file,) = study.folder.glob("*.yaml")
    assert file.name.startswith("script-alert-1-script-")
    assert [f for f in check(small_data, [file]) if f.severity == "error"] == []
    reply = desk.get("/forecast")
    assert "unsafe" not in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("name", "chosen"), [("", ["danger"]), ("Ada", []), ("Ada", ["unknown"])])
def test_a_draft_needs_a_name_and_questions(desk, name: str, chosen: list[str]) -> None:
    desk.get("/forecast")
    fields = [("question", q) for q in chosen]
    assert desk.post("/forecast", fields=fields, name=name, step="begin").status == 422


def test_somebody_in_a_cluster_stays_in_it(desk, study, small_data: Path) -> None:
    draft = begin(desk, "Olga", "automation")
    answer(desk, draft, "automation", **TYPED)
    assert "with all others: P(usable" in json.loads(desk.get(f"{draft}/effect").text)["text"]
    desk.get(draft)
    desk.post(draft, step="save")
    (file,) = study.folder.glob("*.yaml")
    assert yaml.safe_load(file.read_text())["statements"][0]["cluster"] == "club"
    whole = [*sorted((small_data / "elicitations").glob("*.yaml")), file]
    assert [f.rule for f in check(small_data, whole) if f.severity == "error"] == []


def test_forms_without_tokens_are_not_served_to_a_network(context) -> None:
    here = _plain(context, ["127.0.0.1:5006"])
    assert any(route[0] == "/forecast" for route in here)
    assert _plain(replace(context, network=True), []) == []
