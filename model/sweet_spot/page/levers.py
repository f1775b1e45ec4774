"""What can be moved and what can be learned on the page: names in plain words, sliders, URL values.

A value stands in the URL in the quantity's own unit (`years_bought=2.0`), an event with its sign
(`years_bought=>1.0`); both are read by the same functions as those of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.answers.compare import latents_of
from sweet_spot.answers.numbers import TIMES, Floats, number, share, summary, words
from sweet_spot.answers.premises import read_event
from sweet_spot.argument.conditions import SOLVABLE, conditions, read_value
from sweet_spot.argument.quantities import Quantity, from_working, parse
from sweet_spot.argument.structure import LATENT_DIMS, NUMPY
from sweet_spot.argument.worlds import Target, evaluate
from sweet_spot.errors import SweetSpotError
from sweet_spot.page.context import Context
from sweet_spot.page.controls import Values

POINTS = 41
"""Stops of a slider; its ends are the prior's 1 % and 99 % points."""


@dataclass(frozen=True)
class Lever:
    """A quantity under a name that needs no explanation, in a group of the page."""

    name: str
    label: str
    group: str


_WHEN, _ROOM, _TIME = "When", "How much room there is", "Time and effort"
_JUDGE, _SABOTAGE, _MORE = "Judging the work", "Sabotage", "More on the pace of progress"
LEVERS = (
    Lever("years_bought", "Extra years won by restraint inside the sweet spot", _TIME),
    Lever("investment", "Share of AI labour given to safety", _TIME),
    Lever("hardness", "AI work needed for a radical improvement", _TIME),
    Lever("returns_to_share", "How fully a share of the labour counts (1 = in full)", _TIME),
    Lever("year_automation", "Year in which AI research is fully automated", _WHEN),
    Lever("danger_gap", "Start of danger, measured from full automation", _ROOM),
    Lever("countermeasure_gain", "What hardening the world adds before danger", _ROOM),
    Lever("uneven_arrival", "Start of usefulness, measured from full automation", _ROOM),
    Lever("output_failure", "Work whose results we cannot judge", _JUDGE),
    Lever("process_failure", "Of that, work not judged by how it was done either", _JUDGE),
    Lever("scheming", "Scheming among AIs at a 20-fold speed-up", _SABOTAGE),
    Lever("scheming_slope", "How fast scheming grows with capability", _SABOTAGE),
    Lever("sabotage_potency", "Safety work that undetected schemers destroy", _SABOTAGE),
    Lever("sabotage_detection", "Sabotage that is caught", _SABOTAGE),
    Lever("diminishing_returns", "How fast progress gets harder (below 1: it explodes)", _MORE),
    Lever("labour_growth", "How much better safety work gets with capability", _MORE),
    Lever("automation_gap", "From today's AI to full automation", _MORE),
    Lever("years_per_dex_after", "Cost of a tenfold speed-up after automation", _MORE),
    Lever("current_speedup", "Speed-up of AI research at the start of 2026", _MORE),
)
"""What can be made so: latents (vectors as a whole) and one date. `years_per_dex_before` is what
the date is met by, and shares of kinds of work can only be set one by one."""
_SAFETY = "[safety_progress]"
EVENTS = (
    Lever("year_automation", "AI research is fully automated in", _WHEN),
    Lever("year_useful" + _SAFETY, "AIs are radically useful for safety in", _WHEN),
    Lever("year_dangerous", "AIs could disempower humanity in", _WHEN),
    Lever("years_bought", "Extra years won by restraint", _TIME),
    Lever("investment" + _SAFETY, "Share of AI labour given to safety progress", _TIME),
    Lever("needed_years" + _SAFETY, "Full-time AI work that safety progress needs", _TIME),
    Lever("sweet_spot_width" + _SAFETY, "From useful for safety to dangerous", _ROOM),
    Lever("danger_gap", "Start of danger, measured from full automation", _ROOM),
    Lever("evaluation_failure" + _SAFETY, "Safety work that evaluation cannot judge", _JUDGE),
    Lever("scheming_at_useful" + _SAFETY, "Scheming when AIs become useful", _SABOTAGE),
    Lever("differential_sabotage" + _SAFETY, "Safety work lost to sabotage", _SABOTAGE),
    Lever("diminishing_returns", "How fast progress gets harder (below 1: it explodes)", _MORE),
)
"""What can be learned: any quantity of the catalogue would do; these are offered."""


_OTHERS = {
    "years_per_dex_before": "Cost of a tenfold speed-up before automation",
    "work_share": "Share of the work",
}


def label_of(quantity: Quantity) -> str:
    """A latent under its plain name, with its coordinates."""
    plain = _OTHERS | {lever.name: lever.label for lever in LEVERS}
    where = ", ".join(words(coord) for coord in quantity.coords)
    return plain.get(quantity.name, words(quantity.name)) + (f" ({where})" if where else "")


def in_words(quantity: Quantity, value: float) -> str:
    """A value for people: distances of capability as factors, logs undone, shares in per cent."""
    match quantity.unit:
        case "dex":
            return f"{number(float(f'{10**value:.2g}'), '')}{TIMES}"
        case "log10 years":
            return _years(10**value)
        case "years":
            return _years(value)
        case "share" | "probability":
            return share(value)
        case unit:
            return number(float(f"{value:.5g}"), unit).removesuffix(".0")


