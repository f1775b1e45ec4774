"""`sweet-spot backtest`: words, files, figures and exit codes."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from sweet_spot.answers.backtest import backtest as compute
from sweet_spot.answers.figures_backtest import backtest_figures
from sweet_spot.cli.app import main
from sweet_spot.cli.backtest import backtest

app = typer.Typer()
app.command()(backtest)


@pytest.fixture
def panels(write_panel):
    """A folder of two datasets: quantities and events, five people each."""
    rng = np.random.default_rng(4)
    for name in ("one", "two"):
        said, answers = [], []
        for k in range(6):
            truth = rng.normal()
            for who in "ABCDE":
                middle = truth + rng.normal()
                said += [f"q{k},{who},quantile,{p},{middle + z},," for p, z in
                         ((0.05, -1), (0.5, 0), (0.95, 1))]  # fmt: skip
                said.append(f"b{k},{who},binary_prob,,{1 / (1 + np.exp(-middle))},,")
            answers += [
                f"q{k},{truth},q{k},,uni",
                f"b{k},{int(truth + 2 * rng.normal() > 0)},b{k},,prob",
            ]
        folder = write_panel(name, "\n".join(said), "\n".join(answers))
    return folder.parent


def run(*arguments):
    found = CliRunner().invoke(app, [str(each) for each in arguments])
    return found.exit_code, found.stdout, found.stderr


def test_table_text_and_files(panels, tmp_path):
    out = tmp_path / "out" / "scores.json"
    code, shown, progress = run(panels, "--out", out)
    assert code == 0
    assert "backtest: 28 of 28 tasks done" in progress
    assert "one (6 questions)" in shown
    assert "all (12 questions)" in shown
    assert "Backtest of 2 datasets: 12 questions about quantities and 12 yes/no questions" in shown
    rows = json.loads(out.read_text())["rows"]
    assert all(np.isfinite([row["value"], row["se"], row["n"]]).all() for row in rows)
    methods = {row["method"] for row in rows if row["dataset"] == "one"}
    assert {"equal_weights", "cooke_leave_one_out", "log_odds_mean", "baron"} <= methods
    drawn = sorted(path.name for path in out.parent.iterdir())
    assert drawn == ["backtest-probabilities.png", "backtest-quantities.png", "scores.json"]


def test_json_alone_on_stdout_and_the_same_again(panels):
    code, first, _ = run(panels, "--json", "--seed", "3")
    assert code == 0
    assert first == run(panels, "--json", "--seed", "3")[1]
    other = json.loads(run(panels, "--json", "--seed", "4")[1])["rows"]
    rows = json.loads(first)["rows"]
    assert [row["value"] for row in rows] == [row["value"] for row in other]
    assert [row["se"] for row in rows] != [row["se"] for row in other]


def test_training_folders(panels):
    """Of a dataset with the same name the same questions are not learned from: nothing changes."""
    _, alone, _ = run(panels / "one", "--json")
    code, same, _ = run(panels / "one", "--train", panels / "one", "--json")
    assert (code, same) == (0, alone)
    _, more, _ = run(panels / "one", "--train", panels / "two", "--json")
    assert more != alone


def test_errors_are_one_line(panels, tmp_path, capsys):
    forecasts = panels / "one" / "forecasts.csv"
    forecasts.write_text(forecasts.read_text().replace("q0,A,quantile,0.05,", "q0,A,quantile,5,"))
    code, shown, told = run(panels)
    assert (code, shown) == (1, "")
    (line,) = told.splitlines()
    assert f"{forecasts} line 2: level '5.0' is no probability level" in line
    with pytest.raises(SystemExit, match="2"):
        main(["backtest", str(tmp_path / "none")])
    assert "is not a folder" in capsys.readouterr().err


def test_figures_show_every_method_where_it_has_a_value(panels):
    found = compute(panels)
    figures = backtest_figures(found)
    assert list(figures) == ["backtest-quantities", "backtest-probabilities"]
    for name, score in (("backtest-quantities", "wis_ratio"), ("backtest-probabilities", "log")):
        lines = {line.get_gid(): line for axes in figures[name].axes for line in axes.get_lines()}
        for row in found.rows:
            if row.score == score:
                line = lines[f"{row.dataset} {row.method} {score}"]
                shown = row.difference if score == "log" else row.value
                assert line.get_xdata()[0] == pytest.approx(shown)


def test_a_scheduler_gives_the_same(panels):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        there = compute(panels, scheduler=cluster.scheduler_address)
    assert there.to_json() == compute(panels).to_json()
