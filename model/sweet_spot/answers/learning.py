"""What was learned about how people err, in words and tables, beside the constants set by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sweet_spot.answers.numbers import number, plural, span
from sweet_spot.answers.verdict import MEANING
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.learned import LEARNED, Learned

MEANINGS = {
    "tau_shared": "error that all share on a question, over its scale",
    "tau": "own error of a person, over the question's scale",
    "kappa": "own error, over the person's stated spread",
    "skill_sd": "how people differ: sd of log imprecision",
    "disposition_expert": "how people lean: sd of a person's disposition",
    "scale_sd": "how far a question's scale strays: sd of its log",
    "probability_unit": "spread meant by a probability, over that stated in quantiles",
    "nu_shared": "degrees of freedom of shared error (low: heavy tails)",
    "nu_error": "degrees of freedom of own error",
}


def by_hand(name: str) -> float:
    """The constant set by hand; what was left out: people alike in skill, one unit for all."""
    return float(getattr(ErrorConstants(), name, {"skill_sd": 0.0}.get(name, 1.0)))


def printed_constants(learned: Learned) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Head and rows of a table: each constant on a new panel, with 90 % interval."""
    head = ("constant", "by hand", "learned", "90 % interval", "what it is")
    rows: list[tuple[str, ...]] = []
    for name in LEARNED:
        own = learned.constants[name]
        rows.append((
            name, number(by_hand(name), ""), number(own.median, ""), span(own.low, own.high, ""),
            MEANINGS[name],
        ))  # fmt: skip
    return head, rows


def learned_text(learned: Learned) -> str:
    """What was learned from, and whether the fit can be trusted."""
    from_ = learned.sources
    checks = learned.checks
    kept = "; ".join(
        f"{name} {checks[f'check_{name}']:.4g} (demanded {checks[f'check_{name}_threshold']:g})"
        for name in MEANING
    )
    left_out = sum(sum(source.left_out.values()) for source in from_)
    return (
        f"Learned from {plural(sum(s.questions for s in from_), 'question')} with known answers in"
        f" {plural(sum(s.panels for s in from_), 'panel')} of {plural(len(from_), 'dataset')}:"
        f" {sum(s.statements for s in from_)} statements by {sum(s.people for s in from_)} people"
        f" ({left_out} more were left out, mostly by drawing lots)."
        " Numbers are medians and 90 % intervals on a new panel in a new domain."
        f" The fit {'passed' if learned.passed else 'FAILED'} its checks: {kept}."
    )


def learned_json(learned: Learned) -> str:
    """The file's content, for programs."""
    return json.dumps(learned.to_json(), indent=2, allow_nan=False)
