"""Two processes make a report as one does, whatever becomes of the other one."""

import io
import sys
import time
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from matplotlib import image

from sweet_spot.answers import beside

NOTHING: Any = None
"""What a report is about, for processes that do not look at it."""
PARTS = ("first", "second", "third")
FAKE = """
import pickle, sys
from pathlib import Path
told, answers = pickle.load(sys.stdin.buffer), sys.stdout.buffer

def say(what):
    pickle.dump(what, answers)
    answers.flush()

say("ready")
for _ in range({count}):
    which = pickle.load(sys.stdin.buffer)
    say((f"other {{which}}",))
Path({flag!r}).touch()
"""
"""Another process that says so, answers so often, touches a file and ends."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Sets an other process up that answers so often; this one's first part waits for its end."""

    def with_answers(count: int) -> None:
        flag = tmp_path / "ended"

        def here(about: Any, which: int) -> tuple[str, ...]:
            while not flag.exists():
                time.sleep(0.01)
            return (f"here {which}",)

        code = FAKE.format(count=count, flag=str(flag))
        monkeypatch.setattr(beside, "COMMAND", (sys.executable, "-c", code))
        monkeypatch.setattr(beside, "CPU_COUNT", 2)
        monkeypatch.setattr(beside, "PARTS", PARTS)
        monkeypatch.setattr(beside, "made", here)
        monkeypatch.setattr(beside, "replace", lambda about: about)

    return with_answers


def alike(one: beside.Made, two: beside.Made) -> bool:
    """Same text and points; figures alike but for how a line is smoothed, by one level of 255."""
    assert one.section == two.section
    assert one.images.keys() == two.images.keys()
    pairs = [
        [image.imread(io.BytesIO(made.images[name])) for made in (one, two)] for name in one.images
    ]
    return all(np.abs(a - b).max() < 1.5 / 255 for a, b in pairs)


def test_two_processes_make_what_one_makes(answers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process begins its second part when the other has made one, so that both have a part."""
    monkeypatch.setattr(beside, "CPU_COUNT", 1)
    alone = beside.all_made(answers.about)
    began, here, last, made, ask = Event(), [], len(beside.PARTS) - 1, beside.made, beside._ask

    class Found(dict[int, tuple[beside.Made, ...]]):
        def __setitem__(self, which: int, of: tuple[beside.Made, ...]) -> None:
            began.set()
            super().__setitem__(which, of)

    def watched(*of: Any) -> None:
        *before, found = of
        noted = Found()
        ask(*before, noted)
        found.update(noted)

    def patient(about: Any, which: int) -> tuple[beside.Made, ...]:
        here.append(which)
        assert began.wait(300)
        return made(about, which)

    for name, value in (("CPU_COUNT", 2), ("_ask", watched), ("made", patient)):
        monkeypatch.setattr(beside, name, value)
    both = beside.all_made(answers.about)
    assert here
    assert last not in here
    assert len(both) == len(alone) == len(answers.sections) - 1
    assert all(map(alike, alone, both))


def test_parts_of_both_stand_in_their_order(fake: Any) -> None:
    fake(2)
    assert beside.all_made(NOTHING) == ("here 0", "other 1", "other 2")


def test_what_a_dead_process_had_in_hand_is_done_here(fake: Any) -> None:
    fake(1)
    assert beside.all_made(NOTHING) == ("here 0", "here 1", "other 2")


def test_a_process_that_does_not_start_is_done_without(
    fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(0)
    monkeypatch.setattr(beside, "COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
    monkeypatch.setattr(beside, "made", lambda _, which: (f"here {which}",))
    assert beside.all_made(NOTHING) == ("here 0", "here 1", "here 2")


def test_an_error_of_a_section_is_raised(fake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(1)

    def broken(about: Any, which: int) -> Any:
        raise ValueError(f"part {which}")

    monkeypatch.setattr(beside, "made", broken)
    with pytest.raises(ValueError, match="part 0"):
        beside.all_made(NOTHING)
