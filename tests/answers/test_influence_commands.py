"""`influence`, `camps`, `sensitivity`, `inverse`: what they print, and clear errors."""

import json
from pathlib import Path

import pytest
import xarray as xr

from sweet_spot.cli.app import main
from sweet_spot.inference.store import save

COMMANDS = ("influence", "camps", "sensitivity", "inverse")


@pytest.fixture(scope="module")
def fit_with_effects(spoken: xr.DataTree, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fit") / "fit.nc"
    save(spoken, path)
    return path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return int(stop.value.code or 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_and_the_python_twin(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command, "--help") == 0
    shown = capsys.readouterr().out
    assert "Examples:" in shown
    assert "In Python:" in shown


@pytest.mark.parametrize(
    "arguments",
    [("influence",), ("camps", "--a", "x", "--b", "y"), ("sensitivity",), ("inverse", "gap")],
)
def test_a_missing_fit_is_one_clear_line(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments, "--fit", str(tmp_path / "none.nc")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "none.nc" in line
    assert "sweet-spot report" in line


def test_commands_on_a_fit(
    fit_with_effects: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit, folder = str(fit_with_effects), tmp_path / "figures"
    common = ("--fit", fit, "--no-refit", "--json", "--out", str(folder))
    names = tmp_path / "camp.txt"
    names.write_text("Cat\nDan\n", encoding="utf-8")
    for arguments in (
        ("influence", "--by", "cluster", *common),
        ("camps", "--a", "club", "--b", f"@{names}", *common),
        ("inverse", "gap", "--target", "0.4", *common),
        ("sensitivity", *common),
    ):
        assert run(*arguments) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed["schema"] == 1
        assert printed["text"].startswith("P(usable sweet spot for at least one factor)")
        assert (folder / f"{arguments[0]}.png").read_bytes().startswith(b"\x89PNG")


def test_a_misspelt_camp_is_named(
    fit_with_effects: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit = str(fit_with_effects)
    assert run("camps", "--a", "Zoe", "--b", "Cat", "--fit", fit, "--no-refit") == 2
    assert "'Zoe'" in capsys.readouterr().err
