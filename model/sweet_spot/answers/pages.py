"""The pages of a report: Markdown is the one text; the HTML page is made from it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import markupsafe
import numpy as np
import xarray as xr

from sweet_spot.answers import tables
from sweet_spot.answers.credences import CredenceTable, dated
from sweet_spot.answers.history import History
from sweet_spot.answers.history_text import section
from sweet_spot.answers.inputs import sources
from sweet_spot.answers.latents import PRIOR_ONLY, LatentTable
from sweet_spot.answers.numbers import RULE, words
from sweet_spot.answers.picture import Picture
from sweet_spot.answers.statements import StatementTable
from sweet_spot.answers.waterfall import Waterfall
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.records import Question

TEMPLATES = Path(__file__).with_name("templates")
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True, autoescape=jinja2.select_autoescape(["html"]),
)  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """Everything a report shows, computed."""

    argument: Argument
    evidence: Evidence
    credences: CredenceTable
    waterfall: Waterfall
    latents: LatentTable
    statements: StatementTable
    picture: Picture
    inputs: Mapping[str, Any]
    history: History | None = None

    @property
    def fitted(self) -> bool:
        """Whether there is a posterior."""
        return self.credences.fitted

    @property
    def world(self) -> str:
        """Whose the numbers are: posterior or prior."""
        return "posterior" if self.fitted else "prior"

    @property
    def stamp(self) -> str:
        """Which fit, prior or posterior, how many statements: what every figure carries."""
        who = self.credences.evidence
        behind = (
            f"posterior · {who.statements} evidence statements by {who.experts} experts"
            f" to {who.latest}"
            if self.fitted
            else "prior only, no statement used"
        )
        failed = " · FAILED its verdict" if self.credences.verdict.failed else ""
        return f"fit {self.inputs['digests']['fit'][:12]} · {behind}{failed}"


def markdown(answers: Answers, figures: Mapping[str, str]) -> str:
    """The report as Markdown.

    Parameters
    ----------
    figures
        Name of each figure with its alternative text.
    """
    found = answers.credences

    def figure(name: str) -> str:
        return f"![{tables.plain(figures[name])}](figures/{name}.png)" if name in figures else ""

    failed = found.verdict.failed
    return _ENVIRONMENT.get_template("report.md").render(
        a=answers, world=answers.world, fitted=answers.fitted,
        p="" if answers.fitted else "Prior: ",
        rule=RULE, prior_only=PRIOR_ONLY, fig=figure, verdict=found.verdict.text,
        warning=f"{found.verdict.text} Its numbers are not to be trusted." if failed else "",
        headline=tables.plain(dated(found.text, answers.inputs["as_of"])),
        credences=tables.credences(found),
        waterfall=tables.waterfall(answers.waterfall, answers.argument),
        latents=tables.latents(answers.latents, answers.fitted),
        topics=list(_topics(answers, figures)), sources=_sources(answers.evidence),
        history=section(answers.history) if answers.history else None,
        outside=answers.statements.outside("evidence"), off=answers.statements.outside("check"),
        provenance=_provenance(answers.inputs), checks=tables.checks(found.verdict),
    )  # fmt: skip


def _topics(answers: Answers, figures: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    data = answers.statements.data
    asked = {q.id: q for q in answers.evidence.questions}
    for topic in dict.fromkeys(data["topic"].values.tolist()):
        here = data.isel(statement=np.flatnonzero(data["topic"].values == topic))
        names = dict.fromkeys(here["question"].values.tolist())
        questions = [_question(asked[name], here, answers.world) for name in names]
        figure = f"statements_{topic}"
        yield {"name": topic, "figure": figure if figure in figures else "", "questions": questions}


def _question(question: Question, data: xr.Dataset, world: str) -> dict[str, str]:
    here = data.isel(statement=np.flatnonzero(data["question"].values == question.id))
    about = f"`{question.quantity}`" + (f" {question.event}" if question.event else "")
    fit = {"exact": "exactly", "close": "closely", "loose": "loosely"}[question.fidelity]
    return {
        "name": words(question.id),
        "text": f"{tables.plain(question.wording)} Quantity: {about}, in {question.unit}; it"
        f" matches {fit}.",
        "table": tables.statements(here, world),
    }


def _sources(evidence: Evidence) -> str:
    rows = [
        [tables.link(title, url), date, str(serving), str(checking)]
        for title, url, date, serving, checking in sources(evidence)
    ]
    return tables.table(["source", "latest statement", "as evidence", "as check"], rows)


_PARTS = {
    "settings": "setting", "error_constants": "error model", "versions": "version",
    "digests": "SHA-256",
}  # fmt: skip


def _provenance(inputs: Mapping[str, Any]) -> str:
    rows = [["seed", str(inputs["seed"])]]
    for part, title in _PARTS.items():
        rows += [[f"{title}: {words(name)}", str(value)] for name, value in inputs[part].items()]
    return tables.table(["what", "value"], [[tables.plain(cell) for cell in row] for row in rows])


def html(text: str, title: str, stamp: str, images: Mapping[str, bytes], *, warned: bool) -> str:
    """The report as one HTML page that loads nothing from elsewhere."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in (child for block in tokens for child in block.children or ()):
        if token.type == "image":
            encoded = base64.b64encode(images[str(token.attrs["src"])]).decode("ascii")
            token.attrs["src"] = f"data:image/png;base64,{encoded}"
    body = str(reader.renderer.render(tokens, reader.options, {}))
    body = body.replace("<table>", '<div class="scroll"><table>').replace(
        "</table>", "</table></div>"
    )
    page = _ENVIRONMENT.get_template("report.html")
    return page.render(title=title, stamp=stamp, warned=warned, body=markupsafe.Markup(body))
