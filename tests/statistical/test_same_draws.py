"""Checks and the order of files do not matter: the same draws, bit for bit, from the same seed."""

from typing import Any

import pytest
import xarray as xr

from sweet_spot.argument.spec import load_argument
from sweet_spot.evidence.gather import assemble
from sweet_spot.evidence.reading import data_files, read_elicitations, read_questions
from sweet_spot.inference.fit import fit
from sweet_spot.inference.refit import Settings

SHORT = Settings(draws=300, tune=300, chains=2, seed=8)


@pytest.fixture(scope="module")
def fits(small_records: Any, evidence_of: Any) -> dict[str, xr.DataTree]:
    """Four whole fits, each compiled anew, as a user would get them."""
    questions, said = small_records
    evidence = [s for s in said if s.get("role") != "check"]
    checks = [s for s in said if s.get("role") == "check"]
    variants = {
        "whole": evidence_of(questions, said),
        "no checks": evidence_of(questions, evidence),
        "backwards": evidence_of(questions[::-1], said[::-1]),
        "only checks": evidence_of(questions, checks),
        "nothing": evidence_of(questions, []),
    }
    return {name: fit(load_argument(), item, SHORT) for name, item in variants.items()}


@pytest.mark.parametrize(
    ("one", "two"), [("whole", "no checks"), ("whole", "backwards"), ("only checks", "nothing")]
)
def test_same_draws(fits: dict[str, xr.DataTree], one: str, two: str) -> None:
    first, second = fits[one], fits[two]
    for group in ("posterior", "prior"):
        pair = [tree[group].to_dataset() for tree in (first, second)]
        assert pair[0].equals(pair[1]), group
    if "log_likelihood" in first:
        assert first["log_likelihood"].to_dataset().equals(second["log_likelihood"].to_dataset())


def test_statements_do_move_it(fits: dict[str, xr.DataTree]) -> None:
    """The comparison above can tell fits apart."""
    posteriors = [fits[name]["posterior"]["scheming"] for name in ("whole", "only checks")]
    assert not bool((posteriors[0] == posteriors[1]).any())


def test_checks_are_predicted(fits: dict[str, xr.DataTree]) -> None:
    assert "fay-total" in fits["only checks"]["posterior_predictive"]["statement"]
    assert "posterior_predictive" not in fits["nothing"]


def test_order_of_the_bundled_files(
    bundled: Any, compile_evidence: Any, draw: Any, checkout: Any
) -> None:
    """Files read backwards and questions too, compiled anew."""
    files = data_files(checkout / "data")
    asked, said = read_questions(files.questions), read_elicitations(files.elicitations[::-1])
    backwards = compile_evidence(assemble(asked[::-1], list(said)[::-1]))
    short = {"draws": 100, "tune": 200, "chains": 2, "seed": 4}
    assert draw(backwards, **short).equals(draw(bundled, **short))
