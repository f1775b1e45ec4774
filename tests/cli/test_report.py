"""`sweet-spot report` on a cache that holds the frozen fit: words and exit codes."""

import json
import shutil
from pathlib import Path

import pytest
import typer
import xarray as xr
from typer.testing import CliRunner

from sweet_spot.argument.spec import load_argument
from sweet_spot.cli.report import report
from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.gather import gather
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.refit import Settings
from sweet_spot.inference.store import digests

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
app = typer.Typer()
app.command()(report)


@pytest.fixture
def fit(tmp_path: Path) -> Path:
    """The frozen fit, where the command looks for it."""
    given = load_argument(), gather(GOLDEN / "data", checked=True), Settings(), learned_constants()
    path = tmp_path / "cache" / f"{digests(*given)['digest_fit'][:32]}.nc"
    path.parent.mkdir()
    shutil.copy(GOLDEN / "fit.nc", path)
    return path


def run(fit: Path, *options: str) -> tuple[int, str, str]:
    where = ["--data", str(GOLDEN / "data"), "--cache", str(fit.parent)]
    found = CliRunner().invoke(app, [*where, "--out", str(fit.parent / "out"), *options])
    return found.exit_code, found.stdout, found.stderr


def fail(fit: Path) -> None:
    with xr.open_datatree(fit) as opened:
        tree = opened.load()
    tree.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    fit.unlink()
    tree.to_netcdf(fit)


def test_prints_the_headline(fit: Path) -> None:
    code, out, _ = run(fit)
    assert code == 0
    assert out.startswith(
        "P(usable sweet spot for at least one factor) = 0.72 (posterior mean; Monte"
    )
    assert out.splitlines()[1].endswith("report.html")


def test_json_alone_on_stdout(fit: Path) -> None:
    code, out, err = run(fit, "--json")
    assert code == 0
    assert json.loads(out) == json.loads((fit.parent / "out" / "credences.json").read_text("utf-8"))
    assert "drawing figures" in err


def test_a_failed_fit_exits_with_three(fit: Path) -> None:
    fail(fit)
    code, out, err = run(fit)
    assert (code, out) == (3, "")
    assert "failed its verdict: divergences 3" in err
    assert not (fit.parent / "out").exists()


def test_forced_it_warns_first_and_still_exits_with_three(fit: Path) -> None:
    fail(fit)
    code, out, _ = run(fit, "--force")
    assert code == 3
    assert out.startswith("WARNING: The fit failed its verdict")
    assert (fit.parent / "out" / "report.md").read_text("utf-8").startswith("WARNING")


def test_data_with_errors_exit_with_one(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "data", tmp_path / "data")
    (tmp_path / "data" / "elicitations" / "broken.yaml").write_text("schema: 1\n", encoding="utf-8")
    found = CliRunner().invoke(app, ["--data", str(tmp_path / "data"), "--cache", str(tmp_path)])
    assert found.exit_code == 1
    assert "sweet-spot check" in found.stderr


def test_a_bad_date_is_wrong_usage() -> None:
    found = CliRunner().invoke(app, ["--as-of", "2025-13"])
    assert found.exit_code == 2
    assert "--as-of" in found.stderr


@pytest.mark.parametrize("option", ["--out", "--cache"])
def test_a_folder_that_cannot_be_written_to_is_named_before_the_fit(
    tmp_path: Path, option: str
) -> None:
    """One line that names the option and exit code 2, as for other wrong usage."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SweetSpotError, match=option):
        CliRunner().invoke(
            app, ["--data", str(GOLDEN / "data"), option, str(tmp_path / "taken" / "sub")],
            catch_exceptions=False,
        )  # fmt: skip
