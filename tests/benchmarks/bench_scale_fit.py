"""How the cost of a fit grows with the panel: 1,000 to 1,000,000 statements, and ESPAI.

    python3 -m uv run python tests/benchmarks/bench_scale_fit.py [--espai DIR] [--json FILE]
        [--sizes 1000 10000 100000 1000000]

Each panel is read from Parquet, compiled, drawn and completed in a process of its own; seconds are
wall and processor time, memory is the largest at any moment. `per gradient` is the processor time
of drawing over the number of gradients, of which the warm-up is taken to need as many a draw.
With `--espai ../shared/benchmarks/espai2023` its respondents are fitted together with the bundled
evidence (espai_panel.py). Nothing is asserted.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sweet_spot.inference import provenance

CHECKOUT = Path(__file__).resolve().parents[2]
SIZES = (1_000, 10_000, 100_000, 1_000_000)
CHECKS = ("r_hat", "ess_bulk", "ess_tail", "divergences", "bfmi")
STAGES = ("read", "compile", "draw", "complete")


def measured(work: Callable[[], Any], name: str, found: dict[str, Any]) -> Any:
    wall, cpu = time.perf_counter(), time.process_time()
    out = work()
    found[name] = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return out


def fitted(room: Path) -> dict[str, Any]:
    """Reads and fits a data folder in this process."""
    from sweet_spot.argument.spec import load_argument
    from sweet_spot.evidence.crowds import voices
    from sweet_spot.evidence.gather import gather
    from sweet_spot.inference.fit import assemble_tree
    from sweet_spot.inference.learned import learned_constants
    from sweet_spot.inference.refit import Settings, compile_model, draw

    found: dict[str, Any] = {}
    argument, settings = load_argument(), Settings()
    evidence = measured(lambda: gather(room), "read", found)
    compiled = measured(lambda: compile_model(argument, evidence), "compile", found)
    drawn = measured(lambda: draw(compiled, settings), "draw", found)
    measured(
        lambda: assemble_tree(argument, evidence, drawn, settings, learned_constants()),
        "complete", found,
    )  # fmt: skip
    table = evidence.statements
    serving = (table["live"] * table["evidence"]).to_numpy() == 1
    taken = drawn.sample_stats.sizes["draw"]
    runs = (settings.draws, taken) if taken > settings.draws else (taken,)  # a repeated run
    per_draw = float(drawn.sample_stats["n_steps"].mean())
    gradients = per_draw * settings.chains * sum(settings.tune + draws for draws in runs)
    found["statements"], found["people"] = voices(table, serving)
    found["rows"] = int(serving.sum())
    found["per_gradient_ms"] = 1e3 * found["draw"]["cpu"] / gradients
    found["gradients_per_draw"], found["draws"] = per_draw, taken
    found["passed"] = int(drawn.verdict["passed"])
    found["checks"] = {n: float(drawn.verdict[f"check_{n}"]) for n in CHECKS}
    found["usable"] = float(drawn.posterior["usable"].max("factor").mean())
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    found["wall"] = sum(found[stage]["wall"] for stage in STAGES)
    found["cpu"] = sum(found[stage]["cpu"] for stage in STAGES)
    return found


def panel(name: str, espai: Path | None, room: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    if espai is not None and name == "espai":
        import espai_panel

        for what, rows in espai_panel.folder(CHECKOUT / "data", espai, room).items():
            print(f"  {rows:,} rows: {what}")
        return
    import simulated_panel

    simulated_panel.folder(CHECKOUT / "data", int(name), room)


def run(name: str, espai: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="sweet-spot-bench-") as place:
        room = Path(place) / "data"
        panel(name, espai, room)
        words = [sys.executable, __file__, "--step", str(room)]
        done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def show(name: str, found: dict[str, Any]) -> None:
    parts = ", ".join(f"{s} {found[s]['wall']:.0f} ({found[s]['cpu']:.0f})" for s in STAGES)
    print(f"{name}: {found['statements']:,} statements by {found['people']:,} in {found['rows']:,} "
          f"rows; {found['wall']:.0f} s wall, {found['cpu']:.0f} s cpu [{parts}]; "
          f"{found['per_gradient_ms']:.2f} ms per gradient, {found['gradients_per_draw']:.0f} per "
          f"draw; {found['megabytes']:.0f} MB; "
          f"{'passed' if found['passed'] else 'FAILED its verdict'}; load {found['load']:.1f}",
          flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--espai", type=Path, help="folder of the survey's rows")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    parser.add_argument("--step", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(fitted(given.step)))
        return
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}; seconds: wall (cpu)", flush=True)  # fmt: skip
    made = provenance.made("inference/fit.py")
    found = {}
    for name in [*map(str, given.sizes), *(["espai"] if given.espai else [])]:
        found[name] = run(name, given.espai) | {"load": os.getloadavg()[0]}
        show(name, found[name])
        if given.json:  # each at once: the largest takes minutes
            kept = {"made": made, "panels": found}
            given.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
