"""What a calibration says: what was tested, at which level, what failed, and on which panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sweet_spot.answers.numbers import plural, probability
from sweet_spot.inference.calibration import FAMILIES, WORSE
from sweet_spot.inference.uniformity import SMALLEST

if TYPE_CHECKING:
    from sweet_spot.answers.calibration import Calibration

MOST = 5
"""So many failed tests are named; the table has them all."""
SLOW = 50
"""A run whose slowest variable has fewer effective draws than this is counted as slow."""
WORDS = {
    "answer": "the answer (the headline's margin, the width of the sweet spot, every gate, the"
    " joint log likelihood)",
    "latents": "the argument's latents, coordinate by coordinate",
    "asked": "the quantities that questions ask about",
    "errors": "the free variables of the error model, coordinate by coordinate",
}
KINDS = {
    "one_sided": "one-sided (censored)", "conditional": "conditional",
    "event": "single probabilities",
}  # fmt: skip


def text(found: Calibration) -> str:
    """The verdict, in five paragraphs."""
    return "\n\n".join(
        part for part in (_verdict(found), _tested(found), _rare(found), _panels(found)) if part
    )


def _verdict(found: Calibration) -> str:
    from sweet_spot.answers.calibration import LEVEL

    data, table = found.data, found.table
    failed = table[~table["passed"]]
    wrong = (
        f" NEGATIVE CONTROL: people err {WORSE:g} times as much as the model believes, so that it"
        " has to fail."
        if data.attrs["control"]
        else ""
    )
    lead = (
        f"{'NOT CALIBRATED' if found.failed else 'Calibrated'}:"
        f" {len(failed)} of {len(table)} tests failed in {plural(data.sizes['run'], 'run')}, at a"
        f" family-wise level of {100 * LEVEL:g} % (a right model fails at most so often).{wrong}"
    )
    rows = [
        f"  {r.quantity} ({r.test}): p = {written(r.p)}" for r in failed.head(MOST).itertuples()
    ]
    more = [f"  and {len(failed) - MOST} more"] if len(failed) > MOST else []
    return "\n".join([lead, *rows, *more])


def written(p: float) -> str:
    """A p-value, two digits."""
    return f"<{SMALLEST:.0e}" if p <= SMALLEST else f"{p:.2g}"


def _tested(found: Calibration) -> str:
    data, table = found.data, found.table
    a = data.attrs
    lines = [
        f"Tested: the rank of the truth among {a['kept']} draws (every {a['thin']}th of"
        f" {a['draws']}) is uniform, plain and folded, by an ECDF within its simultaneous band; and"
        " gates hold as often as their probabilities say. Levels by Bonferroni: an equal share to"
        " each of four kinds of quantities, and within a kind to each test.",
    ]
    for family in FAMILIES:
        own = table[table["family"] == family]
        count = own["quantity"].nunique()
        lines.append(
            f"  {count} of {WORDS[family]}: {len(own)} tests, each at"
            f" {own['level'].iloc[0]:.1g}; smallest p {written(float(own['p'].min()))}"
            f" ({own['quantity'].iloc[0]}, {own['test'].iloc[0]})"
        )
    return "\n".join(lines)


def _rare(found: Calibration) -> str:
    from sweet_spot.answers.calibration import RARE

    data = found.data
    runs, happened = int(data["rare_runs"].sum()), int(data["rare_happened"].sum())
    expected = float(data["rare_expected"].sum())
    gates = int((data["rare_runs"] > 0).sum())
    any_ = {"gate": "usable", "factor": "any"}
    headline = data["probability"].sel(any_)
    return (
        f"Gates: P(usable for at least one factor) was {probability(float(headline.mean()))} in the"
        f" mean of the posteriors, and it held in {int(data['happened'].sel(any_).sum())} of"
        f" {data.sizes['run']} truths. Rare events: in {runs} cases ({gates} of"
        f" {data['p_rare'].size} gates, any and all included) one outcome had a posterior"
        f" probability of at most {RARE:g}; it came {happened} times, {expected:.1f} expected."
    )


def _panels(found: Calibration) -> str:
    data = found.data
    held = [
        f"{np.mean(data[name]):.1f} {word} (at least {int(data[name].min())} in every panel)"
        for name, word in KINDS.items()
        if int(data[name].sum())
    ]
    absent = [word for name, word in KINDS.items() if not int(data[name].sum())]
    lacking = f" No {', no '.join(absent)}: not tested." if absent else ""
    slow = int((data["ess"] < SLOW).sum())
    seconds = float(data["seconds"].mean())
    return (
        f"Panels: {np.mean(data['live']):.1f} live statements in the mean, among them"
        f" {', '.join(held) or 'none of the special kinds'}.{lacking} Sampler:"
        f" {int(data['divergences'].sum())} divergences in all; in {plural(slow, 'run')} the"
        f" slowest variable has fewer than {SLOW} effective draws; no run is left out."
        f" {seconds:.1f} s of one core for each run, compiling aside."
    )
