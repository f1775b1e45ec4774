"""What-if: make something so, or learn that it is so; from draws, compiling nothing (MODEL.md 3).

To make it so (`set`, a scenario) moves a latent in every world, recomputes what follows and leaves
the rest as it was. To learn it (`given`) keeps the worlds in which it holds, and with them all that
goes with it. The two answers differ, so they are never mixed and the title says which it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr

from sweet_spot.answers.compare import FEWEST, compare, gates_in, latents_of
from sweet_spot.answers.credences import HEADLINE, voices
from sweet_spot.answers.figures import FACTOR_WORDS
from sweet_spot.answers.numbers import SAMPLE, error, plural, probability, share, signed, words
from sweet_spot.answers.premises import Event, in_words, read_event, value_in_words
from sweet_spot.answers.verdict import verdict
from sweet_spot.argument.conditions import (
    SOLVABLE,
    SOLVED_FOR,
    Conditions,
    conditions,
    read_value,
)
from sweet_spot.argument.moves import Move, moved
from sweet_spot.argument.quantities import from_working, parse
from sweet_spot.argument.scenarios import Scenario
from sweet_spot.argument.structure import NUMPY
from sweet_spot.argument.worlds import Target, evaluate, intervene
from sweet_spot.errors import InvalidWhatIf

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
Kind = Literal["set", "given", "scenario"]
KIND_WORDS: Mapping[str, str] = {
    "set": "Made so (intervention)",
    "given": "Learned (conditioning)",
    "scenario": "Scenario, made so (intervention)",
}
REMEDY = "; ask for less, fit with more draws, or make it so with set, which is another question"
"""What to do where too few draws remain, on the command line."""


@dataclass(frozen=True)
class Today:
    """One world before any what-if: its draws, their latents as arrays, and the gates they pass."""

    draws: xr.Dataset
    latents: Mapping[str, np.ndarray]
    gates: xr.DataArray


@dataclass(frozen=True)
class WhatIf:
    """Every gate for each factor, today and what-if.

    Attributes
    ----------
    kind
        `set` and `scenario` are interventions, `given` is conditioning.
    title
        Which of the two, and what was made so or learned.
    data
        Dims `world` (posterior where there is one, prior), `gate`, `factor` (with any and all):
        `today`, `whatif`, `change`, and Monte Carlo standard errors `mcse` of `whatif` and
        `mcse_change` of `change`, the latter on the same draws. Along `world`: `draws`, `kept` and
        `effective` (draws in which what was learned holds, and how many independent ones they are
        worth), `chance` (its probability), `learned` (1 where conditioned; an intervention keeps
        all draws), `missed` (share in which a date set cannot be met). NaN where too few remain.
    text
        The headline in words.
    """

    kind: Kind
    title: str
    data: xr.Dataset
    text: str

    @property
    def world(self) -> str:
        """Whose the numbers are: posterior, or prior where nothing was fitted."""
        return str(self.data["world"].values[0])

    @property
    def table(self) -> pd.DataFrame:
        """One row for each gate and factor; the prior's numbers beside the posterior's."""
        parts = self.data[["today", "whatif", "change", "mcse", "mcse_change"]]
        frame = parts.sel(world=self.world, drop=True).to_dataframe().reset_index()
        if self.world != "prior":
            before = self.data.sel(world="prior")
            for name in ("today", "whatif"):
                frame[f"prior_{name}"] = before[name].to_numpy().ravel()
        return frame

    def to_json(self) -> dict[str, Any]:
        """As `sweet-spot whatif --json` prints it; null where there is no number."""
        rows = self.table.astype(object).where(self.table.notna(), None)
        counts = self.data[["draws", "kept", "effective", "chance"]].sel(world=self.world)
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "intervention": self.kind != "given",
            "title": self.title,
            "text": self.text,
            "world": self.world,
            **{name: int(counts[name]) for name in ("draws", "kept")},
            **{name: float(counts[name]) for name in ("effective", "chance")},
            "rows": rows.to_dict("records"),
        }


def whatif(
    tree: xr.DataTree,
    *,
    set: Mapping[str, float | str] | None = None,  # noqa: A002 - the word of the command
    given: str | Iterable[str] = (),
    scenario: Scenario | None = None,
    today: Mapping[str, Today] | None = None,
) -> WhatIf:
    """The credences if something were made so, or were learned: one of the three.

    Parameters
    ----------
    tree
        A fit, or prior draws; the prior is answered beside the posterior.
    set
        Latents, whole or by coordinate, to values in their own unit (a share as 0.2 or "20%"); or
        `year_automation` or `year_at_speedup(x)`, met by solving for `years_per_dex_before`.
    given
        Events such as "years_bought > 1" on any quantity of the catalogue; several hold together.
    scenario
        One of `read_scenarios`.
    today
        What `todays(tree)` gave, where many questions are asked of one tree: it saves time.

    Raises
    ------
    InvalidWhatIf
        Not just one was asked, or too few draws remain in which the events hold.
    UnknownQuantity
        A name or value does not fit; the message says what would.
    """
    given = (given,) if isinstance(given, str) else tuple(given)
    _one_question(set, given, scenario)
    events = [read_event(text) for text in given]
    fixed = _fixed(set or {})
    moves = [entry.move for entry in scenario.moves] if scenario else []
    kind: Kind = "scenario" if scenario else "given" if given else "set"
    worlds = [name for name in ("posterior", "prior") if name in tree]
    today = todays(tree) if today is None else today
    parts = [_answer(today[name], fixed, moves, events) for name in worlds]
    data = xr.concat(
        parts, xr.Variable("world", worlds), coords="minimal", compat="override", join="override"
    )
    if not bool(np.isfinite(data["whatif"].isel(world=0)).all()):
        raise _too_few(data.isel(world=0), given)
    shown = [
        value_in_words(quantity, value)
        + f" (met by moving {SOLVED_FOR})" * (quantity.name in SOLVABLE)
        for quantity, value in fixed
    ]
    shown += [str(event) for event in events]
    shown += [scenario.name, *map(in_words, moves)] if scenario else []
    title = f"{KIND_WORDS[kind]}: {'; '.join(shown)}"
    return WhatIf(kind, title, data, _text(title, data, tree))


def _one_question(
    fixed: Mapping[str, float | str] | None, given: tuple[str, ...], scenario: Scenario | None
) -> None:
    asked = [n for n, v in (("set", fixed), ("given", given), ("scenario", scenario)) if v]
    if len(asked) != 1:
        raise InvalidWhatIf(
            f"{' and '.join(asked) if asked else 'nothing'} asked: ask for one of set (make it so:"
            " move a latent, leave what it does not cause), given (learn that: keep the worlds in"
            " which it holds) or scenario; in one question they would mean neither"
        )


def _fixed(wanted: Mapping[str, float | str]) -> Conditions:
    """What is set, checked and in order."""
    read = {name: read_value(parse(name, whole=True), value) for name, value in wanted.items()}
    return conditions(read, SOLVED_FOR)


def todays(tree: xr.DataTree) -> dict[str, Today]:
    """Each world of a fit as it is today, for many what-ifs of it."""
    found = {}
    for name in ("posterior", "prior"):
        if name in tree:
            draws = tree[name].to_dataset()
            latents = latents_of(draws)
            found[name] = Today(draws, latents, gates_in(latents, draws))
    return found


def _answer(now: Today, fixed: Conditions, moves: list[Move], events: list[Event]) -> xr.Dataset:
    """The comparison in one world's draws (prior or posterior)."""
    latents, today = now.latents, now.gates
    if not events:
        new = moved(intervene(latents, fixed, NUMPY), moves)
        found = compare(today, gates_in(new, now.draws))
        return found.assign(learned=0, missed=_missed(new, fixed))
    values = evaluate([Target(event.quantity) for event in events], latents, NUMPY)
    holds = np.stack(
        [e.compare(values[..., i], e.working) for i, e in enumerate(events)], axis=-1
    ).all(axis=-1)
    found = compare(today, today, xr.DataArray(holds, dims=SAMPLE))
    return found.assign(learned=1, missed=0.0)


