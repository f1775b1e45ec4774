"""Simulated panels follow the law that the likelihood assumes; nothing is compiled here."""

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import log_likelihood
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.panel import Layout, layout
from sweet_spot.inference.simulated import Simulated, mirrored, pairs, simulated

C = ErrorConstants()
RUNS = 300


@pytest.fixture(scope="module")
def fitted(argument: Argument, bundled: Evidence) -> Layout:
    return layout(argument, mirrored(bundled), C)


@pytest.fixture(scope="module")
def panels(argument: Argument, bundled: Evidence) -> list[Simulated]:
    return simulated(argument, mirrored(bundled), C, RUNS, seed=1)


def test_a_mirror_image_turns_the_side_and_nothing_else(
    argument: Argument, bundled: Evidence, fitted: Layout
) -> None:
    original, image = pairs(fitted)
    alone = layout(argument, bundled, C)
    assert len(image) == (alone.panel.side != 0).sum() > 0
    assert (fitted.panel.side[image] == -fitted.panel.side[original]).all()
    assert (fitted.observed[image] == fitted.observed[original]).all()
    assert fitted.live[image].sum() == 0
    for name in ("question", "expert", "group", "threshold", "probability", "people"):
        column = getattr(fitted.panel, name)
        np.testing.assert_array_equal(column[image], column[original], err_msg=name)
    # as they stand nothing is changed: same scales, people and live statements
    np.testing.assert_array_equal(fitted.panel.log_scale, alone.panel.log_scale)
    assert fitted.coords["expert"].tolist() == alone.coords["expert"].tolist()
    assert fitted.live.sum() == alone.live.sum()


def test_all_kinds_of_statements_are_in_every_panel(
    fitted: Layout, panels: list[Simulated]
) -> None:
    """One-sided ones from one side each, conditional ones, single probabilities."""
    original, image = pairs(fitted)
    conditional = np.array([bool(fitted.targets[k].given) for k in fitted.target])
    for panel in panels:
        both = panel.live[original] + panel.live[image]
        np.testing.assert_array_equal(both, fitted.live[original])
        assert both.sum() >= 3
        assert panel.live[conditional].sum() >= 3
        assert panel.live[fitted.panel.probability.astype(bool)].sum() >= 10
        one_sided = fitted.panel.side != 0
        np.testing.assert_array_equal(panel.observed[one_sided], fitted.observed[one_sided])


def test_sides_come_as_often_as_the_likelihood_says(
    argument: Argument, fitted: Layout, panels: list[Simulated]
) -> None:
    """P(beyond) of the likelihood against simulated frequencies, each within 4 standard errors.

    The simulation draws multivariate t errors, the likelihood integrates conditional tails.
    """
    original, image = pairs(fitted)
    original = original[fitted.live[original] > 0]
    beyond, probability = [], []
    for panel in panels:
        live = panel.live.copy()
        beyond.append(live[original])
        live[image], live[original] = 0, 1  # the likelihood of "beyond", whatever was said
        said = Layout(
            fitted.panel, fitted.coords, fitted.targets, fitted.target, panel.observed, live
        )
        density = log_likelihood(argument, panel.truth, said, C)["stated"]
        names = fitted.coords["statement"][original]
        probability.append(np.exp(density.sel(statement=names).to_numpy()[0, 0]))
    p, came = np.array(probability), np.array(beyond)
    z = (came - p).sum(axis=0) / np.sqrt((p * (1 - p)).sum(axis=0))
    assert np.abs(z).max() < 4
    assert ((p.mean(axis=0) > 0.1) & (p.mean(axis=0) < 0.9)).all()  # so that both sides are tried


def test_the_first_panels_are_the_same_however_many(
    argument: Argument, bundled: Evidence, panels: list[Simulated]
) -> None:
    for one, two in zip(simulated(argument, mirrored(bundled), C, 3, seed=1), panels, strict=False):
        xr.testing.assert_identical(one.truth, two.truth)
        np.testing.assert_array_equal(one.observed, two.observed)
        assert one.seed == two.seed
    assert len({panel.seed for panel in panels}) == RUNS
    other = simulated(argument, mirrored(bundled), C, 1, seed=2)[0]
    assert not np.array_equal(other.observed, panels[0].observed)


def test_two_one_sided_statements_of_a_group_are_not_both_live(
    argument: Argument, bundled: Evidence
) -> None:
    """Of a cluster on a question one serves: the likelihood takes the others for independent."""
    table = bundled.statements
    one_sided = np.flatnonzero((table["side"] != 0) & (table["live"] * table["evidence"] == 1))
    at = xr.DataArray(np.arange(table.sizes["statement"]) == one_sided[1], dims="statement")
    first = table.isel(statement=one_sided[0])
    same = {
        n: xr.where(at, first[n], table[n]) for n in ("question", "cluster", "target", "expert")
    }
    together = Evidence(table.assign(same), bundled.questions, bundled.targets)
    fitted = layout(argument, mirrored(together), C)
    groups = fitted.panel.group[one := pairs(fitted)[0]]
    assert len(set(groups[fitted.live[one] > 0])) < (fitted.live[one] > 0).sum()
    for panel in simulated(argument, mirrored(together), C, 5, seed=3):
        live = np.flatnonzero(panel.live * (fitted.panel.side != 0))
        assert len(set(fitted.panel.group[live])) == len(live)


def test_crowds_are_refused(evidence_from: Callable[..., Evidence]) -> None:
    """Their rows are not one statement, for which a mirror image would do; checks may stay."""
    question = {
        "id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
        "fidelity": "close",
    }  # fmt: skip
    people = [
        {
            "id": f"p{k}", "expert": f"P{k}", "question": "danger", "kind": "median", "unit": "dex",
            "value": ">2" if k % 2 else k / 31, "cluster": "club",
        }
        for k in range(31)
    ]  # fmt: skip
    with pytest.raises(InvalidRecord, match=r'crowd of club.*"role: excluded"'):
        mirrored(evidence_from(people, [question]))
    assert mirrored(evidence_from(people[:30], [question])).statements.sizes["statement"] == 45
    checks = [each | {"role": "check"} for each in people]
    assert mirrored(evidence_from(checks, [question])).statements["crowd"].any()
