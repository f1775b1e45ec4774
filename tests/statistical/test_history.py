"""As of a past date: draws through the one compiled model are those of a separate fit."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sweet_spot.answers.credences import gates_of
from sweet_spot.answers.numbers import monte_carlo_error
from sweet_spot.argument.spec import load_argument
from sweet_spot.evidence.gather import gather
from sweet_spot.inference.fit import fit
from sweet_spot.inference.history import before_any, drawing
from sweet_spot.inference.refit import Settings

SHORT = Settings(draws=100, tune=200, chains=2, seed=5)
DATES = (dt.date(2023, 5, 31), dt.date(2025, 6, 30))


def as_of(data: Path, dates: tuple[dt.date, ...], settings: Settings) -> list[xr.Dataset]:
    """Posterior draws as of some dates, in the order of the dates."""
    dated = [gather(data, date, checked=True) for date in dates]
    known = gather(data, checked=True)
    draw = drawing(load_argument(), known, settings)
    return [draw(evidence).posterior for evidence in dated]


def test_the_same_seed_gives_the_same_draws(checkout: Path) -> None:
    """Drawn second, so that the swap of the first date must have left nothing behind."""
    swapped = as_of(checkout / "data", DATES, SHORT)[1]
    evidence = gather(checkout / "data", DATES[1], checked=True)
    separate = fit(load_argument(), evidence, SHORT)
    assert separate["posterior"].to_dataset().equals(swapped)
    # a fit takes as many prior draws as posterior ones: more than asked for where those were few
    taken = replace(SHORT, draws=separate["posterior"].sizes["draw"])
    prior = before_any(load_argument(), gather(checkout / "data", checked=True), taken)
    assert separate["prior"].to_dataset().equals(prior)


@pytest.mark.parametrize("date", DATES, ids=str)
def test_other_seeds_agree_within_three_monte_carlo_errors(
    checkout: Path, date: dt.date, swapped: dict[dt.date, xr.DataArray]
) -> None:
    """All gates and factors of a separate fit; the errors of both runs count."""
    evidence = gather(checkout / "data", date, checked=True)
    tree = fit(load_argument(), evidence, Settings(seed=11))
    separate, through = gates_of(tree["posterior"].to_dataset()), swapped[date]
    error = np.hypot(monte_carlo_error(separate), monte_carlo_error(through))
    apart = np.abs(separate.mean(("chain", "draw")) - through.mean(("chain", "draw")))
    assert float((apart / error).sel(gate="usable", factor="any")) < 3
    # of 25 numbers, which depend on each other, the worst; 3.5 is passed by chance in about 1 %
    assert float((apart / error).max()) < 3.5


@pytest.fixture(scope="module")
def swapped(checkout: Path) -> dict[dt.date, xr.DataArray]:
    found = as_of(checkout / "data", DATES, Settings())
    return {date: gates_of(draws) for date, draws in zip(DATES, found, strict=True)}
