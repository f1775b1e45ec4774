"""Renders the pages of a fit: answers computed, figures drawn, texts written to a folder."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path

import xarray as xr
from matplotlib.figure import Figure

from sweet_spot.answers import figures
from sweet_spot.answers.credences import credence_table
from sweet_spot.answers.figure_history import history_figure
from sweet_spot.answers.figure_picture import picture_figure
from sweet_spot.answers.figures_statements import checks_figure, statements_figure, topics
from sweet_spot.answers.history import History
from sweet_spot.answers.inputs import inputs
from sweet_spot.answers.latents import latent_table
from sweet_spot.answers.numbers import RULE
from sweet_spot.answers.pages import Answers, html, markdown
from sweet_spot.answers.picture import picture
from sweet_spot.answers.statements import statement_table
from sweet_spot.answers.style import DPI
from sweet_spot.answers.waterfall import waterfall
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence


def answer(
    tree: xr.DataTree,
    argument: Argument,
    evidence: Evidence,
    as_of: dt.date | None = None,
    history: History | None = None,
) -> Answers:
    """Computes everything that a report shows of a fit; a history is shown as it is."""
    table = credence_table(tree)
    return Answers(
        argument, evidence, table, waterfall(table), latent_table(tree, argument, evidence),
        statement_table(tree, evidence), picture(tree), inputs(tree, evidence, as_of),
        history,
    )  # fmt: skip


def draw(answers: Answers) -> Iterator[tuple[str, str, Figure]]:
    """Name, alternative text and figure of everything that is drawn."""
    world, stamp = answers.world, answers.stamp
    said = "numbers as in the tables."
    gates = f"{world.capitalize()} probability of each gate for each factor, any and all; {said}"
    yield "credences", gates, figures.credences_figure(answers.credences, stamp)
    left = f"{world.capitalize()} probability left after each gate; {said}"
    yield "waterfall", left, figures.waterfall_figure(answers.waterfall, stamp)
    zone = (
        f"AI R&D speed-up over the years: {world} bands of the frontier, thresholds of usefulness"
        " and danger, the sweet spot shaded between them."
    )
    yield "picture", zone, picture_figure(answers.picture, stamp)
    if answers.history:
        past = "P(usable sweet spot) as of past dates, a tick for each statement that came or went."
        yield "history", past, history_figure(answers.history)
    latents = f"{world.capitalize()} interval of each latent, {RULE}; {said}"
    yield "latents", latents, figures.latents_figure(answers.latents, answers.fitted, stamp)
    for topic in topics(answers.statements):
        heard = f"Statements on {topic} beside their {world} predictive intervals; {said}"
        yield f"statements_{topic}", heard, statements_figure(answers.statements, topic, stamp)
    if (answers.statements.live("check")["unit"] == "probability").any():
        checks = (
            f"Stated probabilities that were not fitted beside the model's {world} ones; {said}"
        )
        yield "checks", checks, checks_figure(answers.statements, stamp)


def render(
    tree: xr.DataTree,
    argument: Argument,
    evidence: Evidence,
    as_of: dt.date | None,
    folder: Path,
    history: History | None = None,
) -> Answers:
    """Writes the pages and figures of a fit to a new folder."""
    answers = answer(tree, argument, evidence, as_of, history)
    (folder / "figures").mkdir(parents=True)
    alternatives, images = {}, {}
    for name, alternative, figure in draw(answers):
        drawn = io.BytesIO()
        figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
        alternatives[name], images[f"figures/{name}.png"] = alternative, drawn.getvalue()
        (folder / "figures" / f"{name}.png").write_bytes(drawn.getvalue())
    text = markdown(answers, alternatives)
    found = answers.credences
    title = f"{'' if answers.fitted else 'Prior: '}P(usable sweet spot)"
    page = html(text, title, answers.stamp, images, warned=found.verdict.failed)
    (folder / "report.md").write_text(text, encoding="utf-8")
    (folder / "report.html").write_text(page, encoding="utf-8")
    for name, content in (("credences", found.to_json()), ("inputs", dict(answers.inputs))):
        written = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(written, encoding="utf-8")
    return answers
