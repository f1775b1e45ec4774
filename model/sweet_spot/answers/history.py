"""The history: the credence as of past dates, what came and went at each, and the record of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import ALL, ANY, HEADLINE
from sweet_spot.answers.history_shares import recorded_shares
from sweet_spot.answers.history_steps import Plan, Progress, fill, plan, serving_voices
from sweet_spot.answers.record import PRIOR, Row, Segment, read_record, segments
from sweet_spot.argument.structure import GATES
from sweet_spot.evidence.gather import gather
from sweet_spot.evidence.timeline import ALL as KNOWN
from sweet_spot.evidence.timeline import Every, Step
from sweet_spot.inference.refit import Settings

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 5
"""So many of the largest steps are named in the text and in a report."""


@dataclass(frozen=True)
class History:
    """Credences as of past dates.

    Attributes
    ----------
    data
        Dims `step` (dates, the last one `all`: all that is known), `gate`, `factor` (with any and
        all): `credence` (posterior mean) and `mcse`, its Monte Carlo error; NaN where a fit failed
        its verdict or was not made. `prior` has no step. Per step: `day`, `statements` and
        `experts` that are live, `carried` (1 where nothing changed since the step before, whose
        answer it then is), `failed` (in what the fit failed, or empty), `missing` (1 where the
        record has no answer), `moved` (change of the headline from the step before or, at the very
        first, from the prior), and `evidence`, the digest.
    changes
        Dim `change`, each statement that came or went: `statement`, `step`, `day`, `came` (1, or 0
        where it went), `why` it went, and the statement's `expert`, `question`, `topic`, `stated`.
    shares
        Dim `share`: `step`, `cause` (a statement, source or topic that came or went), `value` (its
        Shapley share of `moved`, in probability) and `mcse`; only of steps whose record has them.
    past
        Dim `answer`, what the record holds of older models: `segment`, `day`, `credence` (the
        headline).
    segments
        What the record holds, model by model, the older first; the last is that of `data`.
    record
        The file.
    """

    data: xr.Dataset
    changes: xr.Dataset
    shares: xr.Dataset
    past: xr.Dataset
    segments: tuple[Segment, ...]
    settings: Settings
    record: Path

    @property
    def headline(self) -> xr.DataArray:
        """P(usable for at least one factor) at every step."""
        return self.data["credence"].sel(gate=HEADLINE[0], factor=HEADLINE[1])

    @property
    def failed(self) -> tuple[str, ...]:
        """The steps whose fit failed its verdict, with the reason; once where it is carried on."""
        names = ("step", "failed", "carried")
        rows = zip(*(self.data[name].values.tolist() for name in names), strict=True)
        told = [(at, why) for i, (at, why, carried) in enumerate(rows) if not (carried and i)]
        return tuple(f"{at}: {why}" for at, why in told if why)

    @property
    def largest(self) -> tuple[str, ...]:
        """The steps that moved the headline most, the largest first."""
        moved = np.nan_to_num(np.abs(self.data["moved"].to_numpy()))
        order = np.argsort(-moved, kind="stable")[:LARGEST]
        return tuple(str(self.data["step"].values[i]) for i in order if moved[i] > 0)

    @property
    def table(self) -> pd.DataFrame:
        """One row for each step: P(usable) for any, all and each factor, and what changed."""
        usable = self.data.sel(gate="usable", drop=True)
        columns: dict[str, Any] = {
            str(f): usable["credence"].sel(factor=f, drop=True) for f in _usable_first(usable)
        }
        columns["mcse"] = usable["mcse"].sel(factor=ANY, drop=True)
        columns |= {n: self.data[n] for n in ("moved", "statements", "experts", "carried")}
        columns |= {
            name: ("step", [", ".join(self.named(str(s), came)) for s in self.data["step"].values])
            for name, came in (("came", True), ("went", False))
        }
        return xr.Dataset({**columns, "failed": self.data["failed"]}).to_dataframe()

    def named(self, step: str, came: bool) -> list[str]:
        """Ids of the statements that came at a step, or that went, with why."""
        here = self.changes.isel(
            change=np.flatnonzero(
                (self.changes["step"].values == step) & (self.changes["came"].values == came)
            )
        )
        named = zip(here["statement"].values, here["why"].values, strict=True)
        return [f"{name} ({why})" if why else str(name) for name, why in named]

    def due(self, step: str) -> list[tuple[str, float, float]]:
        """Causes of a step with share and Monte Carlo error, the largest first."""
        here = self.shares.isel(share=np.flatnonzero(self.shares["step"].values == step))
        rows = zip(*(here[n].values.tolist() for n in ("cause", "value", "mcse")), strict=True)
        return sorted(rows, key=lambda row: -abs(row[1]))

    @property
    def text(self) -> str:
        """What the history says: a sentence, the steps at which something changed, what failed."""
        from sweet_spot.answers.history_text import text

        return text(self)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        from sweet_spot.answers.history_text import to_json

        return to_json(self)


def history(
    data: Path | str = "data",
    *,
    every: Every = "month",
    since: dt.date | None = None,
    until: dt.date | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    scheduler: str | None = None,
) -> History:
    """The answer as of past dates: what the record lacks is drawn, by independent tasks.

    Each step is a fit to what was known on its date, equal to a separate `fit` of that. The record,
    `history.csv` in the data folder, gets every answer as soon as it is there, so that what was
    interrupted goes on where it was, and what is recorded is not drawn again.

    Parameters
    ----------
    every
        The end of each month, quarter or year is a step; the last step is all that is known.
    since, until
        Only these dates; with `until`, that day is the last step.
    progress
        Called with how many dates are done, how many there are to do, and the next.
    scheduler
        Address of a Dask scheduler; by default the cores of this machine.

    Raises
    ------
    MissingData, InvalidRecord
        The data folder is missing or has errors, or the record cannot be read.
    """
    gather(data)  # checked as for a report
    steps = plan(data, every, since, until, settings)
    fill(steps, progress, scheduler)
    return from_rows(steps, read_record(steps.record))


def recorded(
    data: Path | str = "data", until: dt.date | None = None, settings: Settings | None = None
) -> History | None:
    """What the record holds of a history by month, drawing nothing; None where it has no answer."""
    steps = plan(data, until=until, settings=settings)
    rows = read_record(steps.record)
    held = {row.key for row in rows}
    return from_rows(steps, rows) if any(steps.key(step) in held for step in steps.steps) else None


def from_rows(of: Plan, rows: Sequence[Row]) -> History:
    """The history of a plan, as far as the rows of a record answer it."""
    held = {row.key: row for row in rows}
    answers = [held.get(of.key(step)) for step in of.steps]
    found = segments(rows)
    current = [s for s in found if s.made.segment == of.made.segment]
    older = [s for s in found if s.made.segment != of.made.segment]
    data = _data(of, answers, held.get(of.prior_key))
    return History(
        data, _changes(of, data), recorded_shares(of, answers), _past(older), (*older, *current),
        of.settings, of.record,
    )  # fmt: skip


def _data(of: Plan, answers: Sequence[Row | None], prior: Row | None) -> xr.Dataset:
    factors = [*of.argument.coords["factor"], ANY, ALL]
    gates = list(GATES)
    shape = ("step", "gate", "factor")
    names = [[f"{gate}[{factor}]" for factor in factors] for gate in gates]
    values, errors = (
        np.array([[[_value(row, n, i) for n in own] for own in names] for row in answers])
        for i in (0, 1)
    )
    before = np.array([[_value(prior, name, 0) for name in own] for own in names])
    live = [of.dated[step.live] for step in of.steps]
    per_step = {
        "day": np.array(_days(of.steps, answers), dtype="datetime64[ns]"),
        "statements": [len(step.live) for step in of.steps],
        "experts": [_experts(of, step) for step in of.steps],
        "carried": [int(step.carried) for step in of.steps],
        "failed": np.array([row.failed if row else "" for row in answers], dtype=np.str_),
        "missing": [int(row is None) for row in answers],
        "evidence": np.array([each.digest for each in live], dtype=np.str_),
    }
    data = xr.Dataset(
        {"credence": (shape, values), "mcse": (shape, errors), "prior": (shape[1:], before)}
        | {name: ("step", value) for name, value in per_step.items()},
        coords={"step": [s.label for s in of.steps], "gate": gates, "factor": factors},
    )
    data["moved"] = "step", _moved(data, of.steps)
    return data


def _value(row: Row | None, name: str, which: int) -> float:
    """A credence or its error; NaN where there is none."""
    return row.credences.get(name, (np.nan, np.nan))[which] if row else float("nan")


def _days(steps: Sequence[Step], answers: Sequence[Row | None]) -> list[dt.date]:
    """Dates; that of all that is known is when it was computed, as that is when it was known."""
    out: list[dt.date] = []
    for step, row in zip(steps, answers, strict=True):
        known = [dt.date.fromisoformat(row.computed[:10])] if row else []
        out.append(step.day or max([*known, *out[-1:]], default=dt.date.today()))
    return out


def _experts(of: Plan, step: Step) -> int:
    return serving_voices(of.dated[step.live].evidence)[1]


def _moved(data: xr.Dataset, steps: Sequence[Step]) -> np.ndarray:
    """Change of the headline; not known at a first step before which statements were live."""
    at = {"gate": HEADLINE[0], "factor": HEADLINE[1]}
    values = data["credence"].sel(at).to_numpy()
    from_prior = bool(steps) and len(steps[0].came) == len(steps[0].live)
    start = float(data["prior"].sel(at)) if from_prior else np.nan
    return np.diff(values, prepend=start)


def _changes(of: Plan, data: xr.Dataset) -> xr.Dataset:
    """Every statement that came or went, step by step."""
    topics = {question.id: question.topic for question in of.known.questions}
    rows = []
    for step, day in zip(of.steps, data["day"].values, strict=True):
        rows += [(name, step.label, day, 1, "") for name in step.came]
        rows += [(name, step.label, day, 0, str(state)) for name, state in step.went.items()]
    name, label, day, came, why = zip(*rows, strict=True) if rows else ((),) * 5
    said = of.known.statements.sel(statement=list(name))
    out: dict[str, Sequence[str]] = {"statement": name, "step": label, "why": why}
    out |= {n: said[n].to_numpy().tolist() for n in ("expert", "question", "stated")}
    out["topic"] = [topics[question] for question in out["question"]]
    columns = {n: ("change", np.array(value, dtype=np.str_)) for n, value in out.items()}
    columns["came"] = "change", np.array(came, dtype=np.int64)
    columns["day"] = "change", np.array(day, dtype="datetime64[ns]")
    return xr.Dataset(columns)


def _past(older: Sequence[Segment]) -> xr.Dataset:
    """The headline as answers of older models had it, by the date as of which they were."""
    name = f"{HEADLINE[0]}[{HEADLINE[1]}]"
    rows = [
        (s.made.segment, row.computed[:10] if row.as_of == KNOWN else row.as_of, row)
        for s in older
        for row in s.rows
        if row.as_of != PRIOR and name in row.credences
    ]
    rows.sort(key=lambda row: (row[0], row[1], row[2].computed))
    last = {(segment, day): row.credences[name][0] for segment, day, row in rows}
    return xr.Dataset(
        {
            "segment": ("answer", np.array([segment for segment, _ in last], dtype=np.str_)),
            "day": ("answer", np.array([day for _, day in last], dtype="datetime64[ns]")),
            "credence": ("answer", np.array(list(last.values()), dtype=float)),
        }
    )


def _usable_first(usable: xr.Dataset) -> list[str]:
    """The factors, any and all before the others."""
    names = [str(f) for f in usable["factor"].values]
    return names[-2:] + names[:-2]
