"""At the border between people and crowds both models say the same of what was asked about."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from sweet_spot.argument.structure import NUMPY
from sweet_spot.inference.crowd import Crowd
from sweet_spot.inference.error_model import Panel, log_density

PEOPLE, ASKED, LEAN, TAU = 40, 5, 0.5, np.hypot(0.3, 0.85)
OMEGA, SHARED, PRIOR = 1 / 3, 1.2 * np.sqrt(0.5), 1.5


def border_panel(seed: int) -> np.ndarray:
    """What 40 people say on five questions about one quantity, by the model of each on their own.

    Everyone's errors lean with loading 1 (0.5 on the scale of the error); dims (question, person).
    """
    rng = np.random.default_rng(seed)
    tail = np.sqrt(5 / rng.chisquare(5, (ASKED, 1)))
    common = rng.standard_normal((ASKED, 1))
    own = rng.standard_normal((ASKED, PEOPLE))
    error = TAU * tail * (OMEGA**0.5 * common + (1 - OMEGA) ** 0.5 * own)
    shared = SHARED * rng.standard_t(3, (ASKED, 1))
    found: np.ndarray = 0.3 + shared + LEAN * 0.7 * rng.standard_normal(PEOPLE) + error
    return found


def person_by_person(said: np.ndarray, seed: int) -> tuple[float, float]:
    """Posterior mean and sd of the quantity with everyone's disposition integrated out exactly.

    Given the mixing variables of all Student-t laws, everything is normal. People are exchangeable,
    so that the mean over them and their contrasts are independent, each with a covariance over the
    questions. The mixing variables are drawn, those of people's errors about where the contrasts
    say they are, and weighted.
    """
    rng = np.random.default_rng(seed)
    draws = 200_000
    apart = said - said.mean(1, keepdims=True)
    scatter = apart @ apart.T
    own = np.maximum(np.diag(scatter) / (PEOPLE - 1) - (LEAN * 0.7) ** 2, 0.1) / (1 - OMEGA)
    prior = stats.invgamma(2.5, scale=2.5 * TAU**2)
    proposed = stats.invgamma(10, scale=10 * own)
    tail = proposed.rvs((draws, ASKED), random_state=rng)
    shared = 3 / rng.chisquare(3, (draws, ASKED)) * SHARED**2
    leaning = np.full((ASKED, ASKED), (LEAN * 0.7) ** 2)
    of_mean = leaning + np.eye(ASKED) * (
        PEOPLE * shared + tail * (PEOPLE * OMEGA + 1 - OMEGA)
    )[:, None]  # fmt: skip
    of_contrast = leaning + np.eye(ASKED) * (tail * (1 - OMEGA))[:, None]
    centre = said.mean(1) * PEOPLE**0.5
    inverse, one = np.linalg.inv(of_mean), np.full(ASKED, PEOPLE**0.5)
    precision = np.einsum("i,dij,j", one, inverse, one) + PRIOR**-2
    pull = np.einsum("i,dij,j", one, inverse, centre)
    weight = 0.5 * (
        pull**2 / precision - np.log(precision) - np.linalg.slogdet(of_mean)[1]
        - np.einsum("i,dij,j", centre, inverse, centre)
        - (PEOPLE - 1) * np.linalg.slogdet(of_contrast)[1]
        - np.einsum("ij,dji->d", scatter, np.linalg.inv(of_contrast))
    )  # fmt: skip
    weight = weight + (prior.logpdf(tail) - proposed.logpdf(tail)).sum(1)
    share = np.exp(weight - special.logsumexp(weight))
    assert 1 / np.sum(share**2) > 1000
    mean = float(share @ (pull / precision))
    return mean, float(np.sqrt(share @ (1 / precision + (pull / precision) ** 2) - mean**2))


def as_crowd(said: np.ndarray, panel: Panel) -> tuple[float, float]:
    """The same by the density of the crowd, integrated on a grid of the quantity and each error."""
    grid, shared = np.linspace(-8, 8, 401), np.linspace(-40, 40, 4001)
    crowd = Crowd(np.array([float(PEOPLE)]), np.zeros(1), np.ones(1), np.full(1, -1))
    row = replace(
        panel, probability=np.zeros(1, bool), side=np.zeros(1, int), before=np.zeros((3, 1), int)
    )
    density = stats.norm(0, PRIOR).logpdf(grid)
    for each in said:
        of = replace(
            row, crowd=replace(crowd, squares=np.array([np.sum((each - each.mean()) ** 2)]))
        )
        at = np.linspace(-50, 50, 5001)[:, None]
        told = log_density(
            np.array([each.mean()]), at, np.full_like(at, TAU),
            np.full_like(at, OMEGA), np.ones(1), of, 5.0, NUMPY,
        )[:, 0]  # fmt: skip
        whole = np.interp(grid[:, None] + shared, at[:, 0], told)
        whole = whole + stats.t(3, 0, SHARED).logpdf(shared)
        density = density + special.logsumexp(whole, axis=1)
    share = np.exp(density - special.logsumexp(density))
    mean = float(share @ grid)
    return mean, float(np.sqrt(share @ (grid - mean) ** 2))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_crowd_tells_what_its_people_tell(panel: Panel, seed: int) -> None:
    """Just above the border it changes next to nothing that dispositions are not looked at.

    The posterior of the quantity is the same to 0.05 in mean and sd, of a prior with sd 1.5; half
    of that is the Monte Carlo error of the reference.
    """
    said = border_panel(seed)
    np.testing.assert_allclose(as_crowd(said, panel), person_by_person(said, seed), atol=0.05)
