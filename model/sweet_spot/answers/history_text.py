"""A history in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import ANY
from sweet_spot.answers.numbers import MINUS, error, plural, probability
from sweet_spot.evidence.timeline import ALL as KNOWN

if TYPE_CHECKING:
    from sweet_spot.answers.history import History

LARGEST = 4
"""So many shares of a step are told."""
SCHEMA = 1
"""Version of the format that `to_json` returns."""


def date_of(step: str) -> str:
    """A step's date in words."""
    return "all that is known" if step == KNOWN else step


def text(of: History) -> str:
    """A sentence; one line for each step at which something changed; what failed or is missing."""
    lines = [summary(of), *(_line(of, step) for step in changed(of))]
    lines += [f"A new model since {since}: {what}." for since, what in boundaries(of)]
    return "\n".join([*lines, *troubles(of)])


def summary(of: History) -> str:
    """The headline's way from the prior, with errors, and how many dates that took."""
    values = of.headline
    given = np.flatnonzero(np.isfinite(values.to_numpy()))
    if not given.size:
        return "No answer as of any of these dates."
    first, last = (str(values["step"].values[i]) for i in (given[0], given[-1]))
    before = float(of.data["prior"].sel(gate="usable", factor=ANY))
    worst = float(np.nanmax(of.data["mcse"].sel(gate="usable", factor=ANY)))
    count, carried = values.sizes["step"], int(of.data["carried"].sum())
    return (
        "P(usable sweet spot for at least one factor), posterior mean by the model of today:"
        f" {probability(float(values.sel(step=first)))} with {_behind(of, first)},"
        f" {probability(float(values.sel(step=last)))} with {_behind(of, last)};"
        f" prior {probability(before)}. Monte Carlo error at most {error(worst)}."
        f" {plural(count, 'date')}, of which {carried} carry the answer of the date before, as no"
        f" evidence statement came or went; seed {of.settings.seed}."
    )


def _behind(of: History, step: str) -> str:
    here = of.data.sel(step=step)
    who = f"{plural(int(here['statements']), 'evidence statement')}"
    known = date_of(step) if step == KNOWN else f"what was known on {step}"
    return f"{known} ({who} by {plural(int(here['experts']), 'expert')})"


def changed(of: History) -> list[str]:
    """The steps at which something came or went."""
    return [str(s) for s in of.data["step"].values[of.data["carried"].to_numpy() == 0]]


def _line(of: History, step: str) -> str:
    here = of.data.sel(step=step)
    value = float(of.headline.sel(step=step))
    mcse = float(here["mcse"].sel(gate="usable", factor=ANY))
    told = f"{probability(value)} (Monte Carlo error {error(mcse)})"
    told = told if np.isfinite(value) else "no answer"
    parts = [f"{len(names)} {verb}: {', '.join(names)}" for verb, names in _both(of, step) if names]
    change = moved(float(here["moved"]))
    due = told_due(of, step)
    return f"{step}  {told}{f', moved by {change}' if change else ''}. {'; '.join(parts)}{due}"


def told_due(of: History, step: str) -> str:
    """The largest shares in a step of more than one cause."""
    found = of.due(step)
    if len(found) < 2:
        return ""
    parts = [f"{name} {value:+.3f} ({error(mcse)})" for name, value, mcse in found[:LARGEST]]
    more = f" and {len(found) - LARGEST} more" if len(found) > LARGEST else ""
    return f". Shapley shares (Monte Carlo error): {', '.join(parts)}{more}"


def _both(of: History, step: str) -> tuple[tuple[str, list[str]], ...]:
    return ("came", of.named(step, came=True)), ("went", of.named(step, came=False))


def moved(value: float) -> str:
    """A change of a probability, with its sign."""
    if not np.isfinite(value):
        return ""
    return f"{'+' if value >= 0 else MINUS}{abs(value):.2f}"


def troubles(of: History) -> list[str]:
    """What is not answered, and why."""
    lines = [f"No answer: {why} Try another seed." for why in of.failed]
    missing = int(of.data["missing"].sum())
    if missing:
        lines.append(
            f"{plural(missing, 'date')} not in the record: run `sweet-spot history` to add them."
        )
    return lines


def boundaries(of: History) -> list[tuple[str, str]]:
    """When each new segment of the record began, and what changed."""
    return [(s.since[:10], ", ".join(s.changed) or "unknown") for s in of.segments[1:]]


def to_json(of: History) -> dict[str, Any]:
    """All steps with all credences, what came and went, and the segments of the record."""
    steps = [_step(of, str(step)) for step in of.data["step"].values]
    prior = of.data["prior"]
    return {
        "schema": SCHEMA,
        "summary": summary(of),
        "seed": of.settings.seed,
        "prior": _credences(prior),
        "steps": steps,
        "segments": [
            {
                "segment": s.made.segment, "version": s.made.version, "since": s.since,
                "changed": list(s.changed), "answers": len(s.rows),
            }
            for s in of.segments
        ],
    }  # fmt: skip


def _credences(values: xr.DataArray) -> dict[str, dict[str, float | None]]:
    """By gate and factor; None where there is no answer."""
    return {
        str(g): {
            str(f): None if np.isnan(v := float(values.sel(gate=g, factor=f))) else v
            for f in values["factor"].values
        }
        for g in values["gate"].values
    }


def _step(of: History, step: str) -> dict[str, Any]:
    here = of.data.sel(step=step)
    plain = {n: int(here[n]) for n in ("statements", "experts", "carried")}
    at = {"as_of": step, "day": str(here["day"].values)[:10], **plain}
    at |= dict(_both(of, step))
    at["shares"] = [
        {"cause": cause, "share": value, "mcse": mcse} for cause, value, mcse in of.due(step)
    ]
    at |= {"evidence": str(here["evidence"].values), "failed": str(here["failed"].values)}
    return at | {n: _credences(here[n]) for n in ("credence", "mcse")}
