"""The catalogue: names, arguments, coordinates, units and working scales."""

import numpy as np
import pytest

from sweet_spot.argument.quantities import (
    DURATION_OFFSET,
    EPOCH,
    catalogue,
    dims_of,
    from_working,
    parse,
    to_working,
)
from sweet_spot.argument.structure import DERIVED_DIMS, GATES, LATENT_DIMS
from sweet_spot.errors import UnknownQuantity

WITH_ARGUMENTS = (
    "year_at_speedup(25)",
    "years_between_speedups(5, 25)",
    "progress_between_speedups(5, 25)",
    "years_for_progress(3)",
    "scheming_at(20)",
)


def written() -> list[str]:
    """Every quantity of the catalogue, with its first coordinates or usual arguments."""
    first = {"factor": "safety_progress", "work": "number_go_up"}
    names = [name for name in catalogue() if name not in {w.split("(")[0] for w in WITH_ARGUMENTS}]
    coords = {name: ", ".join(first[dim] for dim in dims_of(name)) for name in names}
    return [f"{n}[{coords[n]}]" if coords[n] else n for n in names] + list(WITH_ARGUMENTS)


EVERY = written()
every_quantity = pytest.mark.parametrize("text", EVERY)


def test_catalogue_is_what_the_model_document_says():
    years = {"year_automation", "year_useful", "year_dangerous", "year_at_speedup"}
    more = {"years_between_speedups", "progress_between_speedups", "years_for_progress"}
    assert len(catalogue()) == len(set(catalogue()))
    assert set(catalogue()) == {*LATENT_DIMS, *DERIVED_DIMS, *GATES, *years, *more, "scheming_at"}
    assert len(EVERY) == len(catalogue())


@every_quantity
def test_names_read_back(text):
    quantity = parse(text)
    assert str(quantity) == text
    assert parse(str(quantity)) == quantity
    assert parse(f"  {text.replace(', ', ',')} ") == quantity


@pytest.mark.parametrize("number", ["2000000", "1234567", "1.15", "2.5e5", "1e6"])
def test_arguments_read_back_exactly(number):
    quantity = parse(f"year_at_speedup({number})")
    assert quantity.arguments == (float(number),)
    assert parse(str(quantity)) == quantity


@pytest.mark.parametrize(
    ("text", "unit", "scale"),
    [
        ("year_automation", "year", "log_year"),
        ("year_useful[risk_evaluation]", "year", "log_year"),
        ("year_dangerous", "year", "log_year"),
        ("year_at_speedup(5)", "year", "log_year"),
        ("years_between_speedups(5, 25)", "years", "log_duration"),
        ("years_for_progress(3)", "years", "log_duration"),
        ("years_bought", "years", "log_duration"),
        ("years_per_dex_after", "years", "log_duration"),
        ("years_to_automation", "years", "log_duration"),
        ("needed_years[risk_evaluation]", "years", "log_duration"),
        ("scheming", "share", "logit"),
        ("scheming_at(25)", "share", "logit"),
        ("investment[risk_evaluation]", "share", "logit"),
        ("work_share[risk_evaluation, conceptual]", "share", "logit"),
        ("evaluation_failure[risk_evaluation]", "share", "logit"),
        ("danger_gap", "dex", "identity"),
        ("countermeasure_gain", "dex", "identity"),
        ("sweet_spot_width[risk_evaluation]", "dex", "identity"),
        ("diminishing_returns", "per dex", "identity"),
        ("scheming_slope", "logit per dex", "identity"),
        ("hardness[risk_evaluation]", "log10 years", "identity"),
        ("usable[any]", "probability", "identity"),
        ("usable[all]", "probability", "identity"),
    ],
)
def test_units_and_scales(text, unit, scale):
    quantity = parse(text)
    assert (quantity.unit, quantity.scale) == (unit, scale)


def test_atoms_serve_checks_only():
    atoms = {parse(text).name for text in EVERY if parse(text).has_atom}
    assert atoms == {"years_in_sweet_spot", "labour_years", "effective_years", *GATES}


