"""Expected information against closed forms: a normal quantity, normal errors, an event above 0."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from sweet_spot.inference.information import (
    Draws,
    blocked,
    corrected,
    densities,
    effective_draws,
    one_answer,
    several_answers,
    worlds,
)
from sweet_spot.inference.preposterior import NewStatements

NORMAL = 1e6
"""Degrees of freedom at which Student-t is normal for every purpose."""
CHAINS, LENGTH = 4, 1500


def closed_form(noise: float) -> tuple[float, float]:
    """Information and swing about theta > 0 from theta + noise, theta ~ N(0, 1), by quadrature."""
    spread = np.hypot(1, noise)

    def after(y: float) -> float:  # theta | y is normal: mean y / spread^2, sd noise / spread
        return float(special.ndtr(y / spread / noise))

    def told(y: float) -> float:
        p = after(y)
        kl = special.rel_entr(p, 0.5) + special.rel_entr(1 - p, 0.5)
        return float(stats.norm.pdf(y, scale=spread) * kl)

    def moved(y: float) -> float:
        return float(stats.norm.pdf(y, scale=spread) * abs(after(y) - 0.5))

    pair = (2 * integrate.quad(f, 0, 12 * spread)[0] for f in (told, moved))
    return next(pair), next(pair)


def normal(places: np.ndarray, noise: float, theta: np.ndarray, degrees: float = NORMAL) -> Draws:
    """Statements located at `places` (chain, draw, statement), with own errors of one size."""
    law = NewStatements(
        places[None], np.full_like(places, noise)[None],
        np.full(places.shape[-1], degrees), np.array(["q"] * places.shape[-1]),
    )  # fmt: skip
    return blocked(law, theta > 0)


def theta(seed: int, shape: tuple[int, int] = (CHAINS, LENGTH), memory: float = 0.0) -> np.ndarray:
    """Standard normal chains, autoregressive where they have a memory."""
    steps = np.random.default_rng(seed).standard_normal(shape)
    for k in range(1, shape[1] if memory else 1):
        steps[:, k] = memory * steps[:, k - 1] + np.sqrt(1 - memory**2) * steps[:, k]
    return steps


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_one_answer_agrees_with_the_closed_form(noise: float) -> None:
    """Within 5 % (the demand), and within four of its own standard errors."""
    quantity = theta(1)
    told, error = corrected(one_answer(normal(quantity[..., None], noise, quantity), 0)[:, 0])
    for k, wanted in enumerate(closed_form(noise)):
        assert told[k] == pytest.approx(wanted, rel=0.05)
        assert abs(told[k] - wanted) < 4 * error[k]


def test_the_average_prediction_is_todays_probability() -> None:
    """By the law of total probability; 192 nodes integrate a smooth density to 1e-3."""
    quantity = theta(2) - 0.7
    draws = normal(np.stack([quantity, 3 * quantity, quantity**3], axis=-1), 0.9, quantity, 5.0)
    for which in range(3):
        average = one_answer(draws, which)[0, 0, 2]
        assert average == pytest.approx((quantity > 0).mean(), abs=1e-3)


def test_an_irrelevant_question_tells_nothing() -> None:
    """Zero within three standard errors, and no more swing than by chance (twice the floor)."""
    quantity = theta(3)
    series = one_answer(normal(theta(4)[..., None], 1.0, quantity), 0)
    told, error = corrected(series[:, 0])
    assert abs(told[0]) < 3 * error[0]
    assert told[0] < series[0, 0, 0]  # the bias that the jackknife takes off is upward
    assert (
        series[0, 0, 1]
        < 2
        * series[
            0,
            1:,
            :,
        ][:, 1].mean()
    )


@pytest.mark.parametrize("memory", [0.0, 0.9])
def test_standard_errors_are_honest(memory: float) -> None:
    """Over 60 repetitions errors in units of the standard error have sd 1.

    The sd of 60 is known to 9 %, and that of a jackknife with 20 blocks is 5 % above 1: 0.7 to 1.4
    is four of these. With memory a standard error that took draws as independent would be
    three times too small.
    """
    wanted = closed_form(1.0)[0]
    off = []
    for seed in range(60):
        quantity = theta(seed, (CHAINS, 500), memory)
        told, error = corrected(one_answer(normal(quantity[..., None], 1.0, quantity), 0)[:, 0])
        off.append((told[0] - wanted) / error[0])
    assert 0.7 < np.std(off) < 1.4
    assert abs(np.mean(off)) < 4 / np.sqrt(60)


def test_density_is_student_t() -> None:
    """Single precision: 1e-5 relative. The mean over copies is that of their densities."""
    place, width = np.array([0.1, -0.4, 2.0]), np.array([0.7, 1.3, 0.2])
    two = Draws(
        np.stack([place, place + 1])[..., None].astype(np.float32),
        np.stack([width, width])[..., None].astype(np.float32),
        np.array([5.0]), np.zeros((1, 3, 1), np.float32),
    )  # fmt: skip
    y = np.array([-1.0, 0.3, 4.0])
    wanted = sum(stats.t(5, place + k, width).pdf(y[:, None]) for k in (0, 1)) / 2
    np.testing.assert_allclose(densities(y, two, 0), wanted, rtol=1e-5)


def together(draws: Draws, statements: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    told = worlds(draws, 1)
    heard = sum(np.log(densities(told.answers[:, k], draws, k)) for k in statements)
    assert 1 < effective_draws(heard) < draws.location.shape[1]
    return corrected(several_answers(heard, draws, told))


def test_two_answers_of_their_own_are_one_with_half_the_variance() -> None:
    """Within four standard errors, which are below a tenth; the average is today's probability."""
    quantity = theta(5)
    draws = normal(np.stack([quantity, quantity], axis=-1), 1.0, quantity)
    told, error = together(draws, (0, 1))
    wanted = closed_form(1 / np.sqrt(2))[0]
    assert abs(told[0] - wanted) < 4 * error[0] < 0.4 * wanted
    assert abs(told[2] - 0.5) < 4 * error[2]


def test_what_two_answers_share_counts_once() -> None:
    """A common error of variance 1 stays, however often it is asked: noise 1 + 0.5^2 / 2."""
    quantity, common = theta(6), theta(7)
    draws = normal(np.stack([quantity + common] * 2, axis=-1), 0.5, quantity)
    told, error = together(draws, (0, 1))
    wanted = closed_form(np.sqrt(1 + 0.125))[0]
    apart = closed_form(np.sqrt((1 + 0.25) / 2))[0]  # were both errors separate
    assert abs(told[0] - wanted) < 4 * error[0]
    assert told[0] < (wanted + apart) / 2
