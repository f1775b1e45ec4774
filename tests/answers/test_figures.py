"""Figures show the tables: what artists hold is what the tables hold."""

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from sweet_spot.answers import figures, figures_statements
from sweet_spot.answers.figure_picture import BEYOND, picture_figure, restraint_figure
from sweet_spot.answers.numbers import probability
from sweet_spot.answers.section import Drawing


def artist(figure: Figure, gid: str) -> Any:
    found = figure.findobj(lambda x: x.get_gid() == gid)
    assert found, gid
    return found[0]


def test_credences(answers: Any) -> None:
    figure = figures.credences_figure(answers.credences, answers.stamp)
    for world in ("posterior", "prior"):
        for gate in answers.credences.data["gate"].values:
            shown = artist(figure, f"{world} {gate}").get_xdata()
            np.testing.assert_array_equal(shown, answers.credences.data[world].sel(gate=gate))


def test_waterfall(answers: Any) -> None:
    figure = figures.waterfall_figure(answers.waterfall, answers.stamp)
    bars = [p.get_width() for p in figure.axes[0].containers[0]]
    left = answers.waterfall.data["left"].sel(factor="any")
    np.testing.assert_array_equal(bars, left.sel(world="posterior"))
    np.testing.assert_array_equal(artist(figure, "left prior").get_xdata(), left.sel(world="prior"))


def test_latents(answers: Any) -> None:
    figure = figures.latents_figure(answers.latents, True, answers.stamp)
    data = answers.latents.data
    low, high = (data["prior"].sel(point=p).to_numpy() for p in ("low", "high"))
    shown = artist(figure, "posterior median").get_offsets()[:, 0]
    np.testing.assert_allclose(shown * (high - low) + low, data["posterior"].sel(point="median"))
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert texts.count("prior only") == len(answers.latents.prior_only)


def test_statements(answers: Any) -> None:
    data = answers.statements.data
    assert "timelines" in figures_statements.topics(answers.statements)
    figure = figures_statements.statements_figure(answers.statements, "danger", answers.stamp)
    chosen = (data["topic"] == "danger") & (data["live"] == 1)
    here = data.isel(statement=np.flatnonzero(chosen.to_numpy()))
    shown = artist(figure, "said 0").get_offsets()[:, 0]
    np.testing.assert_array_equal(shown, here["said"].sel(point="median"))
    np.testing.assert_array_equal(
        artist(figure, "quantity").get_xdata(), here["quantity"].sel(point="median")
    )


def test_checks(answers: Any) -> None:
    figure = figures_statements.checks_figure(answers.statements, answers.stamp)
    live = answers.statements.live("check")
    here = live.isel(statement=np.flatnonzero((live["unit"] == "probability").to_numpy()))
    shown = artist(figure, "model").get_xdata()
    np.testing.assert_allclose(shown, here["quantity"].sel(point="median").clip(1e-7, 0.9995))
    marks = [m for bound in (0, 1, -1) for m in artist(figure, f"said {bound}").get_xdata()]
    stated = here["said"].sel(point="median").clip(1e-7, 0.9995)
    np.testing.assert_allclose(sorted(marks), np.sort(stated))


def test_picture(answers: Any) -> None:
    shown, data = answers.picture, answers.picture.data
    figure = picture_figure(shown, answers.stamp)
    for gid, values in (("frontier", data["frontier"]), ("range", data["range"])):
        first = values.sel(level=0.5).isel(factor=0)
        np.testing.assert_array_equal(
            artist(figure, gid).get_ydata(), np.minimum(first, shown.top + BEYOND)
        )
    np.testing.assert_array_equal(
        artist(figure, "improved").get_ydata(), data["improved"].isel(factor=0)
    )
    dangerous = float(data["dangerous"].sel(level=0.5))
    assert list(artist(figure, "dangerous").get_ydata()) == [dangerous, dangerous]
    upper, lower = figure.axes[:3], figure.axes[3:]
    for axes, below, factor in zip(upper, lower, data["factor"].values, strict=True):
        assert axes.get_title(loc="left") == str(factor).replace("_", " ")
        texts = " ".join(t.get_text() for t in axes.texts)
        assert f"after {shown.end:.0f}" in texts
        assert "the axis" in texts
        usable = probability(float(data["usable"].sel(factor=factor)))
        assert f"P(usable) = {usable}" in [t.get_text() for t in below.texts]


def test_restraint(answers: Any) -> None:
    shown = answers.picture
    figure = restraint_figure(shown, answers.stamp)
    assert [a.get_title(loc="left") for a in figure.axes[:3]] == ["before", "inside", "after"]
    base = float(shown.restraint["usable"].sel(when="as it is", factor="any"))
    for axes, when in zip(figure.axes[3:], ("before", "inside", "after"), strict=True):
        now = float(shown.restraint["usable"].sel(when=when, factor="any"))
        under = axes.texts[-1].get_text()
        assert f"at least one {probability(base)} → {probability(now)}" in under
        (line,) = [x for x in axes.lines if x.get_gid() == "improved"]
        np.testing.assert_array_equal(line.get_ydata(), shown.restraint["improved"].sel(when=when))


@pytest.mark.parametrize("kind", ["answers", "prior_answers"])
def test_every_figure_names_its_fit_and_whose_it_is(
    kind: str, request: pytest.FixtureRequest
) -> None:
    shown: Any = request.getfixturevalue(kind)
    for section in shown.sections:
        for drawing in section.drawings:
            names_its_fit(drawing, shown)


def names_its_fit(drawing: Drawing, shown: Any) -> None:
    name, alternative, figure = drawing.name, drawing.alternative, drawing.make()
    texts = [t.get_text() for t in figure.texts]
    stamp = next(t for t in texts if t.startswith("fit "))
    assert shown.tree.attrs["digest_fit"][:12] in stamp, name
    if shown.fitted:
        assert "posterior" in stamp
        assert "24 evidence statements" in stamp
    else:
        assert "prior only" in stamp
        assert figure.get_suptitle().startswith("Prior: "), name
        assert "prior" in alternative.lower(), name
        assert "posterior" not in " ".join([*texts, alternative]).lower(), name
