"""Tasks on Dask: the same results wherever they run, and nothing lost with a killed worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from sweet_spot.errors import NoWorkers
from sweet_spot.inference import tasks
from sweet_spot.inference.tasks import run, stream


def seeded() -> Callable[..., tuple[float, int]]:
    """A task that takes a moment; made within a function, it is sent whole to the workers."""

    def task(seed: int, scale: float) -> tuple[float, int]:
        time.sleep(0.05)
        return scale * float(np.random.default_rng(seed).standard_normal()), os.getpid()

    return task


def flaky(mark: Path) -> Callable[[int], int]:
    """A task that fails once, the first time that anybody tries."""

    def task(item: int) -> int:
        if not mark.exists():
            mark.touch()
            raise AssertionError("the first time it fails")
        return item

    return task


def serially(count: int) -> list[float]:
    return [value for value, _ in run(seeded(), range(count), 10.0, workers=1)]


def of_this_process() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_a_killed_worker_loses_nothing() -> None:
    """Results of two workers, one of which dies on the way, are those of one process, in order."""
    before = of_this_process()
    expected, found, who, killed = serially(30), [], [], None
    for value, pid in stream(seeded(), range(30), 10.0, workers=2):
        found.append(value)
        who.append(pid)
        if len(found) == 3:
            killed = pid
            os.kill(pid, signal.SIGKILL)
    assert found == expected
    assert os.getpid() not in who
    assert killed not in who[-5:]  # it was dead, and others did its part
    assert len(set(who)) >= 2
    assert of_this_process() <= before  # the cluster has gone


def test_a_named_scheduler_gives_the_same(tmp_path: Path) -> None:
    """One worker, of a cluster that is already there; progress counts every task.

    What raises is tried again, and what goes on raising is told.
    """
    told: list[tuple[int, int]] = []
    with tasks._cluster(1) as cluster, tasks._cluster(0):  # two at once take no port twice
        address = cluster.scheduler_address
        progress = lambda done, of: told.append((done, of))  # noqa: E731
        found = run(seeded(), range(6), 10.0, scheduler=address, progress=progress)
        assert run(flaky(tmp_path / "tried"), [1, 2], scheduler=address) == [1, 2]
        with pytest.raises(ZeroDivisionError):
            run(lambda item: 1 // item, [1, 0, 2], scheduler=address)
    assert [value for value, _ in found] == serially(6)
    assert len({pid for _, pid in found}) == 1
    assert told == [(done, 6) for done in range(1, 7)]


def test_few_tasks_stay_in_this_process() -> None:
    told: list[tuple[int, int]] = []
    found = run(seeded(), [1, 2], 1.0, progress=lambda done, of: told.append((done, of)))
    assert {pid for _, pid in found} == {os.getpid()}
    assert told == [(1, 2), (2, 2)]
    assert run(seeded(), [], 1.0) == []


def test_no_scheduler_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PATIENCE", 1)
    with pytest.raises(NoWorkers, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler.*--scheduler"):
        run(seeded(), [1, 2, 3], 1.0, scheduler="tcp://127.0.0.1:9")


SCRIPT = """
from operator import add
from sweet_spot.inference.tasks import run
print(run(add, [1, 2, 3], 10, workers=2))
"""


def test_a_script_needs_no_main_guard(tmp_path) -> None:
    """Workers started by multiprocessing would run the script again, and fail."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, timeout=120
    )
    assert (done.stdout.strip(), done.stderr.strip()) == ("[11, 12, 13]", "")


def test_a_model_is_compiled_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(tasks, "_COMPILED", {})
    monkeypatch.setattr(
        "sweet_spot.inference.refit.compile_model", lambda *given: made.append(given[1]) or given
    )
    monkeypatch.setattr(
        "sweet_spot.inference.store.digests", lambda *given: {"digest_fit": str(given)}
    )
    first = tasks.compiled_for("argument", "these")
    assert tasks.compiled_for("argument", "these") is first
    tasks.compiled_for("argument", "others")
    assert made == ["these", "others"]
    assert len(tasks._COMPILED) == 1  # the last one alone is kept
