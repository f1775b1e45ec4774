"""What the pages of a forecast share: drafts on the disk, questions, the fit to answer from."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import xarray as xr

from sweet_spot.answers.next_question import next_question
from sweet_spot.answers.numbers import plural
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import SweetSpotError
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.records import ElicitationFile
from sweet_spot.page.forecast_credence import Draws, draws_of, moved
from sweet_spot.page.forecast_taking import Catalogue
from sweet_spot.page.store import open_store

FOLDER = Path("forecasts")
"""Where files are saved, and in a hidden file of it the drafts."""
DRAFTS = ".drafts.sqlite"
RECOMMENDED = 6
SEEDS_MIXED = 4


@dataclass(frozen=True)
class Recommended:
    """A question that would tell much, and how much, in words."""

    id: str
    why: str


@dataclass(frozen=True)
class Study:
    """Where a person gives forecasts on their own machine.

    Attributes
    ----------
    tree, argument, evidence
        The fit from which effects are answered, and what it is of.
    folder
        Where files are saved.
    hosts
        Under which names the page may be reached: no other site can point a name of its own here.
    views
        Name and address of the other views, for the navigation.
    worker
        One thread for what takes a second or more, so that pages do not wait for it.
    """

    tree: xr.DataTree
    argument: Argument
    evidence: Evidence
    catalogue: Catalogue
    folder: Path = FOLDER
    hosts: Sequence[str] = ()
    views: Sequence[tuple[str, str]] = ()
    worker: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "sweet-spot-forecast"), repr=False
    )

    @cached_property
    def held(self) -> sqlite3.Connection:
        """The drafts; the file is made when the first is begun."""
        return open_store(self.folder / DRAFTS)

    @cached_property
    def draws(self) -> Draws:
        """The draws that are reweighed; raises UntrustworthyFit."""
        return draws_of(self.tree, self.argument)

    async def slowly[T](self, work: Callable[[], T]) -> T:
        """Does in the worker what would hold up everybody else."""
        return await asyncio.get_running_loop().run_in_executor(self.worker, work)

    def effect(self, file: ElicitationFile) -> str:
        """What a person's statements do to the answer, in words, or why that cannot be told."""
        try:
            questions = list(self.catalogue.questions.values())
            return moved(self.draws, questions, file, self.catalogue.data).text
        except SweetSpotError as error:
            return f"This cannot be told: {error}."

    def recommended(self, name: str) -> tuple[Recommended, ...]:
        """The questions of the catalogue that would tell most, put to this person.

        Raises
        ------
        SweetSpotError
            The fit is of other statements than those of the data folder.
        """
        known = name in np.unique(self.evidence.statements["expert"].to_numpy()).tolist()
        found = next_question(
            self.tree, self.argument, self.evidence, list(self.catalogue.questions.values()),
            expert=name if known else None, budget=1,
        ).table  # fmt: skip
        rows = found[found.index.isin(list(self.catalogue.questions))].head(RECOMMENDED)
        return tuple(Recommended(str(row.Index), _why(row._asdict())) for row in rows.itertuples())

    def close(self) -> None:
        """Ends the worker, and closes the drafts if they were opened."""
        self.worker.shutdown(cancel_futures=True)
        if "held" in self.__dict__:
            self.held.close()


def _why(row: Mapping[str, float]) -> str:
    return (
        f"{row['information']:.2g} bits, an expected move of P(usable) by {row['swing']:.2f};"
        f" {plural(int(row['statements']), 'statement')} so far"
    )


def some_seeds(catalogue: Catalogue) -> list[str]:
    """A few seeds, others each time."""
    names = list(catalogue.seeds)
    return secrets.SystemRandom().sample(names, min(SEEDS_MIXED, len(names)))
