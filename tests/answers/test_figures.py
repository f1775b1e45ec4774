"""Figures show the tables: what artists hold is what the tables hold."""

from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from sweet_spot.answers import figures, figures_statements
from sweet_spot.answers.figure_picture import picture_figure
from sweet_spot.answers.pages import Answers
from sweet_spot.answers.render import draw


def artist(figure: Figure, gid: str) -> Any:
    found = figure.findobj(lambda x: x.get_gid() == gid)
    assert found, gid
    return found[0]


def test_credences(answers: Answers) -> None:
    figure = figures.credences_figure(answers.credences, answers.stamp)
    for world in ("posterior", "prior"):
        for gate in answers.credences.data["gate"].values:
            shown = artist(figure, f"{world} {gate}").get_xdata()
            np.testing.assert_array_equal(shown, answers.credences.data[world].sel(gate=gate))


def test_waterfall(answers: Answers) -> None:
    figure = figures.waterfall_figure(answers.waterfall, answers.stamp)
    bars = [p.get_width() for p in figure.axes[0].containers[0]]
    left = answers.waterfall.data["left"].sel(factor="any")
    np.testing.assert_array_equal(bars, left.sel(world="posterior"))
    np.testing.assert_array_equal(artist(figure, "left prior").get_xdata(), left.sel(world="prior"))


def test_latents(answers: Answers) -> None:
    figure = figures.latents_figure(answers.latents, True, answers.stamp)
    data = answers.latents.data
    low, high = (data["prior"].sel(point=p).to_numpy() for p in ("low", "high"))
    shown = artist(figure, "posterior median").get_offsets()[:, 0]
    np.testing.assert_allclose(shown * (high - low) + low, data["posterior"].sel(point="median"))
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert texts.count("prior only") == len(answers.latents.prior_only)


def test_statements(answers: Answers) -> None:
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


def test_checks(answers: Answers) -> None:
    figure = figures_statements.checks_figure(answers.statements, answers.stamp)
    live = answers.statements.live("check")
    here = live.isel(statement=np.flatnonzero((live["unit"] == "probability").to_numpy()))
    shown = artist(figure, "model").get_xdata()
    np.testing.assert_allclose(shown, here["quantity"].sel(point="median").clip(1e-7, 0.9995))
    marks = [m for bound in (0, 1, -1) for m in artist(figure, f"said {bound}").get_xdata()]
    stated = here["said"].sel(point="median").clip(1e-7, 0.9995)
    np.testing.assert_allclose(sorted(marks), np.sort(stated))


def test_picture(answers: Answers) -> None:
    figure = picture_figure(answers.picture, answers.stamp)
    data = answers.picture.data
    np.testing.assert_array_equal(
        artist(figure, "frontier").get_ydata(), data["frontier"].sel(level=0.5)
    )
    dangerous = float(data["dangerous"].sel(level=0.5))
    assert list(artist(figure, "dangerous").get_ydata()) == [dangerous, dangerous]
    texts = " ".join(t.get_text() for t in figure.axes[0].texts)
    assert f"later than {answers.picture.end:.0f}" in texts
    assert "the axis:" in texts


@pytest.mark.parametrize("kind", ["answers", "prior_answers"])
def test_every_figure_names_its_fit_and_whose_it_is(
    kind: str, request: pytest.FixtureRequest
) -> None:
    shown: Answers = request.getfixturevalue(kind)
    for name, alternative, figure in draw(shown):
        texts = [t.get_text() for t in figure.texts]
        stamp = next(t for t in texts if t.startswith("fit "))
        assert shown.inputs["digests"]["fit"][:12] in stamp, name
        if shown.fitted:
            assert "posterior" in stamp
            assert "24 evidence statements" in stamp
        else:
            assert "prior only" in stamp
            assert figure.get_suptitle().startswith("Prior: "), name
            assert "prior" in alternative.lower(), name
            assert "posterior" not in " ".join([*texts, alternative]).lower(), name
