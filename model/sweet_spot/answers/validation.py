"""VALIDATION.md: what was tested, with which sources, and how it came out; from records of runs.

The page is a function of the records, the learned constants and the present sources, so that it can
be made again anywhere and compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sweet_spot.answers import validation_tables
from sweet_spot.answers.backtest import HEADLINES
from sweet_spot.answers.calibration import LEVEL, RARE
from sweet_spot.answers.learning import learned_text
from sweet_spot.answers.numbers import RULE
from sweet_spot.answers.section import TEMPLATES, Drawing
from sweet_spot.answers.tables import plain, table
from sweet_spot.answers.validation_records import Records, Stale, read_records, stale
from sweet_spot.answers.validation_targets import SIMPLE
from sweet_spot.answers.validation_words import (
    Verdict,
    backtest_words,
    commands,
    control_words,
    left_out,
    sampled,
    verdicts,
)  # fmt: skip
from sweet_spot.inference.calibration import WORSE
from sweet_spot.inference.learned import Learned, load_learned
from sweet_spot.inference.scores import LEAST, MOST, SCORES
from sweet_spot.inference.standings import RUNS

FOLDER = Path("docs/validation")
"""Where records are kept in a checkout."""
FIGURES = "docs/figures/validation"
"""Where figures are, seen from the page."""
UNSHOWN = ("wis", "crps", "coverage_50")
"""Scores that the page leaves to scores.json."""


@dataclass(frozen=True, eq=False)
class Validation:
    """What was tested and how it came out.

    Attributes
    ----------
    records
        Of the runs, with when and with which sources each was made.
    learned
        The bundled constants.
    stale
        Sources that have changed since a record was made.
    """

    records: Records
    learned: Learned
    stale: tuple[Stale, ...]

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Each check: what it asks, how it came out, on how much, what it would have caught."""
        return verdicts(self.records, self.learned)

    @property
    def failed(self) -> bool:
        """Whether a record is stale, or a check did not come out as it must; targets aside."""
        return bool(self.stale) or not all(each.sound for each in self.verdicts)

    @property
    def text(self) -> str:
        """A line for each stale source and each check."""
        lines = [each.text for each in self.stale]
        lines += [f"{each.check}: {each.outcome}" for each in self.verdicts]
        return "\n".join(lines).replace("**", "").replace("\\", "")  # Markdown on the page alone

    @cached_property
    def drawings(self) -> tuple[tuple[Drawing, str], ...]:
        """Each figure, with the SHA-256 of the record that it shows."""
        from sweet_spot.answers.validation_figures import drawings

        return drawings(self.records, self.learned)

    @cached_property
    def page(self) -> str:
        """The content of VALIDATION.md."""
        return TEMPLATES.get_template("validation.md").render(_context(self))

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "schema": 1, "failed": self.failed, "stale": [each.text for each in self.stale],
            "checks": [
                {"check": v.check, "outcome": v.outcome, "sound": v.sound, "on": v.on}
                for v in self.verdicts
            ],
            "made": {kind: dict(made) for kind, made in self.records.made.items()},
            "sha256": dict(self.records.sha256),
        }  # fmt: skip


def validate(records: Path | str = FOLDER) -> Validation:
    """What was tested and how it came out, from the records in a folder; nothing is run.

    Raises
    ------
    MissingData, InvalidRecord
        A record is not there, or cannot be used.
    """
    held = read_records(Path(records))
    return Validation(held, load_learned(), stale(held))


def _context(about: Validation) -> Mapping[str, Any]:
    """What the template shows."""
    held, drawn = about.records, {each.name: each for each, _ in about.drawings}
    scores = held.backtest
    there = {row.score for row in scores.rows}

    def fig(name: str) -> str:
        return f"![{plain(drawn[name].alternative)}]({FIGURES}/{name}.png)"

    learned = about.learned
    return {
        "t": validation_tables, "fig": fig, "rule": RULE, "records": held, "stale": about.stale,
        "folder": FOLDER.as_posix(), "summary": _summary(about.verdicts),
        "right": held.calibration, "wrong": held.control, "control": control_words(held.control),
        "level": LEVEL, "rare": RARE, "worse": WORSE,
        "backtest": backtest_words(scores), "scores": scores, "runs": RUNS, "seed": scores.seed,
        "boot": f"{100 / (2 * (RUNS - 1)) ** 0.5:.1g}", "clip": f"[{LEAST:g}, {MOST:g}]",
        "left_out": left_out(scores), "simple": ", ".join(f"`{name}`" for name in SIMPLE),
        "shown": [s for kind in HEADLINES for s in sorted(SCORES[kind], key=_first(kind))
                  if s in there and s not in UNSHOWN],
        "backtest_figures": [name for name in drawn if name.startswith("backtest-")],
        "lesson": plain(learned_text(learned)), "ess": sampled(learned), "learned": learned,
        "learned_versions": ", ".join(f"{k} {v}" for k, v in learned.versions.items()),
        "panels": held.benchmarks.get("scale", {}).get("panels"),
        "stages": ", ".join(validation_tables.STAGES).capitalize(),
        "compiled": validation_tables.compiling(held.benchmarks.get("compile", {})),
        "commands": commands(held),
    }  # fmt: skip


def _first(kind: str) -> Any:
    """The headline score first."""
    return lambda score: score != HEADLINES[kind]


def _summary(found: tuple[Verdict, ...]) -> str:
    rows = [
        [f"**{each.check}**", each.asks, each.outcome, each.on, each.date, each.catches]
        for each in found
    ]
    head = ["check", "what it asks", "how it came out", "on", "date", "what it would have caught"]
    return table(head, rows)
