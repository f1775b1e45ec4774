"""Renders the pages of a fit: answers computed, figures drawn, texts written to a folder."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import xarray as xr

from sweet_spot.answers.beside import all_made
from sweet_spot.answers.credences import credence_table
from sweet_spot.answers.history import History
from sweet_spot.answers.inputs import inputs
from sweet_spot.answers.pages import html, markdown
from sweet_spot.answers.section import Reported
from sweet_spot.answers.statements import statement_table
from sweet_spot.answers.summary import summary_section
from sweet_spot.argument.scenarios import Scenario
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence


def reported(
    tree: xr.DataTree,
    argument: Argument,
    evidence: Evidence,
    as_of: dt.date | None = None,
    scenarios: tuple[Scenario, ...] = (),
    history: History | None = None,
    cache: Path | None = None,
) -> Reported:
    """A fit as sections take it; a history is shown as it is; `cache` may hold refits."""
    return Reported(
        tree, argument, evidence, credence_table(tree), statement_table(tree, evidence),
        inputs(tree, evidence, as_of), scenarios, history, cache,
    )  # fmt: skip


def render(about: Reported, folder: Path) -> None:
    """Writes the pages and figures of a fit to a new folder."""
    each = all_made(about)
    others = [one.section for one in each]
    (folder / "figures").mkdir(parents=True)
    images = {f"figures/{n}.png": drawn for one in each for n, drawn in one.images.items()}
    for path, drawn in images.items():
        (folder / path).write_bytes(drawn)
    whole = (summary_section(about, others), *others)
    text, found = markdown(about, whole), about.credences
    title = f"{'' if about.fitted else 'Prior: '}P(usable sweet spot)"
    page = html(text, title, about.stamp, images, warned=found.verdict.failed)
    (folder / "report.md").write_text(text, encoding="utf-8")
    (folder / "report.html").write_text(page, encoding="utf-8")
    for name, content in (("credences", found.to_json()), ("inputs", dict(about.inputs))):
        written = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(written, encoding="utf-8")
