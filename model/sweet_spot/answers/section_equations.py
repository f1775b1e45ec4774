"""The sections of a report on other equations and on other judgement calls of the error model."""

from __future__ import annotations

from functools import partial

import numpy as np

from sweet_spot.answers.estimates import UNKNOWN
from sweet_spot.answers.figure_calls import calls_figure
from sweet_spot.answers.figure_rivals import rivals_figure
from sweet_spot.answers.judgement import JudgementCalls, judgement_calls
from sweet_spot.answers.numbers import DASH, error, number, probability, words
from sweet_spot.answers.rivals import RivalTable
from sweet_spot.answers.rivals_saved import saved_rivals
from sweet_spot.answers.section import Drawing, Point, Reported, Section, section
from sweet_spot.answers.tables import plain, table
from sweet_spot.answers.tables_influence import calls_table, made_by
from sweet_spot.argument.rivals import MAIN, STRUCTURES

CALLS, RIVALS = "`sweet-spot sensitivity --refit`", "`sweet-spot rivals`"


def calls_section(about: Reported) -> Section | None:
    """The headline under other judgement calls, as far as refits were kept."""
    if not about.weighable:
        return None
    found = judgement_calls(about.tree, about.kept, argument=about.argument)
    known = np.isfinite(found.data["value"].to_numpy())
    drawings: tuple[Drawing, ...] = ()
    if known.any():
        what = "the headline under each judgement call that was fitted; numbers as in the table."
        drawings = (Drawing("calls", what, partial(calls_figure, found, about.stamp)),)
    missing = int((found.data["method"] == UNKNOWN).sum())
    text = found.text if known.any() else ""
    if missing:
        text += f" {missing} of {known.size} rows have no number: each needs a refit, {CALLS}."
    return section(
        about, "calls", "Under other judgement calls of the error model", drawings, _shared(found),
        text=text.strip(), table=calls_table(found, CALLS), command=CALLS,
    )  # fmt: skip


def _shared(found: JudgementCalls) -> tuple[Point, ...]:
    """The number at half and double tau_shared, or that this takes a refit."""
    both = found.data.isel(call=slice(2))
    what = "how far all who answer a question are assumed to err together"
    if not np.isfinite(both["value"]).all():
        text = f"On {what}: the number at half and double that takes a refit, {CALLS}."
        return (Point("rests", text),)
    half, double = (probability(float(value)) for value in both["value"])
    slack = error(float(both["error"].max()))
    text = f"On {what}: at half that the number is {half}, at double it is {double}"
    return (Point("rests", f"{text} (Monte Carlo error of each at most {slack})."),)


def rivals_section(about: Reported) -> Section | None:
    """Rival structures, as far as the draws or kept fits can tell."""
    if not about.weighable:
        return None
    found = saved_rivals(about.tree, about.argument, about.cache)
    text = "P(usable for at least one factor) under each structure and its weight; as in the table."
    drawn = Drawing("rivals", text, partial(rivals_figure, found))
    return section(
        about, "rivals", "Under other equations", (drawn,), _range(found), text=_sentence(found),
        table=_table(found), meanings=_meanings(),
    )  # fmt: skip


def _sentence(found: RivalTable) -> str:
    """What each structure says, and which have no number."""
    rows, method = found.table, found.data["method"].to_series()
    known = [name for name in method.index if method[name] != UNKNOWN]
    each = ", ".join(
        f"{words(name)} {probability(rows.posterior[name])} (Monte Carlo error"
        f" {error(rows.mcse[name])}, prior {probability(rows.prior[name])})"
        for name in known
    )
    rest = [words(name) for name in method.index if name not in known]
    missing = f" {', '.join(rest)}: needs a refit, {RIVALS}." if rest else ""
    return f"P(usable sweet spot for at least one factor), posterior means: {each}.{missing}"


def _table(found: RivalTable) -> str:
    rows = []
    columns = ["posterior", "mcse", "prior", "weight", "log_ratio", "log_ratio_error"]
    columns += ["updated_weight", "updated_weight_error"]
    method = found.data["method"].to_series()
    for name, row in found.table.iterrows():
        cells = [
            error(row[c]) if c.endswith(("error", "mcse"))
            else number(row[c], "log" if c == "log_ratio" else "probability")
            for c in columns
        ]  # fmt: skip
        made = made_by(method[name], RIVALS) if name in method else DASH
        rows.append([words(str(name)), *cells, made])
    head = [
        "structure", "headline", "Monte Carlo error", "prior", "stated weight",
        "log ratio of marginal likelihoods to the first", "its error", "updated weight",
        "its error", "by",
    ]  # fmt: skip
    return table(head, rows)


def _meanings() -> str:
    return "\n".join(
        f"- **{words(s.name)}**: {plain(s.meaning)}. {plain(s.reason)} ({plain(s.source)})"
        for s in STRUCTURES
    )


def _range(found: RivalTable) -> tuple[Point, ...]:
    """From where to where the number runs over the other structures."""
    others = found.table.loc[[s.name for s in STRUCTURES if s.name != MAIN.name]]
    known, missing = others.dropna(subset="posterior"), others[others.posterior.isna()]
    if not len(known):
        return ()
    each = ", ".join(f"{probability(p)} ({words(str(n))})" for n, p in known.posterior.items())
    rest = f"; {', '.join(words(str(n)) for n in missing.index)} takes a refit, {RIVALS}"
    return (
        Point(
            "rests",
            f"On the equations: under others that we declare the number is {each}; Monte Carlo"
            f" error at most {error(float(known.mcse.max()))}{rest if len(missing) else ''}.",
        ),
    )
