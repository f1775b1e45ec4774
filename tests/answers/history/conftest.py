"""A sampler that makes its draws up, and a history over them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.estimates import usable
from sweet_spot.answers.history import History, from_rows
from sweet_spot.answers.history_shares import Shares, causes
from sweet_spot.answers.history_steps import LARGE, Plan, fill, plan
from sweet_spot.answers.record import read_record
from sweet_spot.argument.structure import GATES
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.refit import Drawn


def gates(live: int) -> xr.Dataset:
    """Gates whose share depends on how many statements are live; each implies the one before."""
    rng = np.random.default_rng(live)
    level = rng.uniform(size=(2, 100, 3))
    passed = {name: level < 0.9 - 0.1 * k - live / 300 for k, name in enumerate(GATES)}
    factors = ["safety_progress", "risk_evaluation", "capability_restraint"]
    return xr.Dataset(
        {name: (("chain", "draw", "factor"), value) for name, value in passed.items()},
        coords={"factor": factors},
    )


def count(evidence: Evidence) -> int:
    return int((evidence.statements["live"] * evidence.statements["evidence"]).sum())


class Sampler:
    """Stands for the sampler: says what it was asked for, fails or breaks where it is told to."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.streams = 0
        self.fails: set[int] = set()
        self.breaks = -1

    def draws_as_of(self, *given, **_) -> Iterator[Drawn]:
        self.streams += 1
        return map(self.draw, given[2])

    def drawing(self, *_) -> Callable[[Evidence], Drawn]:
        return self.draw

    def draw(self, evidence: Evidence) -> Drawn:
        live = count(evidence)
        if live == self.breaks:
            raise KeyboardInterrupt
        self.asked.append(live)
        names = ("r_hat", "ess_bulk", "ess_tail", "divergences", "bfmi")
        verdict = {f"check_{name}": 3.0 for name in names}
        verdict |= {f"check_{name}_threshold": 0.0 for name in names}
        verdict |= {f"check_{name}_passed": 1 for name in names}
        passed = int(live not in self.fails)
        verdict |= {"passed": passed, "check_divergences_passed": passed}
        return Drawn(gates(live), xr.Dataset(), verdict)

    def attributed(self, *given) -> Shares:
        """Equal shares, since made-up draws cannot be weighed."""
        _, _, known, ends, refit = given
        before, after = (float(usable(end.draws).mean()) for end in ends)
        found = causes(known, *(end.live for end in ends))
        assert (refit is not None) == (abs(after - before) >= LARGE)
        return {cause: ((after - before) / len(found), 0.001) for cause in found}

    def before_any(self, *_) -> xr.Dataset:
        self.asked.append(0)
        return gates(0)


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Sampler:
    made = Sampler()
    monkeypatch.setattr("sweet_spot.inference.history.draws_as_of", made.draws_as_of)
    monkeypatch.setattr("sweet_spot.inference.history.drawing", made.drawing)
    monkeypatch.setattr("sweet_spot.answers.history_steps.attributed", made.attributed)
    monkeypatch.setattr("sweet_spot.inference.history.before_any", made.before_any)
    return made


@pytest.fixture
def folder(golden: Path, tmp_path: Path) -> Path:
    """The frozen data, where a record may be written."""
    shutil.copytree(golden / "data", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def steps(folder: Path) -> Plan:
    return plan(folder)


@pytest.fixture
def found(steps: Plan, sampler: Sampler) -> History:
    fill(steps)
    return from_rows(steps, read_record(steps.record))


@pytest.fixture
def drawn_with() -> Callable[[int], xr.Dataset]:
    """The gates that are drawn with so many live statements."""
    return gates
