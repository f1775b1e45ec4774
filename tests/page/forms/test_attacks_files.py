"""Names, titles and paths that try to be more than that: in files, folders and addresses."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from sweet_spot.errors import InvalidRecord, UnusableStore
from sweet_spot.evidence.checks import check
from sweet_spot.page.forecast_seeds import read_seeds
from sweet_spot.page.store import open_store, set_meta
from sweet_spot.page.workshop_results import write_results
from sweet_spot.page.workshop_rounds import open_workshop

YEAR = "year_full_rnd_automation"
FORM = {"how": "quantiles", "value_0": "2027", "value_2": "2031", "value_4": "2050"}


NAMES = [
    'Ada"\n    role: check', "x: {a: b}", "!!python/object:os.system", "- id: y", "&anchor *alias",
    "# no name", "yes", "2031", "Zo\u00eb \u00d8", "a\u2028b", "'; DROP TABLE answer; --",
    "\u202eevil",
]  # fmt: skip


def test_names_cannot_write_yaml(serve, opened, tmp_path: Path, checkout: Path) -> None:
    shop = serve(tmp_path / "names")
    chair = type(opened.chair)(shop.room.base)
    chair.get(urlsplit(shop.chair).path)
    chair.post("/chair", step="arrange", title="t: [x]\n- y", fields=[("question", YEAR)])
    chair.post("/chair", step="invite", names="\n".join(NAMES))
    links = re.findall(r"<dd><code>([^<]+)</code>", chair.page)
    chair.get("/chair")
    chair.post("/chair", step="advance", seen="setup")
    for k, link in enumerate(links):
        person = type(opened.chair)(shop.room.base)
        person.get(urlsplit(link).path)
        person.answer(YEAR, **{**FORM, "value_2": str(2030 + k)}, reason='"\nrole: check\n- id: z')
    for seen in ("round1", "discussion", "round2"):
        chair.get("/chair")
        chair.post("/chair", step="advance", seen=seen)
    (file,) = (shop.room.folder / "results").glob("*.yaml")
    assert [f for f in check(checkout / "data", [file]) if f.severity == "error"] == []
    said = yaml.safe_load(file.read_text())
    assert len(said["statements"]) == len(links) == len(NAMES) + 1  # the first is two lines
    assert {s["role"] for s in said["statements"]} == {"evidence"}
    assert "'; DROP TABLE answer; --" in {s["expert"] for s in said["statements"]}


@pytest.mark.parametrize(
    "title",
    ["../../../escaped", "/etc/passwd", "..", "a/../../b", "con\x00trol", ".hidden", "\u202e"],
)
def test_titles_cannot_leave_the_folder(opened, title: str) -> None:
    opened.people["Ada"].answer(YEAR, **FORM)
    held = open_workshop(opened.shop.room.folder)
    set_meta(held, title=title or "x")
    written, _ = write_results(replace(opened.shop.room, held=held))
    held.close()
    results = (opened.shop.room.folder / "results").resolve()
    assert {path.resolve().parent for path in written} == {results}
    assert not [path for path in written if path.name.startswith(".")]


@pytest.mark.parametrize(
    "path",
    ["/forms/../web.py", "/forms/..%2fweb.py", "/forms/store.py", "/workshop/q/../../etc/passwd",
     "/workshop/q/..%2f..%2fworkshop.sqlite", "/workshop/q/unknown", "/workshop.sqlite",
     "/results/"],
)  # fmt: skip
def test_paths_lead_nowhere(opened, path: str) -> None:
    assert opened.people["Ada"].request("GET", path).status == 404


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("these are no answers, whatever the name says" * 20)
    with pytest.raises(UnusableStore, match="no file of answers"):
        open_store(tmp_path / "text.sqlite")
    held = open_store(tmp_path / "old.sqlite")
    set_meta(held, format="0")
    held.close()
    with pytest.raises(UnusableStore, match="another version"):
        open_store(tmp_path / "old.sqlite")
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(UnusableStore):
        open_store(tmp_path / "folder.sqlite")


def test_a_seeds_file_out_of_format_is_refused(tmp_path: Path) -> None:
    assert read_seeds(tmp_path) == {}
    (tmp_path / "seeds.yaml").write_text("seeds: [{id: x, outcome: much}]")
    with pytest.raises(InvalidRecord, match=r"seeds\.yaml"):
        read_seeds(tmp_path)
    (tmp_path / "seeds.yaml").write_text("seeds: !!python/object/apply:os.getcwd []")
    with pytest.raises(InvalidRecord, match=r"seeds\.yaml"):
        read_seeds(tmp_path)
