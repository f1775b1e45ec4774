"""Updates by weights, on draws that are a posterior without sampling: that of no live statement.

A fit from scratch, and the agreement of both, are for the statistical suite.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import arviz as az
import numpy as np
import pytest
import xarray as xr
import yaml

from sweet_spot.answers.figure_update import update_figure
from sweet_spot.answers.update import Update
from sweet_spot.answers.updating import CAUSES, Change, update
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.cli.app import main
from sweet_spot.errors import InvalidRecord, NeedsRefit
from sweet_spot.evidence.gather import gather
from sweet_spot.evidence.reading import data_files, read_elicitations, read_questions
from sweet_spot.inference.draws import log_likelihood
from sweet_spot.inference.fit import fit
from sweet_spot.inference.judge import Thresholds
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.panel import layout
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.reweight import influence, weigh
from sweet_spot.inference.store import digests, fit_path, save

C = learned_constants()
QUESTIONS = [
    {"id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
     "fidelity": "exact"},
    {"id": "width", "quantity": "sweet_spot_width[safety_progress]", "unit": "dex",
     "topic": "danger", "direction": 1, "fidelity": "close"},
    {"id": "schemers", "quantity": "scheming", "unit": "share", "topic": "scheming",
     "direction": -1, "fidelity": "close", "event": "> 0.5"},
]  # fmt: skip


def median(name: str, expert: str, value: float, question: str = "danger") -> dict[str, Any]:
    return {"id": name, "expert": expert, "date": "2025-06-02", "question": question,
            "kind": "median", "value": value, "unit": "dex", "role": "evidence", "reason": "why",
            "verified": "yes", "location": "p. 1"}  # fmt: skip


def write(path: Path, content: Mapping[str, Any]) -> Path:
    source = {"title": path.stem, "url": f"https://example.org/{path.stem}", "date": "2025-07"}
    whole = {"schema": 1, "source": source, **content}
    path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Place:
    """A data folder in which nothing is live, and a cache with its fit, which is the prior."""

    data: Path
    cache: Path
    files: Path

    def update(self, name: str, *statements: Mapping[str, Any], **more: Any) -> Update:
        path = write(self.files / f"{name}.yaml", {"statements": list(statements), **more})
        return update(path, self.data, quick=True, cache=self.cache)


@pytest.fixture(scope="module")
def argument() -> Argument:
    return load_argument()


@pytest.fixture(scope="module")
def original(argument: Argument, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("original")
    folder = root / "data" / "elicitations"
    folder.mkdir(parents=True)
    (root / "files").mkdir()
    asked = [{"wording": "what is asked", "fidelity_reason": "because", **q} for q in QUESTIONS]
    text = yaml.safe_dump({"schema": 1, "questions": asked})
    (root / "data" / "questions.yaml").write_text(text, encoding="utf-8")
    gone = {"statement": "old", "how": "withdrawn", "date": "2025-07-01", "why": "a slip"}
    write(folder / "old.yaml", {"statements": [median("old", "Old", 0.1)], "endings": [gone]})
    evidence = gather(root / "data")
    tree = fit(argument, evidence, Settings(draws=1500, chains=4, prior_only=True))
    tree["posterior"] = tree["prior"]
    found = {"r_hat": 1.0, "ess_bulk": 6000.0, "ess_tail": 6000.0, "divergences": 0, "bfmi": 1.0}
    for name, limit in vars(Thresholds()).items():
        tree.attrs |= {f"check_{name}": found[name], f"check_{name}_threshold": limit}
        tree.attrs[f"check_{name}_passed"] = 1
    tree.attrs |= {"passed": 1, "setting_prior_only": 0}
    key = digests(argument, evidence, Settings(), C)["digest_fit"]
    save(tree, fit_path(key, root / "cache"))
    return root


@pytest.fixture
def place(original: Path, tmp_path: Path) -> Place:
    shutil.copytree(original, tmp_path / "place")
    root = tmp_path / "place"
    return Place(root / "data", root / "cache", root / "files")


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


ANN = median("ann", "Ann", 1.6)
BOB = median("bob", "Bob", 1.4)
CAT = median("cat", "Cat", 0.65)


def test_agrees_with_prior_draws_weighed_by_hand(place: Place, argument: Argument) -> None:
    """Fresh prior draws of everything, effects of people and questions too, and the likelihood of
    the fit itself: within four Monte Carlo standard errors for every gate."""
    done = place.update("new", ANN, BOB)
    after = gather(place.data)
    tree = fit(argument, after, Settings(draws=10_000, chains=4, seed=9, prior_only=True))
    prior = tree["prior"].to_dataset()
    said = log_likelihood(argument, prior, layout(argument, after, C), C)["stated"]
    weights = weigh(said.sum("statement"))
    for gate in ("exists", "usable"):
        of = prior[gate].max("factor").astype(float)
        exact = float((of * weights.values).mean())
        slack = float(az.mcse(influence(of, weights), method="mean"))
        row = done.data.sel(gate=gate, factor="any")
        assert abs(float(row["after"]) - exact) < 4 * np.hypot(slack, float(row["after_mcse"]))
        assert abs(float(row["after"] - row["before"])) > 4 * float(row["change_mcse"])
    assert done.quick
    assert done.pareto_k < 0.7
    assert (done.statements, done.experts) == (2, 2)


def test_shares_sum_to_the_change_and_the_outlier_is_first(place: Place) -> None:
    """Cat says what the prior says; Ann and Bob put danger far off, Ann farther."""
    done = place.update("new", ANN, BOB, CAT)
    shares = done.shares.data
    assert done.shares.trusted
    assert shares["cause"].values.tolist() == ["ann", "bob", "cat"]
    assert float(shares["share"].sum()) == pytest.approx(done.change, abs=1e-12)
    assert np.argmax(abs(shares["share"].data)) == 0
    assert float(abs(shares["share"].sel(cause="cat"))) < float(shares["share"].sel(cause="bob"))


def test_one_at_a_time_is_all_at_once(place: Place, original: Path, tmp_path: Path) -> None:
    """The saved draws are reweighed to the ledger, not to the file: digit for digit the same."""
    place.update("ann", ANN)
    place.update("bob", BOB)
    last = place.update("cat", CAT)
    shutil.copytree(original, tmp_path / "other")
    other = Place(tmp_path / "other/data", tmp_path / "other/cache", tmp_path / "other/files")
    at_once = other.update("every", ANN, BOB, CAT)
    np.testing.assert_allclose(last.data["after"], at_once.data["after"], rtol=1e-12)
    assert last.pareto_k == pytest.approx(at_once.pareto_k)
    assert float(last.data["before"].sel(gate="usable", factor="any")) != float(
        at_once.data["before"].sel(gate="usable", factor="any")
    )


def test_latents_that_moved_come_first(place: Place) -> None:
    done = place.update("new", ANN, BOB)
    top = done.latents.isel(coordinate=0)
    assert str(top["coordinate"].item()) == "danger_gap"
    assert float(top["moved"]) > 4 * float(top["mcse"])
    assert float(top["after"]) > float(top["before"])
    order = abs(done.latents["moved"]).to_numpy()
    assert (np.diff(order) <= 0).all()


def test_a_withdrawal_is_a_cause(place: Place) -> None:
    place.update("ann", ANN)
    gone = {"statement": "ann", "how": "withdrawn", "date": "2025-08-01", "why": "a slip"}
    path = write(place.files / "gone.yaml", {"endings": [gone]})
    back = update(path, place.data, quick=True, cache=place.cache)
    assert back.shares.data["cause"].values.tolist() == ["ann (withdrawn)"]
    assert back.change < 0
    assert back.data["after"].equals(back.data["after"] * 0 + back.data["after"])
    assert back.pareto_k == -np.inf  # the draws are as they were


def test_the_same_file_again_changes_nothing(place: Place) -> None:
    first = place.update("new", ANN)
    again = place.update("new", ANN)
    assert again.new == ()
    assert again.change == 0
    np.testing.assert_allclose(again.data["after"], first.data["after"])
    assert "Nothing is new" in again.text


def test_too_much_at_once_is_refused_and_nothing_is_added(place: Place) -> None:
    crowd = [median(f"p{i}", f"Person {i}", 5.0, "danger") for i in range(9)]
    crowd += [median(f"w{i}", f"Person {i}", -3.0, "width") for i in range(9)]
    before = contents(place.data)
    with pytest.raises(NeedsRefit, match=r"Pareto k .* without --quick"):
        place.update("crowd", *crowd)
    assert contents(place.data) == before


@pytest.mark.parametrize("reason", ["no fit", "failed fit", "wrong file"])
def test_refused_without_a_fit_or_with_errors(place: Place, reason: str) -> None:
    before = contents(place.data)
    if reason == "wrong file":
        with pytest.raises(InvalidRecord, match="nothing was added"):
            place.update("bad", {**ANN, "question": "danegr"})
    else:
        (path,) = place.cache.glob("*.nc")
        if reason == "failed fit":
            with xr.open_datatree(path) as opened:
                tree = opened.load()
            tree.attrs["passed"] = 0
            save(tree, path)
        else:
            path.unlink()
        with pytest.raises(NeedsRefit, match="no fit is in the cache"):
            place.update("new", ANN)
    assert contents(place.data) == before


def test_a_changed_question_needs_a_refit(place: Place) -> None:
    questions = place.data / "questions.yaml"
    text = questions.read_text(encoding="utf-8").replace("fidelity: exact", "fidelity: loose")
    questions.write_text(text, encoding="utf-8")
    with pytest.raises(NeedsRefit, match="question danger has changed"):
        place.update("new", ANN)


def test_many_entries_share_by_expert_and_very_many_not_at_all(place: Place) -> None:
    questions = read_questions(data_files(place.data).questions)
    before = read_elicitations(data_files(place.data).elicitations)

    def causes(experts: int, each: int) -> list[str]:
        said = [
            median(f"s{i}-{k}", f"Person {i}", 0.6, QUESTIONS[k]["id"])
            for i in range(experts) for k in range(each)
        ]  # fmt: skip
        path = write(place.files / "many.yaml", {"statements": said})
        change = Change(questions, before, [*before, *read_elicitations([path])])
        assert {e for group in change.causes.values() for e in group} == set(change.new)
        return list(change.causes)

    assert len(causes(CAUSES, 1)) == CAUSES
    assert causes(CAUSES // 2 + 1, 2)[0] == "Person 0"
    assert causes(CAUSES + 1, 1) == [f"all {CAUSES + 1} entries"]


def test_text_table_and_json_agree(place: Place) -> None:
    done = place.update("new", ANN, BOB)
    row = done.table.query("gate == 'usable' and factor == 'any'").iloc[0]
    assert f"{row['after']:.2f} after" in done.text
    assert f"change {done.change:+.3f}" in done.text
    assert "Monte Carlo error" in done.text
    assert "2 evidence statements by 2 experts" in done.text
    content = json.loads(json.dumps(done.to_json()))
    assert len(content["credences"]) == 25
    assert content["new"] == ["ann", "bob"]
    shares = {each["cause"]: each["share"] for each in content["shares"]}
    assert sum(shares.values()) == pytest.approx(done.change)


def test_figure_shows_the_table(place: Place) -> None:
    done = place.update("new", ANN, BOB)
    top, below = update_figure(done).axes
    lines = {line.get_gid(): line for line in top.lines}
    usable = done.data.sel(gate="usable")
    for name in ("before", "after"):
        np.testing.assert_allclose(lines[name].get_xdata(), usable[name])
    widths = [bar.get_width() for bar in below.patches]
    np.testing.assert_allclose(sorted(widths), sorted(done.shares.data["share"].to_numpy()))


def test_command(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(place.files / "new.yaml", {"statements": [ANN]})
    figure = place.files / "update.png"
    arguments = ["update", str(path), "--data", str(place.data), "--cache", str(place.cache)]
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--quick", "--json", "--out", str(place.files)])
    assert stopped.value.code == 0
    assert json.loads(capsys.readouterr().out)["new"] == ["ann"]
    assert figure.stat().st_size > 10_000
    (fit_file,) = place.cache.glob("*.nc")
    fit_file.unlink()
    other = write(place.files / "other.yaml", {"statements": [BOB]})
    with pytest.raises(SystemExit) as stopped:
        main(["update", str(other), *arguments[2:], "--quick"])
    assert stopped.value.code == 3
    assert "without --quick" in capsys.readouterr().err
    assert not (place.data / "elicitations" / "other.yaml").exists()
