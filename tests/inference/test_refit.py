"""What is swapped into a compiled model: the arrays that a model of that evidence would hold.

That drawing again with them gives the draws of a fit from scratch is for the statistical suite.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sweet_spot
from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference import store
from sweet_spot.inference.given import given
from sweet_spot.inference.learned import learned_constants
from sweet_spot.inference.model import build_model
from sweet_spot.inference.panel import SWAPPED, layout, swapped
from sweet_spot.inference.refit import Compiled, swaps

EvidenceFrom = Callable[..., Evidence]
Records = Sequence[Mapping[str, Any]]


@pytest.fixture
def compiled(argument: Argument, evidence: Evidence) -> Compiled:
    """All but the compilation itself."""
    constants = learned_constants()
    return Compiled(argument, layout(argument, evidence, constants), constants, None)


def test_the_same_evidence_swaps_nothing(compiled: Compiled, evidence: Evidence) -> None:
    own = swapped(compiled.fitted, compiled.constants)
    for name, value in swaps(compiled, evidence).items():
        np.testing.assert_array_equal(value, own[name], err_msg=name)


def test_a_model_takes_every_swap_as_data(argument: Argument, evidence: Evidence) -> None:
    model = build_model(argument, evidence, derived=False)
    arrays = given(layout(argument, evidence, learned_constants()), learned_constants())
    assert {variable.name for variable in model.data_vars} == set(arrays)
    assert set(SWAPPED) < set(arrays)


def test_fewer_statements_are_dead_and_leave_their_questions_as_the_fewer_would(
    argument: Argument, compiled: Compiled, evidence_from: EvidenceFrom, all_statements: Records
) -> None:
    """Without Ann's quantiles nobody states a spread for the date: its scale is the prior's."""
    fewer = evidence_from([s for s in all_statements if s["id"] not in ("ann-date", "dan-gap")])
    data = swaps(compiled, fewer)
    names = compiled.fitted.coords["statement"].tolist()
    dead = [n for n, live in zip(names, data["live"], strict=True) if not live]
    assert dead == ["ann-date", "bob-date-earlier", "dan-gap"]
    alone = layout(argument, fewer, compiled.constants)
    scale = dict(zip(alone.coords["question"], alone.panel.log_scale, strict=True))
    asked = compiled.fitted.coords["question"].tolist()
    assert data["log_scale"].tolist() == [scale[question] for question in asked]
    assert data["log_scale"][asked.index("date")] != compiled.fitted.panel.log_scale[0]


def test_judgement_calls_can_be_swapped(compiled: Compiled, evidence: Evidence) -> None:
    data = swaps(
        compiled, evidence, replace(learned_constants(), tau_shared=0.6, mapping_loose=2.0)
    )
    assert data["tau_shared"] == 0.6
    # date close, gap exact, schemers loose; of the last all say probabilities
    unit = learned_constants().probability_unit
    assert data["mapping_sd"].tolist() == [0.5, 0.0, pytest.approx(2.0 * unit)]
    half = swaps(compiled, evidence, replace(learned_constants(), probability_unit=unit / 2))
    assert half["probability_unit"] == unit / 2
    np.testing.assert_allclose(
        half["log_scale"] - data["log_scale"], [0.0, 0.0, np.log(2)], atol=1e-12
    )


def test_unknown_statements_are_refused(
    compiled: Compiled, evidence_from: EvidenceFrom, all_statements: Records
) -> None:
    more = [*all_statements, {**all_statements[4], "id": "zoe-gap", "expert": "Zoe"}]
    with pytest.raises(ValueError, match="no statement zoe-gap"):
        swaps(compiled, evidence_from(more))


def test_all_that_a_fit_imports_is_in_its_digest() -> None:
    """Of the argument and inference rooms, but for what only judges the draws, or only says which
    constants are the default (these are in the digest of the settings by their values), or where
    files are kept."""
    root = Path(sweet_spot.__file__).parent
    found, left = set(), {"inference/refit.py", "inference/model.py"}
    while left:
        name = left.pop()
        found.add(name)
        text = (root / name).read_text(encoding="utf-8")
        named = re.findall(r"^\s*from sweet_spot\.((?:argument|inference)\.\w+) import", text, re.M)
        left |= {f"{each.replace('.', '/')}.py" for each in named} - found
    aside = {"inference/judge.py", "inference/learned.py", "inference/store.py"}
    assert found - aside == set(store.SOURCES)
