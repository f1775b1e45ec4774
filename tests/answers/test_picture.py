"""The essay's picture: the frontier is arrival turned round."""

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.pages import Answers
from sweet_spot.answers.picture import BEYOND, LEVELS, reached
from sweet_spot.argument.axis import AXIS, NUMPY, arrival


def pace_of(draws: xr.Dataset) -> dict[str, np.ndarray]:
    return {name: draws[name].to_numpy().ravel().astype(float) for name in AXIS}


def test_reached_inverts_arrival(tree: xr.DataTree) -> None:
    pace = pace_of(tree["posterior"].to_dataset())
    years = np.linspace(0.5, 9.5, 19)
    speeds = reached(pace, years, 3.0)
    again = arrival(speeds, {n: v[:, None] for n, v in pace.items()}, NUMPY)
    on_way = speeds < 3.0
    error = np.abs(again - years)[on_way]
    assert np.quantile(error, 0.99) < 0.02  # a grid of 161 speeds, straight lines between
    assert on_way.any(axis=1).all()


def test_it_starts_at_the_present_and_never_falls(answers: Answers, tree: xr.DataTree) -> None:
    data = answers.picture.data
    now = np.quantile(tree["posterior"]["current_speedup"].to_numpy().astype(float), LEVELS)
    np.testing.assert_allclose(data["frontier"].isel(year=0), now, rtol=1e-6)
    assert bool((data["frontier"].diff("year") >= 0).all())
    assert bool((data["frontier"].diff("level") >= 0).all())
    assert float(data["frontier"].max()) <= answers.picture.top + BEYOND
    assert float(data["year"][0]) == 2026


def test_mass_beyond_the_axes_is_counted(answers: Answers, tree: xr.DataTree) -> None:
    draws, shown = tree["posterior"].to_dataset(), answers.picture
    late = (draws["years_to_dangerous"] > shown.end - 2026).mean()
    assert float(shown.data["dangerous_later"]) == pytest.approx(float(late))
    above = (draws["speedup_dangerous"] > shown.top).mean()
    assert float(shown.data["dangerous_above"]) == pytest.approx(float(above))
    exists = draws["exists"].mean(("chain", "draw"))
    np.testing.assert_allclose(shown.data["exists"], exists)
