"""Sections of a report from saved draws and kept refits: who, camps, judgement calls, rivals."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.compare import latents_of
from sweet_spot.answers.estimates import UNKNOWN, thinned, usable
from sweet_spot.answers.figure_calls import calls_figure
from sweet_spot.answers.figure_rivals import rivals_figure
from sweet_spot.answers.influence import Influence, influence
from sweet_spot.answers.judgement import DRAWS, calls, judgement_calls
from sweet_spot.answers.render import reported
from sweet_spot.answers.rivals_saved import saved_rivals
from sweet_spot.answers.section import Reported
from sweet_spot.answers.section_equations import calls_section, rivals_section
from sweet_spot.answers.section_people import (
    FARTHEST,
    OPPOSED,
    camps_section,
    chosen,
    influence_section,
)
from sweet_spot.argument.rivals import MAIN, STRUCTURES
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import NUMPY, equations
from sweet_spot.inference.draws import log_likelihood
from sweet_spot.inference.keep import evidence_of
from sweet_spot.inference.kept import REFITS, kept_names
from sweet_spot.inference.refits import _path, kept, settings_of
from sweet_spot.inference.reweight import base_of
from sweet_spot.inference.rivals import rival_arguments
from sweet_spot.inference.store import save

ANY = {"gate": "usable", "factor": "any"}


@pytest.fixture(scope="module")
def stale(spoken: xr.DataTree) -> xr.DataTree:
    """The fit with a verdict whose checks can be shown."""
    tree = spoken.copy()
    tree.attrs = {**spoken.attrs, "passed": 1, "digest_fit": "0" * 64}
    return tree


@pytest.fixture(scope="module")
def about(stale: xr.DataTree, argument: Argument) -> Reported:
    return reported(stale, argument, evidence_of(stale))


@pytest.fixture(scope="module")
def cache(
    stale: xr.DataTree, argument: Argument, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A cache with two judgement calls: the first half of the draws stands for a refit."""
    folder = tmp_path_factory.mktemp("cache")
    base = base_of(stale, argument)
    half = base.draws.isel(draw=slice(None, 125))
    turned = list(calls(base.evidence, base.constants))[:2]
    for (_, evidence, constants), passed in zip(turned, (1, 0), strict=True):
        path = _path(base, evidence, settings_of(stale), constants, folder)
        save(xr.DataTree(half.assign_attrs(passed=passed)), path)
    return folder


def test_kept_finds_what_a_refitter_keeps_and_nothing_else(
    stale: xr.DataTree, argument: Argument, cache: Path
) -> None:
    base = base_of(stale, argument)
    find = kept(base, settings_of(stale), cache)
    found = [
        find(evidence, constants) for _, evidence, constants in calls(base.evidence, base.constants)
    ]
    assert [each is None for each in found] == [False, False, *[True] * (7 + DRAWS)]
    assert [each.passed for each in found[:2] if each] == [True, False]
    assert len(kept_names(argument, base.evidence, cache, settings_of(stale))) == 2
    assert kept_names(argument, base.evidence, cache / "none") == []
    assert {path.parent.name for path in cache.rglob("*.nc")} == {REFITS}


def test_settings_of_a_fit_are_those_that_name_it(stale: xr.DataTree) -> None:
    assert settings_of(stale).prior_only is bool(stale.attrs["setting_prior_only"])


def test_judgement_calls_without_a_refit_have_no_number(
    stale: xr.DataTree, argument: Argument, cache: Path
) -> None:
    base = base_of(stale, argument)
    found = judgement_calls(stale, kept(base, settings_of(stale), cache), argument=argument)
    methods = found.data["method"].values.tolist()
    assert methods == ["refit", "refit failed", *[UNKNOWN] * (7 + DRAWS)]
    known = np.isfinite(found.data["value"].to_numpy())
    assert known.tolist() == [True, *[False] * (8 + DRAWS)]
    expected = float(usable(base.draws.isel(draw=slice(None, 125))).mean())
    assert float(found.data["value"][0]) == pytest.approx(expected)
    (dots,) = [x for x in calls_figure(found, "").axes[0].lines if x.get_gid() == "calls"]
    np.testing.assert_allclose(dots.get_xdata(), [expected])


def test_calls_section_names_the_command(about: Reported, cache: Path) -> None:
    bare = calls_section(about)
    assert bare is not None
    assert bare.drawings == ()
    assert bare.text.count("needs a refit: `sweet-spot sensitivity --refit`") == 9 + DRAWS
    assert "takes a refit" in bare.points[0].text
    some = calls_section(replace(about, cache=cache))
    assert some is not None
    assert [d.name for d in some.drawings] == ["calls"]
    assert some.text.count("needs a refit: `sweet-spot sensitivity --refit`") == 7 + DRAWS


def test_influence_section_says_what_weights_cannot(about: Reported) -> None:
    found = influence_section(about)
    assert found is not None
    data = about.influence.data
    missing = int((data["method"] == UNKNOWN).sum() + (data["alone_method"] == UNKNOWN).sum())
    assert found.text.count("needs a refit: `sweet-spot influence --by cluster`") == missing
    drawn = ["influence"] if np.isfinite(data["change"]).any() else []
    assert [d.name for d in found.drawings] == drawn


