"""`sweet-spot calibrate`: what it prints and writes, and its exit codes; nothing is sampled."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from sweet_spot.answers import calibration
from sweet_spot.cli.app import main


@dataclass(frozen=True)
class Found:
    """An answer that only says how it was asked for."""

    failed: bool
    data: xr.Dataset
    text: str = "what was found"

    def to_json(self) -> dict[str, Any]:
        return {"failed": self.failed, "text": self.text}


def asked(monkeypatch: pytest.MonkeyPatch, *, failed: bool) -> list[tuple[tuple, dict]]:
    """Calls of the answer, which is not computed."""
    calls: list[tuple[tuple, dict]] = []

    def answer(*given: object, **named: Any) -> Found:
        named.pop("progress")(10, 20)
        calls.append((given, named))
        return Found(failed, xr.Dataset())

    monkeypatch.setattr(calibration, "calibrate", answer)
    return calls


def code(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["calibrate", *arguments])
    return int(stopped.value.code or 0)


def test_it_prints_the_verdict(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    calls = asked(monkeypatch, failed=False)
    assert code("--runs", "20", "--seed", "3") == 0
    shown = capsys.readouterr()
    assert shown.out == "what was found\n"
    assert "calibrate: 10 of 20 done" in shown.err
    ((given, named),) = calls
    assert given == (Path("data"), 20)
    assert named == {"seed": 3, "control": False, "scheduler": None}


def test_what_is_not_calibrated_is_exit_code_3(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    calls = asked(monkeypatch, failed=True)
    assert code("--control", "--scheduler", "tcp://10.0.0.1:8786", "--json") == 3
    assert json.loads(capsys.readouterr().out) == {"failed": True, "text": "what was found"}
    assert calls[0][1]["control"] is True
    assert calls[0][1]["scheduler"] == "tcp://10.0.0.1:8786"


def test_it_writes_where_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked(monkeypatch, failed=False)
    written: list[Path] = []

    def write(found: Found, folder: Path) -> list[Path]:
        folder.mkdir()
        written.append(folder)
        return [folder / "calibration.png"]

    monkeypatch.setattr("sweet_spot.answers.figures_calibration.write_calibration", write)
    assert code("--out", str(tmp_path / "new")) == 0
    assert written == [tmp_path / "new"]
    content = json.loads((tmp_path / "new" / "calibration.json").read_text(encoding="utf-8"))
    assert content["text"] == "what was found"


def test_missing_data_and_data_without_evidence_are_errors(
    checkout: Path, tmp_path: Path, capsys
) -> None:
    assert code("--data", str(tmp_path / "nowhere")) == 2
    assert "nowhere" in capsys.readouterr().err
    (tmp_path / "elicitations").mkdir()
    shutil.copy(checkout / "data" / "questions.yaml", tmp_path)
    assert code("--data", str(tmp_path)) == 2
    assert "no live evidence statement" in capsys.readouterr().err
