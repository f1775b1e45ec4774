"""The section of a report on the essay's picture, and its tables."""

from __future__ import annotations

from sweet_spot.answers.figure_picture import (
    picture_figure,
    picture_words,
    restraint_figure,
    restraint_words,
)
from sweet_spot.answers.figures import FACTOR_WORDS
from sweet_spot.answers.numbers import TIMES, number, probability, share, span, words
from sweet_spot.answers.picture import Picture
from sweet_spot.answers.picture import picture as picture_of
from sweet_spot.answers.restraint import RESTRAINT
from sweet_spot.answers.section import Drawing, Reported, Section, section
from sweet_spot.answers.tables import table

TITLE = "The essay's picture: two loops, and where restraint is spent"


def picture_section(about: Reported) -> Section:
    """Frontier and safety range, and restraint before, inside and after the spot."""
    found, world, stamp = picture_of(about.tree), about.world, about.stamp
    drawings = (
        Drawing("picture", picture_words(world), lambda: picture_figure(found, stamp)),
        Drawing("restraint", restraint_words(world), lambda: restraint_figure(found, stamp)),
    )
    return section(
        about, "picture", TITLE, drawings, found=found, picture=picture(found), share=share,
        restraint=restraint(found), restraint_years=f"{RESTRAINT:g}",
    )  # fmt: skip


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
