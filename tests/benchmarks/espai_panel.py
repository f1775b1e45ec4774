"""The respondents of ESPAI 2023 as a table of statements, from the shared benchmark folder.

Test scaffolding: most tasks have no question of ours and get one here, with a target that is
a guess, so that every row has a place in the likelihood. No data of the survey are in the checkout.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

from sweet_spot.evidence.table_columns import COLUMNS

ORIGIN = 2023.8
LONGEST = 10_000.0
"""Years: more than that means never, as in the importer of the survey itself: a bound."""
FIRST = 2024.0
"""The model's calendar begins there; "in no time at all" is a bound."""
CLUSTER = "researcher_surveys"
OURS = {
    "HLMI_years": "year_hlmi", "FAOL_years": "year_full_labour_automation",
    "ML_STUDY_REPLICATION_years": "year_ml_replication",
}  # fmt: skip
"""Questions of ours that were asked."""
SUPERSEDED = ("aiimpacts-2023-hlmi", "aiimpacts-2023-full-labour", "aiimpacts-2023-ml-replication")
"""Bundled medians of the same people, who are not to enter twice."""
CHECKS = {
    "EXTINCTION_ANY": "extinction_total", "EXTINCTION_100Y": "extinction_total",
    "EXTINCTION_CONTROL": "takeover_total",
}  # fmt: skip
BAD = "extremely bad"

Answers = dict[tuple[str, str, str], list[dict[str, str]]]


def folder(bundled: Path, survey: Path, room: Path) -> Counter[str]:
    """A data folder of the bundled evidence and the survey; counts rows by what became of them."""
    shutil.copytree(bundled, room, dirs_exist_ok=True)
    counts: Counter[str] = Counter()
    answers: Answers = defaultdict(list)
    with (survey / "forecasts.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            answers[row["question_id"], row["expert_id"], row["round"]].append(row)
    _ask(room, sorted({key[0] for key in answers}))
    _give_way(room)
    with (room / "elicitations" / "espai.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for key, rows in sorted(answers.items()):
            writer.writerows(_statement(key, rows, counts))
    return counts


def _ask(room: Path, tasks: list[str]) -> None:
    """A question for every task that has none."""
    path = room / "questions.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for task in tasks:
        if task.endswith("_years") and task not in OURS:
            content["questions"].append({
                "id": _name(task), "wording": f"task {task}", "quantity": "year_at_speedup(5)",
                "unit": "year", "topic": "timelines", "direction": 0, "fidelity": "loose",
                "fidelity_reason": "a benchmark of size: any task will do",
            })  # fmt: skip
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def _name(task: str) -> str:
    return OURS.get(task) or f"espai_{task.lower()}"


def _give_way(room: Path) -> None:
    path = room / "elicitations" / "ai-impacts-surveys.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for said in content["statements"]:
        if said["id"] in SUPERSEDED:
            said["role"] = "excluded"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def _statement(
    key: tuple[str, str, str], rows: list[dict[str, str]], counts: Counter[str]
) -> Iterator[dict[str, object]]:
    task, person, framing = key
    if task.endswith("_years"):
        found = _quantiles(rows) if framing == "FP" else _chances(rows)
        role, question = "evidence", _name(task)
    elif task == "HLMI_VALUE":
        found = [{"value": r["value"], "kind": "probability", "unit": "probability"}
                 for r in rows if r["level"] == BAD]  # fmt: skip
        role, question = "check", "severe_harm_total"
        counts["other levels of HLMI_VALUE, no quantity"] += len(rows) - len(found)
    else:
        found = [{"value": r["value"], "kind": "probability", "unit": "probability"} for r in rows]
        role, question = "check", CHECKS[task]
    if not found:
        counts["contradict themselves"] += len(rows)
        return
    counts[role] += len(found)
    common = {
        "forecast_id": f"espai-{task.lower()}-{person.lower()}-{framing.lower() or 'one'}",
        "question_id": question, "forecaster": f"ESPAI {person}", "cluster": CLUSTER,
        "made_at": "2023-10", "role": role, "reason": "asks for it", "verified": "yes",
        "location": "data", "source_title": "ESPAI 2023, respondents",
        "source_url": "https://example.org", "source_date": "2024-01",
    }  # fmt: skip
    for each in found:
        yield common | each


def _quantiles(rows: list[dict[str, str]]) -> list[dict[str, object]]:
    rows = sorted(rows, key=lambda row: float(row["level"]))
    years = [float(row["value"]) for row in rows]
    if years != sorted(years) or years[0] < 0:
        return []
    return [
        {"kind": "quantile", "unit": "year", "level": row["level"]} | _year(ORIGIN + value)
        for row, value in zip(rows, years, strict=True)
    ]


def _year(year: float) -> dict[str, object]:
    """A year as stated; beyond the longest, and before our scale begins, a bound."""
    if year >= ORIGIN + LONGEST:
        most = f"{ORIGIN + LONGEST:.9g}"
        return {"value": most, "bound": "lower", "stated": f">{most}"}
    if year <= FIRST:
        return {"value": "2025", "bound": "upper", "stated": "<2025"}
    return {"value": f"{year:.9g}"}


def _chances(rows: list[dict[str, str]]) -> list[dict[str, object]]:
    rows = sorted(rows, key=lambda row: float(row["level"]))
    values = [float(row["value"]) for row in rows]
    if values != sorted(values):
        return []
    return [
        {"kind": "probability", "unit": "probability", "value": row["value"],
         "event": f"< {ORIGIN + float(row['level']):.9g}"}
        for row in rows
    ]  # fmt: skip
