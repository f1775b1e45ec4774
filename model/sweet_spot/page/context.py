"""What every view of the page is given: the fit, what it is of, and the query of the view's URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.errors import UnusableFit
from sweet_spot.evidence.gather import Evidence, gather


@dataclass(frozen=True)
class Context:
    """What a view shows.

    Attributes
    ----------
    tree
        The fit (or prior draws), read into memory; never changed.
    argument, evidence
        What it is a fit of.
    data
        Folder of questions and elicitations.
    fit
        Where the fit was read from, for the lines of Python that the page prints.
    query
        What the URL of this view says after `?`, as it came: to be validated by the view. Empty in
        Jupyter.
    served
        Whether this is a page of a server, so that its URL may follow what is chosen.
    network
        Whether the server listens beyond this machine: in plain HTTP, which the page then says.
    workshop
        Folder of the workshop, where there is one.
    answers
        What `kept` has computed so far, shared by all visitors.
    """

    tree: xr.DataTree
    argument: Argument
    evidence: Evidence
    data: Path = Path("data")
    fit: str = "report/fit.nc"
    query: Mapping[str, str] = field(default_factory=dict)
    served: bool = False
    network: bool = False
    workshop: Path | None = None
    answers: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def kept[T](self, name: str, make: Callable[[], T]) -> T:
        """An answer that is the same for every visitor, computed once."""
        if name not in self.answers:
            self.answers[name] = make()
        found: T = self.answers[name]
        return found


def fitted_evidence(context: Context) -> Evidence:
    """The evidence of a context, where it is what the fit was made of.

    Raises
    ------
    UnusableFit
        The data folder has other statements than the fit, or maps them otherwise.
    """
    said = context.tree["constant_data"].to_dataset()
    here, there = (
        dict(zip(table["statement"].values.tolist(), table["target"].values.tolist(), strict=True))
        for table in (context.evidence.statements, said)
    )
    if here != there:
        raise UnusableFit(
            f"the fit is not one of the statements that {context.data} holds now, so that this view"
            " has nothing to stand on; run `sweet-spot report`, or name its folder with --data"
        )
    return context.evidence


View = Callable[[Context], Any]
"""A view: from a context to a Panel object."""


class Route(NamedTuple):
    """A view with its name in the navigation, and the question that stands at its head."""

    name: str
    title: str
    view: View


def context_of(
    tree: xr.DataTree, data: Path | str = "data", *, fit: str = "report/fit.nc"
) -> Context:
    """The context of a fit and the data folder that it is of.

    Raises
    ------
    MissingData, InvalidRecord
        The data folder is missing or has errors.
    """
    return Context(tree.load(), load_argument(), gather(data), Path(data), fit)
