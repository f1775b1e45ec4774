"""What-ifs against closed forms: a Gaussian world in which making so and learning differ."""

import json

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.answers.compare import FEWEST, compare, gates_after
from sweet_spot.answers.credences import credence_table, gates_of
from sweet_spot.answers.premises import read_event
from sweet_spot.answers.whatif import WhatIf, whatif
from sweet_spot.argument.scenarios import Scenario
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import GATES, LATENT_DIMS
from sweet_spot.errors import InvalidWhatIf, UnknownQuantity

MEANS, SDS, RHO, GAIN = np.array([0.2, 0.3]), np.array([0.5, 0.7]), 0.9, 0.1
"""danger_gap and uneven_arrival, jointly normal and strongly correlated; all else is fixed."""
COVARIANCE = np.outer(SDS, SDS) * np.array([[1, RHO], [RHO, 1]])
LEVEL = 0.7
SAID = xr.Dataset(
    {
        "live": ("statement", [1]), "evidence": ("statement", [1]),
        "expert": ("statement", ["Ada"]), "date": ("statement", ["2026"]),
    }
)  # fmt: skip


def toy(argument: Argument, chains: int = 4, draws: int = 5000, *, repeat: int = 1) -> xr.DataTree:
    """A tree whose P(exists) is a probability of the difference of two normals.

    The sweet spot exists where danger_gap + GAIN - uneven_arrival > 0. With `repeat` each draw
    stands so many times in a row.
    """
    pair = np.random.default_rng(3).multivariate_normal(MEANS, COVARIANCE, (chains, draws))
    pair = np.repeat(pair, repeat, axis=1)
    values = {name: np.zeros((3,) * len(dims)) for name, dims in LATENT_DIMS.items()}
    values |= {"work_share": np.full((3, 3), 1 / 3), "countermeasure_gain": np.array(GAIN)}
    values |= {name: np.array(1.0) for name in ("automation_gap", "years_per_dex_before")}
    values |= {"years_per_dex_after": np.array(1.0), "current_speedup": np.array(-9.0)}
    coords = {dim: list(labels) for dim, labels in argument.coords.items()}
    draws_of = {
        name: (("chain", "draw", *dims), np.broadcast_to(v, (*pair.shape[:2], *v.shape)).copy())
        for (name, dims), v in zip(LATENT_DIMS.items(), values.values(), strict=True)
    }
    posterior = xr.Dataset(draws_of, coords=coords)
    posterior["danger_gap"][:] = pair[..., 0]
    posterior["uneven_arrival"][:] = pair[..., 1:]
    tree = xr.DataTree.from_dict(
        {"posterior": posterior, "prior": posterior, "constant_data": SAID}
    )
    tree.attrs |= {"version_ai_safety_sweet_spot": "0.1.0", "passed": 1}
    return tree


@pytest.fixture(scope="module")
def gaussian(argument: Argument) -> xr.DataTree:
    return toy(argument)


def cell(found: WhatIf, name: str) -> float:
    return float(found.data[name].sel(world="posterior", gate="exists", factor="any"))


def close(found: WhatIf, wanted: float, name: str = "whatif") -> bool:
    """Within four Monte Carlo errors: one run in 16,000 would miss, and the seed is fixed."""
    mcse = cell(found, "mcse_change" if name == "change" else "mcse")
    return abs(cell(found, name) - wanted) < 4 * mcse


def answers_in_closed_form() -> tuple[float, float, float]:
    """P(exists) today; with danger_gap made LEVEL; given that danger_gap is above LEVEL."""
    width = stats.norm(
        MEANS[0] + GAIN - MEANS[1],
        np.sqrt(COVARIANCE[0, 0] + COVARIANCE[1, 1] - 2 * COVARIANCE[0, 1]),
    )
    made_so = stats.norm.cdf((LEVEL + GAIN - MEANS[1]) / SDS[1])
    # both danger_gap > LEVEL and width > 0: the orthant of (danger_gap, width), signs turned
    turned = np.array([[-1.0, 0.0], [-1.0, 1.0]])
    both = stats.multivariate_normal(turned @ MEANS, turned @ COVARIANCE @ turned.T)
    above = stats.norm.sf(LEVEL, MEANS[0], SDS[0])
    return width.sf(0), made_so, both.cdf(np.array([-LEVEL, GAIN])) / above


def test_making_so_and_learning_match_closed_forms_and_differ(gaussian: xr.DataTree) -> None:
    today, made_so, learned = answers_in_closed_form()
    made = whatif(gaussian, set={"danger_gap": LEVEL})
    heard = whatif(gaussian, given=f"danger_gap > {LEVEL}")
    assert close(made, made_so)
    assert close(heard, learned)
    assert close(made, made_so - today, "change")
    assert close(heard, learned - today, "change")
    # more danger_gap widens the spot; who learns of it also learns of later usefulness, which
    # here is more than it gives: the two answers lie on different sides of today's
    assert made_so - today > 0.2
    assert learned - today < -0.1
    assert cell(made, "whatif") - cell(heard, "whatif") > 10 * cell(heard, "mcse")
    above = stats.norm.sf(LEVEL, MEANS[0], SDS[0])
    chance, draws = float(heard.data["chance"][0]), 20_000
    assert abs(chance - above) < 4 * np.sqrt(above * (1 - above) / draws)


