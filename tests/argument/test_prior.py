"""The joint prior against MODEL.md section 2, typed from there and not from argument.yaml."""

import itertools

import numpy as np
import pytest
from scipy import stats

from sweet_spot.argument.prior import (
    in_block,
    normal_block,
    place,
    prior_latents,
    working_value,
)
from sweet_spot.argument.spec import ARGUMENT_PATH, load_argument
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY, equations
from sweet_spot.errors import InvalidArgument

FACTORS = ("safety_progress", "risk_evaluation", "capability_restraint")
WORKS = ("number_go_up", "normal_science", "conceptual")

NORMAL = {  # mean and sd of N(mean, sd); two sds are a common part and each one's own
    "current_speedup": (0.10, 0.04),
    "uneven_arrival[safety_progress]": (0.20, 0.40, 0.25),
    "uneven_arrival[risk_evaluation]": (0.00, 0.40, 0.25),
    "uneven_arrival[capability_restraint]": (0.10, 0.40, 0.25),
    "danger_gap": (0.60, 0.70),
    "labour_growth": (0.0, 0.8),
    "output_failure[number_go_up]": (-1.0, 1.8, 0.8),
    "output_failure[normal_science]": (0.3, 1.8, 0.8),
    "output_failure[conceptual]": (1.3, 1.8, 0.8),
    "process_failure": (0.8, 2.0),
    "scheming": (-1.2, 1.2),
    "sabotage_potency": (0.8, 1.4),
    "sabotage_detection": (0.0, 1.4),
    **{f"investment[{factor}]": (-2.9, 1.0) for factor in FACTORS},
    "returns_to_share": (0.0, 0.6),
    **{f"hardness[{factor}]": (-0.6, 0.5, 0.3) for factor in FACTORS},
}
QUANTILES = {  # 5, 50 and 95 % points
    "automation_gap": (0.80, 1.2, 1.8),
    "years_per_dex_before": (4.0, 15.0, 56.0),
    "years_per_dex_after": (2.3, 10.0, 44.0),
    "countermeasure_gain": (0.03, 0.12, 0.45),
    "years_bought": (0.035, 0.25, 1.8),
    "scheming_slope": (0.78, 1.5, 2.9),
}
COMPETENCE = {  # latent -> +1 where more of it is doing well
    "countermeasure_gain": 1,
    "years_bought": 1,
    "process_failure": -1,
    "sabotage_detection": 1,
    "investment": 1,
}
WORK_SHARE = [[0.3, 0.4, 0.3], [0.5, 0.35, 0.15], [0.2, 0.3, 0.5]]
N = 40_000
Z95 = stats.norm.ppf(0.95)


@pytest.fixture(scope="module")
def block(argument):
    return normal_block(argument)


@pytest.fixture(scope="module")
def covariance(block):
    return block.root @ block.root.T


@pytest.fixture(scope="module")
def latents(argument):
    return prior_latents(argument, N, seed=7)


@pytest.fixture(scope="module")
def working(argument, latents, block):
    """Draws on the working scale, (draw, score), in the order of the block's labels."""
    columns = [
        working_value(argument.latents[name], latents[name]).reshape(N, -1) for name in block.slices
    ]
    return np.concatenate(columns, axis=1)


def sd_of(label: str) -> float:
    if label in NORMAL:
        return float(np.hypot(*NORMAL[label][1:]) if len(NORMAL[label]) > 2 else NORMAL[label][1])
    low, _, high = np.log(QUANTILES[label])
    return float((high - low) / (2 * Z95))


def correlation_of(one: str, other: str) -> float:
    """The correlation that MODEL.md gives two coordinates."""
    if one == other:
        return 1.0
    if {one, other} == {"years_per_dex_before", "years_per_dex_after"}:
        return 0.8
    first, second = one.split("[")[0], other.split("[")[0]
    if first in COMPETENCE and second in COMPETENCE:
        return 0.3 * COMPETENCE[first] * COMPETENCE[second]
    if first == second:  # only vectors come in several coordinates, here with a common part
        _, common, own = NORMAL[one]
        return common**2 / (common**2 + own**2)
    return 0.0


