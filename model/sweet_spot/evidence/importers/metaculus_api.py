"""Metaculus posts as the API gives them (saved JSON): every question type, in units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import Imported, Settings
from sweet_spot.evidence.importers.metaculus_scale import (
    Scale,
    check_cdf,
    check_scale,
    location_of,
    mass_beyond,
)
from sweet_spot.evidence.importers.moments import day, last_of_each_day
from sweet_spot.evidence.importers.plain_json import Node, read_json

CONTINUOUS = ("numeric", "discrete", "date")
QUARTILES = {
    0.25: "interval_lower_bounds",
    0.5: "centers",
    0.75: "interval_upper_bounds",
}
TAILS = (0.05, 0.95)
GRID = 201
UNNAMED = "whose forecast this is, is not said: set `me` under settings"


@dataclass(frozen=True)
class Asked:
    """A question with what its forecasts need."""

    node: Node
    id: str
    kind: str
    text: str
    condition: str
    options: tuple[str, ...]
    scale: Scale | None
    unit: str
    resolved: dt.datetime | None


def read(path: Path, settings: Settings) -> Sequence[Imported]:
    """The forecasts of saved posts: one, a list, or a page of results.

    Pooled forecasts and, as those of the person `me`, the owner's own; the latest of each, or with
    `history: all` every one. Options are questions of their own, as in `123[Option A]`, and so is
    the mass beyond an open range, as in `123[above range]`.
    """
    root = read_json(path)
    if settings.get("history", "latest") not in ("latest", "all"):
        raise root.refusal(f"setting history is {settings['history']!r}", "write latest or all")
    if "detail" in root:
        raise root.refusal(f"this is an error of the API: {shown(root['detail'].value)}", "retry")
    posts = root["results"].each() if "results" in root else [root]
    if isinstance(root.value, list):
        posts = root.each()
    if not posts:
        raise root.refusal("the file holds no post", "save it again")
    return [item for post in posts for asked in _questions(post) for item in _said(asked, settings)]


def _questions(post: Node) -> Iterator[Asked]:
    """The questions of a post that can have forecasts."""
    if "question" in post:
        yield _asked(post["question"], post["title"].text())
    elif "group_of_questions" in post:
        for question in post["group_of_questions"]["questions"].each():
            yield _asked(question, post["title"].text())
    elif "conditional" in post:
        both = post["conditional"]
        title = both["condition"]["title"].text()
        for answer in ("yes", "no"):
            if f"question_{answer}" in both:
                question = both[f"question_{answer}"]
                yield _asked(question, title, condition=f"if {answer}: {title}")
    elif "type" in post and "aggregations" in post:
        yield _asked(post, "")
    elif "notebook" not in post:
        remedy = "expected question, group_of_questions or conditional, as /api/posts/ gives them"
        raise post.refusal("this is no Metaculus post", remedy)


def _asked(node: Node, title: str, condition: str = "") -> Asked:
    kind = node["type"].needed()
    if kind not in ("binary", "multiple_choice", *CONTINUOUS):
        raise node.refusal(f"the question type {shown(kind)} is not known", "remove this post")
    scale = _scale(node, kind) if kind in CONTINUOUS else None
    unit = {"date": "year", "numeric": node["unit"].text(), "discrete": node["unit"].text()}
    return Asked(
        node=node,
        id=node["id"].needed(),
        kind=kind,
        text=node["title"].text() or title,
        condition=condition,
        options=tuple(option.needed() for option in node["options"].each()),
        scale=scale,
        unit=unit.get(kind, "probability"),
        resolved=node["actual_resolve_time"].moment() if "resolution" in node else None,
    )


def _scale(node: Node, kind: str) -> Scale:
    said = node["scaling"]
    scale = Scale(
        said["range_min"].number(),
        said["range_max"].number(),
        said["zero_point"].optional(),
        (said if "open_lower_bound" in said else node)["open_lower_bound"].flag(),
        (said if "open_upper_bound" in said else node)["open_upper_bound"].flag(),
        is_date=kind == "date",
    )
    try:
        check_scale(scale)
    except ValueError as error:
        raise said.refusal(str(error), "compare with the question's page") from error
    return scale


def _said(asked: Asked, settings: Settings) -> list[Imported]:
    found: list[tuple[dt.datetime, Imported]] = []
    methods = asked.node["aggregations"]
    for method in methods.names():
        who = Imported("", f"Metaculus {method}", "quantile", (), None, is_aggregate=True)
        found += _history(asked, methods[method], who, settings)
    if "my_forecasts" in asked.node:
        me = str(settings.get("me", ""))
        who = Imported("", me or "me", "quantile", (), None)
        if not me:
            who = replace(who, role="excluded", reason=UNNAMED)
        found += _history(asked, asked.node["my_forecasts"], who, settings)
    return last_of_each_day(found)


def _history(
    asked: Asked, history: Node, who: Imported, settings: Settings
) -> Iterator[tuple[dt.datetime, Imported]]:
    """The forecasts of one method or person, with their moments, earliest first."""
    latest = [history["latest"]] if "latest" in history else []
    entries = list(history["history"].each())
    if settings.get("history") == "all" or not latest:
        starts = {entry["start_time"].moment() for entry in latest}
        before = [entry for entry in entries if entry["start_time"].moment() not in starts]
        entries = before + latest if settings.get("history") == "all" else before[-1:]
    else:
        entries = latest
    for entry in entries:
        start, end = entry["start_time"].moment(), entry["end_time"].moment()
        if start is None:
            raise entry.refusal("there is no start_time", "save it again")
        count = entry["forecaster_count"].optional()
        ends = min((moment for moment in (end, asked.resolved) if moment), default=None)
        said = replace(
            who,
            question=asked.id,
            date=day(start),
            expires=day(ends),
            text=asked.text,
            condition=asked.condition,
            unit=asked.unit,
            people=int(count) if count and count >= 1 and who.is_aggregate else None,
        )
        for item in _forecast(asked, entry, said):
            yield start, item


def _forecast(asked: Asked, entry: Node, said: Imported) -> list[Imported]:
    if asked.kind == "binary":
        values = entry["forecast_values"].each() or entry["centers"].each()
        if not values:
            return []
        return [replace(said, kind="probability", values=(values[-1].probability(),))]
    if asked.kind == "multiple_choice":
        return _options(asked, entry, said)
    return _continuous(asked, entry, said)


def _options(asked: Asked, entry: Node, said: Imported) -> list[Imported]:
    """One statement an option; those that were added later have no value yet."""
    values = entry["forecast_values"].each() or entry["centers"].each()
    if values and len(values) != len(asked.options):
        message = f"{len(values)} values, where there are {len(asked.options)} options"
        raise entry.refusal(message, "save it again")
    return [
        replace(
            said,
            question=f"{said.question}[{option}]",
            kind="probability",
            values=(value.probability(),),
        )
        for option, value in zip(asked.options, values, strict=False)
        if value.value is not None
    ]


def _continuous(asked: Asked, entry: Node, said: Imported) -> list[Imported]:
    """Quartiles as published, tails and the mass beyond from the CDF where it is whole."""
    assert asked.scale is not None
    places: dict[float, float] = {}
    for level, name in QUARTILES.items():
        if members := entry[name].each():
            places[level] = members[0].probability()
    cdf = _cdf(asked, entry)
    if cdf:
        wanted = set(TAILS) if places else {*TAILS, *QUARTILES}
        discrete = asked.kind == "discrete"
        places |= {level: location_of(cdf, level, discrete=discrete) for level in wanted}
    if not places:
        return []
    levels = sorted(places)
    if any(places[a] > places[b] for a, b in pairwise(levels)):
        raise entry.refusal("the percentiles fall", "compare with the source")
    values = tuple(asked.scale.reported(places[level]) for level in levels)
    whole = replace(said, kind="quantile", levels=tuple(levels), values=values)
    beyond = mass_beyond(whole, asked.scale, cdf[0], 1 - cdf[-1]) if cdf else []
    return [whole, *beyond]


def _cdf(asked: Asked, entry: Node) -> list[float]:
    """The whole CDF; [] where it is missing or, as in the API's own example, cut short."""
    values = [value.number() for value in entry["forecast_values"].each()]
    steps = asked.node["scaling"]["inbound_outcome_count"].optional()
    steps = asked.node["inbound_outcome_count"].optional() if steps is None else steps
    if len(values) < 2 or len(values) != (GRID if steps is None else steps + 1):
        return []
    try:
        check_cdf(values)
    except ValueError as error:
        raise entry["forecast_values"].refusal(str(error), "compare with the source") from error
    return values
