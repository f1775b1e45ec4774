"""The sections of a report made by two processes: this one from the first, another from the last.

The other is started as a command, not by multiprocessing, which would import the caller's script
once more. What it does not do (there is one core; it does not start, or dies; a section raises) is
done here, so that what comes out, errors too, is what one process alone would make.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import IO

from dask.system import CPU_COUNT

from sweet_spot.answers.drawn import png
from sweet_spot.answers.section import Reported, Section
from sweet_spot.answers.sections import PARTS

COMMAND = (sys.executable, "-c", "from sweet_spot.answers.beside import serve; serve()")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Of the other process, in whose way the threads of this one's linear algebra are already."""


@dataclass(frozen=True)
class Made:
    """A section whose figures are drawn: as PNG, by name; the section holds none any more."""

    section: Section
    images: Mapping[str, bytes]


def all_made(about: Reported) -> tuple[Made, ...]:
    """Every section of a report but the summary, in their order, with its figures."""
    todo, found = deque(range(len(PARTS))), dict[int, tuple[Made, ...]]()
    with _other(about, todo, found):
        while todo:
            try:
                which = todo.popleft()
            except IndexError:  # the other was quicker
                break
            found[which] = made(about, which)
    each = (found[k] if k in found else made(about, k) for k in range(len(PARTS)))
    return tuple(one for part in each for one in part)


def made(about: Reported, which: int) -> tuple[Made, ...]:
    """The sections of one part."""
    found = (make(about) for make in PARTS[which])
    return tuple(
        Made(replace(each, drawings=()), {d.name: png(d.make()) for d in each.drawings})
        for each in found
        if each is not None
    )


@contextmanager
def _other(about: Reported, todo: deque[int], found: dict[int, tuple[Made, ...]]) -> Iterator[None]:
    """Meanwhile another process takes parts from the end; none where it has no core of its own."""
    if CPU_COUNT < 2:
        yield
        return
    told = pickle.dumps(replace(about))  # without what was computed from it
    process = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, **ONE_THREAD},
    )  # fmt: skip
    ready = Event()
    asking = Thread(target=_ask, args=(process, told, ready, todo, found))
    asking.start()
    try:
        yield
        if ready.is_set():  # what it has in hand is waited for, not that it starts
            asking.join()
    finally:
        process.kill()
        asking.join()
        process.communicate()


def _ask(
    process: subprocess.Popen[bytes],
    told: bytes,
    ready: Event,
    todo: deque[int],
    found: dict[int, tuple[Made, ...]],
) -> None:
    """Hands out parts, the last first, and takes what comes back, until nothing is left to do."""
    assert process.stdin is not None  # both were asked for
    assert process.stdout is not None
    try:
        process.stdin.write(told)
        process.stdin.flush()
        pickle.load(process.stdout)
        ready.set()
        while True:
            which = todo.pop()
            _write(which, process.stdin)
            found[which] = pickle.load(process.stdout)
    except (OSError, EOFError, pickle.UnpicklingError, IndexError):
        return  # it has ended, or there is nothing left


def serve() -> None:
    """The other process: reads what the report is about, then which part, and writes that."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a line printed would be read as an answer
    about = pickle.load(sys.stdin.buffer)
    _write("ready", answers)
    while True:
        try:
            which = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _write(made(about, which), answers)


def _write(what: object, to: IO[bytes]) -> None:
    pickle.dump(what, to)
    to.flush()
