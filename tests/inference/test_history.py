"""Draws as of dates: through the tasks and one by one they are the same. No sampling."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference import history
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Compiled, Drawn, Settings

C = ErrorConstants()


def test_one_date_is_drawn_like_many(
    argument: Argument, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which statements are live is swapped, in the model of all that is known; settings arrive."""
    settings, asked = Settings(draws=8), list[object]()
    model = Compiled(argument, layout(argument, evidence, C), C, None)

    def compiling(*given: object) -> Compiled:
        asked.append(given)
        return model

    def echo(compiled: Compiled, own: Settings, data: Mapping[str, np.ndarray]) -> Drawn:
        assert (compiled, own) == (model, settings)
        return Drawn(xr.Dataset({"live": ("statement", data["live"])}), xr.Dataset(), {})

    monkeypatch.setattr(history, "compiled_for", compiling)
    monkeypatch.setattr(history, "draw", echo)
    table = evidence.statements
    dated = [
        replace(evidence, statements=table.assign(live=table["live"] * (table["expert"] != who)))
        for who in ("Ann", "Bob")
    ]
    many = list(history.draws_as_of(argument, evidence, dated, settings, workers=1))
    single = [history.drawing(argument, evidence, settings)(each) for each in dated]
    for one, other, each in zip(many, single, dated, strict=True):
        xr.testing.assert_identical(one.posterior, other.posterior)
        np.testing.assert_array_equal(one.posterior["live"], layout(argument, each, C).live)
    assert not many[0].posterior.equals(many[1].posterior)
    assert asked == [(argument, evidence, None)] * 4
