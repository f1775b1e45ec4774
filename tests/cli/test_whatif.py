"""`sweet-spot whatif` on the frozen fit: words, exit codes, what is never mixed."""

import json
from pathlib import Path

import pytest
import xarray as xr
from typer.testing import CliRunner

import sweet_spot
from sweet_spot.cli.app import app, main

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FIT, FILE = str(GOLDEN / "fit.nc"), str(GOLDEN / "data" / "scenarios.yaml")


def run(*options: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, ["whatif", "--fit", FIT, "--scenarios", FILE, *options])
    return found.exit_code, found.stdout, found.stderr


def test_make_it_so_is_the_twin_of_python(tree_of_golden: xr.DataTree) -> None:
    code, out, _ = run("--set", "years_bought=2", "--set", "investment[safety_progress]=20%")
    twin = sweet_spot.whatif(
        tree_of_golden, set={"years_bought": 2, "investment[safety_progress]": 0.2}
    )
    assert code == 0
    assert out.startswith(f"{twin.text}\n\n| gate | factor |")
    assert out.startswith("Made so (intervention): years_bought = 2 years; investment[safety_prog")


@pytest.fixture
def tree_of_golden() -> xr.DataTree:
    """Loaded and closed: the command opens the same file."""
    with xr.open_datatree(FIT) as tree:
        return tree.load()


def test_learn_that(tmp_path: Path) -> None:
    code, out, _ = run("--given", "scheming < 0.5", "--given", "investment[safety_progress] < 20%",
                       "--json", "--out", str(tmp_path))  # fmt: skip
    content = json.loads(out)
    assert code == 0
    assert (content["kind"], content["intervention"]) == ("given", False)
    assert content["kept"] < content["draws"] == 400
    assert (tmp_path / "whatif.png").read_bytes().startswith(b"\x89PNG")


def test_scenarios_one_and_all(tmp_path: Path) -> None:
    code, out, _ = run("--scenario", "pause")
    assert code == 0
    assert out.startswith(
        "Scenario, made so (intervention): A pause in the zone; years_bought + 2 years. P(usable"
    )
    code, out, _ = run("--all", "--out", str(tmp_path))
    assert code == 0
    assert "4 scenarios, each made so" in out
    assert out.count("\n| ") >= 6
    assert (tmp_path / "scenarios.png").exists()
    assert len(json.loads(run("--all", "--json")[1])["rows"]) == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--set", "years_bought=2", "--given", "years_bought > 1"), "two questions"),
        (("--set", "years_bought=2", "--all"), "ask for one of"),
        ((), "ask for one of"),
        (("--set", "years_bought"), "is not NAME=VALUE"),
        (("--set", "years_bought=1", "--set", "years_bought=2"), "is set twice"),
    ],
)
def test_wrong_usage(options: tuple[str, ...], message: str) -> None:
    code, out, err = run(*options)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--fit", "nowhere.nc", "--set", "years_bought=2"), "nowhere.nc: not a fit"),
        (("--fit", FIT, "--set", "investment=20"), "write a share, as in 0.2 or 20%"),
        (("--fit", FIT, "--given", "years_bought > 99"), "0 of 400 draws"),
        (("--fit", FIT, "--scenarios", FILE, "--scenario", "paus"), "name one of pause"),
        (("--fit", FIT, "--scenarios", "nofile", "--all"), "nofile: no such file"),
        (("--fit", FIT, "--set", "years_bought=2", "--out", FIT), "name a folder with --out"),
    ],
)
def test_our_errors_are_one_line(options, message: str, capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["whatif", *options])
    said = capsys.readouterr().err
    assert stop.value.code == 2
    assert said.startswith("sweet-spot: ")
    assert said.count("\n") == 1
    assert message in said


def test_a_failed_fit_is_refused_unless_forced(tmp_path: Path) -> None:
    bad = tmp_path / "fit.nc"
    with xr.open_datatree(FIT) as opened:
        tree = opened.load()
    tree.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    tree.to_netcdf(bad)
    code, out, err = run("--fit", str(bad), "--set", "years_bought=2")
    assert (code, out) == (3, "")
    assert "divergences 3" in err
    code, out, err = run("--fit", str(bad), "--set", "years_bought=2", "--force")
    assert code == 3
    assert err.startswith("WARNING")
    assert "The fit failed its verdict: divergences 3" in out