def test_a_scenario_that_adds_moves_the_mean_of_a_normal(
    gaussian: xr.DataTree,
) -> None:
    """Again in closed form."""
    shift = Scenario.model_validate(
        {
            "id": "shift", "name": "Shift", "group": "lever", "section": "A 4", "direction": 1,
            "meaning": "danger comes later",
            "moves": [{"latent": "danger_gap", "add": 0.4, "why": "a round number"}],
        }
    )  # fmt: skip
    spread = np.sqrt(COVARIANCE[0, 0] + COVARIANCE[1, 1] - 2 * COVARIANCE[0, 1])
    wanted = stats.norm.cdf((MEANS[0] + 0.4 + GAIN - MEANS[1]) / spread)
    assert close(whatif(gaussian, scenario=shift), wanted)


def test_errors_are_those_of_independent_draws(gaussian: xr.DataTree) -> None:
    """Ratio estimator: sqrt(c (1 - c) / kept); the estimate of that is good to a few per cent."""
    heard = whatif(gaussian, given=f"danger_gap > {LEVEL}")
    mean, kept = cell(heard, "whatif"), int(heard.data["kept"][0])
    assert cell(heard, "mcse") == pytest.approx(np.sqrt(mean * (1 - mean) / kept), rel=0.1)
    assert float(heard.data["effective"][0]) == pytest.approx(kept, rel=0.1)


def test_errors_know_of_autocorrelation(argument: Argument, gaussian: xr.DataTree) -> None:
    """Each draw four times over tells no more, where counting draws would claim half the error."""
    four = toy(argument, draws=1250, repeat=4)
    event = "danger_gap > 0.5"
    once, again = (whatif(tree, given=event) for tree in (gaussian, four))
    assert cell(again, "mcse") == pytest.approx(2 * cell(once, "mcse"), rel=0.2)
    worth = float(again.data["effective"][0]) / float(once.data["effective"][0])
    assert worth == pytest.approx(0.25, rel=0.25)


def test_error_of_a_change_is_that_of_the_paired_difference() -> None:
    rng = np.random.default_rng(1)
    dims, coords = ("gate", "chain", "draw", "factor"), {"gate": ["usable"], "factor": ["any"]}
    today = xr.DataArray(rng.integers(0, 2, (1, 4, 1000, 1)), dims=dims, coords=coords)
    after = today.copy()
    after[:, :, ::100] = 1
    found = compare(today, after)
    changed = (after - today).to_numpy().std() / np.sqrt(4000)
    assert float(found["mcse_change"].squeeze()) == pytest.approx(changed, rel=0.2)
    assert float(found["mcse_change"].squeeze()) < float(found["mcse"].squeeze()) / 5
    assert float(compare(today, today)["mcse_change"].squeeze()) == 0


def test_today_is_the_credence_table(tree: xr.DataTree) -> None:
    """Recomputed from latents alone. (They are kept in single precision; no draw is at an edge.)"""
    found = whatif(tree, set={"scheming": "20%"})
    table = credence_table(tree)
    for world in ("posterior", "prior"):
        np.testing.assert_allclose(found.data["today"].sel(world=world), table.data[world])
    again = gates_after(tree["posterior"].to_dataset(), [])
    np.testing.assert_array_equal(again, gates_of(tree["posterior"].to_dataset()))


def test_learning_is_counting_draws(tree: xr.DataTree) -> None:
    draws = tree["posterior"].to_dataset()
    found = whatif(tree, given=["scheming > 0.2", "investment[safety_progress] > 2%"])
    keep = (draws["scheming"] > np.log(0.2 / 0.8)) & (
        draws["investment"].sel(factor="safety_progress") > np.log(0.02 / 0.98)
    )
    for gate in GATES:
        wanted = draws[gate].where(keep).mean(("chain", "draw"))
        shown = found.data["whatif"].sel(world="posterior", gate=gate, factor=draws["factor"])
        np.testing.assert_allclose(shown, wanted)
    assert int(found.data["kept"][0]) == int(keep.sum())


@pytest.mark.parametrize(
    ("event", "by_hand"),
    [
        ("year_automation < 2032", lambda d: 2026 + d["years_to_automation"] < 2032),
        ("speedup_dangerous > 2", lambda d: d["speedup_dangerous"] > 2),
        ("usable[any] >= 1", lambda d: d["usable"].max("factor") == 1),
        ("labour_years[risk_evaluation] > 0", lambda d: d["exists"].sel(factor="risk_evaluation")),
        ("hardness[risk_evaluation]<=-0.5", lambda d: d["hardness"][..., 1] <= -0.5),
        ("years_bought > 0.2", lambda d: d["years_bought"] > 0.2),
    ],
)  # fmt: skip
def test_events_on_any_quantity(tree: xr.DataTree, event: str, by_hand) -> None:
    found = whatif(tree, given=event)
    holds = by_hand(tree["posterior"].to_dataset()).astype(bool)
    assert int(found.data["kept"][0]) == int(holds.sum())


