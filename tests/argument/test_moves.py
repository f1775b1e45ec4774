"""Moves of latents against the same done by hand."""

import numpy as np
import pytest
from scipy import special

from sweet_spot.argument.moves import HOW, check_moves, moved, read_move
from sweet_spot.argument.structure import LATENT_DIMS, LOGITS
from sweet_spot.errors import UnknownQuantity


def after(draws, *moves):
    return moved(draws, [read_move(*move) for move in moves])


def test_multiplying_a_share_multiplies_its_odds(draws):
    world = after(draws, ("sabotage_detection", "multiply", 3))
    old, new = (special.expit(x["sabotage_detection"]) for x in (draws, world))
    np.testing.assert_allclose(new / (1 - new), 3 * old / (1 - old))


def test_multiplying_a_quantity_above_zero(draws):
    world = after(draws, ("years_bought", "multiply", 0.5))
    np.testing.assert_array_equal(world["years_bought"], draws["years_bought"] / 2)


def test_adding_by_coordinate_and_to_the_whole(draws):
    world = after(draws, ("uneven_arrival[risk_evaluation]", "add", -0.2), ("hardness", "add", 0.1))
    step = world["uneven_arrival"] - draws["uneven_arrival"]
    np.testing.assert_allclose(step, np.broadcast_to([0, -0.2, 0], step.shape), atol=1e-15)
    np.testing.assert_allclose(world["hardness"], draws["hardness"] + 0.1)


def test_limits_move_only_what_is_beyond(draws):
    world = after(
        draws, ("investment", "at_least", "20%"), ("scheming", "at_most", 0.1),
        ("danger_gap", "at_least", 0.3), ("output_failure[conceptual]", "at_most", "50%"),
    )  # fmt: skip
    share = special.expit(world["investment"])
    np.testing.assert_allclose(share, np.maximum(special.expit(draws["investment"]), 0.2))
    np.testing.assert_allclose(
        special.expit(world["scheming"]), np.minimum(special.expit(draws["scheming"]), 0.1)
    )
    np.testing.assert_array_equal(world["danger_gap"], np.maximum(draws["danger_gap"], 0.3))
    np.testing.assert_array_equal(world["output_failure"][:, :2], draws["output_failure"][:, :2])
    assert world["output_failure"][:, 2].max() == 0  # one half has no log odds


def test_setting_and_others_side_by_side(draws):
    moves = [("years_bought", "set", 2), ("scheming", "set", "5%"), ("danger_gap", "add", 0.1)]
    world, turned = after(draws, *moves), after(draws, *moves[::-1])
    assert set(world["years_bought"]) == {2.0}
    np.testing.assert_allclose(world["scheming"], np.log(0.05 / 0.95))
    assert all(np.array_equal(world[name], turned[name]) for name in LATENT_DIMS)
    untouched = LATENT_DIMS.keys() - {"years_bought", "scheming", "danger_gap"}
    assert all(world[name] is draws[name] for name in untouched)


def test_a_truncated_latent_stays_in_its_range(draws):
    world = after(draws, ("diminishing_returns", "add", -0.5))
    np.testing.assert_array_equal(
        world["diminishing_returns"], np.maximum(draws["diminishing_returns"] - 0.5, 0)
    )


def test_percent_and_share_are_the_same():
    for name in sorted(LOGITS - {"output_failure", "investment"}):
        assert read_move(name, "set", "20%") == read_move(name, "set", 0.2)


@pytest.mark.parametrize(
    ("move", "message"),
    [
        (("years_bougth", "set", 1), "did you mean years_bought"),
        (("usable[any]", "set", 1), "follows from the latents; move one of current_speedup"),
        (("year_automation", "set", 2030), "follows from the latents"),
        (("scheming", "add", 0.1), "is a share; multiply its odds"),
        (("years_bought", "add", -1), "stays above 0; multiply it by less than 1"),
        (("danger_gap", "multiply", 2), "may be negative; add dex to it"),
        (("diminishing_returns", "multiply", 2), "add per dex to it"),
        (("years_bought", "multiply", 0), "above 0"),
        (("scheming", "multiply", -1), "above 0"),
        (("danger_gap", "add", float("inf")), "write a finite number"),
        (("scheming", "at_most", 10), "write a share, as in 0.2 or 20%"),
        (("years_bought", "at_least", "20%"), "write a number of years"),
        (("work_share[risk_evaluation, conceptual]", "multiply", 2), "can only be set"),
        (("work_share", "set", 0.2), "set its shares one by one"),
        (("years_bought", "multiply", "twice"), "write a factor, as in 2"),
    ],
)
def test_impossible_moves_are_named(move, message):
    with pytest.raises(UnknownQuantity, match=message):
        read_move(*move)


def test_a_latent_is_moved_once():
    whole, part = (
        read_move(n, "multiply", 2) for n in ("investment", "investment[risk_evaluation]")
    )
    other = read_move("investment[safety_progress]", "set", 0.3)
    check_moves([part, other])
    for pair in ([whole, part], [part, whole], [part, part]):
        with pytest.raises(UnknownQuantity, match="moved twice"):
            check_moves(pair)
    kinds = ("number_go_up", "normal_science")
    shares = [read_move(f"work_share[risk_evaluation, {k}]", "set", 0.6) for k in kinds]
    with pytest.raises(UnknownQuantity, match=r"sum to 1\.2"):
        check_moves(shares)


def test_every_way_of_moving_is_tried():
    assert HOW == ("set", "add", "multiply", "at_least", "at_most")
