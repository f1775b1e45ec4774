"""What each part of a report costs beside the least it can cost, which is imports and drawing.

    python3 -m uv run python tests/benchmarks/bench_compile.py [--runs 5] [--cpu] [--json FILE]

Cold: no cache of ours, of PyTensor or of numba; bytecode is compiled. Warm: after that, one new
statement by somebody new on a question that was asked before. All in one run, each a process of its
own; with --cpu in processor seconds of all cores, for a machine that does other work too.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import yaml

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
FLOOR = ("import", "draw")
TARGETS = {"cold": 4.0, "warm, one statement": 2.0}
Stages = dict[str, float]


def report(data: Path, room: Path, *, cpu: bool) -> Stages:
    """Seconds of each stage of one report, in a process whose caches are all in the room."""
    own = {"XDG_CACHE_HOME": str(room / "cache"), "NUMBA_CACHE_DIR": str(room / "numba")}
    own |= {"PYTENSOR_FLAGS": f"base_compiledir={room / 'pytensor'}"}
    own |= {"SWEET_SPOT_CLOCK": "cpu"} if cpu else {}
    words = [sys.executable, HERE / "staged.py", "report", "--data", data, "--out", room / "out"]
    done = subprocess.run(
        [str(word) for word in words], env={**os.environ, **own}, cwd=CHECKOUT,
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"report failed:\n{done.stdout}\n{done.stderr}")
    stages: Stages = json.loads(done.stdout.strip().splitlines()[-1])["stages"]
    return stages


def with_one_more(data: Path, to: Path) -> Path:
    """A copy of the data with a statement like one that is there, by somebody new."""
    shutil.copytree(data, to)
    for path in sorted((to / "elicitations").glob("*.yaml")):
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
        for said in whole["statements"]:
            if said["kind"] == "probability" and said["role"] == "evidence":
                new = {**said, "id": "one-more", "expert": "Somebody new"}
                new.pop("cluster", None)
                whole["statements"].append(new)
                path.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
                return to
    sys.exit("no statement to copy")


def once(data: Path, room: Path, *, cpu: bool) -> dict[str, Stages]:
    more = with_one_more(data, room / "more")
    return {
        "cold": report(data, room, cpu=cpu),
        "warm, one statement": report(more, room, cpu=cpu),
    }


def show(runs: Sequence[Mapping[str, Stages]]) -> None:
    """Medians; ratios to the floor within each run."""
    for name in runs[0]:
        each = [run[name] for run in runs]
        ratios = [sum(one.values()) / sum(one.get(part, 0.0) for part in FLOOR) for one in each]
        total = median(sum(one.values()) for one in each)
        print(f"{name:<22}{total:8.1f} s, {median(ratios):5.2f} times the floor", end="")
        print(f" ({min(ratios):.2f} to {max(ratios):.2f}; wanted at most {TARGETS[name]:g})")
        parts = {part: median(one.get(part, 0.0) for one in each) for part in each[0]}
        ordered = sorted(parts.items(), key=lambda part: -part[1])
        print("  " + ", ".join(f"{part} {value:.1f}" for part, value in ordered if value >= 0.05))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data")
    parser.add_argument("--cpu", action="store_true", help="processor time of all cores")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    asked = parser.parse_args()
    runs = []
    for number in range(asked.runs):
        with tempfile.TemporaryDirectory(prefix="sweet-spot-bench-") as name:
            runs.append(once(asked.data, Path(name), cpu=asked.cpu))
        print(f"run {number + 1} of {asked.runs} done", file=sys.stderr, flush=True)
    print(f"{asked.runs} run(s), load {os.getloadavg()[0]:.1f}", "processor time" * asked.cpu)
    show(runs)
    if asked.json:
        asked.json.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
