"""What is counted once: copies of a person, a pool, a later view. On the posterior itself.

By weights on prior draws where they reach, and for a crowd by one compiled model, drawn thrice.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import arviz as az
import numpy as np
import pytest
import xarray as xr

from sweet_spot.argument.spec import Argument
from sweet_spot.evidence.gather import Evidence
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.fit import fit
from sweet_spot.inference.refit import Settings, compile_model, draw
from sweet_spot.inference.reweight import Base, reweigh
from sweet_spot.inference.views import View, change_error, own_view

MANY = 4
C = ErrorConstants()
"""Set by hand: who is counted once does not depend on them, and errors as small as the learned ones
leave too few of the draws of the prior that four strangers who agree could have had in mind."""
QUESTIONS = (
    {"id": "danger", "quantity": "danger_gap", "unit": "dex", "topic": "danger", "direction": 1,
     "fidelity": "exact"},
)  # fmt: skip
EvidenceFrom = Callable[..., Evidence]


def median(name: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "expert": name, "question": "danger", "kind": "median", "value": 1.3,
            "unit": "dex", **changes}  # fmt: skip


CROWDS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "one": [median("p0")],
    "strangers": [median(f"p{k}") for k in range(MANY)],
    "again": [median("p0", date=f"2025-0{k + 1}", id=f"p0-{k}", expert="p0") for k in range(MANY)],
    "pool": [median("p0", people=MANY)],
}


@pytest.fixture(scope="module")
def base(argument: Argument, evidence_from: EvidenceFrom) -> Base:
    """Prior draws, to which nobody has spoken."""
    nobody = evidence_from([median("check", role="check")], QUESTIONS)
    tree = fit(argument, nobody, Settings(draws=4000, chains=4, prior_only=True), C)
    return Base(argument, nobody, C, tree["prior"].to_dataset())


@pytest.fixture(scope="module")
def views(base: Base, evidence_from: EvidenceFrom) -> dict[str, View]:
    check = median("check", role="check")
    said = {name: evidence_from([*each, check], QUESTIONS) for name, each in CROWDS.items()}
    return {name: View(base, reweigh(base, each)) for name, each in said.items()}


def gap(base: Base) -> xr.DataArray:
    return base.draws["danger_gap"]


def moved(view: View, base: Base, of: Callable[[Base], xr.DataArray]) -> float:
    return float(view.mean(of(base)) - of(base).mean())


def test_all_weights_can_be_trusted(views: Mapping[str, View]) -> None:
    assert all(view.weights.trusted for view in views.values())


def test_successive_views_count_once(views: Mapping[str, View], base: Base) -> None:
    """The last one: the others are superseded."""
    pair = [(views[name], gap(base)) for name in ("one", "again")]
    apart = moved(views["one"], base, gap) - moved(views["again"], base, gap)
    assert abs(apart) < 4 * float(change_error(*pair))
    assert abs(apart) < 0.1 * moved(views["one"], base, gap)


def test_a_pool_says_more_than_one_and_less_than_its_members(
    views: Mapping[str, View], base: Base
) -> None:
    far = {name: moved(views[name], base, gap) for name in ("one", "pool", "strangers")}
    assert far["one"] < far["pool"] < far["strangers"]


EIGHT = [
    *(median(f"rest-{k}", value=v) for k, v in enumerate((0.4, 0.6, 0.8))),
    *(median(f"copy-{k}", value=1.6, cluster="party") for k in range(8)),
    *(median(f"stranger-{k}", value=1.6) for k in range(8)),
]


def test_eight_copies_say_less_than_eight_strangers(
    argument: Argument, evidence_from: EvidenceFrom
) -> None:
    """Beside three who disagree with them. A member of a cluster alone would weigh as much as
    anyone; eight move the posterior by less than seven tenths of what eight strangers do."""
    compiled = compile_model(argument, evidence_from(EIGHT, QUESTIONS))
    names = compiled.fitted.coords["statement"].tolist()
    found = {}
    for who in ("copy-0", "copy", "stranger"):
        live = np.array([name.startswith(("rest", who)) for name in names], float)
        draws = draw(compiled, Settings(draws=1000, tune=500), {"live": live}).posterior
        found[who] = (float(draws["danger_gap"].mean()), float(az.mcse(draws["danger_gap"])))
    one, copies, strangers = (found[who][0] for who in ("copy-0", "copy", "stranger"))
    slack = float(np.hypot(found["copy"][1], found["stranger"][1]))
    assert strangers - copies > 4 * slack
    assert copies - one > -3 * slack
    assert copies - one < 0.7 * (strangers - one)


def test_nobody_moves_nothing(base: Base) -> None:
    view = own_view(base)
    assert moved(view, base, gap) == 0
