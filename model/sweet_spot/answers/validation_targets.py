"""What the backtest had to reach, beside what it reached: computed from its scores, never typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sweet_spot.answers.backtest import HEADLINES, TOGETHER, Backtest
from sweet_spot.answers.numbers import MINUS
from sweet_spot.inference.backtest import OURS
from sweet_spot.inference.resolved import BINARY, QUANTILE
from sweet_spot.inference.standings import ALL

SIMPLE = ("equal_weights", "quantile_mean", "quantile_median", "trimmed_mean", "log_odds_mean")
"""Pools that learn from no outcome: the best of them is the one to beat. Means of quantiles are for
quantities, the mean of log odds is for probabilities."""
COVERAGE = (0.85, 0.95)
MOST_WIS = 0.72
PANELS, ODD_UNITS = "cooke_sej", "fpt2024"
"""Expert panels, whose coverage and error have targets; and a dataset in which units are mistaken,
where a mean is lost and the median of quantiles stands."""
(WE,) = OURS


@dataclass(frozen=True)
class Target:
    """One target.

    Attributes
    ----------
    demanded
        Whether it was set beforehand; the others are shown beside these.
    difference
        Ours less the other's, in words, with its paired standard error; empty without another.
    """

    what: str
    found: str
    difference: str
    met: bool
    demanded: bool


def targets(found: Backtest) -> list[Target]:
    """Every target whose dataset is there."""
    out = [*_coverage(found), *_wis(found), *_odd_units(found)]
    sets = [name for name in _datasets(found, "log") if name != ALL]
    out += [_log(found, name, demanded=name in TOGETHER) for name in sorted(sets, key=_named)]
    for name in dict.fromkeys(each.dataset for each in found.paired if each.score == "log"):
        if name not in sets:
            out.append(_pooled(found, name))
    return out


def _named(name: str) -> tuple[bool, str]:
    return name not in TOGETHER, name


def _datasets(found: Backtest, score: str) -> list[str]:
    return list(dict.fromkeys(row.dataset for row in found.rows if row.score == score))


def values(found: Backtest, dataset: str, score: str) -> dict[str, tuple[float, float]]:
    """Value and standard error of each method on a dataset."""
    return {
        row.method: (row.value, row.se)
        for row in found.rows
        if (row.dataset, row.score) == (dataset, score)
    }


def best_simple(found: Backtest, dataset: str, score: str) -> str | None:
    """The simple pool with the least of a score on a dataset; none where no pool is there."""
    there = {name: own for name, (own, _) in values(found, dataset, score).items()}
    simple = [name for name in SIMPLE if name in there]
    return min(simple, key=there.__getitem__) if simple else None


def _coverage(found: Backtest) -> list[Target]:
    own = values(found, PANELS, "coverage_90").get(WE)
    if own is None:
        return []
    low, high = COVERAGE
    what = f"{PANELS}: `coverage_90` from {low:g} to {high:g}"
    return [Target(what, with_error(*own), "", low <= own[0] <= high, demanded=True)]


def _wis(found: Backtest) -> list[Target]:
    own = values(found, PANELS, "wis_ratio").get(WE)
    if own is None:
        return []
    what = f"{PANELS}: `wis_ratio` below {MOST_WIS:g}"
    return [Target(what, with_error(*own), "", own[0] < MOST_WIS, demanded=True)]


def _odd_units(found: Backtest) -> list[Target]:
    there, than = values(found, ODD_UNITS, "wis_ratio"), "quantile_median"
    if not {WE, than} <= there.keys():
        return []
    (own, _), (other, _) = there[WE], there[than]
    what = f"{ODD_UNITS}: `wis_ratio` below that of `{than}`"
    return [
        Target(
            what, f"{own:.4f} against {other:.4f}",
            f"{difference(found, ODD_UNITS, HEADLINES[QUANTILE], than)} (log ratio)", own < other,
            demanded=True,
        )
    ]  # fmt: skip


def _log(found: Backtest, name: str, *, demanded: bool) -> Target:
    best = best_simple(found, name, "log") or ""
    there = values(found, name, "log")
    own, other = there[WE][0], there[best][0]
    return Target(
        f"{name}: `log` no worse than the best simple pool's",
        f"{own:.4f} against {other:.4f} (`{best}`)",
        f"{difference(found, name, HEADLINES[BINARY], best)} nats", own <= other, demanded=demanded,
    )  # fmt: skip


def _pooled(found: Backtest, name: str) -> Target:
    """Better than the best simple pool over the questions of several datasets together."""
    against = {
        each.than: each for each in found.paired
        if (each.dataset, each.score) == (name, "log") and each.than in SIMPLE
    }  # fmt: skip
    best = max(against.values(), key=lambda each: each.difference)  # the one we gain least from
    sets = [n for n in _datasets(found, "log") if n != ALL] if name == ALL else name.split("+")
    own, other = (_mean(found, sets, method) for method in (WE, best.than))
    who = "all" if name == ALL else ", ".join(sets)
    return Target(
        f"{who} pooled ({best.n} questions): `log` better than the best simple pool's",
        f"{own:.4f} against {other:.4f} (`{best.than}`)",
        f"{signed(best.difference, best.se)} nats", best.difference < 0, demanded=name != ALL,
    )  # fmt: skip


def _mean(found: Backtest, names: Sequence[str], method: str) -> float:
    """Mean log score over the questions of several datasets."""
    rows = [row for row in found.rows
            if row.dataset in names and (row.method, row.score) == (method, "log")]  # fmt: skip
    return sum(row.n * row.value for row in rows) / sum(row.n for row in rows)


def difference(found: Backtest, dataset: str, score: str, than: str) -> str:
    """Ours less another's on the same questions, with its standard error."""
    (own,) = (
        each for each in found.paired
        if (each.dataset, each.score, each.than) == (dataset, score, than)
    )  # fmt: skip
    return signed(own.difference, own.se)


def signed(value: float, se: float) -> str:
    """A difference with its sign and standard error, to the error's first digits."""
    digits = 4 if abs(se) < 0.01 else 3
    sign = MINUS if value < 0 else "+"
    return f"{sign}{abs(value):.{digits}f} ± {se:.2g}"


def with_error(value: float, se: float) -> str:
    """A score with its standard error."""
    return f"{value:.3f} ± {se:.2g}"