def test_fewer_draws_agree_with_all(stale: xr.DataTree, argument: Argument) -> None:
    whole = influence(stale, argument=argument)
    few = influence(stale, argument=argument, most=500)
    assert few.data.attrs == whole.data.attrs  # headline and prior are of all draws
    for who in whole.data["who"].values:
        one, two = (found.data.sel(who=who) for found in (whole, few))
        for name in ("change", "alone"):
            slack = 4 * np.hypot(float(one[f"{name}_error"]), float(two[f"{name}_error"]))
            assert not abs(float(one[name]) - float(two[name])) > slack
    assert thinned(base_of(stale, argument), 500).draws.sizes["draw"] == 125


@pytest.mark.parametrize(
    ("experts", "alone", "counts", "expected"),
    [
        ([*OPPOSED, "x"], [0.5, 0.6, 0.7], [3, 3, 3], OPPOSED),
        (["a", "b", "c"], [0.5, 0.6, 0.3], [3, 5, 3], ("c", "b")),
        (["a", "b", "c"], [0.5, 0.6, 0.3], [3, 5, 2], ("a", "b")),
        (["a", "b", "c"], [0.5, np.nan, 0.3], [3, 5, 2], None),
    ],
)
def test_camps_are_taken_by_the_rule_that_is_said(
    experts: list[str], alone: list[float], counts: list[int], expected: Any
) -> None:
    said = xr.Dataset(
        {"live": ("s", [1] * 3), "evidence": ("s", [1] * 3), "expert": ("s", experts)}
    )
    data = xr.Dataset(
        {"alone": ("who", alone), "statements": ("who", counts)}, coords={"who": experts}
    )
    found = chosen(said, Influence(data, ""))
    assert (found and found[:2]) == expected
    if expected and expected != OPPOSED:
        assert found
        assert found[2] == FARTHEST


def test_camps_section_says_which(about: Reported, monkeypatch: pytest.MonkeyPatch) -> None:
    assert camps_section(about) is None  # only one group has three statements
    monkeypatch.setattr("sweet_spot.answers.section_people.FEWEST", 2)
    found = camps_section(about)
    assert found is not None
    assert "the two whose statements alone imply" in found.text
    assert 'sweet-spot camps --a "' in found.text


def test_rivals_by_weights_are_their_likelihood_ratios(
    takeoff: xr.DataTree, argument: Argument
) -> None:
    """Against weights without smoothing, computed from the equations and likelihoods here."""
    found, base = saved_rivals(takeoff, argument), base_of(takeoff, argument)
    arguments = rival_arguments(argument)
    draws, fitted = base.draws, base.layout
    own = log_likelihood(argument, draws, fitted, base.constants)["stated"].sum("statement")
    for structure in STRUCTURES:
        rival = arguments[structure.name]
        said = log_likelihood(rival, draws, fitted, base.constants)["stated"].sum("statement")
        raw = np.exp((said - own).to_numpy())
        latents = latents_of(draws)
        passed = np.asarray(equations(latents, NUMPY, rival.structure)["usable"]).any(axis=-1)
        here = found.data.sel(structure=structure.name)
        if str(here["method"].item()) == UNKNOWN:
            assert float(here["pareto_k"]) > 0.7
            assert np.isnan(float(here["posterior"].sel(ANY)))
            continue
        expected = float((raw * passed).mean() / raw.mean())
        assert float(here["posterior"].sel(ANY)) == pytest.approx(expected, abs=0.01)  # smoothing
        assert float(here["log_ratio"]) == pytest.approx(float(np.log(raw.mean())), abs=1e-9)
    assert str(found.data["method"].sel(structure=MAIN.name).item()) == "this fit"


def test_a_structure_without_a_number_leaves_no_mixture(
    takeoff: xr.DataTree, argument: Argument, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = saved_rivals(takeoff, argument)
    monkeypatch.setattr("sweet_spot.inference.reweight.LARGEST_K", -1e9)
    none = saved_rivals(takeoff, argument)
    rows = none.table
    assert np.isfinite(rows["posterior"][MAIN.name])
    k = whole.data["pareto_k"].to_series()
    changed = k.index[np.isfinite(k)].tolist()
    assert changed == ["bottleneck", "no_feedback"]
    assert rows.loc[changed, ["posterior", "mcse", "log_ratio"]].isna().all().all()
    assert rows.iloc[-2:][["posterior", "mcse"]].isna().all().all()
    texts = [text.get_text() for text in rivals_figure(none).axes[0].texts]
    assert texts.count("needs a refit") == int(rows["posterior"].isna().sum())


def test_rivals_section_names_what_is_missing(
    takeoff: xr.DataTree, argument: Argument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweet_spot.inference.reweight.LARGEST_K", -1e9)
    found = rivals_section(reported(takeoff, argument, evidence_of(takeoff)))
    assert found is not None
    assert "needs a refit: `sweet-spot rivals`" in found.text
    assert "needs a refit, `sweet-spot rivals`" in found.text


SECTIONS: tuple[Callable[[Reported], Any], ...] = (
    influence_section, camps_section, calls_section, rivals_section,
)  # fmt: skip


@pytest.mark.parametrize("make", SECTIONS)
def test_nothing_is_said_of_a_prior_or_a_fit_cut_down(
    make: Any, answers: Any, prior_answers: Any
) -> None:
    assert make(prior_answers.about) is None
    assert make(answers.about) is None
