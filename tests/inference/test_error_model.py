"""The likelihood against scipy, written out statement by statement from MODEL.md section 5."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, special, stats

from sweet_spot.argument.structure import NUMPY
from sweet_spot.inference.crowd import log_tail, places
from sweet_spot.inference.error_model import (
    ErrorConstants,
    Panel,
    expected,
    log_density,
    simulate,
)

Free = dict[str, np.ndarray]
ALONE = places(np.zeros(1, int), np.zeros(1))


def by_hand(panel: Panel, free: Free, values: np.ndarray, c: ErrorConstants) -> np.ndarray:
    """Location and scale of every statement in plain scalars, (2, statement)."""
    out = []
    for i, value in enumerate(values):
        q, j = panel.question[i], panel.expert[i]
        s = np.exp(panel.log_scale[q] + 0.5 * free["question_scale_score"][q])
        common = free["shared_topic"][panel.topic[q]] + free["shared_question"][q]
        shared = 1.2 * np.sqrt(0.5) * common
        lean = 0.5 * free["disposition_field"] + panel.expert_sd[j] * free["disposition_expert"][j]
        if panel.cluster[j]:
            lean += 0.7 * free["disposition_cluster"][panel.cluster[j] - 1]
        optimism = panel.direction[q] * 0.5 * free["loading"][q] * lean
        bias = shared + panel.mapping_sd[q] * free["mapping"][q] + optimism
        bias += c.probability_unit * panel.lean[i]
        centre = value + s * bias
        own = 1.0 if np.isnan(panel.spread[i]) else panel.spread[i] / s
        sd = np.hypot(0.3 * own, 0.85) * panel.imprecision[i]
        sd = np.sqrt(sd**2 / min(panel.people[i], 10))
        if panel.probability[i]:
            meant = c.probability_unit * s
            out.append(((panel.threshold[i] - centre) / meant, np.hypot(sd * s / meant, 0.2)))
        else:
            shift = panel.score[i] * s + panel.curvature[i] * s**2 / 2
            out.append((centre + shift, s * sd))
    return np.array(out).T


def test_log_density_is_what_scipy_says(
    panel: Panel, free: Free, values: np.ndarray, observed: np.ndarray, constants: ErrorConstants
) -> None:
    """Alone: Student-t(5). In the group of three: the joint multivariate t, then its tail."""
    location, scale = by_hand(panel, free, values, constants)
    ours = log_density(
        observed, *expected(values, free, panel, constants, NUMPY), free["omega"][None], np.ones(7),
        panel, 5.0, NUMPY,
    )  # fmt: skip
    alone = [0, 1, 2, 6]
    single = stats.t(5, location, scale).logpdf(observed)
    np.testing.assert_allclose(ours[alone], single[alone], rtol=1e-12)
    # statements 3 and 4: a centre and a probability, whose error has the other sign
    correlation = np.array([[1.0, -0.35], [-0.35, 1.0]])
    shape = correlation * np.outer(scale[3:5], scale[3:5])
    joint = stats.multivariate_t(location[3:5], shape, df=5).logpdf(observed[3:5])
    assert ours[3] + ours[4] == pytest.approx(joint, rel=1e-12)
    # statement 5, a probability said to exceed observed: P(error 5 < its z | errors 3 and 4)
    z3, z4 = (observed[3:5] - location[3:5]) / scale[3:5] * np.array([1, -1])
    z5 = -(observed[5] - location[5]) / scale[5]
    assert ours[5] == pytest.approx(np.log(_conditional(z5, np.array([z3, z4]), 0.35)), rel=1e-6)


def _conditional(edge: float, given: np.ndarray, omega: float) -> float:
    """P(e < edge | the others) for an equicorrelated multivariate t(5), by quadrature."""
    n = len(given) + 1
    joint = stats.multivariate_t(
        np.zeros(n), np.full((n, n), omega) + (1 - omega) * np.eye(n), df=5
    )

    def density(e: float) -> float:
        return float(joint.pdf(np.append(given, e)))

    below = integrate.quad(density, -np.inf, edge, epsabs=0, epsrel=1e-10)[0]
    return below / (below + integrate.quad(density, edge, np.inf, epsabs=0, epsrel=1e-10)[0])


@pytest.mark.parametrize("n", [1, 2, 4, 9])
def test_chain_rule_is_the_joint_density(panel: Panel, n: int) -> None:
    """Any number of members, in any order, some of them dead."""
    rng = np.random.default_rng(n)
    error, scale, live = rng.normal(size=n) * 2, np.exp(rng.normal(size=n)), np.ones(n)
    live[n // 2 + 1 :: 2] = 0
    together = places(np.zeros(n, int), np.zeros(n))
    group = replace(panel, probability=np.zeros(n, bool), side=np.zeros(n), before=together)
    ours = log_density(error, np.zeros(n), scale, np.array([0.4]), live, group, 5.0, NUMPY)
    on = live > 0
    shape = (0.4 + 0.6 * np.eye(on.sum())) * np.outer(scale[on], scale[on])
    joint = stats.multivariate_t(np.zeros(on.sum()), shape, df=5).logpdf(error[on])
    assert ours.sum() == pytest.approx(joint, rel=1e-12)
    assert not ours[~on].any()


@pytest.mark.parametrize("degrees", [5.0, 6.0, 11.0, 40.0])
def test_tails_of_student_t(degrees: float) -> None:
    """Both tails against scipy, to the accuracy that `log_tail` promises."""
    x = np.array([-1e4, -40.0, -3.0, -0.1, 0.0, 0.1, 3.0, 40.0, 1e3])
    ours = log_tail(x, np.full(x.size, degrees), NUMPY)
    wanted = np.log(special.stdtr(degrees, -x))
    np.testing.assert_allclose(ours, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_censored_statement_alone_is_a_tail_of_student_t(panel: Panel, side: int) -> None:
    one = replace(panel, probability=np.zeros(1, bool), side=np.array([side]), before=ALONE)
    args = (np.array([1.7]), np.array([0.5]), np.array([0.6]), np.array([0.3]), np.ones(1))
    ours = log_density(*args, one, 5.0, NUMPY)
    told = stats.t(5, 0.5, 0.6)
    np.testing.assert_allclose(ours, told.logsf(1.7) if side > 0 else told.logcdf(1.7), rtol=1e-9)


def test_the_censored_tell_each_other_nothing(panel: Panel) -> None:
    """Each is taken given the one who is observed alone, as where the other censored is dead."""
    side = np.array([1, 0, -1])
    group = replace(
        panel, probability=np.zeros(3, bool), side=side, before=places(np.zeros(3, int), side)
    )
    args = (np.array([1.7, 0.9, 0.4]), np.array([0.5, 0.1, 0.2]), np.ones(3), np.array([0.3]))
    both, first, second = (
        log_density(*args, np.array(live), group, 5.0, NUMPY)
        for live in ([1.0, 1, 1], [1.0, 1, 0], [0.0, 1, 1])
    )
    np.testing.assert_allclose(both, [first[0], first[1], second[2]], rtol=1e-13)


def test_simulated_errors_have_the_law_of_the_density(
    panel: Panel, free: Free, values: np.ndarray, constants: ErrorConstants
) -> None:
    """Marginals by Kolmogorov-Smirnov (p > 1e-4), correlation by Kendall's tau.

    tau = 2/pi arcsin(omega) for any elliptical law (Greiner); its standard error at this size is
    below 0.007, the tolerance five of them. A probability's error counts backwards.
    """
    location, scale = expected(values, free, panel, constants, NUMPY)
    draws = 10_000
    shape = (draws, len(values))
    said = simulate(
        np.broadcast_to(location, shape), np.broadcast_to(scale, shape), np.full((draws, 1), 0.35),
        panel, 5.0, np.random.default_rng(5),
    )  # fmt: skip
    z = (said - location) / scale
    for i in range(len(values)):
        assert stats.kstest(z[:, i], stats.t(5).cdf).pvalue > 1e-4, i
    wanted = 2 / np.pi * np.arcsin(0.35)
    assert stats.kendalltau(z[:, 4], z[:, 5]).statistic == pytest.approx(wanted, abs=0.035)
    assert stats.kendalltau(z[:, 3], z[:, 5]).statistic == pytest.approx(-wanted, abs=0.035)
    assert stats.kendalltau(z[:, 0], z[:, 1]).statistic == pytest.approx(0, abs=0.035)


def test_leading_dims_are_draws(
    panel: Panel, free: Free, values: np.ndarray, constants: ErrorConstants
) -> None:
    """Two draws at once give what each gives alone."""
    two = {name: np.stack([value, value + 0.1 * (value < 1)]) for name, value in free.items()}
    both = expected(np.stack([values, values + 1]), two, panel, constants, NUMPY)
    for k in (0, 1):
        one = {name: value[k] for name, value in two.items()}
        alone = expected(values + k, one, panel, constants, NUMPY)
        for together, single in zip(both, alone, strict=True):
            np.testing.assert_allclose(together[k], single, rtol=1e-13)


def test_a_tiny_stated_spread_does_not_overrule(
    panel: Panel, free: Free, values: np.ndarray, constants: ErrorConstants
) -> None:
    """MODEL.md section 7: the error's scale has the floor tau, whatever a person claims."""
    sure = replace(panel, spread=np.where(np.isnan(panel.spread), np.nan, 1e-9))
    _, scale = expected(values, free, sure, constants, NUMPY)
    s = np.exp(panel.log_scale[0] + 0.5 * free["question_scale_score"][0])
    assert scale[0] == pytest.approx(0.85 * s, rel=1e-12)


