"""A fit holds what it was conditioned on: read back from its file, it is what was gathered."""

from pathlib import Path

import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.errors import UnusableFit
from sweet_spot.evidence.gather import Evidence, gather
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.fit import fit
from sweet_spot.inference.keep import constants_of, evidence_of, what_was_said
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.store import load_fit, save

CONSTANTS = ErrorConstants(tau_shared=0.6, omega=(2.0, 5.0), most_people=7)


@pytest.fixture(scope="module")
def tree(
    argument: Argument, evidence: Evidence, tmp_path_factory: pytest.TempPathFactory
) -> xr.DataTree:
    path = tmp_path_factory.mktemp("kept") / "fit.nc"
    save(fit(argument, evidence, Settings(draws=20, chains=2, prior_only=True), CONSTANTS), path)
    return load_fit(path)


def same(one: Evidence, two: Evidence) -> bool:
    equal = one.statements.identical(two.statements)
    return equal and one.questions == two.questions and one.targets == two.targets


def test_evidence_comes_back(tree: xr.DataTree, evidence: Evidence) -> None:
    assert same(evidence_of(tree), evidence)


def test_bundled_evidence_comes_back(checkout: Path) -> None:
    """Every kind of condition, unit and bound that there is."""
    evidence = gather(checkout / "data")
    observed, said = what_was_said(evidence)
    tree = xr.DataTree.from_dict({"observed_data": observed, "constant_data": said})
    assert same(evidence_of(tree), evidence)


def test_constants_come_back(tree: xr.DataTree) -> None:
    assert constants_of(tree) == CONSTANTS


def test_a_fit_without_its_questions_is_refused(tree: xr.DataTree) -> None:
    bare = tree.copy()
    bare["constant_data"] = xr.DataTree(tree["constant_data"].to_dataset().drop_attrs())
    with pytest.raises(UnusableFit, match="report"):
        evidence_of(bare)


def test_a_fit_of_fewer_constants_is_refused(tree: xr.DataTree) -> None:
    older = tree.copy()
    del older.attrs["error_probability_unit"]
    with pytest.raises(UnusableFit, match="probability_unit"):
        constants_of(older)
