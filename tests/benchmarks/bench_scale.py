"""How long 100,000 tidy rows take to be checked and gathered, beside the least that reading costs.

    python3 -m uv run python tests/benchmarks/bench_scale.py [--rows 100000] [--json FILE]

Two tables: statements of five quantiles, and statements of one number. Each step is a process of
its own, all in this one run, on this machine: `check`, `gather` (which checks as well), `import`
into a table, and two baselines on the same file: Python's bare csv module, and csv with one
validation of each statement by pydantic. Nothing is asserted; seconds are given as wall and
processor time, of which the second does not depend on what else the machine does.
"""

import argparse
import csv
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sweet_spot.evidence.reading import read_questions
from sweet_spot.evidence.table_columns import COLUMNS

CHECKOUT = Path(__file__).resolve().parents[2]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SHAPES = {"five quantiles": len(LEVELS), "one number": 1}
LIMITS = {"check": 5.0, "gather": 10.0}
"""Seconds that were asked for, on 2 cores."""


def rows(asked: list[str], total: int, size: int) -> Iterator[dict[str, Any]]:
    """A table of so many rows, so many of them a statement; everyone answers every question."""
    draw = random.Random(1)
    for number in range(total // size):
        person, question = divmod(number, len(asked))
        middle = draw.uniform(2027, 2060)
        said = {
            "forecast_id": f"s{number}", "question_id": asked[question],
            "forecaster": f"Person {person}", "made_at": "2025-06-01", "unit": "year",
            "role": "evidence", "reason": "asks for it", "verified": "yes", "location": "table 1",
            "source_title": "A large survey", "source_url": "https://example.org",
            "source_date": "2025-06-01", "kind": "median" if size == 1 else "quantile",
        }  # fmt: skip
        for k in range(size):
            level = LEVELS[k] if size > 1 else ""
            yield {**said, "level": level, "value": round(middle + 2 * k, 3)}


def folder(room: Path, total: int, size: int) -> Path:
    questions = CHECKOUT / "data" / "questions.yaml"
    asked = [q.id for q in read_questions(questions)
             if q.unit == "year" and not q.event and not q.given]  # fmt: skip
    (room / "elicitations").mkdir(parents=True)
    shutil.copy(questions, room)
    with (room / "elicitations" / "big.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows(asked, total, size))
    return room


def bare(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as file:
        return sum(1 for _ in csv.reader(file))


def validated(path: Path) -> int:
    """csv, and one validation of each statement: no rules, no lines, no agreement of rows."""
    from sweet_spot.evidence.records import Statement

    kept: dict[str, dict[str, Any]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            said = kept.setdefault(row["forecast_id"], {
                "id": row["forecast_id"], "expert": row["forecaster"],
                "date": row["made_at"], "question": row["question_id"], "kind": row["kind"],
                "unit": row["unit"], "role": row["role"], "reason": row["reason"],
                "verified": row["verified"], "location": row["location"], "values": [],
                "levels": [],
            })  # fmt: skip
            said["values"].append(float(row["value"]))
            said["levels"].append(float(row["level"] or 0.5))
    return len([Statement.model_validate(said) for said in kept.values()])


def step(name: str, room: Path) -> Callable[[], object]:
    """What is timed; imports come before, as they are the same for any number of rows."""
    table = room / "elicitations" / "big.csv"
    if name == "check":
        from sweet_spot.evidence.checks import examine

        return lambda: examine(room)
    if name == "gather":
        from sweet_spot.evidence.gather import gather

        return lambda: gather(room)
    if name == "import":
        from sweet_spot.evidence import exporters, importers  # noqa: F401

        out = room / "imported.csv"
        out.unlink(missing_ok=True)
        return lambda: importers.import_file("tidy", table, out=out)
    read = bare if name == "bare csv" else validated
    return lambda: read(table)


STEPS = ("bare csv", "csv + pydantic", "check", "gather", "import")


def run(name: str, room: Path) -> dict[str, float]:
    words = [sys.executable, __file__, "--step", name, "--room", str(room)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def timed(name: str, room: Path) -> dict[str, float]:
    work = step(name, room)
    wall, cpu = time.perf_counter(), time.process_time()
    kept = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    del kept
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return {"wall": wall, "cpu": cpu, "megabytes": most}


def show(shape: str, size: int, total: int, found: dict[str, dict[str, float]]) -> None:
    print(f"\n{total:,} rows, {total // size:,} statements ({shape} each)")
    base = found["csv + pydantic"]["cpu"]
    for name, row in found.items():
        limit = LIMITS.get(name)
        wanted = "" if limit is None else f"   wanted below {limit:g} s"
        print(f"{name:<16}{row['wall']:7.2f} s, cpu {row['cpu']:6.2f} s, {row['cpu'] / base:5.1f} "
              f"times csv + pydantic, {row['megabytes']:.0f} MB{wanted}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="write everything measured to this file")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--room", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        print(json.dumps(timed(given.step, given.room)))
        return
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    result = {}
    with tempfile.TemporaryDirectory(prefix="sweet-spot-bench-") as name:
        for shape, size in SHAPES.items():
            room = folder(Path(name) / str(size), given.rows, size)
            result[shape] = {what: run(what, room) for what in STEPS}
            show(shape, size, given.rows, result[shape])
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
