"""What a history needs: the evidence of every step, and what of it the record lacks, drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import gates_of
from sweet_spot.answers.estimates import usable
from sweet_spot.answers.history_shares import End, attributed
from sweet_spot.answers.numbers import monte_carlo_error
from sweet_spot.answers.record import (
    DIGITS,
    FILE,
    PRIOR,
    Made,
    Row,
    add_row,
    key,
    made_by,
    read_record,
)
from sweet_spot.answers.verdict import verdict
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.evidence.crowds import voices
from sweet_spot.evidence.gather import Evidence, assemble, digest
from sweet_spot.evidence.reading import data_files, read_elicitations, read_questions
from sweet_spot.evidence.skill import read_skill
from sweet_spot.evidence.timeline import Every, Step, timeline
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.refit import Drawn, Settings

Progress = Callable[[int, int, str], None]
"""Called with how many steps are done, how many there are to do, and which is next."""
Wanted = tuple[frozenset[str], Step | None]
"""What is live, and the step whose answer that is; none for what a step is only compared with."""
LARGE = 0.05
"""A change of the headline for whose shares the model is fitted again where weights fail."""


@dataclass(frozen=True)
class Dated:
    """Evidence that is live at one or more steps: its label in the record, and its digest."""

    label: str
    evidence: Evidence
    digest: str


@dataclass(frozen=True)
class Plan:
    """The steps of a history and all that decides their answers.

    Attributes
    ----------
    known
        All statements; which are live is that of the last step.
    dated
        The evidence of each step by its live statements: steps without a change share one.
    """

    argument: Argument
    constants: ErrorConstants
    settings: Settings
    made: Made
    steps: tuple[Step, ...]
    known: Evidence
    dated: Mapping[frozenset[str], Dated]
    record: Path

    def key(self, step: Step) -> tuple[str, ...]:
        """The key of a step's answer in the record."""
        return key(self.made, self.dated[step.live].digest, self.settings)

    def digest(self, live: frozenset[str]) -> str:
        """The digest of what was live at a step; empty for nothing, which is the prior."""
        return self.dated[live].digest if live else ""

    def before(self, step: Step) -> frozenset[str] | None:
        """What was live before a step; None where that is in no step."""
        live = step.live.difference(step.came).union(step.went)
        return live if not live or live in self.dated else None

    @property
    def prior_key(self) -> tuple[str, ...]:
        """The key of the prior."""
        return key(self.made, "", self.settings)


def plan(
    data: Path | str,
    every: Every = "month",
    since: dt.date | None = None,
    until: dt.date | None = None,
    settings: Settings | None = None,
    *,
    today: dt.date | None = None,
) -> Plan:
    """The plan of a history of a data folder, which is taken to have been checked."""
    files = data_files(data)
    questions, said = read_questions(files.questions), read_elicitations(files.elicitations)
    skill = read_skill(data)
    steps = timeline(said, every, since, until, today=today)
    dated: dict[frozenset[str], Dated] = {}
    for step in sorted(steps, key=lambda step: step.day is not None):  # `all` names its evidence
        if step.live not in dated:
            evidence = assemble(questions, said, step.day, skill)
            dated[step.live] = Dated(step.label, evidence, evidence_digest(evidence))
    argument, constants = load_argument(), learned_constants()
    made = made_by(argument, constants, version("ai-safety-sweet-spot"))
    return Plan(
        argument, constants, settings or Settings(), made, steps,
        assemble(questions, said, skill=skill), dated, Path(data) / FILE,
    )  # fmt: skip


def evidence_digest(evidence: Evidence) -> str:
    """The digest of the evidence statements alone: checks have no part in a credence."""
    serving = np.flatnonzero(evidence.statements["evidence"].to_numpy())
    alone = replace(evidence, statements=evidence.statements.isel(statement=serving))
    return digest(alone)[:DIGITS]


def fill(of: Plan, progress: Progress | None = None, scheduler: str | None = None) -> None:
    """Draws what the record lacks, and puts each answer into it as soon as it is there.

    In the order of the dates, whatever the number of workers: the record is the same file then.
    """
    held = {row.key: row for row in read_record(of.record)}
    last: End | None = None
    if of.prior_key not in held:
        last = End(frozenset(), _prior(of))
        add_row(of.record, _row(of, PRIOR, "", last.draws, (0, 0)))
    lacking = [step for step in of.steps if of.key(step) not in held]
    todo = list({of.dated[step.live].digest: step for step in lacking[::-1]}.values())[::-1]
    if not todo:
        return
    from sweet_spot.inference.history import draws_as_of

    say = progress or _silent
    say(0, len(todo), f"{of.dated[todo[0].live].label}, after compiling once in each process")
    failed = {row.evidence for step in of.steps if (row := held.get(of.key(step))) and row.failed}
    wanted = list(_wanted(of, todo, failed))
    drawn = draws_as_of(
        of.argument, of.known, (of.dated[live].evidence for live, _ in wanted), of.settings,
        of.constants, scheduler=scheduler,
    )  # fmt: skip
    for done, row in enumerate(_rows(of, wanted, drawn, last, failed), 1):
        add_row(of.record, row)
        say(done, len(todo), of.dated[todo[done].live].label if done < len(todo) else "")


