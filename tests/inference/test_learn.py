"""What was learned: on a new panel, of each person, on file, and where it came from."""

import hashlib

import numpy as np
import pytest
import xarray as xr
from scipy import special

from sweet_spot.errors import InvalidRecord, MissingData
from sweet_spot.inference.learn import citations, content_digest, on_new_panel, people
from sweet_spot.inference.learned import LEARNED, load_learned, write_learned
from sweet_spot.inference.learning_model import BY_PANEL, CONSTANTS
from sweet_spot.inference.lessons import Lessons, lessons
from sweet_spot.inference.resolved import read_resolved


@pytest.fixture
def folder(write_panel):
    """Two quantities asked of three people, two events asked of three others."""
    rows = [f"q{k},{who},quantile,{p},{v},," for k in "12" for who in "ABC"
            for p, v in ((0.1, 1), (0.9, 2))]  # fmt: skip
    rows += [f"e{k},{who},binary_prob,,0.3,," for k in "12" for who in "XYZ"]
    answers = [f"q{k},1.5,,,uni" for k in "12"] + [f"e{k},1,,,prob" for k in "12"]
    return write_panel("both", "\n".join(rows), "\n".join(answers))


@pytest.fixture
def taught(folder) -> Lessons:
    return lessons(read_resolved(folder))


@pytest.fixture
def posterior(taught) -> xr.Dataset:
    """Draws made up: independent normals of known mean and sd."""
    return made_up(taught)


def made_up(of: Lessons, draws: int = 4000) -> xr.Dataset:
    rng, shape = np.random.default_rng(6), (4, draws // 4)
    sizes = {"panel": of.panel, "person": of.person, "constant": list(CONSTANTS),
             "by_panel": list(BY_PANEL)}  # fmt: skip

    def normal(mean: float, sd: float, *dims: str) -> tuple[tuple[str, ...], np.ndarray]:
        size = [len(sizes[d]) for d in dims]
        return ("chain", "draw", *dims), rng.normal(mean, sd, (*shape, *size))

    return xr.Dataset(
        {
            "mean_log": normal(-0.2, 0.1, "constant"),
            "between_domains": normal(0.3, 0.0, "constant"),
            "between_panels": normal(0.4, 0.0, "by_panel"),
            "skill_score": normal(1.0, 0.5, "person"),
            "lean_score": normal(-1.0, 0.5, "person"),
            "log_scale_sd": normal(-0.5, 0.2),
            "log_probability_unit": normal(0.7, 0.2),
            "log_skill_sd": normal(-0.45, 0.1, "panel"),
            "log_lean_sd": normal(-0.45, 0.1, "panel"),
            "nu_shared_above_1": normal(2.0, 0.1),
            "nu_error_above_1": normal(4.0, 0.1),
        },
        coords=sizes,
    )


def test_new_panel_adds_what_panels_and_domains_vary(posterior):
    found = on_new_panel(posterior.isel(), seed=3)["constants"]
    assert set(found) == set(LEARNED)
    own, scale = found["tau_shared"], found["scale_sd"]
    # 16000 new panels: a mean is known to sd / 126, an sd to sd / 179, a tail quantile to sd / 60
    assert own.log_mean == pytest.approx(-0.2, abs=0.02)
    assert own.log_sd == pytest.approx(np.hypot(0.1, 0.5), rel=0.03)
    assert np.log([own.low, own.median, own.high]) == pytest.approx(
        -0.2 + np.hypot(0.1, 0.5) * np.array([-1.645, 0, 1.645]), abs=0.04
    )
    assert scale.log_sd == pytest.approx(0.2, rel=0.05)
    # a lean is the loading, .5, times the disposition
    assert found["disposition_expert"].log_mean == pytest.approx(-0.2 + 0.7 + np.log(2), abs=0.02)
    # the share of kappa^2 in own^2 is expit(x), x ~ N(-.2, .51): kappa and tau by quadrature
    for name, side in (("kappa", 1), ("tau", -1)):
        node, weight = np.polynomial.hermite_e.hermegauss(40)
        share = np.log(special.expit(side * (-0.2 + np.hypot(0.1, 0.5) * node))) / 2
        mean = -0.2 + (share * weight).sum() / weight.sum()
        assert found[name].log_mean == pytest.approx(mean, abs=0.02)
    assert found["nu_error"].median == pytest.approx(5, abs=0.02)


def test_people_are_in_units_of_their_panel(posterior, taught):
    table = people(posterior, taught)
    # the log of the sd is -.45 with sd .1, the score 1 with sd .5, and independent
    assert table["log_imprecision_mean"].mean() == pytest.approx(np.exp(-0.45 + 0.005), rel=0.01)
    wide = np.exp(-0.45) * np.sqrt(np.exp(2 * 0.01) * (1 + 0.25) - np.exp(0.01))
    assert table["log_imprecision_sd"].to_numpy() == pytest.approx(wide, rel=0.05)
    assert (table["questions"] == 2).all()
    yes_no = np.isin(np.arange(taught.person.size), taught.binary.person)
    assert 0 < yes_no.sum() < yes_no.size
    assert np.isfinite(table["lean_mean"]).tolist() == yes_no.tolist()


def test_bundled_constants_passed_and_hold_together():
    found = load_learned()
    assert found.passed
    assert set(found.constants) == set(LEARNED)
    assert np.linalg.eigvalsh(found.covariance()).min() > 0
    assert all(len(source.sha256) == 64 and source.citation for source in found.sources)
    for own in found.constants.values():
        assert own.low < own.median < own.high


def test_file_comes_back_and_damage_is_named(tmp_path):
    found = load_learned()
    path = tmp_path / "new" / "learned.yaml"
    write_learned(found, path)
    assert load_learned(path) == found
    path.write_text(path.read_text().replace("nu_error:", "nu_terror:"))
    with pytest.raises(InvalidRecord, match=r"learned\.yaml: constants must be tau_shared"):
        load_learned(path)
    path.write_text("schema: 1")
    with pytest.raises(InvalidRecord, match="not a file of learned constants"):
        load_learned(path)
    with pytest.raises(MissingData, match="sweet-spot learn"):
        load_learned(tmp_path / "none.yaml")


def test_provenance_is_digest_and_origin(tmp_path, folder):
    (tmp_path / "README.md").write_text(
        "## Sets\n### both\nOrigin: A and B 1999 (10.1/x), file\nf. Licence: none.\n### c\nNo."
    )
    assert citations(tmp_path) == {"both": "A and B 1999 (10.1/x), file f"}
    parts = [(folder / name).read_bytes() for name in ("forecasts.csv", "outcomes.csv")]
    by_hand = hashlib.sha256(b"forecasts.csv\0" + parts[0] + b"outcomes.csv\0" + parts[1])
    assert content_digest(folder) == by_hand.hexdigest()
