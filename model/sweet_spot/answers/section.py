"""A section of a report: its text, its figures, and what it adds to the summary page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import jinja2
import xarray as xr
from matplotlib.figure import Figure

from sweet_spot.answers.credences import CredenceTable
from sweet_spot.answers.drawn import stamped
from sweet_spot.answers.history import History
from sweet_spot.answers.influence import Influence, influence
from sweet_spot.answers.numbers import RULE
from sweet_spot.answers.statements import StatementTable
from sweet_spot.answers.tables import plain
from sweet_spot.argument.scenarios import Scenario
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.refits import Kept, kept, settings_of
from sweet_spot.inference.reweight import base_of

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=jinja2.StrictUndefined, keep_trailing_newline=True,
    autoescape=jinja2.select_autoescape(["html"]),
)  # fmt: skip
Heading = Literal["number", "rests", "change", "unknown"]
"""Where a point stands on the summary page (`summary.py` has the words)."""
MOST_DRAWS = 1500
"""So many of the draws a report weighs to leave people out; the command takes all."""


@dataclass(frozen=True)
class Reported:
    """What a report is about: a fit, its argument and data, and what several sections show.

    `cache` is the folder of fits in which refits may have been kept; none = not looked for.
    """

    tree: xr.DataTree
    argument: Argument
    evidence: Evidence
    credences: CredenceTable
    statements: StatementTable
    inputs: Mapping[str, Any]
    scenarios: tuple[Scenario, ...] = ()
    history: History | None = None
    cache: Path | None = None

    @property
    def fitted(self) -> bool:
        """Whether there is a posterior."""
        return self.credences.fitted

    @property
    def weighable(self) -> bool:
        """Whether its draws can be weighed: fitted, and not cut down to what other answers read."""
        return self.fitted and {"posterior/latent_score", "log_likelihood"} <= _held(self.tree)

    @cached_property
    def kept(self) -> Kept:
        """Refits that commands have kept; never one that is made."""
        if self.cache is None:
            return lambda evidence, constants: None  # noqa: ARG005
        base = base_of(self.tree, self.argument)
        return kept(base, settings_of(self.tree), self.cache)

    @cached_property
    def influence(self) -> Influence:
        """Of every cluster, by weights of some of the draws or by refits that were kept."""
        return influence(
            self.tree, "cluster", argument=self.argument, refit=self.kept, force=True,
            most=MOST_DRAWS,
        )  # fmt: skip

    @property
    def world(self) -> str:
        """Whose the numbers are: posterior or prior."""
        return "posterior" if self.fitted else "prior"

    @property
    def stamp(self) -> str:
        """Which fit, prior or posterior, how many statements: what every figure carries."""
        return stamped(self.credences, self.inputs["digests"]["fit"])


def _held(tree: xr.DataTree) -> set[str]:
    return {*tree.children, *(f"posterior/{name}" for name in tree["posterior"].data_vars)}


@dataclass(frozen=True)
class Drawing:
    """A figure to be drawn: its file's name, its alternative text, and how it is made."""

    name: str
    alternative: str
    make: Callable[[], Figure]


@dataclass(frozen=True)
class Point:
    """One point of the summary page, as Markdown: a sentence or two in plain words."""

    heading: Heading
    text: str


@dataclass(frozen=True)
class Section:
    """A section of a report.

    Attributes
    ----------
    name, title
        Of its template, and as its heading.
    text
        Markdown below the heading.
    drawings
        Figures that the text shows, in their order.
    points
        What it adds to the summary page.
    """

    name: str
    title: str
    text: str
    drawings: tuple[Drawing, ...] = ()
    points: tuple[Point, ...] = ()


def section(
    about: Reported, name: str, title: str, drawings: tuple[Drawing, ...] = (),
    points: tuple[Point, ...] = (), **context: Any,
) -> Section:  # fmt: skip
    """The section whose template is `templates/NAME.md`.

    Besides its own context a template knows `about`, `world`, `fitted`, `p` (what stands before a
    heading), `rule` and `fig(NAME)`.
    """
    drawn = {each.name: each for each in drawings}

    def fig(name: str) -> str:
        here = drawn.get(name)
        return f"![{plain(here.alternative)}](figures/{name}.png)" if here else ""

    text = TEMPLATES.get_template(f"{name}.md").render(
        about=about, world=about.world, fitted=about.fitted, p=prefix(about), rule=RULE, fig=fig,
        **context,
    )  # fmt: skip
    return Section(name, title, text.strip("\n"), drawings, points)


def prefix(about: Reported) -> str:
    """What stands before every heading."""
    return "" if about.fitted else "Prior: "
