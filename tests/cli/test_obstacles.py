"""`sweet-spot obstacles` and `sweet-spot profile` on the frozen fit: words and exit codes."""

import json
from pathlib import Path

import pytest
import typer
import xarray as xr
from typer.testing import CliRunner

from sweet_spot.cli.app import main
from sweet_spot.cli.obstacles import obstacles
from sweet_spot.cli.profile import profile

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
COMMANDS = {"obstacles": obstacles, "profile": profile}
both = pytest.mark.parametrize("name", list(COMMANDS))


def run(name: str, *options: str, fit: Path = GOLDEN / "fit.nc") -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(COMMANDS[name])
    found = CliRunner().invoke(app, ["--fit", str(fit), *options])
    return found.exit_code, found.stdout, found.stderr


@both
def test_prints_text_and_table_and_draws(name: str, tmp_path: Path) -> None:
    code, out, _ = run(name, "--out", str(tmp_path))
    assert code == 0
    assert out.startswith("P(usable sweet spot for at least one factor) = 0.72")
    assert "| --- |" in out
    assert (tmp_path / f"{name}.png").stat().st_size > 10_000


@both
def test_json_alone_on_stdout(name: str) -> None:
    code, out, err = run(name, "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)["obstacles" if name == "obstacles" else "conditioning"]
    assert {row["world"] for row in rows} == {"posterior", "prior"}


@both
def test_a_failed_fit_is_refused(name: str, tmp_path: Path) -> None:
    with xr.open_datatree(GOLDEN / "fit.nc") as opened:
        tree = opened.load()
    tree.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    tree.to_netcdf(tmp_path / "failed.nc")
    code, out, err = run(name, fit=tmp_path / "failed.nc")
    assert (code, out) == (3, "")
    assert "divergences 3" in err
    code, out, err = run(name, "--force", fit=tmp_path / "failed.nc")
    assert code == 3
    assert err.startswith("WARNING")
    assert "at least one factor" in out


@both
def test_a_missing_fit_is_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([name, "--fit", "nowhere.nc"])
    assert stop.value.code == 2
    assert "sweet-spot report" in capsys.readouterr().err
