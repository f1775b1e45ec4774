"""The section of a report on the essay's picture, as Markdown tables."""

from __future__ import annotations

from sweet_spot.answers.figures import FACTOR_WORDS
from sweet_spot.answers.numbers import TIMES, number, probability, share, span, words
from sweet_spot.answers.picture import Picture
from sweet_spot.answers.tables import table


def picture(found: Picture) -> str:
    """A row for each factor: thresholds, work done when danger is passed, and what is beyond."""
    rows = []
    for factor, row in found.table.iterrows():
        low, middle, high = (row[f"work_at_danger_{p}"] for p in ("low", "median", "high"))
        rows.append([
            words(str(factor)), f"{row['useful']:.0f}{TIMES}", f"{row['dangerous']:.0f}{TIMES}",
            f"{number(middle, '')} ({span(low, high, '')})", probability(row["exists"]),
            probability(row["usable"]), probability(row["improved_at_end"]),
            probability(row["outrun_at_end"]), share(row["useful_later"]),
        ])  # fmt: skip
    end = f"{found.end:.0f}"
    head = [
        "factor", "useful, median", "dangerous, median",
        "work done when danger is passed, share of need, median (interval)", "P(exists)",
        "P(usable)", f"P(improved by {end})", f"P(frontier beyond the safety range in {end})",
        f"useful later than {end}",
    ]  # fmt: skip
    return table(head, rows)


def restraint(found: Picture) -> str:
    """P(usable) with the same years of restraint before, inside and after the spot."""
    usable = found.restraint["usable"]
    factors = [str(factor) for factor in usable["factor"].values]
    rows = [
        [str(when), *(probability(float(usable.sel(when=when, factor=f))) for f in factors)]
        for when in usable["when"].values
    ]
    names = [FACTOR_WORDS.get(factor, words(factor)) for factor in factors]
    return table(["the restraint is applied", *names], rows)
