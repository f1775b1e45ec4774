"""Proper scores of predictions, question by question, and means with paired bootstrap errors.

Everything about a quantity is on the working scale (log10 where the question's scale is log) and
in units of the median positive 90 % width that the panel stated on the question, so that questions
can be averaged. Formulas are those of scoringrules, wherever it has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scoringrules as sr

from sweet_spot.inference.resolved import BINARY, QUANTILE, Floats, Ints, Resolved

HUNDREDTHS = np.arange(1, 100) / 100
"""Levels at which every distribution is predicted, beside those that were stated."""
LEAST, MOST = 0.01, 0.99
"""Probabilities are clipped to these before the log score, as the datasets' README suggests."""
FLOOR = 1e-3
"""Least weighted interval score inside a ratio, in units of the stated width: a prediction that is
all one value, and right, would otherwise decide the geometric mean alone."""
FEWEST = 5
"""Fewest groups that the bootstrap draws from."""
SCORES: Mapping[str, Sequence[str]] = {
    QUANTILE: ("wis", "wis_ratio", "crps", "coverage_50", "coverage_90"),
    BINARY: ("brier", "log"),
}


def levels_of(of: Resolved) -> Floats:
    """The levels that a prediction of quantiles is asked for: hundredths, and all that was stated.

    The same for every question of a dataset, ascending.
    """
    stated = of.level[np.isfinite(of.level)]
    return np.unique(np.round(np.concatenate([HUNDREDTHS, stated]), 9))


def width(of: Resolved, question: int) -> float:
    """Median over people of the stated 90 % width, of those that are positive; NaN if none is.

    The outermost levels stated on the question stand for .05 and .95 where these were not asked.
    """
    said = of.stated[question]
    low, high = (_column(said.levels, level, end) for level, end in ((0.05, 0), (0.95, -1)))
    widths = said.values[:, high] - said.values[:, low]
    widths = widths[widths > 0]
    return float(np.median(widths)) if widths.size else float("nan")


def _column(levels: Floats, level: float, end: int) -> int:
    """Where a level stands; the end where it does not."""
    found = np.flatnonzero(np.isclose(levels, level))
    return int(found[0]) if found.size else end


def weighted_interval_score(
    outcome: float, quantiles: Floats, levels: Floats, width: float
) -> float:
    """Twice the mean pinball loss over the levels, in stated widths."""
    return float(sr.crps_quantile(outcome, quantiles, levels, backend="numpy")) / width


def quantile_scores(
    of: Resolved, questions: Ints, predicted: Floats, levels: Floats
) -> dict[str, Floats]:
    """Scores of predicted quantiles, each (question,).

    Parameters
    ----------
    predicted
        (question, level), on the working scale, not decreasing along a row.
    levels
        As `levels_of` gives them.

    Returns
    -------
    dict
        `wis` over the levels that the panel stated. `crps` over the hundredths between its
        outermost levels: the integral over levels as a sum, without the tails that nobody spoke
        of. `coverage_50` and `coverage_90`: whether the outcome lies in the central interval from
        .25 to .75 and from .05 to .95, ends included.
    """
    outcome = of.outcome[questions]
    out = {name: np.empty(questions.size) for name in ("wis", "crps")}
    for row, question in enumerate(questions):
        said, unit = of.stated[question].levels, width(of, question)
        fine = HUNDREDTHS[(said[0] - 1e-9 <= HUNDREDTHS) & (said[-1] + 1e-9 >= HUNDREDTHS)]
        for name, at in (("wis", _at(levels, said)), ("crps", _at(levels, fine))):
            quantiles = predicted[row, at]
            out[name][row] = weighted_interval_score(outcome[row], quantiles, levels[at], unit)
    for name, low, high in (("coverage_50", 0.25, 0.75), ("coverage_90", 0.05, 0.95)):
        lower, upper = (predicted[:, _at(levels, np.array([p]))[0]] for p in (low, high))
        out[name] = ((lower <= outcome) & (outcome <= upper)).astype(float)
    return out


def _at(levels: Floats, wanted: Floats) -> Ints:
    """Where the wanted levels stand."""
    return np.searchsorted(levels, np.round(wanted, 9))


def probability_scores(of: Resolved, questions: Ints, predicted: Floats) -> dict[str, Floats]:
    """`brier` and `log` (minus the log of what was given to what happened), each (question,)."""
    outcome = of.outcome[questions]
    clipped = np.clip(predicted, LEAST, MOST)
    return {
        "brier": np.asarray(sr.brier_score(outcome, predicted, backend="numpy")),
        "log": np.asarray(sr.log_score(outcome, clipped, backend="numpy")),
    }


def resamples(groups: Sequence[object], runs: int, rng: np.random.Generator) -> Floats:
    """How often each question is drawn in each bootstrap run, (run, question).

    Whole groups are drawn with replacement. With fewer than five groups there is nothing to draw
    from; single questions are drawn then, as if each were a group.
    """
    _, group = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    if group.max(initial=0) + 1 < FEWEST:
        group = np.arange(group.size)
    count = int(group.max(initial=0)) + 1
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=runs)
    return drawn[:, group].astype(float)


def log_ratio(wis: Floats, against: Floats) -> Floats:
    """Log of the ratio of two weighted interval scores, question by question."""
    return np.asarray(np.log(np.maximum(wis, FLOOR)) - np.log(np.maximum(against, FLOOR)))


def mean_of(values: Floats, weights: Floats) -> Floats:
    """Mean over the questions that have a value, for each row of weights: (run,)."""
    known = np.isfinite(values)
    total = weights[:, known].sum(axis=1)
    with np.errstate(invalid="ignore"):  # a run may draw no question that has a value
        return np.asarray(weights[:, known] @ values[known] / total)