def test_table_covers_the_block(block, argument):
    assert set(block.labels) == {*NORMAL, *QUANTILES}
    assert {n for n, lat in argument.latents.items() if not in_block(lat)} == {
        "work_share",
        "diminishing_returns",
    }
    competence = {n for n, lat in argument.latents.items() if lat.profile == "competence"}
    assert competence == set(COMPETENCE)
    assert {n: argument.latents[n].good for n in COMPETENCE} == COMPETENCE


@pytest.mark.parametrize("label", NORMAL)
def test_normal_moments(block, covariance, label):
    i = block.labels.index(label)
    assert block.mean[i] == pytest.approx(NORMAL[label][0], abs=1e-12)
    assert np.sqrt(covariance[i, i]) == pytest.approx(sd_of(label), rel=1e-12)


@pytest.mark.parametrize("label", QUANTILES)
def test_log_quantiles(argument, block, covariance, label):
    assert argument.latents[label].prior.quantiles == QUANTILES[label]
    assert label in block.logged
    i = block.labels.index(label)
    z = np.array([-Z95, 0.0, Z95])
    found = np.exp(block.mean[i] + z * np.sqrt(covariance[i, i]))
    # two digits cannot make the median the exact geometric mean of the other two
    np.testing.assert_allclose(found, QUANTILES[label], rtol=0.04)
    assert found[1] == pytest.approx(QUANTILES[label][1], rel=1e-12)
    assert found[2] / found[0] == pytest.approx(QUANTILES[label][2] / QUANTILES[label][0])


def test_correlations(block, covariance):
    sd = np.sqrt(np.diag(covariance))
    found = covariance / np.outer(sd, sd)
    wanted = [[correlation_of(one, other) for other in block.labels] for one in block.labels]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_latents_outside_the_block(argument):
    slope = argument.latents["diminishing_returns"].prior
    assert (slope.mean, slope.sd, slope.above) == (0.80, 0.30, 0.0)
    shares = argument.latents["work_share"].prior
    assert shares.concentration == 10
    np.testing.assert_array_equal(shares.mean, WORK_SHARE)
    assert argument.coords == {"factor": FACTORS, "work": WORKS}


def test_draws_have_the_block_moments(block, covariance, working):
    sd = np.sqrt(np.diag(covariance))
    # four standard errors of a mean, an sd and a correlation of N normal draws
    np.testing.assert_array_less(abs(working.mean(axis=0) - block.mean) / sd, 4 / np.sqrt(N))
    np.testing.assert_array_less(abs(working.std(axis=0) / sd - 1), 4 / np.sqrt(2 * N))
    wanted = covariance / np.outer(sd, sd)
    found = np.corrcoef(working, rowvar=False)
    np.testing.assert_array_less(abs(found - wanted), 4 * (1 - wanted**2) / np.sqrt(N) + 1e-12)


@pytest.mark.parametrize("label", [*NORMAL, *QUANTILES])
def test_draws_have_the_quantiles(block, working, label):
    column = working[:, block.labels.index(label)]
    i = block.labels.index(label)
    for level in (0.05, 0.5, 0.95):
        edge = block.mean[i] + sd_of(label) * stats.norm.ppf(level)
        error = np.sqrt(level * (1 - level) / N)
        assert abs((column < edge).mean() - level) < 4 * error


