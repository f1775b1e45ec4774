"""What the views show, against the answers that they show and against hostile texts."""

import io
import re
import time
import zipfile
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import xarray as xr

import sweet_spot
from sweet_spot.answers.numbers import probability, signed
from sweet_spot.argument.structure import LATENT_DIMS, derive
from sweet_spot.errors import UntrustworthyFit
from sweet_spot.page import explore_answer, explore_latents, explore_picture, explore_scenarios
from sweet_spot.page import explore_statements as said
from sweet_spot.page import explore_what_if as what_if
from sweet_spot.page.app import EXPLORE, explore
from sweet_spot.page.context import Context
from sweet_spot.page.export import packed, program
from sweet_spot.page.what_if_worlds import kept_worlds, moved_worlds

from .conftest import HOSTILE

SHOWN = {
    "answer": explore_answer.shown, "picture": explore_picture.shown,
    "what-if": what_if.set_shown, "learned": what_if.given_shown,
    "scenarios": explore_scenarios.shown, "unknowns": explore_latents.shown,
    "statements": said.shown,
}  # fmt: skip


class Parts(HTMLParser):
    """Tags and attributes of some HTML, and whether every tag that was opened was closed."""

    VOID = ("br", "img", "input", "rect", "line", "polyline", "polygon")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("name", SHOWN)
def test_hostile_texts_make_no_tag_and_no_attribute(hostile: Context, name: str) -> None:
    values = {"search": "<script>", "factor": "<img src=x>", "<svg onload=x>": "<b>", "show": "'"}
    if name == "statements":
        values = {"topic": "all"}
    parts = Parts(SHOWN[name](hostile, values).html)
    assert not {"script", "img", "iframe", "object", "style"} & set(parts.tags)
    assert not [n for n in parts.names if n.startswith("on")]


def test_hostile_texts_are_shown_as_they_are(hostile: Context) -> None:
    found = said.shown(hostile, {"search": "mallory"})
    assert "javascript:" not in found.html
    assert "&lt;script&gt;window.attacked" in found.html
    assert found.table()["expert"].tolist() == [HOSTILE["expert"]]


@pytest.mark.parametrize("factor", ["any", "safety_progress", "all"])
def test_the_answer_is_the_mean_of_the_gate(context: Context, factor: str) -> None:
    usable = context.tree["posterior/usable"]
    by = {"any": usable.any("factor"), "all": usable.all("factor")}
    gate = by.get(factor, usable.sel(factor=factor) if factor not in by else None)
    found = explore_answer.shown(context, {"factor": factor})
    assert found.said.endswith(probability(float(gate.mean())))
    assert f'<span class="number">{probability(float(gate.mean()))}</span>' in found.html
    assert "prior" in found.html
    assert sweet_spot.credence_table(context.tree).verdict.text in found.html


def test_what_is_made_so_is_what_the_twin_says(context: Context) -> None:
    found = what_if.set_shown(context, {"years_bought": "2.0"})
    twin = sweet_spot.whatif(context.tree, set={"years_bought": 2.0})
    usable = twin.data.sel(world="posterior", gate="usable", factor="any")
    assert f'data-number="whatif">{probability(float(usable["whatif"]))}<' in found.html
    assert signed(float(usable["change"])) in found.html
    assert found.values == {"years_bought": "2.0"}
    scope = {"tree": context.tree, "sweet_spot": sweet_spot}
    line = found.python.splitlines()[-1]
    assert eval(line, scope).equals(twin.table)  # the line that the page prints is the answer


def test_one_what_if_leaves_no_trace_in_the_next(context: Context) -> None:
    first = what_if.set_shown(context, {"years_bought": "2.0"})
    what_if.set_shown(context, {"investment[safety_progress]": "0.9", "scheming": "0.01"})
    what_if.given_shown(context, {"years_bought": ">0.2"})
    assert what_if.set_shown(context, {"years_bought": "2.0"}).html == first.html


def test_making_so_is_not_learning(context: Context) -> None:
    made = what_if.set_shown(context, {"scheming": "0.1"})
    learned = what_if.given_shown(context, {"scheming_at_useful[safety_progress]": "<0.5"})
    assert "worlds" not in re.sub(r"<figure.*", "", made.html, flags=re.S)
    assert re.search(r"It holds in \d+ of 400 worlds", learned.html)


def test_too_few_worlds_are_refused_in_words(context: Context) -> None:
    from sweet_spot.page.controls import _tried

    found = _tried(lambda values: what_if.given_shown(context, values), {"years_bought": ">50"})
    assert 'role="alert"' in found.html
    assert "independent" in found.html
    assert "Too few worlds are left" in found.html
    assert "years_bought" not in found.html.partition("</p>")[0]  # whoever moves sliders has labels
    assert "with set" not in found.html  # nor a command line


def test_moved_worlds_are_derived_again(context: Context) -> None:
    draws = context.tree["posterior"].to_dataset()
    worlds = moved_worlds(draws, {"years_bought": 3.0})
    latents = draws[list(LATENT_DIMS)].assign(years_bought=xr.full_like(draws["years_bought"], 3.0))
    expected = derive(latents)["usable"].stack(sample=("chain", "draw")).transpose("sample", ...)
    np.testing.assert_array_equal(worlds["usable"], expected.to_numpy())


def test_kept_worlds_are_those_in_which_it_holds(context: Context) -> None:
    draws = context.tree["posterior"].to_dataset()
    worlds = kept_worlds(draws, ["years_bought > 0.3"])
    values = draws["years_bought"].to_numpy().ravel()
    np.testing.assert_array_equal(worlds["years_bought"], values[values > 0.3])


