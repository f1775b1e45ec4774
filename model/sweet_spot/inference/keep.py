"""What a fit was conditioned on, kept in its tree and read back: no other file is needed."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import numpy as np
import xarray as xr

from sweet_spot.argument.worlds import Target, target
from sweet_spot.errors import UnusableFit
from sweet_spot.evidence.gather import COLUMNS, Evidence
from sweet_spot.evidence.records import Question
from sweet_spot.inference.error_model import ErrorConstants

ONE_EACH = {"count": 1, "squares": 0.0, "crowd": 0, "imprecision": 1.0, "lean": 0.0,
            "yes": 0}  # fmt: skip
"""What a row holds that is one statement, of a person without a record."""


def what_was_said(evidence: Evidence) -> tuple[xr.Dataset, xr.Dataset]:
    """The groups `observed_data` and `constant_data`: evidence as netCDF can hold it.

    The attributes `questions` and `targets` of the latter are JSON; `target` counts in these.
    """
    table = evidence.statements
    names = [str(evidence.targets[i].quantity) for i in table["target"].to_numpy()]
    said = table.drop_vars("observed").assign(quantity=("statement", names))
    asked = [question.model_dump(mode="json") for question in evidence.questions]
    said.attrs["questions"] = json.dumps(asked, ensure_ascii=False)
    said.attrs["targets"] = json.dumps([_plain(each) for each in evidence.targets])
    return table[["observed"]].rename(observed="stated"), said


def _plain(each: Target) -> dict[str, Any]:
    given = {str(quantity): value for quantity, value in each.given}
    return {"quantity": str(each.quantity), "given": given, "via": each.via}


def evidence_of(tree: xr.DataTree) -> Evidence:
    """The evidence that a fit was conditioned on, checks too; equal to what was gathered.

    Raises
    ------
    UnusableFit
        The fit is from a version that did not keep its questions.
    """
    said = tree["constant_data"].to_dataset().load()
    if "questions" not in said.attrs:
        raise UnusableFit("the fit does not hold its questions; run `sweet-spot report` again")
    observed = tree["observed_data/stated"].load().rename("observed").drop_vars("statement")
    columns = said.drop_attrs().assign(observed=observed.drop_attrs())
    for name, value in ONE_EACH.items():
        if name not in columns:  # of a version in which every row was one statement
            columns[name] = xr.full_like(columns["people"], value, dtype=COLUMNS[name])
    questions = [Question.model_validate(each) for each in json.loads(said.attrs["questions"])]
    return Evidence(
        columns[list(COLUMNS)], tuple(questions),
        tuple(target(**each) for each in json.loads(said.attrs["targets"])),
    )  # fmt: skip


def constants_of(tree: xr.DataTree) -> ErrorConstants:
    """The constants of the error model with which a fit was made.

    Raises
    ------
    UnusableFit
        The fit is from a version that had fewer of them.
    """
    missing = [f.name for f in fields(ErrorConstants) if f"error_{f.name}" not in tree.attrs]
    if missing:
        raise UnusableFit(
            f"the fit does not hold {', '.join(missing)}; run `sweet-spot report` again"
        )
    held = {f.name: tree.attrs[f"error_{f.name}"] for f in fields(ErrorConstants)}
    return ErrorConstants(**{name: _number(value) for name, value in held.items()})


def _number(value: Any) -> Any:
    """A constant as it was before netCDF had it."""
    return tuple(np.asarray(value).tolist()) if np.ndim(value) else np.asarray(value).item()
