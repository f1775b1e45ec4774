"""Draws as of past dates: one compilation, the live statements swapped."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, prior_draws
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.refit import Drawn, Settings, compile_model, draw, swaps


def drawing(
    argument: Argument,
    known: Evidence,
    settings: Settings,
    constants: ErrorConstants | None = None,
) -> Callable[[Evidence], Drawn]:
    """Compiles a model once, and draws from it for the same statements as of any date.

    Equal, draw for draw, to those of a separate `fit` of each (one machine, one seed): all have the
    same known statements, and so the same scales of questions and the same graph.

    Parameters
    ----------
    known
        Evidence with all known statements; which of them are live does not matter.
    """
    compiled = compile_model(argument, known, constants)

    def draw_as_of(evidence: Evidence) -> Drawn:
        # without any statement the graph holds no data to swap
        data = swaps(compiled, evidence) if compiled.fitted.observed.size else None
        return draw(compiled, settings, data)

    return draw_as_of


def before_any(
    argument: Argument,
    known: Evidence,
    settings: Settings,
    constants: ErrorConstants | None = None,
) -> xr.Dataset:
    """Prior draws, as in a fit with these settings."""
    from sweet_spot.inference.model import build_model

    model = build_model(argument, known, constants, derived=False)
    return complete(argument, prior_draws(model, settings.chains, settings.draws, settings.seed))
