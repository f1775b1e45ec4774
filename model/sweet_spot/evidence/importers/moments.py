"""Moments as other tools write them, turned into our dates and decimal years."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from sweet_spot.evidence.importers.common import Imported

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SAME_DAY = "superseded later on the same day"


def moment_of_seconds(seconds: float) -> dt.datetime:
    """A moment from seconds since 1970; ValueError outside the years 1 to 9999."""
    try:
        return _EPOCH + dt.timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{seconds:g} seconds since 1970 is no date") from error


def moment_of_text(text: str) -> dt.datetime:
    """A moment from an ISO date with or without a time; by default UTC; or ValueError."""
    moment = dt.datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is no date") from error


def decimal_year(moment: dt.datetime) -> float:
    """A moment as decimal calendar year, so that midday on 1 July 2026 is about 2026.497."""
    start = dt.datetime(moment.year, 1, 1, tzinfo=dt.UTC)
    length = dt.timedelta(days=365 + calendar.isleap(moment.year))
    return moment.year + (moment - start) / length


def day(moment: dt.datetime | None) -> str:
    """The calendar day of a moment, in UTC, as in our records; "" of none."""
    return "" if moment is None else moment.date().isoformat()


def plain(value: float) -> str:
    """A number as text that reads back as the same number, in bounds and events."""
    return repr(value).removesuffix(".0")


def last_of_each_day(said: Iterable[tuple[dt.datetime, Imported]]) -> list[Imported]:
    """Statements in their order, of which only the last of a day, person and question is live.

    Our dates are days: of several views on one day, the earlier ones are kept as excluded.
    """
    listed = list(said)
    last: dict[tuple[str, ...], dt.datetime] = {}
    for moment, item in listed:
        last[_key(item)] = max(moment, last.get(_key(item), moment))
    kept: set[tuple[str, ...]] = set()
    out = []
    for moment, item in reversed(listed):  # of equal moments the later row counts
        key = _key(item)
        if moment == last[key] and key not in kept:
            kept.add(key)
            out.append(item)
        else:
            out.append(replace(item, role="excluded", reason=SAME_DAY))
    return out[::-1]


def _key(item: Imported) -> tuple[str, ...]:
    return item.question, item.forecaster, item.date, item.condition
