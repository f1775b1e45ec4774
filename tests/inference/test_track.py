"""Records of people and what they weigh, against loops and integrals."""

import numpy as np
import pytest

from sweet_spot.inference.folds import folds
from sweet_spot.inference.resolved import read_resolved
from sweet_spot.inference.track import (
    FLOOR,
    MOST,
    errors,
    expected,
    log_losses,
    visible,
    weighted_quantile,
)


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.8])
def test_weighted_quantile_row_by_row(rng, level):
    values, weights = rng.normal(size=(20, 9)), rng.uniform(0.1, 3, size=(20, 9))
    values[rng.uniform(size=values.shape) < 0.4] = np.nan
    values[0], values[1], values[2] = np.nan, 4.0, [2.0, *[np.nan] * 8]
    found = weighted_quantile(values, weights, level)
    assert np.isnan(found[0])
    assert found[1] == 4.0
    assert found[2] == 2.0
    for row in range(1, 20):
        pairs = sorted((v, w) for v, w in zip(values[row], weights[row], strict=True) if v == v)
        total, before, middles = sum(w for _, w in pairs), 0.0, []
        for _, w in pairs:
            middles.append((before + w / 2) / total)
            before += w
        wanted = np.interp(level, middles, [v for v, _ in pairs])
        assert found[row] == pytest.approx(wanted, rel=1e-12)


def test_weighted_median_of_equal_weights_is_the_median(rng):
    values = rng.normal(size=(6, 7))
    np.testing.assert_allclose(
        weighted_quantile(values, np.full((6, 7), 0.3)), np.median(values, axis=1), rtol=1e-12
    )
    heavy = np.ones((6, 7))
    heavy[:, 3] = 1e9
    np.testing.assert_allclose(weighted_quantile(values, heavy), values[:, 3], atol=1e-6)


def test_errors_by_loops(rng):
    centre, answer = rng.normal(size=(5, 4)), rng.normal(size=5)
    scale = rng.uniform(0.5, 2, size=5)
    centre[1, 2] = centre[3] = np.nan
    centre[0, 0] = 1e6  # a wrong unit
    found = errors(centre, answer, scale)
    for q in range(5):
        who = [p for p in range(4) if centre[q, p] == centre[q, p]]
        own = {}
        for p in who:
            off = min(abs(centre[q, p] - answer[q]) / scale[q], MOST)
            own[p] = np.log((off**2 + FLOOR**2) ** 0.5)
        for p in range(4):
            if p in own:
                wanted = own[p] - sum(own.values()) / len(own)
                assert found[q, p] == pytest.approx(wanted, abs=1e-12)
            else:
                assert np.isnan(found[q, p])


def test_log_losses_by_loops(rng):
    probability, outcome = rng.uniform(0.05, 0.95, size=(4, 3)), np.array([1.0, 0.0, np.nan, 1.0])
    probability[0, 1] = np.nan
    found = log_losses(probability, outcome)
    for q in range(4):
        own = {
            p: -np.log(probability[q, p] if outcome[q] else 1 - probability[q, p])
            for p in range(3)
            if probability[q, p] == probability[q, p]
        }
        for p in range(3):
            if p not in own:
                assert np.isnan(found[q, p])
            elif np.isnan(outcome[q]):
                assert found[q, p] == 0
            else:
                wanted = own[p] - sum(own.values()) / len(own)
                assert found[q, p] == pytest.approx(wanted, abs=1e-12)


def test_expected_by_loops(rng):
    record, may_see = rng.normal(size=(5, 3)), (rng.uniform(size=(6, 5)) < 0.5).astype(float)
    record[rng.uniform(size=record.shape) < 0.3] = np.nan
    record[:, 2] = np.nan  # who never answered is like all others
    found = expected(record, may_see, 3.0)
    for row in range(6):
        for p in range(3):
            own = [
                record[q, p] for q in range(5) if may_see[row, q] and record[q, p] == record[q, p]
            ]
            assert found[row, p] == pytest.approx(sum(own) / (len(own) + 3.0), abs=1e-12)
    assert (found[:, 2] == 0).all()


def test_visible_is_what_folds_allow(write_panel):
    said = "\n".join(f"q{k},{who},quantile,0.5,{k},," for k in range(4) for who in "AB")
    said += "\np0,C,quantile,0.5,1,,\np1,C,quantile,0.5,1,,\nb0,A,binary_prob,,0.5,,"
    answers = "q0,1,g,,\nq1,1,g,,\nq2,1,h,,\nq3,,h,,\np0,1,p,,\np1,2,p,,\nb0,1,,,"
    (of,) = read_resolved(write_panel("d", said, answers).parent)
    place = {str(name): k for k, name in enumerate(of.question)}
    found = visible(of, "quantile")
    sees = {q: {n for n in place if found[place[q], place[n]]} for q in place}
    assert sees["q0"] == sees["q1"] == {"q2", "p0", "p1"}  # not the one with the same outcome
    assert sees["q2"] == {"q0", "q1", "p0", "p1"}
    assert sees["p0"] == {"q0", "q1", "q2", "p1"}  # a panel sees its own others
    assert sees["q3"] == sees["b0"] == set()  # no answer; another kind
    assert sum(map(len, sees.values())) == found.sum()
    assert {f.group for f in folds(of, "quantile")} == {"g", "h", "p"}
