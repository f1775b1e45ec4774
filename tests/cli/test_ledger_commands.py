"""`sweet-spot add`, `withdraw`, `template`, `coherence`: exit codes, output, help."""

import json

import pytest
from typer.testing import CliRunner

from sweet_spot.cli.app import app, main

QUESTIONS = """\
schema: 1
questions:
  - {id: year, wording: which year, quantity: year_at_speedup(25), unit: year, topic: timelines,
     direction: 1, fidelity: exact, fidelity_reason: it is}
  - {id: by, wording: by then, quantity: year_at_speedup(25), unit: year, topic: timelines,
     direction: 1, fidelity: exact, fidelity_reason: it is}
"""
FILE = """\
schema: 1
source: {title: A forecast, url: u, date: 2025-04}
statements:
  - {id: ID, expert: Ada, date: 2025-04, question: year, kind: median, value: 2030, unit: year,
     role: evidence, verified: yes, location: here, reason: why}
"""


@pytest.fixture
def data(tmp_path):
    (tmp_path / "elicitations").mkdir()
    (tmp_path / "questions.yaml").write_text(QUESTIONS)
    (tmp_path / "elicitations" / "one.yaml").write_text(FILE.replace("ID", "first"))
    (tmp_path / "two.yaml").write_text(FILE.replace("ID", "second").replace("Ada", "Ben"))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)


def test_add_once_twice_and_with_errors(data):
    done = run("add", data / "two.yaml", "--data", data)
    target = data / "elicitations" / "two.yaml"
    assert (done.exit_code, done.stdout) == (0, f"added 1 statements, 0 endings to {target}\n")
    again = run("add", data / "two.yaml", "--data", data)
    assert again.exit_code == 0
    assert again.stdout == "nothing added: all 1 entries are in the ledger already\n"
    faulty = data / "three.yaml"
    faulty.write_text(FILE.replace("ID", "third").replace("2030", "1030"))
    wrong = run("add", faulty, "--data", data)
    assert wrong.exit_code == 1
    assert f"{faulty}:4: third, value: " in wrong.stderr


def test_warnings_are_told_on_stderr(data):
    path = data / "two.yaml"
    path.write_text(path.read_text().replace("yes", "secondary"))
    done = run("add", path, "--data", data)
    assert done.exit_code == 0
    assert done.stderr.startswith(f"warning secondary: {path}:5: second, verified: ")


def test_withdraw(data):
    done = run("withdraw", "first", "--why", "retracted", "--data", data)
    assert done.exit_code == 0
    assert (data / "elicitations" / "withdrawn-first.yaml").is_file()
    assert run("withdraw", "first", "--why", "again", "--data", data).stdout.startswith("nothing")
    unknown = run("withdraw", "frist", "--why", "w", "--data", data)
    assert unknown.exit_code == 1
    assert "did you mean first" in unknown.stderr
    assert run("withdraw", "first", "--data", data).exit_code == 2


def test_template(data):
    arguments = ("template", "--questions", "year, by", "--expert", "Cy", "--data", data)
    printed = run(*arguments).stdout
    assert printed.count("  - id: cy-") == 2
    assert "# year: which year\n" in printed
    out = data / "form.yaml"
    assert run(*arguments, "--out", out).exit_code == 0
    assert out.read_text(encoding="utf-8") == printed
    assert run("check", out, "--data", data).exit_code == 1
    assert run(*arguments, "--out", out).exit_code == 2
    assert out.read_text(encoding="utf-8") == printed


def test_template_of_an_unknown_question_is_one_line(data, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["template", "--questions", "yaer", "--expert", "Cy", "--data", str(data)])
    assert stopped.value.code == 2
    assert "did you mean year?" in capsys.readouterr().err


def test_coherence(data):
    assert run("coherence", "--data", data).stdout == "0 contradictions\n"
    other = FILE.replace("ID", "other").replace("question: year", "question: by")
    chance = 'kind: probability, value: 0.7, event: "< 2029", unit: probability'
    other = other.replace("kind: median, value: 2030, unit: year", chance)
    (data / "elicitations" / "other.yaml").write_text(other)
    done = run("coherence", "--data", data)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0].startswith("Ada: levels, repaired by 0.599 in log-odds")
    assert done.stdout.splitlines()[-1] == "1 contradictions"
    (listed,) = json.loads(run("coherence", "--data", data, "--json").stdout)["contradictions"]
    assert listed["statements"] == ["other", "first"]
    assert listed["change"] == pytest.approx(0.599, abs=1e-3)
    (data / "elicitations" / "other.yaml").write_text("a: [1")
    assert run("coherence", "--data", data).exit_code == 1


@pytest.mark.parametrize("command", ["add", "withdraw", "template", "coherence"])
def test_help_shows_examples_and_the_python_twin(command):
    shown = run(command, "--help").stdout
    assert f"  sweet-spot {command} " in shown
    assert f"from sweet_spot.evidence.{command} import {command}" in shown
