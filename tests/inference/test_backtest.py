"""Backtest: no prediction depends on an outcome that it may not see; errors are paired."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sweet_spot.answers.backtest import METHODS as SHOWN
from sweet_spot.answers.backtest import backtest, printed
from sweet_spot.answers.figures_backtest import backtest_figures
from sweet_spot.errors import MissingData
from sweet_spot.inference import backtest as module
from sweet_spot.inference.backtest import (
    OURS,
    Task,
    _predict_task,
    predict,
    scored,
    tasks,
    unrelated,
)
from sweet_spot.inference.folds import folds
from sweet_spot.inference.peers import METHODS, best_of
from sweet_spot.inference.resolved import read_resolved
from sweet_spot.inference.scores import levels_of
from sweet_spot.inference.standings import standings

KINDS = ("quantile", "binary")


def _rows(groups, people, seed, kind):
    """Forecasts and outcomes: group -> questions; people answer all questions of their groups."""
    rng = np.random.default_rng(seed)
    said, answers = [], []
    for group, count in groups.items():
        for k in range(count):
            question = f"{kind[0]}{group}{k}"
            truth = rng.normal(0, 3)
            for who in people[group]:
                middle = truth + rng.normal(0, 1 + 0.3 * (hash_of(who) % 4))
                if kind == "quantile":
                    said += [f"{question},{who},quantile,{p},{middle + z},," for p, z in
                             ((0.05, -1.2), (0.5, 0.1), (0.95, 1.4))]  # fmt: skip
                else:
                    said.append(f"{question},{who},binary_prob,,{1 / (1 + np.exp(-middle))},,")
            outcome = truth if kind == "quantile" else int(truth + rng.normal() > 0)
            answers.append(f"{question},{outcome},{group},,{'uni' if kind == 'quantile' else ''}")
    return "\n".join(said), "\n".join(answers)


def hash_of(who):
    """A number that is the same in every process."""
    return sum(map(ord, who))


@pytest.fixture
def panels(write_panel):
    """Two panels, whose people do not overlap, with both kinds of question."""
    groups, people = {"g": 5, "h": 4}, {"g": "ABCD", "h": "EFG"}
    parts = [_rows(groups, people, 1, kind) for kind in KINDS]
    return read_resolved(write_panel("panels", *map("\n".join, zip(*parts, strict=True))))[0]


@pytest.fixture
def waves(write_panel):
    """Six groups of two questions, asked of everybody."""
    groups = dict.fromkeys("ghijkl", 2)
    parts = [_rows(groups, dict.fromkeys("ghijkl", "ABCDE"), 2, kind) for kind in KINDS]
    return read_resolved(write_panel("waves", *map("\n".join, zip(*parts, strict=True))))[0]


def test_folds_hold_groups_out(panels, waves):
    for kind in KINDS:
        assert [fold.panel for fold in folds(panels, kind)] == [True, True]
        held = folds(waves, kind)
        assert [fold.panel for fold in held] == [False] * 6
        everything = np.sort(np.concatenate([fold.asked for fold in held]))
        np.testing.assert_array_equal(everything, waves.scored(kind))
        for fold in held:
            assert not set(waves.group[fold.elsewhere]) & set(waves.group[fold.asked])
            assert (waves.kind[fold.elsewhere] == kind).all()
            assert fold.seen(fold.asked[0]) is fold.elsewhere
    fold = folds(panels, "quantile")[0]
    seen = fold.seen(fold.asked[0])
    assert set(seen) == set(panels.scored("quantile")) - {fold.asked[0]}
    assert set(fold.learn(fold.asked[0])) == set(fold.elsewhere)


def test_a_dataset_of_one_panel_learns_from_its_other_questions(panels):
    one = replace(panels, outcome=np.where(panels.group == "g", panels.outcome, np.nan))
    (fold,) = folds(one, "binary")
    assert fold.panel
    assert set(fold.learn(fold.asked[1])) == set(fold.asked) - {fold.asked[1]}


def _predicted(of, kind, method, train=()):
    return predict(Task(of, kind, folds(of, kind), (method,), train))[method]


def _changed(of, questions):
    """Other outcomes for some questions."""
    other = of.outcome.copy()
    flip = of.kind[questions] == "binary"
    other[questions] = np.where(flip, 1 - other[questions], other[questions] + 50.0)
    return replace(of, outcome=other)


@pytest.mark.parametrize(("kind", "method"), [(k, m) for k in KINDS for m in [*METHODS[k], *OURS]])
def test_no_method_sees_what_it_is_asked(panels, waves, kind, method):
    """Predictions stay when the own outcome (of a wave: those of its group) becomes another."""
    for of, other in ((panels, waves), (waves, panels)):
        before = _predicted(of, kind, method, (other,))
        moved = []
        for fold in folds(of, kind):
            for hidden in [[q] for q in fold.asked] if fold.panel else [fold.asked]:
                rows = np.isin(np.concatenate([f.asked for f in folds(of, kind)]), hidden)
                after = _predicted(_changed(of, np.array(hidden)), kind, method, (other,))
                moved.append(not np.array_equal(before[rows], after[rows]))
        if method == "cooke_in_sample":
            assert any(moved)  # it peeks; the test would see it
        else:
            assert not any(moved)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("quantile", "cooke_leave_one_out"), ("quantile", "best_single"), ("binary", "extremised"),
        *((kind, "sweet_spot") for kind in KINDS),
    ],
)  # fmt: skip
def test_records_do_matter(waves, kind, method):
    """The same test from the other side: with answers that prove one person right, much moves."""
    questions, found = waves.scored(kind), []
    for person in range(waves.expert.size):
        answers = waves.outcome.copy()
        for question in questions:
            own = waves.stated[question].values[person]
            answers[question] = own > 0.5 if kind == "binary" else own[1]
        found.append(_predicted(replace(waves, outcome=answers), kind, method))
    assert len({values.tobytes() for values in found}) == len(found)
    if method == "best_single":
        for person, values in enumerate(found):
            stated = [waves.stated[question].values[person] for question in questions]
            np.testing.assert_allclose(values[:, [4, 49, 94]], stated, rtol=1e-9)


def test_best_of_wants_half_of_the_longest_record():
    skill = np.array([[0.0, -9.0, 1.0], [0.1, np.nan, 1.0], [0.1, np.nan, 1.0], [-50, 0.0, 5.0]])
    assert best_of(skill, np.arange(3), np.arange(3)) == 0  # the second answered one of three
    assert best_of(skill, np.array([2, 1]), np.array([0])) == 1
    assert best_of(skill, np.array([1]), np.array([1, 2])) is None


def test_training_data_lose_what_is_predicted(panels, waves):
    assert unrelated(waves, panels) is waves
    again = unrelated(waves, replace(waves, question=np.char.add("other ", waves.question)))
    assert np.isnan(again.outcome).all()  # the same groups share the outcomes
    part = replace(panels, outcome=np.where(panels.question == "bg0", panels.outcome, np.nan))
    names = np.array(["bg0"])
    asked = replace(
        part, question=np.where(part.question == "bg0", "bg0", np.char.add("x", part.question))
    )
    kept = unrelated(panels, asked)
    np.testing.assert_array_equal(np.isnan(kept.outcome), np.isin(panels.question, names))


def test_training_data_are_learned_from(panels, waves):
    fold = folds(panels, "binary")
    without = predict(Task(panels, "binary", fold, ("extremised",), ()))["extremised"]
    given = predict(Task(panels, "binary", fold, ("extremised",), (waves,)))["extremised"]
    assert not np.array_equal(without, given)


def test_our_method_is_given_bunches_of_folds(panels, waves, monkeypatch):
    """What our own method is given, and that its predictions land where they belong."""
    calls = []

    def ours(of, kind, held, train):
        calls.append((of.name, kind, [fold.group for fold in held], [t.name for t in train]))
        asked = np.concatenate([fold.asked for fold in held]) * 1e-3
        return np.tile(asked[:, None], levels_of(of).size) if kind == "quantile" else asked

    monkeypatch.setattr(module, "OURS", {"sweet_spot": ours})
    monkeypatch.setattr(module, "BUNCHES", 4)
    found = scored((panels, waves), ())
    assert calls[0] == ("panels", "quantile", ["g"], ["waves"])
    bunches = [call[2] for call in calls if call[:2] == ("waves", "binary")]
    assert bunches == [["g", "k"], ["h", "l"], ["i"], ["j"]]
    assert all("sweet_spot" in each.values for each in found)
    binary = next(each for each in found if (each.name, each.kind) == ("waves", "binary"))
    p = waves.scored("binary") * 1e-3
    expected = (p - waves.outcome[waves.scored("binary")]) ** 2
    np.testing.assert_allclose(binary.values["sweet_spot"]["brier"], expected, rtol=1e-12)


def test_standings_are_paired_means(panels, waves):
    found = scored((panels, waves), ())
    rows = {(r.dataset, r.method, r.score): r for r in standings(found, 3)}
    each = next(e for e in found if (e.name, e.kind) == ("waves", "quantile"))
    ratio = each.values["quantile_median"]["wis"] / each.values["equal_weights"]["wis"]
    row = rows["waves", "quantile_median", "wis_ratio"]
    assert row.value == pytest.approx(np.exp(np.log(ratio).mean()), rel=1e-12)
    assert row.difference == pytest.approx(row.value - 1)
    base = rows["waves", "equal_weights", "wis_ratio"]
    assert (base.value, base.se, base.difference_se) == (1.0, 0.0, 0.0)
    both = [e.values["baron"]["log"] for e in found if e.kind == "binary"]
    assert rows["all", "baron", "log"].value == pytest.approx(np.concatenate(both).mean())
    assert rows["all", "baron", "log"].n == 9 + 12
    assert ("all", "baron", "wis") not in rows
    again = {(r.dataset, r.method, r.score): r for r in standings(found[:2], 3)}
    assert again["panels", "baron", "log"] == rows["panels", "baron", "log"]


def test_paired_errors_are_those_of_the_difference(waves):
    """One question to a group: the bootstrap variance is that of the mean of differences."""
    alone = replace(waves, group=np.char.add("own ", waves.question))
    (each,) = scored(
        (replace(alone, outcome=np.where(alone.kind == "binary", alone.outcome, np.nan)),), ()
    )
    rows = {(r.method, r.score): r for r in standings([each], 1)}
    gap = each.values["baron"]["brier"] - each.values["equal_weights"]["brier"]
    exact = gap.std() / np.sqrt(gap.size)
    # 2000 runs: the standard error of a standard deviation is 1 in sqrt(4000); four of them
    assert rows["baron", "brier"].difference_se == pytest.approx(exact, rel=4 / np.sqrt(4000))


def test_public_answer(panels, waves, tmp_path):
    told = []
    found = backtest(tmp_path, progress=lambda *at: told.append(at))
    assert told == [(k, 20) for k in range(1, 21)]  # 4 of peers, 2 + 6 groups of ours, twice
    rows = json.loads(json.dumps(found.to_json(), allow_nan=False))["rows"]
    assert set(rows[0]) == {"dataset", "method", "score", "value", "se", "n"}
    assert {row["dataset"] for row in rows} == {"panels", "waves", "all"}
    assert {row["method"] for row in rows} <= set(SHOWN)
    assert {row["score"] for row in rows} == {
        "wis", "wis_ratio", "crps", "brier", "log", "coverage_50", "coverage_90",
    }  # fmt: skip
    assert len(rows) == len(found.table)
    at = {"dataset": "waves", "method": "baron", "score": "log"}
    row = found.table.set_index(list(at)).loc[tuple(at.values())]
    assert float(found.data["value"].sel(at)) == row["value"]
    assert "18 questions" not in found.text
    assert "21 questions about quantities and 21 yes/no questions" in found.text
    assert "fewer than 5 groups (panels" in found.text


def test_nothing_to_score(write_panel):
    with pytest.raises(MissingData, match="no question with a known outcome"):
        backtest(write_panel("p", "q1,A,quantile,0.5,1,,", "q1,,g,d,uni"))


@pytest.mark.parametrize(
    ("forecasts", "outcomes", "scores"),
    [
        ("q,A,quantile,0.5,1,,", "q,2,,,uni", {"coverage_50", "coverage_90"}),
        (
            "q,A,quantile,0.1,1,,\nq,A,quantile,0.9,1,,\nr,A,quantile,0.1,1,,\n"
            "r,A,quantile,0.9,5,,\nr,B,quantile,0.5,5,,",
            "q,1,,,\nr,100000,,,log",
            {"wis", "wis_ratio", "crps", "coverage_50", "coverage_90"},
        ),
        ("q,A,binary_prob,,0,,", "q,1,,,", {"brier", "log"}),
        ("q,A,binary_prob,,1,,\nr,B,binary_prob,,0,,", "q,0,g,,\nr,0,g,,", {"brier", "log"}),
    ],
    ids=["one level", "no width, no fifth level", "one question", "sure and wrong"],
)
def test_odd_panels_have_finite_rows_alone(write_panel, forecasts, outcomes, scores):
    found = backtest(write_panel("odd", forecasts, outcomes))
    assert {row.score for row in found.rows} == scores
    assert np.isfinite([[row.value, row.se, row.difference] for row in found.rows]).all()
    assert "Backtest of 1 dataset" in found.text
    ((_, head, body),) = printed(found)
    assert [len(row) for row in body[1:]] == [len(head)] * (len(body) - 1)
    for figure in backtest_figures(found).values():
        assert figure.axes


def test_the_data_can_be_sent(panels, waves):
    """A worker is sent the data and the number of a task; sent away it predicts the same."""
    import pickle

    given = (panels, waves), ()
    sent = pickle.loads(pickle.dumps(given))
    for number, task in enumerate(tasks(*given)):
        here, there = predict(task), _predict_task(number, *sent)
        assert all(np.array_equal(here[name], there[name]) for name in here)
