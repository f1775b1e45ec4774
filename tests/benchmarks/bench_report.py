"""How long a report takes, cold, warm and unchanged, beside the least it could take.

    python3 -m uv run python tests/benchmarks/bench_report.py [--runs 5] [--json FILE]

Everything is measured in this one run, on this machine, in turn: cold (no compile cache, no fits),
warm (a new seed; one statement changed: a new fit with a warm compile cache), unchanged (the fit
and its pages are found), the bare import of the plotting stack, and the floor of a new fit, which
is imports, one compilation, drawing. Nothing is asserted; each run is a new process.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
COMMAND = Path(sys.executable).with_name("sweet-spot")
BARE = (sys.executable, "-c", "import arviz, matplotlib.pyplot")
VALUE = re.compile(r"^( +value: )(0\.[1-9]\d*)$", re.MULTILINE)
Timing = dict[str, Any]
"""Seconds: `wall`, `cpu` of all cores and, where they are known, `stages` of `wall`."""


def run(command: Sequence[str | Path], compiled: Path) -> Timing:
    """One process from start to end; with the stages it printed, if any."""
    environment = {**os.environ, "PYTENSOR_FLAGS": f"base_compiledir={compiled}"}
    words = [str(part) for part in command]
    began, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(words, env=environment, cwd=CHECKOUT, capture_output=True, text=True)
    ended, after = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode:
        sys.exit(f"{command} failed with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    last = (done.stdout.strip().splitlines() or [""])[-1]
    stages = {}
    if last.startswith('{"code"'):
        told = json.loads(last)
        first, final = told["clock"]
        stages = {**told["stages"], "start": first - began, "exit": ended - final}
    return {"wall": ended - began, "cpu": cpu, "stages": stages}


def changed(data: Path, to: Path, number: int) -> Path:
    """A copy of the data with one stated probability moved by a hundredth, another each time."""
    shutil.copytree(data, to)
    for path in sorted((to / "elicitations").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if "role: evidence" in text and (found := VALUE.search(text)):
            new = f"{found[1]}{float(found[2]) + 0.001 * (number + 1):.6g}"
            path.write_text(text[: found.start()] + new + text[found.end() :], encoding="utf-8")
            return to
    sys.exit("no statement with a bare probability to change")


def once(data: Path, number: int, room: Path) -> dict[str, Timing]:
    """Every kind of run, one after the other, with caches of their own."""
    compiled, cache, out = room / "compiled", room / "cache", room / "out"
    ours = (sys.executable, HERE / "staged.py")
    where = ("--out", out, "--cache", cache)
    same = ("report", "--data", data, *where)
    other = changed(data, room / "data", number)
    timings = {
        "cold": run((*ours, *same), compiled),
        "unchanged": found(run((COMMAND, *same), compiled), cache, 1),
        "warm, new seed": run((*ours, *same, "--seed", str(1000 + number)), compiled),
        "warm, one statement": run((*ours, "report", "--data", other, *where), compiled),
        "bare import": run(BARE, compiled),
        "floor of a new fit": run((*ours, "floor", data, str(2000 + number)), compiled),
    }
    again = run((COMMAND, "report", "--data", other, *where), compiled)
    timings["unchanged again"] = found(again, cache, 3)
    return timings


def found(timing: Timing, cache: Path, fits: int) -> Timing:
    """A timing of an unchanged report, if it was one."""
    if len(list(cache.glob("*.nc"))) != fits:
        sys.exit("the code changed while it was timed, so that nothing was unchanged: start again")
    return timing


def gates(fit: Path) -> dict[str, float]:
    """Bulk effective sample size of every gate probability, per factor, any and all."""
    import arviz as az
    import xarray as xr

    names = ("exists", "lasts", "invested", "elicitable", "usable")
    found: dict[str, float] = {}
    with xr.open_datatree(fit, engine="netcdf4") as tree:
        for name in names:
            passed = tree["posterior"][name].load().astype(float)
            columns = {str(f): passed.sel(factor=f) for f in passed["factor"].values}
            columns |= {"any": passed.max("factor"), "all": passed.min("factor")}
            for label, column in columns.items():
                if float(column.std()) > 0:
                    found[f"{name}, {label}"] = float(az.ess(column, method="bulk"))
    return found


def middle(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summary(runs: Sequence[Mapping[str, Timing]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in runs[0]:
        stages = runs[0][name]["stages"]
        out[name] = {
            "wall": middle([one[name]["wall"] for one in runs]),
            "cpu": middle([one[name]["cpu"] for one in runs]),
            "stages": {
                s: middle([one[name]["stages"].get(s, 0.0) for one in runs]) for s in stages
            },
        }
    return out


def targets(table: Mapping[str, Any], ess: Mapping[str, float]) -> list[dict[str, Any]]:
    """What was asked for against what was found, from medians."""
    wall = {name: row["wall"]["median"] for name, row in table.items()}
    floor = wall["floor of a new fit"]
    drawing = table["warm, new seed"]["stages"].get("draw", {"median": float("nan")})["median"]
    rows = [
        ("unchanged / bare import", wall["unchanged"] / wall["bare import"], "<=", 2.0),
        ("new seed / floor", wall["warm, new seed"] / floor, "<=", 1.5),
        ("one statement / floor", wall["warm, one statement"] / floor, "<=", 1.5),
        ("least bulk ESS of a gate", min(ess.values()), ">", 1000.0),
        ("drawing, seconds", drawing, "<", 15.0),
    ]
    compare = {"<=": float.__le__, "<": float.__lt__, ">": float.__gt__}
    return [
        {"what": what, "found": x, "wanted": f"{sign} {limit:g}", "met": compare[sign](x, limit)}
        for what, x, sign, limit in rows
    ]


def show(result: Mapping[str, Any]) -> None:
    print(f"\n{result['machine']}, load before {result['load_before'][0]:.1f}")
    print(f"{result['runs']} run(s); seconds: median (min to max), cpu of all cores\n")
    for name, row in result["timings"].items():
        w, cpu = row["wall"], row["cpu"]["median"]
        print(f"{name:<20}{w['median']:8.2f}  ({w['min']:.2f} to {w['max']:.2f}), cpu {cpu:.2f}")
        parts = sorted(row["stages"].items(), key=lambda item: -item[1]["median"])
        if parts:
            print(
                "  " + ", ".join(f"{s} {v['median']:.2f}" for s, v in parts if v["median"] >= 0.05)
            )
    print()
    for row in result["targets"]:
        verdict = "met" if row["met"] else "MISSED"
        print(f"{row['what']:<28}{row['found']:10.2f}   wanted {row['wanted']:<8} {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", type=Path, default=CHECKOUT / "data")
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    asked = parser.parse_args()
    runs, ess, load = [], {}, os.getloadavg()
    kept = tempfile.TemporaryDirectory(prefix="sweet-spot-bench-data-")
    data = shutil.copytree(asked.data, Path(kept.name) / "data")  # others may edit the original
    for number in range(asked.runs):
        with tempfile.TemporaryDirectory(prefix="sweet-spot-bench-") as name:
            room = Path(name)
            runs.append(once(data, number, room))
            ess = gates(room / "out" / "fit.nc")
        print(f"run {number + 1} of {asked.runs} done", file=sys.stderr, flush=True)
    kept.cleanup()
    table = summary(runs)
    machine = f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    result = {
        "machine": machine, "load_before": load, "runs": asked.runs, "timings": table,
        "ess_bulk": ess, "targets": targets(table, ess), "every_run": runs,
    }  # fmt: skip
    show(result)
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
