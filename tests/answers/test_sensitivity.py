"""Power-scaling and tornado: against scipy's densities, normal theory and the equations by hand."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy import special, stats

from sweet_spot.answers.figures_influence import tornado_figure
from sweet_spot.answers.importance import importance
from sweet_spot.answers.judgement import DRAWS, judgement_calls
from sweet_spot.answers.sensitivity import PRIORS, STATEMENTS, Sensitivity, sensitivity, tornado
from sweet_spot.answers.tables_influence import sensitivity_json, sensitivity_tables
from sweet_spot.argument.prior import normal_block, working_value
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS, derive
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import drawn_constants, learned_constants
from sweet_spot.inference.log_prior import log_prior
from sweet_spot.inference.refits import Refit
from sweet_spot.inference.reweight import base_of


@pytest.fixture(scope="module")
def found(spoken: xr.DataTree) -> Sensitivity:
    return sensitivity(spoken)


def test_log_priors_sum_to_the_joint_density(spoken: xr.DataTree, argument: Argument) -> None:
    """The normal block by scipy's multivariate normal on the working scale; the others alone."""
    draws = spoken["posterior"].to_dataset()
    block, ours = normal_block(argument), log_prior(argument, draws)
    columns = []
    for name in block.slices:
        dims = LATENT_DIMS[name]
        values = draws[name].transpose("chain", "draw", *dims).to_numpy()
        columns.append(working_value(argument.latents[name], values).reshape(1000, -1))
    theirs = stats.multivariate_normal(block.mean, block.root @ block.root.T).logpdf(
        np.concatenate(columns, axis=1)
    )
    total = sum(ours[name].to_numpy().ravel() for name in block.slices)
    np.testing.assert_allclose(total - total[0], theirs - theirs[0], rtol=1e-8, atol=1e-8)
    slope = draws["diminishing_returns"].to_numpy()
    wanted = stats.norm(0.8, 0.3).logpdf(slope)
    off = ours["diminishing_returns"].to_numpy() - wanted
    np.testing.assert_allclose(off, off[0, 0], atol=1e-10)
    shares = draws["work_share"].transpose("chain", "draw", "factor", "work").to_numpy()[0, :9]
    prior = argument.latents["work_share"].prior
    alpha = prior.concentration * np.asarray(prior.mean)
    wanted = sum(
        np.array([stats.dirichlet(alpha[f]).logpdf(s[f]) for s in shares]) for f in range(3)
    )
    off = ours["work_share"].to_numpy()[0, :9] - wanted
    np.testing.assert_allclose(off, off[0], atol=1e-8)


def test_scaling_a_prior_is_another_normal_prior(found: Sensitivity, argument: Argument) -> None:
    """A prior to the power 1.25 is the normal with its variance over 1.25. By fresh draws of it."""
    rng = np.random.default_rng(3)
    prior = argument.latents["danger_gap"].prior
    from sweet_spot.argument.prior import prior_latents

    latents = prior_latents(argument, 40_000, 5)
    answers = []
    for power in (1.0, 1.25):
        gap = prior.mean + prior.sd / np.sqrt(power) * rng.standard_normal(40_000)
        dims = {name: ("draw", *own) for name, own in LATENT_DIMS.items()}
        world = xr.Dataset({n: (dims[n], v) for n, v in {**latents, "danger_gap": gap}.items()})
        world = world.assign_coords({d: list(c) for d, c in argument.coords.items()})
        answers.append(float(derive(world)["usable"].max("factor").mean()))
    row = found.scaled.sel(what="danger_gap")
    error = np.hypot(float(row["firmer_error"]), 0.0035)  # of two means over 40 000
    assert abs(float(row["firmer"]) - (answers[1] - answers[0])) < 4 * error
    assert float(row["weaker"]) * float(row["firmer"]) <= 0 or abs(float(row["firmer"])) < error


def test_every_prior_and_all_statements_are_scaled(found: Sensitivity) -> None:
    assert found.scaled["what"].values.tolist() == [*list(log_names()), PRIORS, STATEMENTS]
    own = found.scaled.sel(what="danger_gap")
    assert float(own["psense_prior"]) > 0.05  # draws of a prior follow their prior
    assert np.isnan(float(found.scaled["psense_prior"].sel(what=STATEMENTS)))


