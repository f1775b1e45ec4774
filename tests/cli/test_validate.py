"""`sweet-spot validate`: what is written, taken and run, and its exit codes; nothing is sampled."""

import json
from pathlib import Path
from typing import Any

import pytest

from sweet_spot.answers import validation_run
from sweet_spot.answers.calibration import Calibration, judged
from sweet_spot.answers.validation_records import FILES, read_records
from sweet_spot.cli import validate as command
from sweet_spot.cli.app import main


def code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["validate", *arguments])
    return int(stopped.value.code or 0)


@pytest.fixture
def room(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the checkout's records are at hand."""
    monkeypatch.chdir(tmp_path)
    return checkout / "docs" / "validation"


def taken(room: Path, *, without: tuple[str, ...] = ()) -> list[str]:
    """Options that take the checkout's records."""
    kinds = [k for k in FILES if k not in without and (room / FILES[k]).is_file()]
    return [word for kind in kinds for word in (f"--{kind}", str(room / FILES[kind]))]


def test_it_takes_records_and_writes_the_page(room: Path, capsys) -> None:
    assert code(*taken(room)) in (0, 3)
    shown = capsys.readouterr()
    assert shown.out.startswith(("calibration: ", "STALE: "))
    assert "VALIDATION.md" in shown.err
    text = Path("VALIDATION.md").read_text(encoding="utf-8")
    assert text.startswith("# What was tested")
    assert Path("docs/figures/validation/calibration.png").is_file()
    assert code("--json", "--check") in (0, 3)
    content = json.loads(capsys.readouterr().out)
    assert content["differences"] == []
    assert set(content["made"]) == {k for k in FILES if (room / FILES[k]).is_file()}


def test_exit_codes(room: Path, capsys) -> None:
    assert code() == 2
    assert "docs/validation/calibration.nc: no record of the calibration" in capsys.readouterr().err
    Path("wrong.json").write_text("{}", encoding="utf-8")
    assert code("--backtest", "wrong.json") == 1
    assert "a record of the backtest has made" in capsys.readouterr().err
    assert code(*taken(room, without=("control",))) == 2
    assert code("--check", "--control", str(room / FILES["control"])) == 3
    assert "VALIDATION.md: is not there" in capsys.readouterr().err


def test_run_makes_every_record(
    room: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it was asked for: so many runs, a tenth of them for the control, datasets, the bench."""
    held, calls = read_records(room), []

    def calibrate(data: Path, runs: int, *, control: bool, **named: Any) -> Calibration:
        calls.append((str(data), runs, control))
        named["progress"](runs, runs)
        return judged((held.control if control else held.calibration).data)

    def backtest(panels: Path, **named: Any) -> Any:
        calls.append((str(panels),))
        return held.backtest

    benches: list[Path] = []
    monkeypatch.setattr(validation_run, "calibrate", calibrate)
    monkeypatch.setattr(validation_run, "backtest", backtest)
    monkeypatch.setattr(command, "_bench", benches.append)
    run = ("--run", "--check", "--data", "d")  # no page is there: exit code 3, nothing is drawn
    assert code(*run, "--runs", "40", "--panels", "sets") == 3
    assert calls == [("d", 40, False), ("d", 4, True), ("sets",)]
    assert "calibration: 40 of 40 done" in (err := capsys.readouterr().err)
    assert "no tests/benchmarks/bench_scale_fit.py here" in err
    assert benches == []
    again = read_records(Path("docs/validation"))
    assert again.calibration.text == held.calibration.text
    assert again.backtest.rows == held.backtest.rows
    bench = Path("tests/benchmarks/bench_scale_fit.py")
    bench.parent.mkdir(parents=True)
    bench.touch()
    assert code(*run, "--runs", "4") == 3
    assert "no --panels, so that the backtest is not run again" in capsys.readouterr().err
    assert benches == [Path("docs/validation/scale.json")]


def test_a_bench_that_fails_is_told(
    room: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Path("bench.py")
    bench.write_text("import sys; sys.exit(int('--json' in sys.argv))", encoding="utf-8")
    monkeypatch.setattr(command, "BENCH", bench)
    with pytest.raises(command.typer.Exit):
        command._bench(Path("scale.json"))
    assert "bench.py failed" in capsys.readouterr().err
