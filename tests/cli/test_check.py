"""`sweet-spot check`: exit codes, what is printed, JSON, help, and a fast start."""

import json
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

import sweet_spot
from sweet_spot.cli.app import app, main

QUESTIONS = """\
schema: 1
questions:
  - {id: year, wording: w, quantity: year_at_speedup(25), unit: year, topic: timelines,
     direction: 1, fidelity: loose, fidelity_reason: a proxy}
"""
SOUND = """\
schema: 1
source: {title: A forecast, url: u, date: 2025-04}
statements:
  - {id: first, expert: Ada, date: 2025-04, question: year, kind: median, value: 2030, unit: year,
     role: evidence, verified: yes, location: here, reason: why}
"""


@pytest.fixture
def data(tmp_path):
    (tmp_path / "elicitations").mkdir()
    (tmp_path / "questions.yaml").write_text(QUESTIONS)
    (tmp_path / "elicitations" / "one.yaml").write_text(SOUND)
    return tmp_path


@pytest.fixture
def draft(tmp_path):
    """A file outside the data folder, with one error and one warning."""
    path = tmp_path / "draft.yaml"
    path.write_text(SOUND.replace("value: 2030", "value: 203").replace("yes", "secondary"))
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)], catch_exceptions=False)


def test_sound_data(data):
    result = run("--data", data)
    assert result.exit_code == 0
    assert result.stdout == "2 files, 1 statements: 0 errors, 0 warnings\n"


def test_errors_are_grouped_by_file_and_counted(data, draft):
    result = run(draft, data / "elicitations", "--data", data)
    assert result.exit_code == 1
    shown = result.stdout.splitlines()
    assert shown[0] == str(draft)
    assert "  error impossible-value: line 4, first, value" in shown
    assert "    the year 203 lies before 2024, where the model's scale begins" in shown
    assert "    -> compare with the source" in shown
    assert shown[-1] == "3 files, 2 statements: 3 errors, 1 warnings"


def test_warnings_alone_are_no_failure_and_are_told_once_per_file(data):
    path = data / "elicitations" / "one.yaml"
    second = SOUND.split("statements:\n")[1].replace("first", "second").replace("Ada", "Ben")
    path.write_text((SOUND + second).replace("yes", "secondary"))
    result = run("--data", data)
    assert result.exit_code == 0
    assert result.stdout.count("warning secondary") == 1
    assert "(and 1 more of this rule in this file)" in result.stdout
    assert "0 errors, 2 warnings" in result.stdout


def test_json_is_one_object_and_nothing_else(data, draft):
    result = run(draft, "--data", data, "--json")
    assert result.exit_code == 1
    printed = json.loads(result.stdout)
    assert list(printed) == ["schema", "findings", "errors", "warnings", "files", "statements"]
    assert (printed["schema"], printed["errors"], printed["warnings"]) == (1, 1, 1)
    assert (printed["files"], printed["statements"]) == (2, 1)
    assert printed["findings"][0] == {
        "rule": "impossible-value",
        "severity": "error",
        "file": str(draft),
        "message": "the year 203 lies before 2024, where the model's scale begins",
        "remedy": "compare with the source",
        "statement": "first",
        "field": "value",
        "line": 4,
    }
    assert json.loads(run("--data", data, "--json").stdout)["findings"] == []


def test_hostile_text_cannot_steer_the_terminal(data):
    path = data / "elicitations" / "one.yaml"
    path.write_text(SOUND.replace("id: first", 'id: "\\e[2J[red]x"'))
    result = run("--data", data)
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert "[red]x" in result.stdout


def test_wrong_usage_is_exit_code_two(data):
    assert run(data / "nowhere.yaml", "--data", data).exit_code == 2
    assert run("--dta", data).exit_code == 2


def test_errors_of_ours_are_one_line_on_stderr(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["check", "--data", str(tmp_path / "nowhere")])
    printed = capsys.readouterr()
    assert stopped.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "--data" in printed.err


def test_help_shows_examples_and_the_python_twin(data):
    shown = run("--help").stdout
    assert "sweet-spot check data/elicitations/my-source.yaml" in shown
    assert 'sweet_spot.check("data")' in shown
    assert sweet_spot.check(data) == ()


def test_start_is_fast_and_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from sweet_spot.cli.app import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pymc', 'arviz', 'xarray', 'numpy', 'pydantic', 'matplotlib'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert time.perf_counter() - started < 1
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "check" in done.stdout
