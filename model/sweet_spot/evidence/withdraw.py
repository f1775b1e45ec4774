"""Withdraws a statement: a small file says that it ended, when and why; nothing is deleted."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sweet_spot.errors import InvalidRecord
from sweet_spot.evidence.add import Added, put
from sweet_spot.evidence.findings import near, shown
from sweet_spot.evidence.reading import data_files, read_elicitations
from sweet_spot.evidence.records import SCHEMA_VERSION
from sweet_spot.evidence.write_yaml import quoted


def withdraw(
    statement: str,
    why: str,
    data: Path | str = "data",
    *,
    date: str | None = None,
    url: str | None = None,
    today: dt.date | None = None,
) -> Added:
    """Writes `elicitations/withdrawn-<id>.yaml`, checked and whole or not at all.

    Parameters
    ----------
    statement
        The id of the statement, in whatever file.
    why
        Who withdrew it, or what was wrong with it.
    date
        Since when, as YYYY, YYYY-MM or YYYY-MM-DD; by default today.
    url
        Where the withdrawal was published; by default where the statement was.

    Raises
    ------
    MissingData
        There is no data folder.
    InvalidRecord
        There is no such statement, or the withdrawal contradicts what is there.
    """
    everything = read_elicitations(data_files(data).elicitations)
    found = {item.statement.id: item for item in everything}
    if statement not in found:
        hint = near(statement, found)
        raise InvalidRecord(f"{data}: there is no statement {shown(statement)}{hint}")
    item = found[statement]
    earlier = [ending for ending in item.endings if ending.how == "withdrawn"]
    if earlier:
        return Added(None, (), (), (statement,))
    day = (today or dt.date.today()).isoformat() if date is None else date
    text = _FORM.format(
        schema=SCHEMA_VERSION,
        title=quoted(f"Withdrawal of {statement}"),
        url=quoted(item.source.url if url is None else url),
        statement=quoted(statement),
        date=quoted(day),
        why=quoted(why),
    )
    name = f"withdrawn-{statement}.yaml"
    return put(text.encode(), name, data, shown=Path(name), today=today)


_FORM = """\
schema: {schema}

source:
  title: {title}
  url: {url}
  date: {date}

endings:
  - statement: {statement}
    how: withdrawn
    date: {date}
    why: {why}
"""
