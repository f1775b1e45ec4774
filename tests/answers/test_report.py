"""The report folder: pages, refusal, what is found again, what the pages may load."""

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from sweet_spot.answers.pages import markdown
from sweet_spot.answers.render import render, reported
from sweet_spot.answers.report import report
from sweet_spot.answers.section import Reported
from sweet_spot.answers.sections_fit import inputs_section
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import InvalidRecord, MissingData, SweetSpotError, UntrustworthyFit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.store import digests, fits

REMAKE = "meant? then run `python tests/golden/make.py`"


def fail(fit: Path) -> None:
    """Makes a fit in the cache one that failed its verdict."""
    with xr.open_datatree(fit) as opened:
        tree = opened.load()
    tree.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    fit.unlink()
    tree.to_netcdf(fit)


@pytest.mark.parametrize("page", ["report.md", "credences.json"])
def test_pages_are_the_golden_ones(pages: Path, golden: Path, page: str) -> None:
    found, expected = ((folder / page).read_text("utf-8") for folder in (pages, golden))
    assert found == expected, REMAKE


def test_html_loads_nothing_and_is_accessible(pages: Path) -> None:
    page = (pages / "report.html").read_text("utf-8")
    assert (pages / "report.html").stat().st_size < 5e6
    assert '<html lang="en">' in page
    assert re.search(r"<title>[^<]+</title>", page)
    loads = re.findall(r"""(?:src|href|action|data)\s*=\s*["']([^"']*)["']|url\(([^)]*)\)""", page)
    addresses = [first or second for first, second in loads]
    linked = set(re.findall(r'<a href="([^"]*)"', page))
    assert all(a in linked or a.startswith("data:image/png;base64,") for a in addresses)
    assert all(re.match("https?://", address) for address in linked)
    assert "<script" not in page
    assert "<link" not in page
    assert "@import" not in page
    images = re.findall(r"<img [^>]*>", page)
    assert len(images) == len(list((pages / "figures").iterdir()))
    assert all(re.search(r'alt="[^"]{20,}"', image) for image in images)
    assert 'name="viewport"' in page


def test_every_number_of_the_credence_table_is_printed(answers: Any, pages: Path) -> None:
    text = (pages / "report.md").read_text("utf-8")
    assert text.startswith(f"**{answers.credences.text}**")
    for row in answers.credences.rows:
        assert f"| {row['gate']} |" in text
    limits = ("not success", "lower bound", "One leading", "blind spot", "judgement", "evaluation")
    for words in (*limits, "prior only", "not P(takeover)"):
        assert words in text


def test_report_writes_its_folder(cache: Path, golden: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "figures").mkdir(parents=True)
    (out / "figures" / "statements_gone.png").write_bytes(b"old")
    done = report(golden / "data", out, cache=cache)
    names = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert {"report.md", "report.html", "credences.json", "inputs.json", "fit.nc"} <= names
    assert "figures/picture.png" in names
    assert "figures/statements_gone.png" not in names
    assert not [name for name in names if ".writing" in name]
    assert done.reused
    assert done.credences.text in (out / "report.md").read_text("utf-8")
    content = json.loads((out / "credences.json").read_text("utf-8"))
    assert content == done.credences.to_json()
    listed = json.loads((out / "inputs.json").read_text("utf-8"))
    assert len(listed["statements"]) == done.credences.all_live.statements
    assert {"run", "seed", "settings", "versions", "digests", "as_of"} <= set(listed)
    assert all(said["url"] and said["date"] for said in listed["statements"])
    with xr.open_datatree(out / "fit.nc") as fit:
        assert fit.attrs["digest_fit"] == listed["digests"]["fit"]