def alone(panel: Panel, row: int, **changes: float) -> Panel:
    """One statement of the panel, with changes to what is known of the person."""
    each = ("question", "expert", "group", "probability", "curvature", "score", "threshold", "side",
            "spread", "people", "imprecision", "lean")  # fmt: skip
    own = {name: getattr(panel, name)[[row]] for name in each}
    changed = {name: np.array([value]) for name, value in changes.items()}
    return replace(panel, before=ALONE, **{**own, **changed})


def posterior_mean(panel: Panel, free: Free, said: float, c: ErrorConstants) -> float:
    """Of the quantity given one statement, its prior standard normal; our density is scipy's."""
    grid = np.linspace(-8, 8, 801)
    location, scale = np.array([by_hand(panel, free, grid[[k]], c)[:, 0] for k in range(801)]).T
    draws = {name: np.broadcast_to(value, (801, *value.shape)) for name, value in free.items()}
    given = expected(grid[:, None], draws, panel, c, NUMPY)
    omega = draws["omega"][:, None]
    ours = log_density(np.array([said]), *given, omega, np.ones(1), panel, 5.0, NUMPY)[:, 0]
    np.testing.assert_allclose(ours, stats.t(5, location, scale).logpdf(said), rtol=1e-10)
    weight = np.exp(ours) * stats.norm.pdf(grid)
    return float(weight @ grid / weight.sum())


@pytest.mark.parametrize("row", [0, 1, 2, 6])
def test_the_precise_move_more(
    panel: Panel, free: Free, values: np.ndarray, constants: ErrorConstants, row: int
) -> None:
    """Whoever says what is expected of the quantity two: the posterior is nearer to it, the more
    precise the person is, for a quantile, a mean, a probability and a group's median."""
    plain = alone(panel, row, imprecision=1.0)
    said = by_hand(plain, free, np.array([2.0]), constants)[0, 0]
    means = [
        posterior_mean(alone(panel, row, imprecision=factor), free, said, constants)
        for factor in (0.4, 1.0, 2.5)
    ]
    assert 2 > means[0] > means[1] > means[2] > 0


def test_a_lean_upwards_is_taken_back(panel: Panel, free: Free, constants: ErrorConstants) -> None:
    """The same probability of someone whose yes is too high says less of the quantity."""
    said = by_hand(alone(panel, 2, lean=0.0), free, np.array([1.0]), constants)[0, 0]
    means = [
        posterior_mean(alone(panel, 2, lean=lean), free, said, constants)
        for lean in (-0.6, 0.0, 0.6)
    ]
    assert means[0] > means[1] > means[2]
