"""Figure and page of rival structures: the table in, nothing computed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweet_spot.answers.numbers import DASH, error, number, probability, words
from sweet_spot.answers.rivals import STATED, UPDATED, RivalTable
from sweet_spot.answers.style import DPI, PALETTE, SMALL, label_x, plain, sheet
from sweet_spot.argument.rivals import STRUCTURES

LABELS = {STATED: "mixed,\nstated weights", UPDATED: "mixed,\nupdated weights"}
NUMBERS = {
    "weight": "stated weight", "log_ratio": "log ratio of marginal likelihoods to the first",
    "log_ratio_error": "its Monte Carlo error", "updated_weight": "updated weight",
    "updated_weight_error": "its Monte Carlo error", "prior": "prior", "posterior": "posterior",
    "mcse": "its Monte Carlo error",
}  # fmt: skip
FIGURE, PAGE, CONTENT = "rivals.png", "rivals.md", "rivals.json"


def rivals_figure(table: RivalTable) -> Figure:
    """P(usable for at least one factor) under each structure and mixed, and the weights."""
    rows = table.table
    title = "Would other equations say the same?"
    note = (
        "Left: P(usable) for at least one factor; dot: posterior mean, diamond: prior mean.\n"
        "Right: weight of each structure; diamond: as stated, dot: after the forecasts,\n"
        "line: plus and minus two Monte Carlo errors."
    )
    figure, (credence, weight) = sheet(
        5.4, title, note, table.evidence, ncols=2, sharey=True, width_ratios=(1.5, 1)
    )
    at = np.arange(len(rows))[::-1]
    for axes in (credence, weight):
        plain(axes)
        axes.axhline(1.5, color=PALETTE["quiet"], linewidth=0.8)
        axes.set_xlim(0, 1)
    _dots(credence, rows["prior"], rows["posterior"], at, "credence")
    for y in at[rows["posterior"].isna()]:
        credence.annotate(
            "needs a refit", (0, y), xytext=(6, 0), textcoords="offset points",
            ha="left", va="center", fontsize=SMALL, color=PALETTE["quiet"],
        )  # fmt: skip
    span = 2 * rows["updated_weight_error"].fillna(0.0)
    of = rows["updated_weight"]
    weight.hlines(at, of - span, of + span, color=PALETTE["posterior"], linewidth=2)
    _dots(weight, rows["weight"], of, at, "weight")
    credence.set_yticks(at, [LABELS.get(str(name), words(str(name))) for name in rows.index])
    credence.set_ylim(-0.6, len(rows) - 0.4)
    label_x(credence, "probability")
    label_x(weight, "weight")
    return figure


def _dots(axes: Axes, before: object, after: object, at: np.ndarray, what: str) -> None:
    """Diamonds and dots with their values; mixtures have no weight."""
    for x, y, world, mark, size in (
        (before, at, "prior", "D", 6),
        (after, at, "posterior", "o", 9),
    ):
        axes.plot(
            np.asarray(x), y, mark, color=PALETTE[world], markersize=size, gid=f"{world} {what}",
            clip_on=False, zorder=3,
        )  # fmt: skip
    for value, y in zip(np.asarray(after), at, strict=True):
        if np.isfinite(value):
            axes.annotate(
                probability(value), (value, y), xytext=(0, 8), textcoords="offset points",
                ha="center", fontsize=SMALL, color=PALETTE["posterior"],
            )  # fmt: skip


def rivals_page(table: RivalTable) -> str:
    """The table in Markdown, with what each structure changes and why."""
    lines = ["# Rival structures", "", table.text, "", f"![Rival structures]({FIGURE})", ""]
    lines += [f"| structure | {' | '.join(NUMBERS.values())} |", "|---" * (len(NUMBERS) + 1) + "|"]
    for name, row in table.table.iterrows():
        values = [_written(column, row[column]) for column in NUMBERS]
        lines.append(f"| {words(str(name))} | {' | '.join(values)} |")
    lines += ["", f"P(usable) for at least one factor, means. {DASH}: a mixture has no weight.", ""]
    lines += [f"- **{words(s.name)}**: {s.meaning}. {s.reason} ({s.source})" for s in STRUCTURES]
    return "\n".join(lines) + "\n"


def _written(column: str, value: float) -> str:
    if column.endswith(("error", "mcse")):
        return error(value)
    return number(value, "log" if column == "log_ratio" else "probability")


def write_rivals(table: RivalTable, folder: Path | str) -> Path:
    """Writes the page, its figure and the numbers as JSON to a folder, made where it is missing."""
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    rivals_figure(table).savefig(out / FIGURE, dpi=DPI)
    (out / PAGE).write_text(rivals_page(table), encoding="utf-8")
    content = json.dumps(table.to_json(), indent=1, ensure_ascii=False) + "\n"
    (out / CONTENT).write_text(content, encoding="utf-8")
    return out / PAGE
