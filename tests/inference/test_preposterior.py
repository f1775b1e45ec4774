"""What would be said next: held to the likelihood of the same statement once it has been said."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from sweet_spot.argument.prior import normal_block, prior_latents
from sweet_spot.argument.spec import Argument
from sweet_spot.argument.structure import LATENT_DIMS
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.hypothetical import statements
from sweet_spot.inference.draws import complete, log_likelihood
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.keep import constants_of
from sweet_spot.inference.panel import GROUP_DIMS, layout
from sweet_spot.inference.preposterior import new_statements

GUS = {"id": "gus-schemers", "expert": "Gus", "cluster": "club", "question": "schemers",
       "kind": "probability", "value": 0.4, "unit": "probability"}  # fmt: skip
SHAPE = (2, 1500)


@pytest.fixture
def base(
    evidence_from: Callable[..., Evidence], all_statements: tuple[Mapping[str, Any], ...]
) -> Evidence:
    return evidence_from([*all_statements, GUS])


@pytest.fixture
def draws(argument: Argument, base: Evidence, constants: ErrorConstants) -> xr.Dataset:
    """Draws of everything, each variable from its prior, by hand."""
    rng, dims = np.random.default_rng(8), ("chain", "draw")
    labels = normal_block(argument).labels
    columns: dict[str, Any] = {
        "latent_score": ((*dims, "score"), rng.normal(size=(*SHAPE, len(labels))))
    }
    latents = prior_latents(argument, SHAPE[0] * SHAPE[1], 3)
    for name in ("diminishing_returns", "work_share"):
        value = latents[name].reshape(*SHAPE, *latents[name].shape[1:])
        columns[name] = ((*dims, *LATENT_DIMS[name]), value)
    coords = layout(argument, base, constants).coords
    for name, dim in GROUP_DIMS.items():
        size = (*SHAPE, len(coords[dim]))
        value = rng.standard_t(3, size) if name.startswith("shared") else rng.normal(size=size)
        columns[name] = ((*dims, dim), np.abs(value) if name == "loading" else value)
    columns["disposition_field"] = (dims, rng.normal(size=SHAPE))
    columns["omega"] = (dims, rng.beta(2, 4, SHAPE))
    free = xr.Dataset(columns, coords={n: coords[n] for n in set(GROUP_DIMS.values())})
    return complete(argument, free)


def test_law_of_a_named_expert_is_the_likelihood_of_what_they_would_say(
    argument: Argument, base: Evidence, draws: xr.Dataset, constants: ErrorConstants,
    evidence_from: Callable[..., Evidence], all_statements: tuple[Mapping[str, Any], ...],
) -> None:  # fmt: skip
    """Gus is in a cluster of which two have answered: his own error is given theirs."""
    said = {"id": "gus-date", "expert": "Gus", "cluster": "club", "question": "date",
            "kind": "median", "value": 2036, "unit": "year"}  # fmt: skip
    after = evidence_from([*all_statements, GUS, said])
    panel = layout(argument, after, constants)
    wanted = log_likelihood(argument, draws, panel, constants)["stated"].sel(statement="gus-date")
    asked = statements([q for q in base.questions if q.id == "date"], "Gus", "club")
    law = new_statements(argument, draws, base, asked, constants, 1)
    assert list(law.degrees) == [constants.nu_error + 2]
    observed = float(after.statements["observed"].sel(statement="gus-date"))
    ours = stats.t(law.degrees[0], law.location[..., 0], law.scale[..., 0]).logpdf(observed)
    for copy in ours:
        np.testing.assert_allclose(copy, wanted, rtol=1e-10)


def test_new_statements_of_a_stranger_have_the_law_of_the_error_model(
    argument: Argument, base: Evidence, draws: xr.Dataset, constants: ErrorConstants
) -> None:
    """A question and a person the fit does not hold: MODEL.md section 5 in plain NumPy.

    Two-sample Kolmogorov-Smirnov at p > 1e-4, on the difference from the quantity itself; copies
    share topic and person, and differ in the question's own effects.
    """
    from sweet_spot.evidence.records import Question

    asked = Question.model_validate(
        {"id": "new", "wording": "w", "quantity": "danger_gap", "unit": "dex", "topic": "danger",
         "direction": 1, "fidelity": "loose", "fidelity_reason": "r", "event": "> 0.5"}
    )  # fmt: skip
    law = new_statements(argument, draws, base, statements([asked], "stranger"), constants, 2)
    rng = np.random.default_rng(9)
    said = law.location[0] + law.scale[0] * rng.standard_t(5, law.location[0].shape)
    n = said.size
    scale = 0.7 * np.exp(0.5 * rng.normal(size=n))
    shared = 1.2 * np.sqrt(0.5) * (rng.standard_t(3, n) + rng.standard_t(3, n))
    lean = 0.5 * draws["disposition_field"].to_numpy().ravel() + 0.7 * np.sqrt(2) * rng.normal(
        size=n
    )
    optimism = 0.5 * np.abs(rng.normal(size=n)) * lean
    unit = constants.probability_unit
    own = np.sqrt((0.3**2 + 0.85**2) / unit**2 + 0.2**2) * rng.standard_t(5, n)
    gap = draws["danger_gap"].to_numpy().ravel()
    # the prior sd is the spread that people mean, and what the mapping is judged against
    by_hand = (0.5 - gap) / scale - (shared + optimism) / unit - rng.normal(size=n) - own
    assert stats.ks_2samp(said.ravel(), by_hand).pvalue > 1e-4
    assert not np.allclose(law.location[0], law.location[1])


def test_a_new_statement_keeps_the_scale_of_its_question(
    argument: Argument, base: Evidence, draws: xr.Dataset, constants: ErrorConstants
) -> None:
    """Scale of the law: s_q times the own error of a reporter without a stated spread."""
    asked = statements([q for q in base.questions if q.id == "gap"], "stranger")
    law = new_statements(argument, draws, base, asked, constants, 3)
    panel = layout(argument, base, constants)
    at = list(panel.coords["question"]).index("gap")
    s = np.exp(panel.panel.log_scale[at] + 0.5 * draws["question_scale_score"].sel(question="gap"))
    np.testing.assert_allclose(law.scale[0, ..., 0], s * np.hypot(0.3, 0.85), rtol=1e-12)


def test_constants_are_those_of_the_fit() -> None:
    made = {f"error_{n}": v for n, v in vars(ErrorConstants(tau_shared=2.4)).items()}
    made["error_omega"] = np.array([2.0, 4.0])
    made["error_most_people"] = np.int64(10)
    assert constants_of(xr.DataTree(xr.Dataset(attrs=made))) == ErrorConstants(tau_shared=2.4)
