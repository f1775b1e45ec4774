"""What a reporter would say next, in every draw of a saved fit, by the model's own error model.

Nothing is fitted or compiled. An effect that the fit holds (of a topic, a question, a cluster, a
person) is that of the draw; any other is drawn from its prior, jointly with the draw, so that
draw and statement together are a sample of what the model believes about both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY
from sweet_spot.argument.worlds import evaluate
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.draws import SAMPLE, reporting_draws
from sweet_spot.inference.error_model import (
    ErrorConstants,
    Panel,
    expected,
    given_group,
    turned,
)
from sweet_spot.inference.panel import GROUP_DIMS, Layout, layout
from sweet_spot.inference.scales import per_question

COPIES = 4
"""Draws of the effects of a question that the fit does not hold, for each draw of the fit."""


@dataclass(frozen=True)
class NewStatements:
    """Laws of new statements: location + scale * Student-t(degrees), given a draw.

    Attributes
    ----------
    location, scale
        (copy, chain, draw, statement), as the likelihood sees a statement: on the working scale of
        its quantity, or probit of P(X < t). Copies differ in the effects of questions that the fit
        does not hold; their mean density is closer to that given the draw alone.
    degrees
        Of freedom, (statement,).
    question
        Ids of what is asked.
    """

    location: np.ndarray
    scale: np.ndarray
    degrees: np.ndarray
    question: np.ndarray


def new_statements(
    argument: Argument,
    draws: xr.Dataset,
    evidence: Evidence,
    asked: Evidence,
    constants: ErrorConstants,
    seed: int,
) -> NewStatements:
    """The laws of hypothetical statements of one reporter, one a question.

    Where people of the reporter's cluster have answered a question, the reporter's own error is
    given theirs. (Of those who only named a bound it is not.)

    Parameters
    ----------
    draws
        Posterior or prior of a fit: latents and free variables, (chain, draw, ...).
    evidence
        What the fit was conditioned on.
    asked
        From `evidence.hypothetical.statements`.
    """
    mates = _mates(evidence, asked)
    whole = layout(argument, _together(evidence, mates, asked), constants)
    whole = replace(whole, panel=_with_known_scales(argument, evidence, whole, constants))
    values = _values(draws, whole)
    effects = list(_effects(draws, whole, constants, np.random.default_rng(seed)))
    laws = [_law(values, free, whole, constants) for free in effects]
    new = slice(mates.sizes["statement"], None)
    location, scale = (np.stack([law[i][..., new] for law in laws]) for i in (0, 1))
    return NewStatements(location, scale, laws[0][2][new], asked.statements["question"].to_numpy())


def _effects(
    draws: xr.Dataset, whole: Layout, constants: ErrorConstants, rng: np.random.Generator
) -> Iterator[Mapping[str, np.ndarray]]:
    """Variables of the error model, several times: those of topics and people are the same."""
    first = reporting_draws(draws, whole, constants, rng)
    yield first
    for _ in range(COPIES - 1):
        again = reporting_draws(draws, whole, constants, rng)
        yield {n: again[n] if GROUP_DIMS.get(n) == "question" else first[n] for n in first}


def _law(
    values: np.ndarray, free: Mapping[str, np.ndarray], whole: Layout, constants: ErrorConstants
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Location, scale and degrees of every statement given those before it in its group."""
    location, scale = expected(values, free, whole.panel, constants, NUMPY)
    sign = turned(whole.panel)
    centre, spread, degrees = given_group(
        sign * (whole.observed - location) / scale, scale,
        free["omega"][..., None], whole.live, whole.panel, constants.nu_error,
    )  # fmt: skip
    return location + sign * scale * centre, scale * spread, degrees


def _mates(evidence: Evidence, asked: Evidence) -> xr.Dataset:
    """Live evidence on these questions by the people of the reporter's cluster."""
    said = evidence.statements
    near = [
        np.isin(said[name].to_numpy(), asked.statements[name].to_numpy())
        for name in ("cluster", "question")
    ]
    serving = (said["live"] * said["evidence"]).to_numpy().astype(bool)
    return said.isel(statement=np.flatnonzero(serving & near[0] & near[1]))


def _together(evidence: Evidence, mates: xr.Dataset, asked: Evidence) -> Evidence:
    """Those statements, and after them the new ones."""
    moved = asked.statements.assign(target=asked.statements["target"] + len(evidence.targets))
    both = xr.concat([mates, moved], "statement", data_vars="all", join="outer")
    questions = {q.id: q for q in (*evidence.questions, *asked.questions)}
    return Evidence(both, tuple(questions.values()), (*evidence.targets, *asked.targets))


def _with_known_scales(
    argument: Argument, evidence: Evidence, whole: Layout, constants: ErrorConstants
) -> Panel:
    """The panel with the scales of questions answered before, which a new statement keeps.

    Those of questions without any statement are the prior sd already.
    """
    questions = whole.coords["question"]
    known = np.isin(questions, np.unique(evidence.statements["question"].to_numpy()))
    kept = {name: getattr(whole.panel, name).copy() for name in ("log_scale", "mapping_sd")}
    if known.any():
        found = per_question(argument, evidence, constants, questions[known])
        for name, values in kept.items():
            values[known] = found[name]
    return replace(whole.panel, **kept)


def _values(draws: xr.Dataset, whole: Layout) -> np.ndarray:
    """Each statement's quantity on its working scale (chain, draw, statement)."""
    latents = {
        name: draws[name].transpose(*SAMPLE, *dims).to_numpy().astype(float)
        for name, dims in LATENT_DIMS.items()
    }
    return np.asarray(evaluate(whole.targets, latents, NUMPY)[..., whole.target])
