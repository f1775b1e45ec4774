"""What a person's statements do to the answer, alone and with all others: saved draws reweighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from sweet_spot.answers.estimates import Estimate, difference, drawn, estimate, prior_base
from sweet_spot.answers.numbers import error, plural, probability
from sweet_spot.answers.verdict import refuse, verdict
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.gather import Evidence, assemble
from sweet_spot.evidence.one_more import joined
from sweet_spot.evidence.reading import SourcedStatement, data_files, read_elicitations, sourced
from sweet_spot.evidence.records import ElicitationFile, Question
from sweet_spot.inference.reweight import LARGEST_K, Base, base_of


@dataclass(frozen=True)
class Moved:
    """P(usable for at least one factor) from a person's statements.

    Attributes
    ----------
    alone, prior
        With their statements and nobody else's, and with nobody's at all.
    together, before
        With all published statements and theirs, and without theirs.
    count
        How many of theirs are evidence.
    """

    alone: Estimate
    prior: Estimate
    together: Estimate
    before: Estimate
    count: int

    @property
    def text(self) -> str:
        """Both in words, refusals too."""
        said = plural(self.count, "statement")
        return (
            f"{_told(f'Your {said} alone', self.alone, self.prior, 'by the prior')}"
            f" {_told(f'Your {said} with all others', self.together, self.before, 'without yours')}"
        )


def _told(who: str, now: Estimate, before: Estimate, other: str) -> str:
    failed = [each.pareto_k for each in (now, before) if not np.isfinite(each.value)]
    if failed:
        k = max(failed)
        why = f"Pareto k {k:.2f} is above {LARGEST_K}" if np.isfinite(k) else "too many statements"
        return (
            f"{who}: the saved draws cannot tell ({why}); `sweet-spot update FILE` fits again and"
            " can."
        )
    by, off = difference(now, before)
    return (
        f"{who}: P(usable for at least one factor) = {probability(now.value)}, against"
        f" {probability(before.value)} {other} (change {by:+.3f}, Monte Carlo error {error(off)})."
    )


@dataclass(frozen=True)
class Draws:
    """The draws of a fit, of the posterior and of the prior, read once for all who ask."""

    posterior: Base
    prior: Base


def draws_of(tree: xr.DataTree, argument: Argument) -> Draws:
    """The draws of a fit that passed its verdict; raises UntrustworthyFit."""
    refuse(verdict(tree))
    return Draws(base_of(tree, argument), prior_base(tree, argument))


def moved(draws: Draws, questions: Sequence[Question], file: ElicitationFile, data: Path) -> Moved:
    """What the statements of a file do to the answer; nothing is fitted and nothing is written.

    Raises
    ------
    SweetSpotError
        None of the statements is evidence.
    NeedsRefit
        What the fit was made from has itself changed.
    """
    mine = [sourced(Path("answers.yaml"), file.source, said) for said in file.statements]
    evidence = [item for item in mine if item.statement.role == "evidence"]
    if not evidence:
        raise SweetSpotError("none of your answers enters the model: they serve as checks")
    published = read_elicitations(data_files(data).elicitations)
    together = assemble(questions, [*published, *mine])
    alone = _alone(draws, questions, evidence)
    base = draws.posterior
    return Moved(
        estimate([draws.prior], alone), drawn(draws.prior),
        estimate([base], together), estimate([base], assemble(questions, published)),
        len(evidence),
    )  # fmt: skip


def _alone(
    draws: Draws, questions: Sequence[Question], evidence: Sequence[SourcedStatement]
) -> Evidence:
    """Only a person's own statements, on the question scales that all statements give."""
    only = assemble(questions, evidence)
    held = draws.prior.evidence
    silent = held.statements.assign(live=held.statements["live"] * 0)
    ids = set(only.statements["statement"].to_numpy().tolist())
    kept = [k for k, s in enumerate(silent["statement"].to_numpy().tolist()) if s not in ids]
    return joined(replace(held, statements=silent.isel(statement=kept)), only)
