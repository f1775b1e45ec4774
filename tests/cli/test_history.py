"""`sweet-spot history` on a record that holds the answers: words, files and exit codes."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sweet_spot.answers.history_steps import plan
from sweet_spot.answers.record import Row, read_record, text_of
from sweet_spot.argument.structure import GATES
from sweet_spot.cli.history import history

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FACTORS = ("any", "all", "safety_progress", "risk_evaluation", "capability_restraint")
app = typer.Typer()
app.command()(history)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The frozen data with a record in which every step has an answer of its own."""
    data = tmp_path_factory.mktemp("history") / "data"
    shutil.copytree(GOLDEN / "data", data)
    of = plan(data)
    told = [("prior", ""), *((each.label, each.digest) for each in of.dated.values())]
    rows = [
        Row(
            label, digest, k, k, "",
            {f"{g}[{f}]": (0.4 + 0.01 * k, 0.007) for g in GATES for f in FACTORS},
            of.settings, of.made, "2026-11-25T10:00:00Z",
        )
        for k, (label, digest) in enumerate(told)
    ]  # fmt: skip
    of.record.write_text(text_of(rows), encoding="utf-8")
    return data


def run(data: Path, *options: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, ["--data", str(data), *options])
    return found.exit_code, found.stdout, found.stderr


def test_prints_each_step_and_where_the_record_is(recorded: Path) -> None:
    code, out, _ = run(recorded)
    assert code == 0
    lines = [line for line in out.splitlines() if line]
    assert lines[0].startswith("P(usable sweet spot for at least one factor), posterior mean by")
    assert lines[-1] == str(recorded / "history.csv")
    steps = [step for step in plan(recorded).steps if not step.carried]
    assert [line.split()[0] for line in lines[1:-1]] == [step.label for step in steps]
    assert all(name in line for step, line in zip(steps, lines[1:-1], strict=True)
               for name in (*step.came, *step.went))  # fmt: skip


def test_json_alone_on_stdout(recorded: Path) -> None:
    code, out, _ = run(recorded, "--every", "year", "--json")
    assert code == 0
    labels = [step["as_of"] for step in json.loads(out)["steps"]]
    assert labels[-1] == "all"
    assert all(label.endswith("-12-31") for label in labels[:-1])


def test_writes_figure_and_table_into_a_folder(recorded: Path, tmp_path: Path) -> None:
    code, out, _ = run(recorded, "--out", str(tmp_path / "out"))
    assert (code, out.splitlines()[-1]) == (0, str(tmp_path / "out" / "history.png"))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "history.png", "history-table.csv",
    }  # fmt: skip


def test_a_failed_date_exits_with_three(recorded: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(recorded, data)
    rows = list(read_record(data / "history.csv"))
    rows[2] = replace(rows[2], failed="divergences 3, demanded at most 0", credences={})
    (data / "history.csv").write_text(text_of(rows), encoding="utf-8")
    code, out, _ = run(data)
    assert code == 3
    assert f"No answer: {rows[2].as_of}: divergences 3" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--since", "2025-13"], "--since"), (["--until", "soon"], "--until"),
     (["--every", "week"], "--every")],
)  # fmt: skip
def test_wrong_usage(recorded: Path, options: list[str], message: str) -> None:
    code, _, err = run(recorded, *options)
    assert code == 2
    assert message in err


def test_data_with_errors_exit_with_one(recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "data")
    (tmp_path / "data" / "elicitations" / "broken.yaml").write_text("schema: 1\n", encoding="utf-8")
    code, out, err = run(tmp_path / "data")
    assert (code, out) == (1, "")
    assert "sweet-spot check" in err


def test_a_damaged_record_is_named(recorded: Path, tmp_path: Path) -> None:
    shutil.copytree(recorded, tmp_path / "data")
    with (tmp_path / "data" / "history.csv").open("a", encoding="utf-8") as file:
        file.write("=======\n")
    code, _, err = run(tmp_path / "data")
    assert code == 1
    assert "history.csv, line" in err
