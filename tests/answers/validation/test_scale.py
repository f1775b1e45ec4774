"""The figure of what a fit costs shows what the benchmark measured."""

from itertools import pairwise

import numpy as np

from sweet_spot.answers.figure_scale import STAGES, scale_figure

from .conftest import scale


def test_lines_are_the_measurements_of_the_simulated_panels() -> None:
    panels = scale()["panels"]
    panels["1000"]["draw"] = {"wall": 9.0, "cpu": 0.7}
    panels["espai"] = panels["1000"] | {"statements": 77}  # real: not on the lines
    figure = scale_figure(panels, "which")
    left, right = figure.axes
    line, grown = left.lines
    np.testing.assert_allclose(grown.get_ydata(), [0.3, 3.0])
    np.testing.assert_array_equal(line.get_xdata(), [1000, 10_000])
    np.testing.assert_array_equal(line.get_ydata(), [0.3, 0.3])
    drawn = {line.get_gid(): line.get_ydata() for line in right.lines}
    assert set(drawn) == set(STAGES)
    np.testing.assert_array_equal(drawn["draw"], [0.7, 2.5])
    heights = sorted(text.xy[1] for text in right.texts)
    assert all(high / low > 1.5 for low, high in pairwise(heights))
