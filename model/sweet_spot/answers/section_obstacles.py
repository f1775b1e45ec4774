"""The sections of a report on obstacles and on the profile, and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import xarray as xr

from sweet_spot.answers.credences import ANY
from sweet_spot.answers.figures import FACTOR_WORDS
from sweet_spot.answers.figures_obstacles import obstacles_figure, profile_figure
from sweet_spot.answers.numbers import MINUS, error, probability, share, words
from sweet_spot.answers.obstacles import OBSTACLES, Obstacles
from sweet_spot.answers.obstacles import obstacles as obstacles_of
from sweet_spot.answers.profile import Profile
from sweet_spot.answers.profile import profile as profile_of
from sweet_spot.answers.section import Drawing, Point, Reported, Section, section
from sweet_spot.answers.tables import table


def obstacles_section(about: Reported) -> Section:
    """What each of the worries costs."""
    found = obstacles_of(about.tree)
    costs = f"{about.world.capitalize()} probability that each obstacle takes; numbers as in the"
    make = partial(obstacles_figure, found, about.stamp)
    drawn = Drawing("obstacles", f"{costs} tables.", make)
    return section(
        about, "obstacles", "Obstacles: what each of the worries costs", (drawn,), _due(found),
        text=found.text, tables=obstacles(found),
    )  # fmt: skip


def _due(found: Obstacles) -> tuple[Point, ...]:
    """Which worries take most from the number."""
    shown = found.data.isel(world=0).sel(factor=ANY)
    shapley = shown["shapley"].to_series().sort_values(ascending=False)
    parts = [f"{OBSTACLES[str(n)][0]} {probability(v)}" for n, v in shapley.items()][:3]
    missing = probability(1 - float(shown["value"].isel(subset=0)))
    return (
        Point(
            "rests",
            f"The {missing} missing to certainty is due, most of all, to {', '.join(parts)}"
            " (Shapley shares: each worry is taken away in every possible order, on the same"
            " worlds).",
        ),
    )


def profile_section(about: Reported) -> Section:
    """P(usable) over problem hardness and competence."""
    found, stamp = profile_of(about.tree, about.argument), about.stamp
    moved = (
        f"{about.world.capitalize()} P(usable) with all problem latents moved towards harm and all"
        " competence latents towards help, contours of where the draws lie on it."
    )
    drawn = Drawing("profile", moved, lambda: profile_figure(found, stamp))
    return section(
        about,
        "profile",
        "Problem and competence",
        (drawn,),
        _by_hardness(found),
        found=found,
        profile=profile(found),
    )


def _by_hardness(found: Profile) -> tuple[Point, ...]:
    """How the number differs between easy and hard problems."""
    shown = found.data.isel(world=0).sel(factor=ANY)
    parts = [
        f"{probability(float(cell['usable']))} where the problem is {name}"
        f" ({share(float(cell['mass']))} of worlds)"
        for name in ("easy", "hard")
        if (cell := shown.sel(cell=name))["usable"].notnull()
    ]
    if len(parts) < 2:
        return ()
    return (Point("rests", f"How hard the problem is: the number is {' and '.join(parts)}."),)


def obstacles(found: Obstacles) -> Mapping[str, str]:
    """The tables of the section: `costs` for any factor, `factors` and `first` for each."""
    data, world = found.data, "posterior" if found.fitted else "prior"
    factors = [ANY, *[str(f) for f in data["factor"].values if f != ANY]]
    costs, shares = [], []
    for name, (worry, place) in OBSTACLES.items():
        of = data.sel(obstacle=name)
        cells = [_cell(of[measure], factor=ANY) for measure in ("shapley", "waterfall", "left")]
        around = error(float(of["shapley_mcse"].sel(world=world, factor=ANY)))
        alone = _cell(of["alone"], factor=ANY)
        costs.append([f"{worry} ({place})", f"**{cells[0]}**", around, *cells[1:], alone])
        shares.append([worry, *[_cell(of["shapley"], factor=factor) for factor in factors]])
    first = [
        [str(gate), *[_cell(data["fails_first"].sel(gate=gate), factor=f) for f in factors]]
        for gate in data["gate"].values
    ]
    heads = [FACTOR_WORDS.get(factor, words(factor)) for factor in factors]
    return {
        "costs": table(
            ["obstacle", "Shapley share", "Monte Carlo error", "takes in this order", "leaves",
             "switched off alone, gives"], costs,
        ),
        "factors": table(["obstacle", *heads], shares),
        "first": table(["gate that fails first", *heads], first),
    }  # fmt: skip


def profile(found: Profile) -> str:
    """Conditioning: cells of problem hardness, for any factor; the last row adds them up."""
    data, world = found.data.sel(factor=ANY), "posterior" if found.fitted else "prior"
    rows = []
    for name in data["cell"].values:
        of = data.sel(cell=name)
        around = error(float(of["usable_mcse"].sel(world=world)))
        cells = [_cell(of[n]) for n in ("mass", "usable")]
        rows.append([f"{name}: {_edges(of)}", *cells, around, _cell(of["part"])])
    whole = error(float(data["headline_mcse"].sel(world=world)))
    rows.append(["all", "1", f"**{_cell(data['headline'])}**", whole, _cell(data["headline"])])
    return table(
        ["problem cell", "P(cell)", "P(usable, given the cell)", "Monte Carlo error", "product"],
        rows,
    )


def _edges(cell: xr.Dataset) -> str:
    """Where a cell lies, in prior standard deviations."""
    low, high = (f"{float(cell[n]):g}".replace("-", MINUS) for n in ("low", "high"))
    if low == MINUS + "inf":
        return f"below {high}"
    return f"above {low}" if high == "inf" else f"{low} to {high}"


def _cell(values: xr.DataArray, **at: str) -> str:
    """A probability, with that of the prior in brackets where there is a posterior."""
    here = values.sel(at)
    shown = [probability(float(one)) for one in here]
    return f"{shown[0]} ({shown[1]})" if len(shown) > 1 else shown[0]
