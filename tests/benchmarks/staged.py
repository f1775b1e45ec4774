"""Runs the command line in this process, with a clock on each stage, and prints them as JSON.

    python tests/benchmarks/staged.py report --data data --out DIR --cache DIR

Stages are exclusive of each other and sum to the time that this file ran; who started it can tell
from the two clock times how long the interpreter took to start and to end.
`floor` instead of a command does the least that a new fit can: imports, one compilation, drawing.
With SWEET_SPOT_CLOCK=cpu the stages are processor time, which other work changes less.
"""

import builtins
import contextlib
import functools
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

CLOCK = time.time()


def processor() -> float:
    """Seconds of processor time, of this process and of those that it has started and ended."""
    of = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in of)


now = processor if os.environ.get("SWEET_SPOT_CLOCK") == "cpu" else time.perf_counter
STARTED = now()
spent: dict[str, float] = {}
stack: list[str] = ["other"]
_last = [STARTED]
_patched: set[str] = set()
_import = builtins.__import__

STAGES = (
    ("sweet_spot.inference.model", "build_model", "build"),
    ("sweet_spot.inference.compiled", "_graphs", "gradient"),
    ("sweet_spot.inference.machine_code", "graph_function", "rewrite"),
    ("sweet_spot.inference.machine_code", "compiled", "compile"),
    ("sweet_spot.inference.machine_code", "address", "load"),
    ("nutpie", "compile_pymc_model", "compile"),
    ("nutpie", "sample", "draw"),
    ("sweet_spot.inference.refit", "complete", "derive"),
    ("sweet_spot.inference.fit", "fit", "rest of fit"),
    ("sweet_spot.inference.store", "save", "save fit"),
    ("sweet_spot.answers.render", "render", "report"),
)
"""Module, function, and the stage that its time counts as."""


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Counts time as `name`, not as what it is inside of."""
    _switch()
    stack.append(name)
    try:
        yield
    finally:
        _switch()
        stack.pop()


def _switch() -> None:
    moment = now()
    spent[stack[-1]] = spent.get(stack[-1], 0.0) + moment - _last[0]
    _last[0] = moment


def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with stage(name):
            return function(*args, **kwargs)

    return wrapper


def watched_import(*args: Any, **kwargs: Any) -> Any:
    """Imports count as such unless a compilation or the sampler makes them on its way."""
    if stack[-1] in ("import", "compile", "rewrite", "gradient", "draw"):
        return _import(*args, **kwargs)
    with stage("import"):
        module = _import(*args, **kwargs)
    _patch()
    return module


def _patch() -> None:
    for module, function, name in STAGES:
        whole = sys.modules.get(module)
        if f"{module}.{function}" not in _patched and hasattr(whole, function):
            setattr(whole, function, timed(name, getattr(whole, function)))
            _patched.add(f"{module}.{function}")


def floor(data: str, seed: int) -> None:
    """Imports, one compilation, drawing: what no new fit can do without."""
    import arviz  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import nutpie

    from sweet_spot.argument.spec import load_argument
    from sweet_spot.evidence.gather import gather
    from sweet_spot.inference.model import build_model
    from sweet_spot.inference.refit import Settings

    s = Settings(seed=seed)
    compiled = nutpie.compile_pymc_model(build_model(load_argument(), gather(data), derived=False))
    nutpie.sample(
        compiled, draws=s.draws, tune=s.tune, chains=s.chains, seed=s.seed, progress_bar=False,
        target_accept=s.target_accept, save_warmup=False,
    )  # fmt: skip


def main() -> None:
    builtins.__import__ = watched_import
    code: Any = 0
    try:
        if sys.argv[1] == "floor":
            floor(sys.argv[2], int(sys.argv[3]))
        else:
            with stage("import"):
                from sweet_spot.cli.app import main as command
            command(sys.argv[1:])
    except SystemExit as stop:
        code = stop.code or 0
    _switch()
    sys.stdout.write(
        "\n" + json.dumps({"code": code, "clock": [CLOCK, time.time()], "stages": spent}) + "\n"
    )
    sys.exit(code)


if __name__ == "__main__":
    main()
