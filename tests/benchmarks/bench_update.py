"""How long a quick update takes beyond its imports, beside a full one's compilation and drawing.

    python3 -m uv run python tests/benchmarks/bench_update.py [--runs 5] [--full] [--json FILE]

Each run is a new process on a copy of the bundled data: imports, then a quick `update` with
a file of three statements by two new people. The fit that is reweighed is made first, if the cache
does not hold it. The baseline is the bare import of arviz and xarray in a process of its own;
`--full` also times `update` without `--quick`, which compiles and draws. Nothing is asserted.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
NEW = """\
schema: 1
source: {title: New forecasts, url: https://example.org/new, date: 2026-11}
statements:
  - {id: zz-ann-date, expert: Ann New, question: year_full_rnd_automation, kind: quantile,
     levels: [0.1, 0.5, 0.9], values: [2028, 2032, ">2050"], unit: year, role: evidence,
     verified: yes, location: p. 1, reason: asks for it}
  - {id: zz-ann-scheming, expert: Ann New, question: schemers_by_default, kind: probability,
     value: 0.3, unit: probability, role: evidence, verified: yes, location: p. 2, reason: asks}
  - {id: zz-bob-date, expert: Bob New, question: year_full_rnd_automation, kind: median,
     value: 2030, unit: year, role: evidence, verified: yes, location: p. 1, reason: asks for it}
"""
ONE = """
import json, sys, time
began = time.perf_counter()
import arviz, numpy, pandas, scipy.sparse.csgraph, scipy.special, xarray, yaml, pydantic
import sweet_spot.answers.updating as updating
imported = time.perf_counter()
done = updating.update(sys.argv[1], sys.argv[2], quick=sys.argv[3] == "quick")
ended = time.perf_counter()
print(json.dumps({"imports": imported - began, "update": ended - imported,
                  "k": done.pareto_k, "change": done.change}))
"""
BARE = "import arviz, xarray"


def once(room: Path, number: int, how: str) -> dict[str, float]:
    """One update of a fresh copy of the data, in a process of its own."""
    data, file = room / f"data-{how}-{number}", room / "new.yaml"
    shutil.copytree(CHECKOUT / "data", data)
    file.write_text(NEW, encoding="utf-8")
    command = [sys.executable, "-c", ONE, str(file), str(data), how]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    shutil.rmtree(data)
    return dict(json.loads(told.strip().splitlines()[-1]))


def bare() -> float:
    """Seconds of the bare import, from process start to end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE], check=True)
    return time.perf_counter() - began


def main() -> None:
    """Measures, prints, and writes what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    sys.path.insert(0, str(CHECKOUT / "model"))
    import sweet_spot

    with tempfile.TemporaryDirectory() as name:
        sweet_spot.report(CHECKOUT / "data", Path(name) / "report")
        runs = [once(Path(name), k, "quick") for k in range(asked.runs)]
        bares = [bare() for _ in range(asked.runs)]
        found = {
            "bare import": statistics.median(bares),
            "imports": statistics.median(run["imports"] for run in runs),
            "quick update": statistics.median(run["update"] for run in runs),
        }
        if asked.full:
            found["full update"] = once(Path(name), 0, "full")["update"]
    for what, seconds in found.items():
        print(f"{what:15} {seconds:7.2f} s  {seconds / found['bare import']:5.2f} x bare import")
    if asked.json:
        asked.json.write_text(json.dumps({"medians": found, "runs": runs}, indent=1))


if __name__ == "__main__":
    main()
