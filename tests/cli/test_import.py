"""`sweet-spot import`: exit codes, what is told, what is written, help."""

import pytest
from typer.testing import CliRunner

from sweet_spot.cli.app import app, main
from sweet_spot.evidence.importers import FORMATS
from sweet_spot.evidence.reading import read_elicitations

TABLE = """\
question_id,forecaster,kind,value,unit,made_at,role
year,Ada,median,2030,year,2025-04,evidence
Not ours,Ada,median,2031,year,2025-04,check
"""
MAP = """\
schema: 1
source: {title: A table, url: u, date: 2025-04}
questions:
  year: {question: year, role: evidence, reason: why}
  Not ours: {question: gap, role: check, reason: why}
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE)
    (tmp_path / "map.yaml").write_text(MAP)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["import", *map(str, arguments)], catch_exceptions=False)


def test_all_mapped(files):
    out = files / "out.yaml"
    result = run("tidy", files / "table.csv", "--map", files / "map.yaml", "--out", out)
    assert (result.exit_code, result.stdout) == (0, f"2 statements written to {out}\n")
    assert [item.statement.question for item in read_elicitations([out])] == ["year", "gap"]


def test_what_is_not_mapped_is_listed_and_the_rest_written(files):
    out = files / "out.yaml"
    result = run("tidy", files / "table.csv", "--out", out)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"1 statements written to {out}",
        "1 questions are neither mapped nor ignored:",
        "  'Not ours': 1 answers",
    ]
    (said,) = read_elicitations([out])
    assert said.statement.role == "evidence"


def test_without_out_nothing_is_written(files):
    before = sorted(files.iterdir())
    assert "read; write them with --out" in run("tidy", files / "table.csv").stdout
    assert sorted(files.iterdir()) == before


def test_an_error_is_one_line_and_nothing_is_written(files, capsys):
    (files / "table.csv").write_text(TABLE.replace("2031", "nan"))
    with pytest.raises(SystemExit) as stop:
        main(["import", "tidy", str(files / "table.csv"), "--out", str(files / "out.yaml")])
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith(f"sweet-spot: {files / 'table.csv'}:3: value is")
    assert not (files / "out.yaml").exists()


def test_formats_and_usage():
    listed = run("--formats").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(FORMATS)
    assert run("tidy").exit_code == 2
    shown = run("--help").stdout
    assert "sweet-spot import tidy forecasts.csv --out draft.yaml" in shown
    assert "sweet_spot.import_file(" in shown
