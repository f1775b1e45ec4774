"""Draws as of past dates: independent tasks, one compilation each worker, statements swapped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import complete, prior_draws
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Drawn, Settings, draw, swaps
from sweet_spot.inference.tasks import compiled_for, stream


def draws_as_of(
    argument: Argument,
    known: Evidence,
    dated: Iterable[Evidence],
    settings: Settings,
    constants: ErrorConstants | None = None,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
) -> Iterator[Drawn]:
    """Draws conditioned on evidence as of one date after the other, in the order of the dates.

    Equal, draw for draw, to those of a separate `fit` of each (one machine, one seed): all have the
    same known statements, and so the same scales of questions and the same graph.

    Parameters
    ----------
    known
        Evidence with all known statements; which of them are live does not matter.
    dated
        The same statements as of each date.
    scheduler, workers
        As `tasks.stream` takes them: by default more than a few dates go to a cluster.
    """
    common = (argument, known, settings, constants)
    return stream(_as_of, list(dated), *common, scheduler=scheduler, workers=workers)


def drawing(
    argument: Argument,
    known: Evidence,
    settings: Settings,
    constants: ErrorConstants | None = None,
) -> Callable[[Evidence], Drawn]:
    """A function that draws in this process what `draws_as_of` would; it compiles when first asked.

    For evidence that becomes known only one after the other, such as a refit that is wanted where
    weights fail.
    """
    return partial(_as_of, argument=argument, known=known, settings=settings, constants=constants)


def _as_of(
    evidence: Evidence,
    argument: Argument,
    known: Evidence,
    settings: Settings,
    constants: ErrorConstants | None,
) -> Drawn:
    compiled = compiled_for(argument, known, constants)
    # without any statement the graph holds no data to swap
    data = swaps(compiled, evidence) if compiled.fitted.observed.size else None
    return draw(compiled, settings, data)


def before_any(
    argument: Argument,
    known: Evidence,
    settings: Settings,
    constants: ErrorConstants | None = None,
) -> xr.Dataset:
    """Prior draws, as in a fit with these settings."""
    constants = constants or learned_constants()
    fitted, s = layout(argument, known, constants), settings
    return complete(argument, prior_draws(argument, fitted, constants, s.chains, s.draws, s.seed))
