"""Commands that read a saved fit: what they print, write and refuse."""

import json
from pathlib import Path

import pytest
import xarray as xr

from sweet_spot.cli.app import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return int(stop.value.code or 0)


@pytest.fixture
def failed(checkout: Path, tmp_path: Path) -> Path:
    with xr.open_datatree(checkout / "tests" / "golden" / "fit.nc") as opened:
        tree = opened.load()
    tree.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    tree.to_netcdf(tmp_path / "failed.nc")
    return tmp_path / "failed.nc"


def test_picture(checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit = str(checkout / "tests" / "golden" / "fit.nc")
    assert run("picture", "--fit", fit, "--out", str(tmp_path / "out")) == 0
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"picture.png", "restraint.png"}
    assert "by construction" in capsys.readouterr().out
    assert run("picture", "--fit", fit, "--json", "--out", str(tmp_path / "out")) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["factors"][0]["factor"] == "safety_progress"
    assert {row["when"] for row in content["restraint"]} >= {"before", "inside", "after"}


def test_outcomes(checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit = str(checkout / "tests" / "golden" / "fit.nc")
    assert run("outcomes", "--fit", fit, "--json", "--out", str(tmp_path)) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["schema"] == 1
    assert sum(row["posterior"] for row in content["outcomes"]) == pytest.approx(1)
    assert (tmp_path / "outcomes.png").exists()
    assert run("outcomes", "--fit", fit) == 0
    assert capsys.readouterr().out.startswith("P(failure) = ")


@pytest.mark.parametrize("command", ["picture", "outcomes"])
def test_no_fit_is_one_clear_error(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, "--fit", str(tmp_path / "none.nc")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "none.nc" in line
    assert "run `sweet-spot report`" in line


def test_a_failed_fit_is_refused_unless_forced(
    failed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("outcomes", "--fit", str(failed)) == 3
    shown = capsys.readouterr()
    assert not shown.out
    assert "divergences 3" in shown.err
    assert run("outcomes", "--fit", str(failed), "--force") == 3
    shown = capsys.readouterr()
    assert shown.out.startswith("P(failure)")
    assert shown.err.startswith("WARNING: The fit failed")
