"""Figures and tables of obstacles and profile show what the answers hold."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from sweet_spot.answers import section_obstacles
from sweet_spot.answers.drawn import write_figures
from sweet_spot.answers.figures_obstacles import obstacles_figure, profile_figure
from sweet_spot.errors import SweetSpotError


def artist(figure: Figure, gid: str) -> Any:
    found = figure.findobj(lambda x: x.get_gid() == gid)
    assert found, gid
    return found[0]


def test_obstacles(answers: Any) -> None:
    figure = obstacles_figure(answers.obstacles, answers.stamp)
    data = answers.obstacles.data.sel(factor="any", world="posterior")
    left, right = figure.axes
    bars = left.containers[0]
    widths = [bar.get_width() for bar in bars]  # an end less a start, which rounds
    np.testing.assert_allclose(widths, data["waterfall"], rtol=0, atol=1e-15)
    np.testing.assert_array_equal([bar.get_x() for bar in bars], data["left"])
    np.testing.assert_array_equal([bar.get_width() for bar in right.containers[0]], data["shapley"])
    prior = answers.obstacles.data.sel(factor="any", world="prior")
    (shown,) = right.findobj(lambda x: x.get_gid() == "prior")
    np.testing.assert_array_equal(shown.get_xdata(), prior["shapley"])


def test_profile(answers: Any) -> None:
    figure = profile_figure(answers.profile, answers.stamp)
    title = figure.get_suptitle()
    assert title.startswith("Intervening")
    assert artist(figure, "map").get_array().size == 10  # ten colours of 0.1 each
    for world in ("posterior", "prior"):
        shown = artist(figure, f"centre {world}")
        centre = answers.profile.data["centre"].sel(world=world)
        np.testing.assert_array_equal([shown.get_xdata()[0], shown.get_ydata()[0]], centre)
    for axis, margin in (("problem", "get_ydata"), ("competence", "get_xdata")):
        for world in ("posterior", "prior"):
            drawn = getattr(artist(figure, f"{axis} {world}"), margin)()
            np.testing.assert_array_equal(
                drawn, answers.profile.data[f"{axis}_density"].sel(world=world)
            )


def test_tables_hold_the_numbers(answers: Any, prior_answers: Any) -> None:
    shown = section_obstacles.obstacles(answers.obstacles)
    data = answers.obstacles.data.sel(factor="any", obstacle="time")
    after, before = (float(data["shapley"].sel(world=w)) for w in ("posterior", "prior"))
    row = next(line for line in shown["costs"].splitlines() if "inadequate time" in line)
    assert f"**{after:.2f} ({before:.2f})**" in row
    assert len(shown["factors"].splitlines()) == 2 + 6
    assert len(shown["first"].splitlines()) == 2 + 5
    cells = section_obstacles.profile(answers.profile).splitlines()
    assert len(cells) == 2 + 5 + 1
    assert "below \N{MINUS SIGN}1.5" in cells[2]
    assert "above 1.5" in cells[6]
    alone = section_obstacles.profile(prior_answers.profile)
    assert not re.search(r"\d \(\d", alone)


def test_a_figure_is_a_png(tmp_path: Path, answers: Any) -> None:
    figure = obstacles_figure(answers.obstacles, answers.stamp)
    (written,) = write_figures({"costs": figure}, tmp_path / "new")
    assert written == tmp_path / "new" / "costs.png"
    assert written.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SweetSpotError, match="--out"):
        write_figures({"costs": figure}, written)


def test_prior_figures_say_prior(prior_answers: Any, prior_tree: xr.DataTree) -> None:
    del prior_tree
    for figure in (
        obstacles_figure(prior_answers.obstacles, prior_answers.stamp),
        profile_figure(prior_answers.profile, prior_answers.stamp),
    ):
        assert figure.get_suptitle().startswith("Prior")
        assert not any("posterior" in text.get_text() for text in figure.texts)
