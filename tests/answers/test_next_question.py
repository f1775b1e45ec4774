"""The next question: who may be asked what, what it would tell, and what a set tells together."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from sweet_spot.answers import section_next
from sweet_spot.answers.drawn import stamp
from sweet_spot.answers.figure_next import alternative, next_figure
from sweet_spot.answers.greedy import Candidates, pick_best
from sweet_spot.answers.next_question import TYPICAL, NextQuestion, next_question, title
from sweet_spot.argument.quantities import parse
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import UnknownExpert, UnusableFit
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.hypothetical import OPEN, TOPICS
from sweet_spot.inference.information import blocked, one_answer
from sweet_spot.inference.preposterior import NewStatements


@pytest.fixture(scope="module")
def found(tree: xr.DataTree, argument: Argument, evidence: Evidence) -> NextQuestion:
    return next_question(tree, argument, evidence, budget=3)


@pytest.fixture(scope="module")
def figure(found: NextQuestion, tree: xr.DataTree) -> Figure:
    return next_figure(found, stamp(tree))


def test_the_average_prediction_is_todays_answer(found: NextQuestion, tree: xr.DataTree) -> None:
    """Of each question by quadrature (within 2e-3), of a set within four standard errors."""
    today = float(tree["posterior"]["usable"].max("factor").mean())
    assert float(found.data["today"]) == today
    np.testing.assert_allclose(found.data["average"], today, atol=2e-3)
    off = np.abs(found.data["total_average"] - today) / found.data["total_average_error"]
    assert float(off.max()) < 4


def test_candidates(found: NextQuestion, evidence: Evidence, argument: Argument) -> None:
    """Every question without an atom, and every open quantity that nobody asks as it is."""
    table = found.table
    assert not any(parse(name).has_atom for name in table["quantity"])
    asked = {q.id for q in evidence.questions if not parse(q.quantity).has_atom}
    assert asked < set(table.index)
    plain = table[(table["fidelity"] == "exact") & (table["event"] == "")]
    about = plain["quantity"].value_counts()
    assert {parse(name).name for name in about.index} >= {*TOPICS, *OPEN}
    assert (about[["hardness" not in name for name in about.index]] >= 1).all()
    assert len([n for n in about.index if n.startswith("work_share[")]) == 9
    assert table["information"].is_monotonic_decreasing


def test_counts_of_statements(found: NextQuestion, evidence: Evidence) -> None:
    said = evidence.statements
    serving = said.isel(statement=np.flatnonzero(said["live"] * said["evidence"]))
    wanted = dict(zip(*np.unique(serving["question"], return_counts=True), strict=True))
    for name, count in found.table["statements"].items():
        assert count == wanted.get(name, 0)
    assert (found.table["related"] >= found.table["statements"]).all()
    new = found.table.index.str.startswith("exact.")
    assert not found.table["statements"][new].any()


def test_what_decides_the_event_tells_most(found: NextQuestion) -> None:
    """Width decides whether a sweet spot exists; today's speed-up decides next to nothing."""
    order = list(found.table.index)
    assert order[0].startswith(("exact.sweet_spot_width", "exact.needed_years"))
    assert (
        found.table.loc["exact.current_speedup", "information"]
        < 0.3 * found.table["information"].iloc[0]
    )
    assert (found.table["information_error"] > 0).all()


def test_plan(found: NextQuestion) -> None:
    plan = found.plan
    assert list(plan.index) == [1, 2, 3]
    assert plan["picked"].is_unique
    assert plan["picked"].iloc[0] == found.table.index[0]
    assert plan["total"].iloc[0] == found.table["information"].iloc[0]
    np.testing.assert_allclose(plan["gain"].cumsum(), plan["total"], rtol=1e-9)
    assert (plan["effective"].diff().dropna() < 0).all()


def test_a_copy_adds_nothing() -> None:
    """The second pick is not the second best, which says the same, but what is said apart."""
    rng = np.random.default_rng(3)
    one, two, common = rng.standard_normal((3, 4, 1500))
    places = np.stack([one + common, one + common, two + 1.5 * common[::-1]], axis=-1)
    width = np.broadcast_to([0.3, 0.31, 0.9], places.shape)
    law = NewStatements(places[None], width[None], np.full(3, 5.0), np.array(list("abc")))
    held = blocked(law, one + two > 0)
    alone = np.array([one_answer(held, k)[:, 0] for k in range(3)])
    assert list(np.argsort(-alone[:, 0, 0])) == [0, 1, 2]
    picks = pick_best(Candidates(held, range(3), alone), 3, 1)
    assert [pick.candidate for pick in picks] == [0, 2, 1]
    assert picks[1].gain[0] > 4 * picks[1].gain[1]
    assert picks[2].gain[0] < picks[1].gain[0] / 2