def test_draws_outside_the_block(latents):
    slope = latents["diminishing_returns"]
    truth = stats.truncnorm(-0.8 / 0.3, np.inf, 0.8, 0.3)
    assert slope.min() > 0
    assert stats.kstest(slope, truth.cdf).pvalue > 1e-4
    shares = latents["work_share"]
    np.testing.assert_allclose(shares.sum(axis=-1), 1.0, rtol=1e-12)
    mean = np.array(WORK_SHARE)
    sd = np.sqrt(mean * (1 - mean) / (10 + 1))  # of a Dirichlet with concentration 10
    np.testing.assert_array_less(abs(shares.mean(axis=0) - mean), 4 * sd / np.sqrt(N))
    np.testing.assert_allclose(shares.std(axis=0), sd, rtol=0.03)  # 4 errors of an sd: 4/sqrt(2N)
    for one, other in itertools.combinations(range(3), 2):  # factors are independent
        assert abs(np.corrcoef(shares[:, one, 0], shares[:, other, 0])[0, 1]) < 4 / np.sqrt(N)


def test_draws_have_the_dims_and_repeat(argument, latents):
    assert tuple(latents) == tuple(LATENT_DIMS)
    for name, dims in LATENT_DIMS.items():
        assert latents[name].shape == (N, *(3 for _ in dims))
    again = prior_latents(argument, 50, seed=3)
    for name, values in prior_latents(argument, 50, seed=3).items():
        np.testing.assert_array_equal(values, again[name])
    other = prior_latents(argument, 50, seed=4)
    assert all((other[name] != again[name]).any() for name in again)


def test_place_inverts_to_scores(block):
    """Scores go to working values by one linear map, whatever the leading dims."""
    scores = np.random.default_rng(1).standard_normal((2, 5, len(block.labels)))
    placed = place(block, scores, NUMPY)
    for name, where in block.slices.items():
        flat = block.mean[where] + (scores @ block.root.T)[..., where]
        value = np.exp(flat) if name in block.logged else flat
        np.testing.assert_array_equal(placed[name], value if block.dims[name] else value[..., 0])


@pytest.mark.parametrize(
    ("gate_of", "stated"), [(0, 0.31), (1, 0.38), (2, 0.33), ("any", 0.47)], ids=str
)
def test_prior_predictive_of_usable(latents, gate_of, stated):
    usable = equations(latents, NUMPY)["usable"]
    passed = usable.any(axis=-1) if gate_of == "any" else usable[:, gate_of]
    error = np.sqrt(stated * (1 - stated) / N)
    assert abs(passed.mean() - stated) < 4 * error + 0.005  # the stated ones have two digits


def test_reasons_say_what_the_prior_does(latents):
    """Numbers that argument.yaml gives as reasons, to the precision of their words."""
    years = 2026 + equations(latents, NUMPY)["years_to_automation"]
    assert np.median(years) == pytest.approx(2031, abs=0.5)
    assert (years < 2028).mean() == pytest.approx(1 / 7, rel=0.05)
    assert (years > 2045).mean() == pytest.approx(1 / 23, rel=0.1)
    assert (latents["diminishing_returns"] > 1).mean() == pytest.approx(0.25, abs=0.01)
    assert (latents["danger_gap"] < 0).mean() == pytest.approx(0.2, abs=0.01)
    assert (latents["scheming"] > 0).mean() == pytest.approx(1 / 6, abs=0.01)
    shares = 1 / (1 + np.exp(-np.quantile(latents["investment"], [0.05, 0.5, 0.95])))
    np.testing.assert_allclose(shares, [0.01, 0.05, 0.22], atol=0.005)


def test_contradicting_correlations_stop(tmp_path):
    """Pairwise correlations alone cannot be checked on loading: the root shows them."""
    text = ARGUMENT_PATH.read_text(encoding="utf-8")
    link = "prior: {{quantiles: {}, correlation: {{with: process_failure, value: 0.9}}}}"
    for quantiles in ("[0.03, 0.12, 0.45]", "[0.035, 0.25, 1.8]"):
        old = f"prior: {{quantiles: {quantiles}}}"
        assert old in text
        text = text.replace(old, link.format(quantiles))
    text = text.replace("competence_correlation: 0.3", "competence_correlation: 0.9")
    path = tmp_path / "contradicting.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidArgument, match="contradict each other"):
        normal_block(load_argument(path))
