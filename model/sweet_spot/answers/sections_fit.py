"""The sections of a report on the fit itself: credences, latents, statements, checks, inputs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.answers import figures, tables
from sweet_spot.answers.credences import ALL, ANY, HEADLINE, CredenceTable
from sweet_spot.answers.figures_statements import checks_figure, statements_figure, topics
from sweet_spot.answers.inputs import sources
from sweet_spot.answers.latents import PRIOR_ONLY, LatentTable, latent_table
from sweet_spot.answers.numbers import RULE, error, plural, probability, words
from sweet_spot.answers.section import Drawing, Point, Reported, Section, section
from sweet_spot.answers.statements import StatementTable
from sweet_spot.answers.waterfall import waterfall
from sweet_spot.evidence.records import Question

SAID = "numbers as in the tables."


def credences_section(about: Reported) -> Section:
    """Every gate for each factor, posterior beside prior."""
    found, stamp = about.credences, about.stamp
    words_ = f"{about.world.capitalize()} probability of each gate for each factor, any and all;"
    drawn = Drawing("credences", f"{words_} {SAID}", lambda: figures.credences_figure(found, stamp))
    return section(
        about, "credences", "Credences", (drawn,), _the_number(found), table=tables.credences(found)
    )


def waterfall_section(about: Reported) -> Section:
    """What each gate leaves."""
    found, stamp = waterfall(about.credences), about.stamp
    left = f"{about.world.capitalize()} probability left after each gate; {SAID}"
    drawn = Drawing("waterfall", left, lambda: figures.waterfall_figure(found, stamp))
    shown = tables.waterfall(found, about.argument)
    return section(about, "waterfall", "Waterfall of the gates", (drawn,), table=shown)


def latents_section(about: Reported) -> Section:
    """Prior and posterior of every latent, and what touches it."""
    found = latent_table(about.tree, about.argument, about.evidence)
    fitted, stamp = about.fitted, about.stamp
    heard = f"{about.world.capitalize()} interval of each latent, {RULE}; {SAID}"
    drawn = Drawing("latents", heard, lambda: figures.latents_figure(found, fitted, stamp))
    return section(
        about, "latents", "Latents", (drawn,), _untouched(found),
        table=tables.latents(found, fitted),
        untouched=len(found.prior_only), coordinates=found.data.sizes["coordinate"],
        prior_only=PRIOR_ONLY,
    )  # fmt: skip


def statements_section(about: Reported) -> Section:
    """What was said on each question, beside what the model would have its reporter say."""
    found = about.statements
    drawings = tuple(_drawings(found, about))
    drawn = {each.name for each in drawings}
    return section(
        about, "statements", "What was said, question by question", drawings,
        topics=list(_topics(found, about, drawn)), outside=found.outside("evidence"),
    )  # fmt: skip


def checks_section(about: Reported) -> Section:
    """What was said, predicted and never fitted."""
    found, stamp = about.statements, about.stamp
    heard = f"Stated probabilities that were not fitted beside the model's {about.world} ones;"
    drawn = Drawing("checks", f"{heard} {SAID}", lambda: checks_figure(found, stamp))
    some = bool((found.live("check")["unit"] == "probability").any())
    return section(
        about, "checks", "Checks: said and predicted", (drawn,) * some, off=found.outside("check")
    )


def limits_section(about: Reported) -> Section:
    """What the number does not say."""
    return section(about, "limits", "Limits")


def inputs_section(about: Reported) -> Section:
    """What was read, with which settings and versions."""
    rows = [
        [tables.link(title, url), date, str(serving), str(checking)]
        for title, url, date, serving, checking in sources(about.evidence)
    ]
    read = tables.table(["source", "latest statement", "as evidence", "as check"], rows)
    return section(about, "inputs", "Inputs", sources=read, provenance=_provenance(about))


def verdict_section(about: Reported) -> Section:
    """What the fit was checked for."""
    checks = tables.checks(about.credences.verdict)
    return section(about, "verdict", "Verdict of the fit", checks=checks)


def _the_number(found: CredenceTable) -> tuple[Point, ...]:
    """The headline in plain words, and whose it is."""
    value, mcse = (
        found.credence(*HEADLINE),
        float(found.data["mcse"].sel(gate="usable", factor=ANY)),
    )
    world = "posterior" if found.fitted else "prior"
    prior = probability(float(found.data["prior"].sel(gate="usable", factor=ANY)))
    said = (
        f"**P(usable sweet spot for at least one factor) = {probability(value)}** ({world} mean;"
        f" Monte Carlo error {error(mcse)}). Of 100 worlds that the model holds possible about"
        f" {100 * value:.0f} have, for safety progress, risk evaluation or capability restraint, a"
        " stretch in which AIs are already useful enough and not yet too dangerous, and which lasts"
        " long enough, is invested in, can be evaluated and is not sabotaged. For all three at once"
        f" it is {probability(found.credence('usable', ALL))}. It is not the chance that all goes"
        " well."
    )
    heard = (
        f"{found.evidence.text} as evidence, the latest of {found.evidence.latest};"
        f" {plural(found.check.statements, 'statement')} more are only compared with what the model"
        f" predicts. Without any of them, from our priors alone, the number is {prior}."
        if found.fitted
        else "Our priors alone: no statement was used."
    )
    return Point("number", said), Point("rests", heard)


def _untouched(found: LatentTable) -> tuple[Point, ...]:
    """What no forecast touches, latent by latent."""
    of = found.data["latent"].values.tolist()
    none = [str(found.data["latent"].sel(coordinate=c).values) for c in found.prior_only]
    if not none:
        return ()
    parts = [
        words(name) + (f" ({none.count(name)} of {of.count(name)})" if of.count(name) > 1 else "")
        for name in dict.fromkeys(none)
    ]
    rests = (
        f"Of the {len(of)} coordinates of the model's latents {len(none)} are touched by no"
        " statement in the data folder: there the answer is as good as our prior and no better."
    )
    return Point("rests", rests), Point("unknown", f"Untouched latents: {', '.join(parts)}.")


def _drawings(found: StatementTable, about: Reported) -> Iterator[Drawing]:
    for topic in topics(found):
        heard = f"Statements on {topic} beside their {about.world} predictive intervals; {SAID}"
        make = partial(statements_figure, found, topic, about.stamp)
        yield Drawing(f"statements_{topic}", heard, make)


def _topics(found: StatementTable, about: Reported, drawn: set[str]) -> Iterator[dict[str, Any]]:
    data = found.data
    asked = {q.id: q for q in about.evidence.questions}
    for topic in dict.fromkeys(data["topic"].values.tolist()):
        here = data.isel(statement=np.flatnonzero(data["topic"].values == topic))
        names = dict.fromkeys(here["question"].values.tolist())
        questions = [_question(asked[name], here, about.world) for name in names]
        figure = f"statements_{topic}"
        yield {"name": topic, "figure": figure if figure in drawn else "", "questions": questions}


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


_PARTS = {
    "settings": "setting", "error_constants": "error model", "versions": "version",
    "digests": "SHA-256",
}  # fmt: skip


def _provenance(about: Reported) -> str:
    rows = [["seed", str(about.inputs["seed"])]]
    for part, title in _PARTS.items():
        here = about.inputs[part].items()
        rows += [[f"{title}: {words(name)}", str(value)] for name, value in here]
    return tables.table(["what", "value"], [[tables.plain(cell) for cell in row] for row in rows])
