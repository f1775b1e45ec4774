"""`sweet-spot export`: exit codes, what is told where, help."""

from typer.testing import CliRunner

from sweet_spot.cli.app import app


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_tidy_says_what_was_written(checkout, tmp_path):
    out = tmp_path / "all.csv"
    result = run("tidy", "--data", checkout / "data", "--out", out)
    assert (result.exit_code, result.stderr) == (0, "")
    rows = out.read_bytes().count(b"\r\n") - 1
    assert result.stdout.startswith(f"{rows} rows of ")


def test_hubverse_counts_what_it_cannot_hold_on_stderr(checkout, tmp_path):
    result = run("hubverse", "--data", checkout / "data", "--out", tmp_path / "hub")
    assert result.exit_code == 0
    assert "not held by hubverse: " in result.stderr
    assert "one-sided values" in result.stderr
    assert "not held" not in result.stdout


def test_help_and_wrong_usage(tmp_path):
    shown = run("--help").stdout
    assert "Examples:" in shown
    assert "In Python:" in shown
    assert run("tidy").exit_code == 2
