"""The dates of a history: which evidence is live on each, what came since the last, what went."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.ledger import State, spans, states
from sweet_spot.evidence.reading import SourcedStatement

Every = Literal["month", "quarter", "year"]
_MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
ALL = "all"
"""The label of the step at which everything counts that is known."""


@dataclass(frozen=True)
class Step:
    """The evidence on a date, against the date before.

    Attributes
    ----------
    day
        None at the step at which everything counts that is known, wherever dated.
    live
        Ids of the evidence statements that are live; checks have no part in an answer.
    came
        Ids of those that were not live at the step before.
    went
        Those that were, with what they are now: superseded, withdrawn, expired, resolved.
    carried
        Nothing came or went: the answer is that of the step before.
    """

    day: dt.date | None
    live: frozenset[str]
    came: tuple[str, ...]
    went: Mapping[str, State]

    @property
    def label(self) -> str:
        """The date, or `all`."""
        return self.day.isoformat() if self.day else ALL

    @property
    def carried(self) -> bool:
        """Whether nothing changed."""
        return not (self.came or self.went)


def timeline(
    statements: Sequence[SourcedStatement],
    every: Every = "month",
    since: dt.date | None = None,
    until: dt.date | None = None,
    *,
    today: dt.date | None = None,
) -> tuple[Step, ...]:
    """The steps of a history, in order.

    One at the end of every period, from the first evidence to the last change up to today, and one
    at which all counts that is known. What came and went within one period is in no step.

    Parameters
    ----------
    since
        Steps before it are left out. What the first one lists came since the one before it.
    until
        The last step is then this day, and not all that is known.
    today
        By default the current day.

    Raises
    ------
    SweetSpotError
        `every` is no period, or `since` is after `until`.
    """
    if every not in get_args(Every):
        raise SweetSpotError(f"--every {every}: choose one of {', '.join(get_args(Every))}")
    if since and until and since > until:
        raise SweetSpotError(f"--since {since} is after --until {until}: there is no step")
    today = today or dt.date.today()
    serving = {s.statement.id for s in statements if s.statement.role == "evidence"}
    days: list[dt.date | None] = list(_days(statements, serving, every, until, today))
    found: list[Step] = []
    before: frozenset[str] = frozenset()
    for day in days if until else [*days, None]:
        now = states(statements, day, today=today)
        live = frozenset(name for name in serving if now[name].status == "live")
        went = {name: now[name] for name in sorted(before - live)}
        found.append(Step(day, live, tuple(sorted(live - before)), went))
        before = live
    return tuple(s for s in found if since is None or s.day is None or s.day >= since)


def _days(
    statements: Sequence[SourcedStatement],
    serving: set[str],
    every: Every,
    until: dt.date | None,
    today: dt.date,
) -> Iterator[dt.date]:
    """The ends of periods that come before the last step, and that step where it is a date."""
    known = [span for name, span in spans(statements).items() if name in serving]
    changes = [day for span in known for day in span if day <= today]
    last = until or (_period_end(max(changes), every) if changes else None)
    day = _period_end(min(changes), every) if changes else None
    while day and last and day <= min(last, until or today):
        yield day
        day = _period_end(day + dt.timedelta(days=1), every)
    if until and (not changes or _period_end(until, every) != until or until < min(changes)):
        yield until


def _period_end(day: dt.date, every: Every) -> dt.date:
    """The last day of the month, quarter or year in which a day lies."""
    length = _MONTHS[every]
    month = (day.month - 1) // length * length + length
    return day.replace(month=month, day=calendar.monthrange(day.year, month)[1])
