"""Rival structures side by side: what each says, what the forecasts say of each, and mixtures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sweet_spot.answers.credences import HEADLINE, CredenceTable, credence_table
from sweet_spot.answers.numbers import error, probability, words
from sweet_spot.answers.verdict import Verdict, verdict
from sweet_spot.argument.rivals import STRUCTURES, Structure
from sweet_spot.argument.spec import Argument, load_argument
from sweet_spot.errors import SweetSpotError, UntrustworthyFit
from sweet_spot.evidence.gather import gather

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
STATED, UPDATED = "mixed, stated weights", "mixed, updated weights"
LEAST_OVERLAP = 0.1
"""Below it the ratio of marginal likelihoods is not relied on, and the text says so."""


@dataclass(frozen=True)
class RivalTable:
    """Credences under each structure and mixed.

    Attributes
    ----------
    data
        Dims `structure`, `gate`, `factor` (with any and all). `prior`, `posterior`, `mcse` of each
        structure; `weight` as stated, `log_ratio` of its marginal likelihood over that of the first
        (`log_ratio_error`, `overlap`), `updated_weight` = weight times that ratio, to sum one
        (`updated_weight_error`). Mixtures over structures: `mixed_prior`, `mixed_posterior` and
        `mixed_mcse` by the stated weights, `updated_posterior` and `updated_mcse` by the updated
        ones. A mixture's Monte Carlo error is an upper bound: fits may err together.
    verdicts
        Of each structure's fit.
    evidence
        The statements behind them, in words.
    """

    data: xr.Dataset
    verdicts: Mapping[str, Verdict]
    evidence: str

    @property
    def table(self) -> pd.DataFrame:
        """One row for each structure and each mixture: weights, and P(usable)."""
        import pandas as pd

        rows = [self._row(str(name)) for name in self.data["structure"].values]
        rows += [self._mixed(STATED, "mixed"), self._mixed(UPDATED, "updated")]
        return pd.DataFrame(rows).set_index("structure")

    def _row(self, name: str) -> dict[str, Any]:
        one = self.data.sel(structure=name)
        named = ("weight", "log_ratio", "log_ratio_error", "updated_weight", "updated_weight_error")
        return {"structure": name, **{key: float(one[key]) for key in named}} | _usable(
            one["prior"], one["posterior"], one["mcse"]
        )

    def _mixed(self, label: str, by: str) -> dict[str, Any]:
        prior = self.data["mixed_prior"]
        return {"structure": label} | _usable(
            prior, self.data[f"{by}_posterior"], self.data[f"{by}_mcse"]
        )

    @property
    def text(self) -> str:
        """What each structure says of the headline, the weights, and the mixtures."""
        rows = self.table
        each = "; ".join(
            f"{words(str(name))} {probability(row.posterior)} (Monte Carlo error"
            f" {error(row.mcse)}, prior {probability(row.prior)}, weight"
            f" {probability(row.weight)} as stated and"
            f" {probability(row.updated_weight)} after the forecasts, Monte Carlo error"
            f" {error(row.updated_weight_error)})"
            for name, row in rows.iloc[:-2].iterrows()
        )
        mixed, learned = (rows.loc[label] for label in (STATED, UPDATED))
        return (
            f"P(usable sweet spot for at least one factor), posterior means: {each}."
            f" Mixed by the stated weights {probability(mixed.posterior)} (Monte Carlo error at"
            f" most {error(mixed.mcse)}, prior {probability(mixed.prior)}), by the updated ones"
            f" {probability(learned.posterior)} (at most {error(learned.mcse)}). {self.evidence}."
            + "".join(f" {warning}" for warning in self.warnings)
        )

    @property
    def warnings(self) -> list[str]:
        """What keeps a number from being relied on."""
        failed = [f"{n}: {found.text}" for n, found in self.verdicts.items() if found.failed]
        apart = self.data["structure"].to_numpy()[self.data["overlap"].to_numpy() < LEAST_OVERLAP]
        return [f"WARNING: {each}" for each in failed] + [
            f"WARNING: the posteriors of {name} and of the first structure hardly overlap, so that"
            " its updated weight is a guess."
            for name in apart
        ]

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        meanings = {structure.name: structure for structure in STRUCTURES}
        rows = [
            {"structure": name, **_described(meanings.get(str(name)))}
            | {key: None if value != value else value for key, value in row.items()}
            for name, row in self.table.iterrows()
        ]
        verdicts = {name: found.to_json() for name, found in self.verdicts.items()}
        return {"schema": SCHEMA, "text": self.text, "rows": rows, "verdicts": verdicts}


def _described(structure: Structure | None) -> dict[str, str]:
    return {} if structure is None else {"meaning": structure.meaning, "reason": structure.reason}


def _usable(prior: xr.DataArray, posterior: xr.DataArray, mcse: xr.DataArray) -> dict[str, float]:
    """The headline, and the posterior of each factor and of all."""
    gate, any_ = HEADLINE
    out = {
        name: float(of.sel(gate=gate, factor=any_))
        for name, of in (("prior", prior), ("posterior", posterior), ("mcse", mcse))
    }
    others = [str(f) for f in posterior["factor"].values if f != any_]
    return out | {f"posterior_{f}": float(posterior.sel(gate=gate, factor=f)) for f in others}


def stated_weights(weights: Sequence[float] | None = None) -> np.ndarray:
    """Weights of the structures in their order, to sum one; those left out at the end are 0.

    Raises
    ------
    SweetSpotError
        They are too many, negative, or none is positive.
    """
    given = [structure.weight for structure in STRUCTURES] if weights is None else list(weights)
    names = ", ".join(structure.name for structure in STRUCTURES)
    fit = len(given) <= len(STRUCTURES) and all(0 <= w < np.inf for w in given) and sum(given) > 0
    if not fit:
        shown = ",".join(f"{w:g}" for w in given)
        raise SweetSpotError(
            f"--weights {shown}: give at most one number for each of {names}, none below 0 and one"
            " above it"
        )
    filled = np.array([*given, *[0.0] * (len(STRUCTURES) - len(given))])
    return np.asarray(filled / filled.sum())


def rival_table(
    trees: Mapping[str, xr.DataTree],
    arguments: Mapping[str, Argument],
    weights: np.ndarray,
) -> RivalTable:
    """The table of fits of the structures to the same evidence, the first the one compared with."""
    from sweet_spot.inference.bridge import log_ratios, updated, updated_errors

    tables = {name: credence_table(tree) for name, tree in trees.items()}
    ratios = log_ratios(trees, arguments)
    columns: dict[str, Any] = {
        "log_ratio": [ratios[name].value for name in trees],
        "log_ratio_error": [ratios[name].error for name in trees],
        "overlap": [ratios[name].overlap for name in trees],
    }
    after = updated(weights, np.array(columns["log_ratio"]))
    errors = updated_errors(after, np.array(columns["log_ratio_error"]))
    columns |= {"weight": weights, "updated_weight": after, "updated_weight_error": errors}
    data = stacked({name: table.data for name, table in tables.items()})
    data = data.assign({name: ("structure", of) for name, of in columns.items()})
    first = next(iter(tables.values()))
    return RivalTable(
        with_mixtures(data), {name: table.verdict for name, table in tables.items()},
        behind(first),
    )  # fmt: skip


def behind(table: CredenceTable) -> str:
    """Which model, and how many statements."""
    who = table.evidence
    return (
        f"Model {table.model}, {who.statements} evidence statements by {who.experts} experts to"
        f" {who.latest}"
    )


def stacked(tables: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """The data of credence tables along `structure`."""
    return xr.concat(
        list(tables.values()), xr.Variable("structure", list(tables)),
        coords="minimal", compat="override", join="override",
    )  # fmt: skip


def with_mixtures(data: xr.Dataset) -> xr.Dataset:
    """Adds the credences mixed by stated and by updated weights, with their errors.

    Where a structure has no posterior no mixture has.
    """
    stated, after = data["weight"], data["updated_weight"]
    mixed = {
        name: (stated * data[name]).sum("structure", skipna=False)
        for name in ("prior", "posterior", "mcse")
    }
    learned = (after * data["posterior"]).sum("structure", skipna=False)
    pull = after * (data["posterior"] - learned) * data["log_ratio_error"]
    bound = (after * data["mcse"]).sum("structure", skipna=False)
    return data.assign(
        {f"mixed_{name}": of for name, of in mixed.items()}
        | {
            "updated_posterior": learned,
            "updated_mcse": np.sqrt(bound**2 + (pull**2).sum("structure")),
        }
    )


def rivals(
    data: Path | str = "data",
    *,
    weights: Sequence[float] | None = None,
    seed: int | None = None,
    as_of: dt.date | None = None,
    cache: Path | str | None = None,
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> RivalTable:
    """Fits every structure to a data folder, or finds those fits, and sets them side by side.

    Parameters
    ----------
    weights
        Of the structures in their order, by default those they declare; those left out are 0.
    seed, as_of, cache, force, progress
        As for `report`.

    Raises
    ------
    UntrustworthyFit
        The fit of a structure failed its verdict and `force` is not set.
    SweetSpotError
        The weights cannot be used; the data folder is missing or has errors.
    """
    from sweet_spot.inference.refit import Settings
    from sweet_spot.inference.rivals import fit_rivals, rival_arguments

    mixed_by, evidence = stated_weights(weights), gather(data, as_of)
    settings = Settings() if seed is None else replace(Settings(), seed=seed)
    argument, where = load_argument(), None if cache is None else Path(cache)
    with ExitStack() as opened:
        trees = fit_rivals(argument, evidence, settings, where, say=progress)
        for name, tree in trees.items():
            opened.enter_context(tree)
            found = verdict(tree)
            if found.failed and not force:
                raise UntrustworthyFit(
                    f"the structure {name}: {found.text} Nothing is reported: try another --seed,"
                    " or --force to report it all the same, with a warning"
                )
        return rival_table(trees, rival_arguments(argument), mixed_by)
