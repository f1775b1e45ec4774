"""Makes records of runs anew: calibration, its negative control, and the backtest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sweet_spot.answers.backtest import backtest
from sweet_spot.answers.calibration import calibrate
from sweet_spot.answers.validation_records import FILES, keep

if TYPE_CHECKING:
    from sweet_spot.inference.tasks import Progress


def record_calibration(
    kind: str, folder: Path, data: Path, runs: int, scheduler: str | None, progress: Progress
) -> Path:
    """Calibrates, or with the kind `control` runs the negative control, and keeps the ranks."""
    found = calibrate(data, runs, control=kind == "control", scheduler=scheduler, progress=progress)
    path = folder / FILES[kind]
    keep(found, path)
    return path


def record_backtest(folder: Path, panels: Path, scheduler: str | None, progress: Progress) -> Path:
    """Scores every method on the datasets of a folder, and keeps the scores."""
    found = backtest(panels, scheduler=scheduler, progress=progress)
    path = folder / FILES["backtest"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found.to_json(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path