def test_scenarios_link_to_themselves_and_say_what_is_outside(context: Context) -> None:
    every = explore_scenarios.shown(context, {})
    told = sweet_spot.read_scenarios(context.data / "scenarios.yaml")
    for scenario in told.values():
        assert f'href="?scenario={scenario.id}"' in every.html
        one = explore_scenarios.shown(context, {"scenario": scenario.id})
        assert one.values == {"scenario": scenario.id}
        assert scenario.moves or "Outside the model" in one.html
    assert explore_scenarios.shown(context, {"scenario": "none"}).html == every.html


def test_unknowns_without_forecasts_say_prior_only(context: Context) -> None:
    from sweet_spot.answers.latents import latent_table

    found = latent_table(context.tree, context.argument, context.evidence)
    shown = explore_latents.shown(context, {"show": "prior"})
    assert shown.html.count(">prior only</span>") == len(found.prior_only)
    assert 0 < len(found.prior_only) < found.data.sizes["coordinate"]
    assert ">prior only</span>" not in explore_latents.shown(context, {"show": "informed"}).html


def test_a_search_finds_every_word_in_any_text(context: Context) -> None:
    data = said.the_statements(context).data
    name = str(data["expert"].values[0])
    expected = int((data["expert"] == name).sum())
    assert said.shown(context, {"search": name.upper()}).table()["expert"].tolist().count(name) == (
        expected
    )
    assert said.found_in(data, context, {}).all()
    assert not said.found_in(data, context, {"search": f"{name} zzz"}).any()
    assert "Nothing has all these words" in said.shown(context, {"search": "zzz"}).html
    assert said.found_in(data, context, {"topic": "nonsense", "part": "nonsense"}).all()
    live = said.found_in(data, context, {"part": "evidence"})
    assert live.sum() == ((data["live"] == 1) & (data["role"] == "evidence")).sum()


@pytest.mark.parametrize("name", ["what-if", "unknowns", "scenarios"])
def test_an_export_holds_figure_data_and_python(context: Context, name: str) -> None:
    found = SHOWN[name](context, {"years_bought": "2"})
    with zipfile.ZipFile(io.BytesIO(packed(found, name))) as archive:
        names = archive.namelist()
        assert {f"{name}.csv", f"{name}.py"} <= set(names)
        drawn = {n.rpartition(".")[2]: archive.read(n) for n in names if n.endswith(("png", "svg"))}
        assert drawn["png"].startswith(b"\x89PNG")
        assert b"<svg" in drawn["svg"]
        assert len(archive.read(f"{name}.csv").splitlines()) > 1
        compile(archive.read(f"{name}.py"), name, "exec")


def test_an_exported_program_prints_the_number_of_the_view(
    context: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = what_if.set_shown(context, {"years_bought": "2"})
    monkeypatch.setattr(sweet_spot, "load_fit", lambda _path: context.tree)
    exec(compile(program(found.python), "what-if.py", "exec"), {})
    printed = capsys.readouterr().out
    assert printed == found.table().to_string() + "\n"
    assert re.search(r"usable +any +\S+ +0\.\d+", printed)
    assert program("") == "import sweet_spot\n\n"
    assert program("a = 1").endswith("a = 1\n")


def test_every_view_has_a_figure_to_export(context: Context) -> None:
    values = {"what-if": {"years_bought": "2"}, "learned": {"years_bought": ">0.2"}}
    for name, show in SHOWN.items():
        found = show(context, values.get(name, {}))
        assert found.figures, name
        assert "load_fit" in found.python, name
        assert len(found.table()), name


def test_an_update_needs_no_sampling_and_little_time(context: Context) -> None:
    def once() -> float:
        start = time.process_time()
        what_if.set_shown(context, {"years_bought": "2.0"})
        return time.process_time() - start

    assert min(once() for _ in range(5)) < 0.3  # on 400 draws; see the README for a whole fit


def test_a_fit_of_other_statements_is_told_apart(context: Context) -> None:
    fewer = context.evidence.statements.isel(statement=slice(1, None))
    other = replace(context, evidence=replace(context.evidence, statements=fewer), answers={})
    for path in ("/unknowns", "/statements"):
        assert "the fit is not one of the statements" in EXPLORE[path].view(other)[2].object.lower()
    assert 'class="number"' in EXPLORE["/"].view(other)[2].object


def test_every_view_is_a_tab_in_jupyter(context: Context) -> None:
    tabs = explore(context.tree, context.data)
    assert list(tabs._names) == [route.name for route in EXPLORE.values()]
    assert tabs.get_root().tabs  # the same objects, without a server


def test_a_failed_fit_is_refused(tree: xr.DataTree, context: Context) -> None:
    failed = tree.copy()
    failed.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    with pytest.raises(UntrustworthyFit, match="divergences 3"):
        explore(failed, context.data)
    found = explore_answer.shown(replace(context, tree=failed, answers={}), {})
    assert "failed its verdict" in found.html


def test_a_prior_is_called_one(context: Context) -> None:
    alone = xr.DataTree.from_dict(
        {name: node.to_dataset() for name, node in context.tree.children.items()
         if "posterior" not in name}
    )  # fmt: skip
    alone.attrs.update(context.tree.attrs)
    prior = replace(context, tree=alone, answers={})
    assert "this is the prior alone" in explore_answer.shown(prior, {}).html
    assert 'data-number="whatif"' in what_if.set_shown(prior, {"years_bought": "2"}).html
    assert "Prior" in explore_latents.shown(prior, {}).html