def _years(value: float) -> str:
    """A duration with two digits, in days, months or years."""
    count, unit = (
        (365.25 * value, "day") if value < 1 / 12
        else (12 * value, "month") if value < 1 else (value, "year")
    )  # fmt: skip
    text = number(float(f"{count:.2g}"), "")
    return f"{text} {unit}{'' if text == '1' else 's'}"


def coordinates(quantity: Quantity) -> list[Quantity]:
    """A quantity as those that have a value each: the coordinates of a vector, or itself."""
    if quantity.coords or not LATENT_DIMS.get(quantity.name):
        return [quantity]
    from sweet_spot.argument.spec import load_argument

    coords, dims = load_argument().coords, LATENT_DIMS[quantity.name]
    return [parse(f"{quantity.name}[{coord}]") for coord in coords[dims[0]]]


def draws_of(quantity: Quantity, draws: xr.Dataset) -> Floats:
    """Draws of a quantity in its own unit; all coordinates of a vector taken together."""
    latents, own = latents_of(draws), coordinates(quantity)
    found = evaluate([Target(each) for each in own], latents, NUMPY)
    values = [from_working(each, found[..., i]) for i, each in enumerate(own)]
    return np.asarray(np.concatenate([value.ravel() for value in values]), dtype=float)


@dataclass(frozen=True)
class Scale:
    """Stops of a slider, and the interval (low, median, high) that the fit has."""

    points: tuple[float, ...]
    today: tuple[float, float, float]


def scale_of(quantity: Quantity, tree: xr.DataTree) -> Scale:
    """A slider from the draws of a fit: even on the scale on which the quantity varies."""
    prior = draws_of(quantity, tree["prior"].to_dataset())
    today = prior
    if "posterior" in tree:
        today = draws_of(quantity, tree["posterior"].to_dataset())
    low, high = np.quantile(prior, (0.01, 0.99))
    if quantity.unit == "year":  # dates are looked at one by one, and soon ones most
        points = np.arange(np.floor(low), min(np.ceil(high), np.floor(low) + 60) + 1)
    elif quantity.unit in ("share", "probability"):
        odds = np.linspace(np.log(low / (1 - low)), np.log(high / (1 - high)), POINTS)
        points = 1 / (1 + np.exp(-odds))
    elif low > 0 and high / low > 10:
        points = np.geomspace(low, high, POINTS)
    else:
        points = np.linspace(low, high, POINTS)
    ends = summary(today)
    stops = sorted({_rounded(float(p)) for p in points})
    return Scale(tuple(stops), (float(ends[0]), float(ends[1]), float(ends[2])))


def _rounded(value: float) -> float:
    """Two digits, three from 0.9 on or below it in years, as a person would say it."""
    return round(value, 3) if 0.9 < value < 1 else float(f"{value:.{4 if value > 100 else 2}g}")


def scale(context: Context, name: str) -> Scale:
    """The slider of a quantity, computed once for all visitors."""
    quantity = parse(name, whole=True)
    return context.kept(f"scale {quantity}", lambda: scale_of(quantity, context.tree))


def fields(context: Context, levers: tuple[Lever, ...], chosen: Values) -> list[dict[str, Any]]:
    """The controls for some levers, and for what else was chosen; as controls.js takes them."""
    known = {lever.name for lever in levers}
    others = tuple(
        Lever(name, label_of(parse(name, whole=True)), "From the address")
        for name in chosen
        if name not in known
    )
    kind = "event" if levers is EVENTS else "lever"
    first = levers[0].group
    return [
        _field(context, lever, chosen.get(lever.name, ""), kind) | {"first": lever.group == first}
        for lever in (*others, *levers)
    ]


def _field(context: Context, lever: Lever, chosen: str, kind: str) -> dict[str, Any]:
    quantity, shape = parse(lever.name, whole=True), scale(context, lever.name)
    sign, wanted = chosen[:1] if kind == "event" else "", chosen.lstrip("<>")
    value = read_value(quantity, wanted) if chosen else shape.today[1]
    points = sorted({*shape.points, value}) if chosen else list(shape.points)
    low, middle, high = (in_words(quantity, part) for part in shape.today)
    whose = "The model's belief" if "posterior" in context.tree else "The prior"
    return {
        "kind": kind, "name": lever.name, "label": lever.label, "group": lever.group,
        "on": bool(chosen), "sign": sign or ">", "points": points,
        "signs": ["after", "before"] if quantity.unit == "year" else ["more than", "less than"],
        "texts": [in_words(quantity, point) for point in points],
        "at": int(np.argmin(np.abs(np.array(points) - value))),
        "note": f"{whose}: {middle} ({low} to {high})",
    }  # fmt: skip


def read_set(values: Mapping[str, str]) -> tuple[dict[str, float], list[str]]:
    """What is to be made so, by name, in own units; and what of the values makes no sense, why."""
    found: dict[str, float] = {}
    wrong = []
    for name, text in values.items():
        try:
            quantity = parse(name, whole=True)
            value = read_value(quantity, text)
            conditions({name: value}, "years_per_dex_before" if quantity.name in SOLVABLE else None)
            found[str(quantity)] = value
        except SweetSpotError as error:
            wrong.append(str(error))
    return found, wrong


def read_given(values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What is to be learned, as events by name; and what of the values makes no sense, why."""
    found: dict[str, str] = {}
    wrong = []
    for name, text in values.items():
        try:
            if text[:1] not in ("<", ">"):
                raise SweetSpotError(f"{name}: write < or > and a value")
            event = read_event(f"{name} {text}")
            found[name] = f"{event.sign}{event.value!r}"
        except SweetSpotError as error:
            wrong.append(str(error))
    return found, wrong