def test_what_holds_anyway_changes_nothing(tree: xr.DataTree) -> None:
    found = whatif(tree, given="years_bought > 0")
    assert float(abs(found.data["change"]).max()) == 0
    assert float(found.data["mcse_change"].max()) == 0
    assert int(found.data["kept"][0]) == int(found.data["draws"][0])


def test_too_few_draws_are_refused(tree: xr.DataTree) -> None:
    with pytest.raises(InvalidWhatIf, match=rf"in 0 of 400 draws, worth 0 .* {FEWEST:.0f} are"):
        whatif(tree, given="years_bought > 200")
    with pytest.raises(InvalidWhatIf, match="make it so with set"):
        whatif(tree, given="years_bought > 1")


def test_kinds_are_never_mixed(tree: xr.DataTree) -> None:
    with pytest.raises(InvalidWhatIf, match="set and given asked: ask for one of"):
        whatif(tree, set={"years_bought": 2}, given="years_bought > 1")
    with pytest.raises(InvalidWhatIf, match="nothing asked"):
        whatif(tree)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"set": {"years_bought": "20%"}}, "write a number of years"),
        ({"set": {"investment": 20}}, "write a share, as in 0.2 or 20%"),
        ({"set": {"investment": "a lot"}}, "write a share"),
        ({"set": {"year_automation": "soon"}}, "write a calendar year"),
        ({"set": {"usable[any]": 1}}, "a condition may fix latents"),
        ({"set": {"years_bougth": 1}}, "did you mean years_bought"),
        ({"given": "years_bought = 1"}, "is not an event; write a quantity"),
        ({"given": "investment > 1%"}, r"write investment\[safety_progress\]"),
        ({"given": "scheming > 120%"}, "no such value; write a share"),
        ({"given": "years_bought > nan"}, "write a number of years"),
        ({"given": "years_bought > -1"}, "no such value"),
    ],
)
def test_impossible_premises_are_named(tree: xr.DataTree, asked, message: str) -> None:
    with pytest.raises(UnknownQuantity, match=message):
        whatif(tree, **asked)


def test_a_date_is_met_or_said_to_be_missed(tree: xr.DataTree) -> None:
    met = whatif(tree, set={"year_automation": 2040})
    assert "year_automation = 2040.0 (met by moving years_per_dex_before)" in met.title
    assert "cannot be met" not in met.text
    missed = whatif(tree, set={"year_at_speedup(2000)": 2026.001})
    assert float(missed.data["missed"][0]) > 0
    assert "of the draws the date cannot be met" in missed.text


def test_text_and_title_say_which_kind(tree: xr.DataTree) -> None:
    made = whatif(tree, set={"investment[safety_progress]": "20%"})
    heard = whatif(tree, given=["scheming < 0.5"])
    assert made.title == "Made so (intervention): investment[safety_progress] = 20 %"
    assert heard.title == "Learned (conditioning): scheming < 50 %"
    for found in (made, heard):
        assert found.text.startswith(f"{found.title}. P(usable sweet spot for at least one")
        for part in ("posterior mean; Monte Carlo error", "today 0.72", "Prior: ",
                     "24 evidence statements by", "all three", "the same draws"):  # fmt: skip
            assert part in found.text
    assert "draws, worth" in heard.text
    assert "draws, worth" not in made.text


def test_table_and_json_hold_every_cell(tree: xr.DataTree) -> None:
    found = whatif(tree, set={"years_bought": 2})
    assert len(found.table) == 25
    row = found.table.set_index(["gate", "factor"]).loc["usable", "all"]
    chosen = found.data.sel(gate="usable", factor="all")
    assert row["whatif"] == float(chosen["whatif"].sel(world="posterior"))
    assert row["prior_whatif"] == float(chosen["whatif"].sel(world="prior"))
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert (content["kind"], content["intervention"], len(content["rows"])) == ("set", True, 25)


def test_prior_only(prior_tree: xr.DataTree) -> None:
    found = whatif(prior_tree, set={"years_bought": 2})
    assert found.world == "prior"
    assert "posterior" not in found.text
    assert "prior only: no statement was used" in found.text
    assert "prior_today" not in found.table


def test_events_keep_their_sign() -> None:
    assert [read_event(f"scheming {sign} 50%").sign for sign in ("<", "<=", ">", ">=")] == [
        "<", "<=", ">", ">=",
    ]  # fmt: skip
    assert str(read_event("years_between_speedups(5, 25)<1")) == (
        "years_between_speedups(5, 25) < 1 years"
    )