def test_a_named_expert_is_not_asked_again(
    tree: xr.DataTree, argument: Argument, evidence: Evidence
) -> None:
    said = evidence.statements
    serving = (said["live"] * said["evidence"]).to_numpy().astype(bool)
    name = str(said["expert"].to_numpy()[serving][0])
    found = next_question(tree, argument, evidence, expert=name, budget=1)
    own = set(said["question"].to_numpy()[serving & (said["expert"] == name).to_numpy()])
    assert set(found.answered) == own
    assert not own & set(found.table.index)
    assert found.expert == name
    assert name in found.text


def test_an_unknown_expert_is_named_with_near_matches(
    tree: xr.DataTree, argument: Argument, evidence: Evidence
) -> None:
    name = str(evidence.statements["expert"].values[0])
    with pytest.raises(UnknownExpert, match="did you mean") as caught:
        next_question(tree, argument, evidence, expert=name + "x")
    assert name in str(caught.value)


def test_a_fit_of_other_data_is_refused(
    tree: xr.DataTree, argument: Argument, evidence: Evidence
) -> None:
    fewer = replace(evidence, statements=evidence.statements.isel(statement=slice(1, None)))
    with pytest.raises(UnusableFit, match="other statements"):
        next_question(tree, argument, fewer)


def test_what_is_live_is_what_the_fit_says(
    tree: xr.DataTree, argument: Argument, evidence: Evidence
) -> None:
    """A fit as of an earlier date counts what was live then."""
    earlier = tree.copy()
    said = earlier["constant_data"].to_dataset()
    earlier["constant_data"] = said.assign(live=said["live"] * 0)
    found = next_question(earlier, argument, evidence, budget=1)
    assert not found.table["related"].any()
    assert "with evidence already" not in found.text


def test_prior_only(prior_tree: xr.DataTree, argument: Argument, evidence: Evidence) -> None:
    found = next_question(prior_tree, argument, evidence, budget=1)
    assert "(prior mean)" in found.text
    assert float(found.data["today"]) == float(prior_tree["prior"]["usable"].max("factor").mean())


def test_text_and_json(found: NextQuestion) -> None:
    assert found.text.startswith(f"Of {found.data.sizes['question']} questions, put to {TYPICAL}")
    assert "standard error" in found.text
    content = json.loads(json.dumps(found.to_json()))
    assert content["schema"] == 1
    assert len(content["questions"]) == found.data.sizes["question"]
    assert [row["picked"] for row in content["plan"]] == list(found.plan["picked"])


def test_figure_shows_the_table(found: NextQuestion, figure: Figure) -> None:
    shown = {
        name: figure.findobj(lambda x, gid=f"information {name}": x.get_gid() == gid)[0].get_xdata()
        for name in ("none", "asked")
    }
    top = found.table.head(20)
    np.testing.assert_array_equal(shown["none"], top["information"][top["related"] == 0])
    np.testing.assert_array_equal(shown["asked"], top["information"][top["related"] > 0])
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert len(texts) == 20
    assert texts[0].endswith("pick 1")
    assert "20 questions" in alternative(found)


def test_tables(found: NextQuestion) -> None:
    shown = section_next.questions(found)
    assert len(shown.splitlines()) == 2 + 15
    assert len(section_next.plan(found).splitlines()) == 2 + 3
    assert "sweet spot width: " in shown


@pytest.mark.parametrize(
    ("question", "quantity", "wanted"),
    [
        ("year_hlmi", "year_automation", "year hlmi"),
        ("exact.danger_gap", "danger_gap", "danger gap"),
        ("exact.x", "work_share[risk_evaluation, conceptual]",
         "work share: risk evaluation, conceptual"),
    ],
)  # fmt: skip
def test_title(question: str, quantity: str, wanted: str) -> None:
    assert title(question, quantity) == wanted