OWN = {
    "log_year": np.array([2024.5, 2026.0, 2031.25, 2100.0, 9000.0]),
    "log_duration": np.array([0.0, 1e-4, 0.5, 30.0, 1e6]),
    "logit": np.array([1e-6, 0.05, 0.5, 0.97]),
    "identity": np.array([-2.0, 0.0, 0.7]),
}


@every_quantity
def test_working_scale_and_back(text):
    quantity = parse(text)
    own = OWN[quantity.scale]
    working = to_working(quantity, own)
    assert np.isfinite(working).all()
    assert (np.diff(working) > 0).all()
    np.testing.assert_allclose(from_working(quantity, working), own, rtol=1e-12, atol=1e-15)
    spread = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(to_working(quantity, from_working(quantity, spread)), spread)
    assert float(to_working(quantity, float(own[0]))) == working[0]


def test_working_scales_by_hand():
    assert to_working(parse("year_automation"), EPOCH + np.e) == pytest.approx(1.0)
    duration = parse("years_bought")
    assert to_working(duration, 1 - DURATION_OFFSET) == pytest.approx(0.0, abs=1e-15)
    assert to_working(duration, 0.0) == pytest.approx(np.log(0.02))
    assert to_working(parse("scheming"), 0.9) == pytest.approx(np.log(9))
    assert to_working(parse("danger_gap"), 0.6) == 0.6


def test_edges_of_the_working_scales():
    share, year = parse("scheming"), parse("year_automation")
    np.testing.assert_array_equal(to_working(share, [0.0, 1.0]), [-np.inf, np.inf])
    np.testing.assert_array_equal(from_working(share, [-np.inf, -800.0, np.inf]), [0, 0, 1])
    np.testing.assert_array_equal(to_working(year, [EPOCH, 1990.0]), [-np.inf, -np.inf])
    assert np.isnan(to_working(share, [-0.1, 1.1])).all()
    assert np.isnan(to_working(parse("years_bought"), -1.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("year_automaton", "did you mean year_automation"),
        ("Year_automation", "did you mean year_automation"),
        ("investmnt[safety_progress]", "did you mean investment"),
        ("year_at_speedups(25)", "did you mean year_at_speedup"),
        ("p(doom)", "'p\\(doom\\)' is not a quantity of the catalogue$"),
        ("", "not a quantity"),
        ("investment", "write investment\\[safety_progress\\]"),
        ("investment[]", "write investment\\[safety_progress\\]"),
        ("work_share[safety_progress]", "write work_share\\[safety_progress, number_go_up\\]"),
        ("work_share[conceptual, safety_progress]", "'conceptual' is not a factor; write safety"),
        ("investment[conceptual]", "'conceptual' is not a factor"),
        ("investment[any]", "'any' is not a factor"),
        ("usable", "write usable\\[safety_progress\\], \\[any\\] or \\[all\\]"),
        ("usable[some]", "'some' is not a factor"),
        ("scheming[safety_progress]", "scheming has no coordinates"),
        ("scheming(3)", "scheming takes 0 positive arguments"),
        ("year_at_speedup", "takes 1 positive argument"),
        ("year_at_speedup()", "takes 1 positive argument"),
        ("year_at_speedup(5, 25)", "takes 1 positive argument"),
        ("year_at_speedup(-5)", "takes 1 positive argument"),
        ("year_at_speedup(nan)", "takes 1 positive argument"),
        ("year_at_speedup(1e400)", "takes 1 positive argument"),
        ("year_at_speedup(five)", "must be numbers"),
        ("year_at_speedup(5,)", "must be numbers"),
        ("year_at_speedup(0.7)", "a factor of 1 or more"),
        ("years_between_speedups(25, 5)", "must be larger"),
        ("years_between_speedups(5, 5)", "must be larger"),
        ("year_at_speedup(5", "write year_at_speedup\\(5\\)"),
    ],
)
def test_what_does_not_fit_is_named(text, message):
    with pytest.raises(UnknownQuantity, match=message):
        parse(text)


def test_whole_vectors_only_where_asked_for():
    assert str(parse("investment", whole=True)) == "investment"
    assert parse("scheming", whole=True) == parse("scheming")
    for text in ("usable", "year_useful", "evaluation_failure"):
        with pytest.raises(UnknownQuantity, match=r"write "):
            parse(text, whole=True)
