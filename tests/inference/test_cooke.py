"""The classical model: a worked example with scipy's chi-square, and cut-offs by brute force."""

import numpy as np
import pytest
from scipy import special, stats

from sweet_spot.inference import cooke, pools
from sweet_spot.inference.resolved import Stated, read_resolved

LEVELS = np.array([0.05, 0.5, 0.95])
EXPECTED = np.array([0.05, 0.45, 0.45, 0.05])


def test_calibration_of_a_worked_example():
    """Ten answers: 1 below, 4 and 3 in the middle, 2 above.

    2 n I = 2 x 10 x (.1 ln 2 + .4 ln(8/9) + .3 ln(2/3) + .2 ln 4), chi-square, 3 degrees.
    """
    statistic = 20 * (0.1 * np.log(2) + 0.4 * np.log(8 / 9) + 0.3 * np.log(2 / 3) + 0.2 * np.log(4))
    found = cooke.calibration(np.array([[1, 4, 3, 2], [0, 0, 0, 0], [0, 0, 0, 10]]), LEVELS)
    assert found[0] == pytest.approx(stats.chi2.sf(statistic, 3), rel=1e-12)
    assert statistic == pytest.approx(3.5564, abs=5e-5)  # .0693 - .0471 - .1216 + .2773, times 20
    assert found[0] == pytest.approx(0.3135, abs=5e-5)  # as tables of chi-square have it
    assert found[1] == 0.0  # no answer, no calibration
    assert found[2] == pytest.approx(stats.chi2.sf(20 * np.log(20), 3), rel=1e-9)


def test_calibration_is_the_likelihood_ratio_test():
    inside = np.array([2, 9, 7, 3])
    expected = stats.power_divergence(inside, 21 * EXPECTED, lambda_="log-likelihood").pvalue
    assert cooke.calibration(inside, LEVELS) == pytest.approx(expected, rel=1e-12)


def test_an_answer_on_a_quantile_is_below_it():
    values = np.array([[1.0, 2.0, 3.0]])
    assert [int(cooke.spaces(values, y)[0]) for y in (0.5, 1.0, 1.5, 3.0, 3.5)] == [0, 0, 1, 2, 3]


def test_information_is_relative_entropy():
    values, ends = np.array([[2.0, 5.0, 6.0]]), (0.0, 10.0)
    mass = np.array([2.0, 3.0, 1.0, 4.0]) / 10
    expected = special.rel_entr(EXPECTED, mass).sum()
    assert cooke.information(values, LEVELS, ends)[0] == pytest.approx(expected, rel=1e-12)
    even = np.array([[0.5, 5.0, 9.5]])
    assert cooke.information(even, LEVELS, ends)[0] == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(cooke.information(np.full((1, 3), 5.0), LEVELS, ends)[0])


@pytest.fixture(params=[1, 2, 3, 4])
def panel(request, write_panel):
    """Four people of different skill on twelve questions; one of them skipped some."""
    rng = np.random.default_rng(request.param)
    truth = rng.normal(0, 5, 12)
    rows = []
    for who, (bias, spread) in enumerate([(0, 1.0), (0.5, 0.6), (1.5, 0.3), (-3, 0.2)]):
        for k, y in enumerate(truth):
            if who == 1 and k < 3:
                continue
            middle = y + bias + rng.normal(0, 1.0)
            rows += [f"q{k:02d},E{who},quantile,{p},{middle + spread * z}," + ","
                     for p, z in zip(LEVELS, (-1.645, 0.0, 1.645), strict=True)]  # fmt: skip
    answers = "\n".join(f"q{k:02d},{y},panel,,uni" for k, y in enumerate(truth))
    return read_resolved(write_panel("p", "\n".join(rows), answers))[0]


def _by_brute_force(of, people, seeds):
    """Every cut-off, each pool scored by itself, written without the module's shortcuts."""
    good, told = np.zeros(people.size), np.zeros(people.size)
    for row, who in enumerate(people):
        counts, bits = np.zeros(4), []
        for q in seeds:
            said = of.stated[q]
            if who in said.experts:
                own = said.values[list(said.experts).index(who)]
                counts[int((own < of.outcome[q]).sum())] += 1
                ends = pools.intrinsic_range(said.values, of.outcome[q])
                bits.append(_bits(own, ends))
        good[row] = stats.power_divergence(
            counts, counts.sum() * EXPECTED, lambda_="log-likelihood"
        ).pvalue
        told[row] = np.mean(bits)
    best, chosen = -1.0, None
    for cut in np.sort(good)[::-1]:
        weight = np.where(good >= cut, good * told, 0.0)
        counts, bits = np.zeros(4), []
        for q in seeds:
            said = of.stated[q]
            own = weight[np.searchsorted(people, said.experts)]
            if own.sum() > 0:
                ends = pools.intrinsic_range(said.values, of.outcome[q])
                pooled = pools.mixture(Stated(said.experts, LEVELS, said.values), own, LEVELS, ends)
                counts[int((pooled < of.outcome[q]).sum())] += 1
                bits.append(_bits(pooled, ends))
        worth = stats.power_divergence(
            counts, counts.sum() * EXPECTED, lambda_="log-likelihood"
        ).pvalue * np.mean(bits)
        if worth > best:
            best, chosen = worth, weight
    return chosen / chosen.sum()


def _bits(values, ends):
    mass = np.diff([ends[0], *values, ends[1]]) / (ends[1] - ends[0])
    return special.rel_entr(EXPECTED, mass).sum()


def test_weights_are_those_of_the_best_cut_off(panel):
    people, seeds = np.arange(4), np.arange(12)
    found = cooke.weights(panel, people, seeds)
    np.testing.assert_allclose(found, _by_brute_force(panel, people, seeds), rtol=1e-9, atol=1e-12)
    assert found.sum() == pytest.approx(1.0)


def test_without_seeds_weights_are_equal(panel):
    nothing = np.array([], dtype=np.int64)
    np.testing.assert_array_equal(cooke.weights(panel, np.arange(4), nothing), np.full(4, 0.25))


def test_many_levels_are_narrowed_to_the_usual(write_panel):
    levels = (0.01, 0.05, 0.25, 0.4, 0.5, 0.75, 0.95)
    rows = "\n".join(f"q1,A,quantile,{p},{p}," + "," for p in levels)
    (of,) = read_resolved(write_panel("p", rows, "q1,0.5,,,uni"))
    assert cooke.seed_levels(of, np.array([0])).tolist() == [0.05, 0.25, 0.5, 0.75, 0.95]