def _missed(latents: Mapping[str, np.ndarray], fixed: Conditions) -> float:
    """Share of draws in which a date that was set cannot be met: the rest alone takes longer."""
    dates = [(quantity, value) for quantity, value in fixed if quantity.name in SOLVABLE]
    if not dates:
        return 0.0
    ((quantity, value),) = dates
    years = from_working(quantity, evaluate([Target(quantity)], latents, NUMPY)[..., 0])
    return float((abs(years - value) > 1e-6).mean())


def _too_few(data: xr.Dataset, given: tuple[str, ...]) -> InvalidWhatIf:
    return InvalidWhatIf(
        f"given {' and '.join(given)}: it holds in {int(data['kept'])} of"
        f" {plural(int(data['draws']), 'draw')}, worth {float(data['effective']):.0f} independent"
        f" ones, and {FEWEST:.0f} are needed{REMEDY}"
    )


def _text(title: str, data: xr.Dataset, tree: xr.DataTree) -> str:
    """The headline: what, how sure, against what, and from how many statements."""
    gate, factor = HEADLINE
    usable = data.sel(gate=gate)
    here, world = usable.sel(factor=factor).isel(world=0), str(data["world"].values[0])
    each = ", ".join(
        f"{FACTOR_WORDS.get(str(f), words(str(f)))}"
        f" {probability(float(usable['whatif'].sel(factor=f)[0]))}"
        for f in data["factor"].values
        if f != factor
    )
    text = (
        f"{title}. P(usable sweet spot for at least one factor) ="
        f" {probability(float(here['whatif']))} ({world} mean; Monte Carlo error"
        f" {error(float(here['mcse']))}), today {probability(float(here['today']))}: change"
        f" {signed(float(here['change']))} (Monte Carlo error {error(float(here['mcse_change']))},"
        f" the same draws). Each factor: {each}.{_kept(here, world)}"
    )
    if world != "prior":
        prior = usable.sel(factor=factor, world="prior")
        after, before = (probability(float(prior[name])) for name in ("whatif", "today"))
        text += f" Prior: {after}, today {before}."
    found, who = verdict(tree), voices(tree)[0]
    version = tree.attrs["version_ai_safety_sweet_spot"]
    behind = (
        f"{who.statements} evidence statements by {who.experts} experts to {who.latest}"
        if world != "prior"
        else "prior only: no statement was used"
    )
    return f"{text} Model {version}, {behind}.{f' {found.text}' if found.failed else ''}"


def _kept(here: xr.Dataset, world: str) -> str:
    """How many draws remain where something was learned; which were left where a date was set."""
    if "missed" in here and float(here["missed"]) > 0:
        return (
            f" In {share(float(here['missed']))} of the draws the date cannot be met and is the"
            " earliest possible."
        )
    if int(here["learned"]):
        return (
            f" It holds in {int(here['kept'])} of {int(here['draws'])} draws, worth"
            f" {float(here['effective']):.0f} independent ones: {world} probability"
            f" {probability(float(here['chance']))}."
        )
    return ""
