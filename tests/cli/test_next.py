"""`sweet-spot next` on the frozen fit: words, files and exit codes."""

import json
from pathlib import Path

import pytest
import typer
import xarray as xr
from typer.testing import CliRunner

from sweet_spot.cli.next_ import next_
from sweet_spot.errors import UnknownExpert, UnusableFit

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
app = typer.Typer()
app.command()(next_)


def run(*options: str, fit: Path = GOLDEN / "fit.nc") -> tuple[int, str, str, BaseException | None]:
    where = ["--data", str(GOLDEN / "data"), "--fit", str(fit)]
    found = CliRunner().invoke(app, [*where, *options])
    return found.exit_code, found.stdout, found.stderr, found.exception


def test_says_which_and_draws_it(tmp_path: Path) -> None:
    code, out, _, _ = run("--budget", "2", "--out", str(tmp_path))
    assert code == 0
    assert "put to a typical expert" in out
    assert "The 2 picked one after the other" in out
    assert "information, bits" in out
    assert (tmp_path / "next.png").read_bytes().startswith(b"\x89PNG")


def test_json_alone_on_stdout() -> None:
    code, out, err, _ = run("--json", "--budget", "1")
    content = json.loads(out)
    assert (code, err, content["schema"]) == (0, "", 1)
    assert len(content["plan"]) == 1


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    assert isinstance(run("--expert", "Nobody")[3], UnknownExpert)
    assert isinstance(run(fit=tmp_path / "none.nc")[3], UnusableFit)
    assert run("--budget", "0")[0] == 2


def test_wrong_data_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "elicitations").mkdir()
    (tmp_path / "questions.yaml").write_text("schema: 1\nquestions: 3\n", encoding="utf-8")
    code, _, err, _ = run("--data", str(tmp_path))
    assert code == 1
    assert "sweet-spot: " in err


@pytest.mark.parametrize(("options", "said"), [([], ""), (["--force"], "put to a typical")])
def test_a_failed_fit_needs_force(tmp_path: Path, options: list[str], said: str) -> None:
    with xr.open_datatree(GOLDEN / "fit.nc") as opened:
        tree = opened.load()
    tree.attrs.update(passed=0, check_divergences=3, check_divergences_passed=0)
    tree.to_netcdf(tmp_path / "failed.nc")
    code, out, err, _ = run("--budget", "1", *options, fit=tmp_path / "failed.nc")
    assert code == 3
    assert "failed its verdict: divergences" in err
    assert said in out


def test_fri_needs_no_fit(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("person,Camp,ID,PU,Pc,PUc\nA,x,c,0.1,0.3,0.2\n")
    code, out, _, _ = run("--fri", str(tmp_path / "f.csv"), fit=tmp_path / "none.nc")
    assert code == 0
    assert "x: c would tell most" in out
    content = json.loads(run("--fri", str(tmp_path / "f.csv"), "--json")[1])
    assert content["rows"][0]["people"] == 1
