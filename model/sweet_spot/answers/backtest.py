"""Backtest: how well each way of pooling would have predicted answers that are known today."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.numbers import error, number, plural
from sweet_spot.errors import MissingData
from sweet_spot.inference.backtest import OURS, Scored, scored
from sweet_spot.inference.provenance import made
from sweet_spot.inference.resolved import BINARY, QUANTILE, Resolved, read_resolved
from sweet_spot.inference.scores import FEWEST, SCORES
from sweet_spot.inference.standings import ALL, RUNS, Paired, Standing, paired, standings
from sweet_spot.inference.tasks import Progress

if TYPE_CHECKING:
    import pandas as pd

HEADLINES: Mapping[str, str] = {QUANTILE: "wis_ratio", BINARY: "log"}
"""The score that a kind of question is judged by; less is better for both."""
PEEKS = "cooke_in_sample"
"""The method that has seen the answers; it is never called the best."""
_TITLES = {
    QUANTILE: "Quantities, in stated 90 % widths: means over questions",
    BINARY: "Yes/no questions: means over questions",
}
METHODS = (
    "sweet_spot", "equal_weights", "quantile_mean", "quantile_median", "trimmed_mean",
    "log_odds_mean", "extremised", "baron", "best_single", "cooke_leave_one_out", "cooke_in_sample",
)  # fmt: skip
"""In the order in which they are shown."""
_KEYS = ["dataset", "method", "score"]
CODE = ("inference/backtest.py", "inference/standings.py")
"""What makes scores, for their provenance."""
TOGETHER = ("acx2022", "metaculus_pros", "replication_surveys")
"""Sets of probabilities that are pooled for themselves, too, where a backtest has all of them: one
of the targets is about these three."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """Scores of every method on every dataset.

    Attributes
    ----------
    data
        Dims `dataset`, `method`, `score`; `value` (mean over questions; geometric for
        `wis_ratio`), `se` (bootstrap over groups), `n` (questions), `difference` from the linear
        pool and its paired `difference_se`. NaN where a method has no meaning for a dataset.
        Scores of quantities are in units of the stated 90 % width, `log` in nats.
    each
        Per dataset and kind, the scores question by question.
    left_out
        Rows that were not used, by reason.
    paired
        Our method against each other by the headline score, on the same questions.
    seed
        Of the bootstrap.
    made
        When, with which sources and versions (`provenance.made`).
    """

    data: xr.Dataset
    each: tuple[Scored, ...]
    left_out: Mapping[str, int]
    rows: tuple[Standing, ...]
    paired: tuple[Paired, ...]
    seed: int
    made: Mapping[str, str]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per dataset, method and score: value, se, n, difference, difference_se."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])

    @property
    def text(self) -> str:
        """What was predicted and how, the best method of each kind, and what was left out."""
        count = {kind: sum(len(e.questions) for e in self.each if e.kind == kind)
                 for kind in HEADLINES}  # fmt: skip
        out = [
            f"Backtest of {plural(len({e.name for e in self.each}), 'dataset')}:"
            f" {plural(count[QUANTILE], 'question')} about quantities and"
            f" {plural(count[BINARY], 'yes/no question')}, each predicted without its own outcome"
            f" and without any that it shares ({PEEKS} alone sees all). Errors: bootstrap standard"
            f" errors over groups, {RUNS} runs, the same for all methods{self._few()}.",
            *filter(None, (self._best(kind) for kind in HEADLINES)),
        ]
        if self.left_out:
            reasons = "; ".join(f"{plural(n, 'row')}: {why}" for why, n in self.left_out.items())
            out.append(f"Read but not scored: {reasons}.")
        return "\n".join(out)

    def _few(self) -> str:
        """Where single questions are drawn, because there are too few groups."""
        few = [each.name for each in self.each if len(set(each.groups)) < FEWEST]
        return f"; over questions where there are fewer than {FEWEST} groups ({', '.join(few)})" \
            if few else ""  # fmt: skip

    def _best(self, kind: str) -> str:
        """The best method over all datasets of a kind, of those that have not seen the answers."""
        names = {each.name for each in self.each if each.kind == kind}
        where = names.pop() if len(names) == 1 else ALL
        score = HEADLINES[kind]
        rows = [row for row in self.rows if (row.dataset, row.score) == (where, score)
                and row.method != PEEKS]  # fmt: skip
        if not rows:
            return ""
        best = min(rows, key=lambda row: row.value)
        return (
            f"Least {score} on {where}: {best.method}, {best.value:.3f} ± {best.se:.2g}"
            f" ({plural(best.n, 'question')}; less the linear pool {best.difference:+.3f}"
            f" ± {best.difference_se:.2g})."
        )

    def to_json(self) -> dict[str, Any]:
        """The content of scores.json: `rows`, and what a record of the run needs beside them."""
        kept, less = (*_KEYS, "value", "se", "n"), (*_KEYS, "difference", "difference_se")
        return {
            "rows": [{key: getattr(row, key) for key in kept} for row in self.rows],
            "less_linear_pool": [{key: getattr(row, key) for key in less} for row in self.rows],
            "paired": [asdict(each) for each in self.paired],
            "left_out": dict(self.left_out), "text": self.text, "seed": self.seed,
            "made": dict(self.made),
        }  # fmt: skip


def backtest(
    folder: Path | str,
    *,
    train: Sequence[Path | str] = (),
    scheduler: str | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> Backtest:
    """Predict every question with a known answer by every method, and score it.

    Parameters
    ----------
    folder
        One dataset (forecasts.csv, outcomes.csv, maybe experts.csv) or a folder of such.
    train
        Further folders that may be learned from. Of a dataset with the name of one that is
        predicted, the same questions and outcomes are not used.
    scheduler
        Address of a Dask scheduler whose workers do the tasks; by default the cores of this
        machine, where the data are large.
    seed
        Of the bootstrap; nothing else is drawn.
    progress
        Called with how many tasks are done, and how many there are.

    Raises
    ------
    MissingData
        If a folder is not there or has no question with a known outcome.
    InvalidRecord
        If a file cannot be used, with file, line, field and remedy.
    """
    told = made(*CODE)  # first: sources may change while it takes its time
    datasets = read_resolved(folder)
    further = [of for each in train for of in read_resolved(each)]
    found = scored(datasets, further, scheduler=scheduler, progress=progress)
    if not found:
        raise MissingData(f"{folder} has no question with a known outcome; nothing can be scored")
    rows = standings(found, seed)
    (ours,) = OURS
    against = paired(found, seed, HEADLINES, ours, TOGETHER)
    return Backtest(
        _labelled(rows), found, _left_out(datasets), tuple(rows), tuple(against), seed, told
    )


def recorded(content: Mapping[str, Any]) -> Backtest:
    """A backtest from what its `to_json` said; `each`, which its text is made from, is empty."""
    less = {tuple(row[key] for key in _KEYS): row for row in content["less_linear_pool"]}
    rows = tuple(
        Standing(**row, difference=own["difference"], difference_se=own["difference_se"])
        for row, own in ((row, less[tuple(row[key] for key in _KEYS)]) for row in content["rows"])
    )
    against = tuple(Paired(**each) for each in content["paired"])
    return Backtest(
        _labelled(rows), (), content["left_out"], rows, against, content["seed"], content["made"]
    )


def _labelled(rows: Sequence[Standing]) -> xr.Dataset:
    axes = {key: list(dict.fromkeys(getattr(row, key) for row in rows)) for key in _KEYS}
    axes["method"].sort(key=METHODS.index)
    shape = [len(axis) for axis in axes.values()]
    names = ("value", "se", "n", "difference", "difference_se")
    data = xr.Dataset({name: (_KEYS, np.full(shape, np.nan)) for name in names}, coords=axes)
    for row in rows:
        place = {key: getattr(row, key) for key in _KEYS}
        for name in names:
            data[name].loc[place] = getattr(row, name)
    return data


def _left_out(datasets: Sequence[Resolved]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for of in datasets:
        total.update(of.left_out)
    return dict(total)


def printed(found: Backtest) -> list[tuple[str, list[str], list[list[str]]]]:
    """For each kind of question a title, the heads of the columns, and a row per method.

    A dataset's name has a row of its own; below it its methods in order of the headline score.
    """
    tables = []
    for kind, headline in HEADLINES.items():
        names = [each.name for each in found.each if each.kind == kind]
        if not names:
            continue
        body: list[list[str]] = []
        for name in [*names, ALL] if len(names) > 1 else names:
            here = {(row.method, row.score): row for row in found.rows if row.dataset == name}
            heads = {method: math.inf for method, score in here if score in SCORES[kind]}
            heads |= {m: row.value for (m, score), row in here.items() if score == headline}
            count = max((row.n for row in here.values() if row.score in SCORES[kind]), default=0)
            body.append([f"{name} ({plural(count, 'question')})"])
            for method in sorted(heads, key=heads.__getitem__):
                cells = [_cell(here.get((method, s)), s == headline) for s in SCORES[kind]]
                body.append([f"  {method}", *cells])
        tables.append((_TITLES[kind], ["", *SCORES[kind]], body))
    return tables


def _cell(row: Standing | None, with_error: bool) -> str:
    """The value, or value ± standard error; nothing where a score is not given."""
    if row is None:
        return ""
    return number(row.value, "") + (f" ± {error(row.se)}" if with_error else "")
