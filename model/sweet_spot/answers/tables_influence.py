"""Tables of influence, camps and sensitivity, as Markdown."""

from __future__ import annotations

from typing import Any

import numpy as np

from sweet_spot.answers.camps import SIDES, Camps
from sweet_spot.answers.estimates import UNKNOWN
from sweet_spot.answers.importance import Importance
from sweet_spot.answers.influence import Influence
from sweet_spot.answers.judgement import JudgementCalls
from sweet_spot.answers.numbers import (
    DASH,
    MINUS,
    error,
    number,
    probability,
    records,
    signed,
    words,
)
from sweet_spot.answers.sensitivity import POWERS, Sensitivity
from sweet_spot.answers.tables import plain, table


def _k(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS) if np.isfinite(value) else DASH


def made_by(method: object, command: str = "") -> str:
    """How a number was made or, where a command would have to fit again for it, which."""
    return f"needs a refit: {command}" if command and method == UNKNOWN else str(method)


def influence_table(found: Influence, command: str = "") -> str:
    """Each expert, cluster or source, the largest change first."""
    rows = []
    for who in found.data["who"].values:
        row = {str(k): v.item() for k, v in found.data.sel(who=who).data_vars.items()}
        alone = probability(row["alone"])
        rows.append([
            plain(str(who)), str(row["statements"]), signed(row["change"]),
            error(row["change_error"]), _k(row["pareto_k"]),
            made_by(row["method"], command), alone, error(row["alone_error"]),
            made_by(row["alone_method"], command),
        ])  # fmt: skip
    head = [
        str(found.data.attrs["by"]), "statements", "headline without them less with",
        "Monte Carlo error", "Pareto k", "by", "their statements alone imply",
        "Monte Carlo error", "by",
    ]  # fmt: skip
    return table(head, rows)


def camps_table(found: Camps, command: str = "") -> str:
    """Each question: what its swap does to either camp; of a gap that is noise, no shares."""
    rows, apart = [], abs(found.gap) > 2 * found.gap_error
    for question in found.questions["question"].values:
        row = found.questions.sel(question=question)
        cells = [plain(words(str(question)))]
        cells += [str(int(row[f"statements_{side}"])) for side in SIDES]
        for side in SIDES:
            of = row.sel(camp=side)
            share = 100 * float(of["closed"])
            shown = f"{share:.0f} %".replace("-", MINUS) if apart and np.isfinite(share) else DASH
            cells += [
                signed(float(of["change"])), error(float(of["change_error"])), shown,
                made_by(of["method"].item(), command),
            ]  # fmt: skip
        rows.append(cells)
    each = [
        (f"{s} adopts: change of its credence", "Monte Carlo error", "of the gap closed", "by")
        for s in SIDES
    ]
    return table(["question", "a's statements", "b's", *each[0], *each[1]], rows)


def sensitivity_tables(
    found: Sensitivity, shares: Importance, calls: JudgementCalls | None = None
) -> str:
    """All of them, each under its sentence."""
    parts = [found.text, tornado_table(found), shares.text, importance_table(shares)]
    parts += [SCALED, scaled_table(found)]
    if calls is not None:
        parts += [calls.text, calls_table(calls)]
    return "\n\n".join(parts)


SCALED = (
    "Power-scaling: the change of P(usable for at least one factor) where the prior of a latent, or"
    f" the statements, are raised to {POWERS[0]:g} (weaker) or {POWERS[1]:g} (firmer). Of each"
    " latent, how sensitive its own posterior is to its prior and to all statements (ArviZ psense;"
    " above 0.05 counts)."
)


def tornado_table(found: Sensitivity, most: int | None = None) -> str:
    """Each coordinate of a latent at its two posterior points, the widest swing first."""
    rows = []
    for label in found.tornado["coordinate"].values[:most]:
        row = found.tornado.sel(coordinate=label)
        unit = str(row["unit"].item())
        points = [number(float(row[f"{end}_point"]), unit) for end in ("low", "high")]
        rows.append([
            plain(words(str(label))), unit, points[0], probability(float(row["low"])), points[1],
            probability(float(row["high"])), signed(float(row["swing"])),
            error(float(row["swing_error"])),
        ])  # fmt: skip
    head = [
        "latent", "unit", "10 % posterior point", "headline there", "90 % point",
        "headline there", "difference", "Monte Carlo error",
    ]  # fmt: skip
    return table(head, rows)


def importance_table(found: Importance) -> str:
    """Each latent's share of the variance."""
    rows = [
        [words(str(name)), f"{100 * float(s):.1f} %".replace("-", MINUS), f"{100 * float(e):.1f} %"]
        for name, s, e in zip(
            found.data["latent"].values, found.data["share"], found.data["error"], strict=True
        )
    ]
    return table(["latent", "share of the variance (Shapley)", "standard error"], rows)


def scaled_table(found: Sensitivity) -> str:
    """Power-scaling of each prior, of all priors, of the statements."""
    rows = []
    for what in found.scaled["what"].values:
        row = {str(k): v.item() for k, v in found.scaled.sel(what=what).data_vars.items()}
        sense = [
            f"{row[n]:.3f}" if np.isfinite(row[n]) else DASH
            for n in ("psense_prior", "psense_likelihood")
        ]
        rows.append([
            words(str(what)), signed(row["weaker"]), signed(row["firmer"]),
            error(row["firmer_error"]), *sense, row["diagnosis"],
        ])  # fmt: skip
    head = [
        "what", "headline when weaker", "when firmer", "Monte Carlo error", "psense, own prior",
        "psense, statements", "",
    ]  # fmt: skip
    return table(head, rows)


def calls_table(found: JudgementCalls, command: str = "") -> str:
    """The headline under each judgement call."""
    rows = []
    for name in found.data["call"].values:
        row = found.data.sel(call=name)
        rows.append([
            plain(str(name)), probability(float(row["value"])), error(float(row["error"])),
            signed(float(row["change"])), error(float(row["change_error"])),
            made_by(row["method"].item(), command),
        ])  # fmt: skip
    head = ["judgement call", "headline", "Monte Carlo error", "change", "its error", "by"]
    return table(head, rows)


def sensitivity_json(
    found: Sensitivity, shares: Importance, calls: JudgementCalls | None = None
) -> dict[str, Any]:
    """All of them as plain numbers and texts."""
    parts = {"tornado": found.tornado, "scaled": found.scaled, "importance": shares.data}
    rows = {name: records(data.to_dataframe().reset_index()) for name, data in parts.items()}
    judged = records(calls.data.to_dataframe().reset_index()) if calls else None
    return {"schema": 1, "headline": found.headline, "text": found.text, **rows, "calls": judged}