def log_names() -> list[str]:
    from sweet_spot.argument.spec import load_argument

    return list(load_argument().latents)


@pytest.mark.parametrize(
    "label", ["danger_gap", "investment[risk_evaluation]", "hardness[safety_progress]"]
)
def test_tornado_sets_one_coordinate(tree: xr.DataTree, argument: Argument, label: str) -> None:
    """On the frozen fit: the coordinate replaced by hand, everything derived again."""
    draws = tree["posterior"].to_dataset()[list(LATENT_DIMS)].astype(float)
    row = tornado(tree["posterior"].to_dataset(), argument).sel(coordinate=label)
    name, _, factor = label.rstrip("]").partition("[")
    where = draws["factor"] == factor if factor else True
    own = draws[name].sel(factor=factor) if factor else draws[name]
    for end, level in (("low", 0.1), ("high", 0.9)):
        point = float(own.quantile(level))
        moved = draws.assign({name: xr.where(where, point, draws[name])})
        exact = float(derive(moved)["usable"].max("factor").mean())
        assert float(row[end]) == pytest.approx(exact, abs=1e-12)
        logit = argument.latents[name].scale == "logit"
        shown = special.expit(point) if logit else point
        assert float(row[f"{end}_point"]) == pytest.approx(shown)
    assert float(row["swing"]) == pytest.approx(float(row["high"] - row["low"]))


def test_more_danger_gap_helps_and_more_hardness_harms(found: Sensitivity) -> None:
    swing = found.tornado["swing"]
    assert float(swing.sel(coordinate="danger_gap")) > 0
    assert float(swing.sel(coordinate="hardness[safety_progress]")) < 0
    assert (np.diff(abs(swing.to_numpy())) <= 0).all()


def test_words_tables_and_figure(found: Sensitivity, spoken: xr.DataTree) -> None:
    shares = importance(spoken, orders=20)
    text = sensitivity_tables(found, shares)
    assert "10 % posterior point" in text
    assert "set, not learned" in text.replace("\n", " ")
    assert text.count("| danger gap |") == 3
    rows = sensitivity_json(found, shares)["tornado"]
    assert len(rows) == 36
    figure = tornado_figure(found, "stamp")
    low = next(line for line in figure.axes[0].lines if line.get_gid() == "low")
    np.testing.assert_array_equal(low.get_xdata(), found.tornado["low"][:20])


def test_judgement_calls_are_refits_of_one_change_each(
    spoken: xr.DataTree, argument: Argument
) -> None:
    """What is asked for, that failures have no number, and that the change is from the fit."""
    base, asked = base_of(spoken, argument), []

    def refit(after: Evidence, constants: ErrorConstants) -> Refit:
        asked.append((set(after.statements["cluster"].values.tolist()), constants))
        draws = base.draws.isel(draw=slice(0, 20 * len(asked)))
        return Refit(replace(base, draws=draws), len(asked) != 3)

    found = judgement_calls(spoken, refit)
    own = learned_constants()
    tau, unit, drawn = own.tau_shared, own.probability_unit, drawn_constants(DRAWS)
    assert [c for _, c in asked[9:]] == drawn
    assert [c.tau_shared for _, c in asked] == [
        0.5 * tau,
        2 * tau,
        *[tau] * 7,
        *[c.tau_shared for c in drawn],
    ]
    assert [c.probability_unit for _, c in asked[:5]] == [unit, unit, unit / 2, unit * 2, unit]
    assert [c.mapping_loose for _, c in asked] == [1, 1, 1, 1, 0, 0.5, 2, 1, 1, *[1] * DRAWS]
    assert asked[7][0] == {"Ann", "Bob", "Cat", "Dan"}
    assert asked[8][0] == {"everyone"}
    data = found.data
    assert np.isnan(data["value"].to_numpy()).tolist() == [False] * 2 + [True] + [False] * (
        6 + DRAWS
    )
    known = data.isel(call=[0, 1, 3])
    np.testing.assert_allclose(known["change"], known["value"] - data.attrs["headline"])
    assert f"{8 + DRAWS} other judgement calls" in found.text
    mean = float(data["value"][9:].mean())
    assert f"Over {DRAWS} draws" in found.text
    assert f"{mean:.2f} in the mean" in found.text
