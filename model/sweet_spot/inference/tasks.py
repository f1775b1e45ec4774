"""Independent tasks on Dask: a cluster of this machine's cores, or one that is named.

A task is a pure function of its item and of what all have in common (seeds included), so that
results do not depend on how many workers there are, nor on which of them did what; what a worker
had in hand when it was killed is done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sweet_spot.errors import NoWorkers

if TYPE_CHECKING:
    from distributed import Client, SpecCluster

    from sweet_spot.argument.spec import Argument
    from sweet_spot.evidence.gather import Evidence
    from sweet_spot.inference.error_model import ErrorConstants
    from sweet_spot.inference.refit import Compiled

Progress = Callable[[int, int], None]
"""Called with how many tasks are done, and how many there are."""
FEW = 3
"""Fewer tasks than this stay in this process: a worker would have to compile first."""
DEATHS = 3
"""A task that was in hand when so many workers died, and then one more, is given up."""
AGAIN = 2
"""A task that raises is tried so often again before the error is told: compiling reads and writes
caches that other processes write to at the same time."""
PATIENCE = 60
"""Seconds to wait for a scheduler, and for a first worker."""

_COMPILED: dict[str, Compiled] = {}


def run(
    function: Callable[..., Any],
    items: Sequence[Any],
    *common: Any,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Any]:
    """`function(item, *common)` for each item, in the order of the items; see `stream`."""
    return list(
        stream(
            function, items, *common, scheduler=scheduler, workers=workers, progress=progress
        )
    )  # fmt: skip


def stream(
    function: Callable[..., Any],
    items: Sequence[Any],
    *common: Any,
    scheduler: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Any]:
    """`function(item, *common)` for each item, in their order, each as soon as it can be had.

    Parameters
    ----------
    function
        Pure; importable where the workers run.
    common
        Sent to each worker once.
    scheduler
        Address of a Dask scheduler, such as `tcp://10.0.0.1:8786`; its workers need this package.
        By default a cluster of processes on this machine, which ends with the last task.
    workers
        Processes of that cluster; by default one for each core. With 1, and by default for fewer
        than `FEW` items, there is no cluster: this process does the work.

    Raises
    ------
    NoWorkers
        The scheduler cannot be reached or has no workers, or workers kept dying over one task.
    """
    say, count = progress or (lambda *_: None), len(items)
    if scheduler is None and (workers == 1 or (workers is None and count < FEW)):
        for done, item in enumerate(items, 1):
            result = function(item, *common)
            say(done, count)
            yield result
        return
    with _client(scheduler, workers, count) as client:
        yield from _gathered(client, function, items, common, say)


def _gathered(
    client: Client,
    function: Callable[..., Any],
    items: Sequence[Any],
    common: Sequence[Any],
    say: Progress,
) -> Iterator[Any]:
    """Results in the order of the items; those that come early wait."""
    from distributed import KilledWorker, as_completed

    # as tasks of their own, what is common can be had again when the worker that held it dies
    shared = [client.submit(_itself, value, pure=False) for value in common]
    futures = [client.submit(function, item, *shared, pure=False, retries=AGAIN) for item in items]
    place = {future.key: k for k, future in enumerate(futures)}
    waiting = dict(enumerate(futures))
    early: dict[int, Any] = {}
    following = 0
    try:
        for done, future in enumerate(as_completed(futures, loop=client.loop), 1):
            k = place[future.key]
            early[k] = future.result()
            del waiting[k]
            say(done, len(items))
            while following in early:
                yield early.pop(following)
                following += 1
    except KilledWorker as error:
        raise NoWorkers(
            f"{error.task}: {DEATHS + 1} workers died over this task, the last one at"
            f" {error.last_worker.address}; they may lack memory: try fewer workers"
        ) from error
    finally:
        client.cancel([*shared, *waiting.values()])


def _itself(value: Any) -> Any:
    return value


@contextmanager
def _client(scheduler: str | None, workers: int | None, count: int) -> Iterator[Client]:
    """A client of the named scheduler, or of a cluster that lives as long as it is needed."""
    import dask
    from dask.system import CPU_COUNT
    from distributed import Client

    # a connection that closes a moment after its cluster did is told with a traceback, as if it
    # were an error
    logging.getLogger("distributed.batched").setLevel(logging.WARNING)
    quiet = {"distributed.scheduler.allowed-failures": DEATHS}
    with dask.config.set(quiet), ExitStack() as stack:
        try:
            size = max(1, min(workers or CPU_COUNT, count))
            at = scheduler or stack.enter_context(_cluster(size))
            client = stack.enter_context(Client(at, timeout=PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise NoWorkers(
                f"{scheduler or 'this machine'}: no Dask scheduler with workers answers there"
                f" ({error}); start one with `dask scheduler` and `dask worker`, or leave"
                " --scheduler out"
            ) from error
        yield client


def _cluster(size: int) -> SpecCluster:
    """So many single-threaded worker processes on this machine, with a scheduler in this one.

    They are started as commands, not by multiprocessing: that would import the caller's script
    once more in each of them, which breaks scripts that do not ask whether they are `__main__`.
    """
    from distributed import Scheduler
    from distributed.deploy.spec import SpecCluster
    from distributed.deploy.subprocess import SubprocessWorker

    own: Mapping[str, Any] = {
        "nthreads": 1, "silence_logs": logging.CRITICAL, "dashboard": False, "host": "127.0.0.1",
        "memory_limit": 0,  # the scheduler's guess at what is too much would kill a worker
    }  # fmt: skip
    worker = {"cls": SubprocessWorker, "options": {"worker_kwargs": dict(own)}}
    # its pages are off, yet it listens for them: on any free port, for there may be two clusters
    keeper = {"host": "127.0.0.1", "port": 0, "dashboard": False, "dashboard_address": ":0"}
    return SpecCluster(
        workers=dict.fromkeys(range(size), worker),
        scheduler={"cls": Scheduler, "options": keeper},
        worker=worker,
        silence_logs=logging.CRITICAL,
    )


def compiled_for(
    argument: Argument, evidence: Evidence, constants: ErrorConstants | None = None
) -> Compiled:
    """The compiled model of some evidence: compiled once in each process, then kept."""
    from sweet_spot.inference.refit import compile_model
    from sweet_spot.inference.store import digests

    key = digests(argument, evidence, constants)["digest_fit"]
    if key not in _COMPILED:
        _COMPILED.clear()  # one at a time: a worker of a long-lived cluster must not fill up
        _COMPILED[key] = compile_model(argument, evidence, constants)
    return _COMPILED[key]
