"""A simulated panel of any size as a Parquet table of statements, ten a person.

People are in two clusters, and one in ten in none. They state medians, three quantiles, bounds and
probabilities, with errors that a cluster shares and a disposition of their own.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ASKED = (
    "year_hlmi", "year_full_rnd_automation", "year_superhuman_coder", "year_superintelligence",
    "year_threefold_speedup", "year_ml_paper", "year_full_labour_automation",
    "year_transformative_ai", "year_superhuman_ai_researcher", "year_twofold_speedup",
)  # fmt: skip
LEVELS = (0.1, 0.5, 0.9)
SCORES = (-1.2815515655, 0.0, 1.2815515655)
THRESHOLDS = (2035, 2050)
KINDS = ("median", "quantile", "bound", "probability")
SHARES = (0.6, 0.2, 0.1, 0.1)


def folder(bundled: Path, statements: int, room: Path, seed: int = 1) -> int:
    """A data folder with the bundled questions and this panel; how many rows it has."""
    (room / "elicitations").mkdir(parents=True)
    shutil.copy(bundled / "questions.yaml", room)
    table = _table(statements, np.random.default_rng(seed))
    pq.write_table(table, room / "elicitations" / "panel.parquet")
    return int(table.num_rows)


def _table(statements: int, rng: np.random.Generator) -> pa.Table:
    """Every person answers every question; a statement of three quantiles has three rows."""
    number = np.arange(statements)
    person, question = number // len(ASKED), number % len(ASKED)
    people = int(person.max()) + 1
    kind = rng.choice(len(KINDS), statements, p=SHARES)
    cluster = rng.choice(3, people, p=(0.5, 0.4, 0.1))
    centre = np.log(12.0) + 0.5 * rng.standard_normal(len(ASKED))[question]
    centre += 0.5 * rng.standard_normal((3, len(ASKED)))[cluster[person], question]
    centre += 0.4 * rng.standard_normal(people)[person]
    centre += 0.8 * rng.standard_t(5, statements)
    rows = np.repeat(number, np.where(kind == 1, 3, 1))
    within = np.arange(rows.size) - np.searchsorted(rows, rows)
    of = kind[rows]
    spread = rng.gamma(4.0, 0.2, statements)[rows]
    score = np.where(of == 1, np.array(SCORES)[within], 0.0)
    year = (2026 + np.exp(np.clip(centre[rows] + spread * score, -3, 12))).round(2)
    threshold = np.array(THRESHOLDS)[rows % 2]
    chance = _normal((np.log(threshold - 2024.0) - centre[rows]) / spread).round(2)
    bound = of == 2
    columns = {
        "forecast_id": np.char.add("s", rows.astype(str)),
        "question_id": np.array(ASKED)[question[rows]],
        "forecaster": np.char.add("Person ", person[rows].astype(str)),
        "cluster": np.array(["north", "south", ""])[cluster[person[rows]]],
        "made_at": np.full(rows.size, "2025-06-01"),
        "kind": np.array(["median", "quantile", "median", "probability"])[of],
        "level": np.where(of == 1, np.array(LEVELS)[within].astype(str), ""),
        "event": np.where(of == 3, np.char.add("< ", threshold.astype(str)), ""),
        "value": np.where(bound, "2100", np.where(of == 3, chance, year).astype(str)),
        "bound": np.where(bound, "lower", ""),
        "stated": np.where(bound, ">2100", ""),
        "unit": np.where(of == 3, "probability", "year"),
    }  # fmt: skip
    same = {
        "role": "evidence", "reason": "asks for it", "verified": "yes", "location": "table 1",
        "source_title": "A large survey", "source_url": "https://example.org",
        "source_date": "2025-06-01",
    }  # fmt: skip
    columns |= {name: np.full(rows.size, text) for name, text in same.items()}
    return pa.table({name: pa.array(column.tolist()) for name, column in columns.items()})


def _normal(z: np.ndarray) -> np.ndarray:
    from scipy import special

    chance: np.ndarray = special.ndtr(z)
    return chance
