"""The inverse question: the curve against evidence written out, the crossing, and its refit."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.estimates import usable
from sweet_spot.answers.figures_influence import inverse_figure
from sweet_spot.answers.inverse import Inverse, inverse
from sweet_spot.argument.spec import Argument
from sweet_spot.errors import UnknownQuestion
from sweet_spot.evidence.gather import Evidence
from sweet_spot.evidence.one_more import one_more
from sweet_spot.inference.error_model import ErrorConstants
from sweet_spot.inference.refits import Refit, Refitter
from sweet_spot.inference.reweight import Base, base_of, reweigh, weighted_mean


@pytest.fixture(scope="module")
def base(spoken: xr.DataTree, argument: Argument) -> Base:
    return base_of(spoken, argument)


@pytest.fixture(scope="module")
def now(base: Base) -> float:
    return float(usable(base.draws).mean())


@pytest.fixture(scope="module")
def crossed(spoken: xr.DataTree, now: float) -> Inverse:
    return inverse(spoken, "gap", now - 0.02)


def credence(base: Base, question: str, value: float, level: float = 0.5) -> float:
    """By evidence that holds the statement, as a file would have it."""
    asked = next(q for q in base.evidence.questions if q.id == question)
    after = one_more(base.evidence, asked, "what-if", value, level, "a new expert")
    return float(weighted_mean(usable(base.draws), reweigh(base, after)))


@pytest.mark.parametrize("question", ["gap", "years", "hidden"])
def test_the_curve_is_the_evidence_with_that_value(
    spoken: xr.DataTree, base: Base, question: str
) -> None:
    """Dex, years (on a log scale), a probability of an event; to the round-off of the value."""
    data = inverse(spoken, question, 0.5).data
    for i in (10, 20, 30):
        exact = credence(base, question, float(data["value"][i]))
        assert float(data["credence"][i]) == pytest.approx(exact, abs=1e-9)


def test_a_stated_quantile_is_that_quantile(spoken: xr.DataTree, base: Base) -> None:
    data = inverse(spoken, "gap", 0.5, level=0.9).data
    exact = credence(base, "gap", float(data["value"][25]), level=0.9)
    assert float(data["credence"][25]) == pytest.approx(exact, abs=1e-9)
    assert data.attrs["statement"] == "a 90 % quantile"


def test_at_the_value_found_the_level_is_crossed(crossed: Inverse, base: Base, now: float) -> None:
    """Less of a gap makes a usable spot less likely. The root is found to 1e-3 of the scale."""
    assert np.isfinite(crossed.found)
    assert credence(base, "gap", crossed.found) == pytest.approx(now - 0.02, abs=1e-3)
    assert "not confirmed by a refit" in crossed.text
    assert f"at {crossed.found:.3g}".replace("-", "\N{MINUS SIGN}") in crossed.text


def test_no_value_does(spoken: xr.DataTree) -> None:
    """One voice cannot do so much; the closest of the values tried is shown."""
    found = inverse(spoken, "gap", 0.02)
    assert np.isnan(found.found)
    assert found.reached == float(found.data["credence"].min())
    assert found.reached == float(found.data["credence"].sel(value=found.best))
    assert "no value brings it to 0.02" in found.text
    assert found.to_json()["found"] is None


def refits_to(credences: list[float], asked: list[float]) -> Callable[[Base], Refitter]:
    """Refits that find these credences, one after the other, and note the value that was said."""

    def of(base: Base) -> Refitter:
        def refit(after: Evidence, constants: ErrorConstants) -> Refit:
            del constants
            asked.append(float(after.statements["observed"].sel(statement="what-if")))
            gates = base.draws["usable"] * 0
            count = round(credences[len(asked) - 1] * gates.sizes["draw"])
            passed = xr.DataArray(np.arange(gates.sizes["draw"]) < count, dims="draw")
            return Refit(replace(base, draws=base.draws.assign(usable=gates + passed)), True)

        return refit

    return of


def test_a_refit_confirms(spoken: xr.DataTree, now: float, crossed: Inverse) -> None:
    asked: list[float] = []
    goal = now - 0.02
    found = inverse(spoken, "gap", goal, refit_of=refits_to([goal + 0.004], asked))
    assert len(asked) == 1
    assert asked[0] == pytest.approx(crossed.found)
    assert found.confirmed
    assert "confirms" in found.text


def test_a_refit_that_misses_moves_the_value(
    spoken: xr.DataTree, now: float, crossed: Inverse
) -> None:
    """It found too much: the gap said must be smaller still."""
    asked: list[float] = []
    goal = now - 0.02
    found = inverse(spoken, "gap", goal, refit_of=refits_to([goal + 0.02, goal], asked))
    assert len(asked) == 2
    assert asked[1] < asked[0] == pytest.approx(crossed.found)
    assert found.found == pytest.approx(asked[1])
    assert found.confirmed


def test_a_refit_that_contradicts_is_said_so(spoken: xr.DataTree, now: float) -> None:
    found = inverse(spoken, "gap", now - 0.02, refit_of=refits_to([now + 0.05, now + 0.06], []))
    assert not found.confirmed
    assert "DOES NOT CONFIRM" in found.text


def test_of_a_quantity_nobody_was_asked_about(spoken: xr.DataTree) -> None:
    found = inverse(spoken, "danger_gap", 0.5, event="< 0")
    assert found.data.attrs["unit"] == "probability"
    assert bool(((found.data["value"] > 0) & (found.data["value"] < 1)).all())
    falls = found.data["credence"].dropna("value")
    assert float(falls[-1]) < float(falls[0])  # the likelier danger comes early, the worse
    with pytest.raises(UnknownQuestion, match="name its topic"):
        inverse(spoken, "scheming", 0.5)
    with pytest.raises(UnknownQuestion, match="nor:"):
        inverse(spoken, "gaps", 0.5)


def test_figure(crossed: Inverse) -> None:
    figure = inverse_figure(crossed, "stamp")
    line = next(x for x in figure.axes[0].lines if x.get_gid() == "credence")
    np.testing.assert_array_equal(line.get_ydata(), crossed.data["credence"])
