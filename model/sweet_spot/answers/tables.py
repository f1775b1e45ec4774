"""The tables of a report, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import CredenceTable, odds_moved
from sweet_spot.answers.figures import FACTOR_WORDS
from sweet_spot.answers.latents import PRIOR_ONLY, LatentTable
from sweet_spot.answers.numbers import DASH, MINUS, TIMES, error, number, probability, span, words
from sweet_spot.answers.verdict import MEANING, Verdict
from sweet_spot.answers.waterfall import Waterfall
from sweet_spot.argument.spec import Argument

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])")


def plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def link(text: str, url: str) -> str:
    """A link to a source; only the text where the address is not a web address."""
    if not re.fullmatch(r"https?://[^\s<>()\[\]\\]+", url):
        return plain(text)
    return f"[{plain(text)}]({url})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are Markdown already."""
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows])


def credences(found: CredenceTable) -> str:
    """Gate, factor, posterior, prior, Monte Carlo error, and how the odds moved."""
    rows = []
    for row in found.rows:
        gate, factor = row["gate"], row["factor"]
        name = FACTOR_WORDS.get(factor, words(factor))
        prior, mcse = probability(row["prior"]), error(row["mcse"])
        if not found.fitted:
            rows.append([gate, name, prior, mcse])
            continue
        moved = odds_moved(found, gate, factor)
        factor_of = f"{TIMES}{moved:.1f}" if np.isfinite(moved) else DASH
        rows.append([gate, name, f"**{probability(row['posterior'])}**", prior, mcse, factor_of])
    if not found.fitted:
        return table(["gate", "factor", "prior", "Monte Carlo error of the prior"], rows)
    return table(
        ["gate", "factor", "posterior", "prior", "Monte Carlo error", "odds moved by"], rows
    )


def waterfall(found: Waterfall, argument: Argument) -> str:
    """What is left after each gate, factor by factor; posterior with the prior in brackets."""
    data = found.data
    factors = [str(f) for f in data["factor"].values if f != "all"]
    fitted = "posterior" in data["world"]
    world = "posterior" if fitted else "prior"

    def cell(name: str, gate: str, factor: str) -> str:
        shown = probability(float(data[name].sel(world=world, gate=gate, factor=factor)))
        before = probability(float(data[name].sel(world="prior", gate=gate, factor=factor)))
        return f"{shown} ({before})" if fitted else shown

    rows = []
    for gate in [str(g) for g in data["gate"].values]:
        known = argument.gates[gate]
        left = [cell("left", gate, factor) for factor in factors]
        rows.append(
            [gate, plain(f"{known.worry} ({known.source})"), *left, cell("passing", gate, "any")]
        )
    names = [FACTOR_WORDS.get(factor, words(factor)) for factor in factors]
    return table(["gate", "worry behind it", *names, "at least one, given the gate before"], rows)


def latents(found: LatentTable, fitted: bool) -> str:
    """Prior and posterior of every latent, contraction, and what touches it."""
    rows = []
    for label in found.data["coordinate"].values:
        row = found.data.sel(coordinate=label)
        unit, count = str(row["unit"].values), int(row["statements"])
        shown = [plain(words(str(label))), unit, _interval(row["prior"].to_numpy(), unit)]
        if fitted:
            behind = f"{count} ({int(row['experts'])})" if count else f"**{PRIOR_ONLY}**"
            after = _interval(row["posterior"].to_numpy(), unit)
            contraction = f"{float(row['contraction']):.2f}".replace("-", MINUS)
            shown += [after, error(float(row["mcse"])), contraction, behind]
        rows.append(shown)
    head = ["latent", "unit", "prior median (interval)"]
    if fitted:
        head += [
            "posterior median (interval)",
            "Monte Carlo error",
            "contraction",
            "statements (experts)",
        ]
    return table(head, rows)


def _interval(points: np.ndarray, unit: str) -> str:
    low, middle, high = (float(p) for p in points)
    inside = span(low, high, unit)
    return number(middle, unit) + (f" ({inside})" if inside else "")


def statements(data: xr.Dataset, world: str) -> str:
    """Statements on one question: said, predicted, and the quantity itself in the model."""
    rows = []
    for i in range(data.sizes["statement"]):
        row = {str(name): data[name].values[i] for name in data.data_vars}
        unit, predicted = str(row["unit"]), row["predicted"]
        date = str(row["date"]) + ("" if row["dated"] else " (the source's)")
        rows.append([
            link(str(row["expert"]), str(row["url"])), date, plain(published(row)),
            plain(_modelled(row)),
            _interval(predicted, unit) if np.isfinite(predicted[0]) else DASH,
            plain(own(row)), plain(part(row)),
        ])  # fmt: skip
    head = [
        "who", "date", "as published", "as modelled", f"{world} predictive for this reporter",
        f"{world} of the quantity itself", "part",
    ]  # fmt: skip
    return table(head, rows)


def published(row: Mapping[str, Any]) -> str:
    """What was said; of a gate, which is not what was asked, only the number."""
    text = str(row["text"])
    return text.partition(") ")[2].lstrip("= ") if row["gate"] else text


def _modelled(row: Mapping[str, Any]) -> str:
    """The statement as the model takes it: in the question's unit, a bound as a bound."""
    asked = f"P({row['event']}) = " if row["event"] and not row["gate"] else ""
    mark = {0: "", 1: "above ", -1: "below "}[int(row["bound"])]
    return asked + mark + _interval(row["said"], str(row["unit"]))


def own(row: Mapping[str, Any]) -> str:
    """The quantity itself; where a gate answers, which way round it was taken."""
    below = str(row["event"]).startswith("<")
    named = f"P({'not ' if below else ''}usable) = " if row["gate"] else ""
    return named + _interval(row["quantity"], str(row["unit"]))


def part(row: Mapping[str, Any]) -> str:
    """The part a statement plays, and what to know about it."""
    notes = [str(row["role"]) if row["live"] else str(row["state"])]
    notes += [f"{row['people']} people"] if row["people"] > 1 else []
    notes += ["from a secondary source"] if row["verified"] != "yes" else []
    notes += ["OUTSIDE the predictive interval"] if row["live"] and row["outside"] else []
    return ", ".join(notes)


def checks(found: Verdict) -> str:
    """What the fit was checked for, what was found, and what was demanded."""
    rows = [
        [MEANING[c.name], f"{c.found:.4g}", c.demand, "passed" if c.passed else "**failed**"]
        for c in found.checks
    ]
    return table(["check, worst case over all variables and gates", "found", "demanded", ""], rows)
