"""Moving posteriors onto each other: there and back, what is moved, and its density."""

import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import SAMPLE, complete, prior_draws
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.warp import log_prior, moved, shift_between


@pytest.fixture(scope="module")
def draws(argument: Argument, evidence: Evidence) -> xr.Dataset:
    fitted, constants = layout(argument, evidence, learned_constants()), learned_constants()
    return complete(argument, prior_draws(argument, fitted, constants, 4, 10_000, seed=2))


def apart(draws: xr.Dataset) -> xr.Dataset:
    """The draws elsewhere: one score, one question's shared error, and the slope, on its scale."""
    score = xr.where(draws["score"] == "danger_gap", 0.8, 0.0)
    own = xr.where(draws["question"] == "date", -0.7, 0.0)
    slope = np.log(np.expm1(draws["diminishing_returns"])) - 0.3
    return draws.assign(
        latent_score=draws["latent_score"] + score,
        shared_question=draws["shared_question"] + own,
        diminishing_returns=np.log1p(np.exp(slope)),
    )


def test_the_shift_is_found_and_moves_one_onto_the_other(
    argument: Argument, draws: xr.Dataset
) -> None:
    other = apart(draws)
    shift = shift_between(argument, draws, other)
    assert float(shift["latent_score"].sel(score="danger_gap")) == pytest.approx(0.8, rel=1e-9)
    assert float(shift["diminishing_returns"]) == pytest.approx(-0.3, rel=1e-9)
    assert sum(int((by != 0).sum()) for by in shift.values()) == 3
    for there, wanted, sign in ((draws, other, 1), (other, draws, -1)):
        found = moved(argument, there, shift, sign)
        for name in shift:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)


def test_small_differences_are_left(argument: Argument, draws: xr.Dataset) -> None:
    near = draws.assign(latent_score=draws["latent_score"] + 0.1)
    shift = shift_between(argument, draws, near)
    assert not any((by != 0).any() for by in shift.values())
    assert moved(argument, draws, shift, 1).identical(draws)


def test_density_goes_along(argument: Argument, draws: xr.Dataset) -> None:
    """Under the prior, the density at the moved place over that in place has the mean one.

    That is so only if the density and the Jacobian of the scale it is on are both right.
    """
    constants = learned_constants()
    shift = shift_between(argument, draws, apart(draws))
    for sign in (1, -1):
        for names in (tuple(shift), ("diminishing_returns",), ("shared_question",)):
            some = {name: shift[name] for name in names}
            place = moved(argument, draws, some, sign)
            ratio = np.exp(
                log_prior(argument, place, some, constants)
                - log_prior(argument, draws, some, constants)
            )
            error = float(ratio.std(SAMPLE)) / np.sqrt(ratio.size)
            assert error < 0.02
            assert abs(float(ratio.mean()) - 1) < 4 * error, names
