"""The sections of a report on people: who moves the answer, and what two camps disagree about."""

from __future__ import annotations

from functools import partial

import numpy as np
import xarray as xr

from sweet_spot.answers.camps import Camps, camps
from sweet_spot.answers.figures_influence import camps_figure, influence_figure
from sweet_spot.answers.influence import Influence
from sweet_spot.answers.numbers import error, plural, probability, words
from sweet_spot.answers.section import MOST_DRAWS, Drawing, Point, Reported, Section, section
from sweet_spot.answers.tables import plain
from sweet_spot.answers.tables_influence import camps_table, influence_table

INFLUENCE = "`sweet-spot influence --by cluster`"
OPPOSED = ("FRI AI skeptics", "FRI AI-concerned domain experts")
"""The one pair in the data that was brought together as two camps, by their names there."""
FEWEST = 3
"""Live statements that a group must have to be taken for a camp."""
CAMP_DRAWS = 2 * MOST_DRAWS
RECRUITED = "the two that were brought together to disagree, where both are in the data."
FARTHEST = (
    f"of the groups with at least {FEWEST} live statements, the two whose statements alone imply"
    " credences farthest apart."
)


def influence_section(about: Reported) -> Section | None:
    """Each group left out and alone; nothing to say where draws cannot be weighed."""
    if not about.weighable or not about.influence.data.sizes.get("who"):
        return None
    found = about.influence
    drawings: tuple[Drawing, ...] = ()
    if np.isfinite(found.data["change"]).any():
        what = "the headline without each group, and what each group's statements alone imply"
        make = partial(influence_figure, found, about.stamp)
        drawings = (Drawing("influence", f"{what}; numbers as in the table.", make),)
    return section(
        about, "influence", "Who moves the answer", drawings, _largest(found),
        text=plain(found.text), table=influence_table(found, INFLUENCE),
        draws=min(MOST_DRAWS, about.tree["posterior/usable"].isel(factor=0).size),
    )  # fmt: skip


def _largest(found: Influence) -> tuple[Point, ...]:
    """The group without which the number moves most, where that is more than noise."""
    top, data = found.data.isel(who=0), found.data
    change, slack = float(top["change"]), float(top["change_error"])
    unknown = int((~np.isfinite(data["change"])).sum())
    rest = (
        f" For {unknown} of {data.sizes['who']} groups, among them large ones, this takes a refit"
        f" ({INFLUENCE})."
        if unknown
        else ""
    )
    if not abs(change) > 2 * slack:
        return ()
    behind = plural(int(top["statements"]), "statement")
    who = plain(str(top["who"].item()))
    return (
        Point(
            "rests",
            f"On whom: without {who} ({behind}) the number would be"
            f" {probability(data.attrs['headline'] + change)} (Monte Carlo error of the change"
            f" {error(slack)}), the largest change that the saved draws can tell.{rest}",
        ),
    )


def camps_section(about: Reported) -> Section | None:
    """The disagreement of two camps; none where the data have no two."""
    if not about.weighable:
        return None
    pair = chosen(about.evidence.statements, about.influence)
    if pair is None:
        return None
    a, b, rule = pair
    found = camps(about.tree, [a], [b], argument=about.argument, refit=about.kept, most=CAMP_DRAWS)
    drawings: tuple[Drawing, ...] = ()
    if np.isfinite(found.questions["change"]).any():
        what = "each camp's credence, and where it goes when it adopts the other's view"
        make = partial(camps_figure, found, about.stamp)
        drawings = (Drawing("camps", f"{what} on one question; numbers as in the table.", make),)
    command = f'sweet-spot camps --a "{a}" --b "{b}"'
    return section(
        about, "camps", "What two camps disagree about", drawings, _gap(found, a, b),
        text=plain(found.text), table=camps_table(found, f"`{command}`"), chosen=rule, a=plain(a),
        b=plain(b), command=command,
        draws=min(CAMP_DRAWS, about.tree["prior/usable"].isel(factor=0).size),
    )  # fmt: skip


def chosen(said: xr.Dataset, found: Influence) -> tuple[str, str, str] | None:
    """The two camps of a report, and the rule by which they are taken; None where there are none.

    Parameters
    ----------
    said
        All statements.
    found
        The influence of every cluster.
    """
    serving = (said["live"] * said["evidence"]).to_numpy() == 1
    if set(OPPOSED) <= set(said["expert"].to_numpy()[serving].tolist()):
        return (*OPPOSED, RECRUITED)
    data = found.data
    known = (data["statements"] >= FEWEST) & np.isfinite(data["alone"])
    groups = data.isel(who=np.flatnonzero(known.to_numpy()))
    if groups.sizes["who"] < len(OPPOSED):
        return None
    ends = (groups["alone"].argmin("who"), groups["alone"].argmax("who"))
    low, high = (str(groups["who"].values[int(end)]) for end in ends)
    return low, high, FARTHEST


def _gap(found: Camps, a: str, b: str) -> tuple[Point, ...]:
    """How far the camps are apart and the first crux, where that is more than noise."""
    if not abs(found.gap) > 2 * found.gap_error:
        return ()
    each = [probability(float(value)) for value in found.credences["value"]]
    question = words(str(found.questions["question"].values[0]))
    return (
        Point(
            "rests",
            f"On whom one believes: {plain(a)} alone imply {each[0]}, {plain(b)} {each[1]} (gap"
            f" {found.gap:+.3f}, Monte Carlo error {error(found.gap_error)}); agreeing on"
            f" {plain(question)} would close most of it.",
        ),
    )