def _wanted(of: Plan, todo: Sequence[Step], failed: Set[str]) -> Iterator[Wanted]:
    """What is to be drawn; each step right after what it is compared with, drawn again if need be.

    The prior is not among it: it is no fit.
    """
    last: frozenset[str] | None = None
    for step in todo:
        before = of.before(step)
        if before and before != last and of.digest(before) not in failed:
            yield before, None  # recorded in an earlier run
        yield step.live, step
        last = step.live


def _rows(
    of: Plan, wanted: Sequence[Wanted], drawn: Iterator[Drawn], last: End | None, failed: Set[str]
) -> Iterator[Row]:
    """The row of each step as soon as it is drawn; with shares where both its ends passed.

    `last` is the prior, if it is there already.
    """
    failed = set(failed)
    for (live, step), draws in zip(wanted, drawn, strict=True):
        end = End(live, draws.posterior)
        if step is not None:
            before, row = of.before(step), _fitted(of, of.dated[live], draws)
            if row.failed:
                failed.add(row.evidence)
            elif before is not None and of.digest(before) not in failed:
                if last is None or last.live != before:  # all but the prior were just drawn
                    last = End(before, _prior(of))
                row = _with_shares(of, row, (last, end))
            yield row
        last = end


def _prior(of: Plan) -> xr.Dataset:
    from sweet_spot.inference.history import before_any

    return before_any(of.argument, of.known, of.settings, of.constants)


def _with_shares(of: Plan, row: Row, ends: tuple[End, End]) -> Row:
    """The row with what each cause has in the change; fits again only for a large change.

    In this process, whatever the workers do: which evidence is fitted next depends on the last fit,
    and the row is not to wait for later dates.
    """
    from sweet_spot.inference.history import drawing

    draw = drawing(of.argument, of.known, of.settings, of.constants)
    before, after = (float(usable(end.draws).mean()) for end in ends)

    def refit(evidence: Evidence) -> xr.Dataset | None:
        drawn = draw(evidence)
        return drawn.posterior if drawn.verdict["passed"] else None

    large = abs(after - before) >= LARGE
    found = attributed(of.argument, of.constants, of.known, ends, refit if large else None)
    return replace(row, since=of.digest(ends[0].live), shares=found)


def _silent(done: int, of: int, label: str) -> None:
    del done, of, label


def _fitted(of: Plan, each: Dated, drawn: Drawn) -> Row:
    """The row of a fit; of one that failed its verdict, without credences and with the reason."""
    tree = xr.DataTree.from_dict({"posterior": drawn.posterior})
    tree.attrs.update(drawn.verdict)
    found = verdict(tree)
    row = _row(of, each.label, each.digest, drawn.posterior, serving_voices(each.evidence))
    return replace(row, failed=found.text, credences={}) if found.failed else row


def serving_voices(evidence: Evidence) -> tuple[int, int]:
    """How many evidence statements are live, and of how many experts."""
    table = evidence.statements
    serving = (table["live"].to_numpy() == 1) & (table["evidence"].to_numpy() == 1)
    return voices(table, serving)


def _row(of: Plan, label: str, name: str, draws: xr.Dataset, voices: tuple[int, int]) -> Row:
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    credences = dict(_credences(draws))
    return Row(label, name, *voices, "", credences, of.settings, of.made, now)


def _credences(draws: xr.Dataset) -> Iterator[tuple[str, tuple[float, float]]]:
    """Every gate with its Monte Carlo error by name, the headline first."""
    gates = gates_of(draws)
    mean, mcse = gates.mean(("chain", "draw")), monte_carlo_error(gates)
    factors = [str(f) for f in gates["factor"].values]
    for gate in [str(g) for g in gates["gate"].values][::-1]:
        for factor in factors[-2:] + factors[:-2]:
            at = {"gate": gate, "factor": factor}
            yield f"{gate}[{factor}]", (float(mean.sel(at)), float(mcse.sel(at)))
