"""What must hold of every rival structure (MODEL.md section 7), and the limits of each."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweet_spot.argument.prior import prior_latents
from sweet_spot.argument.rivals import BOTTLENECK, SOFT_DANGER, STRUCTURES, Structure
from sweet_spot.argument.spec import load_argument
from sweet_spot.argument.structure import (
    DERIVED_DIMS,
    GATES,
    LATENT_DIMS,
    NUMPY,
    derive,
    equations,
)

HARMFUL = ("output_failure", "process_failure", "scheming", "sabotage_potency", "hardness",
           "uneven_arrival", "returns_to_share")  # fmt: skip
HELPFUL = ("labour_growth", "sabotage_detection", "danger_gap", "countermeasure_gain",
           "years_bought", "investment")  # fmt: skip
LOGGED = ("countermeasure_gain", "years_bought")
each_rival = pytest.mark.parametrize("structure", STRUCTURES[1:], ids=lambda s: s.name)


@pytest.mark.parametrize(
    "structure",
    [
        replace(BOTTLENECK, work_exponent=-1e-9),
        # the soft integral is a difference over 2 x width: digits are lost as it narrows
        replace(SOFT_DANGER, danger_width=1e-6),
        Structure("other", "the same", "for a test", "none", 1.0),
    ],
    ids=lambda s: s.name,
)
def test_rivals_become_the_main_structure(drawn, structure) -> None:
    main, rival = derive(drawn), derive(drawn, structure)
    for name in DERIVED_DIMS:
        close = np.isclose(rival[name], main[name], rtol=1e-4, atol=1e-6)
        # a spot that ends right where it begins is the exception
        assert close.mean() > 0.998, name
    for gate in GATES:
        assert (rival[gate] == main[gate]).to_numpy().mean() > 0.995


@each_rival
def test_rivals_change_what_they_say_and_nothing_before_it(drawn, structure) -> None:
    main, rival = derive(drawn), derive(drawn, structure)
    same = {
        "bottleneck": {"labour_years", "years_in_sweet_spot", "years_to_dangerous"},
        "no_feedback": {"evaluation_failure", "years_to_automation", "sweet_spot_width"},
        "soft_danger": {"evaluation_failure", "years_to_dangerous", "sweet_spot_width"},
    }[structure.name]
    for name in same:
        np.testing.assert_array_equal(rival[name], main[name], err_msg=name)
    assert not np.array_equal(rival["effective_years"], main["effective_years"])


@each_rival
def test_gates_imply_the_one_before_in_rivals(structure) -> None:
    found = equations(prior_latents(load_argument(), 20_000, 3), NUMPY, structure)
    for earlier, later in itertools.pairwise(GATES):
        assert not (found[later] & ~found[earlier]).any()
    assert 0.05 < found["usable"].any(-1).mean() < 0.9


@each_rival
@pytest.mark.parametrize("name", [*HARMFUL, *HELPFUL])
@settings(max_examples=10)
@given(by=st.floats(1e-3, 6), seed=st.integers(0, 10_000))
def test_moving_one_latent_never_helps_the_wrong_way_in_rivals(structure, name, by, seed) -> None:
    """MODEL.md section 7 holds of every structure."""
    latents = prior_latents(load_argument(), 200, seed)
    old = latents[name]
    moved = {**latents, name: old * np.exp(by) if name in LOGGED else old + by}
    low, high = (equations(each, NUMPY, structure) for each in (latents, moved))
    worse, better = (high, low) if name in HARMFUL else (low, high)
    assert not (worse["usable"] & ~better["usable"]).any()
    # sums of positive terms, exact to a few roundings; the soft ones a difference of two
    assert (worse["effective_years"] <= better["effective_years"] * (1 + 1e-9)).all()


@each_rival
def test_far_tails_stay_finite_in_rivals(structure) -> None:
    rng = np.random.default_rng(5)
    latents = {n: v + 0.0 for n, v in prior_latents(load_argument(), 2000, 5).items()}
    for name in set(LATENT_DIMS) - {"work_share"}:
        step = 8 * rng.standard_normal(latents[name].shape)
        positive = load_argument().latents[name].scale == "log"
        latents[name] = latents[name] * np.exp(step) if positive else latents[name] + step
    latents["diminishing_returns"] = abs(latents["diminishing_returns"])
    found = equations(latents, NUMPY, structure)
    assert all(np.isfinite(found[name]).all() for name in DERIVED_DIMS)
    assert (found["labour_years"] >= 0).all()
    assert ((found["evaluation_failure"] >= 0) & (found["evaluation_failure"] <= 1)).all()