def test_a_second_report_is_the_same_and_draws_nothing(
    cache: Path, golden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(golden / "data", tmp_path / "a", cache=cache)
    monkeypatch.setattr("sweet_spot.answers.render.render", None)
    second = report(golden / "data", tmp_path / "b", cache=cache)
    assert second.credences.to_json() == first.credences.to_json()
    for page in ("report.md", "report.html", "credences.json"):
        assert (tmp_path / "a" / page).read_bytes() == (tmp_path / "b" / page).read_bytes()


def test_an_unchanged_report_needs_no_sampler(cache: Path, golden: Path, tmp_path: Path) -> None:
    report(golden / "data", tmp_path / "a", cache=cache)
    code = (
        "import sys; from sweet_spot import report\n"
        f"report({str(golden / 'data')!r}, {str(tmp_path / 'b')!r}, cache={str(cache)!r})\n"
        "assert not {'pymc', 'pytensor', 'nutpie', 'arviz', 'matplotlib'} & set(sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_a_failed_fit_is_refused(cache: Path, golden: Path, tmp_path: Path, fit_name: str) -> None:
    fail(cache / f"{fit_name}.nc")
    with pytest.raises(UntrustworthyFit, match="divergences 3, demanded at most 0"):
        report(golden / "data", tmp_path / "out", cache=cache)
    assert not (tmp_path / "out").exists()


def test_a_forced_report_warns_first(
    cache: Path, golden: Path, tmp_path: Path, fit_name: str
) -> None:
    fail(cache / f"{fit_name}.nc")
    done = report(golden / "data", tmp_path / "out", cache=cache, force=True)
    assert done.verdict.failed
    first = (tmp_path / "out" / "report.md").read_text("utf-8").splitlines()[0]
    assert first.startswith("WARNING: The fit failed its verdict: divergences 3")
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert '<main class="warned">\n<p>WARNING' in page
    assert (
        json.loads((tmp_path / "out" / "credences.json").read_text())["verdict"]["passed"] is False
    )


def test_prior_only_says_prior_everywhere(prior_answers: Any, tmp_path: Path) -> None:
    render(prior_answers.about, tmp_path / "pages")
    text = (tmp_path / "pages" / "report.md").read_text("utf-8")
    headings = [line for line in text.splitlines() if re.match("#{1,3} ", line)]
    assert all("Prior: " in line for line in headings)
    assert text.startswith("**Prior P(usable")
    numbers = text.partition("What was said")[0]
    assert "posterior" not in numbers.lower()
    page = (tmp_path / "pages" / "report.html").read_text("utf-8")
    assert "<title>Prior: " in page


def test_as_of_is_said(tree: xr.DataTree, argument: Argument, evidence: Evidence) -> None:
    about = reported(tree, argument, evidence, dt.date(2026, 5, 1))
    text = markdown(about, [inputs_section(about)])
    assert text.startswith("**As of 2026-05-01: ")
    assert "What was known on 2026-05-01" in text


def test_no_data_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="--data"):
        report(tmp_path / "nowhere", tmp_path / "out", cache=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SweetSpotError, match="--out"):
        report(tmp_path, tmp_path / "file", cache=tmp_path)


def test_scenarios_are_read_before_the_fit_and_drawn_anew(
    cache: Path, golden: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of scenarios alone makes new pages of the old fit; a wrong one stops at once."""
    data, drawn = tmp_path / "data", []

    def note(about: Reported, folder: Path) -> None:
        told = about.scenarios
        drawn.append([entry.add for entry in told[0].moves] if told else [])
        shutil.copytree(golden, folder, ignore=shutil.ignore_patterns("data", "*.nc"))
        (folder / "figures").mkdir()
        for page in ("report.html", "inputs.json"):
            (folder / page).write_text("{}", "utf-8")

    monkeypatch.setattr("sweet_spot.answers.render.render", note)
    shutil.copytree(golden / "data", data)
    path = data / "scenarios.yaml"
    text = path.read_text("utf-8")
    for changed in (text, text, text.replace("add: 2\n", "add: 3\n")):
        path.write_text(changed, "utf-8")
        assert report(data, tmp_path / "out", cache=cache).reused
    path.unlink()
    report(data, tmp_path / "out", cache=cache)
    assert drawn == [[2], [3], []]
    path.write_text(text.replace("add: 2\n", "add: more\n"), "utf-8")
    with pytest.raises(InvalidRecord, match=r"scenarios\.yaml: pause, moves\[0\]\.add: "):
        report(data, tmp_path / "out", cache=tmp_path / "empty")


def test_fits_of_the_same_inputs_newest_first(
    tmp_path: Path, tree: xr.DataTree, argument: Argument, evidence: Evidence
) -> None:
    named = digests(argument, evidence, learned_constants())
    assert not list(fits(named, tmp_path / "none"))
    (tmp_path / "damaged.nc").write_bytes(b"no fit")
    small = xr.DataTree.from_dict({"prior": tree["prior"].to_dataset()[["scheming"]]})
    small.attrs.update(named)
    times = {"old": 0, "new": 0, "prior": 1, "other": 0}
    for name, prior_only in times.items():
        small.attrs["setting_prior_only"] = prior_only
        small.attrs["digest_known"] = "other" if name == "other" else named["digest_known"]
        small.to_netcdf(tmp_path / f"{name}.nc")
        stamp = 1_700_000_000 + 100 * list(times).index(name)
        shutil.os.utime(tmp_path / f"{name}.nc", (stamp, stamp))
    assert list(fits(named, tmp_path)) == [tmp_path / "new.nc", tmp_path / "old.nc"]
